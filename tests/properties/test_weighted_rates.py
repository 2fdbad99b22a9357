"""Weighted rates: what holds of every one, and that the interval holds the truth as often as it says."""

from collections.abc import Callable
from functools import cache
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.metrics import Rate, Weighed, joint_inclusion, rate_of, weighted_rate
from core.slice import Slice
from core.store.drawing import Candidate
from core.workflows.strategies import Chance, Drawn, by_chance, by_strata
from core.workflows.weighing import Counted, Draw, Pattern, population_rate

chances = st.floats(0, 1)
groups = st.lists(
    st.tuples(st.floats(0.01, 1000), st.integers(0, 50), st.integers(0, 50)).map(
        lambda drawn: Weighed(drawn[0], min(drawn[1:]), max(drawn[1:]))
    ),
    max_size=6,
)


def said(of: list[Weighed]) -> Rate:
    return weighted_rate(of, k=sum(g.k for g in of), n=sum(g.n for g in of))


@given(groups)
def test_a_weighted_rate_is_a_share_inside_its_interval_or_none(of: list[Weighed]) -> None:
    rate = said(of)
    if rate.n == 0:
        assert (rate.rate, rate.low, rate.high) == (None, None, None)
        return
    assert rate.rate is not None
    assert rate.low is not None
    assert rate.high is not None
    assert 0 <= rate.low <= rate.rate + 1e-12
    assert rate.rate - 1e-12 <= rate.high <= 1
    assert rate.strength <= rate.n + 1e-9


@given(st.floats(0.01, 1000), st.integers(0, 40), st.integers(1, 40), st.integers(1, 4))
def test_with_equal_weights_it_is_k_of_n_exactly(weight: float, k: int, n: int, parts: int) -> None:
    k = min(k, n)
    assert said([Weighed(weight, k, n)] * parts) == rate_of(k * parts, n * parts)


@given(groups, st.floats(0.1, 10))
def test_the_scale_of_the_weights_does_not_matter(of: list[Weighed], scale: float) -> None:
    one, other = said(of), said([g._replace(weight=g.weight * scale) for g in of])
    assert one.rate == pytest.approx(other.rate)
    assert one.low == pytest.approx(other.low)


def test_labels_of_which_none_may_speak_have_a_count_and_no_rate() -> None:
    assert weighted_rate([], k=3, n=9) == Rate(3, 9, None, None, None, 0.0)
    assert weighted_rate([], k=0, n=0) == rate_of(0, 0)


def test_a_worked_example() -> None:
    """90 traces of which 9 were seen (3 failed), 10 of which 5 were seen (5 failed): (30 + 10) of 100 failed."""
    rate = weighted_rate([Weighed(10, 3, 9), Weighed(2, 5, 5)], k=8, n=14)
    assert rate.rate == pytest.approx(0.4)
    assert rate.n_eff == pytest.approx(100**2 / (9 * 100 + 5 * 4))


@given(st.lists(chances, max_size=5))
def test_the_probability_of_one_draw_of_several_is_at_least_that_of_each(of: list[float]) -> None:
    joint = joint_inclusion(of)
    assert max(of, default=0.0) - 1e-9 <= joint <= 1


@given(st.integers(1, 400), st.integers(1, 100), st.integers(0, 9), st.integers(1, 12), st.booleans())
def test_strata_fill_a_queue_and_no_stratum_is_without_a_chance(
    n: int, size: int, seed: int, kinds: int, equal: bool
) -> None:
    values = {key: f"kind {min(key % 97 % kinds, key % kinds)}" for key in range(n)}
    population = [Candidate(key, True) for key in range(n)]
    drawn, chance = by_strata(population, values, size, Random(seed), by="kind", equal=equal)
    assert len({one.key for one in drawn}) == len(drawn) == min(n, size)
    assert set(chance.inclusion) == set(values.values())
    assert all(0 < inclusion <= 1 for inclusion in chance.inclusion.values())
    # Summed over what was drawn, 1 / inclusion gives the population back.
    assert sum(1 / (one.inclusion or 1) for one in drawn) == pytest.approx(n)


# ------------------------------------------------------------------------------ the simulation

RUNS = 500
TRACES = 1_500
STRATA = (("common", 0.62, 0.14), ("rare", 0.30, 0.33), ("exotic", 0.08, 0.65))
"""Name, share of the traces, share of them that fails."""


