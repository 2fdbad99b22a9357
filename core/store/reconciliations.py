"""What experts decided where they saw afterwards that a judge differs: kept, changed, or the rubric is unclear."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from core.store.connection import Cursor, next_event

NEWEST = """select trace_key, arg_max(decision, event) from reconciliations
    where labeler = ? and judge = ? and trace_key in (select unnest(?)) group by trace_key"""

UNCLEAR = """select t.id, r.labeler, r.made_at from (
        select trace_key, labeler, judge, arg_max(decision, event) as decision, max(event) as event,
            arg_max(made_at, event) as made_at
        from reconciliations group by trace_key, labeler, judge) r join traces t using (trace_key)
    where r.decision = 'unclear' order by r.event desc"""


class Unclear(NamedTuple):
    """A trace on which somebody found that the rubric does not say what is right."""

    trace_id: str
    labeler: str
    at: datetime


def add_reconciliation(
    cursor: Cursor, *, trace_key: int, labeler: str, judge: str, decision: str, rubric_version: int | None
) -> int:
    """Add what somebody decided and return the number of the event."""
    event, now = next_event(cursor), datetime.now(UTC).replace(tzinfo=None)
    said = [event, trace_key, labeler, judge, decision, rubric_version, now]
    cursor.execute("insert into reconciliations values (?, ?, ?, ?, ?, ?, ?)", said)
    return event


def find_decisions(cursor: Cursor, keys: Sequence[int], *, labeler: str, judge: str) -> dict[int, str]:
    """Per trace what this person last decided about this judge version's verdict."""
    return dict(cursor.execute(NEWEST, [labeler, judge, list(keys)]).fetchall())


def find_unclear(cursor: Cursor) -> list[Unclear]:
    """Where the rubric was found unclear, the newest first."""
    return [Unclear(*row) for row in cursor.execute(UNCLEAR).fetchall()]
