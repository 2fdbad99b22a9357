"""What was done against a failure category, and since when; as events."""

from datetime import UTC, datetime
from typing import NamedTuple

from core.store.connection import Cursor, next_event, one

ADD = "insert into fixes values (?, ?, ?, ?, ?, ?, ?, false, ?, ?, null)"
REMOVE = """insert into fixes
    select ?, fix_id, category_id, what, since, dimension, value, true, ?, ?, event from current_fixes where event = ?"""
CURRENT = """select event, category_id, what, since, dimension, value, made_by, made_at from current_fixes
    where category_id = ? order by event desc"""


class Fix(NamedTuple):
    """Something that was done: it holds from a moment on, or where a dimension has a value."""

    event: int
    category_id: int
    what: str
    since: datetime | None
    dimension: str | None
    value: str | None
    by: str
    at: datetime


def add_fix(
    cursor: Cursor,
    *,
    category_id: int,
    what: str,
    since: datetime | None,
    dimension: str | None,
    value: str | None,
    by: str,
) -> int:
    """Log a fix and return its event."""
    event = next_event(cursor)
    number = one(cursor, "select coalesce(max(fix_id), 0) + 1 from fixes")
    now = datetime.now(UTC).replace(tzinfo=None)
    cursor.execute(ADD, [event, number, category_id, what, since, dimension, value, by, now])
    return event


def remove_fix(cursor: Cursor, event: int, *, by: str) -> None:
    """Take a fix off the log by one more event."""
    cursor.execute(REMOVE, [next_event(cursor), by, datetime.now(UTC).replace(tzinfo=None), event])


def find_fixed(cursor: Cursor) -> set[int]:
    """The failure categories against which something was done."""
    return {row[0] for row in cursor.execute("select distinct category_id from current_fixes").fetchall()}


def find_fixes(cursor: Cursor, category_id: int) -> list[Fix]:
    """What was done against a category, the newest first."""
    return [Fix(*row) for row in cursor.execute(CURRENT, [category_id]).fetchall()]
