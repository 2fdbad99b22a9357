"""The same cells, worst first: as a table and as dots with intervals."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from core.workflows.pivoting import FAILED, PivotCell
from pages.pivot import place
from pages.pivot.choice import Choice
from pages.pivot.table import cell_text, value_words
from pages.ui import filters
from pages.ui.dots import Dot, dots, draw_dots
from pages.ui.notices import plural
from pages.ui.styles import verdict_colour
from pages.ui.tables import coloured, grey

SHOWN: Final = 15
FEW_SHOWN: Final = 8
MANY: Final = 10
TABLE: Final = "pivot.worst"
DOTS: Final = "pivot.dots"


def draw(ranked: list[PivotCell], choice: Choice, chosen: PivotCell | None, min_n: int) -> None:
    """Draw table and picture side by side; choosing in one shows the same evidence as choosing in the pivot."""
    sure = [cell for cell in ranked if cell.bad.strength >= min_n]
    shown = ranked[: min(SHOWN, max(len(sure), FEW_SHOWN))]
    with st.container(key="first_on_phone_worst"):
        st.subheader("Worst first", anchor=False)
        chance = ": with this many, one or two look bad by chance." if len(sure) >= MANY else "."
        few = len(shown) - len(sure)
        rest = f" The {few} below {'has' if few == 1 else 'have'} fewer." if few > 0 else ""
        cut_off = f" {len(ranked) - len(shown)} more are not shown." if len(ranked) > len(shown) else ""
        looked = f"{plural(len(sure), 'cell')} of {min_n} or more looked at{chance}{rest}{cut_off}"
        st.caption(f"Sorted by the lower end of the interval. {looked}")
        left, right = st.columns([1, 1], gap="large")
        with left:
            _table(shown, choice, chosen, min_n)
        with right:
            _dots(shown, choice, chosen, min_n)


def _name(cell: PivotCell, choice: Choice) -> str:
    name = value_words(choice.rows, cell.row)
    return f"{name} × {value_words(choice.cols, cell.col)}" if choice.cols else name


def _table(shown: list[PivotCell], choice: Choice, chosen: PivotCell | None, min_n: int) -> None:
    frame = pd.DataFrame(
        {"cell": [_name(c, choice) for c in shown], "rate": [cell_text(c, choice, min_n) for c in shown]}
    )
    places = [(c.row, c.col) for c in shown]
    row = places.index((chosen.row, chosen.col)) if chosen is not None and (chosen.row, chosen.col) in places else None

    # A table of its own for each chosen cell: one whose selection is set from here reports that as a choice again.
    key = f"{TABLE}.{row}"

    def changed() -> None:
        selected = filters.selected_cell(key)
        if selected is not None:
            place.choose(shown[selected[0]])

    config: dict[str, Any] = {
        "cell": st.column_config.TextColumn(choice.axes.replace(" and ", " × ")),
        "rate": st.column_config.TextColumn("failed" if choice.measure == FAILED else choice.measure),
    }
    with st.container(key="plain_table_worst"):
        st.dataframe(
            coloured(frame, {"rate": [grey(few=c.bad.strength < min_n) for c in shown]}, name="cell"),
            key=key,
            on_select=changed,
            selection_mode="single-cell",
            selection_default={"selection": {"cells": [] if row is None else [(row, "cell")]}},
            hide_index=True,
            row_height=30,
            height="content",
            column_config=config,
            alt="The cells of the table, worst first",
        )


def _dots(shown: list[PivotCell], choice: Choice, chosen: PivotCell | None, min_n: int) -> None:
    picture = dots([Dot(_name(c, choice), c.rate) for c in shown], min_n=min_n, colours={"": verdict_colour("fail")})

    key = f"{DOTS}.{chosen and place.written(chosen.row, chosen.col)}"  # a choice made elsewhere ends this one

    def changed() -> None:
        points = (filters.state_of(key) or {}).get("selection", {}).get("points", [])
        if points:
            at = points[0]["customdata"]
            place.choose(shown[int(at[0] if isinstance(at, list) else at)])

    worst = shown[0]
    alt = f"Worst: {_name(worst, choice)}, {cell_text(worst, choice, min_n)}"
    draw_dots(picture, key=key, alt=alt, on_select=changed, selection_mode="points")
