"""Where it breaks: the last good step against the first failure, in the order of the pipeline."""

import pandas as pd
import streamlit as st

from core.metrics import rate_of
from core.slice import Slice
from core.workflows.breaking import Breaks, breaks_of_dimensions, breaks_of_labels, guess_sides
from core.workflows.exploring import list_dimensions
from pages.ui import filters
from pages.ui.left_out import draw_left_out
from pages.ui.links import slice_link
from pages.ui.notices import escape, plural
from pages.ui.rates import count, tint
from pages.ui.store import the_store
from pages.ui.tables import coloured, names, names_column, width_of

KEY = "breaks"
MARKS = "marks"
NAME, ALL = "name", "all"


def draw(slice_: Slice) -> None:
    """Draw the choice of the two sides, the table, and the traces of the chosen cell."""
    names = list_dimensions(the_store())
    rows, cols = _sides(names)
    if rows == cols and rows is not None:
        st.info("The last good step and the first failure come from two different dimensions.", title="Choose two.")
        return
    found = (
        breaks_of_labels(the_store(), slice_)
        if rows is None or cols is None
        else breaks_of_dimensions(the_store(), slice_, last_good=rows, failed_at=cols)
    )
    if not found.total:
        st.info(
            "Mark the first failure while reviewing, in the trace beside the message where it went wrong; or choose "
            "two dimensions of the log that name the steps.",
            title=f"No first failure is marked in these {plural(found.of, 'trace')}.",
        )
        return
    of = "failed traces" if rows is None else "traces"
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        st.markdown(f"**{count(found.total)} of {count(found.of)} {of}** have a place below.", width="content")
        draw_left_out([(f"unmapped ({words})", n, which) for words, n, which in found.unmapped])
    _table(found)


def _sides(names: list[str]) -> tuple[str | None, str | None]:
    """The two dimensions, or None for the marks of the experts; dimensions whose names say so are taken by themselves."""
    guess = guess_sides(names) or (MARKS, MARKS)
    options = [MARKS, *names]

    def words(name: str) -> str:
        return "marks of the expert" if name == MARKS else name

    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = [
            filters.choose(label, param, options, default, format_func=words, width=240)
            for label, param, default in zip(
                ("Last good step", "First failure"), ("rows", "cols"), guess, strict=True
            )
        ]  # fmt: skip
    return (None, None) if MARKS in chosen else (chosen[0], chosen[1])


def _table(found: Breaks) -> None:
    rows: list[str | None] = [*found.rows, None]
    cols: list[str | None] = [*found.cols, None]
    ids = [f"c{place}" for place in range(len(found.cols))] + [ALL]
    numbers = [[found.count(row, col) for col in cols] for row in rows]
    frame = pd.DataFrame([[count(n) if n else "" for n in line] for line in numbers], columns=pd.Index(ids))
    named = [row or "all" for row in rows]
    frame.insert(0, NAME, names(named))
    most = max(found.cells.values())
    styles = {
        column: [
            tint(rate_of(line[place], most), min_n=1) if row and col else ""
            for row, line in zip(rows, numbers, strict=True)
        ]
        for place, (column, col) in enumerate(zip(ids, cols, strict=True))
    }
    config = {
        column: st.column_config.TextColumn(
            col or "all", width=width_of(col or "all", list(frame[column])), alignment="right"
        )
        for column, col in zip(ids, cols, strict=True)
    }
    wanted = _wanted(found)
    if filters.selected_cell(KEY) != wanted:
        filters.agree(KEY, {"selection": {"cells": [] if wanted is None else [wanted]}})

    def changed() -> None:
        cell = filters.selected_cell(KEY)
        if cell is None or cell[1] == NAME:
            filters.put_settings(cell=None)
            return
        filters.put_settings(cell=f"{cell[0]}|{ids.index(cell[1])}")

    with st.container(key="plain_table_breaks"):
        st.dataframe(
            coloured(frame, styles, name=NAME), key=KEY, on_select=changed, selection_mode="single-cell",
            hide_index=True, row_height=36, height="content",
            column_config={NAME: names_column("Last good step ↓   First failure →", named), **config},
            alt=f"Last good step against first failure: {found.total} traces, the largest cell holds {most}",
        )  # fmt: skip
    if wanted is None:
        (row, col), n = max(found.cells.items(), key=lambda item: item[1])
        st.caption(
            f"Most often: {escape(row)} was good, then {escape(col)} failed ({count(n)}). Choose a cell for its traces."
        )
        return
    row, col = rows[wanted[0]], cols[ids.index(wanted[1])]
    n = found.count(row, col)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{escape(row or 'Any step')}** was good, **{escape(col or 'any step')}** failed", width="content"
        )
        if n:
            slice_link(f"Open {plural(n, 'trace')}", "traces", found.slices[row, col], icon=":material/arrow_forward:")


def _wanted(found: Breaks) -> tuple[int, str] | None:
    """The cell of the address: places of a row and a column."""
    asked = (filters.text_setting("cell") or "").split("|")
    if len(asked) != 2 or not all(part.isascii() and part.isdigit() and len(part) < 4 for part in asked):
        return None
    row, col = int(asked[0]), int(asked[1])
    if row > len(found.rows) or col > len(found.cols):
        return None
    return row, ALL if col == len(found.cols) else f"c{col}"
