"""A mapping file read and checked: every mistake is named with its place and what to do."""

import tomllib
from dataclasses import fields
from typing import Any, cast

from core.errors import InputError
from core.importers.mapping_fields import RULES, JudgmentFields, LabelFields, Scalar, TraceFields, Where
from core.importers.outcome_lines import MOST_LINES, problem_of
from core.importers.paths import AnyOf, PathError, PathSpec, compile_path, quoted_key
from core.importers.texts import scalar_text


def read_mapping(text: str) -> dict[str, Any]:
    """The fields of a `Mapping` from the text of a mapping file; raises `InputError`."""
    try:
        document = tomllib.loads(text.removeprefix("\ufeff"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise InputError(f"The mapping is not valid TOML: {error}.", "Text needs quotes.") from None
    allowed = ("format", "records", "trace", "dimensions", "outcome", "context", "label", "judgment")
    _known(document, allowed, "the mapping")
    return {
        "format": _text(document, "format", "the mapping"),
        "records": _text(document, "records", "the mapping"),
        "trace": _trace(_table(document, "trace")),
        "dimensions": tuple(
            (name, _path(path, f"[dimensions] {name}")) for name, path in _table(document, "dimensions").items()
        ),
        **{name: _lines(_table(document, name), name) for name in MOST_LINES},
        "labels": tuple(_label(table, at) for at, table in _tables(document, "label")),
        "judgments": tuple(_judgment(table, at) for at, table in _tables(document, "judgment")),
    }


def _trace(table: dict[str, Any]) -> TraceFields:
    names = [f.name for f in fields(TraceFields)]
    _known(table, names, "[trace]")
    paths = {name: _path(table[name], f"[trace] {name}") for name in names if name in table and name != "where"}
    return TraceFields(**paths, where=_where(table, "[trace]"))


def _lines(table: dict[str, Any], name: str) -> tuple[tuple[str, str], ...]:
    if len(table) > MOST_LINES[name]:
        raise InputError(f"[{name}] has {len(table)} lines.", f"At most {MOST_LINES[name]} are shown: keep those.")
    for label, source in table.items():
        problem = problem_of(label, source) if isinstance(source, str) else "it is no text in quotes"
        if problem is not None:
            raise InputError(
                f"[{name}] {label} = {source!r}: {problem}.", 'Write a field like "user.tier", or an https:// address.'
            )
    return tuple(table.items())


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
        inner: Any = cast(dict[str, Any], value)["any"]
        if isinstance(inner, list) and inner:
            return AnyOf(tuple(_spec(part, at) for part in cast(list[Any], inner)))
    raise InputError(f"{at} = {value!r} is no path.", 'Write "a.b", ["a", "b"] or { any = ["a", "b"] }.')


def _values(value: Any, at: str) -> tuple[Scalar, ...]:
    values = cast(list[Any], value if isinstance(value, list) else [value])
    for item in values:
        if not isinstance(item, str | int | float | bool) or item != item:
            raise InputError(f"{at} holds {item!r}.", "Only text, numbers, true and false can be compared.")
    return tuple(values)


def _where(table: dict[str, Any], at: str) -> Where:
    conditions: Any = table.get("where", {})
    if not isinstance(conditions, dict):
        raise InputError(f"{at} where = {conditions!r} is no table.", 'Write where = { source = "expert" }.')
    found: list[tuple[str, tuple[Scalar, ...]]] = []
    for path, value in cast(dict[str, Any], conditions).items():
        # `where = { a.b = 1 }` is a table in a table: the same path as `where = { "a.b" = 1 }`.
        pairs = _flattened(quoted_key(path), value) if isinstance(value, dict) else [(path, value)]
        for full, wanted in pairs:
            _path(full, f"{at} where")
            found.append((full, _values(wanted, f"{at} where {full}")))
    return tuple(found)


def _flattened(path: str, value: Any) -> list[tuple[str, Any]]:
    if not isinstance(value, dict):
        return [(path, value)]
    inner = cast(dict[str, Any], value)
    return [pair for key in inner for pair in _flattened(f"{path}.{quoted_key(key)}", inner[key])]
