"""Count by two axes from any source: the expert, a judge version, or a judge version corrected for its errors."""

from dataclasses import replace

from core.errors import UsageError
from core.slice import Slice
from core.store import judgments
from core.store.connection import Store
from core.store.pivots import CATEGORY, EXPERT, FAILED
from core.workflows.estimating import Estimate, estimate
from core.workflows.narrowing import judge_ref
from core.workflows.pivoting import Pivot, PivotCell, left_out, pivot
from core.workflows.trusting import measure_unseen

CORRECTED = "corrected "
"""Before a judge version: its failures among traces without a label, corrected for how it errs over all traces."""


def judge_behind(of: str) -> str | None:
    """The judge version whose corrected rates are asked for, or None where it is not about those."""
    return of.removeprefix(CORRECTED) if of.startswith(CORRECTED) else None


def corrected_judge(store: Store, of: str) -> str | None:
    """The judge version (NAME@VERSION) whose corrected rates `of` asks for, or None.

    Raises:
        NotFoundError: no such judge version.
    """
    wanted = judge_behind(of)
    with store.read() as cursor:
        known = judgments.find_refs(cursor)
    return None if wanted is None or of in known else judge_ref(known, wanted)


def corrected_whole(store: Store, slice_: Slice, ref: str) -> Estimate:
    """What the corrected rates of a slice rest on.

    Raises:
        UsageError: there is no corrected rate, and why.
    """
    whole = estimate(store, slice_, judge=ref)
    if whole.refusal:
        raise UsageError("There is no corrected rate here.", whole.refusal)
    return whole


def count(
    store: Store, slice_: Slice, *, rows: str, cols: str | None = None, of: str = EXPERT, measure: str = FAILED
) -> Pivot:
    """As `pivot`; `of` may also be «corrected NAME@VERSION».

    Raises:
        NotFoundError: no such dimension or judge version.
        UsageError: as `pivot`; there is no corrected rate, or it is asked for by failure category or for another measure.
    """
    ref = corrected_judge(store, of)
    if ref is None:
        return pivot(store, slice_, rows=rows, cols=cols, of=of, measure=measure)
    if CATEGORY in (rows, cols) or measure != FAILED:
        raise UsageError("Traces without a label have neither a failure category nor a verdict of the expert.",
                         "Choose dimensions, and failed.")  # fmt: skip
    whole = corrected_whole(store, slice_, ref)
    found = pivot(store, whole.population, rows=rows, cols=cols, of=ref, tuned_too=True)

    def corrected(cell: PivotCell) -> PivotCell:
        judged, failed = cell.counts.judged, cell.counts.failed
        return replace(cell, rate=whole.errors.correct(judged - failed, judged).failed)

    return replace(
        found,
        of=f"{CORRECTED}{ref}",
        denominator=f"{whole.words}, as judge {ref} sees them, corrected for its errors over all traces",
        cells=[corrected(cell) for cell in found.cells],
        total=corrected(found.total),
    )


def left_out_of(store: Store, slice_: Slice, *, of: str, measure: str = FAILED) -> list[tuple[str, int, Slice]]:
    """The traces of a slice that are in no rate of this count: why, how many, which."""
    if ref := corrected_judge(store, of):
        return estimate(store, slice_, judge=ref).left_out
    if measure == FAILED:
        return left_out(store, slice_, of=of)
    return measure_unseen(store, slice_, judge=of).left_out_rows()
