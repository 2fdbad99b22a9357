"""Check a file before it is imported: what was recognised, and what a mapping makes of its first records.

A mapping is kept as the text of its file. `check_file` draws it apart into what a form can show, `changed` puts
what the form says back into the text; parts that a form cannot show stay as they are.
"""

import itertools
from collections import Counter
from collections.abc import Mapping as Fields
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from typing import TypeVar

from core.errors import AppError
from core.importers import Extractor, Importer, Mapping, Record, Source, propose
from core.importers.columns import Column, read_columns
from core.importers.mapping_fields import JudgmentFields, LabelFields, TraceFields, VerdictFields
from core.importers.paths import Composite, PathSpec, compile_path, is_empty
from core.importers.texts import scalar_text
from core.model import BadLine, Trace
from core.store.traces import TraceRow, WholeTrace
from core.workflows.reading import SAMPLE_RECORDS, recognise

FIELDS_OF_A_TRACE = tuple(f.name for f in fields(TraceFields) if f.name != "where")
PREVIEWS = 3
FEW_VALUES = 12
"""Most different values of a column that may be a verdict."""
SHORT = 60
FIRST_VALUE = 160

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


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenColumn:
    """A column of the records looked at: how many values, which where they are few, and why it is no dimension."""

    path: str
    distinct: int
    values: dict[str, int]
    may_be_verdict: bool
    remark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What is known of a file before it is imported. A `problem` says why it cannot be, in words for the user."""

    file: str
    size: int | None
    format: str | None = None
    problem: str = ""
    remedy: str = ""
    toml: str = ""
    form: Form | None = None
    columns: list[SeenColumn] = field(default_factory=list[SeenColumn])
    first_values: dict[str, str] = field(default_factory=dict[str, str])
    looked_at: int = 0
    complete: bool = False
    """True where the whole file was looked at."""
    traces: int = 0
    labels: int = 0
    judgments: int = 0
    refused: int = 0
    """Labels, times and durations that could not be read in records that can."""
    bad: list[BadLine] = field(default_factory=list[BadLine])
    previews: list[WholeTrace] = field(default_factory=list[WholeTrace])
    notes: list[str] = field(default_factory=list[str])

    @property
    def can_be_imported(self) -> bool:
        """True where it was recognised, its mapping can be read, and there is something in it."""
        return self.form is not None and self.looked_at > 0


def check_file(source: Source, *, format_name: str | None = None, toml: str | None = None) -> Check:
    """Look at the beginning of a file; without a mapping one is proposed. A user's mistake is told, never raised."""
    check = Check(file=source.name, size=source.size, toml=toml or "")
    try:
        given = Mapping.from_toml(toml) if toml else None
        importer = recognise(source, format_name or (given.format if given else None))
    except AppError as problem:
        return replace(check, problem=problem.message, remedy=problem.remedy)
    check = replace(check, format=importer.name)
    try:
        return _checked(check, source, importer, given)
    except AppError as problem:
        return replace(check, problem=problem.message, remedy=problem.remedy)


def _checked(check: Check, source: Source, importer: Importer, given: Mapping | None) -> Check:
    read = importer.read(source, given.records if given else None)
    taken = list(itertools.islice(read, SAMPLE_RECORDS))
    samples = [item for item in taken if isinstance(item, Record)]
    bad = [item for item in taken if isinstance(item, BadLine)]
    complete = next(read, None) is None
    proposal = propose(samples, file=source.stem)
    mapping = given or proposal.mapping
    extractor = Extractor(mapping, file=source.stem, folder=source.folder)
    traces: list[Trace] = []
    labels = judgments = refused = 0
    for record in samples:
        got = extractor.extract(record)
        if got.bad:
            bad.append(BadLine(record.line, got.bad, record.raw[:2000]))
        refused += len(got.problems)
        traces += [got.trace] if got.trace else []
        labels, judgments = labels + len(got.labels), judgments + len(got.judgments)
    remarks = {path: remark for path, _, remark in proposal.dimension_candidates}
    columns = [_seen(column, remarks) for column in read_columns(samples) if column.filled]
    paths = {name: getattr(mapping.trace, name) for name in FIELDS_OF_A_TRACE}
    return replace(
        check,
        toml=mapping.to_toml(),
        form=_form(mapping),
        columns=columns,
        first_values={name: _first(spec, samples, source) for name, spec in paths.items() if spec is not None},
        looked_at=len(taken),
        complete=complete,
        traces=len(traces),
        labels=labels,
        judgments=judgments,
        refused=refused,
        bad=sorted(bad, key=lambda line: line.line or 0),
        previews=[_preview(trace, source.name) for trace in traces[:PREVIEWS]],
        notes=[] if given else proposal.notes,
    )


