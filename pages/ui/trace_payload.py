"""A trace as the trace view takes it: plain values, chips that are links into the slice, large parts cut."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from core.model import MISSING, Message
from core.slice import Slice
from core.workflows.exploring import TraceDetail, WholeTrace
from core.workflows.outcomes import Beside, facts_of, value_tells
from pages.ui.filters import carried

LARGE = 1_000_000
"""Characters of a record from which on a trace is shown in part."""
FIRST_MESSAGES = 200
FIRST_RECORD = 200_000
MOST_CHIPS = 24


def is_large(trace: WholeTrace) -> bool:
    """Whether the record is so large that only its beginning is sent to a browser unless asked for."""
    return len(trace.record) > LARGE


def holds_sealed(seen: TraceDetail) -> bool:
    """Whether the record as logged may tell a verdict that is sealed."""
    return any(judgment.sealed for judgment in seen.judgments)


def payload(
    seen: TraceDetail | WholeTrace,
    slice_: Slice,
    *,
    whole: bool = False,
    chips: bool = True,
    record: bool = True,
    lines: Beside | None = None,
) -> dict[str, Any]:
    """What `trace_view` and the review loop draw; nothing of what an expert or a judge said is in it.

    A large trace is cut at its first 200 messages unless `whole`; the record is always cut at a cap. Without `record` it is
    left out: as logged it may hold verdicts of a judge or of other people; so are those `lines` of outcome and context, and
    those values of dimensions, that may tell one.
    """
    trace, same = (seen.trace, seen.same_system_prompt) if isinstance(seen, TraceDetail) else (seen, 0)
    messages = trace.messages if whole or not is_large(trace) else trace.messages[:FIRST_MESSAGES]
    row = trace.row
    facts = facts_of(trace, lines or Beside(), blind=not record)
    return {
        "id": row.id,
        "started_at": _utc(row.started_at),
        "duration_ms": row.duration_ms,
        "chips": _chips(trace, slice_, blind=not record) if chips else [],
        "messages": [_message(message) for message in messages],
        "outcome": [fact._asdict() for fact in facts.outcome],
        "context": [fact._asdict() for fact in facts.context],
        "facts_hidden": facts.hidden,
        "input": row.input,
        "output": row.output,
        "error": row.error,
        "record": "" if not record else trace.record if whole else trace.record[:FIRST_RECORD],
        "record_bytes": len(trace.record.encode()) if record else 0,
        "system_prompt_count": same or None,
    }


def _message(message: Message) -> dict[str, Any]:
    return {
        "role": message.role,
        "name": message.name,
        "text": message.text,
        "tool_calls": [call._asdict() for call in message.tool_calls],
        "tool_call_id": message.tool_call_id,
        "error": message.error,
    }


def _chips(trace: WholeTrace, slice_: Slice, *, blind: bool) -> list[dict[str, str]]:
    held = ((name, value) for name, values in trace.dimensions.items() for value in values)
    named = [(name, value) for name, value in held if not (blind and value_tells(name, value))]
    row = trace.row
    fields = (("model", row.model), ("source", row.source), ("session", row.session))
    named += [(name, value) for name, value in fields if value]
    if row.origin != "real":
        named.append(("origin", row.origin))
    return [
        {"label": name, "value": value, "href": _narrowed(slice_, name, value)} for name, value in named[:MOST_CHIPS]
    ]


def _narrowed(slice_: Slice, name: str, value: str) -> str:
    """The address of this page where the slice has that value too."""
    params = carried() | slice_.with_value(name, value or MISSING).to_params()
    return f"?{urlencode(params, doseq=True)}"


def _utc(moment: datetime | None) -> str | None:
    return None if moment is None else f"{moment.isoformat(timespec='milliseconds')}Z"
