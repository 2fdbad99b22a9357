"""Keep a database safe: copy it, bring a copy back, and examine it."""

import contextlib
import os
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from core.errors import InputError, StoreUnreadableError, UsageError
from core.store import maintenance, migrate
from core.store.connection import IN_MEMORY, Store
from core.store.files import copy_file
from core.store.maintenance import Check, Health

__all__ = ["Backup", "Check", "Examination", "Health", "Restored", "back_up", "examine", "restore"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Backup:
    """A finished copy: its name, its size in bytes, and what it holds."""

    file: str
    size: int
    counts: dict[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Restored:
    """A database brought back, what it holds, and where the one it replaced is kept (None where there was none)."""

    counts: dict[str, int]
    kept: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Examination:
    """The health of a database and its place in the line of schemas."""

    schema: int
    newest_schema: int
    health: Health


def back_up(store: Store, target: Path) -> Backup:
    """Copy the database to a new file while it is open; nobody can write meanwhile.

    Raises:
        UsageError: the file exists, or the database is in memory only.
        InputError: it cannot be written.
    """
    if store.path == IN_MEMORY:
        raise UsageError("A database in memory has no file.", "Name one with --db.")
    if target.exists():
        raise UsageError(f"{target.name} exists already and was not touched.", "Name a new file for the backup.")
    partial = target.with_name(f"{target.name}.partial")
    try:
        with store.import_lock, store.writing():
            store.checkpoint()
            copy_file(store.path, partial)
        counts = _counted(partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
        _wal(partial).unlink(missing_ok=True)
    _to_disk(target.parent)
    return Backup(file=target.name, size=target.stat().st_size, counts=counts)


def restore(database: Path, backup: Path) -> Restored:
    """Put a backup in the place of a database, which is kept beside it under a name with the time.

    Raises:
        InputError: there is no such file, or it cannot be copied.
        StoreUnreadableError: it is no database of this program, is damaged, or was made by a newer version.
        StoreBusyError: another process holds the database or the backup.
    """
    if not backup.is_file():
        raise InputError(f"There is no file {backup.name}.", "Name a backup made by `passfail backup`.")
    if database.exists() and database.samefile(backup):
        raise UsageError("The backup is the database itself.", "Name another file, or another database with --db.")
    _close_current(database)
    arriving = database.with_name(f"{database.name}.restoring")
    try:
        _copy(backup, arriving)
        if _wal(backup).is_file():
            _copy(_wal(backup), _wal(arriving))
        counts = _counted(arriving)
        kept = _keep(database)
        arriving.replace(database)
    finally:
        arriving.unlink(missing_ok=True)
        _wal(arriving).unlink(missing_ok=True)
    _to_disk(database.parent)
    return Restored(counts=counts, kept=kept)


def examine(store: Store) -> Examination:
    """Read the whole database, check what must hold, and say what it holds."""
    return Examination(
        schema=migrate.schema_version(store),
        newest_schema=migrate.migrations()[-1].version,
        health=maintenance.examine(store),
    )


def _counted(path: Path) -> dict[str, int]:
    """What a copy holds; raises where it is not a whole database that this program can open."""
    copy = Store(path)
    try:
        held, newest = migrate.schema_version(copy), migrate.migrations()[-1].version
        if held > newest:
            raise StoreUnreadableError(
                f"The backup was made by a newer version (schema {held}, this one knows {newest}). Nothing changed.",
                "Update passfail.",
            )
        if held == 0:
            raise StoreUnreadableError(
                "The file is not a database of this program.", "Name a backup made by `passfail backup`."
            )
        if held < newest:
            return {}
        health = maintenance.examine(copy)
    finally:
        copy.close()
    damaged = [check for check in health.checks if check.faults and check.name.endswith("can be read")]
    if damaged:
        raise StoreUnreadableError(
            f"The copy is damaged: {damaged[0].examples}", "Nothing was changed; use another backup."
        )
    return health.counts


def _close_current(database: Path) -> None:
    """Make sure that nobody uses the database, and that its file is complete."""
    if not database.exists():
        return
    with contextlib.suppress(StoreUnreadableError):
        Store(database).close()


def _keep(database: Path) -> Path | None:
    """Move a database and what belongs to it out of the way."""
    if not database.exists():
        return None
    now = datetime.now(UTC)
    kept = database.with_name(f"{database.stem}.replaced-{now:%Y%m%dT%H%M%S%f}{database.suffix}")
    if _wal(database).exists():
        _wal(database).replace(_wal(kept))
    try:
        os.link(database, kept)  # the database itself stays in place until the other one takes it
    except OSError:
        database.replace(kept)
    return kept


def _copy(source: Path, target: Path) -> None:
    try:
        shutil.copyfile(source, target)
    except OSError as problem:
        reason = problem.strerror or "it cannot be read"
        raise InputError(
            f"{source.name} cannot be copied: {reason}.", "Check the permissions and the free space."
        ) from problem


def _wal(path: Path) -> Path:
    """The write-ahead log that DuckDB keeps beside a file."""
    return path.with_name(f"{path.name}.wal")


def _to_disk(folder: Path) -> None:
    """Make new names in a folder last through a power cut, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
