"""Advice for a judge that gets no better, by how it errs."""

import pytest

from core.model import Confusion
from core.slice import Slice
from core.workflows.advising import ALARMS, BOTH_LOW, MISSES, PLATEAU, what_helps
from core.workflows.trust import group_of
from core.workflows.trusting import VersionRate


def version(name: int, caught: int, kept: int, of: int = 20) -> VersionRate:
    counts = Confusion(kept, caught, of - caught, of - kept)
    group = group_of(None, counts, Slice(), f"overall@{name}", None)
    return VersionRate(str(name), group)


@pytest.mark.parametrize(
    ("rates", "advice"),
    [
        ([(12, 12), (12, 13), (12, 12)], BOTH_LOW),
        ([(12, 19), (12, 18), (12, 19)], MISSES),
        ([(19, 12), (18, 12), (19, 12)], ALARMS),
        ([(17, 17), (17, 16), (17, 17)], PLATEAU),
        ([(19, 19), (19, 19), (19, 19)], None),
        ([(10, 12), (12, 12), (14, 12)], None),
        ([(12, 12), (12, 12)], None),
        ([(2, 2), (12, 12), (12, 12), (12, 12)], BOTH_LOW),
    ],
)
def test_what_helps_depends_on_how_it_errs(rates: list[tuple[int, int]], advice: str | None) -> None:
    assert what_helps([version(name, *rate) for name, rate in enumerate(rates)]) == advice


def test_of_few_traces_nothing_is_advised() -> None:
    assert what_helps([version(name, 3, 3, of=6) for name in range(3)]) is None
