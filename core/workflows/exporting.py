"""Write traces, labels, judgments, categories, the spreadsheet of record and more of a slice to a file, in parts."""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

import orjson

from core.errors import UsageError
from core.exporters import EXPORTERS, Column, Exporter, Kind, Row, find_exporter
from core.model import Message
from core.slice import Slice
from core.store import categories, dimensions, exports, judgments, settings
from core.store.connection import Cursor, Store
from core.store.exports import ExportedTrace, NotedTrace
from core.workflows.narrowing import judge_ref
from core.workflows.recording import RECORD

FORMATS = tuple(exporter.name for exporter in EXPORTERS)
TEXT_FORMATS = tuple(exporter.name for exporter in EXPORTERS if exporter.is_text)


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """An export that is ready to be written; `write` takes a binary stream and returns how many rows it wrote."""

    file_name: str
    write: Callable[[BinaryIO], int]


def export(
    store: Store, what: str, slice_: Slice, format_name: str, *, history: bool = False, judge: str | None = None
) -> Export:
    """What a slice holds, as a file: `what` is one of `WHAT`; `history` gives every event of the labels; the alignment
    spreadsheet is that of a `judge`, as NAME@VERSION or NAME.

    Raises:
        UsageError: nothing of this name can be exported, or not in this format, or without naming a judge.
        NotFoundError: no such judge.
    """
    exporter = find_exporter(format_name)
    if what not in WHAT:
        raise UsageError(f"«{what[:40]}» cannot be exported.", f"Choose one of: {', '.join(WHAT)}.")
    if history and what != "labels":
        raise UsageError("Only labels have a history that is exported.", "Leave --history out, or export labels.")
    if (judge is None) == (what == "alignment"):
        raise UsageError(
            "The alignment spreadsheet, and it alone, is that of one judge.",
            "Name it with --judge, or leave --judge out.",
        )
    with store.read() as cursor:
        ref = None if judge is None else judge_ref(judgments.find_refs(cursor), judge)
    return Export(
        file_name=f"passfail-{what}.{exporter.name}",
        write=lambda stream: _write(store, "label history" if history else what, slice_, exporter, stream, ref),
    )


def export_bytes(
    store: Store, what: str, slice_: Slice, format_name: str, *, judge: str | None = None
) -> tuple[bytes, str]:
    """The whole file in memory with its name, for a download."""
    ready = export(store, what, slice_, format_name, judge=judge)
    stream = io.BytesIO()
    ready.write(stream)
    return stream.getvalue(), ready.file_name


def _write(store: Store, what: str, slice_: Slice, exporter: Exporter, stream: BinaryIO, judge: str | None) -> int:
    with store.snapshot() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        columns, parts = _TABLES[what](cursor, _Asked(slice_, reference, exporter.takes_originals, judge))
        return exporter.write(stream, columns, parts)


class _Asked(NamedTuple):
    slice_: Slice
    reference: str | None
    originals: bool
    judge: str | None

    def keys(self, cursor: Cursor) -> list[int]:
        return exports.slice_keys(cursor, self.slice_, self.reference)


Table = tuple[Sequence[Column], Iterator[Sequence[Row]]]

FIELDS = (
    Column("id"),
    Column("session"),
    Column("started_at", Kind.MOMENT),
    Column("model"),
    Column("source"),
    Column("error"),
    Column("origin"),
    Column("duration_ms", Kind.NUMBER),
    Column("message_count", Kind.INTEGER),
    Column("tool_call_count", Kind.INTEGER),
    Column("input"),
    Column("output"),
    Column("split"),
    Column("messages", Kind.JSON),
)


def _traces(cursor: Cursor, asked: _Asked) -> Table:
    names, several = dimensions.find_dimensions(cursor), exports.several_values(cursor)
    columns = [
        *FIELDS,
        *(Column(name, Kind.LIST if name in several else Kind.TEXT, inside="dimensions") for name in names),
        *([Column("record", Kind.JSON)] if asked.originals else []),
    ]
    parts = exports.trace_parts(cursor, asked.keys(cursor), records=asked.originals)
    return columns, ([_trace_row(trace, names, several, originals=asked.originals) for trace in part] for part in parts)


def _trace_row(trace: ExportedTrace, names: list[str], several: set[str], *, originals: bool) -> Row:
    values = (trace.dimensions.get(name) for name in names)
    shown = [v if v is None or name in several else v[0] for name, v in zip(names, values, strict=True)]
    messages = orjson.dumps([chat_message(message) for message in trace.messages]).decode()
    return (*trace[:13], messages, *shown, *((trace.record,) if originals else ()))


def chat_message(message: Message) -> dict[str, object]:
    """A message in the form that chat APIs share, so that an import reads it again."""
    found: dict[str, object] = {"role": message.role, "content": message.text}
    if message.name:
        found["name"] = message.name
    if message.tool_calls:
        found["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
            for call in message.tool_calls
        ]
    if message.tool_call_id:
        found["tool_call_id"] = message.tool_call_id
    if message.error:
        found["error"] = True
    return found


