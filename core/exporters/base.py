"""What every exporter shares: columns with a kind, and the rule that keeps formulas out of spreadsheets."""

import re
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any, BinaryIO, NamedTuple, Protocol

Row = Sequence[Any]


class Kind(Enum):
    """What the values of a column are; any of them may be missing (None)."""

    TEXT = "text"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    MOMENT = "moment"
    """A naive datetime in UTC."""
    LIST = "list"
    """A sequence of texts."""
    JSON = "json"
    """A text that holds a JSON value."""


class Column(NamedTuple):
    """A column; `inside` names the object that holds it where a format can nest, such as `dimensions`."""

    name: str
    kind: Kind = Kind.TEXT
    inside: str | None = None


class Exporter(Protocol):
    """A file format that rows can be written in."""

    @property
    def name(self) -> str:
        """What the command line calls it; also the ending of its files."""
        ...

    @property
    def takes_originals(self) -> bool:
        """True where the untouched record of each trace is written too: a spreadsheet has no place for it."""
        ...

    @property
    def is_text(self) -> bool:
        """True where it may be written to a terminal."""
        ...

    def write(self, stream: BinaryIO, columns: Sequence[Column], parts: Iterable[Sequence[Row]]) -> int:
        """Write all rows, a part at a time, and return how many there were."""
        ...


_DANGEROUS = tuple("=+-@\t\r\n＝＋－＠")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")


def without_formula(text: str) -> str:
    """A text that no spreadsheet takes for a formula: a leading apostrophe goes before what would start one.

    A plain number stays as it is. (OWASP, CSV Injection.)
    """
    if text.startswith(_DANGEROUS) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def flat_columns(columns: Sequence[Column]) -> list[tuple[int, str, Kind]]:
    """Where formats cannot nest: position, name and kind of each column, every name once.

    A nested column whose name is taken goes by its longer one: a dimension `input` is `dimensions.input`.
    """
    taken = {column.name for column in columns if column.inside is None}
    found: list[tuple[int, str, Kind]] = []
    for position, column in enumerate(columns):
        name = column.name
        while column.inside is not None and name in taken:
            name = f"{column.inside}.{name}"
        taken.add(name)
        found.append((position, name, column.kind))
    return found
