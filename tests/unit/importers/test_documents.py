"""JSON documents: where the records are, and what stands around them."""

import json
from typing import Any

import pytest

from core.errors import InputError
from core.importers import Record
from core.importers.lines import MAX_DEPTH
from tests.unit.importers.samples import read_bytes

A, B = {"id": "a", "input": "x"}, {"id": "b", "input": "y"}
CHAT = [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ([A, B], [(None, A), (None, B)]),
        ({"runs": [A, B], "page": 1, "next": None}, [("runs", A), ("runs", B)]),
        ({"helpfulness": [A, B]}, [("helpfulness", A), ("helpfulness", B)]),
        ({"one": [A], "two": [B]}, [("one", A), ("two", B)]),
        ({"k1": A, "k2": B}, [("k1", A), ("k2", B)]),
        (A, [(None, A)]),
        ({"id": "t", "messages": CHAT}, [(None, {"id": "t", "messages": CHAT})]),
        ({"messages": CHAT}, [(None, {"messages": CHAT})]),
        ({"id": "t", "input": "x", "items": [A, B]}, [(None, {"id": "t", "input": "x", "items": [A, B]})]),
        ({"info": {"state": "OK"}, "data": {"spans": []}}, [(None, {"info": {"state": "OK"}, "data": {"spans": []}})]),
        (CHAT, [(None, CHAT)]),
        ([], []),
        ({}, [(None, {})]),
        ([1, "two", None], [(None, 1), (None, "two"), (None, None)]),
    ],
)
def test_records_are_found_without_a_path(document: Any, expected: list[tuple[str | None, Any]]) -> None:
    records, bad = read_bytes("log.json", json.dumps(document, indent=1))
    assert bad == []
    assert [(r.key, r.value) for r in records] == expected
    assert [json.loads(r.raw) for r in records] == [value for _, value in expected]


@pytest.mark.parametrize(
    ("path", "document", "expected"),
    [
        ("data.items", {"data": {"items": [A, B]}, "meta": [1]}, [("items", A), ("items", B)]),
        ("data", {"data": {"x": A, "y": B}}, [("x", A), ("y", B)]),
        ("[*]", {"m1": [A], "m2": [B]}, [("m1", A), ("m2", B)]),
        ("[*]", {"k1": A, "k2": B}, [("k1", A), ("k2", B)]),
        ("pages[*].items", {"pages": [{"items": [A]}, {"items": [B]}]}, [("items", A), ("items", B)]),
        ("[0]", [[A, B]], [(None, A), (None, B)]),
        ('"a.b"', {"a.b": [A]}, [("a.b", A)]),
        (".", {"runs": [A, B]}, [(None, {"runs": [A, B]})]),
        ("trace", {"trace": A}, [("trace", A)]),
    ],
)
def test_records_are_found_under_a_path(path: str, document: Any, expected: list[tuple[str | None, Any]]) -> None:
    records, _ = read_bytes("log.json", json.dumps(document), path)
    assert [(r.key, r.value) for r in records] == expected


@pytest.mark.parametrize("path", ["items", "runs.none", "a..b", "runs["])
def test_a_path_that_leads_nowhere_is_said(path: str) -> None:
    with pytest.raises(InputError) as refused:
        read_bytes("log.json", json.dumps({"runs": [A]}), path)
    assert f'"{path}"' in refused.value.message
    assert refused.value.remedy


def test_a_records_path_serves_for_each_line_of_json_lines() -> None:
    text = "\n".join(json.dumps({"batch": [A, B], "n": n}) for n in range(2)) + "\n"
    records, _ = read_bytes("log.jsonl", text, "batch")
    assert [(r.line, r.position, r.value["id"]) for r in records] == [
        (1, 0, "a"),
        (1, 1, "b"),
        (2, 2, "a"),
        (2, 3, "b"),
    ]


def test_a_document_in_utf16_is_read() -> None:
    records, bad = read_bytes("log.json", json.dumps([A, B]).encode("utf-16"))
    assert ([r.value for r in records], bad) == ([A, B], [])


def test_a_number_of_thirty_digits_is_kept() -> None:
    records, _ = read_bytes("log.json", '[{"id": 123456789012345678901234567890}]')
    assert records[0].value == {"id": 123456789012345678901234567890}
    assert records[0].raw == '{"id":123456789012345678901234567890}'


def test_one_record_too_deep_leaves_the_others() -> None:
    deep: Any = "x"
    for _ in range(MAX_DEPTH + 1):
        deep = [deep]
    records, bad = read_bytes("log.json", json.dumps([A, {"deep": deep}, B]))
    assert [r.value for r in records] == [A, B]
    assert bad[0].reason == "record 2: it is nested deeper than 64 levels"


@pytest.mark.parametrize("text", ["[" * 100_000, '{"a":' * 100_000, "[" * 2_000 + "]" * 2_000])
def test_a_document_that_could_bring_a_parser_down_is_one_bad_line(text: str) -> None:
    records, bad = read_bytes("log.json", text)
    assert (records, len(bad)) == ([], 1)
    assert "deeper than 64 levels" in bad[0].reason


def test_a_broken_document_is_reported_with_line_and_column_and_gives_no_half() -> None:
    records, bad = read_bytes("log.json", '[{"id": 1},\n {"id": 2},\n oops]')
    assert records == []
    assert bad[0].reason.startswith("not valid JSON at line 3, column 2")


@pytest.mark.parametrize("text", ["", "  \n "])
def test_an_empty_document_has_no_records(text: str) -> None:
    from core.importers import Source, find_importer

    assert list(find_importer("json").read(Source.from_bytes("log.json", text.encode()))) == []


@pytest.mark.parametrize(
    ("name", "text", "format_name"),
    [
        ("a.json", '{"id": 1}\n{"id": 2}\n', "jsonl"),
        ("a.jsonl", '{"id": 1}', "jsonl"),
        ("a.json", '{"id": 1}', "json"),
        ("a.jsonl", '{\n "id": 1\n}', "json"),
        ("a.jsonl", '[\n{"id": 1},\n{"id": 2}\n]', "json"),
        ("a.jsonl", 'broken\n{"id": 2}\n', "jsonl"),
        ("app.log", 'ready.\n{"id": 1}\n{"id": 2}\n', "jsonl"),
        ("stdin", '{"id": 1}\nbroken\n{"id": 2}\n{"id": 3}\n', "jsonl"),
        ("a.txt", "a,b\n1,2\n3,4\n", "csv"),
        ("a.csv", "only one column\nx\n", "csv"),
        ("a.csv", '{"json": "in a csv"}\n', "csv"),
    ],
)
def test_a_format_is_told_from_the_content_more_than_from_the_name(name: str, text: str, format_name: str) -> None:
    from core.importers import Source, detect

    importer = detect(Source.from_bytes(name, text.encode()).head())
    assert importer is not None
    assert importer.name == format_name


def test_records_are_tuples_that_can_be_compared() -> None:
    assert Record(1, {"a": 1}, "{}", 0) == Record(1, {"a": 1}, "{}", 0, None)
