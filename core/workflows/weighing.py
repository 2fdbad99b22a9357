"""Rates that speak for all traces of a slice: each label weighs as many traces as its draw let it stand for.

Labels of draws by chance count 1 / inclusion times. A trace that several draws could have hit counts by the
probability of being in one of them at least. Labels of unknown choice count as if drawn at random from the whole
slice. Labels of traces that were picked for a reason, or drawn from a narrower slice, are left out.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import NamedTuple

from core.metrics import Rate, Weighed, joint_inclusion, rate_of, weighted_rate
from core.model import MISSING
from core.slice import Condition, Slice
from core.store import drawing, pivots, queues, settings, traces, weights
from core.store.connection import Cursor, Store
from core.store.pivots import EXPERT, FAILED
from core.workflows.queueing import chances_of, frame_of

Place = tuple[str | None, str | None]


class Draw(NamedTuple):
    """A draw by chance: from what, when, how likely it hit each stratum, and what share of its traces has a verdict."""

    queue_id: int
    strategy: str
    frame: Slice
    event: int
    by: str | None
    inclusion: Mapping[str, float]
    answered: float

    def chance(self, stratum: str) -> float:
        """The probability that a trace of this stratum was drawn and judged."""
        return self.inclusion.get(stratum, 0.0) * self.answered


class Pattern(NamedTuple):
    """Traces alike in how they could have been drawn: how they were, by which draw, and how likely by each draw."""

    choice: str
    own: int | None
    chances: tuple[float, ...]


class Counted(NamedTuple):
    """Traces with a verdict and failed ones."""

    judged: int
    failed: int


class Choice(NamedTuple):
    """How the labelled traces of a slice were chosen, each kind with its traces."""

    unknown: int
    unknown_slice: Slice
    picked: int
    picked_slice: Slice
    narrower: int
    narrower_slice: Slice

    def left_out(self) -> list[tuple[str, int, Slice]]:
        """The labels that no rate may rest on: why, how many, which."""
        rows = [
            ("picked for a reason", self.picked, self.picked_slice),
            ("drawn from a narrower slice", self.narrower, self.narrower_slice),
        ]
        return [row for row in rows if row[1]]


_COMPARED = ("dimensions", "fields", "search", "since", "until", "import_id", "split", "unreadable")


def covers(frame: Slice, slice_: Slice) -> bool:
    """Whether everything in the slice was in the frame of a draw: each condition of the frame holds in the slice.

    That nobody had labelled its traces is no condition here: what was labelled then has a choice of its own.
    """
    known = Slice(**{name: getattr(frame, name) for name in _COMPARED}, verdict=frame.verdict, labeler=frame.labeler)
    return (
        frame == known
        and all(_implied(condition, slice_) for condition in (*frame.dimensions, *frame.fields))
        and not frame.search  # it looked through the traces alone, a slice looks through critiques too
        and (frame.since is None or (slice_.since is not None and slice_.since >= frame.since))
        and (frame.until is None or (slice_.until is not None and slice_.until <= frame.until))
        and frame.import_id in (None, slice_.import_id)
        and (not frame.split or (bool(slice_.split) and set(slice_.split) <= set(frame.split)))
        and not frame.unreadable
    )


def _implied(condition: Condition, slice_: Slice) -> bool:
    asked, held = set(condition.values), set(slice_.values_of(condition.key, negated=condition.negated))
    return asked <= held if condition.negated else bool(held) and held <= asked


def population_rate(counts: Mapping[Pattern, Counted], draws: Iterable[int], *, traces: int, k: int, n: int) -> Rate:
    """Failed of judged among `traces`, each pattern by its weight; `draws` are those that cover what is counted."""
    covering = set(draws)
    unknown = sum(counted.judged for pattern, counted in counts.items() if pattern.choice == "unknown")
    as_if = min(1.0, unknown / traces) if traces else 0.0
    groups: list[Weighed] = []
    for pattern, counted in counts.items():
        if pattern.choice == "unknown" or (pattern.own is not None and pattern.own in covering):
            inclusion = joint_inclusion([as_if, *(pattern.chances[place] for place in sorted(covering))])
            groups.append(Weighed(1 / inclusion if inclusion else 0.0, counted.failed, counted.judged))
    return weighted_rate(groups, k=k, n=n)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighing:
    """The labels of a slice with what each stands for; without anything to weigh, rates are those of k of n."""

    slice_: Slice
    draws: list[Draw]
    patterns: list[Pattern]
    labelled: list[tuple[int, bool, int]]
    """Trace, whether it failed, and the place of its pattern."""

    @property
    def plain(self) -> bool:
        """Whether every label counts the same."""
        return not self.labelled

    def rate(self, slice_: Slice, counts: Mapping[int, Counted], *, traces: int, k: int, n: int) -> Rate:
        """The rate of `slice_`, whose labels have these counts by the place of their pattern."""
        if self.plain:
            return rate_of(k, n)
        covering = [place for place, draw in enumerate(self.draws) if covers(draw.frame, slice_)]
        named = {self.patterns[place]: counted for place, counted in counts.items()}
        return population_rate(named, covering, traces=traces, k=k, n=n)

    def whole(self) -> dict[int, Counted]:
        """The counts of the whole slice by pattern."""
        found: dict[int, Counted] = {}
        for _, failed, place in self.labelled:
            held = found.get(place, Counted(0, 0))
            found[place] = Counted(held.judged + 1, held.failed + failed)
        return found

    def cells(self, cursor: Cursor, rows: str, cols: str | None) -> dict[Place, dict[int, Counted]]:
        """The same for every cell, margin and the whole of a pivot."""
        if self.plain:
            return {}
        second = None if cols is None else pivots.values_of(cols)
        found: dict[Place, dict[int, Counted]] = {}
        for cell in weights.count_patterns(cursor, self.labelled, rows=pivots.values_of(rows), cols=second):
            found.setdefault((cell.row, cell.col), {})[cell.pattern] = Counted(cell.judged, cell.failed)
        return found


def weigh(
    cursor: Cursor, slice_: Slice, *, of: str, measure: str, reference: str | None, hits: Slice | None = None
) -> Weighing:
    """What the expert's labels in a slice stand for; only their failures are a rate of all traces.

    With `hits` only the traces of that slice count as failed.
    """
    nothing = Weighing(slice_=slice_, draws=[], patterns=[], labelled=[])
    if of != EXPERT or measure != FAILED or not weights.any_choice_known(cursor):
        return nothing
    labelled = weights.find_labelled(cursor, slice_, reference)
    if all(label.choice == "unknown" for label in labelled):
        return nothing
    if hits is not None:
        hit = set(traces.find_keys(cursor, hits, reference=reference))
        labelled = [label._replace(failed=label.key in hit) for label in labelled]
    draws = find_draws(cursor)
    keys = [label.key for label in labelled]
    seen = drawing.find_first_seen(cursor, keys)
    values = {by: drawing.find_values(cursor, by, keys) for by in {draw.by for draw in draws} if by}
    places = {(draw.queue_id, draw.strategy): place for place, draw in enumerate(draws)}
    numbers: dict[Pattern, int] = {}
    placed: list[tuple[int, bool, int]] = []
    for label in labelled:
        own = places.get((label.queue_id or 0, label.strategy or ""))
        chances = [
            draw.chance(values[draw.by].get(label.key, MISSING) if draw.by else MISSING)
            if seen.get(label.key, 0) < draw.event
            else 0.0
            for draw in draws
        ]
        if own is not None and label.inclusion is not None:
            chances[own] = label.inclusion * draws[own].answered
        pattern = Pattern(label.choice, own, tuple(chances))
        placed.append((label.key, label.failed, numbers.setdefault(pattern, len(numbers))))
    return Weighing(slice_=slice_, draws=draws, patterns=list(numbers), labelled=placed)


def uneven_choice(store: Store, slice_: Slice) -> Choice | None:
    """How the labelled traces of a slice were chosen, where plain counts of them are no rates of all its traces."""
    with store.read() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        weighing = weigh(cursor, slice_, of=EXPERT, measure=FAILED, reference=reference)
        if weighing.plain:
            return None
        counts = pivots.count_slice(cursor, slice_, of=EXPERT, reference=reference)
        rate = weighing.rate(slice_, weighing.whole(), traces=counts.traces, k=counts.failed, n=counts.judged)
        choice = choice_of(cursor, slice_, reference)
    return choice if rate.n_eff is not None or choice.left_out() else None


def find_draws(cursor: Cursor) -> list[Draw]:
    """Every draw by chance that somebody has judged a trace of."""
    answered = queues.count_answered(cursor)
    found: list[Draw] = []
    for row in queues.find_drawn_by_chance(cursor):
        for chance in chances_of(row):
            hit, judged = answered.get((row.queue_id, chance.strategy), (0, 0))
            if judged:
                found.append(
                    Draw(
                        row.queue_id,
                        chance.strategy,
                        frame_of(row),
                        row.event,
                        chance.by,
                        chance.inclusion,
                        judged / hit,
                    )
                )
    return found


def choice_of(cursor: Cursor, slice_: Slice, reference: str | None) -> Choice:
    """How the labelled traces of a slice were chosen."""
    counted = weights.count_choices(cursor, slice_, reference)
    frames = {row.queue_id: frame_of(row) for row in queues.find_drawn_by_chance(cursor)}
    outside = {
        queue_id: n
        for (choice, queue_id), n in counted.items()
        if choice == "chance" and queue_id is not None and not covers(frames.get(queue_id, Slice()), slice_)
    }
    judged = slice_.with_verdict("pass", "fail")
    return Choice(
        unknown=sum(n for (choice, _), n in counted.items() if choice == "unknown"),
        unknown_slice=replace(judged, chosen=("unknown",)),
        picked=sum(n for (choice, _), n in counted.items() if choice == "picked"),
        picked_slice=replace(judged, chosen=("picked",)),
        narrower=sum(outside.values()),
        narrower_slice=replace(judged, drawn=tuple(sorted(outside))),
    )
