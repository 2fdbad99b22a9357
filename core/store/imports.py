"""Past imports and the lines they could not read."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final, NamedTuple

from core.model import BadLine
from core.store.connection import Cursor

BETWEEN: Final = "\n\f\n"
"""What no mapping holds: in TOML a form feed is written as an escape."""


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


def joined(mappings: Iterable[str]) -> str | None:
    """The mappings by which one import read its files, as they are stored with it; None where there are none."""
    return BETWEEN.join(dict.fromkeys(mappings)) or None


def find_mappings(cursor: Cursor) -> list[str]:
    """Every mapping that a file of any import was read by, each once."""
    stored = cursor.execute("select distinct mapping from imports where mapping is not null").fetchall()
    return list(dict.fromkeys(mapping for (text,) in stored for mapping in text.split(BETWEEN)))


def find_bad_lines(cursor: Cursor, import_id: int, *, limit: int = 1000) -> list[KeptLine]:
    """What an import could not read, in file order."""
    sql = "select file, line, reason, raw from bad_lines where import_id = ? order by file, line limit ?"
    return [
        KeptLine(file, BadLine(line, reason, raw))
        for file, line, reason, raw in cursor.execute(sql, [import_id, limit]).fetchall()
    ]
