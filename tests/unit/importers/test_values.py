"""Verdict words, times and dimension values."""

from datetime import datetime
from typing import Any

import pytest

from core.importers.paths import Composite
from core.importers.values import Words, dimension_values, read_time


@pytest.mark.parametrize(
    ("yes", "no", "value", "said"),
    [
        (["PASS"], ["FAIL"], "PASS", True),
        (["PASS"], ["FAIL"], " FAIL ", False),
        (["PASS"], ["FAIL"], "pass", None),
        (["PASS"], ["FAIL"], "maybe", None),
        ([1], [0], 1, True),
        ([1], [0], 1.0, True),
        ([1.0], [0.0], 0, False),
        ([1], [0], "1", True),
        ([1], [0], "1.0", True),
        ([1], [0], True, None),
        ([True], [False], 1, None),
        ([True], [False], True, True),
        ([True], [False], "True", True),
        ([True], [False], "false", False),
        (["1"], ["0"], 1, True),
        (["true"], ["false"], True, True),
        ([0], [1], 1, False),
        ([1, True], [0, False], False, False),
        (["a"], ["b"], ["a"], True),
        (["a"], ["b"], ["a", "b"], None),
        (["a"], ["b"], {"a": 1}, None),
    ],
)
def test_a_value_is_compared_by_kind_and_never_guessed(yes: list[Any], no: list[Any], value: Any, said: Any) -> None:
    assert Words(yes, no).read(value) is said


NOON = datetime.fromisoformat("2026-10-02T12:00:00")


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2026-10-02T12:00:00Z", NOON),
        ("2026-10-02T12:00:00", NOON),
        ("2026-10-02 12:00:00", NOON),
        (" 2026-10-02 12:00:00 ", NOON),
        ("2026-10-02T14:00:00+02:00", NOON),
        ("2026-10-02T06:30:00-0530", NOON),
        ("2026-10-02 12:00:00 UTC", NOON),
        ("2026-10-02 12:00:00 +0000", NOON),
        ("2026-10-02T12:00:00.123456789Z", NOON.replace(microsecond=123456)),
        ("2026-10-02", NOON.replace(hour=0)),
        ("20261002", NOON.replace(hour=0)),
        ("Fri, 02 Oct 2026 12:00:00 GMT", NOON),
        (1790942400, NOON),
        (1790942400.5, NOON.replace(microsecond=500000)),
        (1790942400123, NOON.replace(microsecond=123000)),
        (1790942400123456, NOON.replace(microsecond=123456)),
        (1790942400123456789, NOON.replace(microsecond=123456)),
        ("1790942400123456789", NOON.replace(microsecond=123456)),
        ("1790942400.5", NOON.replace(microsecond=500000)),
        ("yesterday", None),
        ("2026-13-01", None),
        ("2026-10-02T12:00:00+01:00Z", None),
        ("", None),
        (45000, None),
        (0, None),
        (-1, None),
        (10**30, None),
        (True, None),
        ({"a": 1}, None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_a_time_is_read_as_utc(value: Any, moment: datetime | None) -> None:
    assert read_time(value) == moment


@pytest.mark.parametrize(
    ("value", "values"),
    [
        ("search", ["search"]),
        (" padded ", ["padded"]),
        (True, ["true"]),
        (False, ["false"]),
        (3, ["3"]),
        (3.0, ["3"]),
        (0.25, ["0.25"]),
        (["a", "b", "a", "", None], ["a", "b"]),
        ('["a", "b"]', ["a", "b"]),
        ("[not json", ["[not json"]),
        ([{"a": 1}, "x"], ["x"]),
        (Composite(("a", None, 2)), ["a:2"]),
        ("x" * 201, ["x" * 199 + "…"]),
        ("x" * 200, ["x" * 200]),
        (None, []),
        ("", []),
        ("  ", []),
        ([], []),
        ({"a": 1}, []),
        (float("nan"), []),
        (123456789012345678901234567890, ["123456789012345678901234567890"]),
    ],
)
def test_dimension_values_are_short_texts(value: Any, values: list[str]) -> None:
    assert dimension_values(value) == values
