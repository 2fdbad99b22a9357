"""Counts per cell: traces, traces that were compared, hits among them; by two axes, of one measure.

A measure is a query for (trace_key, hit): for «failed» the traces with a verdict and whether it is FAIL. Totals come
from the raw counts of traces, never from adding up rates or the cells of a trace that has several values.
"""

from typing import NamedTuple

from core.model import Counts
from core.slice import FIELDS, Slice
from core.store.connection import Cursor
from core.store.dimensions import find_slots
from core.store.traces import chosen, count_traces
from core.store.verdicts import Clause, blind_labels, labels_of, look, version_ids
from core.store.where import where

CATEGORY = "category"
"""The axis of failure categories. A dimension of this very name is the axis «d.category»."""

EXPERT = "expert"
FAILED = "failed"
MEASURES = (FAILED, "disagreements", "caught", "kept")
"""Failed traces of those with a verdict; and of a judge against the expert's blind labels: how many of the compared
traces differ, how many of the expert's failures it caught, how many of the expert's passes it kept."""


class Cell(NamedTuple):
    """Counts of one combination; None is «all», the empty text «missing» (or «not sorted yet» for categories)."""

    row: str | None
    col: str | None
    counts: Counts


def dimension_of(axis: str) -> str:
    """The name of the dimension or built-in field an axis stands for."""
    return CATEGORY if axis == f"d.{CATEGORY}" else axis


def values_of(axis: str) -> Clause:
    """Per trace its values on an axis, as (trace_key, value); a trace may have several, or none."""
    if axis == CATEGORY:
        sql = """select distinct a.trace_key, c.name as value
            from current_assignments a join current_categories c using (category_id)"""
        return Clause(sql, [])
    if axis in FIELDS:
        columns = {name: name for name in FIELDS}
        return Clause(f"select trace_key, nullif({columns[axis]}, '') as value from traces", [])  # noqa: S608 - fixed fragments, bound values
    sql = """select d.trace_key, v.value from trace_dimensions d
        join (select value_id, value from dimension_values where name = ?) v using (value_id)"""
    return Clause(sql, [dimension_of(axis)])


class Axis(NamedTuple):
    """How a query over `traces t` groups by an axis: an expression, and a join where a trace can have several values.

    Values of dimensions are numbers: those are counted faster than texts.
    """

    value: str
    join: Clause

    @property
    def is_joined(self) -> bool:
        """Whether a trace may be in several groups."""
        return bool(self.join.sql)


NO_AXIS = Axis("null", Clause("", []))


def axes_of(cursor: Cursor, *axes: str | None) -> list[Axis]:
    """The groupings by these axes, one for each; of None the one that makes no groups."""
    by_value = [dimension_of(axis) for axis in axes if axis is not None and axis not in (CATEGORY, *FIELDS)]
    slots = find_slots(cursor, by_value) if by_value else {}
    return [NO_AXIS if axis is None else _axis_of(axis, f"axis_{n}", slots) for n, axis in enumerate(axes)]


def _axis_of(axis: str, alias: str, slots: dict[str, int]) -> Axis:
    """The grouping by an axis; `alias` names its join."""
    if axis in FIELDS:
        columns = {name: name for name in FIELDS}
        return Axis(f"nullif(t.{columns[axis]}, '')", Clause("", []))
    if axis != CATEGORY and (slot := slots.get(dimension_of(axis))):
        return Axis(f"t.slots[{slot}]", Clause("", []))
    values = values_of(axis)
    if axis != CATEGORY:
        sql = """select trace_key, value_id as value from trace_dimensions
            where value_id in (select value_id from dimension_values where name = ?)"""
        values = Clause(sql, [dimension_of(axis)])
    return Axis(
        f"{alias}.value", Clause(f"left join ({values.sql}) {alias} on {alias}.trace_key = t.trace_key", values.params)
    )


def words_of(cursor: Cursor, *axes: str | None) -> dict[object, str]:
    """The texts of the numbers by which `axes_of` groups."""
    named = [dimension_of(axis) for axis in axes if axis is not None and axis != CATEGORY]
    sql = "select value_id, value from dimension_values where list_contains(?, name)"
    return dict(cursor.execute(sql, [named]).fetchall())


def hits(cursor: Cursor, measure: str, of: str, slice_: Slice, reference: str | None) -> Clause:
    """The query of a measure for the traces of a slice; `of` is «expert» or a judge version as NAME@VERSION."""
    if measure != FAILED:
        return _compared(measure, of, slice_.labeler or reference)
    if of == EXPERT:
        labels = labels_of(slice_, reference)
        sql = f"select trace_key, state = 'fail' as hit from ({labels.sql}) where state in ('pass', 'fail')"  # noqa: S608 - fixed fragments, bound values
        return Clause(sql, labels.params)
    version = version_ids(of)
    sql = f"""select trace_key, not passed as hit from {look(cursor).shown}
        where passed is not null and version_id in ({version.sql})"""  # noqa: S608 - fixed fragments, bound values
    return Clause(sql, version.params)


_HIT = {
    "disagreements": ("l.state in ('pass', 'fail')", "j.passed <> (l.state = 'pass')"),
    "caught": ("l.state = 'fail'", "not j.passed"),
    "kept": ("l.state = 'pass'", "j.passed"),
}


