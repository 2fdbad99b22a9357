"""How often each failure category occurs: a table with both denominators, a picture, and the traces behind a row."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.slice import Slice
from core.workflows.categorising import CategoryRow, Failures, count_failures, list_sorted, list_unsorted
from core.workflows.weighing import uneven_choice
from pages.failures import decide, enough, notes, record
from pages.ui import filters
from pages.ui.left_out import draw_plain_counts
from pages.ui.links import slice_link
from pages.ui.notices import cut, escape, plural
from pages.ui.rates import SMALLEST_N, count, of, percent, rate_text
from pages.ui.regression import draw_regression
from pages.ui.store import described, the_store
from pages.ui.styles import muted
from pages.ui.tables import width_of

MODES = {"primary": "primary category", "any": "any mention"}
NEWEST = 3
NOT_SORTED = "Not sorted yet"
NAME_WIDTH = 190
"""Pixels: on a phone the share of failed traces stands beside the name."""


def draw(slice_: Slice) -> None:
    """Draw the table and what belongs to the chosen cell."""
    choice, words = st.columns([2, 7], vertical_alignment="center")
    with choice:
        mode = filters.choose(
            "Count", "mode", list(MODES), "primary", format_func=MODES.__getitem__, kind="segments",
            label_visibility="collapsed",
        )  # fmt: skip
    found = count_failures(the_store(), slice_, primary=mode == "primary")
    if found.reviewed == 0:
        matching = plural(described(slice_).n, "trace")
        st.info(f"{matching} match, none is labelled by an expert.", title="No verdicts in this slice.")
        slice_link("Review 25 of them", "review", slice_)
        return
    with words:
        _sentence(found)
    draw_plain_counts(uneven_choice(the_store(), slice_))
    record.draw(slice_, filters.person())
    lines, line = _lines(found), None
    if found.failed:
        with st.container(key="plain_table_categories"):
            chosen = _table(lines, found)
        line = lines[chosen] if chosen is not None and chosen < len(lines) else None
        _evidence(line)
        if line and line.category:
            decide.draw(line.category, slice_, filters.person())
        _picture(lines, found)
    _minor(found)
    enough.draw_saturation(slice_)
    named = line.category if line else None
    enough.draw_lifts(slice_, named.id if named else None, f"failures of {named.name}" if named else "failures")


def _sentence(found: Failures) -> None:
    how = (
        "Primary category, adds to 100 %."
        if found.primary
        else "Any mention: a trace can have several, adds to more than 100 %."
    )
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        if found.failed:
            slice_link(f"{count(found.failed)} failed", "traces", found.failed_slice)
        else:
            st.markdown("**0 failed**", width="content")
        st.markdown("of", width="content")
        slice_link(f"{count(found.reviewed)} reviewed", "traces", found.reviewed_slice)
        st.markdown(f"(labelled pass or fail). {how}", width="content")


def _lines(found: Failures) -> list[CategoryRow]:
    return [row for row in (*found.rows, found.not_sorted) if row.traces]


def _name(line: CategoryRow) -> str:
    return NOT_SORTED if line.category is None else line.category.name


def _table(lines: Sequence[CategoryRow], found: Failures) -> int | None:
    columns: dict[str, list[Any]] = {
        "Category": [_name(line) for line in lines],
        "Share of failed": [rate_text(line.share_of_failed) for line in lines],
        "Share of reviewed": [rate_text(line.share_of_reviewed) for line in lines],
    }
    if found.primary and found.failed >= SMALLEST_N:
        columns["Running"] = [percent(line.running) for line in lines]
    columns["Failed traces"] = [line.traces for line in lines]
    columns["Decision"] = [_decided(line) for line in lines]
    columns["Impact"] = ["" if line.category is None else line.category.impact for line in lines]
    columns["Owner"] = ["" if line.category is None else line.category.owner for line in lines]
    text = st.column_config.TextColumn
    picked = st.dataframe(
        pd.DataFrame(columns),
        hide_index=True,
        row_height=40,
        height="content",
        on_select="rerun",
        selection_mode="single-cell",
        selection_default=_selected(lines, list(columns)),
        key="categories",
        alt=f"Failure categories, {len(lines)} rows, the most frequent first",
        column_config={
            "Category": text(width=min(width_of("Category", columns["Category"]), NAME_WIDTH)),
            "Failed traces": st.column_config.NumberColumn(width=110, format="localized"),
            "Share of failed": text(help=f"Of the {count(found.failed)} failed traces", alignment="right"),
            "Share of reviewed": text(help=f"Of the {count(found.reviewed)} labelled traces", alignment="right"),
            "Running": text(help="Share of failed traces up to this row", width=90, alignment="right"),
        },
    )
    cells = picked["selection"]["cells"]
    place = cells[0][0] if cells else None
    filters.put_settings(cell=None if place is None or place >= len(lines) else _id(lines[place]))
    return place


def _decided(line: CategoryRow) -> str:
    return "" if line.category is None else line.category.status


def _id(line: CategoryRow) -> str:
    return "none" if line.category is None else str(line.category.id)


def _selected(lines: Sequence[CategoryRow], columns: Sequence[str]) -> Any:
    """The cell that the address asks for, as a table takes it."""
    wanted = filters.text_setting("cell")
    places = [place for place, line in enumerate(lines) if _id(line) == wanted]
    return {"selection": {"cells": [(places[0], columns[0])]}} if places else None


def _evidence(line: CategoryRow | None) -> None:
    if line is None:
        st.caption("Choose a row to see its newest notes and to open its traces.")
        return
    n = line.traces
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plural(n, 'failed trace')}: {escape(_name(line))}**", width="content")
        slice_link(f"Open {plural(n, 'trace')}", "traces", line.slice, icon=":material/arrow_forward:")
        if line.category is None:
            slice_link("Sort them", "failures", line.slice, tab="sort")
    if line.category is None:
        newest = list_unsorted(the_store(), line.slice, limit=NEWEST).labels
    else:
        newest = list_sorted(the_store(), line.slice, line.category.id, limit=NEWEST).labels
    for note in newest:
        with st.container(gap="xxsmall", width=760):
            notes.heading(note, line.slice)
            notes.text(note, 300)
            draw_regression(note.trace_id)


def _picture(lines: Sequence[CategoryRow], found: Failures) -> None:
    if not lines:
        return
    shown = [(cut(_name(line), 40), line.traces, line.category is None) for line in reversed(lines)]
    bars = go.Bar(
        x=[n for _, n, _ in shown],
        y=[name for name, _, _ in shown],
        orientation="h",
        text=[of(n, found.failed) for _, n, _ in shown],
        textposition="outside",
        cliponaxis=False,
        marker={"color": [muted() if rest else "#C4501B" for _, _, rest in shown]},
        hoverinfo="skip",
    )
    figure = go.Figure(bars)
    figure.update_layout(
        height=60 + 36 * len(shown), margin={"l": 0, "r": 90, "t": 8, "b": 8}, showlegend=False, bargap=0.35,
        xaxis={"visible": False, "range": [0, max(n for _, n, _ in shown)]},
        yaxis={"title": None, "automargin": True, "ticksuffix": "  ", "showgrid": False},
    )  # fmt: skip
    first = lines[0]
    with st.container(width=820):
        st.subheader(f"{escape(_name(first))}: {of(first.traces, found.failed)} failed traces")
        st.plotly_chart(
            figure,
            config={"displayModeBar": False, "staticPlot": True},
            alt=f"{_name(first)} is the most frequent: {of(first.traces, found.failed)} failed traces.",
        )


def _minor(found: Failures) -> None:
    n = found.passed_with_category
    if not n:
        return
    with st.container(horizontal=True, gap="xsmall", key="muted_minor", vertical_alignment="center"):
        st.markdown("Not counted above:", width="content")
        has = "has" if n == 1 else "have"
        slice_link(f"{plural(n, 'passed trace')} {has} a category", "traces", found.passed_with_category_slice)
