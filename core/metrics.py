"""Rates on counts, with their intervals: pure functions, `None` where a denominator is 0.

PASS is the positive class inside. The interface says it in words: caught failures, kept passes.
"""

from collections.abc import Callable
from math import sqrt
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


def wilson(k: int, n: int, z: float = Z95) -> tuple[float, float] | None:
    """The score interval for k of n (Wilson 1927, Journal of the American Statistical Association 22, 209-212)."""
    if n == 0:
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
