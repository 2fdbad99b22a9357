"""Rates as dots with interval lines, on an axis from 0 to 100 %."""

from collections.abc import Sequence
from html import escape
from typing import Any, NamedTuple

import plotly.graph_objects as go
import streamlit as st

from core.metrics import Rate
from pages.ui.notices import cut
from pages.ui.rates import rate_text
from pages.ui.styles import ink, muted

ROW_HEIGHT = 30
LABEL_SIZE = 44
NOTE_SIZE = 90
THICK, THIN = 10, 6
"""Diameters of a dot in pixels."""


class Dot(NamedTuple):
    """A rate with its name; `series` names the kind of rate where there are several, `note` is more to read over the dot;
    `thin` is drawn smaller, as what is read last."""

    name: str
    rate: Rate
    series: str = ""
    note: str = ""
    thin: bool = False


def dots(shown: Sequence[Dot], *, min_n: int, colours: dict[str, str]) -> go.Figure:
    """The picture; the first dot stands at the top, those under the smallest n in grey."""
    figure = go.Figure()
    for series in dict.fromkeys(dot.series for dot in shown):
        of_series = [
            (place, dot) for place, dot in enumerate(shown) if dot.series == series and dot.rate.rate is not None
        ]
        grey = muted()
        figure.add_scatter(
            x=[dot.rate.rate for _, dot in of_series],
            y=[place for place, _ in of_series],
            mode="markers",
            name=series,
            customdata=[place for place, _ in of_series],
            marker={
                "size": [THIN if dot.thin else THICK for _, dot in of_series],
                "color": [colours.get(series, grey) if dot.rate.strength >= min_n else grey for _, dot in of_series],
                "symbol": ["circle" if dot.rate.strength >= min_n else "circle-open" for _, dot in of_series],
            },
            error_x={
                "type": "data",
                "symmetric": False,
                "array": [(dot.rate.high or 0) - (dot.rate.rate or 0) for _, dot in of_series],
                "arrayminus": [(dot.rate.rate or 0) - (dot.rate.low or 0) for _, dot in of_series],
                "thickness": 0.8 if all(dot.thin for _, dot in of_series) else 1.5,
                "width": 0,
                "color": grey,
            },
            hovertext=[_over(dot, min_n) for _, dot in of_series],
            hoverinfo="text",
            showlegend=False,
        )
    figure.update_xaxes(range=[-0.02, 1.04], tickformat=".0%", dtick=0.25, zeroline=False, fixedrange=True)
    figure.update_yaxes(
        tickvals=list(range(len(shown))),
        ticktext=[escape(cut(dot.name, LABEL_SIZE)) for dot in shown],
        range=[len(shown) - 0.5, -0.5],
        showgrid=False,
        zeroline=False,
        fixedrange=True,
        automargin=True,
        tickfont={"size": 13, "color": ink()},
    )
    figure.update_layout(height=ROW_HEIGHT * len(shown) + 60, margin={"l": 0, "r": 20, "t": 8, "b": 32}, dragmode=False)
    return figure


def _over(dot: Dot, min_n: int) -> str:
    """What stands over a dot; plotly reads a few tags in it, so what users wrote is escaped."""
    lines = [dot.name, rate_text(dot.rate, min_n=min_n), *dot.note.splitlines()]
    return "<br>".join(escape(cut(line, NOTE_SIZE)) for line in lines)


def draw_dots(figure: go.Figure, *, key: str, alt: str, **chart: Any) -> None:
    """Draw the picture without any tool bar; `alt` is its finding in a sentence."""
    st.plotly_chart(figure, key=key, theme="streamlit", config={"displayModeBar": False}, alt=alt, **chart)
