"""The journal: what people did by hand is in it before it is acknowledged, and a database comes back from it."""

import hashlib
import json
import shutil
from pathlib import Path

import duckdb
import pytest

from core.errors import StoreUnwritableError
from core.model import LabelState
from core.store.connection import Store
from core.store.drafts import Draft
from core.store.files import journal_of, wal_of
from core.store.journal import START, read_journal
from core.store.journaling import compare
from core.store.queues import Item, add_queue
from core.workflows.exploring import read_trace
from core.workflows.maintaining import back_up, examine, restore
from core.workflows.opening import open_store, told
from core.workflows.reviewing import keep_draft, note_opening, record_label, undo_label
from tests.conftest import Cli, fill_small
from tests.sorting import define_category, put_into_category, take_out_of_category

CONTENT = {
    "labels": "select * exclude (import_id) from labels order by event",
    "categories": "select * from categories order by event",
    "assignments": "select * from assignments order by event",
    "current": "select event, trace_key, state from current_labels order by event",
    "settings": "select * from settings order by event",
    "queues": "select * from queues order by event",
    "queue_items": "select * from queue_items order by queue_id, place",
    "rubrics": "select * from rubrics order by event",
}


def content(store: Store) -> dict[str, list[tuple[object, ...]]]:
    with store.read() as cursor:
        return {name: cursor.execute(sql).fetchall() for name, sql in CONTENT.items()}


def faults(store: Store) -> list[str]:
    return [check.name for check in examine(store).health.checks if check.faults]


@pytest.fixture
def worked(database: Path) -> Path:
    """A database in which people did a little of everything, closed, with its journal."""
    store = open_store(database)
    fill_small(store)
    record_label(store, trace_id="t01", state=LabelState.FAIL, labeler="ana", critique="“no” \x00\x1f 😀\nagain")
    record_label(store, trace_id="t05", state=LabelState.PASS, labeler="bo")
    undo_label(store, trace_id="t01", labeler="ana")
    number = define_category(store, name="dates again", definition="wrong day", by="ana")
    define_category(store, name="days", definition="a wrong day", by="ana", category_id=number)
    put_into_category(store, trace_id="t04", category_id=number, by="ana")
    take_out_of_category(store, trace_id="t03", category_id=1, by="ana")
    keep_draft(store, trace_id="t09", labeler="ana", draft=Draft(None, "half a thou"))
    with store.write() as cursor:
        now = "2026-03-01 10:00:00.5"
        cursor.execute(
            "insert into settings values (nextval('event_number'), 'principal expert', 'ana', 'ana', ?)", [now]
        )
        cursor.execute("insert into rubrics values (1, nextval('event_number'), 'p', 'f', '', '', 'ana', ?)", [now])
        cursor.execute(
            "insert into queues values (1, nextval('event_number'), 'q', 'random', '', '{}', 7, 'ana', ['bo'], ?)",
            [now],
        )
        cursor.execute(
            "insert into queue_items values (1, 0, 3, 'random', 0.25, null), (1, 1, 9, 'random', null, null)"
        )
    store.close()
    return database


def test_every_event_is_a_line_that_names_the_hash_of_the_one_before(worked: Path) -> None:
    raw = journal_of(worked).read_bytes().splitlines()
    before = START
    for line in raw:
        body, _, own = line.rpartition(b',"hash":"')
        assert json.loads(line)["prev"] == before
        before = json.loads(line)["hash"]
        assert own == before.encode() + b'"}'
        assert hashlib.sha256(body + b"}").hexdigest() == before
    found = [json.loads(line) for line in raw]
    assert {line["kind"] for line in found} == {
        *("labels", "categories", "assignments", "settings", "rubrics", "queues", "queue_items")
    }
    labelled = [line for line in found if line["kind"] == "labels"]
    assert all("trace_key" not in line["row"] and line["trace"].startswith("t") for line in labelled)
    assert len(labelled) == 9 + 3


