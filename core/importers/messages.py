"""Chat messages of every common shape as `Message`s; a shape that is not known is kept as text, never dropped.

Read are: OpenAI chat (tool_calls, the older function_call, refusal), OpenAI Responses items, Anthropic blocks
(tool_use, tool_result, thinking), request and response in one object, LangChain, ShareGPT (from, value), parts
as in OpenTelemetry and Gemini, JSON text of any of these, and a plain transcript (`USER: ... | AGENT: ...`).
"""

from collections.abc import Iterator
from typing import Any, cast

from core.importers.blocks import Reading, as_text, read_blocks, tool_call
from core.importers.paths import parsed_text
from core.importers.roles import SAID, is_transcript, read_transcript, role_of
from core.importers.texts import scalar_text
from core.model import Message

_REQUEST = ("request", "kwargs", "body", "inputs", "input")
_RESPONSE = ("response", "output", "outputs", "result", "completion")


def read_messages(value: Any) -> tuple[Message, ...]:
    """The messages that a value holds, in order; an empty tuple where it holds nothing."""
    if value.__class__ is list:
        out: list[Message] = []
        new: Any = tuple.__new__  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        for item in value:
            # The shape of nearly all messages, taken without a closer look.
            if item.__class__ is dict and len(item) == 2:
                role, text = item.get("role"), item.get("content")
                if text.__class__ is str and role in SAID:
                    out.append(new(Message, (role, text, None, (), None, False)))
                    continue
            out.extend(_message(item))
        return tuple(out)
    if value is None or value == "":
        return ()
    if value.__class__ is str:
        inner = parsed_text(value)
        return read_messages(inner) if inner is not None else read_transcript(value)
    if value.__class__ is dict:
        return tuple(_wrapped(cast(dict[str, Any], value)))
    return (Message("user", scalar_text(value)),)


def first_user_text(messages: tuple[Message, ...]) -> str | None:
    """What was asked: the first user message that has text."""
    for message in messages:
        if message[0] == "user" and message[1]:
            return message[1]
    return None


def last_assistant_text(messages: tuple[Message, ...]) -> str | None:
    """What was answered: the last assistant message that has text."""
    for message in reversed(messages):
        if message[0] == "assistant" and message[1]:
            return message[1]
    return None


def looks_like_chat(value: Any) -> bool:
    """True for a value that surely holds chat messages: a list of them, a request with its response, or text of it."""
    if value.__class__ is str:
        if value[:1] in "[{":
            inner = parsed_text(value)
            return inner is not None and looks_like_chat(inner)
        return is_transcript(value)
    if value.__class__ is list:
        return bool(value) and all(_is_message(item) for item in value[:5])
    if value.__class__ is dict:
        fields = cast(dict[str, Any], value)
        request: Any = fields.get("request")
        response: Any = fields.get("response")
        if request.__class__ is dict and ("messages" in request or "input" in request):
            return True
        return response.__class__ is dict and bool({"choices", "body"} & cast(dict[str, Any], response).keys())
    return False


def _is_message(item: Any) -> bool:
    if item.__class__ is not dict:
        return False
    fields = cast(dict[str, Any], item)
    return (
        ("role" in fields and bool({"content", "parts", "tool_calls", "function_call"} & fields.keys()))
        or ("from" in fields and "value" in fields)
        or fields.get("type") in ("function_call", "function_call_output")
        or (fields.get("type") in ("human", "ai", "tool", "system") and "content" in fields)
        or (fields.get("message").__class__ is dict and "role" in cast(dict[str, Any], fields["message"]))
        or "lc" in fields
        or "message.role" in fields
    )


