"""JSON documents: an array of records, records under a path, an object of records, or one record."""

from collections.abc import Iterator

from core.importers.base import Head, Record, Source, bad_line
from core.importers.encoding import sniff
from core.importers.jsonl import Jsonl
from core.importers.lines import UnreadableError, parse_json
from core.importers.records import records_in
from core.model import BadLine

MAX_BYTES = 512 * 1024 * 1024


class JsonFile:
    """One JSON document."""

    name = "json"
    recognised_by = "A JSON document: a list of records, an object that holds one, or a single record."

    def detect(self, head: Head) -> bool:
        """True for text that begins like a JSON list or object and is not JSON Lines, or is named .json."""
        if head.text is None or Jsonl().detect(head):
            return False
        if head.ending in ("csv", "tsv", "txt", "md"):
            return False
        return head.ending == "json" or head.text.lstrip()[:1] in ("{", "[")

    def read(self, source: Source, records_path: str | None = None) -> Iterator[Record | BadLine]:
        """Yield the records; a document that is broken or beyond the limits is one `BadLine`."""
        data = source.open().read(MAX_BYTES + 1)
        if source.damage:
            yield bad_line(None, source.damage, data)
            return
        if len(data) > MAX_BYTES:
            reason = f"the document is larger than {MAX_BYTES // 2**20} MB: write it as JSON Lines"
            yield bad_line(None, reason)
            return
        if not data.strip():
            return
        try:
            document = parse_json(as_utf8(data), limited=False)
        except UnreadableError as error:
            yield bad_line(None, str(error), data)
            return
        yield from records_in(document, records_path)


def as_utf8(data: bytes) -> bytes:
    """A text in UTF-8 without a byte order mark; what cannot be decoded stays invalid."""
    encoding, skip = sniff(data)
    if encoding == "utf-8":
        return data[skip:]
    try:
        return data[skip:].decode(encoding, "surrogatepass").encode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        raise UnreadableError(f"not valid {encoding.upper()}") from None
