"""What the command line writes: one JSON document or aligned text on stdout, everything else on stderr."""

import json
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from core.errors import AppError
from core.metrics import Rate

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]+")
CUT = 60


class Output:
    """The two streams of a command; with `json`, stdout gets exactly one document."""

    def __init__(self, *, json: bool = False) -> None:
        self.json = json

    def document(self, value: Mapping[str, Any]) -> None:
        """Write the one JSON document."""
        try:
            text = json.dumps(value, ensure_ascii=False, default=_plain)
            text.encode()
        except UnicodeEncodeError:  # half of a character, from a file name
            text = json.dumps(value, default=_plain)
        _write(sys.stdout, text)

    def line(self, text: str = "") -> None:
        """Write a line of text on stdout."""
        _write(sys.stdout, text)

    def table(self, headers: Sequence[str], rows: Sequence[Sequence[object]], *, right: str = "") -> None:
        """Write aligned columns; `right` has an `r` in the place of each column that is aligned right."""
        cells = [list(headers), *([shown(cell) for cell in row] for row in rows)]
        widths = [max(len(row[i]) for row in cells) for i in range(len(headers))]
        aligned = right.ljust(len(headers), "l")
        for row in cells:
            parts = [c.rjust(w) if a == "r" else c.ljust(w) for c, w, a in zip(row, widths, aligned, strict=True)]
            self.line("  ".join(parts).rstrip())

    def note(self, text: str) -> None:
        """Write a warning or a word on progress to stderr."""
        _write(sys.stderr, text)

    def refuse(self, problem: AppError, **fields: Any) -> int:
        """Say what went wrong and what to do about it; returns the exit code."""
        message, remedy = one_line(problem.message), one_line(problem.remedy)
        self.note(f"{message}\n{remedy}" if remedy else message)
        if self.json:
            self.document({**fields, "error": problem.message, "remedy": problem.remedy})
        return problem.exit_code


def one_line(text: str) -> str:
    """A text that came from a file or a person, safe to print: no line breaks, no control characters."""
    return _CONTROL.sub(" ", text).strip()


def cut(text: str | None, length: int = CUT) -> str:
    """The beginning of a text in one line."""
    if text is None:
        return "—"
    line = one_line(text[: length * 4])
    return line if len(line) <= length else f"{line[: length - 1]}…"


def shown(value: object) -> str:
    """A cell of a table."""
    if value is None:
        return "—"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    return one_line(str(value))


def percent(rate: float | None, low: float | None = None, high: float | None = None) -> str:
    """A fraction in percent with its interval: 75 % (55–88 %)."""
    if rate is None:
        return "—"
    text = f"{rate * 100:.0f} %"
    return text if low is None or high is None else f"{text} ({low * 100:.0f}–{high * 100:.0f} %)"


def share(rate: Rate) -> str:
    """18 of 24  75 % (55–88 %)."""
    return f"{rate.k:,} of {rate.n:,}  {percent(rate.rate, rate.low, rate.high)}"


def moment(at: datetime | None) -> str | None:
    """A time of the store, which is UTC, as ISO 8601."""
    return None if at is None else f"{at.isoformat()}Z"


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, tuple | set | frozenset):
        return list(value)  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    return str(value)


def _write(stream: Any, text: str) -> None:
    try:
        stream.write(f"{text}\n")
    except UnicodeEncodeError:
        encoding: str = stream.encoding or "ascii"
        stream.write(f"{text.encode(encoding, 'replace').decode(encoding)}\n")