def test_a_lost_database_comes_back_when_its_traces_are_imported_again(worked: Path) -> None:
    store = open_store(worked)
    before = content(store)
    store.close()
    worked.unlink()
    store = open_store(worked)
    assert "was not there; a new one was made from its journal" in told(store)[0]
    assert "20 labels and other events wait for 11 traces that are not here" in told(store)[-1]
    assert (
        "every event of the journal is in the database; those of traces that are not here wait for an import"
        in faults(store)
    )
    assert content(store)["categories"] == before["categories"]
    fill_small(store)
    assert content(store) == before
    assert told(store)[-1].startswith("Back from the journal")
    assert faults(store) == []
    record_label(store, trace_id="t12", state=LabelState.PASS, labeler="ana")
    store.close()
    store = open_store(worked)
    assert told(store) == []
    assert len(content(store)["labels"]) == len(before["labels"]) + 1
    assert faults(store) == []
    store.close()


def test_an_import_that_is_not_kept_leaves_what_waits_waiting(worked: Path, cli: Cli) -> None:
    log = worked.with_name("log.jsonl")
    log.write_text('{"id": "t05", "input": "question of t05", "output": "answer to t05"}\n')
    worked.unlink()
    assert cli("import", log, "--dry-run").code == 0
    assert "wait for 11 traces" in cli("traces").err
    assert cli("import", log).code == 0
    assert "wait for 10 traces" in cli("traces").err
    store = open_store(worked)
    assert [row[-2:] for row in content(store)["current"]] == [(1, "pass")]
    store.close()


def test_a_label_given_after_the_import_that_brought_one_still_counts(worked: Path) -> None:
    store = open_store(worked)
    record_label(store, trace_id="t03", state=LabelState.PASS, labeler="ana", critique="it was right after all")
    before = content(store)["current"]
    store.close()
    worked.unlink()
    store = open_store(worked)
    fill_small(store)
    assert content(store)["current"] == before
    store.close()


def test_a_damaged_log_or_file_is_kept_and_reported_and_the_labels_are_back(worked: Path, cli: Cli) -> None:
    store = open_store(worked)
    record_label(store, trace_id="t05", state=LabelState.FAIL, labeler="ana", critique="no")
    wal = wal_of(worked).read_bytes()
    store.close()
    wal_of(worked).write_bytes(wal[:500] + bytes([wal[500] ^ 4]) + wal[501:])
    done = cli("traces", "--json")
    assert done.code == 0
    assert "log of the last changes of passfail.duckdb was damaged; it is kept as passfail.damaged-" in done.err
    assert done.json["total"] == 12
    worked.write_bytes(worked.read_bytes()[:9000])
    damaged = worked.read_bytes()
    done = cli("doctor", "--json")
    assert done.code == 1
    assert "passfail.duckdb was damaged; it is kept as passfail.damaged-" in done.err
    assert done.json["journal"]["lines"] == len(journal_of(worked).read_bytes().splitlines())
    assert any("wait for 11 traces" in note for note in done.json["notes"])
    assert [path.read_bytes() for path in worked.parent.glob("passfail.damaged-*.duckdb")] == [damaged]
    store = open_store(worked)
    fill_small(store)
    assert len(content(store)["labels"]) == 13
    store.close()
    assert cli("doctor").code == 0


def test_events_that_the_journal_lacks_are_added_to_it(worked: Path) -> None:
    whole = journal_of(worked).read_bytes().splitlines()
    end = [place for place, line in enumerate(whole, 1) if b'"more":0,' in line][1]
    journal_of(worked).write_bytes(b"\n".join(whole[:end]) + b"\n")
    store = open_store(worked)
    assert told(store) == []
    assert faults(store) == []
    store.close()
    assert len(read_journal(journal_of(worked)).lines) == len(whole)
    journal_of(worked).unlink()
    open_store(worked).close()
    assert len(read_journal(journal_of(worked)).lines) == len(whole)


