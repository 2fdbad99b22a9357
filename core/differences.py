"""Rates held against each other: differences and ratios with their 95 % intervals, and rates of the same mix."""

from collections.abc import Sequence
from math import exp, log, sqrt
from typing import NamedTuple

from core.metrics import Z95, Rate, rate_of

MOST_NEEDED = 5000


class Range(NamedTuple):
    """A value with its 95 % interval; all None where it is undefined."""

    value: float | None
    low: float | None
    high: float | None

    @property
    def is_clear(self) -> bool:
        """Whether the interval of a difference leaves out 0."""
        return self.low is not None and self.high is not None and (self.low > 0 or self.high < 0)


UNKNOWN = Range(None, None, None)


def range_of(rate: Rate) -> Range:
    """A rate without its counts."""
    return Range(rate.rate, rate.low, rate.high)


def difference(first: Range, second: Range) -> Range:
    """first - second, with the interval made of the two intervals.

    Newcombe 1998, Statistics in Medicine 17, 873-890, method 10, where both are Wilson intervals.
    """
    if first.value is None or first.low is None or first.high is None:
        return UNKNOWN
    if second.value is None or second.low is None or second.high is None:
        return UNKNOWN
    gap = first.value - second.value
    below = sqrt((first.value - first.low) ** 2 + (second.high - second.value) ** 2)
    above = sqrt((first.high - first.value) ** 2 + (second.value - second.low) ** 2)
    return Range(gap, gap - below, gap + above)


def paired_difference(gained: int, lost: int, n: int) -> Range:
    """The difference of two rates on the same n: `gained` hits that only the second has, `lost` that only the first has.

    Bonett and Price 2012, Journal of Educational and Behavioral Statistics 37, 479-488 (adjusted Wald).
    """
    if n <= 0:
        return UNKNOWN
    up, down = (gained + 1) / (n + 2), (lost + 1) / (n + 2)
    half = Z95 * sqrt((up + down - (up - down) ** 2) / (n + 2))
    return Range((gained - lost) / n, max(-1.0, up - down - half), min(1.0, up - down + half))


def of_mix(rates: Sequence[Rate], weights: Sequence[float]) -> Range:
    """The rate that a mix of strata with these weights would have.

    The interval follows from those of the strata (MOVER: Zou and Donner 2008, Statistics in Medicine 27, 1693-1702).
    """
    total = sum(weights)
    if total <= 0 or any(rate.rate is None for rate, weight in zip(rates, weights, strict=True) if weight):
        return UNKNOWN
    value = below = above = 0.0
    for rate, weight in zip(rates, weights, strict=True):
        if rate.rate is None or rate.low is None or rate.high is None:
            continue
        share = weight / total
        value += share * rate.rate
        below += (share * (rate.rate - rate.low)) ** 2
        above += (share * (rate.high - rate.rate)) ** 2
    return Range(value, max(0.0, value - sqrt(below)), min(1.0, value + sqrt(above)))


def ratio(first: Rate, second: Rate) -> Range:
    """How many times as frequent the first is, on the logarithmic scale.

    The interval is that of Katz and others 1978, Biometrics 34, 469-474, after half a failure and half a pass were added
    to both, so that none of 9 has one too. The value itself is the plain ratio, None where the second rate is 0.
    """
    if first.n == 0 or second.n == 0:
        return UNKNOWN
    a, n, b, m = first.k + 0.5, first.n + 1, second.k + 0.5, second.n + 1
    centre, spread = log(a / n) - log(b / m), Z95 * sqrt(1 / a - 1 / n + 1 / b - 1 / m)
    plain = None if not second.rate or first.rate is None else first.rate / second.rate
    return Range(plain, exp(centre - spread), exp(centre + spread))


def still_needed(before: Rate, after: Rate) -> int | None:
    """How many more traces afterwards would make the difference clear, if the rates stay as they are.

    Where the rate did not fall, what is asked is whether it is half of what it was. None: no number up to 5,000 would.
    """
    if before.rate is None:
        return None
    falling = after.rate if after.rate is not None and after.rate < before.rate else before.rate / 2
    for n in range(after.n, after.n + MOST_NEEDED + 1):
        supposed = rate_of(round(falling * n), n)
        if n and difference(range_of(supposed), range_of(before)).is_clear:
            return n - after.n
    return None
