"""Chat messages of every common shape as `Message`s; a shape that is not known is kept as text, never dropped.

Read are: OpenAI chat (tool_calls, the older function_call, refusal), OpenAI Responses items, Anthropic blocks
(tool_use, tool_result, thinking), LangChain, ShareGPT (from, value), parts as in OpenTelemetry and Gemini, an
exchange (what was asked and what was answered in one object, as proxies, LangSmith and Langfuse log it), JSON text
of any of these, and a plain transcript (`USER: ... | AGENT: ...`).
"""

from collections.abc import Iterable, Iterator
from typing import Any, cast

from core.importers.blocks import as_text, is_block
from core.importers.lines import UnreadableError, parse_json
from core.importers.paths import parsed_text
from core.importers.replies import first_said
from core.importers.roles import SAID, is_transcript, read_transcript, role_of
from core.importers.texts import scalar_text
from core.importers.turns import is_message, read_item, read_turn
from core.model import Message

_REQUEST = ("request", "request_body", "requestBody", "kwargs", "body", "inputs", "input")
_RESPONSE = (
    "response", "response_body", "responseBody", "output", "outputs", "output_messages", "result", "completion",
)  # fmt: skip
_ASKED = ("messages", "traj", "conversation", "contents", "input_messages")
_SYSTEM = ("system", "instructions", "system_instruction", "systemInstruction")
_QUESTIONS = ("prompt", "question", "query", "user_input", "input", "inputs", "request")
_QUESTION_IN = ("text", "content", "input", "question", "query", "prompt")
_ANSWER_IN = ("text", "content", "output", "answer", "response", "completion")
PARTS = frozenset((*_REQUEST, *_RESPONSE, *_ASKED, "choices", "candidates", "generations", "content", "message"))
"""Names under which an exchange keeps what was asked and what was answered."""


def read_messages(value: Any) -> tuple[Message, ...]:
    """The messages that a value holds, in order; an empty tuple where it holds nothing."""
    if value.__class__ is list:
        out: list[Message] = []
        new: Any = tuple.__new__  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        for item in value:
            # The shape of nearly all messages, taken without a closer look.
            if item.__class__ is dict and len(item) == 2:
                role, text = item.get("role"), item.get("content")
                if text.__class__ is str and role.__class__ is str and role in SAID:
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
        return bool(value) and all(is_message(item) for item in value[:5])
    if value.__class__ is dict:
        fields = cast(dict[str, Any], value)
        request: Any = fields.get("request")
        response: Any = fields.get("response")
        if request.__class__ is dict and ("messages" in request or "input" in request):
            return True
        return response.__class__ is dict and bool({"choices", "body"} & cast(dict[str, Any], response).keys())
    return False


def looks_like_exchange(value: Any) -> bool:
    """True for an object that holds what was asked and, in a shape that models answer in, what was answered."""
    fields = _opened(value)
    if fields.__class__ is not dict or not any(_is_reply(part) for part in _responses(fields)):
        return False
    roles = {message[0] for message in _wrapped(fields)}
    return "user" in roles and "assistant" in roles


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
        named: Any = fields.get("id") or [""]
        fields = {"type": scalar_text(named[-1]) if named.__class__ is list else "", **fields["kwargs"]}
    elif fields.get("message").__class__ is dict and "role" not in fields:
        fields = fields["message"]
    if any(key.startswith("message.") for key in fields):
        fields = {key.removeprefix("message."): inner for key, inner in fields.items()}
    if "role" not in fields and "content" not in fields and "from" in fields and "value" in fields:
        fields = {**fields, "role": fields["from"], "content": fields["value"]}
    yield from read_item(fields) if "role" not in fields else read_turn(fields, role_of(fields["role"]))


def unquoted(text: str) -> str:
    """The plain text that a JSON text holds; any other text as it is."""
    if text[:1] != '"' or text[-1:] != '"':
        return text
    try:
        inner = parse_json(text.encode("utf-8", "replace"))
    except UnreadableError:
        return text
    return inner if inner.__class__ is str else text


def _opened(value: Any) -> Any:
    """What a JSON text holds, a plain text inside one too; any other value as it is."""
    if value.__class__ is not str or value.lstrip()[:1] not in ("{", "[", '"'):
        return value
    inner = parsed_text(value)
    return unquoted(value) if inner is None else inner


def _wrapped(fields: dict[str, Any]) -> Iterator[Message]:
    """The messages of an object around them: a request and its response, or a single message."""
    if is_message(fields) and not any(fields.get(key).__class__ is list for key in _ASKED):
        yield from _message(fields)
        return
    requests = [part for key in _REQUEST if (part := _opened(fields.get(key))).__class__ is dict]
    asked = _first([*(_asked(part, whole=True) for part in requests), _asked(fields, whole=False), _question(fields)])
    answered = _first(map(_answered, sorted(_responses(fields), key=lambda part: not _is_reply(part))))
    if asked or answered:
        yield from _joined(asked, answered)
    else:
        yield Message("user", scalar_text(fields))


