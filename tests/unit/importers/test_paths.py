"""Path expressions."""

from typing import Any

import pytest

from core.importers.paths import AnyOf, Composite, PathError, PathSpec, compile_path, is_empty, parse_path, quoted_key
from tests.unit.importers.samples import record

VALUE = {
    "id": 7,
    "info": {"task": {"id": "t1", "empty": ""}},
    "scores": {"gpt-3.5-turbo": 1, "a.b": 2},
    "flat.name": "whole",
    "items": [{"n": 1}, {"n": 2, "tags": ["x", "y"]}, {"m": 3}],
    "nested": [[1, 2], [3]],
    "text": '{"inner": {"deep": [10, 20]}, "list": [1]}',
    "twice": '"{\\"a\\": 5}"',
    "Expert label": "bad",
    "spaced [odd]": "no",
    "nothing": None,
}


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("id", 7),
        ("info.task.id", "t1"),
        ("Expert label", "bad"),
        ('scores."gpt-3.5-turbo"', 1),
        ("scores.'a.b'", 2),
        ("flat.name", "whole"),
        ("items[0].n", 1),
        ("items[-1].m", 3),
        ("items[9].n", None),
        ("items[*].n", [1, 2]),
        ("items[*].tags", ["x", "y"]),
        ("nested[*]", [[1, 2], [3]]),
        ("nested[*][0]", [1, 3]),
        ("scores[*]", [1, 2]),
        ("text.inner.deep[1]", 20),
        ("text.list", [1]),
        ("twice.a", 5),
        ("id.deeper", None),
        ("none.at.all", None),
        ("nothing.at.all", None),
        ("info[0]", None),
        ("=fixed text", "fixed text"),
        ("=", ""),
        ("@file", "log"),
        ("@folder", "runs"),
        ("@line", 12),
        ("@key", "k1"),
        (".", VALUE),
        ("^.id", 7),
        (("info.task.id", "id"), Composite(("t1", 7))),
        (("@file", "none"), Composite(("log", None))),
        (AnyOf(("none", "info.task.empty", "info.task.id")), "t1"),
        (AnyOf(("none", "nothing")), None),
        (AnyOf((("none", "nothing"), "id")), 7),
    ],
)
def test_a_path_leads_to_its_value(path: PathSpec, expected: Any) -> None:
    getter = compile_path(path, file="log", folder="runs")
    assert getter(VALUE, record(VALUE, line=12, key="k1")) == expected


def test_a_caret_leads_from_an_element_back_to_its_record() -> None:
    getter = compile_path("^.info.task.id")
    assert getter({"id": "element"}, record(VALUE)) == "t1"


@pytest.mark.parametrize("path", ["", "a..b", ".a", "a.", "a[", "a[x]", 'a."open', "a[0]b", "@unknown", "a]", '"a"b'])
def test_a_path_that_cannot_be_read_is_refused(path: str) -> None:
    with pytest.raises(PathError):
        compile_path(path)


@pytest.mark.parametrize(
    "key", ["plain", "with space", "a.b", 'quo"te', "back\\slash", "[0]", "=x", "@file", "^", "", "ü"]
)
def test_any_key_can_be_written_as_a_step(key: str) -> None:
    assert parse_path(quoted_key(key)) == (key,)


@pytest.mark.parametrize("value", [None, "", "  \n", [], {}, float("nan"), Composite((None, ""))])
def test_what_counts_as_empty(value: Any) -> None:
    assert is_empty(value)


@pytest.mark.parametrize("value", [0, False, 0.0, "no", " x ", [None], {"a": None}, Composite((None, 0))])
def test_what_does_not_count_as_empty(value: Any) -> None:
    assert not is_empty(value)


def test_text_that_is_deeply_nested_json_is_not_entered() -> None:
    assert compile_path("a.b")({"a": '{"b":' * 5_000}, record({})) is None
    assert compile_path("a.b")({"a": '{"b":' + "[" * 200 + "]" * 200 + "}"}, record({})) is None
