"""A mapping as a form shows it, and the mapping file that says what the form says.

What a form cannot show, such as a path of several parts or a section with conditions, stays as it is.
"""

from collections.abc import Mapping as Fields
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from typing import TypeVar

from core.importers import Mapping
from core.importers.mapping_fields import JudgmentFields, LabelFields, TraceFields, VerdictFields
from core.importers.paths import PathSpec
from core.importers.texts import scalar_text

FIELDS_OF_A_TRACE = tuple(f.name for f in fields(TraceFields) if f.name != "where")

AnySection = TypeVar("AnySection", LabelFields, JudgmentFields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One label or judgment section: `name` is the labeler or the judge. Not `plain`: only its text can be changed."""

    verdict: str
    passes: tuple[str, ...]
    fails: tuple[str, ...]
    critique: str
    name: str
    named_by: str
    """The path the name is read from, where it is no fixed text."""
    version: str
    plain: bool
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A mapping as a form shows it; a path of several parts is shown as text and cannot be chosen from a list."""

    trace: dict[str, str]
    dimensions: tuple[str, ...]
    labels: tuple[Section, ...]
    judgments: tuple[Section, ...]


def changed(toml: str, form: Form) -> str:
    """The mapping file with what the form says; a section whose name and verdict are both empty is left out."""
    held = Mapping.from_toml(toml)
    trace = replace(
        held.trace,
        **{name: text or None for name, text in form.trace.items() if text != shown(getattr(held.trace, name))},
    )
    by_path = {shown(spec): (name, spec) for name, spec in held.dimensions}
    names = {name for path, (name, _) in by_path.items() if path in form.dimensions}
    dimensions: list[tuple[str, PathSpec]] = []
    for path in form.dimensions:
        if path in by_path:
            dimensions.append(by_path[path])
        else:
            name = _free_name(path, names)
            names.add(name)
            dimensions.append((name, path))
    return replace(
        held,
        trace=trace,
        dimensions=tuple(dimensions),
        labels=tuple(_labels_of(held.labels, form.labels)),
        judgments=tuple(_judgments_of(held.judgments, form.judgments)),
    ).to_toml()


def with_label(toml: str, path: str) -> str:
    """The mapping file with one more column of expert verdicts; which values mean pass is left to be said."""
    held = Mapping.from_toml(toml)
    return replace(held, labels=(*held.labels, LabelFields(verdict=path))).to_toml()


def with_judgment(toml: str, path: str) -> str:
    """The mapping file with one more column of judge verdicts, the judge named after it."""
    held = Mapping.from_toml(toml)
    section = JudgmentFields(verdict=path, judge=_free_name(path, ()))
    return replace(held, judgments=(*held.judgments, section)).to_toml()


def without_section(toml: str, kind: str, place: int) -> str:
    """The mapping file without one of its `label` or `judgment` sections."""
    held = Mapping.from_toml(toml)
    if kind == "label":
        return replace(held, labels=tuple(x for i, x in enumerate(held.labels) if i != place)).to_toml()
    return replace(held, judgments=tuple(x for i, x in enumerate(held.judgments) if i != place)).to_toml()


def with_format(toml: str, format_name: str) -> str:
    """The mapping file for a file of this format."""
    return replace(Mapping.from_toml(toml), format=format_name).to_toml()


def form_of(mapping: Mapping) -> Form:
    """What a form shows of a mapping."""
    return Form(
        trace={name: shown(getattr(mapping.trace, name)) for name in FIELDS_OF_A_TRACE},
        dimensions=tuple(shown(spec) for _, spec in mapping.dimensions),
        labels=tuple(
            _section(x, x.labeler, x.labeler_path, None, Mapping(labels=(x,)), relative=x.relative)
            for x in mapping.labels
        ),
        judgments=tuple(
            _section(x, x.judge, x.judge_path, x.version, Mapping(judgments=(x,)), relative=x.version_path is not None)
            for x in mapping.judgments
        ),
    )


def _section(
    held: VerdictFields, name: str | None, path: PathSpec | None, version: str | None, alone: Mapping, *, relative: bool
) -> Section:
    simple = isinstance(held.verdict, str | None) and isinstance(held.critique, str | None)
    return Section(
        verdict=shown(held.verdict),
        passes=tuple(map(scalar_text, held.passes)),
        fails=tuple(map(scalar_text, held.fails)),
        critique=shown(held.critique),
        name=name or "",
        named_by=shown(path),
        version=version or "",
        plain=simple and not held.where and held.each is None and held.rule is None and not relative,
        text=alone.to_toml().removeprefix("[trace]\n"),
    )


def _labels_of(held: Sequence[LabelFields], wanted: Sequence[Section]) -> list[LabelFields]:
    out: list[LabelFields] = []
    for old, new in zip(held, wanted, strict=True):
        if not new.plain:
            out.append(old)
            continue
        named = old.labeler if old.labeler_path is not None else new.name.strip() or None
        out.append(replace(_verdict_of(old, new), labeler=named))
    return out


def _judgments_of(held: Sequence[JudgmentFields], wanted: Sequence[Section]) -> list[JudgmentFields]:
    out: list[JudgmentFields] = []
    for old, new in zip(held, wanted, strict=True):
        if not new.plain:
            out.append(old)
            continue
        named = old.judge if old.judge_path is not None else new.name.strip() or old.judge
        out.append(replace(_verdict_of(old, new), judge=named, version=new.version.strip() or None))
    return out


def _verdict_of(old: AnySection, new: Section) -> AnySection:
    """With another verdict column the values of the former one mean nothing any more."""
    same = new.verdict == shown(old.verdict)
    return replace(
        old,
        verdict=old.verdict if same else new.verdict or None,
        passes=old.passes if new.passes == tuple(map(scalar_text, old.passes)) and same else new.passes if same else (),
        fails=old.fails if new.fails == tuple(map(scalar_text, old.fails)) and same else new.fails if same else (),
        critique=new.critique or None,
    )


def shown(spec: PathSpec | None) -> str:
    """A path as a form shows it; of several paths their text in the mapping file."""
    if spec is None or isinstance(spec, str):
        return spec or ""
    return Mapping(trace=TraceFields(id=spec)).to_toml().partition("id = ")[2].strip()


def _free_name(path: str, taken: Fields[str, object] | set[str] | tuple[()]) -> str:
    """What a new dimension is called: the last key of its path, or the whole path where that is taken."""
    last = path.rstrip("]").replace("[", ".").rpartition(".")[2].strip("\"'") or path
    return path if last in taken or last.isdigit() or last == "*" else last
