"""Opens a database for a whole process: at the newest schema, in step with its journal, made anew where it was lost."""

from pathlib import Path

from core.errors import StoreDamagedError, StoreUnreadableError
from core.store.connection import IN_MEMORY, Store
from core.store.files import aside, journal_of, to_disk, wal_of
from core.store.journaling import journal_in, keep_journal
from core.store.migrate import migrate

__all__ = ["DEFAULT_DATABASE", "Store", "awaited", "open_store", "told"]

DEFAULT_DATABASE = Path("passfail.duckdb")


def open_store(path: Path, *, create: bool = True) -> Store:
    """The store in this file, made when missing. `told` has what there is to say about what was found.

    A damaged database that has a journal beside it is moved out of the way, its log alone first, and what people
    did by hand comes back from the journal: at once, or when the traces it speaks of are imported again.

    Raises:
        StoreBusyError: another process holds it.
        StoreUnreadableError: it is missing (with `create` false), newer than this program, or no database.
        StoreUnwritableError: it has to be brought in step with its journal, and the disk is full.
    """
    if path == IN_MEMORY:
        return _opened(path)
    known = journal_of(path).is_file() and journal_of(path).stat().st_size > 0
    missing = not path.exists()
    if missing and not create and not known:
        raise StoreUnreadableError(
            f"There is no database {path.name} in this folder.",
            "Import a file first (`passfail import FILE`), or name the database with --db.",
        )
    kept: list[Path] = []
    for part in (wal_of(path), path) if known else ():
        if not part.exists():
            continue
        try:
            store = _opened(path)
        except StoreDamagedError:
            if part.exists():  # a log may be gone by the attempt to open it
                kept.append(_move_aside(path, part))
        else:
            break
    else:
        store = _opened(path)
    if (journal := journal_in(store)) is not None:
        journal.found.missing, journal.found.kept = missing and known, kept
    return store


def told(store: Store) -> list[str]:
    """What somebody should know of how the database was found, and of what is missing still; nothing when all is well."""
    journal = journal_in(store)
    if journal is None:
        return []
    found, name = journal.found, store.path.name
    said: list[str] = []
    if found.missing:
        said.append(f"{name} was not there; a new one was made from its journal.")
    for kept in found.kept:
        if kept.name.endswith(".wal"):
            said.append(f"The log of the last changes of {name} was damaged; it is kept as {kept.name}.")
        else:
            said.append(f"{name} was damaged; it is kept as {kept.name}, and a new one was made.")
    if found.foreign:
        said.append(f"The journal beside {name} was that of another database; it is kept as {found.foreign}.")
    if found.torn:
        said.append(f"A line of the journal that was never finished is kept in {found.torn}.")
    if found.broken:
        said.append(
            f"Line {found.broken[0]:,} of {journal.path.name} was not what had been written. All that could be read is"
            f" here and in a new journal; keep {found.aside}, and hold a backup against it if a label is missing."
        )
    if found.joined:
        said.append(f"Back from the journal: {found.joined:,} of what people had done by hand.")
    return [*said, *filter(None, [awaited(store)])]


def awaited(store: Store) -> str:
    """What people did by hand and what traces it waits for, as a sentence; empty where nothing waits."""
    journal = journal_in(store)
    if journal is None or not (waiting := journal.waiting):
        return ""
    return (
        f"{sum(waiting.values()):,} labels and other events wait for {len(waiting):,} traces that are not here:"
        " import the files of these traces again, and they are back."
    )


def _opened(path: Path) -> Store:
    store = Store(path)
    try:
        migrate(store)
        if path != IN_MEMORY:
            keep_journal(store)
    except BaseException:
        store.close()
        raise
    return store


def _move_aside(database: Path, part: Path) -> Path:
    kept = aside(database, "damaged")
    if part != database:
        kept = wal_of(kept)
    part.replace(kept)
    to_disk(database.parent)
    return kept
