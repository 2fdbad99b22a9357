"""Say what stands beside a trace: in Settings, or by the mapping file of an import."""

from collections.abc import Mapping as Fields
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import orjson

from core.errors import UsageError
from core.importers import Mapping
from core.importers.outcome_lines import MOST_LINES, problem_of
from core.importers.paths import is_empty, quoted_key
from core.slice import Slice
from core.store import settings, traces
from core.store.connection import Store
from core.workflows.outcomes import SETTING, Line, beside, fact_of, held_lines, lines_of, parsed_record, tells

__all__ = ["MOST_LINES", "Found", "Line", "find_uses", "keep_mapped", "set_lines", "typed_lines"]

LOOKED_AT: Final = 50
"""The newest traces that are looked at to say how many have what a line names."""
MOST_FIELDS: Final = 200
MOST_DEPTH: Final = 4


class Found(NamedTuple):
    """A line, in how many of the traces looked at it says something, and whether it waits for the verdict."""

    part: str
    line: Line
    found: int
    looked_at: int
    tells: bool


def typed_lines(part: str, text: str) -> list[Line]:
    """Lines as people type them, `label = field or address` each.

    Raises:
        UsageError: a line without an equals sign.
    """
    lines: list[Line] = []
    for number, typed in enumerate(text.splitlines(), 1):
        if not typed.strip():
            continue
        label, equals, source = typed.partition("=")
        if not equals:
            raise UsageError(f"{part.capitalize()}, line {number}: there is no equals sign.", "Write label = field.")
        lines.append(Line(label.strip(), source.strip()))
    return lines


def set_lines(store: Store, lines: Fields[str, Sequence[Line]], *, by: str) -> bool:
    """Keep these lines of `outcome` and `context` in place of the former ones; returns whether any is another.

    Raises:
        UsageError: nobody's name, too many lines, two of one label, or one that cannot be shown.
    """
    if not by.strip():
        raise UsageError("A change of settings needs a name.", "Give your name first.")
    for part, most in MOST_LINES.items():
        if len(lines[part]) > most:
            raise UsageError(f"{part.capitalize()} has {len(lines[part])} lines.", f"At most {most} are shown.")
        labels = [line.label for line in lines[part]]
        for line in lines[part]:
            problem = problem_of(*line) or ("its label stands twice" if labels.count(line.label) > 1 else None)
            if problem is not None:
                raise UsageError(
                    f"{part.capitalize()}, {line.label[:60] or 'a line'}: {problem}.", "Nothing was saved; mend it."
                )
    with store.write() as cursor:
        held = held_lines(cursor)
        if all(lines_of(held, part) == tuple(lines[part]) for part in MOST_LINES):
            return False
        wanted = {part: {line.label: line.source for line in lines[part]} for part in MOST_LINES}
        # A label that was taken away stays known: the next import by the same mapping does not bring it back.
        new = {
            part: kept | {label: "" for label in held.get(part, {}) if label not in kept}
            for part, kept in wanted.items()
        }
        settings.put_setting(cursor, SETTING, orjson.dumps(new).decode(), by=by.strip())
    return True


def keep_mapped(store: Store, mappings: Sequence[Mapping]) -> list[str]:
    """Add the lines of mapping files to those of the project; returns what to say of it.

    What the project has under the same label stays, and what somebody took away stays away: Settings has the last word.
    """
    if not any(mapping.outcome or mapping.context for mapping in mappings):
        return []
    notes: list[str] = []
    with store.write() as cursor:
        held = held_lines(cursor)
        before = orjson.dumps(held)
        for part, most in MOST_LINES.items():
            lines = held.setdefault(part, {})
            for label, source in (pair for mapping in mappings for pair in getattr(mapping, part)):
                if label in lines:
                    if lines[label] != source:
                        notes.append(f"The {part} line «{label}» stays as Settings has it.")
                elif sum(map(bool, lines.values())) >= most:
                    notes.append(f"The {part} line «{label}» was left out: at most {most} are shown.")
                else:
                    lines[label] = source
        if orjson.dumps(held) != before:
            settings.put_setting(cursor, SETTING, orjson.dumps(held).decode(), by="import")
    return list(dict.fromkeys(notes))


def find_uses(store: Store) -> tuple[list[Found], list[str]]:
    """How many of the newest traces each line says something of, and the fields of the newest one; no value of any."""
    lines = beside(store)
    with store.read() as cursor:
        keys = traces.find_keys(cursor, Slice(), limit=LOOKED_AT)
        newest = list(traces.find_traces(cursor, keys).values())
    records = [(trace, parsed_record(trace)) for trace in newest]
    uses = [
        Found(
            part, line, sum(fact_of(line, *one) is not None for one in records), len(records), tells(line, lines.told)
        )
        for part, wanted in (("outcome", lines.outcome), ("context", lines.context))
        for line in wanted
    ]
    return uses, _fields_of(records[0][1])[:MOST_FIELDS] if records else []


def _fields_of(value: Any, path: str = "", depth: int = 1) -> list[str]:
    """The fields of a record that hold a single value, as one writes them."""
    found: list[str] = []
    for key, inner in value.items() if isinstance(value, dict) else ():  # pyright: ignore[reportUnknownVariableType]
        name = f"{path}.{quoted_key(str(key))}" if path else quoted_key(str(key))  # pyright: ignore[reportUnknownArgumentType]
        if isinstance(inner, dict) and depth < MOST_DEPTH:
            found += _fields_of(inner, name, depth + 1)
        elif not isinstance(inner, dict | list) and not is_empty(inner):
            found.append(name)
    return found
