"""A rate in plain text, as a report holds it."""

from core.metrics import Rate


def said(rate: Rate, *, min_n: int = 1) -> str:
    """«18 of 60 · 30 % (20–43 %)», «2 of 7 · few» under the smallest n, «—» where nothing was judged."""
    if rate.n == 0:
        return "—"
    of = f"{rate.k:,} of {rate.n:,}"
    if rate.rate is None or rate.low is None or rate.high is None or rate.strength < min_n:
        return f"{of} · few" if rate.rate is not None else f"{of} · none at random"
    how = " corrected" if rate.corrected else "" if rate.n_eff is None else " weighted"
    return f"{of} · {_digits(rate.rate)} %{how} ({_digits(rate.low)}–{_digits(rate.high)} %)"


def share(value: float | None, low: float | None, high: float | None) -> str:
    """«85 % (81–89 %)», a dash where there is none."""
    if value is None or low is None or high is None:
        return "—"
    return f"{_digits(value)} % ({_digits(low)}–{_digits(high)} %)"


def _digits(value: float) -> str:
    points = value * 100
    whole = value in (0.0, 1.0) or 1 <= points <= 99
    return f"{points:.0f}" if whole else f"{min(max(points, 0.1), 99.9):.1f}"
