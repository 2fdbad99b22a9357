"""Counts per cell: traces, traces with a verdict, failed ones; by two dimensions, from one verdict source.

Totals come from the raw counts of traces, never from adding up cells or averaging rates.
"""

from typing import NamedTuple

from core.model import Counts
from core.slice import Slice
from core.store.connection import Cursor
from core.store.traces import chosen
from core.store.where import Clause, reference_labels, version_ids

CATEGORY = "category"
"""The word that asks for failure categories in place of a dimension."""


class Cell(NamedTuple):
    """Counts of one combination; None is «all», the empty text «missing» (or «not sorted yet» for categories)."""

    row: str | None
    col: str | None
    counts: Counts


def _values_of(dimension: str) -> Clause:
    """Per trace the values of a dimension; a trace may have several."""
    if dimension == CATEGORY:
        sql = "select a.trace_key, c.name as value from current_assignments a join current_categories c using (category_id)"
        return Clause(sql, [])
    sql = """select d.trace_key, d.value_id as value from trace_dimensions d
        where d.value_id in (select value_id from dimension_values where name = ?)"""
    return Clause(sql, [dimension])


def _verdicts(of: str, slice_: Slice, reference: str | None) -> Clause:
    if of == "expert":
        labels = reference_labels(slice_.labeler or reference)
        return Clause(
            f"select trace_key, state = 'fail' as failed from ({labels.sql}) where state in ('pass', 'fail')",  # noqa: S608
            labels.params,
        )
    version = version_ids(of)
    return Clause(
        f"""select trace_key, not passed as failed from current_judgments
            where passed is not null and version_id in ({version.sql})""",  # noqa: S608
        version.params,
    )


COUNTS = "count(*) as traces, count(v.failed) as judged, count(*) filter (v.failed) as failed"
DISTINCT = """count(distinct k.trace_key) as traces, count(distinct k.trace_key) filter (v.failed is not null) as judged,
    count(distinct k.trace_key) filter (v.failed) as failed"""


def count_cells(
    cursor: Cursor, slice_: Slice, *, rows: str, cols: str | None, of: str, reference: str | None
) -> tuple[list[Cell], Counts]:
    """The cells of rows x cols with row and column totals (col or row None), and the slice's own counts.

    `of` is «expert» or a judge version as NAME@VERSION. A trace with several values of a dimension is in several
    cells and once in every total.
    """
    keys, verdicts = chosen(slice_, reference), _verdicts(of, slice_, reference)
    r = _values_of(rows)
    c = Clause("", []) if cols is None else _values_of(cols)
    second = "" if cols is None else f"left join ({c.sql}) c on c.trace_key = k.trace_key"
    col = "null" if cols is None else "c.value"
    base = f"""from ({keys.sql}) k left join ({verdicts.sql}) v on v.trace_key = k.trace_key
        left join ({r.sql}) r on r.trace_key = k.trace_key {second}"""  # noqa: S608
    params = [*keys.params, *verdicts.params, *r.params, *c.params]
    cells = cursor.execute(f"select r.value, {col}, {COUNTS} {base} group by 1, 2", params).fetchall()  # noqa: S608
    total = count_slice(cursor, slice_, of=of, reference=reference)
    several = sum(cell[2] for cell in cells) != total.traces
    margins: list[tuple[object, ...]] = []
    if cols is not None and several:
        margins += cursor.execute(f"select r.value, true, {DISTINCT} {base} group by 1", params).fetchall()  # noqa: S608
        margins += cursor.execute(f"select true, c.value, {DISTINCT} {base} group by 2", params).fetchall()  # noqa: S608
    elif cols is not None:
        margins = _added_up(cells)
    names = _names(cursor)
    shown = [Cell(_word(row, names), None if cols is None else _word(col, names), Counts(*n)) for row, col, *n in cells]
    for row, col, *n in margins:
        shown.append(
            Cell(_word(row, names), None, Counts(*n)) if col is True else Cell(None, _word(col, names), Counts(*n))  # type: ignore[arg-type]
        )
    return shown, total


def count_slice(cursor: Cursor, slice_: Slice, *, of: str, reference: str | None) -> Counts:
    """The counts of a whole slice."""
    keys, verdicts = chosen(slice_, reference), _verdicts(of, slice_, reference)
    sql = f"select {COUNTS} from ({keys.sql}) k left join ({verdicts.sql}) v on v.trace_key = k.trace_key"  # noqa: S608
    return Counts(*(cursor.execute(sql, [*keys.params, *verdicts.params]).fetchone() or (0, 0, 0)))


def _added_up(cells: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    """Margins of a table in which every trace is in one cell."""
    by_row: dict[object, list[int]] = {}
    by_col: dict[object, list[int]] = {}
    for row, col, *n in cells:
        for margin, key in ((by_row, row), (by_col, col)):
            held = margin.setdefault(key, [0, 0, 0])
            for i, count in enumerate(n):
                held[i] += int(str(count))
    return [(row, True, *n) for row, n in by_row.items()] + [(True, col, *n) for col, n in by_col.items()]


def _names(cursor: Cursor) -> dict[int, str]:
    return dict(cursor.execute("select value_id, value from dimension_values").fetchall())


def _word(value: object, names: dict[int, str]) -> str:
    if value is None:
        return ""
    return names[value] if isinstance(value, int) else str(value)
