"""The share of passing traces that nobody labelled: what the judge says, corrected for how it errs; or why it cannot be.

How the judge errs is measured on blind labels of real traces that nobody tuned on and that were not picked for a
reason. What it says is counted on real traces without a label, if it has a word on every one of them.
"""

from dataclasses import dataclass, replace

from core.correcting import Calibration, Corrected, calibrate
from core.model import Confusion
from core.slice import Slice
from core.store import judgments, settings, traces
from core.store.connection import Cursor, Store
from core.workflows.narrowing import judge_ref
from core.workflows.sealing import find_seal
from core.workflows.trusting import Trust, measure_trust

SEALED = "The test split is sealed. Open it on Trust: it tells how this version errs on traces nobody tuned on."
BY_VERDICT = "The filter asks what a judge says: these traces were chosen by the verdict that is to be corrected."
NO_TEST = "No trace is in the test split, and the others were there to tune the judge on."


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """The corrected share with all that it rests on; `refusal` says in words why there is none."""

    judge: str
    corrected: Corrected
    refusal: str | None
    split: str
    """The split that the judge's errors were measured on, «all» where none was assigned."""
    trust: Trust | None
    """The judge's errors; None where they could not be measured."""
    errors: Calibration
    """The same, ready to correct the share of any slice."""
    population: Slice
    """Real traces without a label."""
    overall: bool
    """Whether the errors are those of all traces and not of this slice alone."""
    left_out: list[tuple[str, int, Slice]]
    """Of the labelled and of the unlabelled traces: why they do not count, how many, and which."""

    @property
    def judged_slice(self) -> Slice:
        """The unlabelled traces with a verdict."""
        return self.population.with_judge_verdict(self.judge, "pass", "fail")

    @property
    def passed_slice(self) -> Slice:
        """Those that the judge passed."""
        return self.population.with_judge_verdict(self.judge, "pass")


def estimate(store: Store, slice_: Slice, *, judge: str, labeler: str | None = None) -> Estimate:
    """The corrected share of passes among the unlabelled traces of a slice.

    Raises:
        NotFoundError: no such judge or labeler.
        UsageError: several people labelled, none is the principal expert and none was named.
    """
    with store.read() as cursor:
        ref = judge_ref(judgments.find_refs(cursor), judge)
    by_verdict = BY_VERDICT if slice_.judge_verdict or slice_.disagree else None
    slice_ = replace(slice_, labeler=labeler or slice_.labeler, split=())
    split, trust, refusal = _errors(store, slice_, ref)
    refusal = by_verdict or refusal
    calibration = calibrate(Confusion(0, 0, 0, 0) if trust is None else trust.whole.counts)
    population = unlabelled_real(slice_)
    with store.read() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        counted = {
            word: _count(cursor, population, ref, word, reference) for word in ("pass", "fail", "none", "failure")
        }
        left_out = _left_out(cursor, slice_, population, ref, trust, reference)
    passed, judged = counted["pass"], counted["pass"] + counted["fail"]
    refusal = refusal or _not_all(judged, counted["none"]) or calibration.refusal
    corrected = calibration.correct(passed, judged)
    refusal = refusal or corrected.refusal
    if refusal:
        corrected = Corrected(corrected.raw, None, None, None, 0, 0, refusal)
    return Estimate(
        judge=ref, corrected=corrected, refusal=refusal, split=split, trust=trust, errors=calibration, population=population,
        overall=not replace(slice_, labeler=None).is_all, left_out=left_out,
    )  # fmt: skip


def unlabelled_real(slice_: Slice) -> Slice:
    """The traces of a slice that came from real use and that nobody labelled."""
    real = slice_.values_of("origin")
    inside = slice_ if real else slice_.with_value("origin", "real")
    if real and real != ("real",):
        inside = replace(slice_, unreadable=(*slice_.unreadable, ("origin", "is not real alone")))
    return inside.with_verdict("unlabelled")


def _errors(store: Store, slice_: Slice, ref: str) -> tuple[str, Trust | None, str | None]:
    """The split, the judge against the expert on it, over all real traces; and why there is nothing to rest on."""
    with store.read() as cursor:
        seal = find_seal(cursor, ref)
    split = "test" if seal.splits else "all"
    if seal.splits and not seal.splits.get("test"):
        return split, None, NO_TEST
    if seal.is_sealed:
        return split, None, SEALED
    base = Slice(labeler=slice_.labeler, chosen=("chance", "unknown")).with_value("origin", "real").blind()
    return split, measure_trust(store, base, judge=ref, split=split), None


def _not_all(judged: int, without: int) -> str | None:
    """A share of some traces says nothing of all, unless it is known how they were chosen."""
    if judged == 0 or without == 0:
        return None
    return (
        f"The judge has a word on {judged:,} of {judged + without:,} real traces without a label, and nobody knows how "
        "these were chosen. Judge all of them, or look at a slice where it did."
    )


def _count(cursor: Cursor, population: Slice, ref: str, word: str, reference: str | None) -> int:
    return traces.count_traces(cursor, population.with_judge_verdict(ref, word), reference)


def _left_out(
    cursor: Cursor, slice_: Slice, population: Slice, ref: str, trust: Trust | None, reference: str | None
) -> list[tuple[str, int, Slice]]:
    rows = [
        *([] if slice_.values_of("origin") else [("synthetic", population.with_value("origin", "synthetic"))]),
        ("judge failures", population.with_judge_verdict(ref, "failure")),
        ("without a judgment", population.with_judge_verdict(ref, "none")),
    ]
    if trust is not None:
        picked = replace(trust.whole.compared_slice, chosen=("picked",))
        rows.append(("labelled after they were picked for a reason", picked))
    counted = [(words, traces.count_traces(cursor, which, reference), which) for words, which in rows]
    return [row for row in counted if row[1]]
