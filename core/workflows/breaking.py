"""Where runs break: the last step that was good against the first that was not, in the order of the pipeline."""

from dataclasses import dataclass, replace

from core.model import MISSING
from core.slice import Slice
from core.store import failing, settings
from core.store.connection import Store
from core.workflows.pivoting import pivot

Pairs = dict[tuple[str, str], int]
GOOD = ("last_success", "last_good", "last good")
BAD = ("first_fail", "first fail")
"""What stands in the name of a dimension that holds the last good step, or the first failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Breaks:
    """Counts by last good step (rows) and first failure (columns), each with its traces; and what has no place in it."""

    rows: list[str]
    cols: list[str]
    cells: Pairs
    slices: dict[tuple[str | None, str | None], Slice]
    """By row and column; None stands for all of them."""
    of: int
    """The traces that were looked at: all failed ones, or all of the slice."""
    unmapped: list[tuple[str, int, Slice]]
    """What is missing of how many traces, and which."""

    @property
    def total(self) -> int:
        """The traces that have a place."""
        return sum(self.cells.values())

    def count(self, row: str | None, col: str | None) -> int:
        """The traces of a cell; None stands for all rows, or all columns."""
        if row is None:
            return self.total if col is None else self.col_total(col)
        return self.row_total(row) if col is None else self.cells.get((row, col), 0)

    def row_total(self, row: str) -> int:
        """The traces whose last good step this is."""
        return sum(n for (r, _), n in self.cells.items() if r == row)

    def col_total(self, col: str) -> int:
        """The traces that first failed at this step."""
        return sum(n for (_, c), n in self.cells.items() if c == col)


def guess_sides(names: list[str]) -> tuple[str, str] | None:
    """The dimensions of the last good step and of the first failure, by their names; None where they do not say so."""
    good, bad = (next((n for n in names if any(h in n.lower() for h in hints)), None) for hints in (GOOD, BAD))
    return None if good is None or bad is None else (good, bad)


def breaks_of_labels(store: Store, slice_: Slice) -> Breaks:
    """Of the failed traces whose first failure somebody marked: the step of that message, and the one before."""
    failed = slice_.with_verdict("fail")
    with store.read() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        cells, of, unmapped = failing.count_breaks(cursor, failed, reference)
    rows, cols = _sides(cells)
    slices: dict[tuple[str | None, str | None], Slice] = {}
    for row in (*rows, None):
        for col in (*cols, None):
            good = slice_.last_good if row is None else (row,)
            bad = (slice_.failed_at or tuple(cols)) if col is None else (col,)
            slices[row, col] = replace(failed, last_good=good, failed_at=bad)
    left = [("without a mark of the first failure", unmapped, replace(failed, failed_at=(MISSING,)))]
    return Breaks(
        rows=rows, cols=cols, cells=cells, slices=slices, of=of, unmapped=[x for x in left if x[1]],
    )  # fmt: skip


def breaks_of_dimensions(store: Store, slice_: Slice, *, last_good: str, failed_at: str) -> Breaks:
    """The same from two dimensions that a log brings, over all traces of the slice.

    Raises:
        NotFoundError: no such dimension.
        UsageError: the two are one and the same.
    """
    found = pivot(store, slice_, rows=last_good, cols=failed_at)
    places = found.by_place()
    whole = {k: c for k, c in places.items() if k[0] and k[1]}
    cells: Pairs = {(row, col): c.counts.traces for (row, col), c in whole.items() if row and col}
    rows, cols = _sides(cells)
    left: list[tuple[str, int, Slice]] = []
    for (row, col), cell in places.items():
        if row is None or col is None or (row and col):
            continue
        lacking = " and ".join(name for name, value in ((last_good, row), (failed_at, col)) if not value)
        left.append((f"without {lacking}", cell.counts.traces, cell.all_slice))
    all_slices = {k: c.all_slice for k, c in places.items()}
    has = slice_.with_values(last_good, (MISSING,), negated=True).with_values(failed_at, (MISSING,), negated=True)
    for row in rows:
        all_slices[row, None] = has.with_value(last_good, row)
    for col in cols:
        all_slices[None, col] = has.with_value(failed_at, col)
    all_slices[None, None] = has
    return Breaks(
        rows=rows, cols=cols, cells=cells, slices=all_slices, of=found.total.counts.traces, unmapped=left
    )  # fmt: skip


def _sides(cells: Pairs) -> tuple[list[str], list[str]]:
    order = pipeline_order(cells)
    good, bad = {row for row, _ in cells}, {col for _, col in cells}
    return [step for step in order if step in good], [step for step in order if step in bad]


def pipeline_order(pairs: Pairs) -> list[str]:
    """Steps in an order in which a last good one mostly stands before its first failure.

    What only precedes comes first, what only follows last; in a circle the step that precedes most of the rest
    (Eades, Lin and Smyth 1993, Information Processing Letters 47, 319-323).
    """
    left: dict[str, None] = dict.fromkeys(step for pair in sorted(pairs) for step in pair)
    first: list[str] = []
    last: list[str] = []
    while left:
        ins = dict.fromkeys(left, 0)
        outs = dict.fromkeys(left, 0)
        for (a, b), n in pairs.items():
            if a in left and b in left and a != b:
                outs[a] += n
                ins[b] += n
        sinks = [step for step in left if not outs[step] and ins[step]]
        if sinks:
            chosen = min(sinks, key=lambda step: (ins[step], step))
            last.insert(0, chosen)
        else:
            chosen = max(left, key=lambda step: (not ins[step], outs[step] - ins[step]))
            first.append(chosen)
        del left[chosen]
    return first + last
