"""What was acknowledged is there after a kill at any moment, after a bit of a file was flipped, and on a full disk.

PASSFAIL_TRIALS=50 makes 50 kills in each way and 100 flips, which is what the product promises.
"""

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import AppError, StoreUnwritableError
from core.model import LabelState
from core.store.connection import Store
from core.store.files import journal_of, wal_of
from core.workflows.exploring import read_trace
from core.workflows.maintaining import examine
from core.workflows.opening import open_store, told
from core.workflows.reviewing import record_label
from tests.conftest import ROOT, fill_small
from tests.small_disk import fill, small_disk

TRIALS = int(os.environ.get("PASSFAIL_TRIALS", "0"))

OPEN = """
import os, sys
from pathlib import Path
from types import SimpleNamespace
from core.model import LabelState
from core.workflows.opening import open_store
from core.workflows.reviewing import record_actions, record_label
store = open_store(Path(sys.argv[1]))
"""
SAVE = {
    "the command line": """
for number in range(100_000):
    name = f"{sys.argv[2]}-{number}"
    record_label(store, trace_id="t05", state=LabelState.FAIL, labeler=name, critique="said by " + name)
    print(name, flush=True)
""",
    "the review page": """
for number in range(100_000):
    name = f"{sys.argv[2]}-{number}"
    rest = {"trace_id": "t05", "undoes": None, "revised_response": "", "first_failure": None, "duration_ms": None, "picked": ()}
    typed = SimpleNamespace(client_id="d" + name, action="draft", verdict=None, critique="said", **rest)
    saved = SimpleNamespace(client_id=name, action="label", verdict="fail", critique="said by " + name, **rest)
    if name in record_actions(store, [typed, saved], labeler=name).client_ids:
        print(name, flush=True)
""",
}


