"""Where one is on the way from reading traces to a judge that is watched, and the one thing to do next: one order for both.

The way is that of critique shadowing: look at traces and label them, sort the failures, fix the obvious ones, write a
judge, check it on dev, test it once, watch.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple

from core.metrics import Rate
from core.slice import Slice
from core.store import fixes
from core.store.connection import Store
from core.store.pairs import UNMARKED
from core.workflows.categorising import Failures
from core.workflows.explaining import count_marks
from core.workflows.sealing import Seal, read_seal
from core.workflows.staling import Due, Staleness, review_due, unchecked
from core.workflows.trusting import JudgeSummary, Trust

ENOUGH_LABELS: Final = 30
ENOUGH_TO_SORT: Final = 10
SESSION: Final = 25
GOOD_ENOUGH: Final = 0.8
"""Of the failures caught and of the passes kept on dev, the least that the method asks for before the test."""
FEWEST: Final = 10
"""Traces of a class under which a rate on dev says nothing."""


class Part(StrEnum):
    """A part of the way, in its order."""

    LABEL = "Look and label"
    SORT = "Sort the failures"
    FIX = "Fix obvious errors"
    WRITE = "Write a judge"
    CHECK = "Check it on dev"
    TEST = "Test it once"
    WATCH = "Watch"


class State(StrEnum):
    """How a part of the way stands."""

    DONE = "done"
    NOW = "now"
    OPEN = "open"
    """Gone past with something left to do."""
    LATER = "later"


class Step(StrEnum):
    """What can be done next."""

    IMPORT = "import"
    REVIEW = "review"
    SORT = "sort"
    DECIDE = "decide"
    WRITE = "write"
    SAY_WHOSE = "say whose labels count"
    CHECK = "check"
    CHECK_AGAIN = "check again"
    SEE_DIFFERENCES = "differences"
    IMPROVE = "improve"
    TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """The one thing to do next, to which part of the way it belongs, on how many traces, and which."""

    step: Step
    part: Part
    n: int
    slice: Slice
    judge: str | None = None
    """The judge version (NAME@VERSION) that it is about."""
    category_id: int | None = None
    """The failure category to begin with."""


class Mending(NamedTuple):
    """Failure categories of a slice: all that have failed traces, those without a decision, those to be fixed now, of
    these the ones that have a fix in the log; and which of those without a decision is the most frequent."""

    categories: int
    undecided: int
    to_fix: int
    fixed: int
    first: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What the data says of each part of the way."""

    slice: Slice
    traces: int
    labelled: int
    passed: int
    unlabelled: int
    failures: Failures
    mending: Mending
    judges: list[JudgeSummary]
    """Every version of every judge."""
    whose: bool
    """Whether it is known whose labels count."""
    trust: Trust | None
    """The version to speak of, on what nobody tuned on; None where none has judged anything."""
    checked: bool
    """Whether that version was held against the expert."""
    stale: Staleness | None
    differ: int
    """Traces where it differs from the expert and nobody has said why."""
    seal: Seal | None
    due: Due | None

    @property
    def both(self) -> bool:
        """Whether there are failed and passed traces: a judge cannot be checked without either."""
        return bool(self.failures.failed and self.passed)

    @property
    def rates(self) -> tuple[Rate, Rate] | None:
        """The failures caught and the passes kept on dev; None where dev is not what is spoken of."""
        if self.trust is None or self.trust.split != "dev":
            return None
        return self.trust.whole.caught_failures, self.trust.whole.kept_passes

    @property
    def is_low(self) -> bool:
        """Whether one of the rates on dev, of traces enough, is under what the method asks for."""
        return any(r.n >= FEWEST and r.rate is not None and r.rate < GOOD_ENOUGH for r in self.rates or ())

    @property
    def is_good(self) -> bool:
        """Whether both rates on dev, of traces enough, are what the method asks for."""
        rates = self.rates
        return rates is not None and not self.is_low and all(rate.n >= FEWEST for rate in rates)

    def is_done(self, part: Part) -> bool:
        """Whether nothing is left to do of a part; watching never ends."""
        return {
            Part.LABEL: self.labelled >= ENOUGH_LABELS or not self.unlabelled,
            Part.SORT: bool(self.labelled) and self.failures.uncategorised == 0,
            Part.FIX: self.mending.categories > 0 and not self.mending.undecided
            and self.mending.fixed == self.mending.to_fix,
            Part.WRITE: bool(self.judges),
            Part.CHECK: self.checked and not (self.stale and self.stale.is_stale) and not self.differ
            and not self.is_low,
            Part.TEST: self.seal is not None and bool(self.seal.of_judge),
            Part.WATCH: False,
        }[part]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How each part of the way stands, what that rests on, and what to do next."""

    standing: Standing
    next: NextStep

    @property
    def parts(self) -> list[tuple[Part, State]]:
        """The parts in their order; the one to which the next step belongs is the only one that is now."""
        order = list(Part)
        return [(part, self._state(part, order.index(part) < order.index(self.next.part))) for part in order]

    def _state(self, part: Part, is_behind: bool) -> State:
        if part is self.next.part:
            return State.NOW
        if self.standing.is_done(part):
            return State.DONE
        return State.OPEN if is_behind else State.LATER


def find_way(
    store: Store, slice_: Slice, *, traces: int, labelled: int, passed: int, unlabelled: int, failures: Failures,
    judges: list[JudgeSummary], trust: Trust | None, whose: bool, stale: Staleness | None,
) -> Way:  # fmt: skip
    """Where one is in a slice with these counts: `labelled` of its `traces` with a verdict, `passed` of them passes,
    `unlabelled` with nothing said; `trust` is the judge version to speak of.
    """
    standing = Standing(
        slice=slice_, traces=traces, labelled=labelled, passed=passed, unlabelled=unlabelled, failures=failures,
        mending=_mending(store, failures), judges=judges, whose=whose, trust=trust, stale=stale,
        checked=trust is not None and (trust.whole.counts.n > 0 or trust.judge not in unchecked(store)),
        differ=_unexplained(store, trust), seal=None if trust is None else read_seal(store, trust.judge),
        due=review_due(store),
    )  # fmt: skip
    return Way(standing=standing, next=_next(standing))


def _mending(store: Store, failures: Failures) -> Mending:
    found = [row.category for row in failures.rows if row.category is not None and row.traces]
    with store.read() as cursor:
        logged = fixes.find_fixed(cursor)
    to_fix = [category for category in found if category.status == "fix now"]
    new = [category.id for category in found if category.status == "new"]
    fixed = sum(category.id in logged for category in to_fix)
    return Mending(len(found), len(new), len(to_fix), fixed, next(iter(new), None))


def _unexplained(store: Store, trust: Trust | None) -> int:
    if trust is None or not trust.differ:
        return 0
    return count_marks(store, trust.disagreements, judge=trust.judge).get(UNMARKED, 0)


def _next(at: Standing) -> NextStep:
    """The first thing of the way that is not done, where it is worth doing now."""
    if at.traces == 0:
        return NextStep(step=Step.IMPORT, part=Part.LABEL, n=0, slice=Slice())
    if not at.is_done(Part.LABEL):
        return _review(at, Part.LABEL)
    if at.failures.uncategorised >= ENOUGH_TO_SORT:
        return _sort(at)
    found = _about_the_judge(at) if at.judges else _before_a_judge(at)
    if found is not None:
        return found
    part = Part.WATCH if at.judges else Part.LABEL
    if at.unlabelled:
        return _review(at, part)
    if at.failures.uncategorised:
        return _sort(at)
    return NextStep(step=Step.IMPORT, part=part, n=0, slice=Slice())


def _review(at: Standing, part: Part) -> NextStep:
    return NextStep(step=Step.REVIEW, part=part, n=min(SESSION, at.unlabelled), slice=at.slice)


def _sort(at: Standing) -> NextStep:
    return NextStep(step=Step.SORT, part=Part.SORT, n=at.failures.uncategorised, slice=at.slice)


def _before_a_judge(at: Standing) -> NextStep | None:
    """A judge is for what is left when the obvious is fixed; what waits for a fix holds up nothing."""
    if at.mending.undecided:
        return NextStep(
            step=Step.DECIDE, part=Part.FIX, n=at.mending.undecided, slice=at.slice, category_id=at.mending.first
        )  # fmt: skip
    return NextStep(step=Step.WRITE, part=Part.WRITE, n=0, slice=at.slice) if at.both else None


def _about_the_judge(at: Standing) -> NextStep | None:
    if not at.whose:
        return NextStep(step=Step.SAY_WHOSE, part=Part.CHECK, n=0, slice=at.slice)
    newest = max(at.judges, key=lambda judge: judge.version_id).version.ref
    ref = newest if at.trust is None else at.trust.judge

    def about(step: Step, part: Part = Part.CHECK, n: int = 0, inside: Slice = at.slice) -> NextStep:
        return NextStep(step=step, part=part, n=n, slice=inside, judge=ref)

    if at.trust is not None and at.trust.sealed:
        return about(Step.TEST, Part.TEST)
    if not at.checked:
        return about(Step.CHECK) if at.both else None
    if at.stale is not None and at.stale.is_stale:
        return about(Step.CHECK_AGAIN)
    if at.differ:
        return about(Step.SEE_DIFFERENCES, n=at.differ)
    if at.is_low:
        return about(Step.IMPROVE)
    if at.is_good and at.seal is not None and at.seal.is_sealed and not at.seal.of_judge:
        return about(Step.TEST, Part.TEST, at.seal.splits["test"], at.slice.with_split("test"))
    return None
