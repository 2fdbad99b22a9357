"""Count by two axes: every cell knows the slices it was computed from, so that its links cannot disagree with it."""

from dataclasses import dataclass, replace
from typing import NamedTuple

from core.errors import UsageError
from core.metrics import Rate, rate_of
from core.model import MISSING, VARIANT_OF, Counts, Verdict
from core.slice import Slice
from core.store import categories, dimensions, judgments, labels, pivots, settings, traces
from core.store.connection import Cursor, Store
from core.store.pivots import CATEGORY, EXPERT, FAILED, MEASURES
from core.workflows.arranging import in_order
from core.workflows.leaving import left_rows, used_slice
from core.workflows.narrowing import (
    Narrowing,
    blind_slice,
    check_axes,
    check_judge,
    check_scope,
    id_of,
    in_words,
    judge_ref,
    untold_slice,
)
from core.workflows.sealing import TUNED, unseen_slice
from core.workflows.weighing import Choice, Counted, choice_of, weigh

__all__ = [
    "CATEGORY",
    "EXPERT",
    "FAILED",
    "MEASURES",
    "Axis",
    "Evidence",
    "Pivot",
    "PivotCell",
    "axes",
    "find_left_out",
    "judge_ref",
    "left_out",
    "newest_evidence",
    "pivot",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """Something to count by: its name in an address, in words, and how many values it has."""

    name: str
    words: str
    values: int
    is_dimension: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PivotCell:
    """One combination: None is «all», the empty text «missing» (for categories: not sorted yet)."""

    row: str | None
    col: str | None
    counts: Counts
    """traces; of them those the measure speaks of (`judged`); of those the hits (`failed`). In a cell of a failure
    category `judged` is that of its whole row or column: the share of all judged traces that failed in this way."""
    rate: Rate
    """failed of judged; its share is weighted by how the traces were chosen, where that is known and differs"""
    narrowing: Narrowing

    @property
    def failed_slice(self) -> Slice:
        """The hits."""
        return self.narrowing.hits(self.all_slice)

    @property
    def bad(self) -> Rate:
        """The rate that is bad when high: failures, disagreements, or what the judge missed or flagged wrongly."""
        if self.narrowing.measure not in ("caught", "kept"):
            return self.rate
        return rate_of(self.counts.judged - self.counts.failed, self.counts.judged)

    @property
    def bad_slice(self) -> Slice:
        """The traces that `bad` counts."""
        return self.narrowing.bad(self.all_slice)

    @property
    def judged_slice(self) -> Slice:
        """What the rate is of."""
        within = self.narrowing.without_category(self.row, self.col)
        return self.narrowing.compared(within or self.all_slice)

    @property
    def all_slice(self) -> Slice:
        """All traces of the combination."""
        return self.narrowing.inside(self.row, self.col)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pivot:
    """A table of counts; rows and columns are ordered by number of traces, «missing» last."""

    of: str
    measure: str
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
    choice: Choice | None = None
    """How the labelled traces were chosen; of the expert's failures only."""

    def by_place(self) -> dict[tuple[str | None, str | None], PivotCell]:
        """Every cell that holds a trace, the total included, by row and column."""
        return {(c.row, c.col): c for c in (*self.cells, self.total)}

    def cell(self, row: str | None, col: str | None) -> PivotCell | None:
        """The cell of this combination, or None where no trace has it."""
        return self.by_place().get((row, col))

    @property
    def inner(self) -> list[PivotCell]:
        """The cells without any total."""
        return [c for c in self.cells if c.row is not None and (self.cols is None or c.col is not None)]

    def worst_first(self, min_n: int) -> list[PivotCell]:
        """The inner cells that say something, the worst at the top: by the lower end of the interval of what is bad.

        Cells under the smallest n follow; cells without a denominator are left out.
        """

        def badness(c: PivotCell) -> tuple[bool, float, int, str, str]:
            return (c.bad.strength < min_n, -(c.bad.low or 0.0), -c.bad.n, c.row or "", c.col or "")

        return sorted((c for c in self.inner if c.rate.n), key=badness)


class Evidence(NamedTuple):
    """What was said of one trace, and by whom; verdict None is a deferral or a judge failure."""

    trace_id: str
    verdict: Verdict | None
    text: str


def newest_evidence(store: Store, slice_: Slice, *, of: str = EXPERT, limit: int = 10) -> list[Evidence]:
    """The newest of what the expert, or the judge version `of`, said of the traces of a slice, one per trace."""
    with store.read() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        if of != EXPERT:
            found = judgments.find_critiqued(cursor, of, slice_, reference=reference, limit=limit)
            verdicts = {True: Verdict.PASS, False: Verdict.FAIL, None: None}
            return [Evidence(trace_id, verdicts[passed], text) for trace_id, passed, text in found]
        _, deciding = labels.find_deciding(cursor, slice_, reference=reference, limit=limit)
        return [Evidence(label.trace_id, label.verdict, label.critique or "") for label in deciding]


def axes(store: Store) -> list[Axis]:
    """What can be counted by: dimensions in the project's order, fields of several values, failure categories."""
    with store.read() as cursor:
        counted = in_order(cursor, dimensions.count_values(cursor))
        known = [
            Axis(name=f"d.{name}" if name == CATEGORY else name, words=name, values=len(values), is_dimension=True)
            for name, values in counted.items()
            if name != VARIANT_OF
        ]
        for field in ("model", "source", "origin"):
            if (several := len(dimensions.count_field_values(cursor, field))) > 1:
                known.append(Axis(name=field, words=field, values=several, is_dimension=False))
        if named := categories.find_categories(cursor):
            known.append(Axis(name=CATEGORY, words="failure category", values=len(named), is_dimension=False))
    return known


def pivot(
    store: Store,
    slice_: Slice,
    *,
    rows: str,
    cols: str | None = None,
    of: str = EXPERT,
    measure: str = FAILED,
    tuned_too: bool = False,
) -> Pivot:
    """Counts per cell; `of` is «expert» or a judge as NAME@VERSION or NAME (its newest version).

    `measure` is «failed», or for a judge «disagreements», «caught» or «kept»: see `MEASURES`. Of a judge only traces are
    counted that nobody tuned it on, unless the slice names splits or they are counted as well (`tuned_too`).

    Raises:
        NotFoundError: no such dimension or judge version.
        UsageError: rows and columns are the same, a measure that needs a judge, a slice that asks for another judge's
            verdicts, or nobody said whose labels the judge is held against.
    """
    if rows == cols:
        raise UsageError(
            f"Rows and columns are both {rows}.", "Choose two different dimensions, or leave out the columns."
        )
    if measure not in MEASURES or (measure != FAILED and of == EXPERT):
        raise UsageError(
            f"«{measure[:40]}» cannot be counted for {of[:80]}.", "Choose a judge version, or count failed."
        )
    with store.snapshot() as cursor:
        names = {c.name: c.id for c in categories.find_categories(cursor)} if CATEGORY in (rows, cols) else {}
        check_axes(cursor, rows, cols)
        source = of if of == EXPERT else judge_ref(judgments.find_refs(cursor), of)
        check_judge(slice_, source, compared=measure != FAILED)
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        category = None if measure == FAILED else check_scope(cursor, slice_, source)
        if measure != FAILED:
            slice_ = untold_slice(cursor, blind_slice(cursor, slice_), source)
        if source != EXPERT:
            slice_ = used_slice(cursor, slice_, source)
        if source != EXPERT and not tuned_too:
            slice_ = unseen_slice(cursor, slice_, source, compared=measure != FAILED)
        found, total = pivots.count_cells(
            cursor, slice_, rows=rows, cols=cols, of=source, reference=reference, measure=measure
        )
        weighing = weigh(cursor, slice_, of=source, measure=measure, reference=reference)
        by_pattern = weighing.cells(cursor, rows, cols)
        choice = choice_of(cursor, slice_, reference) if (source, measure) == (EXPERT, FAILED) else None
    narrowed = Narrowing(slice_, rows, cols, source, measure, names, id_of(category))
    counted = {(c.row, c.col): c.counts for c in found} | {(None, None): total}

    def cell(row: str | None, col: str | None, counts: Counts) -> PivotCell:
        outer = narrowed.outer(row, col)
        base = (row, col) if outer is None else outer
        counts = counts._replace(judged=counted[base].judged)
        failed = by_pattern.get((row, col), {})
        patterns = {
            pattern: Counted(held.judged, failed[pattern].failed if pattern in failed else 0)
            for pattern, held in by_pattern.get(base, {}).items()
        }
        inside, n = narrowed.inside(*base), counted[base].traces
        rate = weighing.rate(inside, patterns, traces=n, k=counts.failed, n=counts.judged)
        return PivotCell(row=row, col=col, counts=counts, rate=rate, narrowing=narrowed)

    cells = [cell(c.row, c.col, c.counts) for c in found if narrowed.shows(rows, c.row) and narrowed.shows(cols, c.col)]
    inner = [c for c in cells if c.row is not None and (cols is None or c.col is not None)]
    return Pivot(
        of=source,
        measure=measure,
        rows=rows,
        cols=cols,
        denominator=_denominator(source, measure, *in_words(category)),
        row_values=_ordered(inner, "row"),
        col_values=[] if cols is None else _ordered(inner, "col"),
        cells=cells,
        total=cell(None, None, total),
        several_values=sum(c.counts.traces for c in inner) > total.traces,
        choice=choice,
    )


def left_out(store: Store, slice_: Slice, *, of: str = EXPERT) -> list[tuple[str, int, Slice]]:
    """The traces of a slice without a verdict of the expert, or of the judge version `of`, those that it was tuned on, and
    those that are left to people: why, how many, which."""
    with store.snapshot() as cursor:
        return find_left_out(cursor, slice_, of, settings.find_setting(cursor, settings.PRINCIPAL))


def find_left_out(cursor: Cursor, slice_: Slice, of: str, reference: str | None) -> list[tuple[str, int, Slice]]:
    """As `left_out`; a judge version is named in full."""
    if of == EXPERT:
        people: list[tuple[str, int, Slice]] = []
        reasons = [(word, slice_.with_verdict(word)) for word in ("unlabelled", "deferred")]
    else:
        people = left_rows(cursor, slice_, of, reference=reference)
        used = used_slice(cursor, slice_, of)
        words = {"none": "without a judgment", "failure": "judge failures", "sealed": "in the sealed test split"}
        unseen = unseen_slice(cursor, used, of, compared=False)
        reasons = [(word, unseen.with_judge_verdict(of, verdict)) for verdict, word in words.items()]
        if unseen != used:
            reasons.append(("in train or dev, where it was tuned", replace(used, split=TUNED)))
    counted = [(word, traces.count_traces(cursor, which, reference), which) for word, which in reasons]
    return [*people, *((word, n, which) for word, n, which in counted if n)]


def _denominator(of: str, measure: str, failures: str, passes: str) -> str:
    return {
        FAILED: "traces labelled pass or fail" if of == EXPERT else f"traces with a verdict of judge {of}",
        "disagreements": f"traces with a blind expert verdict and a verdict of judge {of}",
        "caught": f"{failures}, with a verdict of judge {of}",
        "kept": f"{passes}, with a verdict of judge {of}",
    }[measure]


def _ordered(cells: list[PivotCell], side: str) -> list[str]:
    sums: dict[str, int] = {}
    for cell in cells:
        value: str = getattr(cell, side)
        sums[value] = sums.get(value, 0) + cell.counts.traces
    return sorted(sums, key=lambda value: (value == MISSING, -sums[value], value))
