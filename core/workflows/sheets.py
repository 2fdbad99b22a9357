"""A spreadsheet that was exported here and comes back: its rows as text, and whether a cell still says what was written."""

import re
from collections.abc import Collection
from typing import Final, NamedTuple

from core.errors import InputError
from core.exporters.base import without_formula
from core.importers import Record, Source, detect

MOST_ROWS: Final = 100_000
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_CUT = re.compile(r"… \(cut: [\d,]+ characters\)$")

Row = dict[str, str]


class Sheet(NamedTuple):
    """The rows by column name, each with its line; and the lines that cannot be read, with the reason."""

    rows: list[tuple[int | None, Row]]
    bad: list[tuple[int | None, str]]

    @property
    def columns(self) -> list[str]:
        """The names of the columns, in order."""
        return list(self.rows[0][1]) if self.rows else []


def read_sheet(source: Source, needed: Collection[str], what: str) -> Sheet:
    """Read a CSV file or an Excel workbook that has at least the columns `needed`; `what` names it in words.

    Raises:
        InputError: it is no spreadsheet, lacks one of these columns, or has more than `MOST_ROWS` rows.
    """
    found = Sheet([], [])
    importer = detect(source.head())
    if importer is None:
        raise InputError(f"{source.name} was not recognised.", "Bring back a CSV file or an Excel workbook.")
    for record in importer.read(source):
        if not isinstance(record, Record):
            found.bad.append((record.line, record.reason))
            continue
        row = {_plain(str(k)): "" if v is None else _plain(str(v)) for k, v in dict(record.value).items()}
        if not found.rows and (missing := [name for name in needed if name not in row]):
            raise InputError(
                f"{source.name} is no {what}: it lacks the column {' and the column '.join(missing)}.",
                "Export one first, change it, and bring it back.",
            )
        if len(found.rows) >= MOST_ROWS:
            raise InputError(f"{source.name} has more than {MOST_ROWS:,} rows.", "Bring it back in parts.")
        found.rows.append((record.line, row))
    return found


def _plain(text: str) -> str:
    """A cell without the apostrophe that kept it from being a formula."""
    bare = text.removeprefix("'")
    return bare if bare != text and without_formula(bare) == text else text


def says_same(cell: str, stored: str | None) -> bool:
    """Whether a cell still holds a stored text, as far as a spreadsheet can hold it: line ends of another kind, marks in
    place of control characters and the end of a text that was cut are no change."""
    now, was = _shown(cell), _shown(stored or "")
    cut = _CUT.search(now)
    return now == was or (cut is not None and was.startswith(now[: cut.start()]))


def _shown(text: str) -> str:
    return _UNWRITABLE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
