"""Reading single values: verdict words, timestamps, dimension values."""

from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, cast

from core.importers.paths import Composite, is_empty, parsed_text
from core.importers.texts import scalar_text

VALUE_CHARACTERS = 200
"""Longest dimension value; longer ones are cut."""
_EARLIEST = 10**8
_UNITS = ((10**11, 1), (10**14, 10**3), (10**17, 10**6), (10**20, 10**9))


class Words:
    """Two lists of values that mean yes and no, compared by kind: `1`, `true` and `"1"` in a file are three values.

    A CSV has text only, so a number or a truth value in a list also stands for its text, and the other way round.
    """

    def __init__(self, yes: Iterable[Any], no: Iterable[Any]) -> None:
        self._meaning: dict[tuple[str, Any], bool] = {}
        for meaning, values in ((False, no), (True, yes)):
            for value in values:
                for key in _keys(value):
                    self._meaning[key] = meaning
        for meaning, values in ((False, no), (True, yes)):
            for value in values:
                self._meaning[_keys(value)[0]] = meaning

    def read(self, value: Any) -> bool | None:
        """True or False for a value of a list, None for one in neither."""
        if value.__class__ is list and len(value) == 1:
            value = value[0]
        return self._meaning.get(_key(value))


def _key(value: Any) -> tuple[str, Any]:
    if value.__class__ is str:
        return ("text", value.strip())
    if value.__class__ is bool:
        return ("truth", value)
    if value.__class__ is int or value.__class__ is float:
        return ("number", value)
    return ("other", None)


def _keys(value: Any) -> list[tuple[str, Any]]:
    """Under which keys a listed value is found: as itself first, then in the forms a text-only file gives it."""
    if isinstance(value, bool):
        word = "true" if value else "false"
        return [("truth", value), ("text", word), ("text", word.title()), ("text", word.upper())]
    if isinstance(value, int | float):
        texts = {str(value), scalar_text(value), repr(float(value)) if abs(value) < 10**15 else str(value)}
        return [("number", value), *(("text", text) for text in sorted(texts))]
    text = cast(str, value).strip()
    keys: list[tuple[str, Any]] = [("text", text)]
    if text.lower() in ("true", "false"):
        keys.append(("truth", text.lower() == "true"))
    try:
        number = float(text)
    except ValueError:
        return keys
    return [*keys, ("number", number)] if number == number else keys


def read_time(value: Any) -> datetime | None:
    """A time as naive UTC: ISO 8601 with any offset, or seconds to nanoseconds since 1970; None if unreadable."""
    try:
        if value.__class__ is str:
            if value[-1:] == "Z" and value[10:11] == "T":
                moment = datetime.fromisoformat(value[:-1])
                return moment if moment.tzinfo is None else None
            return _text_time(value.strip())
        if value.__class__ is int or value.__class__ is float:
            return _number_time(value)
    except (ValueError, OverflowError, OSError, TypeError):
        return None
    return None


def _text_time(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        if text.replace(".", "", 1).isdigit():
            return _number_time(int(text) if text.isdigit() else float(text))
        try:
            moment = datetime.fromisoformat(text.removesuffix("UTC").removesuffix("GMT").strip().replace(" +", "+"))
        except ValueError:
            moment = parsedate_to_datetime(text)
    if text.isdigit():
        return _number_time(int(text)) or moment
    if moment.tzinfo is None:
        return moment
    return (moment if moment.tzinfo is UTC else moment.astimezone(UTC)).replace(tzinfo=None)


def _number_time(number: float) -> datetime | None:
    if number < _EARLIEST:
        return None
    for limit, unit in _UNITS:
        if number < limit:
            whole, rest = divmod(number, unit)
            moment = datetime.fromtimestamp(int(whole), UTC) if unit > 1 else datetime.fromtimestamp(number, UTC)
            return moment.replace(
                microsecond=int(rest * 10**6 // unit) if unit > 1 else moment.microsecond, tzinfo=None
            )
    return None


def dimension_values(value: Any) -> list[str]:
    """The values of a dimension: one for a scalar, several for a list, none for what is empty; long ones are cut."""
    kind = value.__class__
    if kind is str:
        if value[:1] == "[":
            inner = parsed_text(value)
            if inner.__class__ is list:
                return dimension_values(inner)
        text = value.strip()
        return [_cut(text)] if text else []
    if kind is Composite:
        parts = [scalar_text(part) for part in value if not is_empty(part)]
        return [_cut(":".join(parts))] if parts else []
    if kind is list:
        found = [_cut(scalar_text(item).strip()) for item in value if not isinstance(item, dict | list)]
        return list(dict.fromkeys(text for text in found if text))
    if kind is dict or is_empty(value):
        return []
    return [_cut(scalar_text(value))]


def _cut(text: str) -> str:
    return text if len(text) <= VALUE_CHARACTERS else text[: VALUE_CHARACTERS - 1] + "…"
