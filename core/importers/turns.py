"""One item of a conversation, of any common shape, as the messages it makes."""

from collections.abc import Iterator
from typing import Any, cast

from core.importers.blocks import Reading, as_text, read_blocks, tool_call
from core.importers.roles import role_of
from core.importers.texts import scalar_text
from core.model import Message

_CALLS = tuple(
    f"{name}_call"
    for name in [
        "web_search",
        "file_search",
        "computer",
        "code_interpreter",
        "image_generation",
        "local_shell",
        "mcp",
        "custom_tool",
    ]
)
"""Items by which the Responses API says that it called a tool; the result may be in the same item."""


def is_message(item: Any) -> bool:
    """True for what is surely one item of a conversation."""
    if item.__class__ is not dict:
        return False
    fields = cast(dict[str, Any], item)
    return (
        ("role" in fields and bool({"content", "parts", "tool_calls", "function_call"} & fields.keys()))
        or ("from" in fields and "value" in fields)
        or fields.get("type") in ("function_call", "function_call_output", "custom_tool_call_output", *_CALLS)
        or (fields.get("type") == "reasoning" and "summary" in fields)
        or (fields.get("type") in ("human", "ai", "tool", "system") and "content" in fields)
        or (fields.get("message").__class__ is dict and "role" in cast(dict[str, Any], fields["message"]))
        or "lc" in fields
        or "message.role" in fields
    )


def read_item(fields: dict[str, Any]) -> Iterator[Message]:
    """An item without a role: of the Responses API, of LangChain, or of an unknown shape."""
    kind = scalar_text(fields.get("type"))
    if kind == "function_call":
        yield Message("assistant", "", tool_calls=(tool_call(fields, id_key="call_id"),))
    elif kind in _CALLS:
        call = tool_call(fields, id_key="call_id")
        yield Message("assistant", "", tool_calls=(call if call.name else call._replace(name=kind[: -len("_call")]),))
        if fields.get("output"):
            yield Message("tool", as_text(fields["output"]), tool_call_id=call.id or None)
    elif kind in ("function_call_output", "custom_tool_call_output"):
        call = fields.get("call_id")
        yield Message("tool", as_text(fields.get("output")), tool_call_id=scalar_text(call) or None)
    elif kind == "reasoning":
        text = as_text(fields.get("summary") or fields.get("content"))
        if text:
            yield Message("thinking", text)
    elif kind and "content" in fields:
        small = kind.lower().removesuffix("chunk").removesuffix("message")
        yield from read_turn(fields, "assistant" if kind == "message" else role_of(small))
    elif "content" in fields or "parts" in fields:
        yield from read_turn(fields, "assistant")
    else:
        yield Message("user", scalar_text(fields))


def read_turn(fields: dict[str, Any], role: str) -> Iterator[Message]:
    """The messages of an item whose role is known: its thoughts, tool results, and what it says or calls."""
    content: Any = fields.get("content")
    if content is None:
        content = fields.get("parts", fields.get("contents"))
    reading = read_blocks(content) if content.__class__ is list else Reading(text=[as_text(content)])
    calls = list(reading.calls)
    listed = fields.get("tool_calls")
    if listed.__class__ is list:
        calls += [tool_call(call) for call in cast(list[Any], listed)]
    elif listed:
        calls.append(tool_call(listed))
    if fields.get("function_call"):
        calls.append(tool_call(fields["function_call"]))
    text = "\n".join(part for part in reading.text if part)
    if not text and fields.get("refusal"):
        text = scalar_text(fields["refusal"])
    for thought in (fields.get("reasoning_content"), *reading.thoughts):
        if thought:
            yield Message("thinking", as_text(thought))
    yield from reading.results
    if not text and not calls and (reading.results or reading.thoughts):
        return
    name = fields.get("name")
    call_id = fields.get("tool_call_id")
    failed = bool(fields.get("is_error") or fields.get("error") or fields.get("status") == "error")
    yield Message(
        role,
        text,
        scalar_text(name) if name else None,
        tuple(calls),
        scalar_text(call_id) if call_id else None,
        failed,
    )
