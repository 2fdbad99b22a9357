"""Tables that are coloured cell by cell."""

from typing import Any

import pandas as pd

from pages.ui.styles import ink, muted

CELL_WIDTH = 5.2
"""Pixels of a character of a cell, about."""
TITLE_WIDTH = 6.4


def coloured(frame: pd.DataFrame, styles: dict[str, list[str]], *, name: str) -> Any:
    """The table with a CSS style for each cell of some columns; the column `name` is drawn as plain text."""
    css = pd.DataFrame("", index=frame.index, columns=frame.columns)
    css[name] = f"color: {ink()}"
    for column, cells in styles.items():
        css[column] = cells

    def given(_: pd.DataFrame) -> pd.DataFrame:
        return css

    return frame.style.apply(given, axis=None)


def grey(*, few: bool) -> str:
    """The style of a number under the smallest n."""
    return f"color: {muted()}" if few else ""


def width_of(title: str, cells: list[str]) -> int:
    """Pixels that show every cell of a column whole."""
    longest = max(map(len, cells), default=0)
    return round(max(longest * CELL_WIDTH, len(title) * TITLE_WIDTH)) + 20
