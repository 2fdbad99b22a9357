"""Path expressions of a mapping: compiled once, then called for every record.

A path is a column name or a dotted path into a record (`info.task.id`), with quoted keys (`scores."gpt-4.1"`),
`[0]`, `[-1]` and `[*]`. `@file`, `@folder`, `@line` and `@key` stand for where a record came from, `=text` for a
constant, `.` for the record itself, and `^.field` leads from an element of `each` back to its record.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeAlias, Union, cast

from core.importers.base import Record
from core.importers.lines import UnreadableError, parse_json

PathSpec: TypeAlias = Union[str, "AnyOf", tuple["PathSpec", ...]]
Getter: TypeAlias = Callable[[Any, Record], Any]
"""Takes the value that paths start from (a record or an element of it) and the record with its place."""
TOKENS = ("@file", "@folder", "@line", "@key")
_STEP = re.compile(
    r"""\.?(?:"(?P<double>(?:[^"\\]|\\.)*)"|'(?P<single>[^']*)'|\[(?P<index>-?\d+|\*)\]|(?P<plain>[^.\[\]"']+))"""
)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """`{ any = [..] }`: the first of several paths that is not empty."""

    paths: "tuple[PathSpec, ...]"


class Composite(tuple[Any, ...]):
    """The values of a list of paths, in their order, empty ones included."""

    __slots__ = ()


_PLAIN_KEY = re.compile(r"[^.\[\]\"'@=^]+")


class _Every(str):
    """The step `[*]`: told from a key of that name by its type."""

    __slots__ = ()


EVERY = _Every("[*]")


class PathError(ValueError):
    """A path that cannot be understood."""


def is_empty(value: Any) -> bool:
    """True for what counts as not there: null, empty or blank text, an empty list or object, NaN."""
    if value is None:
        return True
    if value.__class__ is str:
        return not value or value.isspace()
    if value.__class__ is list or value.__class__ is dict or value.__class__ is Composite:
        return not value or (value.__class__ is Composite and all(map(is_empty, value)))
    return bool(value != value)


@lru_cache(maxsize=256)
def parse_path(path: str) -> tuple[str | int, ...]:
    """The steps of a dotted path: keys as text, indexes as numbers, `[*]` as `"[*]"`; raises `PathError`."""
    steps: list[str | int] = []
    at = 0
    while at < len(path):
        found = _STEP.match(path, at)
        if found is None or (at == 0 and path[0] == "."):
            raise PathError(f"it cannot be read from character {at + 1} on")
        if found["index"] is not None:
            steps.append(EVERY if found["index"] == "*" else int(found["index"]))
        elif found["double"] is not None:
            steps.append(re.sub(r"\\(.)", r"\1", found["double"]))
        else:
            steps.append(found["single"] if found["single"] is not None else found["plain"])
        at = found.end()
        if at < len(path) and path[at] not in ".[":
            raise PathError(f"a dot is missing before character {at + 1}")
        if at == len(path) - 1 and path[at] == ".":
            raise PathError("it ends with a dot")
    if not steps:
        raise PathError("it is empty")
    return tuple(steps)


def quoted_key(key: str) -> str:
    """A key as one step of a path, in quotes where it has to be."""
    if _PLAIN_KEY.fullmatch(key):
        return key
    return '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'


def compile_path(spec: PathSpec, *, file: str = "", folder: str = "") -> Getter:
    """The function that reads what `spec` leads to; raises `PathError` where the path cannot be understood."""
    if isinstance(spec, AnyOf):
        return _first_of([compile_path(part, file=file, folder=folder) for part in spec.paths])
    if isinstance(spec, tuple):
        getters = [compile_path(part, file=file, folder=folder) for part in spec]
        return lambda value, record: Composite(getter(value, record) for getter in getters)
    if spec.startswith("="):
        return _constant(spec[1:])
    if spec.startswith("@"):
        if spec not in TOKENS:
            raise PathError(f"it is none of {', '.join(TOKENS)}")
        if spec == "@line":
            return lambda _, record: record.line
        if spec == "@key":
            return lambda _, record: record.key
        return _constant(file if spec == "@file" else folder)
    if spec == ".":
        return lambda value, _: value
    if spec == "^":
        return lambda _, record: record.value
    if spec.startswith("^."):
        inner = compile_path(spec[2:], file=file, folder=folder)
        return lambda _, record: inner(record.value, record)
    return _dotted(spec)


def _constant(value: str) -> Getter:
    return lambda _value, _record: value


def _first_of(getters: list[Getter]) -> Getter:
    def first(value: Any, record: Record) -> Any:
        for getter in getters:
            found = getter(value, record)
            if not is_empty(found):
                return found
        return None

    return first


def _dotted(path: str) -> Getter:
    steps = parse_path(path)
    if len(steps) == 1 and steps[0].__class__ is str:
        key = steps[0]

        def plain(value: Any, _: Record) -> Any:
            return value.get(key) if value.__class__ is dict else walk(value, steps)

        if key == path:
            return plain

    def dotted(value: Any, _: Record) -> Any:
        if value.__class__ is dict and path in value:
            return value[path]
        return walk(value, steps)

    return dotted


def walk(value: Any, steps: tuple[str | int, ...]) -> Any:
    """Follow steps into a value; text that holds JSON is entered as if it were the value it holds."""
    for number, step in enumerate(steps):
        if value.__class__ is str:
            value = parsed_text(value)
        if step.__class__ is str:
            if value.__class__ is not dict:
                return None
            value = value.get(step)
        elif step.__class__ is int:
            if value.__class__ is not list or not -len(value) <= step < len(value):  # pyright: ignore[reportOperatorIssue]
                return None
            value = value[step]
        else:
            items = list(value.values()) if value.__class__ is dict else value
            if items.__class__ is not list:
                return None
            rest = steps[number + 1 :]
            if not rest:
                return items
            return _flat([walk(item, rest) for item in items])
        if value is None:
            return None
    return value


def holds(path: str, value: Any, record: Record) -> bool:
    """True where a record has the place that a path leads to, though nothing may stand in it."""
    if path.startswith("^."):
        return holds(path[2:], record.value, record)
    return (value.__class__ is dict and path in value) or _holds(value, parse_path(path))


def _holds(value: Any, steps: tuple[str | int, ...]) -> bool:
    if not steps:
        return True
    step, rest = steps[0], steps[1:]
    if value.__class__ is str:
        value = parsed_text(value)
    if step is EVERY:
        items: Any = list(value.values()) if value.__class__ is dict else value
        return isinstance(items, list) and (not rest or any(_holds(item, rest) for item in cast(list[Any], items)))
    if step.__class__ is str:
        return value.__class__ is dict and step in value and _holds(value[step], rest)
    items: Any = value
    inside = items.__class__ is list and step.__class__ is int and -len(items) <= cast(int, step) < len(items)
    return inside and _holds(items[step], rest)


def _flat(values: list[Any]) -> list[Any]:
    out: list[Any] = []
    for value in values:
        out.extend(value) if value.__class__ is list else out.append(value)
    return [value for value in out if value is not None]


@lru_cache(maxsize=64)
def parsed_text(text: str) -> Any:
    """What a text holds as JSON (even twice encoded), or None; the value is shared and must not be changed."""
    for _ in range(2):
        start = text.lstrip()[:1]
        if start not in ("{", "[", '"'):
            return None
        try:
            value = parse_json(text.encode("utf-8", "replace"))
        except UnreadableError:
            return None
        if value.__class__ is not str:
            return value
        text = value
    return None
