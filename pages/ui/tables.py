"""Tables that are coloured cell by cell."""

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st
from pandas.io.formats.style import Styler

from pages.ui.styles import ink, muted, paper

CELL_WIDTH = 5.2
"""Pixels of a character of a cell, about."""
TITLE_WIDTH = 6.4
LABEL_PADDING = 20
MOST_OF_NAME = 260
"""Pixels: a longer name is cut, so that there is room for the numbers on a phone."""


def coloured(frame: pd.DataFrame, styles: dict[str, list[str]], *, name: str) -> Styler:
    """The table with a CSS style for each cell of some columns; the column `name` is drawn as plain text."""
    css = pd.DataFrame("", index=frame.index, columns=frame.columns)
    css[name] = f"color: {ink()}"
    for column, cells in styles.items():
        css[column] = cells

    def given(_: pd.DataFrame) -> pd.DataFrame:
        return css

    return frame.style.apply(given, axis=None)


def names(texts: Sequence[str]) -> list[list[str]]:
    """The names of rows as `names_column` takes them."""
    return [[text] for text in texts]


def names_column(title: str, texts: Sequence[str]) -> Any:
    """The column of the names of rows, which stays where the table is scrolled sideways.

    Streamlit draws the text of such a column at 60 %, whatever its colour; only labels are drawn whole. So a name is
    a label of the colour of the page.
    """
    known = list(dict.fromkeys(texts))
    width = min(width_of(title, known) + LABEL_PADDING, MOST_OF_NAME)
    return st.column_config.MultiselectColumn(title, pinned=True, width=width, options=known, color=paper())


def grey(*, few: bool) -> str:
    """The style of a number under the smallest n."""
    return f"color: {muted()}" if few else ""


def width_of(title: str, cells: list[str]) -> int:
    """Pixels that show every cell of a column whole."""
    longest = max(map(len, cells), default=0)
    return round(max(longest * CELL_WIDTH, len(title) * TITLE_WIDTH)) + 20
