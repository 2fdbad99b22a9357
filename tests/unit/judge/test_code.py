"""Checks in code: what each says, what it refuses, and that no pattern can run away."""

from typing import Any

import pytest

from core.errors import UsageError
from core.judge import code
from core.judge.seen import ShownTrace
from core.model import Message, ToolCall, Verdict

TRACE = ShownTrace(
    messages=(
        Message("user", "hi"),
        Message("assistant", "", tool_calls=(ToolCall("1", "search", "{}"),)),
        Message("assistant", 'The Price is {"eur": 5}.'),
    ),
    duration_ms=1200.0,
)
UNANSWERED = ShownTrace(messages=(Message("user", "hi"),))
CALLED_ONLY = ShownTrace(messages=(Message("assistant", "", tool_calls=(ToolCall("1", "search", "{}"),)),))
WORDLESS = ShownTrace(messages=(Message("user", "hi"), Message("assistant", "")))
JSON = ShownTrace(output='{"price": 5, "name": "rose"}')
SCHEMA = {"type": "object", "properties": {"price": {"type": "number", "maximum": 4}}, "required": ["price"]}


@pytest.mark.parametrize(
    ("name", "settings", "trace", "verdict"),
    [
        ("contains", {"text": "price"}, TRACE, "pass"),
        ("contains", {"text": "price", "absent": True}, TRACE, "fail"),
        ("contains", {"text": "sorry"}, TRACE, "fail"),
        ("pattern", {"pattern": r"eur\W+\d"}, TRACE, "pass"),
        ("pattern", {"pattern": r"^Price"}, TRACE, "fail"),
        ("json schema", {"schema": {"type": "object", "required": ["price"]}}, JSON, "pass"),
        ("json schema", {"schema": SCHEMA}, JSON, "fail"),
        ("json schema", {"schema": SCHEMA}, TRACE, "fail"),
        ("length", {"least": 1, "most": 100}, TRACE, "pass"),
        ("length", {"least": 1, "most": 5}, TRACE, "fail"),
        ("length", {"most": 100}, TRACE, "pass"),
        ("latency", {"most_ms": 1200}, TRACE, "pass"),
        ("latency", {"most_ms": 1199}, TRACE, "fail"),
        ("latency", {"most_ms": 1199}, JSON, None),
        ("tool called", {"tool": "search"}, TRACE, "pass"),
        ("tool called", {"tool": "book"}, TRACE, "fail"),
        ("tool called", {"tool": "search", "absent": True}, TRACE, "fail"),
        ("tool called", {"tool": "search", "absent": False}, TRACE, "pass"),
        ("tool called", {"tool": "search"}, UNANSWERED, "fail"),
        ("tool called", {"tool": "search"}, JSON, None),
        ("tool called", {"tool": "search", "absent": True}, JSON, None),
        ("contains", {"text": "sorry", "absent": True}, UNANSWERED, None),
        ("contains", {"text": "sorry", "absent": True}, CALLED_ONLY, None),
        ("contains", {"text": "sorry", "absent": True}, WORDLESS, "pass"),
        ("pattern", {"pattern": "sorry", "absent": True}, UNANSWERED, None),
        ("json schema", {"schema": SCHEMA}, UNANSWERED, None),
        ("length", {"most": 10}, UNANSWERED, None),
        ("length", {"least": 1, "most": 10}, ShownTrace(output=""), "fail"),
    ],
)
def test_what_a_check_says(name: str, settings: dict[str, Any], trace: ShownTrace, verdict: str | None) -> None:
    outcome = code.answer(code.read_settings(name, settings), trace)
    assert outcome.verdict == (None if verdict is None else Verdict(verdict))
    assert (outcome.critique is None) == (outcome.failure is not None) == (verdict is None)


def test_what_is_missing_is_said() -> None:
    sorry = code.read_settings("contains", {"text": "sorry", "absent": True})
    assert code.answer(sorry, UNANSWERED).failure == "no answer is recorded"
    called = code.read_settings("tool called", {"tool": "search"})
    assert code.answer(called, JSON).failure == "no messages are recorded, so no tool calls"


