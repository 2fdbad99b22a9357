"""Backups, restores and the doctor: a copy is whole or not there, nothing is overwritten, and what is wrong is found."""

import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from core.errors import InputError, StoreBusyError, StoreUnreadableError, UsageError
from core.model import LabelState
from core.slice import Slice
from core.store import migrate
from core.store.connection import Store
from core.store.files import copy_file
from core.workflows.exploring import describe
from core.workflows.maintaining import back_up, examine, restore
from core.workflows.opening import open_store
from core.workflows.reviewing import record_label
from core.workflows.splitting import Shares, assign_splits
from tests.conftest import ROOT, fill_small

OPEN = (
    "import sys; from pathlib import Path; from core.workflows.opening import open_store; open_store(Path(sys.argv[1]))"
)


def opens_elsewhere(path: Path) -> bool:
    """Whether another process gets the database."""
    done = subprocess.run(
        [sys.executable, "-c", OPEN, str(path)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0 or "StoreBusyError" in done.stderr, done.stderr
    return done.returncode == 0


def labelled(path: Path) -> int:
    store = open_store(path)
    n = describe(store, Slice(verdict=("pass", "fail"))).n
    store.close()
    return n


def test_a_backup_holds_what_was_committed_and_the_store_goes_on(small_database: Path, tmp_path: Path) -> None:
    store = open_store(small_database)
    record_label(store, trace_id="t05", state=LabelState.PASS, labeler="ana")
    backup = back_up(store, tmp_path / "b.duckdb")
    record_label(store, trace_id="t09", state=LabelState.PASS, labeler="ana")
    assert describe(store, Slice(verdict=("pass", "fail"))).n == 10
    store.close()
    assert (backup.file, backup.counts["labelled traces"], backup.counts["traces"]) == ("b.duckdb", 9, 12)
    assert labelled(tmp_path / "b.duckdb") == 9
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        *("b.duckdb", "b.duckdb.journal", "passfail.duckdb", "passfail.duckdb.journal")
    ]


def test_a_backup_does_not_let_other_programs_in(small_database: Path, tmp_path: Path) -> None:
    store = open_store(small_database)
    assert not opens_elsewhere(small_database)
    back_up(store, tmp_path / "b.duckdb")
    assert not opens_elsewhere(small_database)
    store.close()
    assert opens_elsewhere(small_database)


def test_a_backup_waits_for_whoever_writes_and_disturbs_nobody_who_reads(small_database: Path, tmp_path: Path) -> None:
    store = open_store(small_database)
    with store.snapshot() as cursor:
        cursor.execute("select * from traces").fetchone()
        back_up(store, tmp_path / "b1.duckdb")
    entered, finished = threading.Event(), threading.Event()

    def write() -> None:
        with store.write() as cursor:
            entered.set()
            finished.wait(10)
            cursor.execute("insert into settings values (nextval('event_number'), 'a', 'b', 'c', now()::timestamp)")

    writer = threading.Thread(target=write)
    writer.start()
    assert entered.wait(10)
    copier = threading.Thread(target=back_up, args=(store, tmp_path / "b2.duckdb"))
    copier.start()
    copier.join(0.3)
    assert copier.is_alive()
    finished.set()
    writer.join(10)
    copier.join(20)
    assert not copier.is_alive()
    store.close()
    copy = open_store(tmp_path / "b2.duckdb")
    with copy.read() as cursor:
        assert cursor.execute("select count(*) from settings").fetchone() == (1,)
    copy.close()


def test_a_backup_overwrites_nothing(small_store: Store, small_database: Path, tmp_path: Path) -> None:
    store = open_store(small_database)
    there = tmp_path / "there.txt"
    there.write_text("mine")
    for target in (there, small_database, tmp_path):
        with pytest.raises(UsageError, match="exists already"):
            back_up(store, target)
    assert there.read_text() == "mine"
    with pytest.raises(InputError, match="cannot be written"):
        back_up(store, tmp_path / "gone" / "b.duckdb")
    store.close()
    with pytest.raises(UsageError, match="in memory"):
        back_up(small_store, tmp_path / "m.duckdb")
    assert labelled(small_database) == 8


def test_a_copy_that_cannot_be_finished_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        copy_file(tmp_path / "gone", tmp_path / "copy")
    assert list(tmp_path.iterdir()) == []


def test_a_restore_brings_back_and_keeps_what_was_there(small_database: Path, tmp_path: Path) -> None:
    store = open_store(small_database)
    back_up(store, tmp_path / "b.duckdb")
    record_label(store, trace_id="t05", state=LabelState.PASS, labeler="ana")
    store.close()
    restored = restore(small_database, tmp_path / "b.duckdb")
    assert restored.counts["labelled traces"] == 8
    assert restored.kept is not None
    assert labelled(restored.kept) == 9
    assert labelled(small_database) == 8
    assert labelled(tmp_path / "b.duckdb") == 8
    assert not list(tmp_path.glob("*.restoring*"))


def test_a_restore_into_an_empty_place_makes_the_database(small_database: Path, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    restored = restore(tmp_path / "new" / "passfail.duckdb", small_database)
    assert restored.kept is None
    assert labelled(tmp_path / "new" / "passfail.duckdb") == 8


def test_a_restore_replaces_a_damaged_database_and_keeps_it(small_database: Path, tmp_path: Path) -> None:
    backup = tmp_path / "b.duckdb"
    shutil.copyfile(small_database, backup)
    small_database.write_bytes(b"broken")
    (tmp_path / "passfail.duckdb.wal").write_bytes(b"a log of what was not yet in the file")
    restored = restore(small_database, backup)
    assert restored.kept is not None
    assert restored.kept.read_bytes() == b"broken"
    assert restored.kept.with_name(f"{restored.kept.name}.wal").exists()
    assert not (tmp_path / "passfail.duckdb.wal").exists()
    assert labelled(small_database) == 8


def test_a_restore_takes_the_log_of_a_backup_that_was_copied_by_hand(small_database: Path, tmp_path: Path) -> None:
    script = (
        "import sys, os; from pathlib import Path; from core.model import LabelState\n"
        "from core.workflows.opening import open_store; from core.workflows.reviewing import record_label\n"
        "store = open_store(Path(sys.argv[1]))\n"
        "record_label(store, trace_id='t05', state=LabelState.PASS, labeler='ana')\n"
        "os._exit(0)"
    )
    subprocess.run([sys.executable, "-c", script, str(small_database)], cwd=ROOT, check=True)
    by_hand = tmp_path / "by-hand.duckdb"
    shutil.copyfile(small_database, by_hand)
    shutil.copyfile(f"{small_database}.wal", f"{by_hand}.wal")
    target = tmp_path / "new.duckdb"
    assert restore(target, by_hand).counts["labelled traces"] == 9
    assert labelled(target) == 9


def test_what_is_no_backup_is_refused_and_nothing_changes(small_database: Path, tmp_path: Path) -> None:
    import duckdb

    before = small_database.read_bytes()
    text = tmp_path / "notes.txt"
    text.write_text("not a database " * 500)
    foreign = tmp_path / "foreign.duckdb"
    with duckdb.connect(str(foreign)) as other:
        other.execute("create table orders (n integer)")
    cut = tmp_path / "cut.duckdb"
    cut.write_bytes(before[: len(before) // 2])
    flipped = tmp_path / "flipped.duckdb"
    flipped.write_bytes(bytes(b ^ 0xFF if 20_000 < i < 400_000 else b for i, b in enumerate(before)))
    empty = tmp_path / "empty.duckdb"
    empty.write_bytes(b"")
    for broken in (text, foreign, cut, flipped, empty):
        with pytest.raises(StoreUnreadableError):
            restore(small_database, broken)
    with pytest.raises(InputError):
        restore(small_database, tmp_path / "gone.duckdb")
    with pytest.raises(InputError):
        restore(small_database, tmp_path)
    with pytest.raises(UsageError, match="the database itself"):
        restore(small_database, small_database)
    assert small_database.read_bytes() == before
    assert not list(tmp_path.glob("*replaced*"))
    assert not list(tmp_path.glob("*.restoring*"))


def test_a_newer_backup_and_a_newer_database_are_refused_and_not_touched(small_database: Path, tmp_path: Path) -> None:
    newer = tmp_path / "newer.duckdb"
    shutil.copyfile(small_database, newer)
    store = open_store(newer)
    with store.write() as cursor:
        cursor.execute("insert into schema_migrations values (9999, 'later', now()::timestamp)")
    store.close()
    before = newer.read_bytes()
    with pytest.raises(StoreUnreadableError, match="newer version"):
        restore(small_database, newer)
    with pytest.raises(StoreUnreadableError, match=r"newer version \(schema 9999") as refused:
        open_store(newer)
    assert refused.value.remedy == "Update passfail."
    assert newer.read_bytes() == before


HOLD = f"{OPEN.replace('open_store(Path', 'store = open_store(Path')}; print('held', flush=True); sys.stdin.read()"


def test_a_database_in_use_is_not_replaced(small_database: Path, tmp_path: Path) -> None:
    backup = tmp_path / "b.duckdb"
    shutil.copyfile(small_database, backup)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(small_database)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as holder:  # fmt: skip
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(StoreBusyError):
            restore(small_database, backup)
        holder.communicate()
    assert not list(tmp_path.glob("*replaced*"))


def test_an_older_database_is_copied_beside_itself_before_it_is_changed(small_database: Path, tmp_path: Path) -> None:
    newest = migrate.migrations()[-1].version
    later = migrate.Migration(newest + 1, "later", "create table later_table (n integer)")
    store = Store(small_database)
    assert migrate.migrate(store, [*migrate.migrations(), later]) == [newest + 1]
    assert not opens_elsewhere(small_database), "the copy must not give up the lock"
    store.close()
    copy = small_database.with_suffix(f".schema{newest}.bak")
    assert labelled(copy) == 8


def test_a_migration_that_fails_leaves_the_schema_as_it_was(small_database: Path) -> None:
    newest = migrate.migrations()[-1].version
    wrong = migrate.Migration(newest + 1, "wrong", "create table half (n integer); select * from nowhere")
    store = Store(small_database)
    with pytest.raises(Exception, match="nowhere"):
        migrate.migrate(store, [*migrate.migrations(), wrong])
    assert migrate.schema_version(store) == newest
    with store.read() as cursor:
        assert cursor.execute("select count(*) from duckdb_tables() where table_name = 'half'").fetchone() == (0,)
    store.close()


# ---------------------------------------------------------------------------------------------------------- doctor


def test_a_healthy_store_has_no_faults(small_store: Store) -> None:
    found = examine(small_store)
    assert found.health.faults == 0
    assert [check for check in found.health.checks if check.faults] == []
    assert found.schema == found.newest_schema
    assert found.health.counts == {
        "traces": 12,
        "traces without any dimension": 0,
        "dimensions": 2,
        "labelled traces": 8,
        "label events": 9,
        "failure categories": 3,
        "judge versions": 1,
        "judgments": 10,
        "imports": 1,
        "bad lines": 0,
    }


def test_a_fresh_store_is_healthy_and_a_file_says_how_it_is_stored(fresh_store: Store, small_database: Path) -> None:
    assert examine(fresh_store).health.faults == 0
    store = open_store(small_database)
    assert examine(store).health.storage_version.startswith("v1.5")
    store.close()


FAULTS = {
    "every row of labels belongs to a trace": "delete from traces where id = 't03'",
    "every row of judgments belongs to a trace": "delete from traces where id = 't05'",
    "every row of assignments belongs to a trace": "delete from traces where id = 't04'",
    "every row of trace_dimensions belongs to a trace": "delete from traces where id = 't12'",
    "every trace has its own id": "update traces set id = 't01' where id = 't02'",
    "every trace has its own key": "update traces set trace_key = 1 where id = 't02'",
    "every trace belongs to an import": "update traces set import_id = 99 where id = 't02'",
    "every dimension of a trace has a value": "delete from dimension_values where value = 'chat'",
    "no trace has a dimension value twice": "insert into trace_dimensions select * from trace_dimensions limit 1",
    "every judgment belongs to a judge version": "delete from judge_versions",
    "every assignment belongs to a category": "delete from categories where name = 'tone'",
    "one current label for each trace, labeler and sight of the judge": """insert into labels
        select nextval('event_number'), 'twice' || event, * exclude (event, client_id) from labels limit 1""",
    "one current judgment for each trace and judge version": """insert into judgments
        select nextval('event_number'), * exclude (event) from judgments limit 1""",
    "a judgment has a verdict or the reason why not": "update judgments set failure = null where passed is null",
    "every replaced event of labels is there": "update labels set supersedes = 9999 where event = (select min(event) from labels)",
    "every replaced event of judgments is there": "update judgments set supersedes = 9999",
    "every event has its own number": "update judgments set event = (select min(event) from labels)",
    "the next event has a new number": "update judgments set event = event + 1000000",
    "every category has its own name": "update categories set name = 'DATES' where name = 'tone'",
    "imports add up": "update imports set added = added + 1",
    "500 traces chosen at random can be shown": "update traces set text = 'other' where id = 't01'",
}


@pytest.mark.parametrize("name", FAULTS)
def test_the_doctor_finds(name: str, small_store: Store) -> None:
    with small_store.write() as cursor:
        cursor.execute(FAULTS[name])
    found = [check for check in examine(small_store).health.checks if check.faults]
    assert name in [check.name for check in found]
    assert all(check.examples for check in found)


def test_the_doctor_names_twins_in_two_splits_and_says_what_to_do(small_store: Store) -> None:
    assign_splits(small_store, by="ana", shares=Shares(0, 100, 0))
    with small_store.write() as cursor:
        cursor.execute("update splits set split = 'train' where trace_key = 1")
        cursor.execute("update traces set session = 'one' where id in ('t01', 't03')")
        cursor.execute("update traces set session = null where id not in ('t01', 't03')")
    found = examine(small_store)
    assert found.health.faults == 0, "nothing is damaged"
    assert found.twins is not None
    assert found.twins.startswith(
        "1 trace is in use though a twin is in another split: t03 in dev is a twin of t01 in train. They"
    )
    assert "save a new version with other examples" in found.twins
    with small_store.write() as cursor:
        cursor.execute("update splits set split = 'dev'")
    assert examine(small_store).twins is None


@pytest.mark.parametrize("change", ["layout = '[{}]'", "layout = 'no json'", "record = '{'"])
def test_the_doctor_finds_what_cannot_be_shown(change: str, small_store: Store) -> None:
    with small_store.write() as cursor:
        cursor.execute(f"update traces set {change} where id = 't01'")
    found = [check for check in examine(small_store).health.checks if check.faults]
    assert [check.examples for check in found] == ["t01"]


def test_the_doctor_finds_a_damaged_block(fresh_store: Store, tmp_path: Path) -> None:
    path = tmp_path / "damaged.duckdb"
    store = open_store(path)
    fill_small(store)
    store.close()
    data = bytearray(path.read_bytes())
    block = 262_144
    for start in range(12_288, len(data), block):
        if b"question of t01" in data[start : start + block]:
            data[data.index(b"question of t01", start)] ^= 0xFF
            break
    else:
        pytest.fail("the text was not found in the file")
    path.write_bytes(data)
    store = open_store(path)
    found = [check for check in examine(store).health.checks if check.faults]
    assert found
    assert found[0].name == "traces can be read"
    store.close()


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX")
def test_a_folder_that_cannot_be_read_says_so(small_database: Path, tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o000)
    store = open_store(small_database)
    with pytest.raises(InputError):
        back_up(store, locked / "b.duckdb")
    store.close()
