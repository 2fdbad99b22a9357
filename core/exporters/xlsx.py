"""Excel workbooks: text as text, never a formula; numbers, dates and truth values with their types."""

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, BinaryIO

from core.errors import UsageError
from core.exporters.base import Column, Kind, Row, flat_columns, without_formula
from core.exporters.csv_file import LIST_SIGN

MOST_ROWS = 1_048_575
"""Rows that a sheet holds below its header."""
MOST_CHARACTERS = 32_767
"""Characters that a cell holds."""
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_FIRST_DAY = datetime(1900, 3, 1)  # noqa: DTZ001 - the store's times are naive UTC


class Xlsx:
    """One sheet with a header; a text too long for a cell is cut and says so."""

    name = "xlsx"
    is_text = False
    takes_originals = False

    def write(self, stream: BinaryIO, columns: Sequence[Column], parts: Iterable[Sequence[Row]]) -> int:
        """Write all rows; raises `UsageError` where a sheet cannot hold them."""
        from openpyxl import Workbook

        flat = flat_columns(columns)
        book = Workbook(write_only=True)
        sheet = book.create_sheet("passfail")
        sheet.freeze_panes = "A2"
        sheet.append([_text(sheet, name) for _, name, _ in flat])
        written = 0
        for part in parts:
            written += len(part)
            if written > MOST_ROWS:
                raise UsageError(
                    f"A sheet of Excel holds {MOST_ROWS:,} rows.", "Narrow the slice, or choose csv or parquet."
                )
            for row in part:
                sheet.append([_cell(sheet, row[position], kind) for position, _, kind in flat])
        book.save(stream)
        return written


def _cell(sheet: Any, value: Any, kind: Kind) -> Any:
    if value is None:
        return None
    if kind is Kind.LIST:
        return _text(sheet, LIST_SIGN.join(value))
    if kind is Kind.MOMENT and value < _FIRST_DAY:
        return _text(sheet, f"{value.isoformat()}Z")
    return value if kind in (Kind.INTEGER, Kind.NUMBER, Kind.BOOLEAN, Kind.MOMENT) else _text(sheet, str(value))


def _text(sheet: Any, text: str) -> Any:
    """A cell that is text whatever it looks like; openpyxl would make formulas and error values of some."""
    from openpyxl.cell import WriteOnlyCell

    safe = without_formula(_UNWRITABLE.sub("\ufffd", text))
    if len(safe) > MOST_CHARACTERS:
        mark = f"… (cut: {len(text):,} characters)"
        safe = safe[: MOST_CHARACTERS - len(mark)] + mark
    if not safe.startswith("#"):
        return safe
    cell = WriteOnlyCell(sheet, safe)
    cell.data_type = "s"
    return cell
