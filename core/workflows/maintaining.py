"""Keep a database safe: copy it, bring a copy back, and examine it."""

import contextlib
import os
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

from core.errors import InputError, StoreUnreadableError, UsageError
from core.store import maintenance, migrate
from core.store.connection import IN_MEMORY, Store
from core.store.files import aside, copy_file, journal_of, to_disk, wal_of
from core.store.journaling import Comparison, compare
from core.store.maintenance import Check, Health
from core.workflows.splitting import find_crossing

__all__ = ["Backup", "Check", "Examination", "Health", "Restored", "back_up", "examine", "restore"]

STAYS = (
    "They stay as they were assigned until an import changes one of their twins, and a judge that knows the one looks better on"
    " the other than it is: save a new version with other examples, and say of its agreement that these traces are in it."
)


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
    """The health of a database, its place in the line of schemas, and its journal (None where it is in memory)."""

    schema: int
    newest_schema: int
    health: Health
    journal: Comparison | None
    twins: str | None
    """Which traces in use are twins of one in another split, and what that means: no fault of the database; None where none is."""


def back_up(store: Store, target: Path) -> Backup:
    """Copy the database and its journal to new files while it is open; nobody can write meanwhile.

    Raises:
        UsageError: the file exists, or the database is in memory only.
        InputError: it cannot be written.
    """
    if store.path == IN_MEMORY:
        raise UsageError("A database in memory has no file.", "Name one with --db.")
    for taken in (target, journal_of(target)):
        if taken.exists():
            raise UsageError(f"{taken.name} exists already and was not touched.", "Name a new file for the backup.")
    partial = target.with_name(f"{target.name}.partial")
    try:
        with store.import_lock, store.writing():
            store.checkpoint()
            copy_file(store.path, partial)
            if journal_of(store.path).exists():
                copy_file(journal_of(store.path), journal_of(partial))
        counts = _counted(partial)
        partial.replace(target)
        if journal_of(partial).exists():
            journal_of(partial).replace(journal_of(target))
    finally:
        partial.unlink(missing_ok=True)
        journal_of(partial).unlink(missing_ok=True)
        wal_of(partial).unlink(missing_ok=True)
    to_disk(target.parent)
    return Backup(file=target.name, size=target.stat().st_size, counts=counts)


def restore(database: Path, backup: Path) -> Restored:
    """Put a backup with its journal in the place of a database, which is kept with its own under a name with the time.

    Were it cut short, the database at hand makes its journal anew: there is never one beside it that is not its own.

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
        if wal_of(backup).is_file():
            _copy(wal_of(backup), wal_of(arriving))
        if journal_of(backup).is_file():
            _copy(journal_of(backup), journal_of(arriving))
        try:
            counts = _counted(arriving)
        except StoreUnreadableError as problem:
            if arriving.name not in str(problem):
                raise
            raise StoreUnreadableError(
                f"{backup.name} is damaged, or not a database that this program can read.",
                "Name a backup made by `passfail backup`.",
            ) from problem
        if wal_of(arriving).exists():
            raise InputError("There is no room to bring the backup back.", "Free some space on the disk and try again.")
        kept = _keep(database)
        arriving.replace(database)
        if journal_of(arriving).exists():
            journal_of(arriving).replace(journal_of(database))
    finally:
        arriving.unlink(missing_ok=True)
        journal_of(arriving).unlink(missing_ok=True)
        wal_of(arriving).unlink(missing_ok=True)
    to_disk(database.parent)
    return Restored(counts=counts, kept=kept)


def examine(store: Store) -> Examination:
    """Read the whole database, check what must hold, and say what it holds."""
    health = maintenance.examine(store)
    whole = not any(check.faults and check.name.endswith("can be read") for check in health.checks)
    journal = compare(store) if whole else None
    return Examination(
        schema=migrate.schema_version(store),
        newest_schema=migrate.migrations()[-1].version,
        health=replace(health, checks=[*health.checks, *_of_journal(journal)]),
        journal=journal,
        twins=_twins(store) if whole else None,
    )


def _twins(store: Store) -> str | None:
    """Twins that were assigned when less was known to make traces twins."""
    with store.snapshot() as cursor:
        found = find_crossing(cursor)
    if not found:
        return None
    named = ", ".join(
        f"{one.trace.id} in {one.trace.split} is a twin of {one.twin.id} in {one.twin.split}" for one in found[:3]
    )
    n = "1 trace is" if len(found) == 1 else f"{len(found):,} traces are"
    return f"{n} in use though a twin is in another split: {named}{', …' if len(found) > 3 else ''}. {STAYS}"


def _of_journal(journal: Comparison | None) -> list[Check]:
    if journal is None:
        return []
    traces = dict.fromkeys(line.trace or line.kind for line in journal.only_in_journal)
    return [
        Check(
            "every line of the journal is what was written and follows on the one before",
            len(journal.broken),
            ", ".join(f"line {line}" for line in journal.broken[:5]),
        ),
        Check("every event of the database is in the journal", journal.only_in_database),
        Check(
            "every event of the journal is in the database; those of traces that are not here wait for an import",
            len(journal.only_in_journal),
            ", ".join([*traces][:5]),
        ),
    ]


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
    kept = aside(database, "replaced")
    for part, name in ((journal_of(database), journal_of(kept)), (wal_of(database), wal_of(kept))):
        if part.exists():
            part.replace(name)
    if not database.exists():
        return journal_of(kept) if journal_of(kept).exists() else None
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