def _compared(measure: str, ref: str, labeler: str | None) -> Clause:
    blind, version = blind_labels(ref, labeler), version_ids(ref)
    counted, hit = _HIT[measure]
    sql = f"""select l.trace_key, {hit} as hit from ({blind.sql}) l join shown_judgments j using (trace_key)
        where {counted} and j.passed is not null and j.version_id in ({version.sql})"""  # noqa: S608 - fixed fragments, bound values
    return Clause(sql, [*blind.params, *version.params])


COUNTS = "count(*), count(v.hit), count(*) filter (v.hit)"
DISTINCT = """count(distinct t.trace_key), count(distinct t.trace_key) filter (v.hit is not null),
    count(distinct t.trace_key) filter (v.hit)"""


def count_cells(
    cursor: Cursor, slice_: Slice, *, rows: str, cols: str | None, of: str, reference: str | None, measure: str = FAILED
) -> tuple[list[Cell], Counts]:
    """The cells of rows x cols with row and column totals (col or row None), and the slice's own counts.

    A trace with several values on an axis is in several cells and once in every total.
    """
    matched, hit = where(slice_, reference=reference), hits(cursor, measure, of, slice_, reference)
    r, c = axes_of(cursor, rows, cols)
    row, col = r.value, c.value
    base = f"""from traces t left join ({hit.sql}) v on v.trace_key = t.trace_key
        {r.join.sql} {c.join.sql} where {matched.sql}"""
    params = [*hit.params, *r.join.params, *c.join.params, *matched.params]
    found = cursor.execute(f"select {row}, {col}, {COUNTS} {base} group by all", params).fetchall()
    names = words_of(cursor, rows, cols)

    def word(value: object) -> str:
        return "" if value is None else names.get(value, str(value))

    cells = [Cell(word(a), None if cols is None else word(b), Counts(*n)) for a, b, *n in found]
    several = r.is_joined or c.is_joined
    if not several or sum(cell.counts.traces for cell in cells) == count_traces(cursor, slice_, reference):
        total = Counts(*(sum(cell.counts[i] for cell in cells) for i in range(3)))  # each trace is in one cell
        return [*cells, *([] if cols is None else _added_up(cells))], total
    total = count_slice(cursor, slice_, of=of, reference=reference, measure=measure)
    if cols is None:
        return cells, total
    by_row = cursor.execute(f"select {row}, {DISTINCT} {base} group by all", params).fetchall()
    by_col = cursor.execute(f"select {col}, {DISTINCT} {base} group by all", params).fetchall()
    margins = [Cell(word(a), None, Counts(*n)) for a, *n in by_row]
    margins += [Cell(None, word(b), Counts(*n)) for b, *n in by_col]
    return [*cells, *margins], total


def count_slice(cursor: Cursor, slice_: Slice, *, of: str, reference: str | None, measure: str = FAILED) -> Counts:
    """The counts of a whole slice."""
    keys, hit = chosen(slice_, reference), hits(cursor, measure, of, slice_, reference)
    sql = f"select {COUNTS} from ({keys.sql}) k left join ({hit.sql}) v on v.trace_key = k.trace_key"  # noqa: S608 - fixed fragments, bound values
    return Counts(*(cursor.execute(sql, [*keys.params, *hit.params]).fetchone() or (0, 0, 0)))


def _added_up(cells: list[Cell]) -> list[Cell]:
    """Totals of a table in which every trace is in one cell."""
    sums: dict[tuple[str | None, str | None], Counts] = {}
    for cell in cells:
        for place in ((cell.row, None), (None, cell.col)):
            held = sums.get(place, Counts(0, 0, 0))
            sums[place] = Counts(*(a + b for a, b in zip(held, cell.counts, strict=True)))
    return [Cell(row, col, counts) for (row, col), counts in sums.items()]


class Pair(NamedTuple):
    """A combination of two values (or one value of one dimension) with its verdicts; the empty text is «missing»."""

    values: tuple[tuple[str, str], ...]
    judged: int
    failed: int


def count_pairs(
    cursor: Cursor, slice_: Slice, dimensions: list[str], *, min_n: int, reference: str | None
) -> list[Pair]:
    """Every combination of values of two of these dimensions (or of the only one) with at least `min_n` verdicts."""
    keys, hit = chosen(slice_, reference), hits(cursor, FAILED, EXPERT, slice_, reference)
    alone = len(dimensions) == 1
    second = "a" if alone else "b"
    sql = f"""with verdicts as (
            select trace_key, hit from ({hit.sql}) where trace_key in ({keys.sql})),
        wanted as (select unnest(?) as name, generate_subscripts(?, 1) as place),
        given as (
            select d.trace_key, v.name, v.value from trace_dimensions d join dimension_values v using (value_id)),
        held as (
            select s.trace_key, s.hit, w.place, coalesce(g.value, '') as value
            from verdicts s cross join wanted w
            left join given g on g.trace_key = s.trace_key and g.name = w.name)
        select a.place, a.value, {second}.place, {second}.value, count(*), count(*) filter (a.hit)
        from held a {"" if alone else "join held b on a.trace_key = b.trace_key and a.place < b.place"}
        group by all having count(*) >= ?"""  # noqa: S608 - fixed fragments, bound values
    found = cursor.execute(sql, [*hit.params, *keys.params, dimensions, dimensions, min_n]).fetchall()
    pairs: list[Pair] = []
    for place, value, other, other_value, judged, failed in found:
        named: list[tuple[str, str]] = [(dimensions[place - 1], value), (dimensions[other - 1], other_value)]
        pairs.append(Pair(tuple(named[:1] if alone else named), judged, failed))
    return pairs