@pytest.mark.parametrize("left", [1, 30, 500])
def test_a_torn_last_line_is_kept_beside_and_what_it_said_is_written_again(left: int, worked: Path, cli: Cli) -> None:
    whole = journal_of(worked).read_bytes()
    start = whole[:-1].rindex(b"\n") + 1
    torn = whole[start:][:left].rstrip(b"\n")
    journal_of(worked).write_bytes(whole[:start] + torn)
    done = cli("doctor")
    assert done.code == 0
    assert "passfail.duckdb.journal.torn" in done.err
    assert worked.with_name("passfail.duckdb.journal.torn").read_bytes().endswith(torn + b"\n")
    assert sorted(journal_of(worked).read_bytes().splitlines()) == sorted(whole.splitlines())


def test_a_line_that_was_changed_or_taken_out_is_reported_with_its_number(worked: Path, cli: Cli) -> None:
    whole = journal_of(worked).read_bytes()
    journal_of(worked).write_bytes(whole.replace(b"wrong date", b"right date", 1))
    done = cli("doctor")
    assert done.code == 1
    assert "WRONG  every line of the journal is what was written" in done.out
    assert "line 3" in done.out
    assert "Line 3 of passfail.duckdb.journal was not what had been written" in done.err
    assert "WRONG  every event of the database" not in done.out, "it was written again"
    (kept,) = worked.parent.glob("*.damaged-*.journal")
    assert b"right date" in kept.read_bytes(), "nothing is thrown away"
    again = cli("doctor")
    assert (again.code, again.err) == (0, ""), "the chain is whole again"
    lines = journal_of(worked).read_bytes().splitlines(keepends=True)
    assert len(lines) == len(whole.splitlines())
    journal_of(worked).write_bytes(b"".join(lines[:6] + lines[7:]))
    assert "line 7" in cli("doctor").out
    store = open_store(worked)
    assert len(content(store)["labels"]) == 12
    store.close()


def test_what_waits_for_its_traces_stays_when_a_broken_chain_is_made_anew(worked: Path, cli: Cli) -> None:
    worked.unlink()
    cli("doctor")
    whole = journal_of(worked).read_bytes()
    journal_of(worked).write_bytes(whole.replace(b"wrong date", b"right date", 1))
    assert "was not what had been written" in cli("doctor").err
    store = open_store(worked)
    fill_small(store)
    store.close()
    store = open_store(worked)
    assert {label.critique for label in read_trace(store, "t04").labels} == {"invented a listing"}
    store.close()