def _message(item: Any) -> Iterator[Message]:
    if item.__class__ is str:
        yield Message("user", item)
        return
    if item.__class__ is list:
        yield from read_messages(item)
        return
    if item.__class__ is not dict:
        yield Message("user", scalar_text(item))
        return
    fields = cast(dict[str, Any], item)
    if fields.get("lc") and fields.get("kwargs").__class__ is dict:
        fields = {"type": scalar_text(cast(list[Any], fields.get("id") or [""])[-1]), **fields["kwargs"]}
    elif fields.get("message").__class__ is dict and "role" not in fields:
        fields = fields["message"]
    if any(key.startswith("message.") for key in fields):
        fields = {key.removeprefix("message."): inner for key, inner in fields.items()}
    if "role" not in fields and "content" not in fields and "from" in fields and "value" in fields:
        fields = {**fields, "role": fields["from"], "content": fields["value"]}
    yield from _response_item(fields) if "role" not in fields else _turn(fields, role_of(fields["role"]))


def _response_item(fields: dict[str, Any]) -> Iterator[Message]:
    """An item without a role: of the Responses API, of LangChain, or of an unknown shape."""
    kind = scalar_text(fields.get("type"))
    if kind == "function_call":
        yield Message("assistant", "", tool_calls=(tool_call(fields, id_key="call_id"),))
    elif kind == "function_call_output":
        call = fields.get("call_id")
        yield Message("tool", as_text(fields.get("output")), tool_call_id=scalar_text(call) or None)
    elif kind == "reasoning":
        text = as_text(fields.get("summary") or fields.get("content"))
        if text:
            yield Message("thinking", text)
    elif kind and "content" in fields:
        small = kind.lower().removesuffix("chunk").removesuffix("message")
        yield from _turn(fields, "assistant" if kind == "message" else role_of(small))
    elif "content" in fields or "parts" in fields:
        yield from _turn(fields, "assistant")
    else:
        yield Message("user", scalar_text(fields))


def _turn(fields: dict[str, Any], role: str) -> Iterator[Message]:
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


def _wrapped(fields: dict[str, Any]) -> Iterator[Message]:
    """The messages of an object around them: a request and its response, or a single message."""
    if _is_message(fields):
        yield from _message(fields)
        return
    found: list[Message] = []
    request = next((fields[k] for k in _REQUEST if fields.get(k).__class__ is dict), None)
    for part in (request, fields):
        if part is not None and not found:
            found = list(_asked(cast(dict[str, Any], part), whole=part is not fields))
    answered: list[Message] = []
    for part in [fields[k] for k in _RESPONSE if k in fields] + [fields]:
        if not answered:
            answered = list(_answered(part))
    if found or answered:
        yield from found
        yield from answered
    else:
        yield Message("user", scalar_text(fields))


def _asked(fields: dict[str, Any], *, whole: bool) -> Iterator[Message]:
    system = fields.get("system") or fields.get("instructions")
    asked = fields.get("messages") or fields.get("traj") or fields.get("conversation")
    if asked is None and (whole or fields.get("input").__class__ is list):
        asked = fields.get("input")
    if asked is None:
        asked = fields.get("prompt") if whole else None
    if system and asked:
        yield Message("system", as_text(system))
    if asked.__class__ is list and asked and asked[0].__class__ is list:
        asked = asked[0]
    if asked:
        yield from read_messages(asked)


def _answered(value: Any) -> Iterator[Message]:
    if value.__class__ is str and value:
        inner = parsed_text(value)
        if inner is not None:
            yield from _answered(inner)
        else:
            yield Message("assistant", value)
    elif value.__class__ is dict:
        fields = cast(dict[str, Any], value)
        body = fields.get("body") or (fields.get("message") if fields.get("message").__class__ is dict else None)
        if body.__class__ is dict:
            yield from _answered(body)
        elif fields.get("choices").__class__ is list:
            for choice in cast(list[Any], fields["choices"])[:1]:
                inner = choice.get("message") if choice.__class__ is dict else None
                text = choice.get("text") if choice.__class__ is dict else None
                yield from _message(inner) if inner else _answered(text)
        elif fields.get("output").__class__ is list:
            yield from read_messages(fields["output"])
        elif "role" in fields and ("content" in fields or "tool_calls" in fields):
            yield from _message(fields)
        elif "content" in fields and "messages" not in fields:
            yield from _turn(fields, "assistant")
    elif value.__class__ is list and looks_like_chat(value):
        yield from read_messages(value)