# ------------------------------------------------------------------------------ a mapping as a form, and back


def changed(toml: str, form: Form) -> str:
    """The mapping file with what the form says; a section whose name and verdict are both empty is left out."""
    held = Mapping.from_toml(toml)
    trace = replace(
        held.trace,
        **{name: text or None for name, text in form.trace.items() if text != _shown(getattr(held.trace, name))},
    )
    by_path = {_shown(spec): (name, spec) for name, spec in held.dimensions}
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


def _form(mapping: Mapping) -> Form:
    return Form(
        trace={name: _shown(getattr(mapping.trace, name)) for name in FIELDS_OF_A_TRACE},
        dimensions=tuple(_shown(spec) for _, spec in mapping.dimensions),
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
        verdict=_shown(held.verdict),
        passes=tuple(map(scalar_text, held.passes)),
        fails=tuple(map(scalar_text, held.fails)),
        critique=_shown(held.critique),
        name=name or "",
        named_by=_shown(path),
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
    same = new.verdict == _shown(old.verdict)
    return replace(
        old,
        verdict=old.verdict if same else new.verdict or None,
        passes=old.passes if new.passes == tuple(map(scalar_text, old.passes)) and same else new.passes if same else (),
        fails=old.fails if new.fails == tuple(map(scalar_text, old.fails)) and same else new.fails if same else (),
        critique=new.critique or None,
    )


def _shown(spec: PathSpec | None) -> str:
    """A path as a form shows it; of several paths their text in the mapping file."""
    if spec is None or isinstance(spec, str):
        return spec or ""
    return Mapping(trace=TraceFields(id=spec)).to_toml().partition("id = ")[2].strip()


def _free_name(path: str, taken: Fields[str, object] | set[str] | tuple[()]) -> str:
    """What a new dimension is called: the last key of its path, or the whole path where that is taken."""
    last = path.rstrip("]").replace("[", ".").rpartition(".")[2].strip("\"'") or path
    return path if last in taken or last.isdigit() or last == "*" else last


# ------------------------------------------------------------------------------ what the records hold


def _seen(column: Column, remarks: Fields[str, str]) -> SeenColumn:
    few = column.distinct <= FEW_VALUES and column.longest <= SHORT and not column.is_chat and not column.several
    values: Counter[str] = column.values if few else Counter()
    return SeenColumn(
        path=column.path,
        distinct=column.distinct,
        values=dict(values.most_common()),
        may_be_verdict=few and column.distinct > 1,
        remark=remarks.get(column.path, ""),
    )


def _first(spec: PathSpec, samples: Sequence[Record], source: Source) -> str:
    """The first value that stands where a path leads."""
    getter = compile_path(spec, file=source.stem, folder=source.folder)
    found = (getter(record.value, record) for record in samples[:50])
    value = next((value for value in found if not is_empty(value)), None)
    if value is None:
        return ""
    text = " · ".join(scalar_text(part) for part in value) if isinstance(value, Composite) else scalar_text(value)
    return " ".join(text[: FIRST_VALUE * 4].split())[:FIRST_VALUE]


def _preview(trace: Trace, file: str) -> WholeTrace:
    """A trace as it will look, before it is stored."""
    dimensions: dict[str, tuple[str, ...]] = {}
    for name, value in trace.dimensions:
        dimensions[name] = (*dimensions.get(name, ()), value)
    row = TraceRow(
        key=0, id=trace.id or "(an id is made)", started_at=trace.started_at, session=trace.session, model=trace.model,
        source=file, error=trace.error, origin=trace.origin, duration_ms=trace.duration_ms,
        message_count=len(trace.messages), tool_call_count=sum(len(m.tool_calls) for m in trace.messages),
        input=trace.input, output=trace.output,
    )  # fmt: skip
    return WholeTrace(
        row=row, messages=trace.messages, dimensions=dimensions, record=trace.record, import_id=0, content_hash=0
    )
