"""Opens a database for a whole process, bringing its schema up to date."""

from pathlib import Path

from core.errors import StoreUnreadableError
from core.store.connection import IN_MEMORY, Store
from core.store.journaling import keep_journal
from core.store.migrate import migrate

__all__ = ["DEFAULT_DATABASE", "Store", "open_store"]

DEFAULT_DATABASE = Path("passfail.duckdb")


def open_store(path: Path, *, create: bool = True) -> Store:
    """The store in this file, made when missing.

    Raises:
        StoreBusyError: another process holds it.
        StoreUnreadableError: it is missing (with `create` false), newer than this program, or no database.
    """
    if path != IN_MEMORY and not path.exists() and not create:
        raise StoreUnreadableError(
            f"There is no database {path.name} in this folder.",
            "Import a file first (`passfail import FILE`), or name the database with --db.",
        )
    store = Store(path)
    try:
        migrate(store)
        if path != IN_MEMORY:
            keep_journal(store)
    except BaseException:
        store.close()
        raise
    return store
