"""One connection to one database file: cursors to read with, one lock to write under."""

import contextlib
import itertools
import logging
import re
import shutil
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import duckdb

from core.errors import (
    AppError,
    StoreBusyError,
    StoreClosedError,
    StoreDamagedError,
    StoreUnreadableError,
    StoreUnwritableError,
)

log = logging.getLogger(__name__)

STORAGE_VERSION = "v1.5.0"
"""Readable by every DuckDB from 1.5 on."""

ROOM = 4_000_000
"""Bytes that must be free beside what a checkpoint moves."""

ROW_GROUP = 16_384
"""Rows per group: traces are wide, and a group is what an import holds in memory and a scan gives to one thread."""

IN_MEMORY = Path(":memory:")

Cursor = duckdb.DuckDBPyConnection

_VERSIONS = itertools.count(1)


class Recorder(Protocol):
    """What a store tells of each transaction: the journal."""

    def record(self, cursor: Cursor) -> None: ...
    def committed(self, cursor: Cursor) -> None: ...
    def rolled_back(self, cursor: Cursor) -> None: ...
    def rejoin(self, cursor: Cursor) -> int: ...
    def close(self) -> None: ...


class Store:
    """An open database. Share one per process: each use takes its own cursor, writes wait for each other.

    Raises:
        StoreBusyError: another process holds the file.
        StoreUnreadableError: the file is no database or cannot be opened.
    """

    def __init__(self, path: Path = IN_MEMORY, *, memory_limit: str = "512MB") -> None:
        self.path = path
        self._lock = threading.Lock()
        self.import_lock = threading.Lock()
        self._memory_limit = memory_limit
        self._connecting = threading.Lock()
        self._closed = False
        self._connection: Cursor | None = _attach(path, memory_limit)
        self.journal: Recorder | None = None
        self.before_closing: Callable[[Store], None] | None = None
        """What has to be done while the store can still be used; it must not raise."""
        self.version = next(_VERSIONS)
        """Another number after each commit, and in each store: what was read under one number is still true under it."""

    def close(self) -> None:
        """Write everything to the file, where there is room for it, and let it go; the log keeps what is not in it."""
        if self._closed:
            return
        if self.before_closing is not None:
            self.before_closing(self)
        if self.path != IN_MEMORY:
            with contextlib.suppress(duckdb.Error, AppError, OSError):
                self.checkpoint()
        self._closed = True
        self._disconnect()
        if self.journal is not None:
            self.journal.close()

    @contextlib.contextmanager
    def read(self) -> Generator[Cursor]:
        """A cursor of its own; never share one between threads.

        Raises:
            StoreDamagedError: what was asked for is not what was written.
            StoreClosedError: the store was closed before or meanwhile.
        """
        with self._opened("use passfail") as cursor:
            yield cursor

    @contextlib.contextmanager
    def _opened(self, first: str) -> Generator[Cursor]:
        """A cursor on which these statements were executed, in one go: each one would wait for other threads."""
        cursor = self._cursor()
        try:
            cursor.execute(first)
            yield cursor
        except (duckdb.Error, StoreUnwritableError) as problem:
            if self._closed:
                raise _ended() from problem
            if _INVALIDATED in f"{problem} {problem.__cause__}":
                cursor.close()
                self._disconnect()
            if isinstance(problem, duckdb.OperationalError) and _DAMAGED.search(str(problem)):
                raise _damaged(problem, self.path) from problem
            raise
        finally:
            cursor.close()

    @contextlib.contextmanager
    def snapshot(self) -> Generator[Cursor]:
        """A cursor that sees one state of the store throughout, whatever is written meanwhile."""
        with self.read() as cursor:
            cursor.execute("begin")
            try:
                yield cursor
            finally:
                with contextlib.suppress(duckdb.Error):
                    cursor.execute("rollback")

    @contextlib.contextmanager
    def write(self, *, quiet: bool = False, by_hand: bool = True) -> Generator[Cursor]:
        """A cursor in a transaction under the write lock; committed when the block ends, rolled back when it raises.

        A `quiet` write changes nothing that a page shows, so what was read before it is still true. One that is not
        `by_hand` adds nothing that a person did, so the journal is not asked.
        """
        with self._lock, self.transaction(quiet=quiet, by_hand=by_hand) as cursor:
            yield cursor

    @contextlib.contextmanager
    def transaction(self, *, quiet: bool = False, by_hand: bool = True) -> Generator[Cursor]:
        """A cursor in a transaction without the write lock: for long appends that touch no event table until they end."""
        with self._opened("use passfail; begin") as cursor:
            try:
                yield cursor
                if self.journal is not None and by_hand:
                    self.journal.record(cursor)
                cursor.execute("commit")
                if not quiet:
                    self.version = next(_VERSIONS)
                if self.journal is not None:
                    self.journal.committed(cursor)
            except BaseException as problem:
                with contextlib.suppress(duckdb.Error):
                    cursor.execute("rollback")
                if self.journal is not None:
                    self.journal.rolled_back(cursor)
                if isinstance(problem, duckdb.Error) and _UNWRITABLE.search(str(problem)):
                    raise unwritable(problem, self.path) from problem
                raise

    @contextlib.contextmanager
    def writing(self) -> Generator[None]:
        """Hold the write lock without a transaction: for the last step of an import, and for a backup."""
        with self._lock:
            yield

    def _cursor(self) -> Cursor:
        with self._connecting:
            if self._closed:
                raise _ended()
            if self._connection is None:
                self._connection = _attach(self.path, self._memory_limit)
            return self._connection.cursor()

    def _disconnect(self) -> None:
        """Let the file go; the next use opens it again, which is what DuckDB wants after a checkpoint ran out of room."""
        with self._connecting:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    def checkpoint(self) -> None:
        """Move everything from the write-ahead log into the file.

        Raises:
            StoreUnwritableError: there is no room for it. This is looked at before, because a checkpoint that
                fails shuts the database until the program is started again.
        """
        wal = self.path.with_name(f"{self.path.name}.wal")
        if wal.exists():
            needed = 2 * wal.stat().st_size + ROOM
            if shutil.disk_usage(self.path.parent).free < needed:
                raise unwritable("No space left on device", self.path)
        with self.read() as cursor:
            cursor.execute("checkpoint")


