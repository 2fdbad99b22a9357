"""What helps where a judge gets no better from version to version, by how it errs: two rates, on one split."""

from collections.abc import Sequence
from typing import Final

from core.metrics import Rate
from core.workflows.trusting import VersionRate

LOOKED_AT: Final = 3
"""Versions that must have been tried."""
PROGRESS: Final = 0.05
GOOD: Final = 0.9
LOW: Final = 0.8
"""The method asks for 90 % of both rates, and for 80 % at least."""
FEWEST: Final = 10

BOTH_LOW: Final = "Both rates are low: try a more capable model, and give it what the expert knew (the role, and the fields it may see)."
MISSES: Final = (
    "It misses failures: go through those it missed, and put what they have in common into what a fail means, with one of "
    "them from train as an example."
)
ALARMS: Final = "It raises false alarms: go through them, and say what a pass means in such a case, with a borderline example from train."
PLATEAU: Final = (
    "Both rates stay where they are: write one judge for each frequent failure category, or leave the kind of trace on "
    "which it errs to people: choose its row where it is weak. No judge gets further than the expert agrees with themselves: "
    "look at the rubric too."
)


def what_helps(versions: Sequence[VersionRate]) -> str | None:
    """Advice where the last of several versions is hardly better than the first of them, and not good enough; else None."""
    last = versions[-LOOKED_AT:]
    if len(last) < LOOKED_AT:
        return None
    before, after = _rates(last[0]), _rates(last[-1])
    if min(rate.n for rate in (*before, *after)) < FEWEST or all(_value(rate) >= GOOD for rate in after):
        return None
    if any(_value(new) - _value(old) >= PROGRESS for old, new in zip(before, after, strict=True)):
        return None
    caught, kept = (_value(rate) < LOW for rate in after)
    return {(True, True): BOTH_LOW, (True, False): MISSES, (False, True): ALARMS}.get((caught, kept), PLATEAU)


def _rates(version: VersionRate) -> tuple[Rate, Rate]:
    return version.group.caught_failures, version.group.kept_passes


def _value(rate: Rate) -> float:
    return rate.rate or 0.0
