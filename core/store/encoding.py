"""How a trace's messages are stored: all that was said as one searchable text, and a layout that says who said what.

The text of a message comes first, then each of its tool calls as «name arguments»; pieces are parted by U+001E.
What was mapped as input or output and stands in no message follows at the end, where only a search meets it.
"""

from hashlib import blake2b, sha1
from typing import Any

import orjson

from core.model import Message, ToolCall, Trace

SEPARATOR = "\x1e"


def encode(trace: Trace) -> tuple[str, str]:
    """The text and the layout of a trace."""
    pieces: list[str] = []
    layout: list[dict[str, Any]] = []
    for role, text, name, calls, call_id, error in trace.messages:
        pieces.append(text.replace(SEPARATOR, " ") if SEPARATOR in text else text)
        entry: dict[str, Any] = {"r": role}
        if name:
            entry["n"] = name
        if calls:
            entry["c"] = [[call.id, call.name] for call in calls]
            pieces.extend(f"{call.name} {call.arguments}".replace(SEPARATOR, " ") for call in calls)
        if call_id:
            entry["i"] = call_id
        if error:
            entry["e"] = 1
        layout.append(entry)
    for said in (trace.input, trace.output):
        if said and said not in pieces:
            pieces.append(said.replace(SEPARATOR, " "))
    return SEPARATOR.join(pieces), orjson.dumps(layout).decode()


def decode(text: str, layout: str) -> tuple[Message, ...]:
    """The messages that `encode` stored."""
    pieces = iter(text.split(SEPARATOR))
    messages: list[Message] = []
    for entry in orjson.loads(layout):
        said = next(pieces)
        calls = tuple(ToolCall(call_id, name, next(pieces)[len(name) + 1 :]) for call_id, name in entry.get("c", ()))
        messages.append(Message(entry["r"], said, entry.get("n"), calls, entry.get("i"), bool(entry.get("e"))))
    return tuple(messages)


def content_hash(text: str, layout: str) -> int:
    """64 bits that tell whether what an expert reads has changed."""
    return _hash(text + layout)


def record_hash(trace: Trace, content: int) -> int:
    """64 bits that tell whether the original record, or what was made of it (`content` and fields), has changed."""
    fields = f"{content}{trace.session}{trace.started_at}{trace.model}{trace.error}{trace.duration_ms}{trace.origin}"
    named = SEPARATOR.join([f"{name}={value}" for name, value in trace.dimensions])
    return _hash(trace.record + fields + named)


def made_id(trace: Trace) -> str:
    """An id for a trace that brought none: the same record gives the same id."""
    return blake2b(trace.record.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _hash(text: str) -> int:
    digest = sha1(text.encode("utf-8", "surrogatepass"), usedforsecurity=False)
    return int.from_bytes(digest.digest()[:8], "little")
