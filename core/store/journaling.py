"""Keeps a database and its journal in step: what a person did by hand stands in both before anybody is told so.

The rows a transaction adds are looked up right before its commit, so no function that adds them knows of the journal.
"""

import contextlib
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa

from core.store.connection import Cursor, Store, next_event, rows
from core.store.files import aside, journal_of, to_disk
from core.store.journal import End, Journal, Line, Reading, read_end, read_journal

OF_TRACES = ("labels", "assignments", "splits", "recodes", "regression_set", "queue_items")
KINDS = ("categories", "settings", "rubrics", "fixes", "queues", *OF_TRACES)

ITEMS = "(select q.event, i.* from queue_items i join queues q using (queue_id))"
SOURCES = {kind: ITEMS if kind == "queue_items" else kind for kind in KINDS}
IDENTITIES = {"labels": "client_id", "queue_items": "place"}
"""What tells an event apart from another one that has its number in another database; else when it was made."""

LEFT_OUT = "import_id"
"""The number of an import means nothing in another database."""

NEWEST = " union all ".join(
    f"select '{kind}', max(event) from {source} where event > $after having max(event) is not null"  # noqa: S608
    for kind, source in SOURCES.items()
)
SIZE = "select sum(n)::bigint, max(newest) from ({})".format(
    " union all ".join(f"select count(*) as n, max(event) as newest from {source}" for source in SOURCES.values())  # noqa: S608
)
AFTER = {kind: f"select * from {source} where event > ? order by event" for kind, source in SOURCES.items()}  # noqa: S608
THESE = {
    kind: f"select * from {source} where event in (select unnest(?)) order by event"  # noqa: S608
    for kind, source in SOURCES.items()
}
HELD = {
    kind: f"select event, {IDENTITIES.get(kind, 'made_at')} from {source}"  # noqa: S608
    for kind, source in SOURCES.items()
}
IDS = "select trace_key, id from traces where trace_key in (select unnest(?))"
KEYS = "select id, trace_key from traces where id in (select unnest(?))"
SKIP = "select count(nextval('event_number')) from range(?)"


@dataclass(slots=True, kw_only=True)
class Found:
    """What came out when the database was held against its journal."""

    lines: int = 0
    broken: list[int] = field(default_factory=list[int])
    """Numbers of the lines that are not what was written, or do not follow on the one before."""
    joined: int = 0
    """Events of the journal that the database had not and now has."""
    appended: int = 0
    """Events of the database that the journal had not and now has."""
    torn: str = ""
    """The file that keeps an end that was not written whole; empty where there was none."""
    foreign: str = ""
    """The name under which the journal of another database was put aside; empty where there was none."""


class Journaling:
    """The journal of an open database. Use it through `keep_journal`; everything happens under the write lock."""

    def __init__(self, journal: Journal, found: Found, waiting: Iterable[Line]) -> None:
        self._journal, self.found = journal, found
        self._waiting: dict[str, list[Line]] = defaultdict(list)
        self._writer: Cursor | None = None
        self._arriving: tuple[Cursor | None, list[str]] = (None, [])
        for line in waiting:
            self._waiting[str(line.row["trace"])].append(line)

    @property
    def path(self) -> Path:
        """The file."""
        return self._journal.path

    @property
    def waiting(self) -> dict[str, int]:
        """Per trace that is not in the database how many events wait for it."""
        return {trace: len(lines) for trace, lines in self._waiting.items()}

    def record(self, cursor: Cursor) -> None:
        """Write what this transaction adds, before it is committed.

        Raises:
            StoreUnwritableError: the disk is full.
        """
        after = self._journal.newest
        kinds = [kind for kind, _ in cursor.execute(NEWEST, {"after": after}).fetchall()]
        if kinds:
            self._writer = cursor
            self._journal.append(_ordered(line for kind in kinds for line in _lines(cursor, kind, AFTER[kind], after)))

    def committed(self, cursor: Cursor) -> None:
        """This transaction is in the database."""
        if self._writer is cursor:
            self._journal.keep()
            self._writer = None
        if self._arriving[0] is cursor:
            for trace in self._arriving[1]:
                del self._waiting[trace]
            self._arriving = (None, [])

    def rolled_back(self, cursor: Cursor) -> None:
        """This transaction is not in the database; others may be under way."""
        if self._writer is cursor:
            self._journal.take_back()
            self._writer = None

    def rejoin(self, cursor: Cursor) -> int:
        """Add the events that waited for traces which are there now; returns how many."""
        if not self._waiting:
            return 0
        keys: dict[str, int] = dict(cursor.execute(KEYS, [list(self._waiting)]).fetchall())
        self._arriving = (cursor, list(keys))
        lines = [line for trace in keys for line in self._waiting[trace]]
        _insert(cursor, lines, keys)
        return len(lines)

    def close(self) -> None:
        """Let the file go."""
        self._journal.close()


def keep_journal(store: Store) -> Found:
    """Hold the database against its journal, add to each what only the other has, and keep the two in step from now on.

    Raises:
        StoreUnwritableError: there was something to add, and the disk is full.
    """
    path = journal_of(store.path)
    with store.read() as cursor:
        size, newest = cursor.execute(SIZE).fetchone() or (0, 0)
    end = read_end(path)
    if end is not None and (end.count, end.newest) == (size, newest or 0):
        found = Found(lines=end.count)
        store.journal = Journaling(Journal(path, end), found, ())
        return found
    store.journal = _reconciled(store, path)
    return store.journal.found


