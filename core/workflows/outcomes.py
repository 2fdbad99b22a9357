"""What stands beside a trace: what happened outside of it (outcome), what one has to know (context), links to both.

Each line is a label with a field of the record as logged or the template of an address. Judges are shown none of it.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

import orjson

from core.errors import InputError
from core.importers import Mapping, Record
from core.importers.columns import words_of
from core.importers.lines import UnreadableError, parse_json
from core.importers.paths import AnyOf, PathError, PathSpec, compile_path, is_empty, parse_path
from core.importers.texts import scalar_text
from core.importers.words import AGREEING, BINARY, FAIL_WORDS, PASS_WORDS, THUMBS
from core.linking import filled, is_address, places
from core.store import imports, settings
from core.store.connection import Cursor, Store
from core.store.traces import WholeTrace

SETTING: Final = "beside a trace"
LONGEST_VALUE: Final = 300
TELLING: Final = (
    *("label", "verdict", "grade", "score", "rating", "review", "critiq", "annotat", "feedback", "judg", "evaluat"),
    *(
        "fail",
        "correct",
        "incorrect",
        "note",
        "quality",
        "eval",
        "assess",
        "decision",
        "decid",
        "reason",
        "rational",
        "explain",
    ),
    *(
        "explanat",
        "justif",
        "remark",
        "comment",
        "thumb",
        "approv",
        "accept",
        "reward",
        "success",
        "axial",
        "categor",
        "llm",
    ),
    *("hallucinat", "observ"),
)
"""Beginnings of words in the name of a field that may hold what somebody thinks of the trace."""
TELLING_WORDS: Final = ("pass", "passed", "passes")

Steps = tuple[str | int, ...]


class Line(NamedTuple):
    """A label and what it leads to: a field of the record, or the template of an address."""

    label: str
    source: str


class Beside(NamedTuple):
    """The lines of the project, and the fields that hold verdicts according to any import."""

    outcome: tuple[Line, ...] = ()
    context: tuple[Line, ...] = ()
    told: frozenset[Steps] = frozenset()


class Fact(NamedTuple):
    """A line as it is for one trace: a value, or an address to follow."""

    label: str
    value: str
    address: str | None = None


class Facts(NamedTuple):
    """What stands beside one trace; `hidden` lines may tell a verdict that must not be seen now."""

    outcome: tuple[Fact, ...] = ()
    context: tuple[Fact, ...] = ()
    hidden: int = 0


def beside(store: Store) -> Beside:
    """The lines of the project."""
    with store.read() as cursor:
        held, mappings = held_lines(cursor), imports.find_mappings(cursor)
    told = frozenset(steps for text in mappings for steps in _verdict_fields(text))
    return Beside(lines_of(held, "outcome"), lines_of(held, "context"), told)


def held_lines(cursor: Cursor) -> dict[str, dict[str, str]]:
    """By part what each label leads to; the empty text where somebody took it away."""
    stored = settings.find_setting(cursor, SETTING)
    return orjson.loads(stored) if stored else {}


def lines_of(held: dict[str, dict[str, str]], part: str) -> tuple[Line, ...]:
    """The lines of a part that are shown."""
    return tuple(Line(label, source) for label, source in held.get(part, {}).items() if source)


def facts_of(trace: WholeTrace, lines: Beside, *, blind: bool) -> Facts:
    """What stands beside this trace; a line it has nothing for is left out. `blind`: so is one that may tell a verdict."""
    if not lines.outcome and not lines.context:
        return Facts()
    record, hidden = parsed_record(trace), 0

    def shown(wanted: Sequence[Line]) -> tuple[Fact, ...]:
        nonlocal hidden
        facts: list[Fact] = []
        for line in wanted:
            fact = fact_of(line, trace, record)
            if fact is not None and blind and tells(line, lines.told):
                hidden += 1
            elif fact is not None:
                facts.append(fact)
        return tuple(facts)

    return Facts(shown(lines.outcome), shown(lines.context), hidden)


def parsed_record(trace: WholeTrace) -> Any:
    """The record of a trace as it was logged; None where it is no JSON."""
    try:
        return parse_json(trace.record.encode(), limited=False)
    except UnreadableError:
        return None


def fact_of(line: Line, trace: WholeTrace, record: Any) -> Fact | None:
    """What a line says of a trace with this record; None where it has nothing."""
    if is_address(line.source):
        address = filled(line.source, lambda name: _text(_value(name, trace, record)))
        return None if address is None else Fact(line.label, "", address)
    text = _text(_value(line.source, trace, record))
    if not text:
        return None
    return Fact(line.label, text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…")


def _value(name: str, trace: WholeTrace, record: Any) -> Any:
    """The id of the trace, else a field of its record, else what passfail knows of it under that name."""
    row = trace.row
    if name == "id":
        return row.id
    found = _getter(name)(record, Record(None, record, "", 0))
    if not is_empty(found):
        return found
    known = {"session": row.session, "model": row.model, "source": row.source}.get(name)
    return known or ", ".join(trace.dimensions.get(name, ()))


_getter = lru_cache(maxsize=200)(compile_path)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and not any(isinstance(part, dict | list) for part in value):  # pyright: ignore[reportUnknownVariableType]
        return ", ".join(_text(part) for part in value)  # pyright: ignore[reportUnknownVariableType]
    return scalar_text(value).strip()


# ------------------------------------------------------------------------------ what may tell a verdict


def tells(line: Line, told: frozenset[Steps]) -> bool:
    """Whether a line may say what somebody thinks of the trace: an import took a verdict from there, or its name says so."""
    for name in places(line.source) if is_address(line.source) else (line.source,):
        steps = parse_path(name)
        if any(_overlap(steps, other) for other in told):
            return True
        if _is_telling(name):
            return True
    return False


def _is_telling(name: str) -> bool:
    return any(word.startswith(TELLING) or word in TELLING_WORDS for word in words_of(name))


def value_tells(name: str, value: str) -> bool:
    """Whether a value of a dimension may say what somebody thinks of the trace: by itself, or under such a name."""
    said = value.strip().lower()
    if said in (PASS_WORDS | FAIL_WORDS) - AGREEING:
        return True
    graded = said in AGREEING | BINARY | THUMBS or said.replace(".", "", 1).isdigit()
    return graded and _is_telling(name)


def _overlap(one: Steps, other: Steps) -> bool:
    """Whether one of two paths leads to a part of what the other leads to; any place of a list is the same."""
    return all(a == b or (_any_place(a) and _any_place(b)) for a, b in zip(one, other, strict=False))


def _any_place(step: str | int) -> bool:
    return isinstance(step, int) or step == "[*]"


@lru_cache(maxsize=50)
def _verdict_fields(toml: str) -> frozenset[Steps]:
    """The fields that a mapping reads labels and judgments from."""
    try:
        mapping = Mapping.from_toml(toml)
    except InputError:
        return frozenset()
    found: set[Steps] = set()
    for section in (*mapping.labels, *mapping.judgments):
        own = (section.verdict, section.critique, getattr(section, "categories", None))
        for path in (section.each,) if section.each else (p for spec in own for p in _paths(spec)):
            try:
                found.add(parse_path(path.removeprefix("^.")))
            except PathError:
                continue
    return frozenset(found)


def _paths(spec: PathSpec | None) -> list[str]:
    if spec is None:
        return []
    if isinstance(spec, str):
        return [] if spec.startswith(("=", "@")) else [spec]
    return [path for part in (spec.paths if isinstance(spec, AnyOf) else spec) for path in _paths(part)]
