"""Watch a folder: files that are new or have grown are imported as any others, one by one, and nothing twice.

A log that is still written is taken up to its last whole line. Every other file is taken when it was left alone from one
look to the next. A file is read from its beginning each time: only so do equal lines keep the ids they had. What cannot
be read is noted and left until it changes; the other files go on.
"""

import contextlib
import logging
import tempfile
import threading
from collections.abc import Callable, Generator
from pathlib import Path
from typing import IO, BinaryIO, NamedTuple, cast

import orjson

from core.errors import AppError, InputError
from core.importers import Source, sources_in
from core.importers.base import storable
from core.store import watched
from core.store.connection import Store
from core.store.watched import State, Taken
from core.workflows.importing import ImportOptions, ImportReport, import_sources

__all__ = ["SECONDS_TO_END", "FolderWatch", "Taken", "list_taken", "watching"]

log = logging.getLogger(__name__)

SECONDS_TO_END = 2
"""How long the end of the program waits for what is under way."""

LINES = (".jsonl", ".ndjson")
"""Endings of logs that grow line by line."""
BLOCK = 1 << 20
IN_MEMORY = 32 * BLOCK
LONGEST_LINE = 64 * BLOCK


class FolderWatch:
    """A folder, and how its files were at the last look.

    Raises:
        InputError: there is no such folder.
    """

    def __init__(self, folder: Path, options: ImportOptions | None = None) -> None:
        if not folder.is_dir():
            raise InputError(f"{folder.name or folder} is no folder.", "Name a folder that holds logs.")
        self._folder, self._options = folder, options or ImportOptions()
        self._before: dict[str, State] = {}

    def look(self, store: Store, *, all_of_it: bool = False) -> list[Taken]:
        """Import what is new and say what came of it; with `all_of_it` every file as it now is."""
        with store.read() as cursor:
            done = watched.find_states(cursor)
        found: list[Taken] = []
        for path in _files(self._folder):
            name = storable(path.relative_to(self._folder).as_posix())
            try:
                held = path.stat()
                state = State(held.st_size, held.st_mtime_ns)
                is_quiet = all_of_it or self._before.get(name) == state
                self._before[name] = state
                if done.get(name) == state:
                    continue
                size = whole_size(path, state.size, is_quiet=is_quiet)
            except OSError as problem:  # gone, or not to be read
                found += self._refused(store, name, State(-1, 0), done, problem.strerror or str(problem))
                continue
            taken = done.get(name)
            if size == 0 or (taken is not None and taken.size == size and state.size != size):
                continue  # nothing whole came to what was taken
            found.append(self._take(store, path, name, State(size, state.changed_ns)))
        return found

    def _take(self, store: Store, path: Path, name: str, state: State) -> Taken:
        report: ImportReport | None = None
        said: str | None = None
        try:
            with tempfile.SpooledTemporaryFile(max_size=IN_MEMORY) as copy, path.open("rb") as raw:
                _copy(raw, cast(BinaryIO, copy), state.size)
                folder = path.absolute().parent.name
                with Source.from_stream(path.name, cast(BinaryIO, copy), folder=folder) as source:
                    report = import_sources(store, [source], self._options)
        except AppError as problem:
            said = problem.message
        except OSError as problem:
            said = problem.strerror or str(problem)
        except Exception as problem:
            # One file must not keep the others from being taken; what went wrong stands in the log.
            log.exception("watched: %s", name)
            said = f"a fault of the program ({type(problem).__name__})"
        return _noted(store, name, state, report, said)

    def _refused(self, store: Store, name: str, state: State, done: dict[str, State], why: str) -> list[Taken]:
        return [] if done.get(name) == state else [_noted(store, name, state, None, why)]


@contextlib.contextmanager
def watching(watch: FolderWatch | None, store: Callable[[], Store], every: float) -> Generator[None]:
    """Look at a folder every so many seconds while the block runs; its last look ends before the block is left."""
    if watch is None:
        yield
        return
    stopping = threading.Event()

    def look() -> None:
        while not stopping.is_set():
            try:
                for taken in watch.look(store()):
                    said = taken.problem or f"{taken.added} new, {taken.updated} updated, {taken.bad} bad"
                    log.info("watched: %s: %s", taken.file, said)
            except AppError as problem:
                log.warning("the folder could not be looked at: %s", problem)
            except Exception as problem:  # noqa: BLE001 - in a thread of its own nobody would hear that it ended
                log.error("the folder could not be looked at: %s", type(problem).__name__)
            stopping.wait(every)

    thread = threading.Thread(target=look, name="watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(SECONDS_TO_END)


def list_taken(store: Store, *, limit: int = 50) -> list[Taken]:
    """What was done with watched files, the newest first."""
    with store.read() as cursor:
        return watched.find_taken(cursor, limit=limit)


def whole_size(path: Path, size: int, *, is_quiet: bool) -> int:
    """How many bytes of a file can be taken: all of one that is left alone, of a growing log its whole lines.

    The last line of a log needs no line end where it is whole as it is.
    """
    if path.suffix.lower() not in LINES:
        return size if is_quiet else 0
    with path.open("rb") as log:
        end, tail = size, b""
        while end > 0 and len(tail) < LONGEST_LINE:
            start = max(0, end - BLOCK)
            log.seek(start)
            block = log.read(end - start)
            place = block.rfind(b"\n")
            if place >= 0:
                tail, end = block[place + 1 :] + tail, start + place + 1
                break
            tail, end = block + tail, start
    return size if is_quiet and _is_whole(tail) else end


def _is_whole(line: bytes) -> bool:
    if not line.strip():
        return True
    try:
        orjson.loads(line)
    except ValueError:
        return False
    return True


class _Counts(NamedTuple):
    import_id: int | None = None
    added: int = 0
    updated: int = 0
    bad: int = 0


def _noted(store: Store, name: str, state: State, report: ImportReport | None, problem: str | None) -> Taken:
    counts = _Counts() if report is None else _Counts(report.import_id, report.added, report.updated, report.bad)
    with store.write() as cursor:
        watched.add_taken(cursor, name, state, **counts._asdict(), problem=problem)
        return watched.find_taken(cursor, limit=1)[0]


def _copy(log: IO[bytes], to: IO[bytes], size: int) -> None:
    while size > 0 and (block := log.read(min(BLOCK, size))):
        to.write(block)
        size -= len(block)
    to.seek(0)


def _files(folder: Path) -> list[Path]:
    """The visible files of a folder; what stops being one while it is looked at is no file."""
    try:
        return sources_in(folder) if folder.is_dir() else []
    except OSError:
        return []
