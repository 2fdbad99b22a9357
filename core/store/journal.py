"""The journal: a file beside the database, one line for each thing that a person did by hand; lines are only added.

A line is one JSON object: `kind` (the table), `number` (of the event), `more` (how many lines of the same transaction
follow), `prev` (the hash of the line before), `trace` (its id, or null), `row`, and last `hash`, the SHA-256 of all that
stands before it. So a line that was changed, lost or moved breaks the chain.
"""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson

from core.store.connection import unwritable
from core.store.files import to_disk

START: Final = "0" * 64
"""What the first line names as the hash of the one before."""

PREV: Final = b',"prev":"'
HASH: Final = b',"hash":"'
TAIL: Final = len(HASH) + 64 + len(b'"}')


class Line(NamedTuple):
    """One event: its table, its number, the id of the trace it speaks of, and its row."""

    kind: str
    number: int
    trace: str | None
    row: dict[str, Any]


Entry = tuple[str, int, str | None, str]
"""A line to be written: as above, the row as JSON."""


@dataclass(slots=True)
class Reading:
    """A whole journal: what can be read of it, the numbers of the lines that break the chain, and an end that was not
    written whole: half a line, or lines of a transaction of which others are missing."""

    lines: list[Line] = field(default_factory=list[Line])
    count: int = 0
    broken: list[int] = field(default_factory=list[int])
    torn: bytes = b""
    head: str = START
    size: int = 0
    """Bytes up to the end of the last whole line."""

    @property
    def newest(self) -> int:
        """The highest number; 0 for an empty journal."""
        return max((line.number for line in self.lines), default=0)


class End(NamedTuple):
    """The end of a journal, read without the rest."""

    lines: int
    newest: int
    head: str
    size: int
    last: Line | None = None


def read_journal(path: Path) -> Reading:
    """Read and check every line; a missing file is an empty journal. A broken line is left out, later ones are kept."""
    found = Reading()
    data = path.read_bytes() if path.exists() else b""
    *whole, found.torn = data.split(b"\n")
    whole, found.torn = _whole_transactions(whole, found.torn)
    found.count, found.size = len(whole), len(data) - len(found.torn)
    trusted = True
    for place, raw in enumerate(whole, 1):
        checked = _checked(raw)
        if checked is None:
            found.broken.append(place)
            trusted = False  # the next line cannot be held against this one
            continue
        line, prev, own = checked
        if trusted and prev != found.head:
            found.broken.append(place)
        found.lines.append(line)
        found.head, trusted = own, True
    return found


def _whole_transactions(lines: list[bytes], torn: bytes) -> tuple[list[bytes], bytes]:
    """The lines without those at the end whose transaction is not whole; they go before the torn part."""
    kept = len(lines)
    while kept and _more(lines[kept - 1]):
        kept -= 1
    return lines[:kept], b"".join(line + b"\n" for line in lines[kept:]) + torn


def _more(line: bytes) -> bool:
    """Whether other lines of the same transaction follow on this one."""
    return _checked(line) is not None and bool(orjson.loads(line)["more"])


def read_end(path: Path) -> End | None:
    """The end of a journal whose chain is whole, without reading what its lines say; None where it is not whole."""
    head, count, newest, size, last, checked = START, 0, 0, 0, b"", None
    if path.exists():
        with path.open("rb") as stream:
            for raw in stream:
                start = raw.find(PREV) + len(PREV)
                own = raw[-TAIL - 1 + len(HASH) : -3]
                if raw[start : start + 64] != head.encode() or _hash(raw[: -TAIL - 1]).encode() != own:
                    return None
                head, count, last, size = own.decode(), count + 1, raw, size + len(raw)
        checked = _checked(last[:-1]) if count else None
        if count and (checked is None or _more(last[:-1])):
            return None
        newest = checked[0].number if checked else 0
    return End(count, newest, head, size, checked[0] if count and checked else None)


def _hash(start: bytes) -> str:
    """Of a line up to its own hash."""
    return hashlib.sha256(start + b"}").hexdigest()


def _checked(raw: bytes) -> tuple[Line, str, str] | None:
    """A line, the hash it follows and its own; None where it is not what was written."""
    own = _hash(raw[:-TAIL])
    if raw[-TAIL:] != HASH + own.encode() + b'"}':
        return None
    read = orjson.loads(raw)
    return Line(read["kind"], read["number"], read["trace"], read["row"]), read["prev"], own


class Journal:
    """An open journal. One process has it, the one that has the database; every call is under the write lock.

    Raises:
        StoreUnwritableError: the file cannot be opened for writing.
    """

    def __init__(self, path: Path, end: End) -> None:
        self.path = path
        self._head: str = end.head
        self.newest: int = end.newest
        self._size: int = end.size
        self._former = (self._head, self.newest, self._size)
        self._spoiled = False
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
        try:
            self._handle = os.open(path, flags, 0o666)
        except OSError as problem:
            raise unwritable(problem.strerror, path) from problem
        to_disk(path.parent)

    def close(self) -> None:
        """Let the file go."""
        os.close(self._handle)
        self._handle = -1  # a number that no other file gets

    def append(self, entries: Sequence[Entry]) -> None:
        """Write the lines of a transaction and wait until the disk has them; all or none.

        Raises:
            StoreUnwritableError: the disk is full; nothing of it is left.
        """
        self.keep()
        head, newest, written = self._head, self.newest, bytearray()
        for more, (kind, number, trace, row) in zip(range(len(entries) - 1, -1, -1), entries, strict=True):
            named = "null" if trace is None else orjson.dumps(trace).decode()
            start = f'{{"kind":"{kind}","number":{number},"more":{more}'
            body = f'{start},"prev":"{head}","trace":{named},"row":{row}'.encode()
            head = _hash(body)
            written += b'%b,"hash":"%b"}\n' % (body, head.encode())
            if number > newest:
                newest = number
        if not written:
            return
        self._head, self.newest, self._size = head, newest, self._size + len(written)
        try:
            if self._spoiled:
                raise OSError(0, "a line could not be taken back; start the program again")
            left = memoryview(written)
            while left:
                left = left[os.write(self._handle, left) :]
            os.fsync(self._handle)
        except OSError as problem:
            self.take_back()
            raise unwritable(problem.strerror, self.path) from problem

    def keep(self) -> None:
        """The database took what was appended: it is never taken back from now on."""
        self._former = (self._head, self.newest, self._size)

    def take_back(self) -> None:
        """Cut off what the last `append` wrote, where the database did not take it: nobody was told it is stored."""
        if self._size == self._former[2]:
            return
        self._head, self.newest, self._size = self._former
        try:
            os.ftruncate(self._handle, self._size)
            os.fsync(self._handle)
        except OSError:
            self._spoiled = True

    def cut_torn(self, torn: bytes) -> Path:
        """Move an end that was not written whole into a file of its own, which is returned."""
        kept = self.path.with_name(f"{self.path.name}.torn")
        try:
            with kept.open("ab") as stream:
                stream.write(torn + b"\n")
                stream.flush()
                os.fsync(stream.fileno())
            os.ftruncate(self._handle, self._size)
        except OSError as problem:
            raise unwritable(problem.strerror, self.path) from problem
        return kept
