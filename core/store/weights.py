"""What a weighted count needs: the labels of a slice with how their traces were chosen, and counts by those patterns."""

from collections.abc import Sequence
from typing import NamedTuple

from core.slice import Slice
from core.store.connection import Cursor
from core.store.traces import chosen
from core.store.verdicts import labels_of
from core.store.where import with_choice


class Labelled(NamedTuple):
    """A trace with a verdict: whether it failed, how it was chosen; for a draw by chance which one, how likely."""

    key: int
    failed: bool
    choice: str
    queue_id: int | None
    strategy: str | None
    inclusion: float | None


class PatternCount(NamedTuple):
    """In one cell the traces of one pattern: how many, how many of them failed."""

    row: str | None
    col: str | None
    pattern: int
    judged: int
    failed: int


def any_choice_known(cursor: Cursor) -> bool:
    """Whether any label says how its trace was chosen; where none does, all count the same."""
    sql = (
        "select 1 where exists (select 1 from labels where sampling is not null) or exists (select 1 from queue_items)"
    )
    return cursor.execute(sql).fetchone() is not None


def find_labelled(cursor: Cursor, slice_: Slice, reference: str | None) -> list[Labelled]:
    """The traces of a slice with a verdict of the expert."""
    keys, labels = chosen(slice_, reference), with_choice(labels_of(slice_, reference))
    sql = f"""select l.trace_key, l.state = 'fail', l.choice, l.chance_queue, any_value(i.strategy), any_value(i.inclusion)
        from ({labels.sql}) l left join queue_items i
            on i.queue_id = l.chance_queue and i.trace_key = l.trace_key and i.inclusion is not null
        where l.state in ('pass', 'fail') and l.trace_key in ({keys.sql})
        group by l.trace_key, l.state, l.choice, l.chance_queue"""  # noqa: S608 - fixed fragments, bound values
    return [Labelled(*row) for row in cursor.execute(sql, [*labels.params, *keys.params]).fetchall()]


def count_choices(cursor: Cursor, slice_: Slice, reference: str | None) -> dict[tuple[str, int | None], int]:
    """Verdicts of a slice by how their trace was chosen, and by which queue if by chance."""
    keys, labels = chosen(slice_, reference), with_choice(labels_of(slice_, reference))
    sql = f"""select choice, chance_queue, count(*) from ({labels.sql})
        where state in ('pass', 'fail') and trace_key in ({keys.sql}) group by all"""  # noqa: S608 - fixed fragments, bound values
    return {row[:2]: row[2] for row in cursor.execute(sql, [*labels.params, *keys.params]).fetchall()}


def count_values_of(cursor: Cursor, slice_: Slice, reference: str | None) -> dict[str, dict[str, int]]:
    """By dimension its values among the traces of a slice, each with its traces; those without a value are in none."""
    keys = chosen(slice_, reference)
    sql = f"""select v.name, v.value, count(distinct d.trace_key)
        from trace_dimensions d join dimension_values v using (value_id)
        where d.trace_key in ({keys.sql}) group by all"""  # noqa: S608 - fixed fragments, bound values
    found: dict[str, dict[str, int]] = {}
    for name, value, n in cursor.execute(sql, keys.params).fetchall():
        found.setdefault(name, {})[value] = n
    return found


def count_patterns(
    cursor: Cursor,
    labelled: Sequence[tuple[int, bool, int]],
    *,
    rows: tuple[str, list[object]],
    cols: tuple[str, list[object]] | None,
) -> list[PatternCount]:
    """Given traces with verdict and pattern, the counts of every cell, margin and of the whole, each trace once in each.

    `rows` and `cols` are queries for (trace_key, value).
    """
    keys, failed, patterns = ([entry[place] for entry in labelled] for place in range(3))
    found: list[PatternCount] = []
    for with_row, with_col in ((True, True), (True, False), (False, True), (False, False)):
        if with_col and cols is None:
            continue
        row, col = ("r.value" if with_row else "null"), ("c.value" if with_col else "null")
        join, params = "", list[object]()
        if with_row:
            join, params = f"left join ({rows[0]}) r on r.trace_key = s.trace_key", [*rows[1]]
        if with_col and cols is not None:
            join += f" left join ({cols[0]}) c on c.trace_key = s.trace_key"
            params += cols[1]
        sql = f"""select {row}, {col}, s.pattern, count(*), count(*) filter (s.failed)
            from (select unnest(?) as trace_key, unnest(?) as failed, unnest(?) as pattern) s {join} group by all"""  # noqa: S608 - fixed fragments, bound values
        for r, c, pattern, judged, hits in cursor.execute(sql, [keys, failed, patterns, *params]).fetchall():
            place = ((r or "") if with_row else None, (c or "") if with_col else None)
            found.append(PatternCount(*place, pattern, judged, hits))
    return found


PairValues = tuple[tuple[str, str], ...]


def count_pair_patterns(
    cursor: Cursor, labelled: Sequence[tuple[int, bool, int]], dimensions: list[str]
) -> dict[PairValues, dict[int, tuple[int, int]]]:
    """As `pivots.count_pairs`, by pattern: judged and failed traces of each combination of two values (or of one)."""
    keys, failed, patterns = ([entry[place] for entry in labelled] for place in range(3))
    alone = len(dimensions) == 1
    second = "a" if alone else "b"
    sql = f"""with verdicts as (select unnest(?) as trace_key, unnest(?) as failed, unnest(?) as pattern),
        wanted as (select unnest(?) as name, generate_subscripts(?, 1) as place),
        given as (
            select d.trace_key, v.name, v.value from trace_dimensions d join dimension_values v using (value_id)
            where d.trace_key in (select trace_key from verdicts)),
        held as (
            select s.trace_key, s.failed, s.pattern, w.place, coalesce(g.value, '') as value
            from verdicts s cross join wanted w
            left join given g on g.trace_key = s.trace_key and g.name = w.name)
        select a.place, a.value, {second}.place, {second}.value, a.pattern, count(*), count(*) filter (a.failed)
        from held a {"" if alone else "join held b on a.trace_key = b.trace_key and a.place < b.place"}
        group by all"""  # noqa: S608 - fixed fragments, bound values
    found: dict[PairValues, dict[int, tuple[int, int]]] = {}
    params = [keys, failed, patterns, dimensions, dimensions]
    for place, value, other, other_value, pattern, n, k in cursor.execute(sql, params).fetchall():
        named: PairValues = ((dimensions[int(place) - 1], str(value)), (dimensions[int(other) - 1], str(other_value)))
        key: PairValues = named[:1] if alone else named
        found.setdefault(key, {})[pattern] = (n, k)
    return found
