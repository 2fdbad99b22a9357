"""Was enough read, and where failures are more frequent: the step line and the table of values."""

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.slice import Slice
from core.workflows.saturating import Saturation, lifts, saturation
from pages.ui import filters
from pages.ui.links import slice_link
from pages.ui.notices import escape, plural
from pages.ui.rates import NB, SMALLEST_N, rate_text
from pages.ui.store import the_store
from pages.ui.styles import ink

SHOWN = 8
KEY = "lifts"
ANY = "Any mention of the category counts. "


def draw_saturation(slice_: Slice) -> None:
    """Distinct categories against traces read, as a step line, and what the rule of stopping says."""
    found = saturation(the_store(), slice_)
    if not found.steps:
        return
    with st.container(width=820):
        st.subheader("Have we seen enough?", anchor=False)
        st.markdown(
            f"**{plural(found.since_last, 'trace')} since the last new category**: "
            f"{plural(len(found.steps), 'kind')} of failure in {plural(found.read, 'trace')} read. {found.advice}"
        )
        st.plotly_chart(
            _line(found),
            config={"displayModeBar": False},
            key="saturation",
            alt=f"{len(found.steps)} categories after {found.read} traces read, none new in the last {found.since_last}.",
        )
        if found.unsorted:
            with st.container(horizontal=True, gap="xsmall", key="muted_unsorted", vertical_alignment="center"):
                st.markdown("Not in the line:", width="content")
                words = f"{plural(found.unsorted, 'failed trace')} not sorted yet"
                slice_link(words, "traces", slice_.with_verdict("fail").with_category(0))


def _line(found: Saturation) -> go.Figure:
    reads = [0, *(step.read for step in found.steps), found.read]
    heights = [0, *(step.categories for step in found.steps), found.steps[-1].categories]
    named = ["", *(escape(step.name) for step in found.steps), ""]
    figure = go.Figure(
        go.Scatter(
            x=reads,
            y=heights,
            mode="lines",
            line={"shape": "hv", "width": 2, "color": ink()},
            hovertext=named,
            hoverinfo="x+y+text",
        )
    )
    figure.update_layout(height=240, margin={"l": 0, "r": 16, "t": 8, "b": 8}, showlegend=False, dragmode=False)
    figure.update_xaxes(
        title="traces read, in the order of reading", rangemode="tozero", fixedrange=True, zeroline=False
    )
    figure.update_yaxes(title="categories seen", rangemode="tozero", fixedrange=True, dtick=max(1, heights[-1] // 5))
    return figure


def draw_lifts(slice_: Slice, category_id: int | None, name: str) -> None:
    """Values of dimensions that are over-represented among the failures, with how many were looked at."""
    found = lifts(the_store(), slice_, min_n=SMALLEST_N, category_id=category_id)
    rows = [row for row in found.rows if row.times.value is None or row.times.value > 1][:SHOWN]
    if not rows:
        return
    st.subheader(f"Where {escape(name)} are more frequent", anchor=False)
    frame = pd.DataFrame(
        {
            "Value": [f"{row.dimension}: {row.value}" for row in rows],
            "Failed here": [rate_text(row.here) for row in rows],
            "Failed elsewhere": [rate_text(row.rest) for row in rows],
            "Times as frequent": [_times(row.times) for row in rows],
        }
    )
    with st.container(key="plain_table_lifts"):
        st.dataframe(
            frame, hide_index=True, row_height=36, key=KEY, on_select="rerun", selection_mode="single-cell",
            column_config={"Value": st.column_config.TextColumn(width=240)},
            alt=f"Values of dimensions by how much more frequent {name} are, {len(rows)} rows",
        )  # fmt: skip
    by_chance = max(1, round(found.looked_at * 0.025))
    looks = "looks" if by_chance == 1 else "look"
    st.caption(
        f"{ANY if category_id is not None else ''}Sorted by the lower end of the interval. {plural(found.looked_at, 'value')} looked at: "
        f"about {by_chance} {looks} high by chance."
    )
    chosen = filters.selected_cell(KEY)
    if chosen is not None and chosen[0] < len(rows):
        row = rows[chosen[0]]
        words = f"Open {plural(row.here.k, 'trace')}: {row.value}"
        slice_link(words, "traces", row.failed_slice, icon=":material/arrow_forward:")


def _times(times: tuple[float | None, float | None, float | None]) -> str:
    value, low, high = times
    if low is None or high is None:
        return "—"
    if value is None:
        return f"only here (at least {low:.1f}{NB}×)"
    return f"{value:.1f}{NB}× ({low:.1f}–{high:.1f})"
