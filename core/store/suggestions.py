"""Suggested categories, as events: proposed by an algorithm or a model, then accepted or refused by a person."""

from datetime import UTC, datetime
from typing import NamedTuple

from core.store.connection import Cursor, next_event, one

ADD = """insert into suggestions
    select ?, ?, ?, ?, ?, ?, ?, ?, ?, 'proposed', ?, ?, (
        select max(event) from current_suggestions where trace_key = ? and state = 'proposed')"""
ANSWER = """insert into suggestions
    select ?, suggestion_id, run_id, trace_key, label_event, coalesce(?, category_id), name, definition, source, ?, ?, ?, event
    from current_suggestions where event = ? and state = 'proposed'"""
OPEN = """select s.event, s.run_id, s.trace_key, s.category_id, s.name, s.definition, s.source
    from current_suggestions s
    where s.state = 'proposed' and s.label_event in (select event from current_labels)
      and s.trace_key not in (select trace_key from current_assignments
                              where category_id in (select category_id from current_categories))
    order by s.event"""
ANSWERED = """select count(*) filter (state = 'accepted'), count(*) from current_suggestions
    where state in ('accepted', 'refused')"""


class Proposed(NamedTuple):
    """A suggestion that waits for an answer; without a category it proposes a new one of this name."""

    event: int
    run_id: int
    trace_key: int
    category_id: int | None
    name: str
    definition: str
    source: str


def next_run(cursor: Cursor) -> int:
    """The number of a new run."""
    return one(cursor, "select coalesce(max(run_id), 0) + 1 from suggestions")


def add_suggestion(
    cursor: Cursor, *, run_id: int, trace_key: int, label_event: int, category_id: int | None, name: str,
    definition: str, source: str, by: str,
) -> None:  # fmt: skip
    """Propose a category for a trace; what was proposed for it before is replaced."""
    number = one(cursor, "select coalesce(max(suggestion_id), 0) + 1 from suggestions")
    said = [run_id, trace_key, label_event, category_id, name, definition, source]
    cursor.execute(ADD, [next_event(cursor), number, *said, by, datetime.now(UTC).replace(tzinfo=None), trace_key])


def answer(cursor: Cursor, event: int, *, state: str, by: str, category_id: int | None = None) -> None:
    """Note that a proposal was accepted (into which category) or refused."""
    now = datetime.now(UTC).replace(tzinfo=None)
    cursor.execute(ANSWER, [next_event(cursor), category_id, state, by, now, event])


def find_proposed(cursor: Cursor) -> list[Proposed]:
    """What waits for an answer: of traces that are in no category and whose critique is still the one that was read."""
    return [Proposed(*row) for row in cursor.execute(OPEN).fetchall()]


def count_answered(cursor: Cursor) -> tuple[int, int]:
    """How many were accepted, and how many were answered."""
    accepted, answered = cursor.execute(ANSWERED).fetchone() or (0, 0)
    return accepted, answered
