"""The table of a coverage: traces and labels per cell, empty and thin ones marked, and the way to each."""

import pandas as pd
import streamlit as st

from core.slice import Slice
from core.workflows.covering import coverage_of
from core.workflows.pivoting import Pivot, PivotCell, pivot
from pages.ui import filters
from pages.ui.links import slice_link
from pages.ui.notices import escape, plural
from pages.ui.rates import count
from pages.ui.store import the_store
from pages.ui.styles import empty_cell, thin_cell
from pages.ui.tables import coloured, names, names_column, width_of

KEY = "coverage"
NAME, ALL = "name", "all"
MOST_ROWS, MOST_COLUMNS = 60, 20


def draw(slice_: Slice, rows: str, cols: str, min_n: int) -> None:
    """Draw the sentence, the table and the chosen cell."""
    found = pivot(the_store(), slice_, rows=rows, cols=cols)
    row_values: list[str | None] = [*found.row_values[:MOST_ROWS], None]
    col_values: list[str | None] = [*found.col_values[:MOST_COLUMNS], None]
    cells = found.by_place()
    _sentence(found, min_n)
    ids = [f"c{place}" for place in range(len(col_values) - 1)] + [ALL]
    frame = pd.DataFrame(
        [[_text(cells.get((row, col)), min_n, named=bool(row and col)) for col in col_values] for row in row_values],
        columns=pd.Index(ids),
    )
    named = [_words(row) for row in row_values]
    frame.insert(0, NAME, names(named))
    styles = {
        column: [_style(cells.get((row, col)), min_n) if row and col else "" for row in row_values]
        for column, col in zip(ids, col_values, strict=True)
    }
    config = {
        column: st.column_config.TextColumn(_words(col), width=width_of(_words(col), list(frame[column])))
        for column, col in zip(ids, col_values, strict=True)
    }
    at = _place(row_values, col_values)
    wanted = None if at is None else (at[0], ids[at[1]])
    if filters.selected_cell(KEY) != wanted:
        filters.agree(KEY, {"selection": {"cells": [] if wanted is None else [wanted]}})

    def changed() -> None:
        cell = filters.selected_cell(KEY)
        if cell is None:
            filters.put_settings(cell=None)
            return
        column = ids.index(ALL if cell[1] == NAME else cell[1])
        filters.put_settings(cell=f"{_param(row_values[cell[0]])}|{_param(col_values[column])}")

    with st.container(key="plain_table_coverage"):
        st.dataframe(
            coloured(frame, styles, name=NAME), key=KEY, on_select=changed, selection_mode="single-cell",
            hide_index=True, row_height=36, height="content" if len(row_values) < 18 else 660,
            column_config={NAME: names_column(rows, named), **config},
            alt=f"Traces and labels by {rows} and {cols}, {len(row_values) - 1} rows, {len(col_values) - 1} columns",
        )  # fmt: skip
    hidden = len(found.row_values[MOST_ROWS:]) + len(found.col_values[MOST_COLUMNS:])
    if hidden:
        st.caption(f"The largest values are shown; {count(hidden)} more are not: choose some in the filter.")
    choose = " Choose one to open its traces." if at is None else ""
    st.caption(f"Each cell: traces · how many of them the expert judged.{choose}")
    if at is None:
        return
    row, col = row_values[at[0]], col_values[at[1]]
    _chosen(cells.get((row, col)), f"{_words(row)} × {_words(col)}")


def _sentence(found: Pivot, min_n: int) -> None:
    combinations, empty, thin = coverage_of(found, min_n=min_n)
    st.markdown(
        f"**{count(empty)} of {plural(combinations, 'combination')}** {'has' if empty == 1 else 'have'} no trace; "
        f"**{count(thin)}** {'is' if thin == 1 else 'are'} thin: fewer than {min_n} judged traces, too few for a rate."
    )


def _text(cell: PivotCell | None, min_n: int, *, named: bool) -> str:
    """«12 · 10» for 12 traces of which 10 were judged, «7 · 2, thin», «0 empty»."""
    if cell is None:
        return "0 empty" if named else "0"
    return f"{count(cell.counts.traces)} · {count(cell.counts.judged)}{', thin' if cell.counts.judged < min_n else ''}"


def _style(cell: PivotCell | None, min_n: int) -> str:
    if cell is None:
        return empty_cell()
    return thin_cell() if cell.counts.judged < min_n else ""


def _words(value: str | None) -> str:
    return "all" if value is None else value or "(missing)"


def _param(value: str | None) -> str:
    return "*" if value is None else value


def _place(rows: list[str | None], cols: list[str | None]) -> tuple[int, int] | None:
    """The cell that the address names by its values; `*` stands for all."""
    asked = filters.text_setting("cell")
    if asked is None:
        return None
    for r, row in enumerate(rows):
        for c, col in enumerate(cols):
            if asked == f"{_param(row)}|{_param(col)}":
                return r, c
    return None


def _chosen(cell: PivotCell | None, name: str) -> None:
    with st.container(border=True, key="first_on_phone_coverage"):
        if cell is None:
            st.markdown(f"**{escape(name)}**: no trace. Nothing is known about this combination.")
            return
        left = cell.counts.traces - cell.counts.judged
        judged = cell.counts.judged
        st.markdown(f"**{escape(name)}**: {plural(cell.counts.traces, 'trace')}, {count(judged)} judged")
        with st.container(horizontal=True, gap="medium"):
            slice_link(
                f"Open {plural(cell.counts.traces, 'trace')}", "traces", cell.all_slice, icon=":material/arrow_forward:"
            )
            if judged:
                slice_link(f"{count(judged)} judged", "traces", cell.judged_slice)
            unlabelled = cell.all_slice.with_verdict("unlabelled")
            if left and not unlabelled.unreadable:
                slice_link("Review those without a label", "review", unlabelled)
