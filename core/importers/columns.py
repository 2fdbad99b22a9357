"""What the columns of a sample hold: the ground on which a mapping is proposed."""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, cast

from core.importers.base import Record
from core.importers.messages import looks_like_chat
from core.importers.paths import is_empty, parsed_text, quoted_key
from core.importers.texts import scalar_text

MAX_COLUMNS = 300
MAX_DEPTH = 5
MAX_DISTINCT = 1_000
_RUN = re.compile(r"[^\W\d_]+|\d+")
"""Letters of any script, or digits."""
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]{8}")
"""Letters in a row of scripts that part no words by spaces."""
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def words_of(name: str) -> tuple[str, ...]:
    """The words of a name in small letters, however they are joined and in whatever script."""
    return tuple(word.lower() for run in _RUN.findall(name) for word in _HUMP.split(run))


class Column:
    """One path with the values that stand under it in the sample."""

    def __init__(self, path: str, keys: tuple[str, ...], rows: int) -> None:
        self.path = path
        self.keys = keys
        self.words = words_of(keys[-1])
        """The words of its name in small letters, however they are joined."""
        self.key = "_".join(self.words) or keys[-1].lower()
        """Its name in small letters with its words joined by `_`; a name without a word, as it is."""
        self.rows = rows
        self.filled = 0
        self.values: Counter[str] = Counter()
        self.kinds: Counter[str] = Counter()
        self.characters = 0
        self.longest = 0
        self.chats = 0
        self.several = False
        """True where a cell holds a list of values."""

    def add(self, value: Any) -> None:
        """Count one value that is not empty."""
        self.filled += 1
        if looks_like_chat(value):
            self.chats += 1
            self.kinds["chat"] += 1
            return
        items = cast(list[Any], value) if value.__class__ is list else [value]
        if value.__class__ is list:
            self.several = True
            items = [item for item in items if not isinstance(item, dict | list)]
        for item in items:
            self.kinds[item.__class__.__name__] += 1
            text = scalar_text(item).strip()
            self.characters += len(text)
            self.longest = max(self.longest, len(text))
            if len(self.values) < MAX_DISTINCT:
                self.values[text[:300]] += 1

    @property
    def name(self) -> str:
        """The last key."""
        return self.keys[-1]

    @property
    def depth(self) -> int:
        """How deep it lies, from 1."""
        return len(self.keys)

    @property
    def distinct(self) -> int:
        """How many different values."""
        return len(self.values)

    @property
    def unique(self) -> bool:
        """True where every record has a value and no two have the same."""
        return not self.several and not self.chats and self.filled == self.rows == self.distinct

    @property
    def mean(self) -> float:
        """The mean length of a value in characters."""
        return self.characters / max(1, sum(self.kinds.values()))

    @property
    def is_chat(self) -> bool:
        """True where the cells hold chat messages."""
        return self.chats * 2 > self.filled

    @property
    def is_text(self) -> bool:
        """True for free text: words rather than codes or numbers."""
        if self.is_chat or not self.kinds["str"]:
            return False
        spaced = sum(n for text, n in self.values.items() if " " in text or _UNSPACED.search(text))
        return spaced * 2 >= sum(self.values.values())


def read_columns(samples: Sequence[Record]) -> list[Column]:
    """The columns of the sample in their order, those inside objects and inside JSON text included."""
    columns: dict[str, Column] = {}
    rows = sum(1 for record in samples if record.value.__class__ is dict)
    for record in samples:
        if record.value.__class__ is dict:
            _visit(record.value, (), "", columns, rows)
    return list(columns.values())


def _visit(fields: dict[str, Any], keys: tuple[str, ...], path: str, columns: dict[str, Column], rows: int) -> None:
    for key, value in fields.items():
        quoted = f"{path}.{quoted_key(key)}" if path else quoted_key(key)
        here = key if not keys and _plain_enough(key) else quoted
        inner: Any = value
        if value.__class__ is str and value[:1] == "{":
            inner = parsed_text(value)
        if here not in columns:
            if len(columns) >= MAX_COLUMNS:
                return
            columns[here] = Column(here, (*keys, key), rows)
        if is_empty(value):
            continue
        if inner.__class__ is dict and not looks_like_chat(inner):
            if len(keys) < MAX_DEPTH - 1:
                _visit(cast(dict[str, Any], inner), (*keys, key), quoted, columns, rows)
            continue
        columns[here].add(value)


def _plain_enough(key: str) -> bool:
    """A top-level name that is taken as it is, dots included, because a record has a key of that very name."""
    return bool(key) and key[0] not in "@=^.\"'[" and not re.search(r"[\[\]\"']|\.\.|\.$", key)