def test_a_check_that_breaks_gives_a_judge_failure() -> None:
    outcome = code.answer({"check": "length", "most": "many"}, TRACE)
    assert (outcome.verdict, outcome.failure) == (None, "the check could not answer (ValueError)")


def test_every_check_is_in_the_table_above() -> None:
    marks = getattr(test_what_a_check_says, "pytestmark")  # noqa: B009
    assert {row[0] for row in marks[0].args[1]} == set(code.BY_NAME)


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("unknown", {}),
        ("contains", {"text": " "}),
        ("pattern", {"pattern": "("}),
        ("pattern", {"pattern": r"(?=look)"}),
        ("pattern", {"pattern": "a" * 2000}),
        ("json schema", {"schema": {"type": "nothing"}}),
        ("json schema", {"schema": {"properties": {"a": {"pattern": "(a+)+$"}}}}),
        ("json schema", {"schema": {"$ref": "https://elsewhere"}}),
        ("json schema", {"schema": "text"}),
        ("length", {"least": 5, "most": 1}),
        ("length", {"least": "x", "most": 1}),
        ("length", {"least": 0, "most": float("inf")}),
        ("latency", {"most_ms": 0}),
        ("json schema", {"schema": {"properties": {"a": {"properties": {"b": {"format": "date"}}}}}}),
        ("json schema", {"schema": {"anyOf": [{"pattern": "a"}]}}),
        ("json schema", {"schema": {"$defs": {"a": {"$ref": "#"}}}}),
        ("tool called", {}),
    ],
)
def test_settings_that_cannot_be_used_are_refused(name: str, settings: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        code.read_settings(name, settings)


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "object", "properties": {"format": {"type": "string"}, "pattern": {}}, "required": ["format"]},
        {"properties": {"a": {"$defs": {"$ref": {"type": "string"}}}}},
        {"properties": {"a": {"const": {"pattern": "(a+)+$"}}}, "dependentRequired": {"format": ["a"]}},
    ],
)
def test_only_keywords_of_a_schema_are_refused_and_no_names_or_values(schema: dict[str, Any]) -> None:
    assert code.read_settings("json schema", {"schema": schema})["schema"] == schema


@pytest.mark.parametrize(
    ("name", "settings", "words"),
    [
        (
            "contains",
            {"text": "x", "absent": "false"},
            '«absent» is true or false, without quotation marks, not "false"',
        ),
        ("contains", {"text": "x", "absent": 1}, "«absent» is true or false"),
        ("contains", {"text": "x", "absent": None}, "not null"),
        ("contains", {"text": 5}, "«text» is a text, not 5"),
        ("length", {"most": "800"}, '«most» is a whole number, not "800"'),
        ("length", {"most": True}, "«most» is a whole number, not true"),
        ("latency", {"most_ms": 1199.5}, "«most_ms» is a whole number, not 1199.5"),
        ("json schema", {"schema": "{"}, "«schema» cannot be read as JSON"),
        ("json schema", {"schema": ["a"]}, "«schema» is a JSON object"),
        (
            "contains",
            {"text": "x", "abscent": True},
            "The check «contains» has no setting «abscent». Known: text, absent.",
        ),
    ],
)
def test_a_setting_of_another_type_or_name_is_refused_and_never_guessed(
    name: str, settings: dict[str, Any], words: str
) -> None:
    with pytest.raises(UsageError) as refused:
        code.read_settings(name, settings)
    assert words in str(refused.value)


def test_a_whole_number_may_be_written_with_a_point_and_a_schema_as_text() -> None:
    assert code.read_settings("length", {"most": 800.0}) == code.read_settings("length", {"most": 800})
    assert code.read_settings("json schema", {"schema": '{"type": "object"}'})["schema"] == {"type": "object"}


def test_a_pattern_that_explodes_elsewhere_is_read_in_no_time() -> None:
    held = code.read_settings("pattern", {"pattern": "(a+)+$"})
    assert code.answer(held, ShownTrace(output="a" * 100_000 + "!")).verdict is Verdict.FAIL


def test_a_version_is_another_one_for_any_other_setting() -> None:
    assert code.version_of({"check": "contains", "text": "a"}) != code.version_of({"check": "contains", "text": "b"})
