"""Files made to break parsers: each is counted in full, none ends in a traceback, and the store lives on."""

import contextlib
import io
import json
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest

from core.cli import importing
from core.slice import Slice
from core.store.connection import IN_MEMORY, Store
from core.workflows.exporting import export
from core.workflows.maintaining import examine
from core.workflows.opening import open_store
from tests.conftest import SHARED, Cli, Ran, shared

BAD = SHARED / "bad"
FILES = sorted(path for path in BAD.rglob("*") if path.is_file())
NUMBERS = ("read", "added", "unchanged", "updated", "bad")


@pytest.fixture
def one_store(monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """One store for all commands of a test, as a process that serves holds it."""
    store = open_store(IN_MEMORY)

    @contextlib.contextmanager
    def opened(path: Path, *, create: bool = False) -> Generator[Store]:
        yield store

    monkeypatch.setattr(importing, "opened", opened)
    yield store
    store.close()


def numbers_of(done: Ran) -> tuple[int, ...]:
    """What was counted; the sum is right and nobody saw a traceback."""
    assert "Traceback" not in done.err
    assert done.out.count("\n") == 1
    found = done.json
    assert found["read"] == found["added"] + found["unchanged"] + found["updated"] + found["bad"]
    if done.code == 2:
        assert found["error"]
        assert found["read"] == 0
    else:
        assert done.code == 0
    return tuple(found[name] for name in NUMBERS)


def stored(store: Store) -> int:
    with store.read() as cursor:
        row = cursor.execute("select count(*) from traces").fetchone()
    assert row is not None
    return int(row[0])


@pytest.mark.timeout(600)
def test_every_bad_file_is_counted_in_full_and_the_store_lives_on(cli: Cli, one_store: Store) -> None:
    shared("bad")
    looked_at = 0
    for path in FILES:
        before = stored(one_store)
        read, added, _, updated, _ = numbers_of(cli("import", path, "--json"))
        assert stored(one_store) == before + added, path
        assert updated == 0, path
        looked_at += read
    health = examine(one_store).health
    assert [check for check in health.checks if check.faults] == []
    with one_store.read() as cursor:
        for name in ("text", "record", "input", "output"):
            cursor.execute(f"select length({name}) from traces").fetchall()
    assert looked_at > 300


@pytest.mark.timeout(600)
def test_bad_files_give_traces_where_a_mapping_finds_text_in_them(cli: Cli, one_store: Store, tmp_path: Path) -> None:
    shared("bad")
    mapping = tmp_path / "any.toml"
    mapping.write_text('[trace]\ninput = { any = ["a", "b", "asd", "title", "key", "[0]", "[0][0]", "[*]"] }\n')
    for path in FILES:
        if not path.name.startswith("n_"):  # no JSON at all, says the suite: nothing is found in them
            numbers_of(cli("import", path, "--mapping", mapping, "--json"))
    assert stored(one_store) > 30
    assert examine(one_store).health.faults == 0
    stream = io.BytesIO()
    assert export(one_store, "traces", Slice(), "jsonl").write(stream) == stored(one_store)
    for line in stream.getvalue().splitlines():
        json.loads(line)


@pytest.mark.timeout(600)
def test_every_bad_file_again_adds_nothing(cli: Cli, one_store: Store) -> None:
    shared("bad")
    for path in FILES[::7]:
        first = numbers_of(cli("import", path, "--json"))
        again = numbers_of(cli("import", path, "--json"))
        assert again == (first[0], 0, first[1] + first[2], 0, first[4]), path


@pytest.mark.timeout(600)
@pytest.mark.parametrize("format_name", ["csv", "jsonl", "json", "parquet", "xlsx"])
def test_a_file_read_as_what_it_is_not_is_counted_in_full(format_name: str, cli: Cli, one_store: Store) -> None:
    shared("bad")
    for path in FILES[::11]:
        numbers_of(cli("import", path, "--format", format_name, "--json"))
    assert examine(one_store).health.faults == 0


@pytest.mark.timeout(600)
def test_the_whole_folder_is_read_in_one_import(cli: Cli) -> None:
    done = cli("import", shared("bad/json-test-suite"), shared("bad/csv-spectrum"), "--json")
    numbers = numbers_of(done)
    assert numbers[0] > 100
    assert cli("traces", "--limit", "1", "--json").json["total"] == numbers[1]
    assert cli("doctor").code == 0


HOSTILE = {
    "deep.jsonl": b'{"id": "a", "input": ' + b"[" * 100_000 + b"]" * 100_000 + b"}\n",
    "nul.jsonl": b'{"id": "a", "input": "x\\u0000y", "output": "z"}\n{"id": "b\\u0000", "input": "x", "output": "z"}\n',
    "raw-nul.jsonl": b'{"id": "a", "input": "x\0y"}\n',
    "surrogate.jsonl": b'{"id": "a", "input": "\\ud800", "output": "b"}\n',
    "infinity.jsonl": b'{"id": "a", "input": "x", "score": NaN}\n{"id": "b", "input": "x", "score": 1e999}\n',
    "long-number.jsonl": b'{"id": 123456789012345678901234567890, "input": "x", "output": "y"}\n',
    "separator.jsonl": b'{"id": "a", "input": "x\\u001ey", "output": "a\\u001eb\\u001f"}\n',
    "half-line.jsonl": b'{"id": "a", "input": "x", "output": "y"}\n{"id": "b", "inp',
    "same-id.jsonl": b'{"id": "a", "input": "1"}\n{"id": "a", "input": "2"}\n{"id": "a", "input": "1"}\n{"id": "a", "input": "3"}\n',
    "types.jsonl": b'{"id": "a", "input": "1"}\n{"id": 2, "input": 5}\n{"id": null, "input": ["x"]}\n{"id": {"a": 1}, "input": {}}\n',
    "times.jsonl": b'{"id": "a", "created_at": "9999-12-31T23:59:59Z", "input": "x"}\n'
    b'{"id": "b", "created_at": 1e300, "input": "x"}\n{"id": "c", "created_at": "0001-01-01T00:00:00+14:00", "input": "x"}\n'
    b'{"id": "d", "created_at": -62135596800, "input": "x"}\n{"id": "e", "created_at": 1700000000000, "input": "x"}\n',
    "utf16.csv": "id,input,output\na,grüße,b\n".encode("utf-16"),
    "quote.csv": b'id,input,output\na,"never closed,b\nc,d,e\n',
    "wide.csv": b"id,"
    + b",".join(b"c%d" % n for n in range(3000))
    + b"\n"
    + b"a,"
    + b",".join(b"1" for _ in range(3000))
    + b"\n",
    "empty.jsonl": b"",
    "blank.csv": b"\n\n\n",
    "header.csv": b"id,input,output\n",
    "keys.jsonl": b'{"id": "a", "": "x", "input": "y", "\\u0000": 1, "' + b"k" * 100_000 + b'": "v"}\n',
    "messages.jsonl": b'{"id": "a", "messages": [null, 5, {"role": 7}, {"role": "user", "content": null}, {"content": [1, {"text": 2}]},'
    b' {"role": "assistant", "tool_calls": [{"function": null}, {"function": {"name": 5, "arguments": {"a": []}}}, 3]}]}\n',
    "labels.jsonl": b'{"trace_id": "nowhere", "label": "pass", "labeler": "x"}\n',
    "\x1b[31m\u202ered.jsonl": b'{"id": "a", "input": "x", "output": "y"}\n{"id"\n',
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_counted_in_full(name: str, cli: Cli, one_store: Store, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(HOSTILE[name])
    first = numbers_of(done := cli("import", path, "--json"))
    assert "\x1b" not in done.err
    again = numbers_of(cli("import", path, "--json"))
    assert again == (first[0], 0, first[1] + first[2], 0, first[4])
    assert examine(one_store).health.faults == 0
