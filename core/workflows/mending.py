"""What imports could not read, as a file: to look at, to mend, and to import again."""

import io

from core.exporters import Column, Kind, find_exporter
from core.store import imports
from core.store.connection import Store

ALL = 1_000_000
COLUMNS = (Column("file"), Column("line", Kind.INTEGER), Column("reason"), Column("raw"))


def write_bad_lines(store: Store, import_id: int, format_name: str) -> bytes:
    """Every line that an import did not read, with its file, its number, the reason and its raw text."""
    with store.read() as cursor:
        kept = imports.find_bad_lines(cursor, import_id, limit=ALL)
    stream = io.BytesIO()
    rows = [(line.file, line.line.line, line.line.reason, line.line.raw) for line in kept]
    find_exporter(format_name).write(stream, COLUMNS, [rows])
    return stream.getvalue()
