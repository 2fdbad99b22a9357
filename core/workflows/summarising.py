"""Answer in one look: what fails most, where, can the judge be trusted, and what to do next."""

from dataclasses import dataclass
from datetime import datetime

from core.metrics import Rate
from core.model import OF_TESTS
from core.slice import Slice
from core.store import dimensions, labels, pivots, settings, traces, weights
from core.store.connection import Cursor, Store
from core.store.pivots import EXPERT, FAILED, Pair
from core.store.variants import without_tests
from core.workflows.categorising import Failures, count_failures
from core.workflows.orienting import Way, find_way
from core.workflows.staling import Staleness, staleness
from core.workflows.trusting import (
    JudgeSummary,
    Labelers,
    Trust,
    list_judges,
    list_labelers,
    measure_unseen,
    scope_refusal,
)
from core.workflows.weighing import Choice, Counted, Weighing, choice_of, weigh

SHOWN_SLICES = 5
MOST_DIMENSIONS = 12
MOST_VERSIONS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class WorstSlice:
    """A combination of values with its failure rate."""

    values: tuple[tuple[str, str], ...]
    rate: Rate
    failed_slice: Slice
    labelled_slice: Slice


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeInBrief:
    """The judge version to speak of, measured; `trust` is None where it must first be said whose labels count."""

    summary: JudgeSummary
    trust: Trust | None
    judges: int
    """How many judges there are, versions apart."""

    @property
    def looks_for(self) -> str:
        """Of a judge of one failure category, which: as it stands behind its name."""
        category = None if self.trust is None else self.trust.category
        return "" if category is None else f", which looks for {category.name} alone,"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Everything the first page says of a slice."""

    traces: int
    labelled: Rate
    """failed of labelled; its share is weighted by how the traces were chosen, where that is known and differs"""
    choice: Choice
    """How the labelled traces were chosen."""
    passed: int
    failed_slice: Slice
    labelled_slice: Slice
    labelers: Labelers
    last_label: datetime | None
    failures: Failures
    worst: list[WorstSlice]
    looked_at: int
    """Combinations with enough labels, the worst of which are listed."""
    judge: JudgeInBrief | None
    stale: Staleness | None
    """What changed since that judge was checked; None where it never was."""
    way: Way
    """Where one is on the way from reading to a judge that is watched, and what to do next."""


def summarise(store: Store, slice_: Slice, *, min_n: int = 10, judge: str | None = None) -> Summary:
    """What the first page says of a slice; combinations of fewer than `min_n` labelled traces are not ranked.

    It speaks of the judge version `judge` (NAME@VERSION), as far as this slice can be asked about that one.
    """
    with store.snapshot() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        counts = pivots.count_slice(cursor, slice_, of=EXPERT, reference=reference)
        unlabelled = traces.count_traces(cursor, without_tests(slice_).with_verdict("unlabelled"), reference)
        last = max((labeler.last for labeler in labels.find_labelers(cursor)), default=None)
        weighing = weigh(cursor, slice_, of=EXPERT, measure=FAILED, reference=reference)
        rate = weighing.rate(slice_, weighing.whole(), traces=counts.traces, k=counts.failed, n=counts.judged)
        choice = choice_of(cursor, slice_, reference)
        worst, looked_at = _worst(cursor, weighing, counts.traces, min_n=min_n, reference=reference)
    failures = count_failures(store, slice_)
    labelers = list_labelers(store)
    versions = list_judges(store)
    brief = _judge(store, slice_, labelers, versions, judge)
    trust = None if brief is None else brief.trust
    stale = None if brief is None or trust is None else staleness(store, brief.summary.version.ref)
    passed = counts.judged - counts.failed
    way = find_way(
        store, slice_, traces=counts.traces, labelled=counts.judged, passed=passed, unlabelled=unlabelled,
        failures=failures, judges=versions, trust=trust, whose=brief is None or trust is not None, stale=stale,
    )  # fmt: skip
    return Summary(
        traces=counts.traces,
        labelled=rate,
        choice=choice,
        passed=passed,
        failed_slice=slice_.with_verdict("fail"),
        labelled_slice=slice_.with_verdict("pass", "fail"),
        labelers=labelers,
        last_label=last,
        failures=failures,
        worst=worst,
        looked_at=looked_at,
        judge=brief,
        stale=stale,
        way=way,
    )


def _worst(
    cursor: Cursor, weighing: Weighing, n: int, *, min_n: int, reference: str | None
) -> tuple[list[WorstSlice], int]:
    """Combinations of two values, the worst by the lower end of the interval first, and how many were looked at.

    A dimension that the slice holds to one value adds nothing. Values of others that the slice does not name are left
    out: traces that have several would bring them in.
    """
    slice_ = weighing.slice_
    known = [name for name in dimensions.find_dimensions(cursor) if name not in OF_TESTS]
    free = [name for name in known if len(slice_.values_of(name)) != 1][:MOST_DIMENSIONS]
    if not free:
        return [], 0
    found = [
        pair
        for pair in pivots.count_pairs(cursor, slice_, free, min_n=max(1, min_n), reference=reference)
        if all(not slice_.values_of(name) or value in slice_.values_of(name) for name, value in pair.values)
    ]
    patterns = {} if weighing.plain else weights.count_pair_patterns(cursor, weighing.labelled, free)

    def rate(pair: Pair, traces_: int) -> Rate:
        counted = {place: Counted(*held) for place, held in patterns.get(pair.values, {}).items()}
        inside = slice_ if weighing.plain else _inside(slice_, pair)
        return weighing.rate(inside, counted, traces=traces_, k=pair.failed, n=pair.judged)

    # Ranked as if labels of unknown choice were spread evenly over the slice; those shown count their own traces.
    rated = [(pair, rate(pair, n)) for pair in found]
    strong = [(pair, of_it) for pair, of_it in rated if of_it.strength >= min_n]
    ranked = sorted((x for x in strong if x[1].low), key=lambda x: (-(x[1].low or 0.0), -x[1].n, x[0].values))
    worst: list[WorstSlice] = []
    for pair, ranked_rate in ranked[:SHOWN_SLICES]:
        inside = _inside(slice_, pair)
        exact = ranked_rate if weighing.plain else rate(pair, traces.count_traces(cursor, inside, reference))
        both, failed = inside.with_verdict("pass", "fail"), inside.with_verdict("fail")
        worst.append(WorstSlice(values=pair.values, rate=exact, failed_slice=failed, labelled_slice=both))
    return worst, len(strong)


def _inside(slice_: Slice, pair: Pair) -> Slice:
    for name, value in pair.values:
        slice_ = slice_.with_value(name, value)
    return slice_


def _judge(
    store: Store, slice_: Slice, labelers: Labelers, versions: list[JudgeSummary], wanted: str | None
) -> JudgeInBrief | None:
    """The judge version that is wanted, with judgments or without, else the newest that shares traces with the expert here,
    else the newest one with judgments; one that looks for a single failure category where none judges the whole."""
    known = sorted((s for s in versions if s.judgments), key=lambda s: -s.version_id)
    asked = slice_.judge if slice_.judge_verdict else slice_.disagree
    known = [s for s in known if asked in (None, s.version.ref)]
    named = [s for s in versions if s.version.ref == wanted and asked in (None, wanted)]
    named = [s for s in named if not scope_refusal(store, slice_, s.version.ref)]
    whole = [s for s in known if s.version.category_id is None]
    known = whole or [s for s in known if not scope_refusal(store, slice_, s.version.ref)]
    judges = len({s.version.judge for s in (*known, *named)})
    known = named or known
    if not known:
        return None
    if labelers.default is None and slice_.labeler is None and len(labelers.names) > 1:
        return JudgeInBrief(summary=known[0], trust=None, judges=judges)
    measured = [(s, measure_unseen(store, slice_, judge=s.version.ref)) for s in known[:MOST_VERSIONS]]
    summary, trust = next((pair for pair in measured if pair[1].whole.counts.n), measured[0])
    return JudgeInBrief(summary=summary, trust=trust, judges=judges)
