"""The line parser: what it takes, what it refuses, and that one line never costs another."""

import json

import pytest

from core.importers import Source
from core.importers.lines import MAX_KEYS, UnreadableError, parse_json, split_lines
from tests.unit.importers.samples import read_bytes

GOOD = '{"id": "1", "input": "grüß 🙂"}'


def nested(depth: int) -> str:
    return '{"a":' * depth + "1" + "}" * depth


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"a": tru', "not valid JSON at column 10: unexpected end of data"),
        (b"{'a': 1}", "not valid JSON at column 2"),
        (b'{"a": NaN}', "NaN at column 7 is no JSON value"),
        (b'{"a": -Infinity}', "-Infinity at column 8 is no JSON value"),
        (b'{"a": Infinity}', "Infinity at column 7 is no JSON value"),
        (b'{"a": 1e999}', "a number too large to be read"),
        (b'{"a": "\\ud83d"}', "half of a character (a lone surrogate) at column"),
        (b'{"a": "\xff"}', "not valid UTF-8 at byte 8"),
        (b'{"a": "\xed\xa0\x80"}', "not valid UTF-8 at byte 8"),
        (b'{"a": "x\x00y"}', "a NUL byte at column 9"),
        (b"\x00\x00\x00\x00\x00\x00\x00\x00", "a NUL byte at column 1"),
        (nested(65).encode(), "it is nested deeper than 64 levels"),
        (nested(5_000).encode(), "it is nested deeper than 64 levels"),
        (b"[" * 100_000, "it is nested deeper than 64 levels"),
        (b"{" + b",".join(b'"k%d":1' % n for n in range(MAX_KEYS + 1)) + b"}", "it has more than 100,000 keys"),
        (b'{"a": ' + b"9" * 5_000 + b"}", "a number too large to be read"),
        (b'{"a": 1} {"b": 2}', "not valid JSON at column 10"),
    ],
)
def test_a_bad_line_costs_itself_only_and_says_why(line: bytes, reason: str) -> None:
    records, bad = read_bytes("log.jsonl", GOOD.encode() + b"\n" + line + b"\n" + GOOD.encode() + b"\n")
    assert [r.line for r in records] == [1, 3]
    assert [b.line for b in bad] == [2]
    assert bad[0].reason.startswith(reason)
    assert bad[0].raw[:20] == line[:20].decode("utf-8", "replace")
    assert len(bad[0].raw) <= 10_000


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ('{"n": 123456789012345678901234567890}', {"n": 123456789012345678901234567890}),
        ('{"n": -9223372036854775809}', {"n": -9223372036854775809}),
        ('{"n": 18446744073709551615}', {"n": 18446744073709551615}),
        ('{"n": "123456789012345678901234567890"}', {"n": "123456789012345678901234567890"}),
        ('{"a": 1, "a": 2}', {"a": 2}),
        ('{"a": "\\u0000"}', {"a": "\0"}),
        (nested(64), json.loads(nested(64))),
        ('{"s": "[[[[[{{{{{"}', {"s": "[[[[[{{{{{"}),
        (json.dumps({"s": "[" * 500}), {"s": "[" * 500}),
        (json.dumps({"many": [[n] for n in range(500)]}), {"many": [[n] for n in range(500)]}),
    ],
)
def test_an_unusual_line_is_read_exactly(line: str, value: object) -> None:
    records, bad = read_bytes("log.jsonl", f"{GOOD}\n{line}\n")
    assert bad == []
    assert records[1].value == value
    assert records[1].raw == line


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_every_encoding_and_newline_gives_the_same_records(encoding: str, newline: str) -> None:
    text = f"{GOOD}{newline}{newline}  {newline}{GOOD}{newline}"
    records, bad = read_bytes("log.jsonl", text.encode(encoding))
    assert bad == []
    assert [(r.line, r.value["input"], r.raw.rstrip("\r")) for r in records] == [
        (1, "grüß 🙂", GOOD),
        (4, "grüß 🙂", GOOD),
    ]


def test_utf16_with_half_a_character_at_its_end_loses_that_line_only() -> None:
    data = b"\xff\xfe" + f'{GOOD}\n{GOOD}\n{{"a": "x'.encode("utf-16-le") + b"\x3d"
    records, bad = read_bytes("log.jsonl", data)
    assert len(records) == 2
    assert [b.line for b in bad] == [3]


def test_a_last_line_without_newline_is_taken_when_it_is_whole() -> None:
    records, bad = read_bytes("log.jsonl", f"{GOOD}\n{GOOD}")
    assert ([r.line for r in records], bad) == ([1, 2], [])


def test_a_file_still_being_written_gives_its_whole_lines() -> None:
    records, bad = read_bytes("log.jsonl", f'{GOOD}\n{GOOD}\n{{"id": "3", "inp')
    assert [r.line for r in records] == [1, 2]
    assert [(b.line, b.reason) for b in bad] == [(3, "the line is not finished")]


def test_a_line_beyond_the_byte_limit_is_passed_over() -> None:
    data = b'{"a": "' + b"x" * 5_000_000 + b'"}\n{"b": 1}\n' + b"y" * 3_000_000
    source = Source.from_bytes("log.jsonl", data)
    lines = [(n, c and len(c), f) for n, c, f in split_lines(source.open(), max_bytes=1_000)]
    assert lines == [(1, None, True), (2, 8, True), (3, None, True)]


def test_a_broken_line_in_utf16_is_reported_like_any_other() -> None:
    records, bad = read_bytes("log.jsonl", f"{GOOD}\nnope\n{GOOD}\n".encode("utf-16"))
    assert ([r.line for r in records], [b.line for b in bad]) == ([1, 3], [2])


def test_a_mark_in_front_of_a_later_line_is_passed_over() -> None:
    records, bad = read_bytes("log.jsonl", f"{GOOD}\n\ufeff{GOOD}\n")
    assert (len(records), bad) == (2, [])


def test_depth_is_counted_in_containers_not_in_brackets() -> None:
    assert parse_json(b"[" * 64 + b"]" * 64) is not None
    with pytest.raises(UnreadableError):
        parse_json(b"[" * 65 + b"]" * 65)
