"""A record and a mapping make a trace, labels and judgments."""

import math
from typing import Any

from core.conditions import FIELDS
from core.importers.base import Record
from core.importers.mapping import Mapping
from core.importers.messages import first_user_text, last_assistant_text, looks_like_chat, read_messages
from core.importers.models import is_model
from core.importers.paths import Composite, Getter, PathSpec, is_empty
from core.importers.sections import UNKNOWN, JudgmentSection, LabelSection, Places, Problem, id_text, shown, text_of
from core.importers.texts import scalar_text
from core.importers.values import dimension_values, read_time
from core.model import (
    BAD,
    GOOD,
    KNOWN,
    VARIANT,
    VARIANT_OF,
    Dimension,
    JudgmentRow,
    LabelRow,
    LabelState,
    Message,
    Trace,
    Verdict,
)  # fmt: skip

NOTHING_FOUND = "no input, output or messages found"
NO_OBJECT = "the record is no object"
NO_ID = "no id to join by"
REMEMBERED = 4_096
REMEMBERED_LENGTH = 100
_NO_ERROR = frozenset(("", "false", "none", "null", "nil", "n/a", "na", "nan", "no", "0", "0.0", "-"))
"""What a column of errors holds, in small letters, where there was none."""
_TEXT_KEYS = ("text", "content", "input", "output", "question", "query", "prompt", "answer", "response", "message")


class Extract:
    """What one record brings.

    `bad` is the reason why the record as a whole could not be used. Rows for the trace of the same record carry
    its id, which is empty where the trace has none. A record that no section asks for brings nothing at all.
    """

    __slots__ = ("bad", "bad_labels", "judgments", "labels", "of_models", "problems", "trace")

    def __init__(self, bad: str | None = None) -> None:
        self.trace: Trace | None = None
        self.labels: list[LabelRow] = []
        self.judgments: list[JudgmentRow] = []
        self.of_models: list[str] = []
        """Models that gave what the mapping calls labels: these are among `judgments`."""
        self.problems: list[str] = []
        """What was not taken, and why: labels, times, durations."""
        self.bad_labels = 0
        self.bad = bad


class Extractor:
    """A mapping compiled for one file; `file` and `folder` are what `@file` and `@folder` stand for."""

    def __init__(self, mapping: Mapping, *, file: str = "", folder: str = "") -> None:
        places = Places(file, folder)
        trace = mapping.trace
        self._meant = places.condition(trace.where)
        self._id = places.getter(trace.id)
        self._session = places.getter(trace.session)
        self._started = places.getter(trace.started_at)
        self._input = places.getter(trace.input)
        self._output = places.getter(trace.output)
        self._messages = places.getter(trace.messages)
        self._model = places.getter(trace.model)
        self._error = places.getter(trace.error)
        self._duration = places.getter(trace.duration_ms)
        self._origin = places.getter(trace.origin)
        self._variant = places.getter(trace.variant)
        self._variant_of = places.getter(trace.variant_of)
        self._holds_traces = trace.holds_traces
        self._dimensions = [_DimensionColumn(name, path, places) for name, path in mapping.dimensions]
        self._labels = [LabelSection(label, places) for label in mapping.labels]
        self._judgments = [JudgmentSection(judgment, places) for judgment in mapping.judgments]
        self._joins = bool(mapping.labels or mapping.judgments)

    def extract(self, record: Record) -> Extract:
        """Read one record; nothing in it can raise."""
        value = record.value
        if value.__class__ is not dict and (value.__class__ is not list or not value):
            return Extract(bad=NO_OBJECT)
        out = Extract()
        trace_id = "" if self._id is None else id_text(self._id(value, record))
        meant = self._holds_traces and (self._meant is None or self._meant(value, record))
        if meant:
            self._read_trace(record, trace_id, out)
        if self._joins:
            for section in self._labels:
                for row in section.read(record, trace_id):
                    if isinstance(row, Problem):
                        out.problems.append(f"label: {row.reason}")
                        out.bad_labels += 1
                    elif is_model(row.labeler):
                        _take_from_model(row, out)
                    else:
                        out.labels.append(row)
            for section in self._judgments:
                out.judgments.extend(section.read(record, trace_id))
        if out.trace is None:
            self._check_joining(out, meant, trace_id)
        return out

    def _check_joining(self, out: Extract, meant: bool, trace_id: str) -> None:
        """A record without a trace must bring a row that can be joined, else it is bad."""
        rows = [*out.labels, *out.judgments]
        ids = [row.trace_id for row in rows] or [trace_id]
        brings = bool(rows or out.bad_labels)
        if not brings and (meant or not (self._holds_traces or self._joins)):
            out.bad = NOTHING_FOUND
        elif brings and not all(ids):
            out.labels, out.judgments, out.problems, out.bad_labels = [], [], [], 0
            out.bad = NO_ID

    def _read_trace(self, record: Record, trace_id: str, out: Extract) -> None:
        value = record.value
        messages: tuple[Message, ...] = ()
        if self._messages is not None:
            messages = read_messages(_uncomposed(self._messages(value, record)))
        asked = self._text(self._input, record, first_user_text)
        answer = self._text(self._output, record, last_assistant_text)
        if messages:
            said = last_assistant_text(messages)
            if answer is None:
                answer = said
            elif said is None or (said != answer and said.strip() != answer.strip()):
                messages = (*messages, Message("assistant", answer))
            if asked is None:
                asked = first_user_text(messages)
        elif asked is None and answer is None:
            return
        trace = Trace(
            id=trace_id,
            record=record.raw,
            input=asked,
            output=answer,
            messages=messages,
            session=text_of(self._session, value, record),
            model=text_of(self._model, value, record),
            error=_error(text_of(self._error, value, record)),
            id_given=bool(trace_id),
        )
        if self._started is not None:
            trace.started_at = _time(self._started(value, record), out.problems)
        if self._duration is not None:
            trace.duration_ms = _number(self._duration(value, record), out.problems)
        if self._origin is not None:
            origin = text_of(self._origin, value, record)
            trace.origin = "synthetic" if origin and origin.strip().lower() in ("synthetic", "true") else "real"
        if self._dimensions:
            trace.dimensions = self._read_dimensions(record)
            if any(d.name == KNOWN and d.value in (GOOD, BAD) for d in trace.dimensions):
                trace.origin = "synthetic"  # written or picked to try a judge on, never drawn from traffic
        self._read_variant(record, trace)
        out.trace = trace

    def _read_variant(self, record: Record, trace: Trace) -> None:
        """A trace made from another one was never real traffic, and says of which and by what change."""
        base = "" if self._variant_of is None else id_text(self._variant_of(record.value, record))
        if not base or base == trace.id:  # some logs name the trace itself where it was made from none
            return
        trace.origin = "synthetic"
        change = text_of(self._variant, record.value, record)
        told = [Dimension(VARIANT_OF, base), *([Dimension(VARIANT, change.strip())] if change else [])]
        trace.dimensions = (*(d for d in trace.dimensions if d.name not in (VARIANT, VARIANT_OF)), *told)

    def _read_dimensions(self, record: Record) -> tuple[Dimension, ...]:
        found: list[Dimension] = []
        value = record.value
        for column in self._dimensions:
            inner = (
                value.get(column.key)
                if column.key is not None and value.__class__ is dict
                else column.getter(value, record)
            )
            if inner is None:
                continue
            if inner.__class__ is str:
                known = column.known.get(inner)
                found += column.learn(inner) if known is None else known
            elif inner.__class__ is list:
                for item in inner:
                    known = column.known.get(item) if item.__class__ is str else None
                    found += column.learn(item) if known is None else known
            else:
                found += column.learn(inner)
        return tuple(found)

    @staticmethod
    def _text(getter: Getter | None, record: Record, chosen: Any) -> str | None:
        """A field as text; of chat messages the one that matters, of an object its text."""
        if getter is None:
            return None
        found = getter(record.value, record)
        if found.__class__ is str:
            if found[:1] not in "[{" or not looks_like_chat(found):
                return None if not found or found.isspace() else found
            return chosen(read_messages(found)) or found
        if is_empty(found):
            return None
        if found.__class__ is Composite:
            return "\n\n".join(scalar_text(part) for part in found if not is_empty(part))
        if found.__class__ is list and looks_like_chat(found):
            return chosen(read_messages(found)) or scalar_text(found)
        if found.__class__ is dict:
            texts = [found[key] for key in _TEXT_KEYS if found.get(key).__class__ is str]
            if len(texts) == 1 and texts[0].strip():
                return texts[0]
        return scalar_text(found)


