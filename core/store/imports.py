"""Past imports and the lines they could not read."""

from datetime import datetime
from typing import NamedTuple

from core.model import BadLine
from core.store.connection import Cursor


class Import(NamedTuple):
    """One finished import."""

    id: int
    at: datetime
    files: list[str]
    format: str | None
    read: int
    added: int
    unchanged: int
    updated: int
    bad: int
    labels_added: int
    judgments_added: int


class KeptLine(NamedTuple):
    """A line that was not read, with the file it stood in."""

    file: str
    line: BadLine


IMPORTS = """select import_id, made_at, files, format, traces_read, added, unchanged, updated, bad, labels_added, judgments_added
    from imports order by import_id desc limit ?"""


def find_imports(cursor: Cursor, *, limit: int = 50) -> list[Import]:
    """The newest imports first."""
    return [Import(*row) for row in cursor.execute(IMPORTS, [limit]).fetchall()]


def find_mappings(cursor: Cursor) -> list[str]:
    """Every mapping that an import was read by, each once."""
    return [
        row[0] for row in cursor.execute("select distinct mapping from imports where mapping is not null").fetchall()
    ]


def find_bad_lines(cursor: Cursor, import_id: int, *, limit: int = 1000) -> list[KeptLine]:
    """What an import could not read, in file order."""
    sql = "select file, line, reason, raw from bad_lines where import_id = ? order by file, line limit ?"
    return [
        KeptLine(file, BadLine(line, reason, raw))
        for file, line, reason, raw in cursor.execute(sql, [import_id, limit]).fetchall()
    ]
