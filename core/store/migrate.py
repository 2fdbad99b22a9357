"""Brings a database to the newest schema: numbered SQL files, each applied in one transaction with its record."""

from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from core.errors import StoreUnreadableError
from core.store.connection import IN_MEMORY, Store, one, rows
from core.store.files import copy_file

SCHEMA_FOLDER = Path(__file__).parent / "schema"

HAS_RECORD = (
    "select count(*) from duckdb_tables() where database_name = 'passfail' and table_name = 'schema_migrations'"
)
CREATE_RECORD = (
    "create table schema_migrations (version integer primary key, name varchar not null, applied_at timestamp not null)"
)


class Migration(NamedTuple):
    """One step of the schema, from `0001_first.sql`."""

    version: int
    name: str
    sql: str


def migrations(folder: Path = SCHEMA_FOLDER) -> list[Migration]:
    """Every step in order."""
    files = sorted(folder.glob("[0-9]*.sql"))
    return [Migration(int(f.stem[:4]), f.stem[5:], f.read_text(encoding="utf-8")) for f in files]


def schema_version(store: Store) -> int:
    """The newest step applied to this database; 0 for an empty one."""
    with store.read() as cursor:
        if one(cursor, HAS_RECORD) == 0:
            return 0
        return one(cursor, "select max(version) from schema_migrations")


def migrate(store: Store, steps: list[Migration] | None = None) -> list[int]:
    """Apply the steps that are missing and say which; an older database with content is first copied beside itself.

    Raises:
        StoreUnreadableError: the database was made by a newer version, or by another program.
    """
    steps = migrations() if steps is None else steps
    newest, held = steps[-1].version, schema_version(store)
    if held > newest:
        raise StoreUnreadableError(
            f"This database was made by a newer version (schema {held}; this one knows {newest}). It was not touched.",
            "Update passfail.",
        )
    missing = [step for step in steps if step.version > held]
    if not missing:
        return []
    if held == 0:
        _refuse_foreign(store)
    elif store.path != IN_MEMORY:
        store.checkpoint()
        copy_file(store.path, store.path.with_suffix(f".schema{held}.bak"))
    for step in missing:
        with store.write() as cursor:
            if step.version == 1:
                cursor.execute(CREATE_RECORD)
            cursor.execute(step.sql)
            now = datetime.now(UTC).replace(tzinfo=None)
            cursor.execute("insert into schema_migrations values (?, ?, ?)", [step.version, step.name, now])
    return [step.version for step in missing]


def _refuse_foreign(store: Store) -> None:
    with store.read() as cursor:
        tables = rows(cursor, "select table_name from duckdb_tables() where database_name = 'passfail'")
    if tables:
        raise StoreUnreadableError(
            f"{store.path.name} is a DuckDB database of another program (it has a table {tables[0]['table_name']}).",
            "Name another file with --db: passfail makes its own.",
        )
