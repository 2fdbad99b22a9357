"""Counts over time: traces, verdicts and failures per day or week, and when the values of a dimension were first seen."""

from datetime import datetime
from typing import NamedTuple

from core.model import Counts
from core.slice import Slice
from core.store.connection import Cursor
from core.store.pivots import COUNTS, FAILED, hits
from core.store.traces import chosen

SPANS = ("day", "week")
"""What time is cut into, in UTC; a week begins on Monday."""

FIRST_SEEN = """select v.value, min(t.started_at) from traces t join trace_dimensions d using (trace_key)
    join dimension_values v using (value_id) where v.name = ? group by v.value"""
DATES = """select max(started_at) filter (where started_at <= $now), min(started_at) filter (where started_at > $now)
    from traces"""


class Dates(NamedTuple):
    """The last date that is not after now, and the first one that is: both None where no trace has such a date."""

    newest: datetime | None
    ahead: datetime | None


class Span(NamedTuple):
    """A day or a week with its counts; start None: the traces that have no time."""

    start: datetime | None
    counts: Counts


def count_spans(
    cursor: Cursor, slice_: Slice, *, span: str, of: str, reference: str | None, until: datetime | None = None
) -> list[Span]:
    """The days or weeks in which a trace of the slice began before `until`, in order, those without a time first."""
    if span not in SPANS:
        raise LookupError(f"time is not cut into {span}")
    keys, hit = chosen(slice_, reference), hits(cursor, FAILED, of, slice_, reference)
    sql = f"""select date_trunc('{span}', t.started_at)::timestamp as start, {COUNTS}
        from traces t left join ({hit.sql}) v on v.trace_key = t.trace_key
        where t.trace_key in ({keys.sql}) and coalesce(t.started_at < ?, true) group by start order by start nulls first"""  # noqa: S608 - fixed fragments, bound values
    found = cursor.execute(sql, [*hit.params, *keys.params, until]).fetchall()
    return [Span(start, Counts(*counts)) for start, *counts in found]


def find_first_seen(cursor: Cursor, dimension: str) -> dict[str, datetime | None]:
    """When the first trace with each value of a dimension began."""
    return dict(cursor.execute(FIRST_SEEN, [dimension]).fetchall())


def find_dates(cursor: Cursor, now: datetime) -> Dates:
    """When the newest trace began, and from when on traces are dated in the future; UTC."""
    return Dates(*(cursor.execute(DATES, {"now": now}).fetchone() or (None, None)))
