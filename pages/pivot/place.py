"""A cell of the pivot in the address: `cell=ROW|COL`, where `*` is all and nothing is missing."""

import re
from typing import Final

from core.workflows.pivoting import Pivot, PivotCell
from pages.ui import filters
from pages.ui.notices import stale_setting

ALL: Final = "*"
_PARTS: Final = re.compile(r"((?:[^\\|]|\\.)*)\|((?:[^\\|]|\\.)*)", re.DOTALL)


def written(row: str | None, col: str | None) -> str:
    """The place as the address holds it: a bar, a backslash or a lone star of a value stands behind a backslash."""
    return f"{_escaped(row)}|{_escaped(col)}"


def read(text: str) -> tuple[str | None, str | None] | None:
    """Row and column of an address; None where it is no place."""
    found = _PARTS.fullmatch(text)
    return None if found is None else (_plain(found[1]), _plain(found[2]))


def chosen(found: Pivot) -> PivotCell | None:
    """The cell the address asks for; one that is gone is named on the page."""
    text = filters.text_setting("cell")
    if text is None:
        return None
    where = read(text)
    cell = None if where is None else found.cell(*where)
    if cell is None:
        stale_setting("cell", text, "no cell")
    return cell


def choose(cell: PivotCell | None) -> None:
    """Write a cell into the address."""
    filters.put_settings(cell=None if cell is None else written(cell.row, cell.col))


def _escaped(value: str | None) -> str:
    if value is None:
        return ALL
    safe = value.replace("\\", "\\\\").replace("|", "\\|")
    return f"\\{ALL}" if safe == ALL else safe


def _plain(text: str) -> str | None:
    return None if text == ALL else re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)
