"""Content blocks and tool calls inside a chat message."""

from dataclasses import dataclass, field
from typing import Any, cast

from core.importers.texts import scalar_text
from core.model import Message, ToolCall

_TEXT_KINDS = ("text", "input_text", "output_text", "summary_text", "refusal")
_THOUGHT_KINDS = ("thinking", "reasoning", "redacted_thinking")
_CALL_KINDS = ("tool_use", "server_tool_use", "tool_call", "function_call", "server_tool_call")
_RESULT_KINDS = ("tool_result", "tool_call_response", "function_response", "server_tool_call_response")
_MEDIA = ("image", "image_url", "input_image", "document", "file", "input_file", "audio", "input_audio", "blob", "uri")


@dataclass(slots=True)
class Reading:
    """What the blocks of one message hold."""

    text: list[str]
    calls: list[ToolCall] = field(default_factory=list[ToolCall])
    results: list[Message] = field(default_factory=list[Message])
    thoughts: list[str] = field(default_factory=list[str])


def read_blocks(blocks: list[Any]) -> Reading:
    """Take the blocks of a message apart: its text, tool calls, tool results and thoughts."""
    reading = Reading([])
    for block in blocks:
        if block.__class__ is not dict:
            reading.text.append(scalar_text(block))
            continue
        fields = cast(dict[str, Any], block)
        kind = scalar_text(fields.get("type"))
        if kind in _CALL_KINDS or "functionCall" in fields:
            reading.calls.append(tool_call(fields.get("functionCall") or fields))
        elif kind in _RESULT_KINDS or "functionResponse" in fields:
            reading.results.append(_result(fields.get("functionResponse") or fields))
        elif kind in _THOUGHT_KINDS:
            thought = as_text(fields.get("thinking") or fields.get("content") or fields.get("text"))
            if thought:
                reading.thoughts.append(thought)
        else:
            reading.text.append(_block_text(fields, kind))
    return reading


def is_block(value: Any) -> bool:
    """True for a block that says by its type what it holds."""
    kinds = (*_TEXT_KINDS, *_THOUGHT_KINDS, *_CALL_KINDS, *_RESULT_KINDS)
    return value.__class__ is dict and value.get("type") in kinds


def _result(fields: dict[str, Any]) -> Message:
    said = next((fields[k] for k in ("content", "response", "result", "output") if fields.get(k) is not None), None)
    call = fields.get("tool_use_id") or fields.get("id") or fields.get("tool_call_id")
    name = fields.get("name")
    return Message(
        "tool",
        as_text(said),
        scalar_text(name) if name else None,
        tool_call_id=scalar_text(call) if call else None,
        error=bool(fields.get("is_error")),
    )


def _block_text(fields: dict[str, Any], kind: str) -> str:
    if kind in _TEXT_KINDS or (not kind and "text" in fields):
        return as_text(next((fields[k] for k in ("text", "content", "refusal") if k in fields), None))
    if kind in _MEDIA:
        word = kind.removeprefix("input_").removesuffix("_url")
        named: Any = next(
            (fields[k] for k in ("title", "filename", "name", "uri", "url", "image_url") if fields.get(k)), ""
        )
        title = scalar_text(named.get("url") if named.__class__ is dict else named)
        return f"[{word}: {title[:200]}]" if title and not title.startswith("data:") else f"[{word}]"
    return scalar_text(fields)


def as_text(value: Any) -> str:
    """The readable text of content: text itself, the text of its blocks, else its JSON."""
    if value.__class__ is str:
        return value
    if value.__class__ is list:
        return "\n".join(
            part
            for item in cast(list[Any], value)
            if (
                part := _block_text(item, scalar_text(item.get("type")))
                if item.__class__ is dict
                else scalar_text(item)
            )
        )
    if value.__class__ is dict and value.get("type") in _TEXT_KINDS:
        return _block_text(value, value["type"])
    return scalar_text(value)


def tool_call(value: Any, *, id_key: str = "id") -> ToolCall:
    """A tool call of any shape; arguments that are not text become JSON text."""
    if value.__class__ is not dict:
        return ToolCall("", "", scalar_text(value))
    fields = cast(dict[str, Any], value)
    if fields.get("tool_call").__class__ is dict:
        fields = fields["tool_call"]
    function = fields.get("function")
    inner = cast(dict[str, Any], function) if function.__class__ is dict else fields
    name = inner.get("name") or (function if function.__class__ is str else "") or fields.get("tool_name")
    for key in ("arguments", "args", "input", "kwargs", "parameters", "action", "queries", "code"):
        if key in inner:
            arguments = inner[key]
            break
    else:
        arguments = fields.get("arguments")
    called = fields.get(id_key) or fields.get("id") or fields.get("tool_call_id")
    return ToolCall(scalar_text(called), scalar_text(name), scalar_text(arguments))
