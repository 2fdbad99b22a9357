"""A judge version against the expert: the counts, the rates they give, and for each number the slice of its traces."""

from dataclasses import dataclass

from core.metrics import Rate, agreement, caught_failures, fail_precision, false_alarms, kappa, kept_passes
from core.model import Confusion, LeftOut
from core.slice import Slice
from core.store.comparing import Judged
from core.store.verdicts import CategoryOf
from core.workflows.narrowing import id_of, in_words


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustGroup:
    """One confusion table with its rates; `value` None is the whole slice, the empty text «missing»."""

    value: str | None
    counts: Confusion
    kept_passes: Rate
    caught_failures: Rate
    false_alarms: Rate
    fail_precision: Rate
    agreement: Rate
    kappa: float | None
    slice: Slice
    """The traces labelled blind in this group; `compared_slice` and the four cells narrow it."""
    judge: str
    category: CategoryOf | None
    """The failure category that the judge looks for: then pass and fail are what the expert's label says of that."""

    @property
    def compared_slice(self) -> Slice:
        """The traces with a blind verdict of the expert and a verdict of the judge."""
        return self._said("pass", "fail").with_judge_verdict(self.judge, "pass", "fail")

    def _said(self, *verdicts: str) -> Slice:
        return self.slice.with_verdict(*verdicts, about=id_of(self.category))

    @property
    def failed(self) -> int:
        """Compared traces that the expert failed."""
        return self.counts.both_fail + self.counts.judge_too_lenient

    @property
    def passed(self) -> int:
        """Compared traces that the expert passed."""
        return self.counts.both_pass + self.counts.judge_too_strict

    def cell_slice(self, *, expert: str, judge: str) -> Slice:
        """The traces of one of the four cells: `expert` and `judge` are «pass» or «fail»."""
        return self._said(expert).with_judge_verdict(self.judge, judge)

    def expert_slice(self, verdict: str) -> Slice:
        """The compared traces that the expert passed or failed."""
        return self._said(verdict).with_judge_verdict(self.judge, "pass", "fail")

    def judge_slice(self, verdict: str) -> Slice:
        """The compared traces that the judge passed or failed."""
        return self._said("pass", "fail").with_judge_verdict(self.judge, verdict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """A judge version against the expert on a slice."""

    judge: str
    labeler: str | None
    split: str
    sealed: bool
    groups: list[TrustGroup]
    left_out: LeftOut
    left_to_people: list[tuple[str, int, Slice]]
    """What the judge is not used on: in words, how many traces, and which; they are in no count, `left_out` among them."""
    left_out_slices: dict[str, Slice]
    judged: Judged
    disagreements: Slice
    """Traces where the two differ: too lenient and too strict together."""
    category: CategoryOf | None
    """The failure category that the judge looks for; None for a judge of the whole trace."""

    @property
    def in_words(self) -> tuple[str, str]:
        """Which traces it should fail, and which it should pass."""
        return in_words(self.category)

    @property
    def whole(self) -> TrustGroup:
        """The whole slice; of a sealed split a group of nothing."""
        nothing = Slice(unreadable=(("split", self.split),))
        return (
            self.groups[0] if self.groups else group_of(None, Confusion(0, 0, 0, 0), nothing, self.judge, self.category)
        )

    @property
    def differ(self) -> int:
        """How many traces the two differ on."""
        counts = self.whole.counts
        return counts.judge_too_lenient + counts.judge_too_strict

    def left_out_rows(self) -> list[tuple[str, int, Slice]]:
        """Why traces were left out, in words, how many, and which."""
        counted = self.left_out._asdict()
        rows = [
            (words, n, self.left_out_slices[name]) for name, words in LEFT_OUT_WORDS.items() if (n := counted[name])
        ]
        return [*rows, *self.left_to_people]


LEFT_OUT_WORDS = {
    "unlabelled": "unlabelled",
    "deferred": "deferred",
    "expert_saw_judge": "where the expert saw the judge or labelled a former text",
    "example": "shown to the judge as examples",
    "unsorted": "failed, not sorted into a category yet",
    "no_judgment": "without a judgment",
    "judge_failure": "judge failures",
    "other_split": "in another split or none",
    "sealed": "in the sealed test split",
}


def group_of(value: str | None, counts: Confusion, inside: Slice, ref: str, category: CategoryOf | None) -> TrustGroup:
    """The group of these counts, with every rate that they give."""
    return TrustGroup(
        value=value,
        counts=counts,
        kept_passes=kept_passes(counts),
        caught_failures=caught_failures(counts),
        false_alarms=false_alarms(counts),
        fail_precision=fail_precision(counts),
        agreement=agreement(counts),
        kappa=kappa(counts),
        slice=inside,
        judge=ref,
        category=category,
    )
