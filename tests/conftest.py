"""What every test may use: stores, hand-made traces, the command line, and the files of the folder `../shared`."""

import gc
import itertools
import json
import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest
from hypothesis import HealthCheck, settings

from core.cli import main
from core.model import Dimension, JudgmentRow, LabelRow, LabelState, Message, Trace, Verdict
from core.store.connection import IN_MEMORY, Store
from core.store.ingest import Entry, ingest
from core.workflows.opening import open_store
from tests.key_search import KEY, files_with_key
from tests.messages_server import MessagesServer, messages_server, verdict_on

settings.register_profile("steady", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("explore", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("steady")
# No test fails for a slow machine or by chance; `--hypothesis-profile explore` looks for cases not seen yet.

ROOT = Path(__file__).resolve().parents[1]
SHARED = ROOT.parent / "shared"


def shared(path: str) -> Path:
    """A file or folder of `../shared`; the test is skipped where there is none."""
    found = SHARED / path
    if not found.exists():
        pytest.skip(f"../shared/{path} is not here")
    return found


def pytest_xdist_auto_num_workers() -> int:
    """Two processes more than there are cores, at most four: a test in the browser waits for a third of its time."""
    return min(4, (os.cpu_count() or 1) + 2)


def pytest_collection_finish() -> None:
    """Streamlit collects garbage after every run of a page: what all tests were made of needs no second look each time."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def a_thread_for_each_process() -> Iterator[None]:
    """Where tests run on all cores at once, threads of DuckDB only take turns: a fifth of the work was to change them."""
    with pytest.MonkeyPatch.context() as patched:
        if "PYTEST_XDIST_WORKER" in os.environ:
            patched.setattr(duckdb, "connect", _connect_with_one_thread)
        yield


_connect = duckdb.connect


def _connect_with_one_thread(*args: Any, config: dict[str, Any] | None = None, **kwargs: Any) -> Any:
    return _connect(*args, config={"threads": 1} | (config or {}), **kwargs)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """When all tests are done, look for the key in what they left behind."""
    folders: Any = getattr(session.config, "_tmp_path_factory", None)
    if folders is None or hasattr(session.config, "workerinput"):
        return  # the process that leads looks at the folders of all
    found = list(files_with_key(folders.getbasetemp()))
    if found:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter: Any = session.config.pluginmanager.get_plugin("terminalreporter")
        reporter.write_line(f"FAILED: the API key was written to {', '.join(map(str, found))}", red=True)


@pytest.fixture
def provider(monkeypatch: pytest.MonkeyPatch) -> Iterator[MessagesServer]:
    """A server that speaks as the provider of models does; the environment names it and holds a key; it gives verdicts."""
    with messages_server() as running:
        running.answer = verdict_on
        monkeypatch.setenv("ANTHROPIC_BASE_URL", running.address)
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        monkeypatch.delenv("PASSFAIL_MODEL", raising=False)
        yield running


MakeTrace = Callable[..., Trace]
_numbers = itertools.count(1)


def new_trace(*, dimensions: dict[str, str | list[str]] | None = None, **over: Any) -> Trace:
    """A trace of two messages with an id of its own; `dimensions` as a dictionary, everything else by field."""
    number = next(_numbers)
    pairs = [
        Dimension(name, value)
        for name, given in (dimensions or {}).items()
        for value in (given if isinstance(given, list) else [given])
    ]
    fields: dict[str, Any] = {
        "id": f"made-{number}",
        "input": f"question {number}",
        "output": f"answer {number}",
        "dimensions": tuple(pairs),
    } | over
    fields.setdefault(
        "messages", (Message("user", fields["input"] or ""), Message("assistant", fields["output"] or ""))
    )
    fields.setdefault("record", json.dumps({"id": fields["id"], "input": fields["input"], "output": fields["output"]}))
    return Trace(**fields)


@pytest.fixture
def make_trace() -> MakeTrace:
    return new_trace


@pytest.fixture
def fresh_store() -> Iterator[Store]:
    store = open_store(IN_MEMORY)
    yield store
    store.close()


EXPERT = "ana"
JUDGE = "strict@v1"
FIRST_DAY = datetime(2026, 1, 1)
LABELLED_ON = datetime(2026, 2, 1)

SMALL = (
    ("t01", "search", "new", "m-1", "pass", None, (), "pass"),
    ("t02", "search", "new", "m-1", "pass", None, (), "fail"),
    ("t03", "search", "regular", "m-1", "fail", "wrong date", ("dates",), "fail"),
    ("t04", "search", "regular", "m-2", "fail", "invented a listing", ("invented",), "pass"),
    ("t05", "search", "new", "m-2", None, None, (), "fail"),
    ("t06", "booking", "new", "m-2", "pass", None, (), "pass"),
    ("t07", "booking", "regular", "m-2", "fail", "wrong date, and rude", ("dates", "tone"), "fail"),
    ("t08", "booking", "regular", "m-1", "deferred", "ask the owner", (), "pass"),
    ("t09", "booking", "new", "m-1", None, None, (), "pass"),
    ("t10", "chat", "regular", "m-1", "pass", None, (), "timeout"),
    ("t11", "chat", "new", "m-2", "fail", "no greeting", (), None),
    ("t12", None, "regular", "m-2", None, None, (), None),
)
"""id, feature, persona, model, expert's label, critique, categories, judge's word.

The expert: 4 pass, 4 fail, 1 deferred, 3 without.

Judge: 5 pass, 4 fail, 1 failure, 2 without. Against the expert: both pass 2, both fail 2, too lenient 1, too strict 1.
One trace a day from 1 January 2026 on; t12 has no time; t11 ended in an error; sessions hold two traces each.
"""


def fill_small(store: Store) -> None:
    """Store the traces of `SMALL`."""
    with ingest(store) as running:
        running.add([_entry(number, *row) for number, row in enumerate(SMALL)])
        running.finish(files=["small.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)


def _entry(
    number: int,
    name: str,
    feature: str | None,
    persona: str,
    model: str,
    said: str | None,
    critique: str | None,
    categories: tuple[str, ...],
    judged: str | None,
) -> Entry:
    dimensions: dict[str, str | list[str]] = {"persona": persona} | ({"feature": feature} if feature else {})
    trace = new_trace(
        id=name,
        input=f"question of {name}",
        output=f"answer to {name}",
        model=model,
        session=f"s{number // 2 + 1}",
        started_at=None if name == "t12" else FIRST_DAY + timedelta(days=number),
        error="timeout" if name == "t11" else None,
        dimensions=dimensions,
    )
    labels = [
        LabelRow(
            trace_id=name,
            labeler=EXPERT,
            state=LabelState(state),
            critique=critique,
            categories=categories,
            at=LABELLED_ON,
        )
        for state in ([said] if said else [])
    ]
    judge, _, version = JUDGE.partition("@")
    judgments = [
        JudgmentRow(
            trace_id=name,
            judge=judge,
            version=version,
            verdict=Verdict(word) if word in ("pass", "fail") else None,
            failure=None if word in ("pass", "fail") else word,
            critique=f"the judge says {word}" if word in ("pass", "fail") else None,
        )
        for word in ([judged] if judged else [])
    ]
    return Entry("small.jsonl", number + 1, trace, labels, judgments)


@pytest.fixture
def small_store(fresh_store: Store) -> Store:
    fill_small(fresh_store)
    return fresh_store


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Where a database may be made; nothing is there yet."""
    return tmp_path / "passfail.duckdb"


@pytest.fixture(scope="session")
def small_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the traces of `SMALL`, made once: copy it."""
    path = tmp_path_factory.mktemp("small") / "passfail.duckdb"
    store = open_store(path)
    fill_small(store)
    store.close()
    return path


@pytest.fixture
def small_database(database: Path, small_file: Path) -> Path:
    """A file with the traces of `SMALL`, which nobody holds."""
    shutil.copyfile(small_file, database)
    return database


class Ran(NamedTuple):
    """What a command did."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Cli = Callable[..., Ran]


@pytest.fixture
def cli(database: Path, capfd: pytest.CaptureFixture[str]) -> Cli:
    """Runs the command line in this process on the test's own database."""

    def run(*words: object) -> Ran:
        capfd.readouterr()
        code = main([*(str(word) for word in words), "--db", str(database)])
        return Ran(code, *capfd.readouterr())

    return run