def test_the_journal_of_another_database_is_put_aside_and_joins_nothing(worked: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.duckdb"
    store = open_store(other)
    fill_small(store)
    for name in ("x", "y", "z"):
        record_label(store, trace_id="t01", state=LabelState.PASS, labeler=name)
    before = content(store)
    store.close()
    mixed = journal_of(worked).read_bytes()
    shutil.copyfile(journal_of(worked), journal_of(other))
    store = open_store(other)
    assert "was that of another database; it is kept as other.foreign-" in told(store)[0]
    assert content(store) == before
    assert faults(store) == []
    store.close()
    assert [path.read_bytes() for path in tmp_path.glob("other.foreign-*.journal")] == [mixed]


def test_what_the_database_does_not_take_is_taken_back_from_the_journal(
    worked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(worked)
    before = journal_of(worked).read_bytes()
    assert store.journal is not None
    written = store.journal.record

    def then_fail(cursor: duckdb.DuckDBPyConnection) -> None:
        written(cursor)
        assert len(journal_of(worked).read_bytes()) > len(before)
        raise duckdb.IOException("Could not write file: No space left on device")

    monkeypatch.setattr(store.journal, "record", then_fail)
    with pytest.raises(StoreUnwritableError):
        record_label(store, trace_id="t05", state=LabelState.PASS, labeler="cy")
    assert journal_of(worked).read_bytes() == before
    monkeypatch.undo()
    record_label(store, trace_id="t05", state=LabelState.PASS, labeler="cy")
    with pytest.raises(KeyError), store.write():
        raise KeyError
    assert journal_of(worked).read_bytes().count(b"\n") == before.count(b"\n") + 1
    assert faults(store) == []
    store.close()


def test_a_backup_has_its_journal_and_a_restore_leaves_none_that_knows_more(worked: Path, tmp_path: Path) -> None:
    backup = tmp_path / "b.duckdb"
    store = open_store(worked)
    back_up(store, backup)
    assert journal_of(backup).read_bytes() == journal_of(worked).read_bytes()
    record_label(store, trace_id="t05", state=LabelState.FAIL, labeler="cy", critique="after the backup")
    store.close()
    longer = journal_of(worked).read_bytes()
    kept = restore(worked, backup).kept
    assert kept is not None
    assert journal_of(kept).read_bytes() == longer
    store = open_store(worked)
    assert len(content(store)["labels"]) == 12
    assert compare(store) is not None
    assert faults(store) == []
    store.close()
    worked.unlink()
    kept = restore(worked, backup).kept
    assert kept is not None
    assert kept.name.endswith(".journal")
    store = open_store(kept.with_name("passfail.duckdb"))
    assert len(content(store)["labels"]) == 12
    assert told(store) == []
    store.close()


def test_a_store_in_memory_has_no_journal(small_store: Store) -> None:
    assert small_store.journal is None
    assert compare(small_store) is None
    assert told(small_store) == []


def test_half_a_transaction_joins_nothing(worked: Path) -> None:
    whole = journal_of(worked).read_bytes().splitlines(keepends=True)
    first = next(place for place, line in enumerate(whole) if b'"more":0,' not in line)
    worked.unlink()
    journal_of(worked).write_bytes(b"".join(whole[: first + 2]))
    store = open_store(worked)
    assert len(read_journal(journal_of(worked)).lines) == first
    assert "never finished" in " ".join(told(store))
    assert journal_of(worked).with_name(f"{journal_of(worked).name}.torn").read_bytes().count(b'"kind"') == 2
    store.close()


def test_a_journal_that_stands_twice_opens_and_counts_each_event_once(worked: Path) -> None:
    whole = journal_of(worked).read_bytes()
    worked.unlink()
    journal_of(worked).write_bytes(whole * 2)
    open_store(worked).close()
    store = open_store(worked)
    fill_small(store)
    store.close()
    store = open_store(worked)
    assert faults(store) == []
    with store.read() as cursor:
        found = cursor.execute("select count(*), count(distinct event) from labels").fetchone()
    assert found is not None
    assert found[0] == found[1] > 9
    store.close()


def test_the_journal_of_another_database_of_the_same_size_is_put_aside(tmp_path: Path) -> None:
    for name, said in (("a", "of a"), ("b", "of b")):
        store = open_store(tmp_path / f"{name}.duckdb")
        fill_small(store)
        record_label(store, trace_id="t05", state=LabelState.FAIL, labeler="ana", critique=said)
        store.close()
    shutil.copyfile(tmp_path / "a.duckdb.journal", tmp_path / "b.duckdb.journal")
    store = open_store(tmp_path / "b.duckdb")
    assert "was that of another database" in told(store)[0]
    assert [label.critique for label in read_trace(store, "t05").labels] == ["of b"]
    store.close()
    store = open_store(tmp_path / "b.duckdb")
    assert told(store) == []
    store.close()


def test_who_saw_a_judge_is_known_after_the_database_was_lost(worked: Path) -> None:
    store = open_store(worked)
    note_opening(store, trace_id="t09", labeler="ana", saw_judge=True)
    store.close()
    worked.unlink()
    store = open_store(worked)
    fill_small(store)
    record_label(store, trace_id="t09", state=LabelState.PASS, labeler="ana")
    assert [label.saw_judge for label in read_trace(store, "t09").labels] == [True]
    store.close()


def test_every_trace_that_a_draw_hit_comes_back_though_none_has_a_place(worked: Path) -> None:
    store = open_store(worked)
    with store.write() as cursor:
        items = [Item(1, 1, "random", 0.5), Item(0, 2, "random", 0.5), Item(0, 3, "random", 0.5)]
        add_queue(
            cursor, name="Random", kind="drawn", frame="", settings="{}", seed=1, made_by="ana", made_for=["ana"], items=items
        )  # fmt: skip
    before = content(store)["queue_items"]
    store.close()
    worked.unlink()
    open_store(worked).close()
    store = open_store(worked)
    fill_small(store)
    assert sorted(map(str, content(store)["queue_items"])) == sorted(map(str, before))
    store.close()
