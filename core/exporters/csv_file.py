"""CSV in UTF-8: free of formulas, quoted wherever another program might cut a cell in two."""

import io
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, BinaryIO

from core.exporters.base import Column, Kind, Row, flat_columns, without_formula

_QUOTED = re.compile(r"""[",;|\t\r\n]|^\s|\s$""")
LIST_SIGN = "; "


class CsvFile:
    """Comma-separated values with a header; a missing value is an empty cell, several values are parted by `; `."""

    name = "csv"
    is_text = True
    takes_originals = False

    def write(self, stream: BinaryIO, columns: Sequence[Column], parts: Iterable[Sequence[Row]]) -> int:
        """Write the header and all rows."""
        flat = flat_columns(columns)
        written = 0
        text = io.StringIO()
        text.write(",".join(_text(name) for _, name, _ in flat) + "\n")
        for part in parts:
            for row in part:
                text.write(",".join([_cell(row[position], kind) for position, _, kind in flat]))
                text.write("\n")
            written += len(part)
            _flush(text, stream)
        _flush(text, stream)
        return written


def _flush(text: io.StringIO, stream: BinaryIO) -> None:
    stream.write(text.getvalue().encode("utf-8", "replace"))
    text.seek(0)
    text.truncate()


def _cell(value: Any, kind: Kind) -> str:
    if value is None:
        return ""
    if kind is Kind.LIST:
        return _text(LIST_SIGN.join(value))
    if kind is Kind.MOMENT and isinstance(value, datetime):
        return f"{value.isoformat()}Z"
    if kind is Kind.BOOLEAN:
        return "true" if value else "false"
    if kind in (Kind.INTEGER, Kind.NUMBER):
        return repr(value)
    return _text(str(value))


def _text(text: str) -> str:
    safe = without_formula(text)
    if _QUOTED.search(safe):
        return '"' + safe.replace('"', '""') + '"'
    return safe
