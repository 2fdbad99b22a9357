"""The line parser that stands before the store: one bad line costs one line, whatever is in it.

A database that parses JSON itself can be brought down by depth, size or a broken encoding. So every line is
checked here first, cheapest check first: most lines are never looked at twice.
"""

import json
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

import orjson

from core.importers.encoding import sniff, utf8_lines

MAX_LINE_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 64
MAX_KEYS = 100_000
"""Keys in one record, at all levels together."""
SHORTEST_KEY = 5
"""Bytes that a key with its value takes at least."""

UNFINISHED = "the line is not finished"
_TOO_DEEP = f"it is nested deeper than {MAX_DEPTH} levels"
_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_NOT_OPENING = bytes(code for code in range(256) if code not in b"{[")
_LONG_POSITIVE = b"0" * 20
_LONG_NEGATIVE = b"-" + b"0" * 19
_BOM = b"\xef\xbb\xbf"


class UnreadableError(ValueError):
    """A line or document that cannot be taken, with the reason in words."""


class Line(NamedTuple):
    """One line of a file without its newline; `content` is None where it was too long to keep."""

    number: int
    content: bytes | None
    finished: bool


def split_lines(stream: BinaryIO, max_bytes: int = MAX_LINE_BYTES) -> Iterator[Line]:
    """Whole lines with their numbers from 1, as UTF-8 whatever the file's encoding; empty lines are left out."""
    peek = getattr(stream, "peek", None)
    if peek is not None:
        start: bytes = peek(4)[:4]
    else:
        start = stream.read(4)
        stream.seek(0)
    encoding, skip = sniff(start)
    if encoding != "utf-8":
        for number, line in enumerate(utf8_lines(stream, encoding, skip), 1):
            if line.strip():
                yield Line(number, line.rstrip(b"\r\n") if len(line) <= max_bytes else None, line.endswith(b"\n"))
        return
    if skip:
        stream.read(skip)
    read, number = stream.readline, 0
    while line := read(max_bytes + 1):
        number += 1
        if line[-1] == 10:
            line = line[:-1]
            if line and not line.isspace():
                yield Line(number, line, True)
        elif len(line) > max_bytes:
            while line and line[-1] != 10:
                line = read(1 << 20)
            yield Line(number, None, True)
        elif not line.isspace():
            yield Line(number, line, False)


def parse_json(text: bytes, *, limited: bool = True) -> Any:
    """The value of a JSON text, integers of any length kept exactly; raises `UnreadableError`.

    `limited=False` leaves the limits to whoever takes the records out of it.
    """
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if text.startswith(_BOM):
            return parse_json(text[3:], limited=limited)
        raise UnreadableError(_why(text, error)) from None
    if limited and (len(text.translate(None, _NOT_OPENING)) > MAX_DEPTH or len(text) > MAX_KEYS * SHORTEST_KEY):
        check_limits(value)
    digits = text.translate(_DIGITS)
    if _LONG_POSITIVE in digits or _LONG_NEGATIVE in digits:
        try:
            value = json.loads(text)
        except RecursionError:
            raise UnreadableError(_TOO_DEEP) from None
    return value


def check_limits(value: Any) -> None:
    """Raise `UnreadableError` where a parsed value is nested too deep or has too many keys."""
    keys, depth = 0, 0
    level: list[Any] = [value]
    while level:
        depth += 1
        if depth > MAX_DEPTH:
            raise UnreadableError(_TOO_DEEP)
        below: list[Any] = []
        for item in level:
            if item.__class__ is dict:
                keys += len(item)
                below.extend(v for v in item.values() if v.__class__ is dict or v.__class__ is list)
            elif item.__class__ is list:
                below.extend(v for v in item if v.__class__ is dict or v.__class__ is list)
        level = below
    if keys > MAX_KEYS:
        raise UnreadableError(f"it has more than {MAX_KEYS:,} keys")


def _why(text: bytes, error: orjson.JSONDecodeError) -> str:
    """What is wrong with a JSON text, in words and with its place."""
    try:
        decoded = text.decode("utf-8")
    except UnicodeDecodeError as wrong:
        return f"not valid UTF-8 at byte {wrong.start + 1}"
    message, at = error.msg, error.pos
    where = f"column {error.colno}" if error.lineno == 1 else f"line {error.lineno}, column {error.colno}"
    if "depth" in message:
        return _TOO_DEEP
    if "surrogate" in message:
        return f"half of a character (a lone surrogate) at {where}"
    if "infinity" in message:
        return f"a number too large to be read at {where}"
    if decoded[at : at + 1] == "\0":
        return f"a NUL byte at {where}"
    for word in ("-Infinity", "NaN", "Infinity"):
        if decoded.startswith(word, at) or (word[0] == "-" and decoded.startswith(word, at - 1)):
            return f"{word} at {where} is no JSON value"
    return f"not valid JSON at {where}: {message}"
