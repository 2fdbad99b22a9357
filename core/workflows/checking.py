"""Check a file before it is imported: what was recognised, and what a mapping makes of its first records.

A mapping is kept as the text of its file; `core.workflows.remapping` changes that text through a form.
"""

import itertools
from collections import Counter
from collections.abc import Mapping as Fields
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from core.errors import AppError
from core.importers import Extractor, Importer, Mapping, Record, Source, propose
from core.importers.columns import Column, read_columns
from core.importers.lacking import lacking_notes
from core.importers.paths import Composite, PathSpec, compile_path, is_empty
from core.importers.texts import scalar_text
from core.model import BadLine, Trace
from core.store.traces import TraceRow, WholeTrace
from core.workflows.reading import SAMPLE_RECORDS, recognise, sample_of
from core.workflows.remapping import FIELDS_OF_A_TRACE, Form, form_of

PREVIEWS = 3
FEW_VALUES = 12
"""Most different values of a column that may be a verdict."""
SHORT = 60
FIRST_VALUE = 160


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
    lacking: list[str] = field(default_factory=list[str])
    """What most traces would be without, their question or their answer, and what the file has in place of it."""

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
    spread = samples if complete else sample_of(importer.read(source, given.records if given else None))
    proposal = propose(spread, file=source.stem)
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
    columns = [_seen(column, remarks) for column in read_columns(spread) if column.filled]
    paths = {name: getattr(mapping.trace, name) for name in FIELDS_OF_A_TRACE}
    return replace(
        check,
        toml=mapping.to_toml(),
        form=form_of(mapping),
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
        notes=[*source.notes, *([] if given else [note for note in proposal.notes if note not in proposal.lacking])],
        lacking=_lacking(spread, mapping, source) if given else proposal.lacking,
    )


# ------------------------------------------------------------------------------ what the records hold


def _lacking(samples: Sequence[Record], mapping: Mapping, source: Source) -> list[str]:
    """What most traces would be without under a mapping that was given."""
    used = {getattr(mapping.trace, name) for name in FIELDS_OF_A_TRACE} | {path for _, path in mapping.dimensions}
    unused = [column for column in read_columns(samples) if column.path not in used]
    return lacking_notes(samples, mapping, unused, file=source.stem)


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
        input=trace.input, output=trace.output, content_hash=0, value_ids=(),
    )  # fmt: skip
    return WholeTrace(row=row, messages=trace.messages, dimensions=dimensions, record=trace.record, import_id=0)
