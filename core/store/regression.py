"""The regression set: failed traces that a next version is to be tried on, as events."""

from datetime import UTC, datetime
from typing import NamedTuple

from core.store.connection import Cursor, next_event

ADD = """insert into regression_set
    select ?, ?, ?, false, ?, ?, (select max(event) from current_regression_set where trace_key = ?)"""
REMOVE = """insert into regression_set
    select ?, trace_key, expectation, true, ?, ?, event from current_regression_set where trace_key = ?"""
CURRENT = """select trace_key, expectation, made_by, made_at from current_regression_set
    where trace_key in (select unnest(?)) order by trace_key"""


class Kept(NamedTuple):
    """A trace of the set, and what a good answer to it does."""

    trace_key: int
    expectation: str
    by: str
    at: datetime


def add_to_set(cursor: Cursor, trace_key: int, *, expectation: str, by: str) -> None:
    """Put a trace into the set, or say anew what is expected."""
    now = datetime.now(UTC).replace(tzinfo=None)
    cursor.execute(ADD, [next_event(cursor), trace_key, expectation, by, now, trace_key])


def take_from_set(cursor: Cursor, trace_key: int, *, by: str) -> None:
    """Take a trace out of the set by one more event."""
    cursor.execute(REMOVE, [next_event(cursor), by, datetime.now(UTC).replace(tzinfo=None), trace_key])


def find_in_set(cursor: Cursor, keys: list[int]) -> list[Kept]:
    """Which of these traces are in the set."""
    return [Kept(*row) for row in cursor.execute(CURRENT, [keys]).fetchall()]
