"""Excel workbooks: the sheet that looks most like records, its first row being the header."""

import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from core.importers.base import FREE_EXPANSION, MAX_EXPANSION, Head, Record, Source, bad_line
from core.importers.columns import words_of
from core.importers.delimited import column_names
from core.importers.texts import json_text, plain
from core.importers.words import CHATS, INPUTS, OUTPUTS
from core.model import BadLine

HEADER_WITHIN = 100
"""Rows within which the header of a sheet begins."""
ZIP_MAGIC = b"PK\x03\x04"
_PARTS = (b"[Content_Types].xml", b"xl/", b"_rels/.rels", b"docProps/")
_BROKEN = (
    zipfile.BadZipFile,
    KeyError,
    ValueError,
    OSError,
    TypeError,
    AttributeError,
    SyntaxError,
)


class Xlsx:
    """Excel workbooks (.xlsx)."""

    name = "xlsx"
    recognised_by = "An Excel workbook (.xlsx): the sheet with an input and an output is read, else the longest."

    def detect(self, head: Head) -> bool:
        """True for a ZIP archive that holds a workbook's parts."""
        return head.data.startswith(ZIP_MAGIC) and (
            any(part in head.data for part in _PARTS) or head.ending in ("xlsx", "xlsm")
        )

    def read(self, source: Source, records_path: str | None = None) -> Iterator[Record | BadLine]:  # noqa: ARG002
        """Yield a record per row that is not empty; its line is the row's number in the sheet."""
        import openpyxl
        from openpyxl.utils.exceptions import InvalidFileException

        try:
            stream = source.open_seekable()
            _refuse_bomb(stream)
            book: Any = openpyxl.load_workbook(stream, read_only=True, data_only=True)
        except (InvalidFileException, *_BROKEN) as error:
            yield bad_line(None, f"not readable as an Excel workbook: {source.damage or error}")
            return
        try:
            yield from _records(_chosen(book, source))
        except _BROKEN as error:
            yield bad_line(None, f"the sheet is damaged: {error}")
        finally:
            book.close()


def _refuse_bomb(stream: BinaryIO) -> None:
    with zipfile.ZipFile(stream) as archive:
        inside = archive.infolist()
    packed, unpacked = sum(i.compress_size for i in inside), sum(i.file_size for i in inside)
    if unpacked > FREE_EXPANSION and unpacked > MAX_EXPANSION * packed:
        raise ValueError(f"it expands to more than {MAX_EXPANSION} times its size")
    stream.seek(0)


def _chosen(book: Any, source: Source) -> Any:
    """The sheet whose header names most of input and output, of equals the longest; the others are noted."""
    if not book.worksheets:
        raise ValueError("it has no sheet")
    if len(book.worksheets) == 1:
        return book.worksheets[0]
    sheets = [(_row_count(sheet), _header(sheet), sheet) for sheet in book.worksheets]
    *_, chosen = max(sheets, key=lambda one: (_likeness(one[1]), one[0]))
    left = ", ".join(f'"{sheet.title}"' for _, header, sheet in sheets if header and sheet is not chosen)
    told = f'The sheet "{chosen.title}" was read; not read: {left}. Save another one as a file of its own to import it.'
    source.notes = [told] if left else []
    return chosen


def _header(sheet: Any) -> list[Any]:
    """The first row that is not empty."""
    sheet.reset_dimensions()  # what a workbook says of its own size is often wrong
    for row in sheet.iter_rows(values_only=True, max_row=HEADER_WITHIN):
        cells = [cell for cell in row if cell is not None]
        if cells:
            return cells
    return []


def _likeness(header: list[Any]) -> int:
    """How many of input and output a header names; chat messages are both."""
    keys = {"_".join(words_of(str(cell))) for cell in header}
    return sum(not keys.isdisjoint((*names, *CHATS)) for names in (INPUTS, OUTPUTS))


def _row_count(sheet: Any) -> int:
    return cast(int, sheet.max_row or sum(1 for row in sheet.iter_rows(values_only=True) if any(row)))


def _records(sheet: Any) -> Iterator[Record | BadLine]:
    sheet.reset_dimensions()
    columns: list[str] | None = None
    position = 0
    for number, row in enumerate(sheet.iter_rows(values_only=True), 1):
        cells = [_cell(cell) for cell in row]
        while cells and cells[-1] is None:
            cells.pop()
        if not cells:
            continue
        if columns is None:
            columns = column_names([str(cell) if cell is not None else "" for cell in cells])
            continue
        if len(cells) > len(columns):
            reason = f"the row has {len(cells)} cells, the header has {len(columns)}"
            yield bad_line(number, reason, json_text(cells))
            continue
        cells += [None] * (len(columns) - len(cells))
        value = dict(zip(columns, cells, strict=True))
        yield Record(number, value, json_text(value), position)
        position += 1


def _cell(value: Any) -> Any:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return plain(value)
