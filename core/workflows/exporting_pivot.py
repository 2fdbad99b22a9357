"""Write the cells of a pivot to a file: every inner cell, then the totals, each with what its rate is of."""

from collections.abc import Sequence
from typing import Final

from core.exporters import Column, Kind, Row, find_exporter
from core.slice import Slice
from core.store.connection import Store
from core.workflows.counting import count
from core.workflows.exporting import Export
from core.workflows.pivoting import EXPERT, FAILED, Pivot, PivotCell

CELL, ROW_TOTAL, COLUMN_TOTAL, TOTAL = "cell", "row total", "column total", "total"
"""What a line of the file is: a missing value is an empty cell, and so is a side over which a total goes."""

COLUMNS: Final = (
    *(Column("kind"), Column("rows"), Column("row"), Column("columns"), Column("column")),
    *(Column("traces", Kind.INTEGER), Column("judged", Kind.INTEGER), Column("hits", Kind.INTEGER)),
    *(Column("rate", Kind.NUMBER), Column("low", Kind.NUMBER), Column("high", Kind.NUMBER)),
    *(Column("weighted", Kind.BOOLEAN), Column("of"), Column("show"), Column("denominator"), Column("slice")),
)


def export_pivot(
    store: Store,
    slice_: Slice,
    format_name: str,
    *,
    rows: str,
    cols: str | None = None,
    of: str = EXPERT,
    measure: str = FAILED,
) -> Export:
    """A pivot as a file, a line per cell: rates as fractions from 0 to 1, with their Wilson 95 % interval.

    Totals are counted from the traces themselves, never by adding up cells; `weighted` marks a rate that is not
    hits / judged, since the traces were drawn with unequal chances or a judge's errors are corrected.

    Raises:
        NotFoundError, UsageError: as `count`, or a format that is not known.
    """
    exporter = find_exporter(format_name)
    found = count(store, slice_, rows=rows, cols=cols, of=of, measure=measure)
    lines = pivot_lines(found, slice_)
    return Export(
        file_name=f"passfail-pivot.{exporter.name}", write=lambda stream: exporter.write(stream, COLUMNS, [lines])
    )


def pivot_lines(found: Pivot, slice_: Slice) -> list[Row]:
    """The lines of the file: the cells in the order of the table, then rows, columns and the whole."""
    cells = found.by_place()
    cols: Sequence[str | None] = [None] if found.cols is None else found.col_values
    inner = [(row, col) for row in found.row_values for col in cols]
    totals = [] if found.cols is None else [*((row, None) for row in found.row_values), *((None, col) for col in cols)]
    return [
        _line(found, cells[place], slice_) for place in (*inner, *totals, (None, None)) if place in cells
    ]  # fmt: skip


def _line(found: Pivot, cell: PivotCell, slice_: Slice) -> Row:
    rate, counts = cell.rate, cell.counts
    return (
        _kind(found, cell), found.rows, cell.row or None, found.cols, cell.col or None,
        counts.traces, counts.judged, counts.failed, rate.rate, rate.low, rate.high,
        rate.n_eff is not None, found.of, found.measure, found.denominator, ", ".join(slice_.phrases()) or "all traces",
    )  # fmt: skip


def _kind(found: Pivot, cell: PivotCell) -> str:
    if cell.row is None:
        return TOTAL if cell.col is None else COLUMN_TOTAL
    return ROW_TOTAL if found.cols is not None and cell.col is None else CELL