@cache
def population() -> tuple[dict[int, str], dict[int, bool], dict[int, float]]:
    """Of each trace its stratum, whether it fails, and how unusual it is: what fails is longer, too."""
    made = Random(1)
    values, fails, odd = dict[int, str](), dict[int, bool](), dict[int, float]()
    for key in range(TRACES):
        name, _, share = made.choices(STRATA, [weight for _, weight, _ in STRATA])[0]
        values[key], fails[key] = name, made.random() < share
        odd[key] = made.random() + fails[key]
    return values, fails, odd


class World:
    """A population of which the failures are known, sampled queue by queue as a person would."""

    def __init__(self, seed: int) -> None:
        self.values, self.fails, self.odd = population()
        self.random = Random(seed)
        self.judged_by_chance: dict[int, int] = {}
        self.picked: set[int] = set()
        self.draws: list[Draw] = []

    @property
    def truth(self) -> float:
        return sum(self.fails.values()) / TRACES

    def population(self) -> list[Candidate]:
        left = (key for key in range(TRACES) if key not in self.judged_by_chance)
        return [Candidate(key, key not in self.picked) for key in left]

    def draw_random(self, size: int, answered: float = 1.0) -> None:
        self._keep(*by_chance(self.population(), size, self.random), answered)

    def draw_strata(self, size: int, *, equal: bool) -> None:
        drawn, chance = by_strata(self.population(), self.values, size, self.random, by="kind", equal=equal)
        self._keep(drawn, chance, 1.0)

    def pick(self, size: int) -> None:
        """The longest ones: four in five of them fail."""
        left = [c.key for c in self.population() if c.open]
        self.picked |= set(sorted(left, key=lambda key: -self.odd[key])[:size])

    def _keep(self, drawn: list[Drawn], chance: Chance, answered: float) -> None:
        done = self.random.sample(drawn, round(len(drawn) * answered))
        self.judged_by_chance |= dict.fromkeys((one.key for one in done), len(self.draws))
        share = len(done) / len(drawn)
        self.draws.append(
            Draw(len(self.draws), chance.strategy, Slice(), len(self.draws), chance.by, chance.inclusion, share)
        )

    def rate(self) -> Rate:
        counts: dict[Pattern, Counted] = {}
        for key, own in self.judged_by_chance.items():
            known = tuple(draw.chance(self.values[key] if draw.by else "") for draw in self.draws)
            pattern = Pattern("chance", own, known)
            held = counts.get(pattern, Counted(0, 0))
            counts[pattern] = Counted(held.judged + 1, held.failed + self.fails[key])
        n = sum(counted.judged for counted in counts.values())
        k = sum(counted.failed for counted in counts.values())
        return population_rate(counts, range(len(self.draws)), traces=TRACES, k=k, n=n)


def random_alone(world: World) -> None:
    world.draw_random(100)


def equal_strata(world: World) -> None:
    world.draw_strata(100, equal=True)


def strata_in_proportion(world: World) -> None:
    world.draw_strata(100, equal=False)


def a_mix_with_unusual_ones(world: World) -> None:
    world.draw_random(60)
    world.pick(40)


def strata_and_then_random(world: World) -> None:
    world.draw_strata(60, equal=True)
    world.draw_random(60)


def picked_ones_and_then_random(world: World) -> None:
    world.pick(300)
    world.draw_random(80)


def random_half_done_and_then_strata(world: World) -> None:
    world.draw_random(100, answered=0.4)
    world.draw_strata(60, equal=True)


@pytest.mark.parametrize(
    "sample",
    [
        random_alone,
        equal_strata,
        strata_in_proportion,
        a_mix_with_unusual_ones,
        strata_and_then_random,
        picked_ones_and_then_random,
        random_half_done_and_then_strata,
    ],
)
def test_the_interval_holds_the_true_rate_in_19_of_20_samples(sample: Callable[[World], None]) -> None:
    held, shares = 0, list[float]()
    for seed in range(RUNS):
        world = World(seed)
        sample(world)
        rate = world.rate()
        assert rate.low is not None
        assert rate.high is not None
        shares.append(rate.rate or 0.0)
        held += rate.low <= world.truth <= rate.high
    assert 0.92 <= held / RUNS <= 0.985
    assert sum(shares) / RUNS == pytest.approx(World(0).truth, abs=0.006)


def test_plain_counting_of_unequal_strata_would_not_do() -> None:
    """The same samples counted as k of n: what the weights are for."""
    held = 0
    for seed in range(100):
        world = World(seed)
        world.draw_strata(100, equal=True)
        weighed = world.rate()
        plain = rate_of(weighed.k, weighed.n)
        held += (plain.low or 0) <= world.truth <= (plain.high or 1)
    assert held < 60