LABEL = (
    *(Column("trace"), Column("labeler"), Column("verdict"), Column("critique"), Column("categories", Kind.LIST)),
    *(Column("at", Kind.MOMENT), Column("saw_judge", Kind.BOOLEAN), Column("for_current_content", Kind.BOOLEAN)),
)
EVENT = (
    *(Column("event", Kind.INTEGER), Column("supersedes", Kind.INTEGER)),
    *(Column("recorded_at", Kind.MOMENT), Column("origin")),
)
JUDGMENT = (
    *(Column("trace"), Column("judge"), Column("version"), Column("verdict"), Column("critique"), Column("failure")),
    Column("at", Kind.MOMENT),
)
CATEGORY = (
    *(Column("id", Kind.INTEGER), Column("name"), Column("definition"), Column("fits_when"), Column("not_when")),
    *(Column("by"), Column("at", Kind.MOMENT), Column("traces", Kind.INTEGER)),
)
ASSIGNMENT = (
    *(Column("trace"), Column("category"), Column("primary", Kind.BOOLEAN), Column("by"), Column("at", Kind.MOMENT)),
)


def _labels(cursor: Cursor, asked: _Asked) -> Table:
    return LABEL, exports.label_parts(cursor, asked.keys(cursor), history=False)


def _label_history(cursor: Cursor, asked: _Asked) -> Table:
    return (*LABEL, *EVENT), exports.label_parts(cursor, asked.keys(cursor), history=True)


def _judgments(cursor: Cursor, asked: _Asked) -> Table:
    return JUDGMENT, exports.judgment_parts(cursor, asked.keys(cursor))


def _categories(cursor: Cursor, asked: _Asked) -> Table:
    return CATEGORY, iter([exports.category_rows(cursor, asked.slice_, asked.reference)])


def _assignments(cursor: Cursor, asked: _Asked) -> Table:
    return ASSIGNMENT, exports.assignment_parts(cursor, asked.keys(cursor))


SUMMARY_SIZE = 4000


def _record(cursor: Cursor, asked: _Asked) -> Table:
    """The spreadsheet of record: a row per trace that was labelled or sorted, a column of 0 and 1 per category."""
    known = categories.find_categories(cursor)
    columns = [*(Column(name) for name in RECORD), *(Column(c.name, Kind.INTEGER) for c in known)]
    wanted = exports.noted_keys(cursor)
    keys = [key for key in asked.keys(cursor) if key in wanted]
    parts = exports.noted_parts(cursor, keys, asked.reference)
    ids = [c.id for c in known]
    return columns, (
        [
            (
                noted.trace.id, noted.trace.input, _summary(noted.trace), noted.notes,
                *(int(i in noted.category_ids) for i in ids),
            )
            for noted in part
        ]
        for part in parts
    )  # fmt: skip


def _summary(trace: ExportedTrace) -> str:
    """All that was said after the first question, a line each, cut where it is long."""
    lines = [f"{m.role}: {' '.join(m.text.split()) or ', '.join(c.name for c in m.tool_calls)}" for m in trace.messages]
    text = "\n".join(lines) or trace.output or ""
    return text if len(text) <= SUMMARY_SIZE else f"{text[:SUMMARY_SIZE].rstrip()}…"


REGRESSION = (
    *(Column("trace"), Column("expectation"), Column("input"), Column("output"), Column("messages", Kind.JSON)),
    *(Column("categories", Kind.LIST), Column("critique"), Column("by"), Column("at", Kind.MOMENT)),
)


def _regression(cursor: Cursor, asked: _Asked) -> Table:
    """The regression set: what was asked, what a good answer does, and what went wrong before."""
    names = {c.id: c.name for c in categories.find_categories(cursor)}
    wanted = exports.regression_keys(cursor)
    keys = [key for key in asked.keys(cursor) if key in wanted]
    parts = exports.noted_parts(cursor, keys, asked.reference)
    return REGRESSION, ([_case(noted, names) for noted in part] for part in parts)


def _case(noted: NotedTrace, names: dict[int, str]) -> Row:
    trace = noted.trace
    messages = orjson.dumps([chat_message(message) for message in trace.messages]).decode()
    expectation, by, at = noted.expectation or (None, None, None)
    held = [names[i] for i in noted.category_ids if i in names]
    return (trace.id, expectation, trace.input, trace.output, messages, held, noted.notes, by, at)


ALIGNMENT = (
    *(Column("trace"), Column("input"), Column("model response"), Column("judge critique"), Column("judge verdict")),
    *(Column("expert critique"), Column("expert verdict"), Column("better answer"), Column("agree", Kind.BOOLEAN)),
    *(Column("expert"), Column("cause"), Column("split")),
)


def _alignment(cursor: Cursor, asked: _Asked) -> Table:
    """Expert and judge side by side: the traces that the expert labelled blind and the judge gave a verdict for."""
    labeler = asked.slice_.labeler or asked.reference
    return ALIGNMENT, exports.alignment_parts(cursor, asked.keys(cursor), asked.judge or "", labeler)


_TABLES: dict[str, Callable[[Cursor, _Asked], Table]] = {
    "traces": _traces,
    "labels": _labels,
    "judgments": _judgments,
    "categories": _categories,
    "assignments": _assignments,
    "record": _record,
    "regression": _regression,
    "alignment": _alignment,
    "label history": _label_history,
}
WHAT = tuple(what for what in _TABLES if " " not in what)
