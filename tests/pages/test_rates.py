"""Numbers in words."""

import pytest

from core.metrics import rate_of
from pages.ui.rates import FEW_HELP, count, percent, points, rate_text, running_text


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("k", "n", "words"),
    [
        (18, 60, "18 of 60 · 30 % (20–43 %)"),
        (0, 31, "0 of 31 · 0 % (0–11 %)"),
        (999, 1000, "999 of 1,000 · 99.9 % (99.4–over 99.9 %)"),
        (3, 1000, "3 of 1,000 · 0.3 % (0.1–0.9 %)"),
        (2, 7, "2 of 7 · few"),
        (0, 0, "—"),
        (10, 10, "10 of 10 · 100 % (72–100 %)"),
    ],
)
def test_a_rate_is_k_of_n_then_percent_then_interval(k: int, n: int, words: str) -> None:
    assert plain(rate_text(rate_of(k, n))) == words


def test_the_smallest_n_can_be_another() -> None:
    assert plain(rate_text(rate_of(2, 7), min_n=5)) == "2 of 7 · 29 % (8–64 %)"


def test_what_few_could_be_is_said_on_asking() -> None:
    assert plain(FEW_HELP(rate_of(2, 7))) == "29 %, but between 8 and 64 % is possible: too few to read"
    assert FEW_HELP(rate_of(0, 0)) == "No labelled traces here"


def test_a_rate_inside_a_sentence_has_no_percent_of_its_own() -> None:
    assert plain(running_text(rate_of(18, 24), "failures")) == "18 of 24 failures (55–88 %)"
    assert plain(running_text(rate_of(0, 0), "failures")) == "0 of 0 failures"


def test_nothing_is_ever_rounded_to_all_or_none() -> None:
    assert plain(percent(0.99999)) == "over 99.9 %"
    assert plain(percent(0.00001)) == "under 0.1 %"
    assert percent(None) == "—"
    assert count(1480) == "1,480"


@pytest.mark.parametrize(("difference", "said"), [(0.333, "+33"), (-0.08, "−8"), (-0.004, "0"), (0.0, "0")])
def test_a_difference_has_its_sign_and_no_minus_zero(difference: float, said: str) -> None:
    assert points(difference) == said
