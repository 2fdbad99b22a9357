"""How the traces of a queue are chosen: by chance, with a known probability, or because something marks them out.

Only draws by chance say anything of all traffic. They are made first, from everything in the frame; what is marked
out is then picked from the rest. Every draw is a function of the pool and a seeded generator.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import NamedTuple

from core.model import MISSING
from core.slice import Slice
from core.store import drawing, traces
from core.store.connection import Cursor
from core.store.drawing import Candidate
from core.workflows.lexical import group_by_wording

MOST_GROUPED = 2_000
GROUPED_TEXT = 400
"""A seeded sample of so many traces is grouped by wording, each by so many characters: a second or two, at any size."""


class Drawn(NamedTuple):
    """A trace that a draw hit; `inclusion` is None where no probability is known."""

    key: int
    strategy: str
    inclusion: float | None = None
    shown: bool = True


class Chance(NamedTuple):
    """A draw by chance as it is kept: with which probability it hit the traces of each stratum."""

    strategy: str
    by: str | None
    inclusion: dict[str, float]
    """By value of the dimension `by`; one entry of the empty text where there are no strata."""


@dataclass(slots=True, kw_only=True)
class Pool:
    """What a queue is drawn from, and what was drawn from it so far."""

    cursor: Cursor
    frame: Slice
    reference: str | None
    labeler: str
    random: Random
    candidates: list[Candidate]
    by: tuple[str, ...] = ()
    """Dimensions: the first for strata, both for thin cells."""
    equal: bool = True
    taken: set[int] = field(default_factory=set[int])
    chances: list[Chance] = field(default_factory=list[Chance])

    def left(self) -> list[int]:
        """The open traces that no draw has hit, in an order that the seed alone decides."""
        keys = [c.key for c in self.candidates if c.open and c.key not in self.taken]
        self.random.shuffle(keys)
        return keys


class Strategy(NamedTuple):
    """A way to choose, its words, whether its labels speak for all traffic, and whether a judge's verdict is behind it."""

    name: str
    words: str
    by_chance: bool
    by_judge: bool
    draw: Callable[[Pool, int], list[Drawn]]


def hit(population: Sequence[Candidate], size: int, random: Random) -> list[Candidate]:
    """Traces in random order until `size` open ones were hit; with them those judged already that came before."""
    order = list(population)
    random.shuffle(order)
    found: list[Candidate] = []
    for candidate in order:
        if size <= 0:
            break
        found.append(candidate)
        size -= candidate.open
    return found


def shares(sizes: Mapping[str, int], amount: int, *, equal: bool) -> dict[str, int]:
    """How many to draw from each stratum: the same from each, or in proportion to its size, at least one of each."""
    given = {name: min(1, size) for name, size in sizes.items()}
    while sum(given.values()) < min(amount, sum(sizes.values())):
        open_ones = [name for name, size in sizes.items() if given[name] < size]
        weight = {name: 1 if equal else sizes[name] for name in open_ones}
        neediest = min(open_ones, key=lambda name: (given[name] / weight[name], name))
        given[neediest] += 1
    return given


def by_chance(population: Sequence[Candidate], size: int, random: Random) -> tuple[list[Drawn], Chance]:
    """A simple random draw."""
    found = hit(population, size, random)
    inclusion = len(found) / len(population) if population else 0.0
    return [Drawn(c.key, "random", inclusion, c.open) for c in found], Chance("random", None, {MISSING: inclusion})


def by_strata(
    population: Sequence[Candidate], values: Mapping[int, str], size: int, random: Random, *, by: str, equal: bool
) -> tuple[list[Drawn], Chance]:
    """A random draw from each stratum; of more strata than the queue has room for, the smallest are drawn as one."""
    strata: dict[str, list[Candidate]] = {}
    for candidate in population:
        strata.setdefault(values.get(candidate.key, MISSING), []).append(candidate)
    named = sorted(strata, key=lambda value: (-len(strata[value]), value))
    groups = [[value] for value in named[: size - 1]] + ([named[size - 1 :]] if named[size - 1 :] else [])
    members = {str(place): [c for value in group for c in strata[value]] for place, group in enumerate(groups)}
    amounts = shares({name: sum(c.open for c in held) for name, held in members.items()}, size, equal=equal)
    drawn: list[Drawn] = []
    inclusion: dict[str, float] = {}
    for (name, held), group in zip(members.items(), groups, strict=True):
        # A stratum of which nothing is left open has been seen whole: all of it is hit.
        found = hit(held, amounts[name], random) if any(c.open for c in held) else held
        chance = len(found) / len(held)
        inclusion |= dict.fromkeys(group, chance)
        drawn += [Drawn(c.key, "stratified", chance, c.open) for c in found]
    return drawn, Chance("stratified", by, inclusion)


def _random(pool: Pool, size: int) -> list[Drawn]:
    drawn, chance = by_chance([c for c in pool.candidates if c.key not in pool.taken], size, pool.random)
    pool.chances.append(chance)
    return drawn


def _stratified(pool: Pool, size: int) -> list[Drawn]:
    by = pool.by[0] if pool.by else ""
    population = [c for c in pool.candidates if c.key not in pool.taken]
    values = drawing.find_values(pool.cursor, by)
    drawn, chance = by_strata(population, values, size, pool.random, by=by, equal=pool.equal)
    pool.chances.append(chance)
    return drawn


