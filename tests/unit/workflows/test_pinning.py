"""A store as it was at a moment: what it shows, what it refuses, what came since."""

from pathlib import Path
from typing import Any

import pytest

from core.errors import UsageError
from core.model import LabelState
from core.slice import Slice
from core.store.connection import Cursor, Store, one
from core.store.ingest import Entry, ingest
from core.store.pins import UNTOUCHED, limit_of
from core.workflows import exploring, pinning, reviewing
from core.workflows.opening import open_store
from tests.conftest import LABELLED_ON, Cli, new_trace


def later(store: Store, *, traces: int = 0, changed: tuple[str, ...] = (), labels: tuple[str, ...] = ()) -> None:
    """Import traces and change some, then label some."""
    entries = [Entry("later.jsonl", n, new_trace(dimensions={"feature": "search"}), [], []) for n in range(traces)]
    entries += [Entry("later.jsonl", None, new_trace(id=name, output="another answer"), [], []) for name in changed]
    if entries:
        with ingest(store) as running:
            running.add(entries)
            running.finish(files=["later.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)
    for name in labels:
        reviewing.record_label(store, trace_id=name, state=LabelState.FAIL, labeler="ana", critique="no")


@pytest.mark.parametrize(
    ("done", "since"),
    [
        ({}, (0, 0, 0, 0, 0)),
        ({"traces": 3}, (3, 0, 0, 0, 0)),
        ({"labels": ("t01", "t05")}, (0, 0, 0, 2, 0)),
        ({"changed": ("t01", "t02")}, (0, 2, 0, 0, 0)),
        ({"traces": 1, "changed": ("t01",), "labels": ("t01",)}, (1, 1, 0, 1, 0)),
    ],
)
def test_what_came_since_is_counted(done: dict[str, Any], since: tuple[int, ...], small_store: Store) -> None:
    event = pinning.newest_event(small_store)
    later(small_store, **done)
    view = pinning.what_came_since(pinning.pin(small_store, event))
    assert view is not None
    assert (view.event, tuple(view.since)) == (event, since)
    assert view.at is not None
    assert view.at.year >= LABELLED_ON.year


def test_a_trace_that_later_imports_changed_is_there_as_it_was(small_store: Store) -> None:
    search = Slice().with_value("feature", "search")
    seen: list[tuple[int, str | None, int, int]] = []
    for change in ("", "another answer", "a third one"):
        if change:
            entry = Entry(
                "later.jsonl", None, new_trace(id="t01", output=change, dimensions={"colour": change}), [], []
            )
            with ingest(small_store) as running:
                running.add([entry])
                running.finish(files=["later.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)
        event = pinning.newest_event(small_store)
        row = exploring.read_trace(small_store, "t01").trace.row
        colours = len(exploring.filter_options(small_store).dimensions.get("colour", []))
        seen.append((event, row.output, exploring.describe(small_store, search).n, colours))
        later(small_store, traces=1)
    assert [n for _, _, n, _ in seen] == [5, 5, 6], "t01 left, and of the others one came each time"
    assert [colours for *_, colours in seen] == [0, 2, 2]
    for event, output, n, colours in seen:
        then = pinning.pin(small_store, event)
        assert exploring.read_trace(then, "t01").trace.row.output == output
        assert exploring.describe(then, search).n == n
        assert len(exploring.filter_options(then).dimensions.get("colour", [])) == colours
    assert exploring.describe(small_store, Slice()).total == 15


def test_a_trace_changed_before_its_fields_were_kept_is_there_as_it_now_is(small_store: Store) -> None:
    event = pinning.newest_event(small_store)
    later(small_store, changed=("t01", "t02"))
    with small_store.write() as cursor:
        cursor.execute("update trace_history set value_ids = null where id = 't01'")
    then = pinning.pin(small_store, event)
    outputs = [exploring.read_trace(then, name).trace.row.output for name in ("t01", "t02")]
    assert outputs == ["another answer", "answer to t02"]
    assert exploring.describe(then, Slice()).total == 12
    view = pinning.what_came_since(then)
    assert view is not None
    assert (view.since.changed, view.since.as_now) == (2, 1)


def test_nothing_can_be_written_to_a_pinned_store(small_store: Store) -> None:
    pinned = pinning.pin(small_store, pinning.newest_event(small_store))
    with pytest.raises(UsageError, match="nothing can be changed there"):
        later(pinned, labels=("t01",))
    with pytest.raises(UsageError, match="nothing can be changed there"):
        later(pinned, traces=1)
    assert pinning.newest_event(pinned) == pinning.newest_event(small_store)


def test_two_moments_and_the_newest_data_have_different_versions(small_store: Store) -> None:
    event = pinning.newest_event(small_store)
    later(small_store, labels=("t05",))
    stores = [small_store, pinning.pin(small_store, event), pinning.pin(small_store, event - 1)]
    assert len({store.version for store in stores}) == 3
    assert pinning.pin(small_store, event).version == stores[1].version


def test_an_event_that_is_not_here_is_named(small_store: Store) -> None:
    with pytest.raises(UsageError, match="has no event 9,999"):
        pinning.pin(small_store, 9999)


def test_every_table_tells_when_its_rows_came(small_store: Store) -> None:
    sql = """select table_name, list(column_name) from duckdb_columns()
        join duckdb_tables() using (database_name, table_name) where database_name = 'passfail' group by all"""
    with small_store.read() as cursor:
        tables = dict(cursor.execute(sql).fetchall())
    names = sorted(tables.keys() - {*UNTOUCHED})
    assert all(limit_of(tables[name]) for name in names)
    with pinning.pin(small_store, pinning.newest_event(small_store)).read() as then, small_store.read() as now:
        assert [counted(then, name) for name in names] == [counted(now, name) for name in names]
    with pinning.pin(small_store, 0).read() as nothing:
        assert {counted(nothing, name) for name in names} == {0}


def counted(cursor: Cursor, table: str) -> int:
    return one(cursor, f"select count(*) from {table}")


def test_a_pinned_store_reads_a_file_that_was_let_go_and_opened_again(small_database: Path) -> None:
    store = open_store(small_database)
    pinned = pinning.pin(store, pinning.newest_event(store))
    later(store, traces=1)
    assert exploring.describe(pinned, Slice()).total == 12
    store._disconnect()  # as after a checkpoint that found no room
    assert exploring.describe(pinned, Slice()).total == 12
    assert exploring.describe(store, Slice()).total == 13
    store.close()


def test_reading_commands_show_a_former_state(small_database: Path, cli: Cli) -> None:
    store = open_store(small_database)
    event = pinning.newest_event(store)
    later(store, traces=3, labels=("t05", "t09"))
    store.close()
    then = cli("failures", "--as-of", event, "--json").json
    assert (then["reviewed"], cli("failures", "--json").json["reviewed"]) == (8, 10)
    assert cli("traces", "--as-of", event, "--json").json["total"] == 12
    assert cli("pivot", "--rows", "feature", "--as-of", event, "--json").json["total"]["judged"] == 8
    assert cli("agreement", "--judge", "strict", "--as-of", event, "--json").code == 0
    assert cli("judge", "list", "--as-of", event, "--json").code == 0
    assert len(cli("export", "traces", "--as-of", event, "--format", "jsonl").out.splitlines()) == 12
    assert (cli("traces", "--as-of", 10**6).code, cli("traces", "--as-of", "x").code) == (2, 2)
