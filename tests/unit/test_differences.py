"""Differences, ratios and mixes against published values, and where they are undefined."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.differences import UNKNOWN, difference, of_mix, range_of, ratio, still_needed
from core.metrics import rate_of


def test_the_interval_of_a_difference_is_that_of_newcombe() -> None:
    # Newcombe 1998, table II, method 10: 56 of 70 against 48 of 80, and 9 of 10 against 3 of 10.
    found = difference(range_of(rate_of(56, 70)), range_of(rate_of(48, 80)))
    assert found.value == pytest.approx(0.2)
    assert (found.low, found.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)
    found = difference(range_of(rate_of(9, 10)), range_of(rate_of(3, 10)))
    assert (found.low, found.high) == pytest.approx((0.1705, 0.8090), abs=5e-5)
    assert found.is_clear


def test_what_has_no_denominator_has_no_difference_and_no_ratio() -> None:
    none, some = rate_of(0, 0), rate_of(1, 2)
    assert difference(range_of(none), range_of(some)) == difference(range_of(some), range_of(none)) == UNKNOWN
    assert ratio(none, some) == ratio(some, none) == UNKNOWN
    assert of_mix([], []) == of_mix([none], [1]) == of_mix([some], [0]) == UNKNOWN
    assert not UNKNOWN.is_clear


@given(k=st.integers(0, 40), n=st.integers(1, 40), j=st.integers(0, 40), m=st.integers(1, 40))
def test_an_interval_holds_its_value(k: int, n: int, j: int, m: int) -> None:
    first, second = rate_of(min(k, n), n), rate_of(min(j, m), m)
    for found in (difference(range_of(first), range_of(second)), of_mix([first, second], [n, m])):
        assert found.value is not None
        assert found.low is not None
        assert found.high is not None
        assert found.low - 1e-9 <= found.value <= found.high + 1e-9
    times = ratio(first, second)
    assert times.low is not None
    assert times.high is not None
    assert 0 < times.low < times.high


def test_one_stratum_is_the_plain_rate_and_weights_change_the_mix() -> None:
    assert of_mix([rate_of(3, 10)], [7]) == pytest.approx(range_of(rate_of(3, 10)))
    both = [rate_of(10, 20), rate_of(0, 20)]
    assert of_mix(both, [1, 1]).value == pytest.approx(0.25)
    assert of_mix(both, [3, 1]).value == pytest.approx(0.375)


def test_how_many_more_traces_are_needed_shrinks_as_the_rate_falls() -> None:
    before = rate_of(18, 60)
    assert still_needed(before, rate_of(3, 41)) == 0
    few, none = still_needed(before, rate_of(1, 8)), still_needed(before, rate_of(0, 0))
    assert few is not None
    assert none is not None
    assert 0 < few < 500
    assert 0 < none < 500
    assert still_needed(rate_of(0, 0), rate_of(0, 0)) is None
    assert still_needed(rate_of(0, 30), rate_of(0, 30)) is None