def _outliers(pool: Pool, size: int) -> list[Drawn]:
    """The most extreme by each measure in turn; a measure on which all are alike says nothing."""
    keys, measures = pool.left(), drawing.find_measures(pool.cursor)
    lists: list[list[int]] = []
    for place in range(len(drawing.MEASURES)):
        known = [(value, key) for key in keys if (value := measures[key][place]) is not None]
        if len({value for value, _ in known}) > 1:
            lists.append([key for _, key in sorted(known, key=lambda pair: -pair[0])])
    return _in_turn(lists, size, "outliers")


def _judge_failed(pool: Pool, size: int) -> list[Drawn]:
    return _among(pool, drawing.find_failed_by_judge(pool.cursor), size, "judge says fail")


def _disagreement(pool: Pool, size: int) -> list[Drawn]:
    """Of what this person judged only that with which a judge does not agree; it is looked at again here."""
    judged = drawing.find_judged(pool.cursor, labeler=pool.labeler)
    disputed = drawing.find_disputed(pool.cursor, labeler=pool.labeler)
    return _looked_at_again(pool, (drawing.find_disagreements(pool.cursor) - judged) | disputed, size, "disagreement")


def _failed_before(pool: Pool, size: int) -> list[Drawn]:
    """A trace that this person judged is looked at again here: it has changed since, or its failure was mended."""
    return _looked_at_again(pool, drawing.find_failed_before(pool.cursor, labeler=pool.labeler), size, "failed before")


def _looked_at_again(pool: Pool, wanted: set[int], size: int, name: str) -> list[Drawn]:
    """From all of the frame, judged by this person or not: what was said before is hidden until they have spoken."""
    frame = set(traces.find_keys(pool.cursor, pool.frame, reference=pool.reference, blind=True))
    found = sorted(wanted & frame - pool.taken)
    pool.random.shuffle(found)
    return [Drawn(key, name) for key in found[:size]]


def _thin_cells(pool: Pool, size: int) -> list[Drawn]:
    """From the combinations of two dimensions with the fewest labels."""
    axes = [drawing.find_values(pool.cursor, name) for name in pool.by]
    labelled = drawing.find_labelled(pool.cursor)
    frame = traces.find_keys(pool.cursor, pool.frame, reference=pool.reference, blind=True)
    cell = {key: tuple(axis.get(key, MISSING) for axis in axes) for key in frame}
    counted = dict.fromkeys(cell.values(), 0)
    for key in labelled & cell.keys():
        counted[cell[key]] += 1
    waiting: dict[tuple[str, ...], list[int]] = {}
    for key in pool.left():
        waiting.setdefault(cell[key], []).append(key)
    drawn: list[Drawn] = []
    while waiting and len(drawn) < size:
        thinnest = min(waiting, key=lambda place: (counted[place], place))
        drawn.append(Drawn(waiting[thinnest].pop(), "thin cells"))
        counted[thinnest] += 1
        if not waiting[thinnest]:
            del waiting[thinnest]
    return drawn


def _clusters(pool: Pool, size: int) -> list[Drawn]:
    """From each group of similar wording in turn, so that small groups are seen as often as large ones."""
    keys = sorted(pool.left()[:MOST_GROUPED])
    texts = drawing.find_texts(pool.cursor, keys, GROUPED_TEXT)
    groups = group_by_wording([texts[key] for key in keys], seed=pool.random.randrange(2**31))
    lists: dict[int, list[int]] = {}
    for key, group in zip(keys, groups, strict=True):
        lists.setdefault(group, []).append(key)
    for listed in lists.values():
        pool.random.shuffle(listed)
    return _in_turn(sorted(lists.values(), key=len), size, "similar wording")


def _among(pool: Pool, wanted: set[int], size: int, name: str) -> list[Drawn]:
    return [Drawn(key, name) for key in pool.left() if key in wanted][:size]


def _in_turn(lists: Sequence[Sequence[int]], size: int, name: str) -> list[Drawn]:
    """One from each list after the other, none twice."""
    found: dict[int, None] = {}
    for place in range(max((len(listed) for listed in lists), default=0)):
        for listed in lists:
            if place < len(listed) and len(found) < size:
                found.setdefault(listed[place])
    return [Drawn(key, name) for key in found]


STRATEGIES = (
    Strategy("random", "at random", True, False, _random),
    Strategy("stratified", "at random from each value of a dimension", True, False, _stratified),
    Strategy("outliers", "unusual: longest, slowest, most turns, most tool calls", False, False, _outliers),
    Strategy("thin cells", "from combinations of two dimensions with few labels", False, False, _thin_cells),
    Strategy("similar wording", "from groups of similar wording, small groups first", False, False, _clusters),
    Strategy("failed before", "failed before, and changed or mended since", False, False, _failed_before),
    Strategy("judge says fail", "the judge says fail", False, True, _judge_failed),
    Strategy("disagreement", "judge and expert, or two judge versions, disagree", False, True, _disagreement),
)
BY_NAME = {strategy.name: strategy for strategy in STRATEGIES}
