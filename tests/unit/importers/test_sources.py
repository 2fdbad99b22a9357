"""Files: names, gzip, bombs, progress, folders."""

import gzip
import io
from pathlib import Path

import pytest

from core.errors import InputError
from core.importers import Source, sources_in
from tests.unit.importers.samples import read, read_bytes

LINES = b"".join(b'{"id": "%d", "input": "question"}\n' % n for n in range(2_000))


@pytest.mark.parametrize(
    ("given", "name", "stem"),
    [
        ("/var/log/app/traces.jsonl", "traces.jsonl", "traces"),
        ("C:\\logs\\traces.csv", "traces.csv", "traces"),
        ("traces.jsonl.gz", "traces.jsonl.gz", "traces"),
        ("a.b.json", "a.b.json", "a.b"),
        ("plain", "plain", "plain"),
        ("", "data", "data"),
    ],
)
def test_only_the_bare_name_of_a_file_is_kept(given: str, name: str, stem: str) -> None:
    source = Source.from_bytes(given, b"")
    assert (source.name, source.stem) == (name, stem)


def test_a_file_that_is_not_there_is_named_without_its_path(tmp_path: Path) -> None:
    with pytest.raises(InputError) as refused:
        Source.from_path(tmp_path / "none.jsonl")
    assert refused.value.message == "none.jsonl cannot be read: no such file or directory."


def test_the_folder_is_the_name_of_the_one_the_file_is_in(tmp_path: Path) -> None:
    path = tmp_path / "monday" / "traces.jsonl"
    path.parent.mkdir()
    path.write_bytes(LINES)
    with Source.from_path(path) as source:
        assert source.folder == "monday"


def test_progress_reaches_the_size_of_the_file(tmp_path: Path) -> None:
    for name, data in (("a.jsonl", LINES), ("b.jsonl.gz", gzip.compress(LINES))):
        (tmp_path / name).write_bytes(data)
        with Source.from_path(tmp_path / name) as source:
            records, _ = read(source)
            assert len(records) == 2_000
            assert source.bytes_read == source.size == len(data)


def test_a_stream_that_cannot_go_back_is_read_like_a_file() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    with Source.from_stream("-", Pipe(LINES)) as source:
        records, bad = read(source)
    assert (len(records), bad) == (2_000, [])


def test_two_gzip_files_in_one_are_read_one_after_the_other() -> None:
    records, bad = read_bytes("a.jsonl.gz", gzip.compress(LINES) + gzip.compress(LINES))
    assert (len(records), bad) == (4_000, [])


def test_a_gzip_file_that_ends_early_gives_its_whole_lines_and_one_bad_line() -> None:
    packed = gzip.compress(LINES)
    records, bad = read_bytes("a.jsonl.gz", packed[: len(packed) // 2])
    assert 0 < len(records) < 2_000
    assert bad[-1].reason == "the compressed data ends early"
    assert bad[-1].line is not None


def test_a_damaged_gzip_file_is_reported() -> None:
    packed = bytearray(gzip.compress(LINES))
    packed[len(packed) // 2 : len(packed) // 2 + 50] = b"\xff" * 50
    _, bad = read_bytes("a.jsonl.gz", bytes(packed))
    assert "compressed data" in bad[-1].reason


@pytest.mark.parametrize("name", ["bomb.jsonl.gz", "bomb.json.gz", "bomb.csv.gz"])
def test_a_gzip_bomb_is_refused(name: str) -> None:
    packed = gzip.compress(b"[" + b" " * 120_000_000, 9)
    with pytest.raises(InputError, match="200 times"):
        read_bytes(name, packed)


def test_a_small_file_may_expand_as_it_likes() -> None:
    line = b'{"input": "' + b"a" * 1_000_000 + b'"}\n'
    records, bad = read_bytes("a.jsonl.gz", gzip.compress(line * 20, 9))
    assert (len(records), bad) == (20, [])


def test_a_folder_means_its_visible_files_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b.jsonl", "a.jsonl", "sub/c.jsonl", ".hidden/d.jsonl", ".e.jsonl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"{}")
    assert [p.name for p in sources_in(tmp_path)] == ["a.jsonl", "b.jsonl", "c.jsonl"]
    assert [p.name for p in sources_in(tmp_path / "a.jsonl")] == ["a.jsonl"]
