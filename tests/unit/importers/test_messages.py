"""Chat messages of every shape; nothing that was said is dropped."""

import json
from typing import Any

import pytest

from core.importers.messages import (
    first_user_text,
    last_assistant_text,
    looks_like_chat,
    looks_like_exchange,
    read_messages,
)
from core.importers.roles import role_of
from core.model import Message, ToolCall

ASKED = Message("user", "Frost?")
SAID = Message("assistant", "Cover the pots.")
CALL = ToolCall("c1", "weather", '{"place":"Oslo"}')
CALLED = Message("assistant", "", tool_calls=(CALL,))
ANSWERED = Message("tool", "cold", tool_call_id="c1")

OPENAI = [
    {"role": "user", "content": "Frost?"},
    {
        "role": "assistant",
        "content": None,
        "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "weather", "arguments": '{"place":"Oslo"}'}}
        ],
    },
    {"role": "tool", "tool_call_id": "c1", "content": "cold"},
    {"role": "assistant", "content": "Cover the pots."},
]
ANTHROPIC = [
    {"role": "user", "content": "Frost?"},
    {"role": "assistant", "content": [{"type": "tool_use", "id": "c1", "name": "weather", "input": {"place": "Oslo"}}]},
    {
        "role": "user",
        "content": [{"type": "tool_result", "tool_use_id": "c1", "content": [{"type": "text", "text": "cold"}]}],
    },
    {"role": "assistant", "content": [{"type": "text", "text": "Cover the pots."}]},
]
RESPONSES = [
    {"role": "user", "content": [{"type": "input_text", "text": "Frost?"}]},
    {"type": "function_call", "call_id": "c1", "id": "fc_9", "name": "weather", "arguments": '{"place":"Oslo"}'},
    {"type": "function_call_output", "call_id": "c1", "output": "cold"},
    {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Cover the pots."}]},
]
PARTS = [
    {"role": "user", "parts": [{"type": "text", "content": "Frost?"}]},
    {"role": "model", "parts": [{"type": "tool_call", "id": "c1", "name": "weather", "arguments": {"place": "Oslo"}}]},
    {"role": "tool", "parts": [{"type": "tool_call_response", "id": "c1", "result": "cold"}]},
    {"role": "assistant", "parts": [{"type": "text", "content": "Cover the pots."}], "finish_reason": "stop"},
]
LANGCHAIN = [
    {"lc": 1, "type": "constructor", "id": ["langchain", "HumanMessage"], "kwargs": {"content": "Frost?"}},
    {"type": "ai", "content": "", "tool_calls": [{"id": "c1", "name": "weather", "args": {"place": "Oslo"}}]},
    {"type": "tool", "content": "cold", "tool_call_id": "c1"},
    {"lc": 1, "id": ["langchain", "AIMessage"], "kwargs": {"content": "Cover the pots."}},
]
OPENINFERENCE = [
    {"message.role": "user", "message.content": "Frost?"},
    {
        "message": {
            "role": "assistant",
            "tool_calls": [
                {"tool_call": {"id": "c1", "function": {"name": "weather", "arguments": '{"place":"Oslo"}'}}}
            ],
        }
    },
    {"message.role": "tool", "message.tool_call_id": "c1", "message.content": "cold"},
    {"message.role": "assistant", "message.content": "Cover the pots."},
]
SHAPES: dict[str, Any] = {
    "openai": OPENAI,
    "anthropic": ANTHROPIC,
    "responses": RESPONSES,
    "parts": PARTS,
    "langchain": LANGCHAIN,
    "openinference": OPENINFERENCE,
    "json text": json.dumps(OPENAI),
    "json text twice": json.dumps(json.dumps(ANTHROPIC)),
    "list in list": [OPENAI],
    "request and response": {
        "request": {"model": "m", "messages": OPENAI[:-1]},
        "response": {"choices": [{"message": OPENAI[-1]}]},
    },
    "request and anthropic response": {
        "request": {"messages": ANTHROPIC[:-1]},
        "response": {"id": "msg", "type": "message", **ANTHROPIC[-1]},
    },
    "messages beside response": {"messages": OPENAI[:-1], "response": {"choices": [{"message": OPENAI[-1]}]}},
    "batch output": {
        "custom_id": "x",
        "messages": OPENAI[:-1],
        "response": {"status_code": 200, "body": {"choices": [{"message": OPENAI[-1]}]}},
    },
    "batch result": {
        "custom_id": "x",
        "messages": ANTHROPIC[:-1],
        "result": {"type": "succeeded", "message": ANTHROPIC[-1]},
    },
    "fine-tuning": {"messages": OPENAI},
    "responses api": {"input": RESPONSES[:-1], "output": RESPONSES[-1:]},
}
CHOICES = [{"index": 0, "message": OPENAI[-1], "finish_reason": "stop"}]
EXCHANGES: dict[str, Any] = {
    "message beside messages": {"input": OPENAI[:-1], "output": OPENAI[-1]},
    "messages in input": {"input": {"messages": OPENAI[:-1]}, "output": OPENAI[-1]},
    "answer after what was asked": {"inputs": {"messages": OPENAI[:1]}, "outputs": {"messages": OPENAI}},
    "answer after a part of what was asked": {"inputs": {"messages": OPENAI[:-1]}, "outputs": {"messages": OPENAI}},
    "generations": {
        "inputs": {"messages": [LANGCHAIN[:-1]]},
        "outputs": {"generations": [[{"text": "Cover the pots.", "message": LANGCHAIN[-1]}]]},
    },
    "choices beside messages": {"messages": OPENAI[:-1], "choices": CHOICES},
    "choices in output": {"messages": OPENAI[:-1], "output": {"choices": CHOICES}},
    "choices in completion": {"messages": OPENAI[:-1], "completion": {"choices": CHOICES}},
    "inputs and choices in outputs": {"inputs": OPENAI[:-1], "outputs": {"choices": CHOICES}},
    "json text of both": {
        "request": json.dumps({"messages": OPENAI[:-1]}),
        "response": json.dumps({"choices": CHOICES}),
    },
    "bodies": {"request_body": {"messages": OPENAI[:-1]}, "response_body": {"choices": CHOICES}},
    "bodies of a proxy": {
        "request": {"method": "POST", "body": {"messages": OPENAI[:-1]}},
        "response": {"status": 200, "body": json.dumps({"choices": CHOICES})},
    },
    "blocks beside messages": {
        "messages": ANTHROPIC[:-1],
        "content": ANTHROPIC[-1]["content"],
        "stop_reason": "end_turn",
    },
    "message beside the messages": {"messages": OPENAI[:-1], "message": OPENAI[-1], "done": True},
    "bare message with its request": {"type": "message", **ANTHROPIC[-1], "messages": ANTHROPIC[:-1]},
    "responses with a thought": {
        "input": RESPONSES[:-1],
        "output": [{"type": "reasoning", "summary": []}, RESPONSES[-1]],
    },
    "contents and candidates": {
        "contents": [{"parts": [{"text": "Frost?"}]}, *PARTS[1:-1]],
        "candidates": [{"content": {"role": "model", "parts": [{"text": "Cover the pots."}]}}],
    },
    "message in output": {"input": {"messages": ANTHROPIC[:-1]}, "output": {"message": ANTHROPIC[-1]}},
}
SHAPES.update(EXCHANGES)


@pytest.mark.parametrize("shape", SHAPES)
def test_one_conversation_reads_the_same_in_every_shape(shape: str) -> None:
    messages = read_messages(SHAPES[shape])
    assert messages == (ASKED, CALLED, ANSWERED, SAID)
    assert first_user_text(messages) == "Frost?"
    assert last_assistant_text(messages) == "Cover the pots."


@pytest.mark.parametrize(
    "shape",
    [
        name
        for name in SHAPES
        if name
        not in (
            "list in list",
            "fine-tuning",
            "batch result",
            "messages beside response",
            "responses api",
            "json text twice",
            *EXCHANGES,
        )
    ],
)
def test_a_conversation_is_recognised(shape: str) -> None:
    assert looks_like_chat(SHAPES[shape])


@pytest.mark.parametrize("shape", [*EXCHANGES, "request and response", "batch output", "batch result", "responses api"])
def test_an_exchange_is_recognised(shape: str) -> None:
    assert looks_like_exchange(SHAPES[shape])
    assert looks_like_exchange(json.dumps(SHAPES[shape]))


@pytest.mark.parametrize(
    "value",
    [
        None,
        {},
        {"messages": OPENAI},
        {"messages": OPENAI[:-1]},
        {"messages": OPENAI[:-1], "output": "Cover the pots."},
        {"messages": OPENAI[:-1], "response": {"error": "timed out"}},
        {"input": "Frost?", "output": "Cover the pots."},
        {"input": {"text": "Frost?"}, "output": {"text": "Cover the pots.", "score": 1}},
        {"question": "Which is it?", "choices": [{"text": "This"}, {"text": "That"}]},
        {"question": "Which is it?", "content": [{"title": "A page", "text": "On frost."}]},
        {"choices": CHOICES},
        OPENAI[0],
    ],
    ids=str,
)
def test_what_is_no_exchange_is_not_taken_for_one(value: Any) -> None:
    assert not looks_like_exchange(value)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"prompt": "Frost?", "choices": [{"text": "Cover the pots."}]}, [ASKED, SAID]),
        ({"question": "Frost?", "output": {"choices": CHOICES}}, [ASKED, SAID]),
        ({"input": {"text": "Frost?"}, "output": OPENAI[-1]}, [ASKED, SAID]),
        ({"input": OPENAI[:1], "output": "Cover the pots."}, [ASKED, SAID]),
        ({"input": OPENAI[:1], "output": '"Cover the pots."'}, [ASKED, SAID]),
        ({"input": OPENAI[:1], "output": {"text": "Cover the pots.", "score": 1}}, [ASKED, SAID]),
        ({"input": OPENAI[:1], "output": '{"cover": true}'}, [ASKED, Message("assistant", '{"cover": true}')]),
        ({"input": OPENAI[:1], "output": {"error": "timed out"}}, [ASKED]),
        ({"messages": OPENAI[:1], "result": "success", "choices": CHOICES}, [ASKED, SAID]),
        (
            {"systemInstruction": {"parts": [{"text": "Be brief"}]}, "contents": "Frost?", "candidates": []},
            [Message("system", "Be brief"), ASKED],
        ),
        (
            {"inputs": {"messages": [{"role": "system", "content": "Be brief"}, OPENAI[0]]}, "outputs": {"messages": OPENAI}},
            [Message("system", "Be brief"), ASKED, CALLED, ANSWERED, SAID],
        ),
        (
            {"input": OPENAI[:1], "output": {"messages": [OPENAI[-1], *OPENAI[:1], OPENAI[-1]]}},
            [SAID, ASKED, SAID],
        ),
        (
            [{"type": "web_search_call", "id": "w1", "status": "completed", "action": {"query": "frost"}}],
            [Message("assistant", "", tool_calls=(ToolCall("w1", "web_search", '{"query":"frost"}'),))],
        ),
        (
            [{"type": "mcp_call", "id": "m1", "name": "soil", "arguments": "{}", "output": "wet"}],
            [Message("assistant", "", tool_calls=(ToolCall("m1", "soil", "{}"),)), Message("tool", "wet", tool_call_id="m1")],
        ),
    ],
)  # fmt: skip
def test_an_exchange_holds_once_what_was_asked_and_what_was_answered(value: Any, said: list[Message]) -> None:
    assert list(read_messages(value)) == said


