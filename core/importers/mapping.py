"""How columns become traces, dimensions, labels and judgments: the mapping file as a value."""

import tomllib
from dataclasses import dataclass, fields, replace
from typing import Any, TypeAlias, cast

from core.errors import InputError
from core.importers.mapping_toml import mapping_toml
from core.importers.paths import AnyOf, PathError, PathSpec, compile_path
from core.importers.texts import scalar_text

Scalar: TypeAlias = str | int | float | bool
Where: TypeAlias = tuple[tuple[str, tuple[Scalar, ...]], ...]
"""Paths with the values of which one must stand there; an empty text asks for a missing value."""
RULES = ("majority", "all_pass", "any_fail")


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceFields:
    """Where the fields of a trace are found; a field that is None is not read."""

    id: PathSpec | None = None
    session: PathSpec | None = None
    started_at: PathSpec | None = None
    input: PathSpec | None = None
    output: PathSpec | None = None
    messages: PathSpec | None = None
    model: PathSpec | None = None
    error: PathSpec | None = None
    duration_ms: PathSpec | None = None
    origin: PathSpec | None = None
    where: Where = ()

    @property
    def holds_traces(self) -> bool:
        """False for a file of labels or judgments that joins traces by id."""
        return not (self.input is None and self.output is None and self.messages is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictFields:
    """What a label section and a judgment section have in common."""

    verdict: PathSpec | None = None
    """One path, or a list of paths whose values `rule` joins into one verdict."""
    passes: tuple[Scalar, ...] = ()
    fails: tuple[Scalar, ...] = ()
    rule: str | None = None
    critique: PathSpec | None = None
    at: PathSpec | None = None
    where: Where = ()
    each: str | None = None
    id: PathSpec | None = None
    """The trace meant, where that is not the id of `[trace]`."""

    @property
    def undecided(self) -> bool:
        """True where nobody said yet which values mean pass or fail: nothing is read then."""
        return self.verdict is not None and not self.passes and not self.fails


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelFields(VerdictFields):
    """One `[[label]]` section; with `relative_to`, `passes` holds `same` and `fails` holds `opposite`."""

    labeler: str | None = None
    labeler_path: PathSpec | None = None
    categories: PathSpec | None = None
    saw_judge: bool | str = False
    relative_to: str | None = None
    relative_to_path: PathSpec | None = None

    @property
    def relative(self) -> bool:
        """True where the section accepts or rejects a judge's verdict."""
        return self.relative_to is not None or self.relative_to_path is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgmentFields(VerdictFields):
    """One `[[judgment]]` section."""

    judge: str | None = None
    judge_path: PathSpec | None = None
    version: str | None = None
    version_path: PathSpec | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """A whole mapping; `from_toml(m.to_toml()) == m`."""

    format: str | None = None
    records: str | None = None
    trace: TraceFields = TraceFields()
    dimensions: tuple[tuple[str, PathSpec], ...] = ()
    labels: tuple[LabelFields, ...] = ()
    judgments: tuple[JudgmentFields, ...] = ()

    @classmethod
    def from_toml(cls, text: str) -> "Mapping":
        """Read a mapping file; raises `InputError` saying what is wrong, where, and what to do."""
        try:
            document = tomllib.loads(text.removeprefix("\ufeff"))
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            raise InputError(f"The mapping is not valid TOML: {error}.", "Text needs quotes.") from None
        allowed = ("format", "records", "trace", "dimensions", "label", "judgment")
        _known(document, allowed, "the mapping")
        return cls(
            format=_text(document, "format", "the mapping"),
            records=_text(document, "records", "the mapping"),
            trace=_trace(_table(document, "trace")),
            dimensions=tuple(
                (name, _path(path, f"[dimensions] {name}")) for name, path in _table(document, "dimensions").items()
            ),
            labels=tuple(_label(t, where) for where, t in _tables(document, "label")),
            judgments=tuple(_judgment(t, where) for where, t in _tables(document, "judgment")),
        )

    def to_toml(self) -> str:
        """The mapping file that reads as this mapping."""
        return mapping_toml(self)

    def with_dimensions(self, added: dict[str, str]) -> "Mapping":
        """This mapping with constant dimensions added, as `--dimension KEY=VALUE` asks for."""
        kept = tuple(pair for pair in self.dimensions if pair[0] not in added)
        return replace(self, dimensions=(*kept, *((name, f"={value}") for name, value in added.items())))


def _trace(table: dict[str, Any]) -> TraceFields:
    names = [f.name for f in fields(TraceFields)]
    _known(table, names, "[trace]")
    paths = {name: _path(table[name], f"[trace] {name}") for name in names if name in table and name != "where"}
    return TraceFields(**paths, where=_where(table, "[trace]"))


def _label(table: dict[str, Any], at: str) -> LabelFields:
    own = ("labeler", "labeler_path", "categories", "saw_judge", "relative_to", "relative_to_path")
    relative = "relative_to" in table or "relative_to_path" in table
    common = _verdict(table, at, own, ("same", "opposite") if relative else ("pass", "fail"))
    _one_of(table, "labeler", "labeler_path", at)
    _one_of(table, "relative_to", "relative_to_path", at)
    if relative and "verdict" not in table:
        raise InputError(f"{at} has relative_to but no verdict.", "Name the column that holds accepted or rejected.")
    if not any(key in table for key in ("verdict", "critique", "categories")):
        raise InputError(f"{at} has neither verdict nor critique.", "Name at least one column.")
    saw = table.get("saw_judge", False)
    if not isinstance(saw, bool | str):
        raise InputError(f"{at} saw_judge = {saw!r} is neither true, false nor a path.", "Write true or false.")
    return LabelFields(
        **common,
        labeler=_text(table, "labeler", at),
        labeler_path=_optional(table, "labeler_path", at),
        categories=_optional(table, "categories", at),
        saw_judge=saw,
        relative_to=_text(table, "relative_to", at),
        relative_to_path=_optional(table, "relative_to_path", at),
    )


def _judgment(table: dict[str, Any], at: str) -> JudgmentFields:
    common = _verdict(table, at, ("judge", "judge_path", "version", "version_path"), ("pass", "fail"))
    _one_of(table, "judge", "judge_path", at)
    _one_of(table, "version", "version_path", at)
    if "verdict" not in table:
        raise InputError(f"{at} has no verdict.", "Name the column that holds it.")
    if "judge" not in table and "judge_path" not in table:
        raise InputError(f"{at} has no judge.", 'Write judge = "NAME", or judge_path for a column of names.')
    return JudgmentFields(
        **common,
        judge=_text(table, "judge", at),
        judge_path=_optional(table, "judge_path", at),
        version=_text(table, "version", at),
        version_path=_optional(table, "version_path", at),
    )


def _verdict(table: dict[str, Any], at: str, own: tuple[str, ...], lists: tuple[str, str]) -> dict[str, Any]:
    _known(table, ("verdict", *lists, "rule", "critique", "at", "where", "each", "id", *own), at)
    passes, fails = (_values(table.get(name, []), f"{at} {name}") for name in lists)
    both = {scalar_text(v) for v in passes} & {scalar_text(v) for v in fails}
    if both:
        raise InputError(
            f"{at} has {scalar_text(sorted(both)[0])!r} in both {lists[0]} and {lists[1]}.", "Keep it in one of them."
        )
    rule = _text(table, "rule", at)
    if rule is not None and rule not in RULES:
        raise InputError(f'{at} rule = "{rule}" is not known.', f"Choose one of: {', '.join(RULES)}.")
    each = _text(table, "each", at)
    if each is not None:
        _path(each, f"{at} each")
    verdict = _optional(table, "verdict", at)
    if isinstance(verdict, tuple) and rule is None:
        raise InputError(f"{at} has several verdict columns but no rule.", f"Add rule = {' | '.join(RULES)}.")
    return {
        "verdict": verdict,
        "passes": passes,
        "fails": fails,
        "rule": rule,
        "critique": _optional(table, "critique", at),
        "at": _optional(table, "at", at),
        "where": _where(table, at),
        "each": each,
        "id": _optional(table, "id", at),
    }


def _known(table: dict[str, Any], allowed: tuple[str, ...] | list[str], at: str) -> None:
    for key in table:
        if key not in allowed:
            raise InputError(f'"{key}" in {at} is not known.', f"Known there: {', '.join(allowed)}.")


def _one_of(table: dict[str, Any], first: str, second: str, at: str) -> None:
    if first in table and second in table:
        raise InputError(f"{at} has both {first} and {second}.", "Keep one: a fixed name or a column of names.")


def _table(document: dict[str, Any], name: str) -> dict[str, Any]:
    table = document.get(name, {})
    if not isinstance(table, dict):
        raise InputError(f"{name} = {table!r} is no table.", f"Write [{name}] on a line of its own.")
    return cast(dict[str, Any], table)


def _tables(document: dict[str, Any], name: str) -> list[tuple[str, dict[str, Any]]]:
    found: Any = document.get(name, [])
    if isinstance(found, dict):
        found = [found]
    if not isinstance(found, list) or not all(isinstance(t, dict) for t in cast(list[Any], found)):
        raise InputError(f"{name} = {found!r} is no list of sections.", f"Write [[{name}]] before each.")
    return [(f"[[{name}]] number {number}", table) for number, table in enumerate(cast(list[Any], found), 1)]


def _text(table: dict[str, Any], name: str, at: str) -> str | None:
    value = table.get(name)
    if value is not None and (not isinstance(value, str) or not value.strip()):
        raise InputError(f"{at} {name} = {value!r} is no text.", 'Write it in quotes, like "name".')
    return value


def _optional(table: dict[str, Any], name: str, at: str) -> PathSpec | None:
    return _path(table[name], f"{at} {name}") if name in table else None


def _path(value: Any, at: str) -> PathSpec:
    spec = _spec(value, at)
    try:
        compile_path(spec)
    except PathError as error:
        raise InputError(f"{at} = {value!r} is no path: {error}.", "Write it like info.task.id.") from None
    return spec


def _spec(value: Any, at: str) -> PathSpec:
    if isinstance(value, str):
        return value
    if isinstance(value, list) and value:
        return tuple(_spec(part, at) for part in cast(list[Any], value))
    if isinstance(value, dict) and list(cast(dict[str, Any], value)) == ["any"]:
        inner: Any = value["any"]
        if isinstance(inner, list) and inner:
            return AnyOf(tuple(_spec(part, at) for part in cast(list[Any], inner)))
    raise InputError(f"{at} = {value!r} is no path.", 'Write "a.b", ["a", "b"] or { any = ["a", "b"] }.')


def _values(value: Any, at: str) -> tuple[Scalar, ...]:
    values = cast(list[Any], value if isinstance(value, list) else [value])
    for item in values:
        if not isinstance(item, str | int | float | bool) or item != item:  # noqa: PLR0124 - NaN
            raise InputError(f"{at} holds {item!r}.", "Only text, numbers, true and false can be compared.")
    return tuple(values)


def _where(table: dict[str, Any], at: str) -> Where:
    conditions: Any = table.get("where", {})
    if not isinstance(conditions, dict):
        raise InputError(f"{at} where = {conditions!r} is no table.", 'Write where = { source = "expert" }.')
    found: list[tuple[str, tuple[Scalar, ...]]] = []
    waiting = list(cast(dict[str, Any], conditions).items())
    while waiting:
        path, value = waiting.pop(0)
        if isinstance(value, dict):
            waiting = [(f"{path}.{key}", inner) for key, inner in cast(dict[str, Any], value).items()] + waiting
            continue
        _path(path, f"{at} where")
        found.append((path, _values(value, f"{at} where {path}")))
    return tuple(found)
