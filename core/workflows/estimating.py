"""The share of passing traces that nobody labelled: what the judge says, corrected for how it errs; or why it cannot be.

How the judge errs is measured on blind labels of real traces that nobody tuned on and that were not picked for a
reason. What it says is counted on real traces without a label, if it has a word on every one of them. Where only a random
sample was judged, or where some labels were given because of what the judge says, the unlabelled ones are no fair part of
the whole: then all real traces count, labelled or not.
"""

from dataclasses import dataclass, replace

from core.correcting import Calibration, Corrected, calibrate
from core.errors import UsageError
from core.model import Confusion
from core.slice import Slice
from core.store import judging, judgments, settings, traces
from core.store.connection import Cursor, Store
from core.store.verdicts import CategoryOf, find_category_of
from core.workflows.leaving import asks_for_left, left_rows, used_slice
from core.workflows.narrowing import judge_ref
from core.workflows.sealing import ALL, asked_split, find_seal
from core.workflows.trust import LEFT_OUT_WORDS
from core.workflows.trusting import Trust, trust_at

SEALED = "The test split is sealed. Open it on Trust: it tells how this version errs on traces nobody tuned on."
BY_VERDICT = "The filter asks what a judge says: these traces were chosen by the verdict that is to be corrected."
NO_TEST = "No trace is in the test split, and the others were there to tune the judge on."
MOST_UNSORTED = 0.05
"""The share of its labels that may be missing because nobody sorted these failures: they are none that chance left out."""


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
    """Real traces without a label, or all real traces; those in the sample, where only a sample was judged."""
    sample: int | None
    """Of a hundred traces, where only a sample was judged."""
    category: CategoryOf | None
    """The failure category that the judge looks for: the share is then of the traces that are free of it."""
    overall: bool
    """Whether the errors are those of all traces and not of this slice alone."""
    any_split: bool
    """Whether the slice names splits: those do not narrow this share, which is of all traffic."""
    left_out: list[tuple[str, int, Slice]]
    """Of the labelled and of the unlabelled traces: why they do not count, how many, and which."""

    @property
    def words(self) -> str:
        """What the share is of: «real traces», or «real traces without a label»."""
        return "real traces without a label" if self.population.verdict else "real traces"

    @property
    def subject(self) -> str:
        """What has the share: «passing real traces without a label», «real traces without a label that are free of dates»."""
        if self.category is None:
            return f"passing {self.words}"
        return f"{self.words} that are free of {self.category.name or 'its failure category'}"

    @property
    def judged_slice(self) -> Slice:
        """Those of the population with a verdict."""
        return self.population.with_judge_verdict(self.judge, "pass", "fail")

    @property
    def passed_slice(self) -> Slice:
        """Those that the judge passed."""
        return self.population.with_judge_verdict(self.judge, "pass")


def estimate(store: Store, slice_: Slice, *, judge: str, labeler: str | None = None) -> Estimate:
    """The corrected share of passes among the unlabelled traces of a slice, or among all of them; of a judge of one failure
    category the share that is free of this failure, whatever else may be wrong with them.

    Raises:
        NotFoundError: no such judge or labeler.
    """
    by_verdict = BY_VERDICT if slice_.judge_verdict or slice_.disagree or slice_.flips else None
    any_split = bool(slice_.split) and asked_split(slice_) != ALL
    slice_ = replace(slice_, labeler=labeler or slice_.labeler, split=())
    with store.snapshot() as cursor:
        ref = judge_ref(judgments.find_refs(cursor), judge)
        category = find_category_of(cursor, ref)
        split, trust, refusal = _errors(cursor, slice_, ref)
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        traffic = real(slice_)
        by_people = asks_for_left(cursor, slice_, ref)
        whole, population, sample = _judged_whole(cursor, real(used_slice(cursor, slice_, ref)), ref, reference)
        passed, failed, without = (
            _count(cursor, population, ref, word, reference) for word in ("pass", "fail", "none")
        )
        people = left_rows(cursor, replace(traffic, verdict=whole.verdict), ref, reference=reference)
        left_out = [*_left_out(cursor, slice_, whole, population, sample, ref, trust, reference), *people]
        judged = passed + failed
        gap = _gap(cursor, whole, ref, reference, judged=judged, without=without)
    calibration = calibrate(Confusion(0, 0, 0, 0) if trust is None else trust.whole.counts)
    refusal = by_verdict or refusal
    if by_people:
        refusal = f"{by_people.words} is left to people: this judge is not used there."
    refusal = refusal or gap or calibration.refusal
    corrected = calibration.correct(passed, judged)
    refusal = refusal or corrected.refusal
    if refusal:
        corrected = Corrected(corrected.raw, None, None, None, 0, 0, refusal)
    return Estimate(
        judge=ref, corrected=corrected, refusal=refusal, split=split, trust=trust, errors=calibration, population=population,
        sample=sample, category=category, overall=not replace(slice_, labeler=None).is_all, any_split=any_split,
        left_out=left_out,
    )  # fmt: skip


def real(slice_: Slice) -> Slice:
    """The traces of a slice that came from real use."""
    asked = slice_.values_of("origin")
    if asked and asked != ("real",):
        return replace(slice_, unreadable=(*slice_.unreadable, ("origin", "is not real alone")))
    return slice_ if asked else slice_.with_value("origin", "real")


