"""What a judge may see of a trace: the fields that were allowed, as data that cannot leave its fence."""

import json
import re
from collections.abc import Container, Mapping, Sequence
from hashlib import blake2b
from typing import Any, Final, NamedTuple

from core.model import KNOWN, VARIANT, VARIANT_OF, Message

FIELDS: Final = {
    "messages": "what user and assistant said",
    "tools": "tool calls and their results",
    "system": "system prompts",
    "input": "the input",
    "output": "the output",
    "error": "the recorded error",
}
"""Fields that can be allowed, in words; beside them dimensions by name, as `d.NAME`. Labels, critiques, categories and the
original record are none: no judge ever sees them."""
USUAL: Final = ("messages", "tools")

TELLING: Final = re.compile(
    r"label|verdict|grade|score|rating|review|critique|annotat|note|feedback|judg|pass|fail|correct|outcome|quality",
    re.I,
)
"""Names of dimensions that may hold what a person said of the trace."""


def never(names: Container[str]) -> tuple[str, ...]:
    """Dimensions that no judge is shown where a trace has those of these names: they say that it is a test of the judge, or
    what its answer is. One called `variant` alone is a dimension like any other, such as the arm of an experiment."""
    return (KNOWN, VARIANT_OF, VARIANT) if VARIANT_OF in names else (KNOWN, VARIANT_OF)


class ShownTrace(NamedTuple):
    """A trace as the judge's side knows it, whatever was allowed of it."""

    messages: tuple[Message, ...] = ()
    input: str | None = None
    output: str | None = None
    error: str | None = None
    dimensions: Mapping[str, tuple[str, ...]] = {}
    duration_ms: float | None = None


def seen(trace: ShownTrace, fields: Sequence[str]) -> dict[str, Any]:
    """The allowed part of a trace; one without messages shows its input and output in their place."""
    shown: dict[str, Any] = {}
    if "messages" in fields or "tools" in fields or "system" in fields:
        listed = [entry for message in trace.messages if (entry := _message(message, fields))]
        if listed:
            shown["messages"] = listed
    alone = "messages" in fields and not trace.messages
    for name, value in (("input", trace.input), ("output", trace.output), ("error", trace.error)):
        if (name in fields or (alone and name != "error")) and value is not None:
            shown[name] = value
    hidden = never(trace.dimensions)
    named = {
        name: list(trace.dimensions[name]) for name in trace.dimensions if f"d.{name}" in fields and name not in hidden
    }
    return shown | ({"dimensions": named} if named else {})


def _message(message: Message, fields: Sequence[str]) -> dict[str, Any] | None:
    kind = "tools" if message.role in ("tool", "function") else "system" if message.role in _SYSTEM else "messages"
    entry: dict[str, Any] = {}
    if kind in fields:
        entry = {"role": message.role, "text": message.text}
        if message.name:
            entry["name"] = message.name
        if message.error:
            entry["error"] = True
    if "tools" in fields and message.tool_calls:
        entry.setdefault("role", message.role)
        entry["tool_calls"] = [{"name": call.name, "arguments": call.arguments} for call in message.tool_calls]
    return entry or None


_SYSTEM = ("system", "developer")


def fenced(value: object) -> str:
    """Data as JSON in which no text can close a fence: every `<` is escaped."""
    text = json.dumps(value, ensure_ascii=False, indent=0).replace("<", "\\u003c")
    return text.encode("utf-8", "replace").decode("utf-8")


def hash_of(text: str) -> int:
    """64 bits of what a judge was shown."""
    return int.from_bytes(blake2b(text.encode("utf-8"), digest_size=8).digest(), "little")


_SPEAKS_TO_JUDGE: Final = (
    (r"</?\s*(trace|example|examples|criterion)\s*>", "a mark that closes the fence of the data"),
    (
        r"\b(ignore|disregard|forget|override)\b[^.\n]{0,60}\b(instruction|rubric|criteri|prompt|rules?\b|guideline)",
        "words that tell the reader to ignore its instructions",
    ),
    (r"[\"']?verdict[\"']?\s*[:=]\s*[\"']?pass", "a verdict written into the trace"),
    (
        r"\b(answer|say|return|output|respond|reply|mark|grade|rate)\b[^.\n]{0,30}[\"'«“ ](pass|passed|passing)\b",
        "words that ask for a pass",
    ),
    (r"\b(judge|grader|evaluator)\b[^.\n]{0,40}\b(must|should|please|note|attention)\b", "words to a judge"),
    (r"\b(note|attention|dear|message)\b[^.\n]{0,20}\b(judge|grader|evaluator)\b", "words to a judge"),
    (r"</?\s*(tool_result|function_results|tool_use|system)\b", "a made-up tool result or system message"),
    (r"\"type\"\s*:\s*\"tool_result\"", "a made-up tool result or system message"),
)
_COMPILED: Final = tuple((re.compile(pattern, re.IGNORECASE), words) for pattern, words in _SPEAKS_TO_JUDGE)
MOST_READ: Final = 200_000
"""Characters of a trace that are looked through for such words."""


def speaks_to_judge(trace: ShownTrace, fields: Sequence[str]) -> str | None:
    """Why a trace looks as if it spoke to the judge, or None. It is judged all the same: a person has to look."""
    shown = seen(trace, fields)
    for text in _texts(shown):
        for pattern, words in _COMPILED:
            if pattern.search(text[:MOST_READ]):
                return words
    return None


def _texts(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner: list[Any] = list(value.values()) if isinstance(value, dict) else value if isinstance(value, list) else []  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]
    return [text for part in inner for text in _texts(part)]
