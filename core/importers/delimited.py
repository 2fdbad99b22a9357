"""CSV and TSV: a header line, then one record per row."""

import csv
import io
from collections import Counter, deque
from collections.abc import Iterator, Sequence

from core.importers.base import Head, Record, Source, bad_line
from core.importers.encoding import is_legacy, sniff
from core.importers.lines import MAX_LINE_BYTES
from core.importers.texts import json_text
from core.model import BadLine

DELIMITERS = (",", "\t", ";", "|")
ENDINGS = ("csv", "tsv", "tab")
SNIFFED_ROWS = 20
MAX_COLUMNS = 2_000
csv.field_size_limit(MAX_LINE_BYTES)


class Delimited:
    """CSV, TSV and the like."""

    name = "csv"
    recognised_by = "CSV or TSV: a header line, then rows parted by commas, tabs, semicolons or bars."

    def detect(self, head: Head) -> bool:
        """True for text named .csv or .tsv, or for text whose first rows have equally many cells."""
        if head.text is None or not head.text.strip():
            return False
        if head.ending in ENDINGS:
            return True
        if head.ending in ("json", "jsonl", "ndjson", "md") or head.text.lstrip()[:1] in ("{", "["):
            return False
        delimiter, share = _delimiter(head.text, head.complete)
        return share >= 0.9 and head.text.split("\n", 1)[0].count(delimiter) > 0 and "\n" in head.text.strip()

    def read(self, source: Source, records_path: str | None = None) -> Iterator[Record | BadLine]:  # noqa: ARG002
        """Yield a record per row; a row with too many or too few cells, or with broken text, is bad."""
        sample = source.head()
        delimiter = "\t" if sample.ending in ("tsv", "tab") else _delimiter(sample.text or "", sample.complete)[0]
        encoding, skip = sniff(sample.data)
        if encoding == "utf-8" and is_legacy(sample.data):
            encoding = "cp1252"
        stream = source.open()
        stream.read(skip)
        errors = "surrogateescape" if encoding in ("utf-8", "cp1252") else "replace"
        text = io.TextIOWrapper(stream, encoding=encoding, errors=errors, newline="")
        try:
            yield from _records(text, delimiter)
            if source.damage:
                yield bad_line(None, source.damage)
        finally:
            text.detach()


def _records(text: io.TextIOWrapper, delimiter: str) -> Iterator[Record | BadLine]:
    columns: list[str] | None = None
    position = 0
    for line, row, raw in _rows(text, delimiter):
        if isinstance(row, str):
            yield bad_line(line, row, raw)
        elif not row or (columns is None and not any(cell.strip() for cell in row)):
            continue
        elif columns is None:
            columns = column_names(row[:MAX_COLUMNS])
        elif len(row) != len(columns):
            reason = f"the row has {len(row)} cells, the header has {len(columns)}"
            yield bad_line(line, reason, raw)
        else:
            value = dict(zip(columns, row, strict=True))
            yield Record(line, value, json_text(value), position)
            position += 1


def _rows(text: Iterator[str], delimiter: str) -> Iterator[tuple[int, list[str] | str, str]]:
    """Each row, or the reason why it is none, with the line it begins on and its raw text.

    A row that breaks after several lines began with a quote that never ends: only its first line is given up,
    and the lines after it are read again.
    """
    waiting: deque[str] = deque()
    taken: list[str] = []

    def lines() -> Iterator[str]:
        while True:
            line = waiting.popleft() if waiting else next(text, None)
            if line is None:
                return
            taken.append(line)
            yield line

    number = 1
    reader = csv.reader(lines(), delimiter=delimiter, strict=True)
    while True:
        taken.clear()
        try:
            row: list[str] | str = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            row = f"not valid CSV: {error}"
            if "unexpected end of data" in row:
                row = "a quote is opened and never closed"
                reader = csv.reader(lines(), delimiter=delimiter, strict=True)
            if len(taken) > 1:
                waiting.extendleft(reversed(taken[1:]))
                del taken[1:]
        if not isinstance(row, str) and not _readable(row):
            row = "not valid UTF-8"
        yield number, row, "".join(taken) if isinstance(row, str) or len(taken) == 1 else taken[0]
        number += len(taken)


def _readable(row: list[str]) -> bool:
    for cell in row:
        if not cell.isascii():
            try:
                cell.encode()
            except UnicodeEncodeError:
                return False
    return True


def column_names(cells: Sequence[str]) -> list[str]:
    """Header cells as column names, each once: empty ones and repeated ones get a number."""
    names: list[str] = []
    for number, cell in enumerate(cells, 1):
        name = cell.strip() or f"column_{number}"
        while name in names:
            name = f"{name}_{number}"
        names.append(name)
    return names


def _delimiter(text: str, complete: bool) -> tuple[str, float]:
    """The delimiter that parts the first rows most evenly, and the share of rows that agree with it."""
    best = (",", 0.0, 0)
    for delimiter in DELIMITERS:
        rows: list[int] = []
        try:
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
                if row:
                    rows.append(len(row))
                if len(rows) > SNIFFED_ROWS:
                    break
        except csv.Error:
            pass
        if len(rows) > 1 and len(rows) <= SNIFFED_ROWS and not complete:
            rows.pop()
        if not rows or rows[0] < 2:
            continue
        share = Counter(rows)[rows[0]] / len(rows)
        if (share, rows[0]) > best[1:]:
            best = (delimiter, share, rows[0])
    return best[0], best[1]