def _errors(cursor: Cursor, slice_: Slice, ref: str) -> tuple[str, Trust | None, str | None]:
    """The split, the judge against the expert on it, over all real traces; and why there is nothing to rest on."""
    seal = find_seal(cursor, ref)
    split = "test" if seal.splits else "all"
    if seal.splits and not seal.splits.get("test"):
        return split, None, NO_TEST
    if seal.is_sealed:
        return split, None, SEALED
    base = Slice(labeler=slice_.labeler, chosen=("chance", "unknown")).with_value("origin", "real").blind()
    try:
        trust = trust_at(cursor, base, judge=ref, split=split)
        return split, trust, _of_category(trust)
    except UsageError as refused:  # several people labelled, or it looks for a failure category that is gone
        return split, None, str(refused)


def _of_category(trust: Trust) -> str | None:
    """Why the errors of a judge of one failure category are not known well enough."""
    counts, left = trust.whole.counts, trust.left_out.unsorted
    if trust.category is None:
        return None
    if left > MOST_UNSORTED * (left + counts.n):
        verb = "is" if left == 1 else "are"
        return (
            f"{left:,} of {left + counts.n:,} labelled traces failed and {verb} not sorted into a category yet: how the judge "
            "errs there is not known. Sort them on Failures first."
        )
    if counts.n and not trust.whole.failed:
        return f"Cannot be corrected: none of the compared traces was sorted into {trust.category.name}."
    if counts.n and not trust.whole.passed:
        return f"Cannot be corrected: all of the compared traces were sorted into {trust.category.name}."
    return None


def _judged_whole(cursor: Cursor, traffic: Slice, ref: str, reference: str | None) -> tuple[Slice, Slice, int | None]:
    """Of which traces the share shall speak, those of them it is counted on, and the sample that these are, if one.

    It is counted on all, where each of them has a judgment, else on the largest sample that a run was made on and that was
    judged without a gap.
    """
    picked = traces.count_traces(cursor, replace(traffic, chosen=("picked",)), reference)
    whole = traffic if picked and not _asks_of_labels(traffic) else traffic.with_verdict("unlabelled")
    if _asks_of_labels(traffic) or not _count(cursor, whole, ref, "none", reference):
        return whole, whole, None
    for percent in judging.find_samples(cursor, ref):
        inside = traffic.in_sample(percent)
        if not _count(cursor, inside, ref, "none", reference) and traces.count_traces(cursor, inside, reference):
            return traffic, inside, percent
    return whole, whole, None


def _asks_of_labels(slice_: Slice) -> bool:
    """Whether a slice holds only traces of which the expert said something."""
    said = (
        slice_.verdict,
        slice_.category_verdict,
        slice_.category,
        slice_.primary,
        slice_.last_good,
        slice_.failed_at,
    )
    return any((*said, slice_.chosen, slice_.drawn)) or slice_.saw_judge is not None


def _gap(cursor: Cursor, whole: Slice, ref: str, reference: str | None, *, judged: int, without: int) -> str | None:
    """Why the judged ones say nothing of all: a share of some traces does so only if it is known how they were chosen."""
    if judged == 0 or without == 0:
        return None
    for percent in judging.find_samples(cursor, ref)[-1:]:
        inside = replace(whole, verdict=()).in_sample(percent)
        left, n = _count(cursor, inside, ref, "none", reference), traces.count_traces(cursor, inside, reference)
        if 0 < left < n:
            return (
                f"Of the random sample of {percent} %, {left:,} of {n:,} real traces have no judgment yet. "
                "Run the judge on the sample again: what it judged before costs nothing."
            )
    kind = " without a label" if whole.verdict else ""
    return (
        f"The judge has a word on {judged:,} of {judged + without:,} real traces{kind}, and nobody knows how "
        "these were chosen. Judge all of them or a random sample, or look at a slice where it did."
    )


def _count(cursor: Cursor, population: Slice, ref: str, word: str, reference: str | None) -> int:
    return traces.count_traces(cursor, population.with_judge_verdict(ref, word), reference)


def _left_out(
    cursor: Cursor, slice_: Slice, whole: Slice, population: Slice, sample: int | None, ref: str, trust: Trust | None,
    reference: str | None,
) -> list[tuple[str, int, Slice]]:  # fmt: skip
    rows = [
        *([] if slice_.values_of("origin") else [("synthetic", whole.with_value("origin", "synthetic"))]),
        *([] if sample is None else [("outside the sample", whole.outside_sample(sample))]),
        ("judge failures", population.with_judge_verdict(ref, "failure")),
        ("without a judgment", population.with_judge_verdict(ref, "none")),
    ]
    if trust is not None:
        picked = replace(trust.whole.compared_slice, chosen=("picked",))
        rows.append(("labelled after they were picked for a reason", picked))
        if unsorted := trust.left_out_slices.get("unsorted"):
            rows.append((LEFT_OUT_WORDS["unsorted"], unsorted))
    counted = [(words, traces.count_traces(cursor, which, reference), which) for words, which in rows]
    return [row for row in counted if row[1]]