def _take_from_model(row: LabelRow, out: Extract) -> None:
    """What a model said is a judgment and no label, so that it is never taken for the expert's; nor are its categories."""
    verdict = {LabelState.PASS: Verdict.PASS, LabelState.FAIL: Verdict.FAIL}.get(row.state)
    if verdict is None or row.relative_to:
        out.problems.append(f"label: {row.labeler[:80]} is a model, and this is no verdict of its own")
        out.bad_labels += 1
        return
    out.of_models.append(row.labeler)
    out.judgments.append(
        JudgmentRow(
            trace_id=row.trace_id, judge=row.labeler, version=UNKNOWN, verdict=verdict, failure=None,
            critique=row.critique, at=row.at,
        )
    )  # fmt: skip


class _DimensionColumn:
    """One dimension; as its values repeat, each is read once and remembered.

    One with the name of a built-in field gets another name, since an address could not tell them apart.
    """

    __slots__ = ("getter", "key", "known", "name")

    def __init__(self, name: str, path: PathSpec, places: Places) -> None:
        self.name = f"{name} (logged)" if name in FIELDS else name
        self.getter = places.compile(path)
        plain = isinstance(path, str) and path[0] not in "@=^." and not any(char in path for char in ".[\"'")
        self.key = path if plain else None
        self.known: dict[str, tuple[Dimension, ...]] = {}

    def learn(self, value: Any) -> tuple[Dimension, ...]:
        """The dimensions that a value makes."""
        made = tuple(Dimension(self.name, text) for text in dimension_values(value))
        if value.__class__ is str and len(value) <= REMEMBERED_LENGTH and len(self.known) < REMEMBERED:
            self.known[value] = made
        return made


def _uncomposed(found: Any) -> Any:
    return [part for part in found if not is_empty(part)] if found.__class__ is Composite else found


def _error(text: str | None) -> str | None:
    """The text of an error; None where the word says that there was none."""
    said = "" if text is None else text.strip().lower()
    return None if said in _NO_ERROR else "error" if said == "true" else text


def _time(found: Any, problems: list[str]) -> Any:
    if is_empty(found):
        return None
    moment = read_time(found)
    if moment is None:
        problems.append(
            f"time: {shown(found)} cannot be read; the trace is kept without a time. "
            "Write it like 2026-01-31T12:00:00Z, or as seconds since 1970."
        )
    return moment


def _number(found: Any, problems: list[str]) -> float | None:
    if is_empty(found):
        return None
    try:
        number = float(found)
    except (TypeError, ValueError, OverflowError):
        number = math.inf
    if number != number:
        return None
    if 0 <= number < math.inf:
        return number
    problems.append(
        f"duration: {shown(found)} is no duration; the trace is kept without one. Write a number of milliseconds."
    )
    return None