def lost(store: Store, acknowledged: list[str]) -> list[str]:
    said = {label.labeler: label.critique for label in read_trace(store, "t05").history}
    return [name for name in acknowledged if said.get(name) != f"said by {name}"]


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("way", SAVE)
def test_no_acknowledged_label_is_lost_when_the_process_is_killed(way: str, small_database: Path) -> None:
    acknowledged: list[str] = []
    rng = random.Random(7)
    for turn in range(TRIALS or 3):
        command = [sys.executable, "-c", OPEN + SAVE[way], str(small_database), str(turn)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as saving:
            assert saving.stdout is not None
            first = saving.stdout.readline()
            time.sleep(rng.random() ** 2)
            saving.send_signal(signal.SIGKILL)
            acknowledged += [first.strip(), *saving.stdout.read().split("\n")[:-1]]
        store = open_store(small_database)
        assert lost(store, acknowledged) == []
        store.close()
    assert len(acknowledged) >= (TRIALS or 3)
    store = open_store(small_database)
    assert [check for check in examine(store).health.checks if check.faults] == []
    store.close()
    small_database.unlink()
    store = open_store(small_database)
    fill_small(store)
    assert lost(store, acknowledged) == [], "the journal alone has them too"
    store.close()


@pytest.mark.timeout(1800)
def test_a_killed_command_has_stored_what_it_said(small_database: Path) -> None:
    rng = random.Random(8)
    acknowledged: list[str] = []
    for turn in range(TRIALS or 3):
        words = [
            "label",
            "t05",
            "fail",
            "--critique",
            f"said by {turn}",
            "--as",
            str(turn),
            "--db",
            str(small_database),
        ]
        with subprocess.Popen([sys.executable, "passfail.py", *words], cwd=ROOT, stdout=subprocess.PIPE) as labelling:
            time.sleep(0.3 + rng.random())
            labelling.send_signal(signal.SIGKILL)
            assert labelling.stdout is not None
            acknowledged += [str(turn)] if labelling.stdout.read() else []
    store = open_store(small_database)
    assert lost(store, acknowledged) == []
    assert [check for check in examine(store).health.checks if check.faults] == []
    store.close()


# ------------------------------------------------------------------------------------------------------- flipped bits


ENDS = {"log": "os._exit(0)", "file": "store.close()"}
"""How the program ends that saved the labels, by the part that holds them then: a power cut, or as it should."""


@pytest.fixture(scope="module", params=ENDS)
def part(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def sixty(part: str, small_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database of which this part holds 60 labels."""
    path = tmp_path_factory.mktemp("sixty") / "passfail.duckdb"
    shutil.copyfile(small_file, path)
    script = OPEN + SAVE["the command line"].replace("100_000", "60") + ENDS[part]
    subprocess.run([sys.executable, "-c", script, str(path), "e"], cwd=ROOT, check=True, capture_output=True)
    assert wal_of(path).exists() == (part == "log")
    assert (wal_of(path) if part == "log" else path).read_bytes().count(b"said by e-") == 60
    return path


@pytest.mark.timeout(1800)
def test_a_flipped_bit_loses_no_label_in_silence(part: str, sixty: Path, tmp_path: Path) -> None:
    """Every other flip is inside the words of a label; a flip anywhere in the file mostly hits something else."""
    acknowledged = [f"e-{number}" for number in range(60)]
    rng = random.Random(9)
    outcomes = {"as it was": 0, "back from the journal": 0, "back with the traces": 0, "refused": 0}
    for turn in range(TRIALS or 8):
        database = tmp_path / str(turn) / "passfail.duckdb"
        database.parent.mkdir()
        for name in (lambda path: path, wal_of, journal_of):
            if name(sixty).exists():
                shutil.copyfile(name(sixty), name(database))
        flipped = wal_of(database) if part == "log" else database
        data = bytearray(flipped.read_bytes())
        place = rng.randrange(len(data))
        if turn % 2:
            place = rng.choice([found.start() for found in re.finditer(b"said by e-", data)]) + rng.randrange(10)
        data[place] ^= 1 << rng.randrange(8)
        flipped.write_bytes(data)
        try:
            store = open_store(database)
            said = told(store)
            waits = any("wait for" in sentence for sentence in said)
            if waits:
                fill_small(store)
            assert lost(store, acknowledged) == [], (place, said)
            outcomes["back with the traces" if waits else "back from the journal" if said else "as it was"] += 1
            store.close()
        except AppError:  # a sentence
            outcomes["refused"] += 1
        shutil.rmtree(database.parent)
    print(part, outcomes)
    assert outcomes["back from the journal" if part == "log" else "back with the traces"] >= (TRIALS or 8) // 2


# -------------------------------------------------------------------------------------------------------- a full disk


def save(store: Store, name: str) -> str:
    record_label(store, trace_id="t05", state=LabelState.FAIL, labeler=name, critique=f"said by {name}", client_id=name)
    return name


def save_on(store: Store, name: str, acknowledged: list[str]) -> None:
    for n in range(1000):
        acknowledged.append(save(store, f"{name}-{n}"))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk") as folder:
        yield folder


def test_on_a_full_disk_saving_is_refused_in_words_and_goes_on_when_there_is_room(disk: Path) -> None:
    database, filler = disk / "passfail.duckdb", disk / "filler"
    store = open_store(database)
    fill_small(store)
    acknowledged = [save(store, f"before-{n}") for n in range(20)]
    fill(filler)
    for turn in range(3):
        with pytest.raises(StoreUnwritableError, match="No space left on device") as refused:
            save_on(store, f"full-{turn}", acknowledged)
        assert "Free some space" in refused.value.remedy
    assert lost(store, acknowledged) == [], "reading goes on"
    filler.unlink()
    acknowledged.append(save(store, "after"))
    fill(filler)
    store.close()
    store = open_store(database)
    assert lost(store, acknowledged) == []
    with pytest.raises(StoreUnwritableError):
        save_on(store, "again", acknowledged)
    filler.unlink()
    acknowledged.append(save(store, "last"))
    store.close()
    store = open_store(database)
    assert told(store) == []
    assert lost(store, acknowledged) == []
    assert [check for check in examine(store).health.checks if check.faults] == []
    store.close()


def test_a_file_that_may_not_grow_refuses_in_words_and_a_checkpoint_without_room_ends_nothing(
    small_database: Path,
) -> None:
    script = (
        OPEN + "import resource, sys\n"
        "from core.errors import StoreUnwritableError\n"
        "def save(name): record_label(store, trace_id='t05', state=LabelState.FAIL, labeler=name, critique='said by ' + name)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, resource.RLIM_INFINITY))\n"
        "done = []\n"
        "try:\n"
        "    for n in range(1000): save(f'a-{n}'); done.append(f'a-{n}')\n"
        "except StoreUnwritableError as problem: print(problem, file=sys.stderr)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))\n"
        "save('later'); done.append('later')\n"
        "print(*done); sys.stdout.flush(); os._exit(0)\n"
    )
    command = [sys.executable, "-B", "-c", script, str(small_database)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert re.search(r"cannot be written: File too large\. Nothing of this step was stored\.", done.stderr)
    acknowledged = done.stdout.split()
    assert len(acknowledged) > 5
    store = open_store(small_database)
    assert lost(store, acknowledged) == []
    assert [check for check in examine(store).health.checks if check.faults] == []
    store.close()


# ------------------------------------------------------------------------------------------------- twice, and together


def test_one_press_sent_a_hundred_times_is_one_label(small_database: Path) -> None:
    store = open_store(small_database)
    pressed = [threading.Thread(target=save, args=(store, "ana")) for _ in range(100)]
    for thread in pressed:
        thread.start()
    for thread in pressed:
        thread.join()
    assert [label.labeler for label in read_trace(store, "t05").history] == ["ana"]
    assert journal_of(small_database).read_text().count('"client_id":"ana"') == 1
    store.close()


def test_two_people_at_once_on_the_same_traces_keep_all_their_labels(small_database: Path) -> None:
    store = open_store(small_database)

    def review(name: str) -> None:
        for n in range(30):
            record_label(store, trace_id=f"t{n % 12 + 1:02}", state=LabelState.PASS, labeler=name, critique=str(n))

    people = [threading.Thread(target=review, args=(name,)) for name in ("bo", "cy")]
    for person in people:
        person.start()
    for person in people:
        person.join()
    with store.read() as cursor:
        held = cursor.execute("select count(*) from labels where labeler in ('bo', 'cy')").fetchone()
        now = cursor.execute("select count(*) from current_labels where labeler in ('bo', 'cy')").fetchone()
    assert (held, now) == ((60,), (24,))
    assert [check for check in examine(store).health.checks if check.faults] == []
    store.close()
