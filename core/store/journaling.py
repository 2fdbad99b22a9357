"""Keeps a database and its journal in step: what a person did by hand stands in both before anybody is told so.

The rows a transaction adds are looked up right before its commit, so no function that adds them knows of the journal.
"""

import contextlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import orjson

from core.store.connection import Cursor, Store
from core.store.files import aside, journal_of, to_disk
from core.store.journal import End, Journal, Line, Reading, read_end, read_journal
from core.store.journal_rows import find_after, find_difference, find_keys, find_size, holds, insert, skip_numbers


@dataclass(slots=True, kw_only=True)
class Found:
    """What came out when the database was opened and held against its journal."""

    broken: list[int] = field(default_factory=list[int])
    """Numbers of the lines that are not what was written, or do not follow on the one before."""
    joined: int = 0
    """Events of the journal that the database had not and now has."""
    torn: str = ""
    """The file that keeps an end that was not written whole; empty where there was none."""
    foreign: str = ""
    """The name under which the journal of another database was put aside; empty where there was none."""
    aside: str = ""
    """The name under which a journal with a broken chain was put aside; empty where there was none."""
    missing: bool = False
    """There was no database, only its journal."""
    kept: list[Path] = field(default_factory=list[Path])
    """What of the database was damaged, under the names that it was moved to."""


class Comparison(NamedTuple):
    """A database and its journal as they are now, read as a whole; `broken` are the lines that were found so when it
    was opened, and are not in the present chain any more."""

    file: str
    lines: int
    head: str
    broken: list[int]
    only_in_database: int
    only_in_journal: list[Line]


class Journaling:
    """The journal of an open database. Made by `keep_journal`; all that writes happens under the write lock."""

    def __init__(self, journal: Journal, found: Found, waiting: Iterable[Line]) -> None:
        self._journal, self.found = journal, found
        self._waiting: dict[str, list[Line]] = defaultdict(list)
        self._writer: Cursor | None = None
        self._arriving: tuple[Cursor | None, list[str]] = (None, [])
        for line in waiting:
            self._waiting[str(line.trace)].append(line)

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
        if entries := find_after(cursor, self._journal.newest):
            self._writer = cursor
            self._journal.append(entries)

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
        keys = find_keys(cursor, self._waiting)
        self._arriving = (cursor, list(keys))
        lines = [line for trace in keys for line in self._waiting[trace]]
        insert(cursor, lines, keys)
        return len(lines)

    def close(self) -> None:
        """Let the file go."""
        self._journal.close()


def journal_in(store: Store) -> Journaling | None:
    """The journal of an open database; None where it is in memory."""
    return store.journal if isinstance(store.journal, Journaling) else None


def compare(store: Store) -> Comparison | None:
    """Read the whole journal and hold it against the database. Changes nothing."""
    journaling = journal_in(store)
    if journaling is None:
        return None
    with store.writing(), store.snapshot() as cursor:
        reading = read_journal(journaling.path)
        differing = find_difference(cursor, reading.lines)
    name, broken = journaling.path.name, reading.broken or journaling.found.broken
    return Comparison(name, reading.count, reading.head, broken, len(differing.entries), differing.lines)


def keep_journal(store: Store) -> None:
    """Give each of database and journal what only the other has, and keep the two in step from now on.

    Where the chain is whole and both end with the same event and hold as many, they are the same: one writer adds to
    both, in one order.

    Raises:
        StoreUnwritableError: there was something to add, and the disk is full.
    """
    path = journal_of(store.path)
    with store.read() as cursor:
        size = find_size(cursor)
    end = read_end(path)
    if end is not None and (end.lines, end.newest) == size and _ends_alike(store, end):
        store.journal = Journaling(Journal(path, end), Found(), ())
    else:
        store.journal = _reconciled(store, path)


def _ends_alike(store: Store, end: End) -> bool:
    """Whether the last line of the journal is in the database: two of the same size need not belong together."""
    if end.last is None:
        return True
    with store.read() as cursor:
        return holds(cursor, end.last)


def _reconciled(store: Store, path: Path) -> Journaling:
    reading, found = read_journal(path), Found()
    with contextlib.ExitStack() as undo, store.write() as cursor:
        differing = find_difference(cursor, reading.lines)
        if differing.foreign:
            found.foreign, reading = _put_aside(store.path, path, "foreign"), Reading()
            differing = find_difference(cursor, ())
        keys = find_keys(cursor, {line.trace for line in differing.lines if line.trace is not None})
        waiting = [line for line in differing.lines if line.trace is not None and line.trace not in keys]
        joining = [line for line in differing.lines if line.trace is None or line.trace in keys]
        insert(cursor, joining, keys)
        skip_numbers(cursor, reading.newest)
        found.broken = reading.broken
        if reading.broken:  # what can be read is in the database or waits: both go into a chain that is whole again
            found.aside, reading = _put_aside(store.path, path, "damaged"), Reading(torn=reading.torn)
            held = [(x.kind, x.number, x.trace, orjson.dumps(x.row).decode()) for x in waiting]
            differing = differing._replace(entries=[*find_difference(cursor, ()).entries, *held])
        journal = Journal(path, End(reading.count, reading.newest, reading.head, reading.size))
        undo.callback(journal.close)
        if reading.torn:
            found.torn = journal.cut_torn(reading.torn).name
        journal.append(differing.entries)
        undo.pop_all()
    journal.keep()
    found.joined = len(joining)
    return Journaling(journal, found, waiting)


def _put_aside(database: Path, path: Path, why: str) -> str:
    kept = journal_of(aside(database, why))
    path.replace(kept)
    to_disk(path.parent)
    return kept.name