class _Difference(NamedTuple):
    """Events that only one of the two has."""

    of_journal: list[Line]
    of_database: dict[str, set[int]]
    ours: set[tuple[str, int, str]]
    foreign: bool
    """The database has other events under numbers of the journal."""


def _difference(cursor: Cursor, reading: Reading) -> _Difference:
    held = {
        (kind, event, _text(identity))
        for kind, sql in HELD.items()
        for event, identity in cursor.execute(sql).fetchall()
    }
    ours = {_identity(line) for line in reading.lines}
    lacking = [line for line in reading.lines if _identity(line) not in held]
    taken = {event: kind for kind, event, _ in held if kind != "queue_items"}
    foreign = any(
        line.number in taken and (line.kind, taken[line.number]) != ("queue_items", "queues") for line in lacking
    )
    only: dict[str, set[int]] = defaultdict(set)
    for kind, event, _ in held - ours:
        only[kind].add(event)
    return _Difference(lacking, only, ours, foreign)


def _reconciled(store: Store, path: Path) -> Journaling:
    reading = read_journal(path)
    found = Found()
    with contextlib.ExitStack() as undo, store.write() as cursor:
        differing = _difference(cursor, reading)
        if differing.foreign:
            found.foreign, reading = _put_aside(store.path, path), Reading()
            differing = _difference(cursor, reading)
        keys = _keys(cursor, differing.of_journal)
        waiting = [line for line in differing.of_journal if _waits(line, keys)]
        joining = [line for line in differing.of_journal if not _waits(line, keys)]
        _insert(cursor, joining, keys)
        cursor.execute(SKIP, [max(reading.newest - next_event(cursor), 0)])
        listed = [_lines(cursor, kind, THESE[kind], list(events)) for kind, events in differing.of_database.items()]
        fresh = _ordered(line for lines in listed for line in lines if _identity(line) not in differing.ours)
        journal = Journal(path, End(reading.count, reading.newest, reading.head, reading.size))
        undo.callback(journal.close)
        if reading.torn:
            found.torn = journal.cut_torn(reading.torn).name
        journal.append(fresh)
        undo.pop_all()
    journal.keep()
    found.lines, found.broken = reading.count + len(fresh), reading.broken
    found.joined, found.appended = len(joining), len(fresh)
    return Journaling(journal, found, waiting)


def _keys(cursor: Cursor, lines: Sequence[Line]) -> dict[str, int]:
    ids = list({line.row["trace"] for line in lines if line.kind in OF_TRACES})
    return dict(cursor.execute(KEYS, [ids]).fetchall())


def _waits(line: Line, keys: dict[str, int]) -> bool:
    return line.kind in OF_TRACES and line.row["trace"] not in keys


def _lines(cursor: Cursor, kind: str, sql: str, param: object) -> list[Line]:
    """Rows of a table as lines: with the id of the trace in place of its key, which another database would not know."""
    found = rows(cursor, sql, [param])
    if kind in OF_TRACES and found:
        ids: dict[object, str] = dict(cursor.execute(IDS, [list({row["trace_key"] for row in found})]).fetchall())
        for row in found:
            row["trace"] = ids.get(row.pop("trace_key"), "")
            row.pop(LEFT_OUT, None)
    return [Line(kind, int(str(row["event"])), row) for row in found]


def _ordered(lines: Iterable[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (line.number, line.kind == "queue_items"))


def _identity(line: Line) -> tuple[str, int, str]:
    return line.kind, line.number, _text(line.row.get(IDENTITIES.get(line.kind, "made_at")))


def _text(identity: object) -> str:
    return identity.isoformat() if isinstance(identity, datetime) else str(identity)


def _insert(cursor: Cursor, lines: Sequence[Line], keys: dict[str, int]) -> None:
    """Add rows of the journal; columns that a later or an earlier schema does not have keep their default."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for kind, _, row in lines:
        values = {name: value for name, value in row.items() if name != "trace"}
        if kind in OF_TRACES:
            values["trace_key"] = keys[row["trace"]]
        if kind == "queue_items":
            del values["event"]
        groups[kind, *values].append(values)
    for (kind, *names), found in groups.items():
        schema = cursor.execute(f"select * from {SOURCES[kind]} limit 0").to_arrow_table().schema  # noqa: S608
        schema = pa.schema([column for column in schema if column.name in names])
        times = [column.name for column in schema if pa.types.is_timestamp(column.type)]
        for values in found:
            values.update({name: datetime.fromisoformat(values[name]) for name in times if values[name]})
        listed = ", ".join(f'"{name}"' for name in schema.names)
        cursor.register("joining", pa.Table.from_pylist(found, schema))
        once = "where client_id not in (select client_id from labels)" if kind == "labels" else ""
        cursor.execute(f"insert into {kind} ({listed}) select {listed} from joining {once}")  # noqa: S608
        cursor.unregister("joining")


def _put_aside(database: Path, path: Path) -> str:
    kept = journal_of(aside(database, "foreign"))
    path.replace(kept)
    to_disk(path.parent)
    return kept.name
