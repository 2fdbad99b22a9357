"""A rate in words: k of n, percent, interval, in that order, and never one without the other."""

import streamlit as st

from core.metrics import Rate

SMALLEST_N = 10
NB = "\u00a0"
"""The no-break space."""
NONE = "—"
NO_CHANCE = "none at random"
"""Of labels that were all picked for a reason: they have a count and no rate."""

_HEAT = {"light": ((0xFF, 0xFF, 0xFF), (0xC4, 0x50, 0x1B)), "dark": ((0x12, 0x17, 0x1D), (0xD9, 0x62, 0x2B))}
_STRONGEST = 0.6


def count(n: int) -> str:
    """1480 as «1,480»."""
    return f"{n:,}"


def of(k: int, n: int) -> str:
    """«18 of 60», unbroken."""
    return f"{count(k)}{NB}of{NB}{count(n)}"


def percent(share: float | None) -> str:
    """«30 %»; one decimal below 1 % and above 99 %, so that 999 of 1,000 is never 100 %."""
    return NONE if share is None else f"{_digits(share)}{NB}%"


def points(difference: float) -> str:
    """A difference of two shares as percentage points with its sign: «+33», «−8», «0»."""
    rounded = round(difference * 100)
    return f"{rounded:+d}".replace("-", "−") if rounded else "0"


def interval(rate: Rate) -> str:
    """«20–43 %», or a dash where there is no denominator."""
    if rate.low is None or rate.high is None:
        return NONE
    return f"{_digits(rate.low)}–{_digits(rate.high)}{NB}%"


def weighted(rate: Rate) -> str:
    """« weighted» or « corrected» behind a percent that is not that of k of n."""
    if rate.corrected:
        return f"{NB}corrected"
    return "" if rate.n_eff is None else f"{NB}weighted"


def rate_text(rate: Rate, *, min_n: int = SMALLEST_N) -> str:
    """«18 of 60 · 30 % (20–43 %)», «2 of 7 · few» under the smallest n, «—» where nothing was judged."""
    if rate.n == 0:
        return NONE
    if rate.rate is None or rate.strength < min_n:
        return f"{of(rate.k, rate.n)}{NB}· {'few' if rate.rate is not None else NO_CHANCE}"
    return f"{of(rate.k, rate.n)}{NB}· {percent(rate.rate)}{weighted(rate)}{NB}({interval(rate)})"


def heat_text(rate: Rate, *, min_n: int = SMALLEST_N) -> str:
    """«75 % · 15 of 20 (53–89)» for the cells of a table, percent first; few and none as `rate_text` says them."""
    if rate.rate is None or rate.strength < max(1, min_n):
        return rate_text(rate, min_n=min_n)
    return f"{percent(rate.rate)}{weighted(rate)}{NB}· {of(rate.k, rate.n)} ({interval(rate).removesuffix(f'{NB}%')})"


def sample_words(percent_: int) -> str:
    """What a share rests on where not all traces were judged."""
    return f"Judged on a random sample of {percent_}{NB}%, always the same one, which stands for all."


def running_text(rate: Rate, noun: str = "") -> str:
    """«18 of 24 failures (55–88 %)», as it stands inside a sentence."""
    what = f"{of(rate.k, rate.n)}{NB}{noun}" if noun else of(rate.k, rate.n)
    return what if rate.n == 0 else f"{what} ({interval(rate)})"


def FEW_HELP(rate: Rate) -> str:  # noqa: N802 - stands in `help=`
    """What a number under the smallest n could be."""
    if rate.n == 0:
        return "No labelled traces here"
    if rate.low is None or rate.high is None:
        return "None of these traces was drawn at random: no share of all traces can be said"
    low, high = _digits(rate.low), _digits(rate.high)
    return f"{percent(rate.rate)}, but between {low} and {high}{NB}% is possible: too few to read"


few_help = FEW_HELP


def tint(rate: Rate, *, min_n: int = SMALLEST_N) -> str:
    """The background of a heat cell as CSS for the theme in use; nothing under the smallest n."""
    if rate.rate is None or rate.strength < min_n:
        return ""
    theme = "dark" if st.context.theme.type == "dark" else "light"
    page, hue = _HEAT[theme]
    share = rate.rate * _STRONGEST
    red, green, blue = (round(p + (h - p) * share) for p, h in zip(page, hue, strict=True))
    return f"background-color: #{red:02x}{green:02x}{blue:02x}"


def _digits(share: float) -> str:
    value = share * 100
    if share in (0.0, 1.0) or 1 <= value <= 99:
        return f"{value:.0f}"
    if value < 1:
        return "under 0.1" if value < 0.05 else f"{value:.1f}"
    return "over 99.9" if value > 99.95 else f"{value:.1f}"
