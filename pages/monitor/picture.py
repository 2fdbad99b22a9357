"""The windows as a picture: a line with its band over time, dots with interval lines for versions."""

from collections.abc import Sequence
from html import escape

import plotly.graph_objects as go

from core.workflows.alerting import Checked
from core.workflows.trending import Fixed, Trend, Window
from pages.ui.dots import Dot, dots, draw_dots
from pages.ui.notices import cut
from pages.ui.numbers import smallest_n
from pages.ui.rates import rate_text
from pages.ui.styles import muted, verdict_colour

HEIGHT = 300
MOST_TICKS = 12
BAND = 0.14
"""How thick the colour of the band is, of 1."""


def draw(trend: Trend, rules: Sequence[Checked]) -> None:
    """Draw the picture with thresholds of rules and with fixes; its finding is in the words for screen readers."""
    min_n = smallest_n()
    last = trend.windows[-1]
    alt = f"Failure rate by {trend.by}, {len(trend.windows)} windows; the last, {last.name}: {rate_text(last.rate, min_n=min_n)}"
    if trend.is_time:
        draw_dots(_over_time(trend, rules, min_n), key="monitor.trend", alt=alt)
        return
    done = {fix.value: fix.what for fix in trend.fixed}
    shown = [Dot(_named(window, done), window.rate) for window in trend.windows]
    draw_dots(dots(shown, min_n=min_n, colours={"": verdict_colour("fail")}), key="monitor.trend", alt=alt)


def _named(window: Window, done: dict[str | None, str]) -> str:
    fix = done.get(window.name)
    return f"{window.name} (fix: {cut(fix, 24)})" if fix else window.name


def _over_time(trend: Trend, rules: Sequence[Checked], min_n: int) -> go.Figure:
    shown = [window for window in trend.windows if window.rate.rate is not None]
    at = [window.start for window in shown]
    colour, grey = verdict_colour("fail"), muted()
    strong = [window.rate.strength >= min_n for window in shown]
    figure = go.Figure()
    read = [window for window, enough in zip(shown, strong, strict=True) if enough]
    when = [window.start for window in read]
    figure.add_scatter(x=when, y=[w.rate.high for w in read], mode="lines", line={"width": 0}, hoverinfo="skip")
    figure.add_scatter(
        x=when, y=[w.rate.low for w in read], mode="lines", line={"width": 0}, fill="tonexty", fillcolor=_pale(colour), hoverinfo="skip"
    )  # fmt: skip
    # The line leads from one window with enough traces to the next; few stand beside it as open dots.
    figure.add_scatter(
        x=when, y=[w.rate.rate for w in read], mode="lines", line={"color": colour, "width": 1.5}, hoverinfo="skip"
    )
    if trend.estimate is not None:
        raw = [w.raw.rate for w in read]
        figure.add_scatter(x=when, y=raw, mode="lines", line={"color": grey, "width": 1.5}, hoverinfo="skip")
    figure.add_scatter(
        x=at,
        y=[w.rate.rate for w in shown],
        mode="markers",
        marker={
            "size": 9,
            "color": [colour if enough else grey for enough in strong],
            "symbol": ["circle" if enough else "circle-open" for enough in strong],
        },
        hovertext=[f"{escape(w.name)}<br>{rate_text(w.rate, min_n=min_n)}" for w in shown],
        hoverinfo="text",
    )
    for found in rules:
        figure.add_hline(
            y=found.rule.threshold, line={"dash": "dash", "color": verdict_colour("warning"), "width": 1.5},
            annotation_text=f"at most {found.rule.threshold * 100:g} %", annotation_position="top left",
        )  # fmt: skip
    for fix in trend.fixed:
        _mark(figure, fix, grey)
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%", dtick=0.25, zeroline=False, fixedrange=True)
    figure.update_xaxes(fixedrange=True, showgrid=False)
    if len(shown) <= MOST_TICKS:
        figure.update_xaxes(tickvals=at, tickformat="%-d %b")
    figure.update_layout(
        height=HEIGHT, margin={"l": 0, "r": 20, "t": 28, "b": 32}, showlegend=False, dragmode=False
    )  # fmt: skip
    return figure


def _pale(colour: str) -> str:
    """A colour as thin as a band behind a line has to be."""
    red, green, blue = (int(colour[place : place + 2], 16) for place in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {BAND})"


def _mark(figure: go.Figure, fix: Fixed, grey: str) -> None:
    if fix.since is None:
        return
    when = fix.since.isoformat()
    figure.add_shape(type="line", x0=when, x1=when, y0=0, y1=1, yref="paper", line={"color": grey, "dash": "dot"})
    figure.add_annotation(
        x=when, y=1, yref="paper", yanchor="bottom", showarrow=False, text=f"fix: {escape(cut(fix.what, 28))}"
    )
