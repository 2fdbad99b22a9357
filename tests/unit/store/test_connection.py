"""The connection: one owner, cursors that do not mix, transactions that end whole, snapshots that do not move."""

import threading
from pathlib import Path

import duckdb
import pytest

from core.errors import StoreBusyError, StoreClosedError, StoreUnreadableError
from core.store.connection import IN_MEMORY, Store, next_event, one
from core.store.migrate import migrate, migrations, schema_version
from core.workflows.opening import open_store

SET = "insert into settings values (nextval('event_number'), ?, ?, 'test', now()::timestamp)"


def count(store: Store, sql: str = "select count(*) from settings") -> int:
    with store.read() as cursor:
        return one(cursor, sql)


def test_a_block_that_raises_leaves_nothing(fresh_store: Store) -> None:
    def write_and_fail() -> None:
        with fresh_store.write() as cursor:
            cursor.execute(SET, ["a", "b"])
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        write_and_fail()
    assert count(fresh_store) == 0
    with fresh_store.write() as cursor:
        cursor.execute(SET, ["a", "b"])
    assert count(fresh_store) == 1


def test_a_statement_that_fails_does_not_hold_the_lock(fresh_store: Store) -> None:
    for _ in range(3):
        with pytest.raises(duckdb.Error), fresh_store.write() as cursor:
            cursor.execute("insert into nowhere values (1)")
    with fresh_store.write() as cursor:
        cursor.execute(SET, ["a", "b"])
    assert count(fresh_store) == 1


def test_cursors_of_several_threads_do_not_mix(fresh_store: Store) -> None:
    wrong: list[tuple[int, int]] = []

    def ask(number: int) -> None:
        for turn in range(100):
            with fresh_store.read() as cursor:
                found = one(cursor, "select ? * 1000 + ?", [number, turn])
                if found != number * 1000 + turn:
                    wrong.append((number, found))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert wrong == []


def test_events_of_several_threads_have_numbers_of_their_own(fresh_store: Store) -> None:
    numbers: list[int] = []

    def write() -> None:
        for _ in range(25):
            with fresh_store.write() as cursor:
                event = next_event(cursor)
                cursor.execute("insert into settings values (?, 'a', 'b', 'c', now()::timestamp)", [event])
            numbers.append(event)

    threads = [threading.Thread(target=write) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(set(numbers)) == 100
    assert count(fresh_store) == 100


def test_a_snapshot_does_not_move(fresh_store: Store) -> None:
    with fresh_store.snapshot() as cursor:
        assert one(cursor, "select count(*) from settings") == 0
        with fresh_store.write() as other:
            other.execute(SET, ["a", "b"])
        assert one(cursor, "select count(*) from settings") == 0
    assert count(fresh_store) == 1


def test_every_commit_has_a_number_of_its_own(fresh_store: Store) -> None:
    before = fresh_store.version
    count(fresh_store)
    assert fresh_store.version == before
    with fresh_store.write() as cursor:
        cursor.execute(SET, ["a", "b"])
    assert fresh_store.version != before


def test_two_stores_of_one_file_in_one_process_are_refused(small_database: Path) -> None:
    store = open_store(small_database)
    with pytest.raises((StoreBusyError, StoreUnreadableError)):
        open_store(small_database)
    assert count(store, "select count(*) from traces") == 12
    store.close()


@pytest.mark.parametrize("sql", ["copy (select 1) to '/tmp/x.csv'", "select * from read_text('/etc/hostname')", "attach '/tmp/x.duckdb'",
                                 "install httpfs", "set enable_external_access = true", "load '/tmp/x.so'"])  # fmt: skip
def test_a_query_reaches_no_file_and_no_network(sql: str, fresh_store: Store) -> None:
    with pytest.raises(duckdb.Error), fresh_store.read() as cursor:
        cursor.execute(sql)


def test_a_name_with_a_quote_is_a_name(tmp_path: Path) -> None:
    path = tmp_path / 'it\'s a "name"; drop.duckdb'
    open_store(path).close()
    assert path.exists()
    open_store(path).close()


def test_a_fresh_database_is_at_the_newest_schema_and_again_nothing_happens(tmp_path: Path) -> None:
    store = open_store(tmp_path / "new.duckdb")
    assert schema_version(store) == migrations()[-1].version
    assert migrate(store) == []
    store.close()


def test_a_database_of_another_program_is_refused_and_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "orders.duckdb"
    with duckdb.connect(str(path)) as other:
        other.execute("create table orders (n integer)")
    with pytest.raises(StoreUnreadableError, match="database of another program"):
        open_store(path)
    with duckdb.connect(str(path)) as other:
        assert other.execute("select table_name from duckdb_tables()").fetchall() == [("orders",)]


@pytest.mark.parametrize("content", [b"x", b"SQLite format 3\0" * 1000, b"\0" * 20_000])
def test_what_is_no_database_is_refused_and_not_touched(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "odd.duckdb"
    path.write_bytes(content)
    with pytest.raises(StoreUnreadableError) as refused:
        open_store(path)
    assert refused.value.remedy
    assert path.read_bytes() == content


def test_a_folder_or_a_place_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "gone" / "x.duckdb"):
        with pytest.raises(StoreUnreadableError) as refused:
            open_store(path)
        assert refused.value.exit_code == 3


def test_a_store_in_memory_has_no_file() -> None:
    store = open_store(IN_MEMORY)
    assert not Path(":memory:").exists()
    store.checkpoint()
    store.close()


def test_a_closed_store_stays_closed(tmp_path: Path) -> None:
    store = open_store(tmp_path / "passfail.duckdb")
    store.close()
    store.close()
    with pytest.raises(StoreClosedError), store.read():
        pass
    open_store(tmp_path / "passfail.duckdb").close()


@pytest.mark.parametrize("use", ["read", "snapshot", "write"])
def test_what_is_under_way_when_the_store_is_closed_is_no_fault_of_the_program(use: str, tmp_path: Path) -> None:
    store = open_store(tmp_path / "passfail.duckdb")

    def asked() -> None:
        with getattr(store, use)() as cursor:
            closing = threading.Thread(target=store.close)  # a page is drawn by one thread, the server ends in another
            closing.start()
            closing.join()
            one(cursor, "select count(*) from traces")

    with pytest.raises(StoreClosedError):
        asked()
    open_store(tmp_path / "passfail.duckdb").close()
