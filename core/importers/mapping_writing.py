"""A mapping written as TOML."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from core.importers.mapping_fields import JudgmentFields, LabelFields, Where
from core.importers.paths import AnyOf

if TYPE_CHECKING:
    from core.importers.mapping import Mapping

_BARE = re.compile(r"[A-Za-z0-9_-]+")
TRACE_PATHS = (
    *("id", "session", "started_at", "input", "output", "messages", "model", "error", "duration_ms", "origin"),
    *("variant", "variant_of"),
)
"""The fields of a trace in the order of the documentation."""
_VERDICT_ENDS = ("rule", "critique", "at", "id")


def mapping_toml(mapping: Mapping) -> str:
    """The text of a mapping file, fields in the order of the documentation, those not set left out."""
    lines = [_line("format", mapping.format), _line("records", mapping.records), "[trace]"]
    lines += [_line(name, getattr(mapping.trace, name)) for name in TRACE_PATHS]
    lines.append(_where(mapping.trace.where))
    if mapping.dimensions:
        lines.append("[dimensions]")
        lines += [_line(name, path) for name, path in mapping.dimensions]
    for name, shown in (("outcome", mapping.outcome), ("context", mapping.context)):
        if shown:
            lines += [f"[{name}]", *(_line(label, source) for label, source in shown)]
    for label in mapping.labels:
        lines += ["[[label]]", *_label(label)]
    for judgment in mapping.judgments:
        lines += ["[[judgment]]", *_judgment(judgment)]
    return "\n".join(line for line in lines if line) + "\n"


def _label(label: LabelFields) -> list[str]:
    lines = [
        _line(name, getattr(label, name)) for name in ("labeler", "labeler_path", "relative_to", "relative_to_path")
    ]
    lines += _verdict(label, ("same", "opposite") if label.relative else ("pass", "fail"))
    lines.append(_line("categories", label.categories))
    lines.append(_line("saw_judge", label.saw_judge) if label.saw_judge is not False else "")
    return lines


def _judgment(judgment: JudgmentFields) -> list[str]:
    lines = [_line(name, getattr(judgment, name)) for name in ("judge", "judge_path", "version", "version_path")]
    return lines + _verdict(judgment, ("pass", "fail"))


def _verdict(section: LabelFields | JudgmentFields, lists: tuple[str, str]) -> list[str]:
    lines = [_where(section.where), _line("each", section.each), _line("verdict", section.verdict)]
    if section.verdict is not None:
        lines += [_line(name, list(v)) for name, v in zip(lists, (section.passes, section.fails), strict=True)]
    return lines + [_line(name, getattr(section, name)) for name in _VERDICT_ENDS]


def _where(where: Where) -> str:
    parts = [f"{_quoted(path)} = {_value(list(v) if len(v) != 1 else v[0])}" for path, v in where]
    return f"where = {{ {', '.join(parts)} }}" if parts else ""


def _line(name: str, value: Any) -> str:
    return "" if value is None else f"{name if _BARE.fullmatch(name) else _quoted(name)} = {_value(value)}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, AnyOf):
        return f"{{ any = {_value(value.paths)} }}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_value(part) for part in value)}]"  # pyright: ignore[reportUnknownVariableType]
    return repr(value)


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
