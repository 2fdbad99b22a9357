"""Count by two dimensions: every cell carries the slices it was computed from, so that its links cannot disagree with it."""

from dataclasses import dataclass, replace

from core.errors import NotFoundError, UsageError
from core.metrics import Rate, rate_of
from core.model import MISSING, Counts
from core.slice import NOT_SORTED, Slice
from core.store import categories, dimensions, judgments, pivots, settings
from core.store.connection import Store
from core.store.pivots import CATEGORY

EXPERT = "expert"


@dataclass(frozen=True, slots=True, kw_only=True)
class PivotCell:
    """One combination: None is «all», the empty text «missing» (for categories: not sorted yet)."""

    row: str | None
    col: str | None
    counts: Counts
    rate: Rate
    """failed of judged"""
    failed_slice: Slice
    judged_slice: Slice
    all_slice: Slice


@dataclass(frozen=True, slots=True, kw_only=True)
class Pivot:
    """A table of counts; rows and columns are ordered by number of traces, «missing» last."""

    of: str
    rows: str
    cols: str | None
    denominator: str
    row_values: list[str]
    col_values: list[str]
    cells: list[PivotCell]
    """Inner cells, row totals (col None) and column totals (row None)."""
    total: PivotCell
    several_values: bool
    """True where a trace can be in several cells, so that cells add to more than the total."""

    def cell(self, row: str | None, col: str | None) -> PivotCell | None:
        """The cell of this combination, or None where no trace has it."""
        if row is None and col is None:
            return self.total
        return next((c for c in self.cells if c.row == row and c.col == col), None)

    @property
    def inner(self) -> list[PivotCell]:
        """The cells without any total."""
        return [c for c in self.cells if c.row is not None and (self.cols is None or c.col is not None)]


def pivot(store: Store, slice_: Slice, *, rows: str, cols: str | None = None, of: str = EXPERT) -> Pivot:
    """Traces, judged and failed per cell; `of` is «expert» or a judge as NAME@VERSION or NAME (its newest version).

    Raises:
        NotFoundError: no such dimension or judge version.
        UsageError: rows and columns are the same.
    """
    if rows == cols:
        raise UsageError(f"Rows and columns are both {rows}.", "Choose two different dimensions, or leave out the columns.")
    with store.read() as cursor:
        names = {c.name: c.id for c in categories.find_categories(cursor)}
        known = [*dimensions.find_dimensions(cursor), CATEGORY]
        for wanted in (rows, cols):
            if wanted is not None and wanted not in known:
                raise NotFoundError(f"There is no dimension «{wanted[:80]}».", f"Known: {', '.join(known)}.")
        source = of if of == EXPERT else judge_ref(judgments.find_judges(cursor), of)
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        found, total = pivots.count_cells(cursor, slice_, rows=rows, cols=cols, of=source, reference=reference)
    narrowed = _Narrowing(slice_, rows, cols, source, names)
    cells = [
        narrowed.cell(c.row, c.col, c.counts) for c in found if narrowed.shows(rows, c.row) and narrowed.shows(cols, c.col)
    ]
    inner = [c for c in cells if c.row is not None and (cols is None or c.col is not None)]
    return Pivot(
        of=source,
        rows=rows,
        cols=cols,
        denominator="traces labelled pass or fail" if source == EXPERT else f"traces with a verdict of judge {source}",
        row_values=_ordered(inner, "row"),
        col_values=[] if cols is None else _ordered(inner, "col"),
        cells=cells,
        total=narrowed.cell(None, None, total),
        several_values=sum(c.counts.traces for c in inner) > total.traces,
    )


def judge_ref(known: list[judgments.JudgeSummary], wanted: str) -> str:
    """`NAME@VERSION` for a judge named with or without its version; without one the newest.

    Raises:
        NotFoundError: no such judge or version.
    """
    refs = [summary.version.ref for summary in known]
    if wanted in refs:
        return wanted
    of_name = [summary.version.ref for summary in known if summary.version.judge == wanted]
    if not of_name:
        raise NotFoundError(f"There is no judge «{wanted[:80]}».", f"Known: {', '.join(refs) or 'none yet'}.")
    return of_name[-1]


@dataclass(frozen=True, slots=True)
class _Narrowing:
    slice_: Slice
    rows: str
    cols: str | None
    of: str
    category_ids: dict[str, int]

    def shows(self, dimension: str | None, value: str | None) -> bool:
        """A slice that names values of a dimension shows those values only, even where traces have several."""
        if dimension is None or value is None or dimension == CATEGORY:
            return True
        named = self.slice_.values_of(dimension)
        return not named or value in named

    def cell(self, row: str | None, col: str | None, counts: Counts) -> PivotCell:
        inside = self._with(self._with(self.slice_, self.rows, row), self.cols, col)
        return PivotCell(
            row=row,
            col=col,
            counts=counts,
            rate=rate_of(counts.failed, counts.judged),
            failed_slice=self._judged(inside, ("fail",)),
            judged_slice=self._judged(inside, ("pass", "fail")),
            all_slice=inside,
        )

    def _with(self, slice_: Slice, dimension: str | None, value: str | None) -> Slice:
        if dimension is None or value is None:
            return slice_
        if dimension == CATEGORY:
            return replace(slice_, category=(NOT_SORTED if value == MISSING else self.category_ids[value],))
        return slice_.with_value(dimension, value)

    def _judged(self, slice_: Slice, verdicts: tuple[str, ...]) -> Slice:
        if self.of == EXPERT:
            kept = tuple(v for v in verdicts if not slice_.verdict or v in slice_.verdict)
            return replace(slice_, verdict=kept) if kept else replace(slice_, unreadable=(("verdict", "none"),))
        return replace(slice_, judge=self.of, judge_verdict=verdicts)


def _ordered(cells: list[PivotCell], side: str) -> list[str]:
    sums: dict[str, int] = {}
    for cell in cells:
        value: str = getattr(cell, side)
        sums[value] = sums.get(value, 0) + cell.counts.traces
    return sorted(sums, key=lambda value: (value == MISSING, -sums[value], value))
