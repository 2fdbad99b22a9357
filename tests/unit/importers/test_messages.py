"""Chat messages of every shape; nothing that was said is dropped."""

import json
from typing import Any

import pytest

from core.importers.messages import first_user_text, last_assistant_text, looks_like_chat, read_messages
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
SHAPES = {
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
        for name, value in SHAPES.items()
        if name
        not in (
            "list in list",
            "fine-tuning",
            "batch result",
            "messages beside response",
            "responses api",
            "json text twice",
        )
    ],
)
def test_a_conversation_is_recognised(shape: str) -> None:
    assert looks_like_chat(SHAPES[shape])


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
