"""The table of a pivot: a rate with its counts in every cell, tinted by what is bad."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from core.workflows.pivoting import CATEGORY, Pivot, PivotCell
from pages.pivot import place
from pages.pivot.choice import Choice
from pages.ui import filters
from pages.ui.rates import NONE, count, heat_text, tint
from pages.ui.tables import coloured, grey, names, names_column, width_of

KEY: Final = "pivot"
MOST_ROWS: Final = 40
MOST_COLUMNS: Final = 12
NAME: Final = "name"
ALL: Final = "all"
ROW_HEIGHT: Final = 36
MOST_SHOWN: Final = 10
"""Rows that are seen at once: the evidence of the chosen cell stands below, and in the same window."""


def value_words(axis: str | None, value: str | None) -> str:
    """A value as the page shows it."""
    if value is None:
        return "all"
    return value or ("not sorted yet" if axis == CATEGORY else "(missing)")


def cell_text(cell: PivotCell | None, choice: Choice, min_n: int) -> str:
    """«75 % · 15 of 20 (53–89)», «2 of 7 · few», or a dash."""
    if cell is None:
        return NONE
    if choice.only_traces:
        return count(cell.counts.traces)
    return heat_text(cell.rate, min_n=min_n)


def draw(found: Pivot, choice: Choice, chosen: PivotCell | None, min_n: int) -> None:
    """Draw the table; a cell fills the evidence, the name of a row stands for the whole row."""
    rows: list[str | None] = [*found.row_values[:MOST_ROWS], None]
    cols: list[str | None] = [*found.col_values[:MOST_COLUMNS], None]
    ids = [f"c{number}" for number in range(len(cols) - 1)] + [ALL]
    cells = found.by_place()
    texts = [[cell_text(cells.get((row, col)), choice, min_n) for col in cols] for row in rows]
    frame = pd.DataFrame(texts, columns=pd.Index(ids))
    named = [value_words(choice.rows, row) for row in rows]
    frame.insert(0, NAME, names(named))
    styles = {
        column: [_style(cells.get((row, col)), choice, min_n) for row in rows]
        for column, col in zip(ids, cols, strict=True)
    }
    config: dict[str, Any] = {NAME: names_column(choice.rows_words, named)}
    for column, col in zip(ids, cols, strict=True):
        title = value_words(choice.cols, col)
        config[column] = st.column_config.TextColumn(title, width=width_of(title, list(frame[column])))
    wanted = None if chosen is None or chosen.row not in rows or chosen.col not in cols else chosen
    at = None if wanted is None else (rows.index(wanted.row), ids[cols.index(wanted.col)])
    held = filters.selected_cell(KEY)
    if held != at and not (held is not None and at == (held[0], ALL) and held[1] == NAME):
        filters.agree(KEY, {"selection": {"cells": [] if at is None else [at]}})

    def changed() -> None:
        selected = filters.selected_cell(KEY)
        if selected is None:
            place.choose(None)
            return
        column = ALL if selected[1] == NAME else selected[1]
        place.choose(cells.get((rows[selected[0]], cols[ids.index(column)])))

    more = _more(found)
    if more:
        st.caption(more)
    with st.container(key="plain_table_pivot"):
        st.dataframe(
            coloured(frame, styles, name=NAME),
            key=KEY,
            on_select=changed,
            selection_mode="single-cell",
            hide_index=True,
            row_height=ROW_HEIGHT,
            height="content" if len(rows) <= MOST_SHOWN else ROW_HEIGHT * (MOST_SHOWN + 1),
            column_config=config,
            alt=f"{choice.axes}, {len(rows) - 1} rows, {len(cols) - 1} columns and totals",
        )


def _style(cell: PivotCell | None, choice: Choice, min_n: int) -> str:
    if cell is None or (cell.bad.strength < min_n and not choice.only_traces):
        return grey(few=True)
    return "" if choice.only_traces else tint(cell.bad, min_n=min_n)


def _more(found: Pivot) -> str:
    """How many values are not shown."""
    rows, cols = len(found.row_values[MOST_ROWS:]), len(found.col_values[MOST_COLUMNS:])
    said = [f"{n:,} more {what}" for n, what in ((rows, "rows"), (cols, "columns")) if n]
    return f"The largest values are shown, and {' and '.join(said)} are not: choose some in the filter." if said else ""