def _ended() -> StoreClosedError:
    return StoreClosedError("passfail is being ended.", "Start it again: what was saved is there.")


def next_event(cursor: Cursor) -> int:
    """The number of the next event; take it under the write lock."""
    return one(cursor, "select nextval('event_number')")


def one(cursor: Cursor, sql: str, params: Sequence[object] | Mapping[str, object] | None = None) -> int:
    """The single whole number a query gives."""
    row = cursor.execute(sql, params or []).fetchone()
    return 0 if row is None or row[0] is None else int(row[0])


def rows(cursor: Cursor, sql: str, params: list[object] | None = None) -> list[dict[str, object]]:
    """The rows of a query, each by column name."""
    cursor.execute(sql, params or [])
    names = [column[0] for column in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _attach(path: Path, memory_limit: str) -> Cursor:
    connection = duckdb.connect(config={"allow_unsigned_extensions": "false"})
    try:
        if path == IN_MEMORY:
            connection.execute("attach ':memory:' as passfail")
        else:
            quoted = str(path).replace("'", "''")
            connection.execute(
                f"attach '{quoted}' as passfail (type duckdb, storage_version '{STORAGE_VERSION}', row_group_size {ROW_GROUP})"
            )
        connection.execute("use passfail")
        connection.execute("set memory_limit = $limit", {"limit": memory_limit})
        connection.execute("pragma disable_checkpoint_on_shutdown")  # `close` looks first whether there is room
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
    except duckdb.Error as problem:
        connection.close()
        raise _explained(problem, path) from problem
    return connection


_UNWRITABLE = re.compile(
    r"No space left|Could not write|File too large|Disk quota|Read-only file system|Could not truncate|fsync",
    re.IGNORECASE,
)


_INVALIDATED = "has been invalidated"

_DAMAGED = re.compile(
    r"not a valid DuckDB|Serialization|checksum|Corrupt|Could not read enough bytes|Failure while replaying WAL",
    re.IGNORECASE,
)


def unwritable(problem: object, path: Path) -> StoreUnwritableError:
    """The error that says why a file could not be written."""
    log.error("cannot write %s: %s", path, problem)
    reason = str(problem).splitlines()[0].rpartition(": ")[2][:100]
    return StoreUnwritableError(
        f"{path.name} cannot be written: {reason}. Nothing of this step was stored.",
        "Free some space on its disk and try again; what was stored before is safe.",
    )


def _damaged(problem: object, path: Path) -> StoreDamagedError:
    log.error("damaged: %s: %s", path, problem)
    return StoreDamagedError(
        f"{path.name} is damaged, or not a database that this program can read.",
        "Name another file with --db, or bring back a backup with `passfail restore`. If it is yours and there is none,"
        " move it away: the next start makes a new one from the journal beside it.",
    )


def _explained(problem: duckdb.Error, path: Path) -> Exception:
    text = str(problem)
    if "Could not set lock" in text or "Conflicting lock" in text:
        holder = re.search(r"PID (\d+)", text)
        who = f" (process {holder[1]})" if holder else ""
        return StoreBusyError(
            f"The database {path.name} is in use by another program{who}.",
            "Only one program can open it at a time: close that one, or use its address.",
        )
    if _DAMAGED.search(text) and not _UNWRITABLE.search(text):
        return _damaged(problem, path)
    log.error("cannot open %s: %s", path, text)
    return StoreUnreadableError(
        f"The database {path.name} cannot be opened: {text.splitlines()[0][:200]}",
        "Check that the folder exists and may be written, or name another file with --db.",
    )
