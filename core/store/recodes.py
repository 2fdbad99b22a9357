"""Traces that want a second look because their category was split or got another definition."""

from datetime import UTC, datetime
from typing import NamedTuple

from core.store.connection import Cursor, next_event

ADD = "insert into recodes values (?, ?, ?, ?, false, ?, ?, null)"
DONE = """insert into recodes
    select ?, trace_key, category_id, reason, true, ?, ?, event from current_recodes where event = ?"""
OPEN = """select r.event, r.trace_key, t.id, r.category_id, r.reason
    from current_recodes r join traces t using (trace_key)
    where (r.trace_key, r.category_id) in (select (trace_key, category_id) from current_assignments)
      and r.category_id in (select category_id from current_categories)
    order by r.event"""

SPLIT = "split"
REDEFINED = "redefined"


class Recode(NamedTuple):
    """A trace that is in a category and whether it still belongs there has to be said again."""

    event: int
    trace_key: int
    trace_id: str
    category_id: int
    reason: str


def add_recode(cursor: Cursor, *, trace_key: int, category_id: int, reason: str, by: str) -> None:
    """Ask for a second look at a trace."""
    now = datetime.now(UTC).replace(tzinfo=None)
    cursor.execute(ADD, [next_event(cursor), trace_key, category_id, reason, by, now])


def end_recode(cursor: Cursor, event: int, *, by: str) -> None:
    """Note that the second look was taken."""
    cursor.execute(DONE, [next_event(cursor), by, datetime.now(UTC).replace(tzinfo=None), event])


def find_recodes(cursor: Cursor) -> list[Recode]:
    """All that still wait, the oldest first: of traces that are still in the category."""
    return [Recode(*row) for row in cursor.execute(OPEN).fetchall()]
