"""Rates on counts, with their intervals: pure functions, `None` where a denominator is 0.

PASS is the positive class inside. The interface says it in words: caught failures, kept passes.
"""

from collections.abc import Callable, Iterable
from math import prod, sqrt
from typing import NamedTuple

from core.model import Confusion

Z95 = 1.959963984540054
"""The 97.5 % point of the standard normal distribution."""


class Rate(NamedTuple):
    """k of n with its share and the Wilson 95 % interval, as fractions from 0 to 1; None where n is 0."""

    k: int
    n: int
    rate: float | None
    low: float | None
    high: float | None
    n_eff: float | None = None
    """Of a share that is not k / n: how many equally weighted traces it is worth, 0 where none of the n may speak."""
    corrected: bool = False
    """True where share and interval are corrected for the judge's errors, and are not those of k of n."""

    @property
    def strength(self) -> float:
        """What the interval rests on: compare this with the smallest n."""
        return self.n if self.n_eff is None else min(self.n, self.n_eff)


def wilson(k: float, n: float, z: float = Z95) -> tuple[float, float] | None:
    """The score interval for k of n (Wilson 1927, Journal of the American Statistical Association 22, 209-212)."""
    if n <= 0:
        return None
    share, z2 = k / n, z * z
    centre = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = z / (1 + z2 / n) * sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    low = 0.0 if k == 0 else max(0.0, centre - half)
    high = 1.0 if k == n else min(1.0, centre + half)
    return low, high


def rate_of(k: int, n: int) -> Rate:
    """k of n as a rate with its interval."""
    bounds = wilson(k, n)
    if bounds is None:
        return Rate(k, n, None, None, None)
    return Rate(k, n, k / n, *bounds)


def half_width(share: float, n: int) -> float:
    """Half the length of the interval that a share of n traces has; 1 where there are none."""
    bounds = wilson(share * n, n)
    return 1.0 if bounds is None else (bounds[1] - bounds[0]) / 2


class Weighed(NamedTuple):
    """Traces that were drawn with the same probability: how many, how many of them hit, and the weight of each."""

    weight: float
    k: int
    n: int


def joint_inclusion(chances: Iterable[float]) -> float:
    """The probability of being in one draw at least, each made among those that the former ones left."""
    return 1 - prod(1 - min(1.0, max(0.0, chance)) for chance in chances)


def weighted_rate(groups: Iterable[Weighed], *, k: int, n: int) -> Rate:
    """The share of hits among all that was drawn from, of which k of n were seen, with its 95 % interval.

    Each trace counts 1 / inclusion times (Hájek 1971, in Godambe and Sprott, Foundations of Statistical Inference,
    236). The interval is Wilson's on the effective size (sum of weights)^2 / sum of squares (Kish 1965, Survey
    Sampling, 11.7): a little wide where strata differ. With equal weights it is that of k of n, exactly.
    """
    counted = [group for group in groups if group.n]
    seen, hits = sum(group.n for group in counted), sum(group.k for group in counted)
    if not seen:
        return Rate(k, n, None, None, None, None if n == 0 else 0.0)
    if max(group.weight for group in counted) <= min(group.weight for group in counted) * (1 + 1e-9):
        plain = rate_of(hits, seen)
        return plain if (hits, seen) == (k, n) else plain._replace(k=k, n=n, n_eff=float(seen))
    total = sum(group.weight * group.n for group in counted)
    share = sum(group.weight * group.k for group in counted) / total
    size = total * total / sum(group.weight**2 * group.n for group in counted)
    low, high = wilson(share * size, size) or (0.0, 1.0)
    return Rate(k, n, share, 0.0 if hits == 0 else low, 1.0 if hits == seen else high, size)


def caught_failures(c: Confusion) -> Rate:
    """Of the traces the expert failed, those the judge failed too (specificity, TNR)."""
    return rate_of(c.both_fail, c.both_fail + c.judge_too_lenient)


def kept_passes(c: Confusion) -> Rate:
    """Of the traces the expert passed, those the judge passed too (sensitivity, TPR)."""
    return rate_of(c.both_pass, c.both_pass + c.judge_too_strict)


def false_alarms(c: Confusion) -> Rate:
    """Of the traces the expert passed, those the judge failed (1 - kept passes)."""
    return rate_of(c.judge_too_strict, c.both_pass + c.judge_too_strict)


def fail_precision(c: Confusion) -> Rate:
    """Of the traces the judge failed, those the expert failed too."""
    return rate_of(c.both_fail, c.both_fail + c.judge_too_strict)


def agreement(c: Confusion) -> Rate:
    """Of the traces with a verdict from both, those with the same verdict."""
    return rate_of(c.both_pass + c.both_fail, c.n)


def kappa(c: Confusion) -> float | None:
    """Agreement beyond chance (Cohen 1960, Educational and Psychological Measurement 20, 37-46).

    None where nothing was compared, and where both sides gave one and the same verdict throughout:
    chance agreement is then 1 and the ratio is undefined.
    """
    if c.n == 0:
        return None
    observed = (c.both_pass + c.both_fail) / c.n
    expert_pass = (c.both_pass + c.judge_too_strict) / c.n
    judge_pass = (c.both_pass + c.judge_too_lenient) / c.n
    expected = expert_pass * judge_pass + (1 - expert_pass) * (1 - judge_pass)
    return None if expected == 1 else (observed - expected) / (1 - expected)


class Metric(NamedTuple):
    """A rate of a judge against an expert, and what it says in words."""

    name: str
    words: str
    function: Callable[[Confusion], Rate]


METRICS = (
    Metric(
        "caught_failures",
        "of the traces the expert failed, the share the judge failed (specificity, TNR)",
        caught_failures,
    ),
    Metric(
        "kept_passes", "of the traces the expert passed, the share the judge passed (sensitivity, TPR)", kept_passes
    ),
    Metric("false_alarms", "of the traces the expert passed, the share the judge failed", false_alarms),
    Metric(
        "fail_precision",
        "when the judge says fail, the share the expert failed too (precision of fail)",
        fail_precision,
    ),
    Metric("agreement", "the share with the same verdict from both", agreement),
)