def _first(readings: Iterable[Iterator[Message]]) -> list[Message]:
    """The first of several readings that finds anything."""
    return next((found for reading in readings if (found := list(reading))), list[Message]())


def _asked(fields: dict[str, Any], *, whole: bool) -> Iterator[Message]:
    """The messages of a request; of an object that is not a request as a whole, only what is surely a chat."""
    body = _opened(fields.get("body"))
    if whole and body.__class__ is dict:
        yield from _asked(body, whole=True)
        return
    for key in (*_ASKED, "input", "inputs", "prompt", "request"):
        asked = _opened(fields.get(key))
        if asked and (whole or key in ("messages", "contents") or asked.__class__ is list or looks_like_chat(asked)):
            break
    else:
        return
    system: Any = next((fields[key] for key in _SYSTEM if fields.get(key)), None)
    if system:
        yield Message("system", as_text(system.get("parts", system) if system.__class__ is dict else system))
    if asked.__class__ is list and asked[0].__class__ is list:
        asked = asked[0]
    if key == "contents":
        # Where there is one turn, its role may be left out: it is the user's.
        turns: list[Any] = asked if asked.__class__ is list else [asked]
        asked = [{"role": "user", **turn} if turn.__class__ is dict else turn for turn in turns]
    yield from read_messages(asked)


def _question(fields: dict[str, Any]) -> Iterator[Message]:
    """What was asked in plain text beside a response."""
    for key in _QUESTIONS:
        text = _only_text(_opened(fields.get(key)), _QUESTION_IN)
        if text:
            yield from read_messages(text)
            return


def _only_text(value: Any, names: tuple[str, ...]) -> str | None:
    """A text, or the only one that an object holds under these names."""
    if value.__class__ is dict:
        texts = [value[key] for key in names if value.get(key).__class__ is str]
        value = texts[0] if len(texts) == 1 else None
    return value if value.__class__ is str and value and not value.isspace() else None


def _responses(fields: dict[str, Any]) -> list[Any]:
    """The parts of an object that may hold what was answered; last the object itself, without what was asked."""
    named = {*_ASKED, *_REQUEST, *_RESPONSE}
    beside = {key: inner for key, inner in fields.items() if key not in named}
    if not _is_reply(beside) and ("messages" in fields or beside.get("content").__class__ is not str):
        beside = {}  # no answer, though it may have a text
    return [*(fields[key] for key in _RESPONSE if key in fields), beside]


def _is_reply(value: Any) -> bool:
    """True for what models answer in: a message or several, choices, candidates, generations, blocks."""
    value = _opened(value)
    if value.__class__ is list:
        return looks_like_chat(value)
    if value.__class__ is not dict:
        return False
    fields = cast(dict[str, Any], value)
    content: Any = fields.get("content")
    return (
        first_said(fields) is not None
        or ("role" in fields and bool({"content", "parts", "tool_calls"} & fields.keys()))
        or (content.__class__ is list and bool(content) and all(map(is_block, content)))
        or any(_is_reply(fields.get(key)) for key in ("body", "message", "output", "messages"))
    )


def _answered(value: Any) -> Iterator[Message]:
    """What a response says; JSON text of no known shape is the answer as it stands."""
    inner = _opened(value)
    found: list[Message] = []
    if inner.__class__ is dict:
        found = list(_replied(cast(dict[str, Any], inner)))
    elif inner.__class__ is list and looks_like_chat(inner):
        found = list(read_messages(inner))
    if not found:
        text = inner if inner.__class__ is str or value.__class__ is not str else value
        text = _only_text(text, _ANSWER_IN)
        found = [Message("assistant", text)] if text else []
    yield from found


def _replied(fields: dict[str, Any]) -> Iterator[Message]:
    body = next((part for key in ("body", "message") if (part := _opened(fields.get(key))).__class__ is dict), None)
    said = first_said(fields)
    output: Any = _opened(fields.get("output"))
    messages: Any = _opened(fields.get("messages"))
    if body is not None:
        yield from _answered(body)
    elif said.__class__ is dict:
        yield from _message(said)
    elif said is not None:
        yield Message("assistant", scalar_text(said))
    elif output.__class__ is list or output.__class__ is dict:
        yield from _answered(output)
    elif messages.__class__ is list:
        yield from _answered(messages)
    elif "role" in fields and ("content" in fields or "tool_calls" in fields or "parts" in fields):
        yield from _message(fields)
    elif "content" in fields and "messages" not in fields:
        yield from read_turn(fields, "assistant")


def _joined(asked: list[Message], answered: list[Message]) -> list[Message]:
    """A conversation once, though a response may hold again what was asked, or all that was said before."""
    last = next((n for n in range(len(asked) - 1, -1, -1) if asked[n][0] == "user"), None)
    if last is None or asked[last] not in answered:
        return [*asked, *(answered[1:] if asked and answered[:1] == asked[-1:] else answered)]
    again = len(answered) - 1 - answered[::-1].index(asked[last])
    return [*max(asked[:last], answered[:again], key=len), *answered[again:]]
