"""Where the records of a JSON value are: a list, the lists or objects under keys, or the value itself."""

from collections.abc import Iterator
from typing import Any, cast

from core.errors import InputError
from core.importers.base import Record, bad_line
from core.importers.lines import UnreadableError, check_limits
from core.importers.paths import EVERY, PathError, parse_path
from core.importers.texts import json_text
from core.importers.words import CONTAINERS, CONTENT
from core.model import BadLine

_ENOUGH_ALIKE = 0.5


def records_in(value: Any, path: str | None = None) -> Iterator[Record | BadLine]:
    """Yield the records of a JSON value, each with the key it stands under; raises `InputError` for a bad path.

    Without a path: the elements of a list; of an object, the list under its only or best known key, its values
    where they are objects alike, else the object itself. The path `.` means the value itself is one record.
    """
    if path is None:
        found = _found(value)
    elif path.strip() == ".":
        found = iter([(None, value)])
    else:
        found = _under(value, path)
    for number, (key, record) in enumerate(found):
        try:
            check_limits(record)
        except UnreadableError as error:
            yield bad_line(None, f"record {number + 1}: {error}")
            continue
        yield Record(None, record, json_text(record), number, key)


def _found(value: Any) -> Iterator[tuple[str | None, Any]]:
    if value.__class__ is list:
        return _items(None, value) if not is_chat(value) else iter([(None, value)])
    if value.__class__ is not dict or not value:
        return iter([(None, value)])
    fields = cast(dict[str, Any], value)
    lists = [key for key, inner in fields.items() if _holds_records(inner)]
    if len(lists) == len(fields):
        return _chain(fields, lists)
    if not CONTENT & fields.keys():
        known = [key for key in lists if key.lower() in CONTAINERS]
        if len(known) == 1:
            return _items(known[0], fields[known[0]])
        if len(fields) > 1 and all(inner.__class__ is dict for inner in fields.values()) and _alike(fields):
            return iter(fields.items())
    return iter([(None, value)])


def _chain(fields: dict[str, Any], keys: list[str]) -> Iterator[tuple[str | None, Any]]:
    for key in keys:
        yield from _items(key, fields[key])


def _items(key: str | None, items: list[Any]) -> Iterator[tuple[str | None, Any]]:
    return ((key, item) for item in items)


def _holds_records(value: Any) -> bool:
    return value.__class__ is list and bool(value) and all(v.__class__ is dict for v in value) and not is_chat(value)


def is_chat(value: list[Any]) -> bool:
    """True for a list of chat messages."""
    head = value[:3]
    return bool(head) and all(
        item.__class__ is dict and ("role" in item or ("from" in item and "value" in item)) for item in head
    )


def _alike(fields: dict[str, Any]) -> bool:
    """True where the values of an object have mostly the same keys: an object of records."""
    shapes = [set(cast(dict[str, Any], inner)) for inner in list(fields.values())[:20]]
    shared, every = shapes[0].intersection(*shapes), shapes[0].union(*shapes)
    return bool(every) and len(shared) >= _ENOUGH_ALIKE * len(every)


def _under(value: Any, path: str) -> Iterator[tuple[str | None, Any]]:
    try:
        steps = parse_path(path)
    except PathError as error:
        raise InputError(f'The records path "{path}" cannot be read: {error}.', "Write it like data.items.") from None
    found: list[tuple[str | None, Any]] = [(None, value)]
    for step in steps:
        below: list[tuple[str | None, Any]] = []
        for key, item in found:
            if step.__class__ is int:
                below += (
                    [(key, item[step])] if item.__class__ is list and -len(item) <= cast(int, step) < len(item) else []
                )
            elif step is EVERY:
                below += item.items() if item.__class__ is dict else _items(key, item if item.__class__ is list else [])
            elif item.__class__ is dict and step in item:
                below.append((cast(str, step), item[step]))
        found = below
    if not found:
        keys = ", ".join(list(cast(dict[str, Any], value))[:8]) if value.__class__ is dict else ""
        remedy = f"The top level has: {keys}." if keys else "Leave `records` out to take the file as it is."
        raise InputError(f'There is nothing under the records path "{path}".', remedy)
    for key, item in found:
        if item.__class__ is list:
            yield from _items(key, item)
        elif (
            item.__class__ is dict
            and item
            and steps[-1] is not EVERY
            and all(v.__class__ is dict for v in item.values())
        ):
            yield from item.items()
        else:
            yield key, item
