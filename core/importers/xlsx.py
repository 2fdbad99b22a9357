"""Excel workbooks: the sheet with the most rows, its first row being the header."""

import zipfile
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from core.importers.base import FREE_EXPANSION, MAX_EXPANSION, Head, Record, Source, bad_line
from core.importers.texts import json_text, plain
from core.model import BadLine

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
    recognised_by = "An Excel workbook (.xlsx): the sheet with the most rows is read."

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
            yield from _records(_largest(book))
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


def _largest(book: Any) -> Any:
    """The sheet with the most rows; the first of equals."""
    sheets = list(book.worksheets)
    if not sheets:
        raise ValueError("it has no sheet")
    if len(sheets) == 1:
        return sheets[0]
    return max(sheets, key=_row_count)


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
            columns = [str(c).strip() if c is not None else f"column_{i}" for i, c in enumerate(cells, 1)]
            columns = [c if c not in columns[:i] else f"{c}_{i + 1}" for i, c in enumerate(columns)]
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
