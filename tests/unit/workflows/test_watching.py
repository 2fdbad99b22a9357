"""A watched folder: new and grown files are imported, whole lines only, nothing twice, and a bad file stops nothing."""

import json
import os
import time
from pathlib import Path

import pytest

from core.errors import InputError
from core.slice import Slice
from core.store.connection import Store
from core.workflows.exploring import describe
from core.workflows.importing import list_imports
from core.workflows.opening import open_store
from core.workflows.watching import FolderWatch, list_taken, watching, whole_size
from tests.conftest import Cli


def line(name: str) -> str:
    return json.dumps({"id": name, "input": f"question of {name}", "output": "answer"}) + "\n"


def write(path: Path, text: str, *, append: bool = False) -> None:
    """Write, and let the file be newer than before, however coarse the clock of the disk."""
    before = path.stat().st_mtime_ns if path.exists() else 0
    with path.open("a" if append else "w") as file:
        file.write(text)
    if path.stat().st_mtime_ns <= before:
        os.utime(path, ns=(before + 1, before + 1))


def total(store: Store) -> int:
    return describe(store, Slice()).total


def test_a_growing_log_is_taken_by_whole_lines_and_nothing_twice(fresh_store: Store, tmp_path: Path) -> None:
    log, watch = tmp_path / "log.jsonl", FolderWatch(tmp_path)
    assert watch.look(fresh_store) == []
    write(log, line("a") + line("b") + line("c")[:20])
    assert [(t.file, t.added, t.bad) for t in watch.look(fresh_store)] == [("log.jsonl", 2, 0)]
    assert watch.look(fresh_store) == []  # half a line that nobody finishes is left alone
    write(log, line("c")[20:] + line("d"), append=True)
    assert [(t.added, t.updated, t.bad) for t in watch.look(fresh_store)] == [(2, 0, 0)]
    assert watch.look(fresh_store) == []
    assert FolderWatch(tmp_path).look(fresh_store) == []  # as after a new start
    assert (total(fresh_store), len(list_imports(fresh_store))) == (4, 2)


def test_a_last_line_without_its_end_is_taken_once_it_is_whole_and_left_alone(
    fresh_store: Store, tmp_path: Path
) -> None:
    write(tmp_path / "log.jsonl", line("a") + line("b").rstrip())
    watch = FolderWatch(tmp_path)
    assert [t.added for t in watch.look(fresh_store)] == [1]
    assert [t.added for t in watch.look(fresh_store)] == [1]
    assert watch.look(fresh_store) == []
    assert total(fresh_store) == 2


def test_a_file_that_is_no_log_of_lines_is_taken_when_it_was_left_alone(fresh_store: Store, tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    table, watch = tmp_path / "deep" / "table.csv", FolderWatch(tmp_path)
    write(table, "id,input,output\n1,a,b\n")
    assert watch.look(fresh_store) == []
    write(table, "2,c,d\n", append=True)
    assert watch.look(fresh_store) == []
    assert [(t.file, t.added) for t in watch.look(fresh_store)] == [("deep/table.csv", 2)]
    assert watch.look(fresh_store) == []


def test_a_file_that_cannot_be_read_is_said_once_and_the_others_go_on(fresh_store: Store, tmp_path: Path) -> None:
    write(tmp_path / "a.bin", "\x00\x01nothing")
    write(tmp_path / "b.jsonl", line("b") + "no json\n")
    write(tmp_path / ".hidden.jsonl", line("h"))
    watch = FolderWatch(tmp_path)
    taken = watch.look(fresh_store, all_of_it=True)
    assert [(t.file, t.added, t.bad, t.problem is None) for t in taken] == [
        ("a.bin", 0, 0, False),
        ("b.jsonl", 1, 1, True),
    ]
    assert watch.look(fresh_store, all_of_it=True) == []
    assert [t.file for t in list_taken(fresh_store)] == ["b.jsonl", "a.bin"]
    write(tmp_path / "a.bin", line("now"))
    assert [t.file for t in watch.look(fresh_store, all_of_it=True)] == ["a.bin"]


def test_a_folder_that_goes_away_is_no_error(fresh_store: Store, tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    watch = FolderWatch(folder)
    folder.rmdir()
    assert watch.look(fresh_store) == []
    with pytest.raises(InputError, match="is no folder"):
        FolderWatch(folder)


def test_an_unexpected_fault_of_one_look_does_not_end_the_watch(fresh_store: Store, tmp_path: Path) -> None:
    write(tmp_path / "log.jsonl", line("a"))
    asked: list[int] = []

    def closed() -> Store:
        if len(asked) < 2:
            asked.append(1)
            raise RuntimeError("closed")
        return fresh_store

    with watching(FolderWatch(tmp_path), closed, 0.02):
        until = time.monotonic() + 5
        while total(fresh_store) == 0 and time.monotonic() < until:
            time.sleep(0.02)
    assert (total(fresh_store), len(asked)) == (1, 2)


@pytest.mark.parametrize(
    ("text", "quiet", "size"),
    [
        ("", True, 0),
        ('{"a": 1}\n', False, 9),
        ('{"a": 1}\n{"b"', False, 9),
        ('{"a": 1}\n{"b"', True, 9),
        ('{"a": 1}\n{"b": 2}', False, 9),
        ('{"a": 1}\n{"b": 2}', True, 17),
        ('{"a": 1}', False, 0),
        ('{"a": "' + "x" * 3_000_000 + '"}\n{"b', False, 3_000_010),
    ],
)
def test_whole_lines(text: str, quiet: bool, size: int, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text(text)
    assert whole_size(path, len(text), is_quiet=quiet) == size


def test_the_command_looks_once_and_says_what_it_did(tmp_path: Path, database: Path, cli: Cli) -> None:
    folder = tmp_path / "logs"
    folder.mkdir()
    write(folder / "one.jsonl", line("a"))
    write(folder / "bad.bin", "\x00")
    ran = cli("watch", folder, "--once", "--json")
    assert (ran.code, [(f["file"], f["added"]) for f in ran.json["files"]]) == (1, [("bad.bin", 0), ("one.jsonl", 1)])
    assert cli("watch", folder, "--once", "--json").json == {"files": []}
    assert (cli("watch", folder / "none").code, cli("watch", folder, "--json").code) == (2, 2)
    store = open_store(database)
    assert total(store) == 1
    store.close()