@pytest.mark.parametrize(
    "value",
    [None, "", "Hello", "Note: this is no chat", [], {}, [1, 2], ["a"], {"role": "x"}, [{"a": 1}], '["a"]', "{"],
)
def test_what_is_no_conversation_is_not_taken_for_one(value: Any) -> None:
    assert not looks_like_chat(value)


@pytest.mark.parametrize(
    ("value", "messages"),
    [
        (None, []),
        ("", []),
        ([], []),
        ("Just a question", [Message("user", "Just a question")]),
        ([{"role": "assistant", "content": None}], [Message("assistant", "")]),
        ([{"role": "assistant", "content": None, "refusal": "No."}], [Message("assistant", "No.")]),
        (
            [{"role": "assistant", "content": "", "function_call": {"name": "f", "arguments": "{}"}}],
            [Message("assistant", "", tool_calls=(ToolCall("", "f", "{}"),))],
        ),
        ([{"role": "function", "name": "f", "content": "4"}], [Message("tool", "4", name="f")]),
        (
            [
                {
                    "role": "user",
                    "content": [
                        {"type": "tool_result", "tool_use_id": "t", "content": "gone", "is_error": True},
                        {"type": "text", "text": "Try again"},
                    ],
                }
            ],
            [Message("tool", "gone", tool_call_id="t", error=True), Message("user", "Try again")],
        ),
        (
            [
                {
                    "role": "assistant",
                    "content": [{"type": "thinking", "thinking": "Hm."}, {"type": "text", "text": "Yes"}],
                }
            ],
            [Message("thinking", "Hm."), Message("assistant", "Yes")],
        ),
        (
            [
                {
                    "role": "user",
                    "content": [{"type": "text", "text": "See"}, {"type": "image_url", "image_url": {"url": "data:x"}}],
                }
            ],
            [Message("user", "See\n[image]")],
        ),
        (
            [{"role": "user", "content": [{"type": "document", "title": "Plan"}, {"type": "text", "text": "Read"}]}],
            [Message("user", "[document: Plan]\nRead")],
        ),
        ([{"role": "user", "content": [{"type": "odd", "x": 1}]}], [Message("user", '{"type":"odd","x":1}')]),
        ([{"role": "user", "content": {"a": 1}}], [Message("user", '{"a":1}')]),
        ([{"role": "user", "content": 5}], [Message("user", "5")]),
        ([{"unknown": "shape"}], [Message("user", '{"unknown":"shape"}')]),
        (["first", 2, None], [Message("user", "first"), Message("user", "2"), Message("user", "")]),
        (
            [{"from": "human", "value": "Hi"}, {"from": "gpt", "value": "Ho"}],
            [Message("user", "Hi"), Message("assistant", "Ho")],
        ),
        ([{"role": "asssistant", "content": "typo"}], [Message("assistant", "typo")]),
        ([{"role": "critic", "content": "own role"}], [Message("critic", "own role")]),
        ({"role": "user", "content": "alone"}, [Message("user", "alone")]),
        ([{"lc": 1, "id": 5, "kwargs": {"content": "Hi"}}], [Message("assistant", "Hi")]),
        ([{"role": ["user"], "content": "Hi"}], [Message('["user"]', "Hi")]),
        ({"some": "object"}, [Message("user", '{"some":"object"}')]),
        (
            {
                "request": {"system": "Be brief", "messages": [{"role": "user", "content": "Hi"}]},
                "response": {"content": "Ho"},
            },
            [Message("system", "Be brief"), Message("user", "Hi"), Message("assistant", "Ho")],
        ),
        (
            "USER: Hi | AGENT: Let me look | TOOL (db): found | AGENT: Done\nwith care",
            [
                Message("user", "Hi"),
                Message("assistant", "Let me look"),
                Message("tool", "found", name="db"),
                Message("assistant", "Done\nwith care"),
            ],
        ),
        ("User: Hi\nAssistant: Ho", [Message("user", "Hi"), Message("assistant", "Ho")]),
    ],
    ids=lambda value: (
        json.dumps(value, default=str)[:60] if not isinstance(value, list) or value[:1] != [Message] else ""
    ),
)
def test_an_odd_shape_is_kept_as_what_it_says(value: Any, messages: list[Message]) -> None:
    assert list(read_messages(value)) == messages


@pytest.mark.parametrize(
    ("name", "role"),
    [("Human", "user"), ("AI", "assistant"), ("developer", "system"), (" User ", "user"), ("", "user"), (None, "user")],
)
def test_roles_have_one_name(name: Any, role: str) -> None:
    assert role_of(name) == role
