"""What stands behind failures: the order of reading, the steps that broke, the values that fail more often."""

from typing import NamedTuple

from core.slice import Slice
from core.store.connection import Cursor
from core.store.steps import BREAKS
from core.store.traces import chosen
from core.store.verdicts import labels_of


class Read(NamedTuple):
    """A trace that was read, whether it failed, and the categories it carries, the primary one first."""

    trace_key: int
    failed: bool
    categories: tuple[int, ...]


def find_reading_order(cursor: Cursor, slice_: Slice, reference: str | None) -> list[Read]:
    """The traces with a verdict in the order in which their expert first judged them."""
    clause, labels = chosen(slice_, reference), labels_of(slice_, reference)
    sql = f"""with verdicts as (
            select trace_key, labeler, state from ({labels.sql})
            where state in ('pass', 'fail') and trace_key in ({clause.sql})),
        first_read as (
            select v.trace_key, v.state, min(l.made_at) as at, min(l.event) as event
            from verdicts v join labels l on l.trace_key = v.trace_key and l.labeler = v.labeler
            where l.state in ('pass', 'fail') group by all),
        held as (
            select trace_key, list(category_id order by position, event) as ids from current_assignments
            where category_id in (select category_id from current_categories) group by trace_key)
        select r.trace_key, r.state = 'fail', coalesce(h.ids, [])
        from first_read r left join held h using (trace_key) order by r.at, r.event"""  # noqa: S608 - fixed fragments, bound values
    found = cursor.execute(sql, [*labels.params, *clause.params]).fetchall()
    return [Read(key, failed, tuple(ids)) for key, failed, ids in found]


def count_breaks(cursor: Cursor, slice_: Slice, reference: str | None) -> tuple[dict[tuple[str, str], int], int, int]:
    """Failed traces by last good step and first failure; how many failed in all, and how many have no mark."""
    clause, labels = chosen(slice_, reference), labels_of(slice_, reference)
    sql = f"""with breaks as ({BREAKS.format(labels=labels.sql)})
        select last_good, failed_at, count(*) from breaks where trace_key in ({clause.sql}) group by all"""  # noqa: S608 - fixed fragments, bound values
    cells = {(row[0], row[1]): int(row[2]) for row in cursor.execute(sql, [*labels.params, *clause.params]).fetchall()}
    failed = f"select count(*) from ({labels.sql}) where state = 'fail' and trace_key in ({clause.sql})"  # noqa: S608 - fixed fragments, bound values
    row = cursor.execute(failed, [*labels.params, *clause.params]).fetchone()
    n = int(row[0]) if row else 0
    return cells, n, n - sum(cells.values())


class ValueFailures(NamedTuple):
    """The reviewed traces that have a value of a dimension, and those of them that failed (in the asked way)."""

    dimension: str
    value: str
    reviewed: int
    failed: int


def count_by_value(
    cursor: Cursor, slice_: Slice, reference: str | None, *, category_id: int | None = None
) -> tuple[list[ValueFailures], int, int]:
    """Every value of every dimension with its reviewed and failed traces; and both numbers over all.

    With a category, only failures that carry it count as failed.
    """
    clause, labels = chosen(slice_, reference), labels_of(slice_, reference)
    hit = "state = 'fail'"
    in_category: list[object] = []
    if category_id is not None:
        hit += " and trace_key in (select trace_key from current_assignments where category_id = ?)"
        in_category = [category_id]
    verdicts = f"""with verdicts as materialized (
        select trace_key, {hit} as hit from ({labels.sql})
        where state in ('pass', 'fail') and trace_key in ({clause.sql}))"""  # noqa: S608 - fixed fragments, bound values
    params = [*in_category, *labels.params, *clause.params]
    sql = f"""{verdicts} select v.name, v.value, count(distinct trace_key), count(distinct trace_key) filter (hit)
        from verdicts join trace_dimensions using (trace_key) join dimension_values v using (value_id)
        group by all order by v.name, v.value"""  # noqa: S608 - fixed fragments, bound values
    found = [ValueFailures(*row) for row in cursor.execute(sql, params).fetchall()]
    totals = f"{verdicts} select count(*), count(*) filter (hit) from verdicts"  # noqa: S608 - fixed fragments, bound values
    n, k = cursor.execute(totals, params).fetchone() or (0, 0)
    return found, n, k
