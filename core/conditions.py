"""What a slice is made of: conditions, the words they may hold, and how each is read from an address."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime

from core.model import MISSING

FIELDS = ("model", "source", "session", "error", "origin")
"""Built-in fields of a trace that a condition can name, beside the dimensions."""

VERDICTS = ("pass", "fail", "unlabelled", "deferred")
CATEGORY_VERDICTS = ("pass", "fail", "unsorted")
"""What a label says of one failure category: «fail» where the trace carries it, «pass» where it passed or failed otherwise,
«unsorted» where it failed and has no failure category yet."""
JUDGE_VERDICTS = ("pass", "fail", "failure", "none", "sealed")
"""«sealed»: it judged the trace, which is in the test split, and nobody opened that yet."""
SPLITS = ("train", "dev", "test", "none")
CHOICES = {"chance": "drawn at random", "picked": "picked for a reason", "unknown": "of unknown choice"}
"""How a labelled trace came before whoever labelled it, in words."""
NOT_SORTED = 0
"""The category id that stands for «no failure category yet»."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """`key` has one of `values` (or none of them); the empty value means missing."""

    key: str
    values: tuple[str, ...]
    negated: bool = False

    def sentence(self) -> str:
        """The condition in words: «feature is search or booking»."""
        words = " or ".join(value if value != MISSING else "(missing)" for value in self.values)
        return f"{self.key} {'is not' if self.negated else 'is'} {words}"


class AddressReader:
    """Takes values out of query parameters; what cannot be read is gathered in `unreadable`, never dropped."""

    def __init__(self, params: Mapping[str, Sequence[str]]) -> None:
        self._params = params
        self.unreadable: list[tuple[str, str]] = []

    def one(self, name: str) -> str | None:
        """The last value of a parameter, or None where it is missing or empty."""
        values = self._params.get(name) or [None]
        return values[-1] or None

    def many(self, name: str) -> tuple[str, ...]:
        """Every different value of a parameter that is not empty."""
        return _unique(value for value in self._params.get(name, ()) if value)

    def steps(self, name: str) -> tuple[str, ...]:
        """Every different value of a parameter; the empty one means that nothing was marked."""
        return _unique(self._params.get(name, ()))

    def among(self, name: str, allowed: Sequence[str]) -> tuple[str, ...]:
        """The values of a parameter that are among the allowed words."""
        values = _unique(self._params.get(name, ()))
        self.unreadable.extend((name, value) for value in values if value not in allowed)
        return tuple(value for value in values if value in allowed)

    def categories(self, name: str) -> tuple[int, ...]:
        """The category ids of a parameter; «none» stands for not sorted yet."""
        found: list[int] = []
        for value in _unique(self._params.get(name, ())):
            if value == "none" or _is_count(value):
                found.append(NOT_SORTED if value == "none" else int(value))
            else:
                self.unreadable.append((name, value))
        return tuple(found)

    def count(self, name: str) -> int | None:
        """The whole number of a parameter."""
        value = self.one(name)
        if value is None or _is_count(value):
            return None if value is None else int(value)
        self.unreadable.append((name, value))
        return None

    def counts(self, name: str) -> tuple[int, ...]:
        """Every whole number of a parameter."""
        values = _unique(self._params.get(name, ()))
        self.unreadable.extend((name, value) for value in values if not _is_count(value))
        return tuple(int(value) for value in values if _is_count(value))

    def part(self, name: str) -> tuple[int, int] | None:
        """A part of a hundred: «10» for the first ten, «10-100» for the others."""
        value = self.one(name)
        if value is None:
            return None
        first, dash, last = value.partition("-")
        if not dash:
            first, last = "0", value
        if _is_count(first) and _is_count(last) and int(first) < int(last) <= 100:
            return int(first), int(last)
        self.unreadable.append((name, value))
        return None

    def flag(self, name: str) -> bool | None:
        """A parameter that is 1 or 0."""
        value = self.one(name)
        if value not in (None, "0", "1"):
            self.unreadable.append((name, str(value)))
        return value == "1" if value in ("0", "1") else None

    def moment(self, name: str) -> datetime | None:
        """A parameter that is a date or time."""
        value = self.one(name)
        try:
            return None if value is None else parse_moment(value)
        except ValueError:
            self.unreadable.append((name, str(value)))
            return None

    def conditions(self, *, fields: bool) -> tuple[Condition, ...]:
        """The conditions on built-in fields, or those on dimensions."""
        found = (_condition(name, _unique(values)) for name, values in self._params.items())
        return tuple(c for c in found if c is not None and (c.key in FIELDS) == fields)


def parse_moment(text: str) -> datetime:
    """An ISO 8601 date or time as naive UTC.

    Raises:
        ValueError: the text is no ISO 8601 date or time.
    """
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _condition(name: str, values: tuple[str, ...]) -> Condition | None:
    prefix, _, key = name.partition(".")
    if prefix in ("d", "not") and key:
        return Condition(key=key, values=values, negated=prefix == "not") if values else None
    if name in FIELDS and values:
        return Condition(key=name, values=values)
    return None


def _is_count(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 12


def _unique(values: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


def iso_text(moment: datetime | None) -> str | None:
    """A moment as an address writes it: a date alone where it is midnight."""
    if moment is None:
        return None
    midnight = moment.time() == datetime.min.time()
    return moment.date().isoformat() if midnight else moment.isoformat()


def moment_text(moment: datetime) -> str:
    """A moment in words: 22 Nov 2026, or 22 Nov 2026 14:05."""
    day = f"{moment.day} {_MONTHS[moment.month - 1]} {moment.year}"
    return day if moment.time() == datetime.min.time() else f"{day} {moment:%H:%M}"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def day_text(day: date | datetime) -> str:
    """A date in words as the pages write it: 22 Nov 2026."""
    return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
