"""Settings of the project, as events; the newest value of a name counts."""

from datetime import UTC, datetime
from typing import NamedTuple

from core.store.connection import Cursor, next_event

PRINCIPAL = "principal expert"
"""The labeler whose verdicts are the truth; others' are second opinions."""

SAID = """select name, value, made_by, made_at from settings where starts_with(name, ?)
    qualify row_number() over (partition by name order by event desc) = 1 order by event"""


class Said(NamedTuple):
    """The newest value of a setting, with who set it and when."""

    name: str
    value: str
    by: str
    at: datetime


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


def find_said(cursor: Cursor, prefix: str) -> list[Said]:
    """As `find_settings`, with who set them and when; the oldest first."""
    return [Said(*row) for row in cursor.execute(SAID, [prefix]).fetchall() if row[1]]
