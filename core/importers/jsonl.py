"""JSON Lines: one record per line."""

from collections.abc import Iterator

import orjson

from core.importers.base import Head, Record, Source, bad_line
from core.importers.lines import MAX_LINE_BYTES, UNFINISHED, UnreadableError, parse_json, split_lines
from core.importers.records import records_in
from core.model import BadLine

LOOKED_AT = 20
"""Lines of the head that decide."""


class Jsonl:
    """JSONL and NDJSON."""

    name = "jsonl"
    recognised_by = "JSON Lines: one JSON object per line; the name often ends with .jsonl or .ndjson."

    def detect(self, head: Head) -> bool:
        """True where most of the first lines are JSON objects, or where the name says so."""
        if head.text is None:
            return False
        lines = [line for line in head.text.split("\n") if line.strip()]
        if not lines or lines[0].strip() in ("[", "{"):
            return False
        if len(lines) > 1 and not head.complete:
            lines.pop()
        lines = lines[:LOOKED_AT]
        objects = sum(_is_object(line) for line in lines)
        if head.ending in ("jsonl", "ndjson"):
            return objects > 0 or not lines[0].startswith("[")
        return len(lines) > 1 and objects * 2 >= len(lines)

    def read(self, source: Source, records_path: str | None = None) -> Iterator[Record | BadLine]:
        """Yield a record per line; with a records path, the records that stand under it in each line."""
        stream = source.open()
        position, number = 0, 0
        for number, content, finished in split_lines(stream):
            if content is None:
                yield bad_line(number, f"the line is longer than {MAX_LINE_BYTES // 2**20} MB")
                continue
            try:
                value = parse_json(content)
            except UnreadableError as error:
                yield bad_line(number, str(error) if finished else UNFINISHED, content)
                continue
            if records_path is None:
                yield Record(number, value, content.decode("utf-8", "replace"), position)
                position += 1
                continue
            for record in records_in(value, records_path):
                if isinstance(record, BadLine):
                    yield record._replace(line=number)
                    continue
                yield record._replace(line=number, position=position)
                position += 1
        if source.damage:
            yield bad_line(number + 1, source.damage)


def _is_object(line: str) -> bool:
    try:
        return isinstance(orjson.loads(line.strip().encode("utf-8", "replace")), dict)
    except orjson.JSONDecodeError:
        return False
