"""The windows as a table, the newest first; the chosen one opens its traces and what was said of them."""

import pandas as pd
import streamlit as st

from core.workflows.counting import judge_behind
from core.workflows.trending import Trend, Window
from pages.ui.evidence import draw_evidence
from pages.ui.links import slice_link
from pages.ui.notices import escape, plural
from pages.ui.numbers import smallest_n
from pages.ui.rates import NONE, count, percent, rate_text
from pages.ui.tables import coloured, grey, names, names_column

KEY = "monitor.windows"
ROW = 35
MOST_HEIGHT = 420


def draw(trend: Trend) -> None:
    """Draw the table and, under it, the chosen window with its doors."""
    windows, min_n = trend.windows[::-1], smallest_n()
    called = [window.name for window in windows]
    table = pd.DataFrame(
        {
            "Window": names(called),
            "Failed of those with a verdict": [rate_text(window.rate, min_n=min_n) for window in windows],
            "As judged": [percent(w.raw.rate) if w.raw.strength >= min_n else NONE for w in windows],
            "Traces": [window.counts.traces for window in windows],
        }
    )
    if trend.estimate is None:
        table = table.drop(columns="As judged")
    few = [grey(few=window.rate.strength < min_n) for window in windows]
    picked = st.dataframe(
        coloured(table, {"Failed of those with a verdict": few}, name="Window"),
        hide_index=True,
        key=KEY,
        on_select="rerun",
        selection_mode="single-cell",
        row_height=ROW,
        height=min(MOST_HEIGHT, ROW * (len(windows) + 1) + 3),
        alt=f"{plural(len(windows), 'window')}, the newest first",
        column_config={
            "Window": names_column("Window", called),
            "Traces": st.column_config.NumberColumn(format="localized", width=90),
        },
    )
    _notes(trend)
    cells = picked["selection"]["cells"]
    if cells and cells[0][0] < len(windows):
        _chosen(windows[cells[0][0]], trend.of)


def _notes(trend: Trend) -> None:
    few = f"Open dots and grey rows have fewer than {smallest_n()}: too few to read."
    said = [f"Each window is pooled from its own traces. {few} Choose a row to open its traces."]
    if trend.estimate is not None and trend.is_time:
        said.append("The grey line is what the judge says, before it is corrected.")
    if trend.no_time is not None:
        why = "no time" if trend.is_time else "no value"
        said.append(f"In no window: {plural(trend.no_time.counts.traces, 'trace')} with {why}.")
    if trend.earlier:
        said.append(f"{plural(trend.earlier, 'earlier window')} not listed.")
    st.caption(" ".join(said))


def _chosen(window: Window, of: str) -> None:
    counts = window.counts
    with st.container(horizontal=True, gap="medium", vertical_alignment="center", key="monitor_chosen"):
        st.markdown(f"**{escape(window.name)}**", width="content")
        if counts.failed:
            slice_link(f"Open {count(counts.failed)} failed", "traces", window.failed_slice)
        if counts.judged:
            slice_link(f"{count(counts.judged)} with a verdict", "traces", window.judged_slice)
        slice_link(f"All {count(counts.traces)}", "traces", window.all_slice)
    if counts.failed:
        draw_evidence(window.failed_slice, of=judge_behind(of) or of, limit=3)
