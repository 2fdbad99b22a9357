"""JSON lines: one object per row with every value as it is stored; nothing is lost."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, BinaryIO

import orjson

from core.exporters.base import Column, Kind, Row


class Jsonl:
    """One JSON object per line in UTF-8; a time is ISO 8601 in UTC, a missing dimension is left out."""

    name = "jsonl"
    is_text = True
    takes_originals = True

    def write(self, stream: BinaryIO, columns: Sequence[Column], parts: Iterable[Sequence[Row]]) -> int:
        """Write all rows."""
        written = 0
        for part in parts:
            stream.write(b"".join(_line(columns, row) for row in part))
            written += len(part)
        return written


def _line(columns: Sequence[Column], row: Row) -> bytes:
    found: dict[str, Any] = {}
    for column, value in zip(columns, row, strict=True):
        if column.inside is None:
            found[column.name] = _value(value, column.kind)
        else:
            inner = found.setdefault(column.inside, {})
            if value is not None:
                inner[column.name] = _one_or_several(value) if column.kind is Kind.LIST else _value(value, column.kind)
    return orjson.dumps(found, option=orjson.OPT_APPEND_NEWLINE)


def _one_or_several(values: Sequence[str]) -> object:
    return values[0] if len(values) == 1 else list(values)


def _value(value: Any, kind: Kind) -> Any:
    if value is None:
        return None
    if kind is Kind.MOMENT and isinstance(value, datetime):
        return f"{value.isoformat()}Z"
    if kind is Kind.JSON:
        # Between the tokens of a JSON text a line break is a space; inside a string it cannot stand.
        return orjson.Fragment(str(value).replace("\r", " ").replace("\n", " "))
    return list(value) if kind is Kind.LIST else value
