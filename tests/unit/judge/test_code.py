"""Checks in code: what each says, what it refuses, and that no pattern can run away."""

import time
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
    ],
)
def test_what_a_check_says(name: str, settings: dict[str, Any], trace: ShownTrace, verdict: str | None) -> None:
    outcome = code.answer(code.read_settings(name, settings), trace)
    assert outcome.verdict == (None if verdict is None else Verdict(verdict))
    assert (outcome.critique is None) == (outcome.failure is not None) == (verdict is None)


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
        ("tool called", {}),
    ],
)
def test_settings_that_cannot_be_used_are_refused(name: str, settings: dict[str, Any]) -> None:
    with pytest.raises(UsageError):
        code.read_settings(name, settings)


def test_a_pattern_that_explodes_elsewhere_is_read_in_no_time() -> None:
    began = time.monotonic()
    held = code.read_settings("pattern", {"pattern": "(a+)+$"})
    assert code.answer(held, ShownTrace(output="a" * 100_000 + "!")).verdict is Verdict.FAIL
    assert time.monotonic() - began < 2


def test_a_version_is_another_one_for_any_other_setting() -> None:
    assert code.version_of({"check": "contains", "text": "a"}) != code.version_of({"check": "contains", "text": "b"})
