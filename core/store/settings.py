"""Settings of the project, as events; the newest value of a name counts."""

from datetime import UTC, datetime

from core.store.connection import Cursor, next_event

PRINCIPAL = "principal expert"
"""The labeler whose verdicts are the truth; others' are second opinions."""


def put_setting(cursor: Cursor, name: str, value: str, *, by: str) -> None:
    """Set a name to a value by one more event."""
    now = datetime.now(UTC).replace(tzinfo=None)
    cursor.execute("insert into settings values (?, ?, ?, ?, ?)", [next_event(cursor), name, value, by, now])


def find_setting(cursor: Cursor, name: str) -> str | None:
    """The value of a setting, or None where it is not set or empty."""
    row = cursor.execute("select value from current_settings where name = ?", [name]).fetchone()
    return None if row is None or not row[0] else str(row[0])


def find_settings(cursor: Cursor, prefix: str) -> dict[str, str]:
    """The settings whose names begin so, without empty ones."""
    sql = "select name, value from current_settings where starts_with(name, ?) and value <> ''"
    return dict(cursor.execute(sql, [prefix]).fetchall())
