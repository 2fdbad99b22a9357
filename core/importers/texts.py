"""Values as text: JSON text of anything a file may hold, and short text of scalars."""

import base64
import json
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import orjson

_EXACT = 10**15


def json_text(value: Any) -> str:
    """JSON text of a value, integers of any length kept, dates as ISO 8601, bytes as text or base64."""
    try:
        return orjson.dumps(value, default=plain, option=orjson.OPT_NON_STR_KEYS).decode()
    except (orjson.JSONEncodeError, TypeError):
        text = json.dumps(value, ensure_ascii=False, default=plain, separators=(",", ":"), allow_nan=False)
        return text.encode("utf-8", "replace").decode("utf-8")


def plain(value: Any) -> Any:
    """A value that JSON can hold in place of one that it cannot."""
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, Decimal):
        if not value.is_finite():
            return None
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes):
        try:
            return value.decode("utf-8")
        except UnicodeDecodeError:
            return base64.b64encode(value).decode("ascii")
    if isinstance(value, set | frozenset | tuple):
        return list(value)  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return str(value)


def scalar_text(value: Any) -> str:
    """A value as people write it: `true`, `3` for 3.0, text as it is, JSON for lists and objects."""
    if value.__class__ is str:
        return value
    if value is None:
        return ""
    if value is True:
        return "true"
    if value is False:
        return "false"
    if value.__class__ is float:
        return str(int(value)) if value.is_integer() and abs(value) < _EXACT else repr(value)
    if value.__class__ is int:
        return str(value)
    return json_text(value)
