"""Imports: whole or not at all, twice is once, an update keeps what was, labels and judgments find their traces."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from core.errors import InputError
from core.model import JudgmentRow, LabelRow, LabelState, Verdict
from core.slice import Slice
from core.store import exports
from core.store.connection import Store
from core.store.ingest import Entry, ingest
from core.workflows.categorising import list_categories
from core.workflows.drafting import save_check
from core.workflows.exploring import describe, list_traces, read_trace
from core.workflows.importing import (
    ImportOptions,
    ImportReport,
    Mapping,
    Progress,
    Source,
    import_sources,
    list_bad_lines,
    list_imports,
    recognise,
)
from core.workflows.maintaining import examine
from core.workflows.opening import open_store
from core.workflows.reviewing import record_label
from core.workflows.splitting import Shares, assign_splits, look_at_splits
from core.workflows.taxonomy import merge_categories
from core.workflows.trusting import list_judges
from core.workflows.wording import Words, make_category, reword
from tests.conftest import ROOT, SHARED, shared

LOG_MAPPING = """
[trace]
id = "id"
input = "q"
output = "a"
[dimensions]
feature = "feature"
"""
LABEL_MAPPING = """
[trace]
id = "id"
[[label]]
labeler_path = "who"
verdict = "verdict"
pass = ["good"]
fail = ["bad"]
critique = "why"
categories = "kinds"
at = "at"
"""
JUDGE_MAPPING = """
[trace]
id = "id"
[[judgment]]
judge = "j"
version_path = "version"
verdict = "verdict"
pass = ["good"]
fail = ["bad"]
critique = "why"
"""


def jsonl(*records: Any, name: str = "log.jsonl") -> Source:
    lines = (record if isinstance(record, str) else json.dumps(record) for record in records)
    return Source.from_bytes(name, "".join(f"{line}\n" for line in lines).encode())


def take(
    store: Store, *records: Any, mapping: str = LOG_MAPPING, name: str = "log.jsonl", **options: Any
) -> ImportReport:
    chosen = ImportOptions(mapping=Mapping.from_toml(mapping), format="jsonl", **options)
    report = import_sources(store, [jsonl(*records, name=name)], chosen)
    assert report.read == report.added + report.unchanged + report.updated + report.bad
    return report


def numbers(report: ImportReport) -> tuple[int, int, int, int, int]:
    return report.read, report.added, report.unchanged, report.updated, report.bad


def ids(store: Store, slice_: Slice | None = None) -> list[str]:
    return sorted(listed.row.id for listed in list_traces(store, slice_ or Slice(), limit=100).traces)


def count(store: Store, sql: str) -> int:
    with store.read() as cursor:
        row = cursor.execute(sql).fetchone()
    assert row is not None
    return int(row[0])


ONE = {"id": "1", "q": "one", "a": "1", "feature": "search"}
TWO = {"id": "2", "q": "two", "a": "2", "feature": ["chat", "voice"]}


@pytest.fixture(autouse=True)
def _healthy_afterwards(fresh_store: Store) -> Any:
    yield
    assert [check for check in examine(fresh_store).health.checks if check.faults] == []


# ------------------------------------------------------------------------------------------------------------- ids


def test_the_same_file_again_adds_nothing(fresh_store: Store) -> None:
    assert numbers(take(fresh_store, ONE, TWO)) == (2, 2, 0, 0, 0)
    assert numbers(take(fresh_store, ONE, TWO)) == (2, 0, 2, 0, 0)
    assert numbers(take(fresh_store, TWO, ONE, name="other.jsonl")) == (2, 0, 2, 0, 0)
    assert ids(fresh_store) == ["1", "2"]


def test_a_file_that_grew_adds_what_is_new(fresh_store: Store) -> None:
    take(fresh_store, ONE)
    assert numbers(take(fresh_store, ONE, TWO)) == (2, 1, 1, 0, 0)


def test_records_without_an_id_are_told_apart_by_their_number(fresh_store: Store) -> None:
    same = {"q": "hello", "a": "hi"}
    assert numbers(take(fresh_store, same, same, {"q": "bye", "a": "bye"})) == (3, 3, 0, 0, 0)
    assert numbers(take(fresh_store, same, same, {"q": "bye", "a": "bye"})) == (3, 0, 3, 0, 0)
    assert numbers(take(fresh_store, same, same, same)) == (3, 1, 2, 0, 0)
    assert len(ids(fresh_store)) == 4


def test_one_id_with_several_contents_is_kept_apart_and_said(fresh_store: Store) -> None:
    records = [{"id": "root", "q": str(n), "a": str(n)} for n in range(5)]
    report = take(fresh_store, *records, records[0])
    assert numbers(report) == (6, 5, 1, 0, 0)
    assert report.kept_apart == 4
    assert any("kept apart" in note for note in report.notes)
    assert numbers(take(fresh_store, *records)) == (5, 0, 5, 0, 0)
    assert numbers(take(fresh_store, *records, name="copy.jsonl")) == (5, 0, 5, 0, 0)
    assert len(ids(fresh_store)) == 5


def test_an_update_keeps_the_former_record_and_the_labels(fresh_store: Store) -> None:
    take(fresh_store, ONE, TWO)
    take(fresh_store, {"id": "1", "who": "ana", "verdict": "bad", "why": "wrong"}, mapping=LABEL_MAPPING)
    report = take(fresh_store, ONE | {"a": "uno", "feature": "chat"})
    assert numbers(report) == (1, 0, 0, 1, 0)
    detail = read_trace(fresh_store, "1")
    assert (detail.trace.row.output, detail.trace.dimensions) == ("uno", {"feature": ("chat",)})
    assert detail.label is not None
    assert (detail.label.critique, detail.label.for_current_content) == ("wrong", False)
    with fresh_store.read() as cursor:
        former = cursor.execute("select record, replaced_by_import from trace_history").fetchall()
    assert [json.loads(record)["a"] for record, _ in former] == ["1"]
    assert former[0][1] == report.import_id
    assert numbers(take(fresh_store, ONE | {"a": "uno", "feature": "chat"})) == (1, 0, 1, 0, 0)
    assert ids(fresh_store, Slice().with_value("feature", "search")) == []


def test_another_mapping_of_the_same_records_keeps_labels_current(fresh_store: Store) -> None:
    take(fresh_store, ONE)
    take(fresh_store, {"id": "1", "who": "ana", "verdict": "good"}, mapping=LABEL_MAPPING)
    assert numbers(take(fresh_store, ONE, dimensions={"release": "v2"})) == (1, 0, 0, 1, 0)
    label = read_trace(fresh_store, "1").label
    assert label is not None
    assert label.for_current_content


# --------------------------------------------------------------------------------------------- labels and judgments


def test_labels_join_traces_of_the_same_import_whatever_the_order(fresh_store: Store) -> None:
    labels = jsonl({"id": "1", "q": None, "who": "ana", "verdict": "good"}, name="labels.jsonl")
    mapping = LOG_MAPPING + LABEL_MAPPING.partition('id = "id"')[2]
    report = import_sources(
        fresh_store, [labels, jsonl(ONE, TWO)], ImportOptions(mapping=Mapping.from_toml(mapping), format="jsonl")
    )
    assert (report.labels.read, report.labels.added, report.labels.bad) == (1, 1, 0)
    assert ids(fresh_store, Slice(verdict=("pass",))) == ["1"]


def test_labels_that_find_no_trace_are_bad_and_kept_with_the_reason(fresh_store: Store) -> None:
    take(fresh_store, ONE)
    report = take(
        fresh_store,
        {"id": "1", "who": "ana", "verdict": "good"},
        {"id": "9", "who": "ana", "verdict": "bad", "why": "because"},
        {"id": "1", "who": "ana", "verdict": "so-so"},
        {"id": "1", "who": "ana", "verdict": ""},
        mapping=LABEL_MAPPING,
    )
    assert (report.labels.read, report.labels.added, report.labels.unchanged, report.labels.bad) == (3, 1, 0, 2)
    reasons = sorted(problem.reason for problem in report.problems)
    assert "so-so" in reasons[0]
    assert reasons[1] == "no trace with the id 9"
    assert report.import_id is not None
    kept = list_bad_lines(fresh_store, report.import_id)
    assert {line.reason for _, line in kept} == set(reasons)


def test_labels_again_add_nothing_and_a_changed_one_replaces_its_former(fresh_store: Store) -> None:
    take(fresh_store, ONE, TWO)
    rows = [
        {"id": "1", "who": "ana", "verdict": "good", "at": "2026-01-01"},
        {"id": "1", "who": "bob", "verdict": "bad", "why": "late", "kinds": ["slow", "rude"], "at": "2026-01-02"},
        {"id": "2", "who": "ana", "verdict": "bad", "why": "late", "kinds": "slow", "at": "2026-01-03"},
    ]
    first = take(fresh_store, *rows, mapping=LABEL_MAPPING)
    assert (first.labels.added, first.labels.unchanged) == (3, 0)
    again = take(fresh_store, *rows, mapping=LABEL_MAPPING)
    assert (again.labels.added, again.labels.unchanged) == (0, 3)
    changed = take(fresh_store, rows[0] | {"verdict": "bad", "why": "hm", "at": "2026-02-01"}, mapping=LABEL_MAPPING)
    assert (changed.labels.added, changed.labels.unchanged) == (1, 0)
    assert count(fresh_store, "select count(*) from labels") == 4
    assert count(fresh_store, "select count(*) from current_labels") == 3
    assert count(fresh_store, "select count(*) from current_categories") == 2
    assert count(fresh_store, "select count(*) from current_assignments") == 3
    label = read_trace(fresh_store, "2").label
    assert label is not None
    assert label.categories == ("slow",)


def test_a_file_that_names_a_category_as_it_was_once_called_makes_it_no_second_time(fresh_store: Store) -> None:
    take(fresh_store, ONE, TWO)
    rows = [
        {"id": "1", "who": "bob", "verdict": "bad", "why": "late", "kinds": ["slow", "rude"]},
        {"id": "2", "who": "ana", "verdict": "bad", "why": "late", "kinds": "slow"},
    ]
    take(fresh_store, *rows, mapping=LABEL_MAPPING)
    slow, rude = (category.id for category in list_categories(fresh_store))
    reword(fresh_store, slow, Words(name="Takes too long", definition="over a minute"), by="ana")
    merge_categories(fresh_store, rude, into=slow, by="ana")
    take(
        fresh_store,
        *rows,
        {"id": "2", "who": "bob", "verdict": "bad", "why": "hm", "kinds": "rude"},
        mapping=LABEL_MAPPING,
    )
    assert [category.name for category in list_categories(fresh_store)] == ["Takes too long"]
    assert count(fresh_store, "select count(*) from current_assignments") == 2


def test_a_category_made_while_an_import_runs_is_neither_doubled_nor_its_number_given_twice(fresh_store: Store) -> None:
    take(fresh_store, ONE, TWO)
    said = {"trace_id": "1", "labeler": "bob", "state": LabelState.FAIL, "critique": "late"}
    with ingest(fresh_store) as running:
        made = make_category(fresh_store, Words(name="Slow"), by="ana").category_id
        running.add([Entry("labels.jsonl", 1, None, [LabelRow(**said, categories=("slow", "rude"))], [])])
        running.finish(files=["labels.jsonl"], format_name="jsonl", mapping=None, now=datetime(2026, 1, 1))
    found = {category.name: category.id for category in list_categories(fresh_store)}
    assert set(found) == {"Slow", "rude"}
    assert found["Slow"] == made != found["rude"]
    assert set(read_trace(fresh_store, "1").labels[0].categories) == {"Slow", "rude"}
    assert [check.name for check in examine(fresh_store).health.checks if check.faults] == []


def test_a_judge_version_saved_while_an_import_runs_gets_another_number(fresh_store: Store) -> None:
    take(fresh_store, ONE, TWO)
    said = {"trace_id": "1", "verdict": Verdict.FAIL, "critique": "late"}
    with ingest(fresh_store) as running:
        saved = [save_check(fresh_store, "short", "length", {"most": most}, by="ana") for most in (5, 6)]
        rows = [
            JudgmentRow(**said, judge="j", version="a"),
            JudgmentRow(**said, judge="short", version=saved[0].version),
        ]
        running.add([Entry("judged.jsonl", 1, None, [], rows)])
        running.finish(files=["judged.jsonl"], format_name="jsonl", mapping=None, now=datetime(2026, 1, 1))
    judges = {known.version.ref: known.failed for known in list_judges(fresh_store)}
    assert judges == {"j@a": 1, saved[0].ref: 1, saved[1].ref: 0}
    assert [check.name for check in examine(fresh_store).health.checks if check.faults] == []


def test_two_labels_of_one_person_in_one_file_leave_the_last(fresh_store: Store) -> None:
    take(fresh_store, ONE)
    take(
        fresh_store,
        {"id": "1", "who": "ana", "verdict": "bad", "why": "first"},
        {"id": "1", "who": "ana", "verdict": "good", "why": "second"},
        mapping=LABEL_MAPPING,
    )
    assert [label.critique for label in read_trace(fresh_store, "1").labels] == ["second"]
    assert len(read_trace(fresh_store, "1").history) == 2


def test_judgments_make_versions_and_again_add_nothing(fresh_store: Store) -> None:
    take(fresh_store, ONE, TWO)
    rows = [
        {"id": "1", "version": "a", "verdict": "good"},
        {"id": "2", "version": "a", "verdict": "unsure"},
        {"id": "1", "version": "b", "verdict": "bad", "why": "x"},
        {"id": "7", "version": "b", "verdict": "bad"},
    ]
    first = take(fresh_store, *rows, mapping=JUDGE_MAPPING)
    counts = first.judgments
    assert (counts.read, counts.added, counts.unchanged, counts.failures, counts.bad) == (4, 3, 0, 1, 1)
    again = take(fresh_store, *rows, mapping=JUDGE_MAPPING).judgments
    assert (again.read, again.added, again.unchanged, again.failures, again.bad) == (4, 0, 3, 0, 1)
    take(fresh_store, {"id": "1", "version": "a", "verdict": "bad"}, mapping=JUDGE_MAPPING)
    judges = {k.version.ref: (k.passed, k.failed, k.failures) for k in list_judges(fresh_store)}
    assert judges == {"j@a": (0, 1, 1), "j@b": (0, 1, 0)}
    assert count(fresh_store, "select count(*) from judgments") == 4
    found = read_trace(fresh_store, "2").judgments
    assert [(j.verdict, j.failure) for j in found] == [(None, "unsure")]


def test_a_label_that_accepts_or_rejects_takes_the_verdict_of_the_judge(fresh_store: Store) -> None:
    take(fresh_store, ONE, TWO, {"id": "3", "q": "three", "a": "3"})
    take(
        fresh_store,
        {"id": "1", "version": "a", "verdict": "good"},
        {"id": "2", "version": "a", "verdict": "bad"},
        mapping=JUDGE_MAPPING,
    )
    relative = '[trace]\nid = "id"\n[[label]]\nlabeler = "ana"\nrelative_to = "j"\nverdict = "ok"\nsame = [true]\nopposite = [false]\n'
    report = take(
        fresh_store, {"id": "1", "ok": False}, {"id": "2", "ok": True}, {"id": "3", "ok": True}, mapping=relative
    )
    assert (report.labels.read, report.labels.added, report.labels.bad) == (3, 2, 1)
    assert ids(fresh_store, Slice(verdict=("fail",))) == ["1", "2"]
    assert "no verdict of the judge j" in report.problems[0].reason


def test_times_of_the_store_are_utc_wherever_the_machine_stands(tmp_path: Path) -> None:
    script = """
import sys
from pathlib import Path
from core.workflows.importing import ImportOptions, Mapping, Source, import_sources
from core.workflows.opening import open_store
store = open_store(Path(sys.argv[1]))
mapping = Mapping.from_toml('[trace]\\nid = "id"\\ninput = "q"\\n[[judgment]]\\njudge = "j"\\nverdict = "v"\\npass = [1]\\nfail = [0]\\n')
log = b'{"id": "a", "q": "x", "v": 1}\\n'
import_sources(store, [Source.from_bytes("log.jsonl", log)], ImportOptions(mapping=mapping))
with store.read() as cursor:
    made, = cursor.execute("select made_at from judge_versions").fetchone()
    at, = cursor.execute("select made_at from imports").fetchone()
print(abs((made - at).total_seconds()) < 60)
"""
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "tz.duckdb")],
        cwd=ROOT, capture_output=True, text=True, check=True, env=os.environ | {"TZ": "Pacific/Auckland"},
    )  # fmt: skip
    assert done.stdout == "True\n"


# ----------------------------------------------------------------------------------------------------- whole or not


def assert_nothing(store: Store) -> None:
    for table in (
        *("traces", "trace_dimensions", "dimension_values", "labels", "judgments", "judge_versions", "imports"),
        *("bad_lines", "categories", "assignments", "trace_history"),
    ):
        assert count(store, f"select count(*) from {table}") == 0, table


WITH_ALL = (
    LOG_MAPPING
    + LABEL_MAPPING.partition('id = "id"')[2]
    + JUDGE_MAPPING.partition('id = "id"')[2].replace("why", "judge_why")
)
FULL = ONE | {"who": "ana", "verdict": "bad", "why": "x", "kinds": ["k"], "version": "v"}


def test_a_dry_run_says_all_and_stores_nothing(fresh_store: Store) -> None:
    report = take(fresh_store, FULL, "{broken", mapping=WITH_ALL, dry_run=True)
    assert (numbers(report), report.import_id) == ((2, 1, 0, 0, 1), None)
    assert (report.labels.added, report.judgments.added) == (1, 1)
    assert_nothing(fresh_store)
    assert list_imports(fresh_store) == []
    assert numbers(take(fresh_store, FULL, mapping=WITH_ALL)) == (1, 1, 0, 0, 0)


def test_a_progress_that_raises_cancels_the_import(fresh_store: Store) -> None:
    def stop(_: Progress) -> None:
        raise KeyboardInterrupt

    chosen = ImportOptions(mapping=Mapping.from_toml(WITH_ALL))
    with pytest.raises(KeyboardInterrupt):
        import_sources(fresh_store, [jsonl(FULL)], chosen, progress=stop)
    assert_nothing(fresh_store)
    assert numbers(take(fresh_store, FULL, mapping=WITH_ALL)) == (1, 1, 0, 0, 0)


def test_a_file_that_is_not_recognised_stores_nothing_of_the_others(fresh_store: Store) -> None:
    picture = Source.from_bytes("picture.png", b"\x89PNG\r\n\x1a\n\x00\x00\x00")
    with pytest.raises(InputError, match=r"picture\.png was not recognised"):
        import_sources(fresh_store, [jsonl(ONE), picture])
    assert_nothing(fresh_store)
    with pytest.raises(InputError):
        recognise(jsonl(ONE), "docx")


def test_imports_at_the_same_time_wait_for_each_other(fresh_store: Store) -> None:
    problems: list[BaseException] = []

    def run(name: str) -> None:
        try:
            records = [{"id": f"{name}-{n}", "q": "x", "a": "y", "feature": f"f{n % 7}"} for n in range(300)]
            take(fresh_store, *records, *({"id": f"shared-{n}", "q": "s", "a": "s"} for n in range(50)))
        except BaseException as problem:  # noqa: BLE001 - told by the test
            problems.append(problem)

    threads = [threading.Thread(target=run, args=(f"t{n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert problems == []
    assert describe(fresh_store, Slice()).n == 4 * 300 + 50
    assert len(list_imports(fresh_store)) == 4


def test_somebody_reading_sees_nothing_of_an_import_before_it_ends(fresh_store: Store) -> None:
    take(fresh_store, ONE)
    seen: list[int] = []

    def look(_: Progress) -> None:
        seen.append(describe(fresh_store, Slice()).n)

    chosen = ImportOptions(mapping=Mapping.from_toml(LOG_MAPPING))
    import_sources(fresh_store, [jsonl(TWO), jsonl(TWO | {"id": "3"}, name="b.jsonl")], chosen, progress=look)
    assert seen == [1, 1]
    assert describe(fresh_store, Slice()).n == 3


def test_labels_can_be_given_while_an_import_runs(fresh_store: Store) -> None:
    from core.model import LabelState
    from core.workflows.reviewing import record_label

    take(fresh_store, ONE)
    events: list[int] = []

    def judge(_: Progress) -> None:
        events.append(record_label(fresh_store, trace_id="1", state=LabelState.PASS, labeler="ana"))

    chosen = ImportOptions(mapping=Mapping.from_toml(WITH_ALL))
    import_sources(fresh_store, [jsonl(FULL | {"id": "2"})], chosen, progress=judge)
    assert len(events) == 1
    assert ids(fresh_store, Slice(verdict=("pass",))) == ["1"]
    assert ids(fresh_store, Slice(verdict=("fail",))) == ["2"]


def test_a_dimension_with_the_name_of_a_field_gets_another(fresh_store: Store) -> None:
    mapping = '[trace]\nid = "id"\ninput = "q"\n[dimensions]\nmodel = "m"\nsource = "=x"\n'
    take(fresh_store, {"id": "1", "q": "x", "m": "big"}, mapping=mapping)
    assert read_trace(fresh_store, "1").trace.dimensions == {"model (logged)": ("big",), "source (logged)": ("x",)}


def test_what_was_said_comes_back_exactly(fresh_store: Store) -> None:
    mapping = '[trace]\nid = "id"\nmessages = "messages"\n'
    messages = [
        {"role": "user", "content": "tabs\tand\nlines\r\nand \u0000 and \u2028 and 🙂 and \ufeff"},
        {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "c", "type": "function", "function": {"name": "f g", "arguments": '{"a": " "}'}}],
        },
        {"role": "tool", "tool_call_id": "c", "content": ""},
        {"role": "assistant", "content": ""},
    ]
    assert numbers(take(fresh_store, {"id": "1", "messages": messages}, mapping=mapping)) == (1, 1, 0, 0, 0)
    found = read_trace(fresh_store, "1").trace.messages
    assert [message.text for message in found] == [messages[0]["content"], "", "", ""]
    assert found[1].tool_calls == (("c", "f g", '{"a": " "}'),)
    assert found[2].tool_call_id == "c"
    with fresh_store.snapshot() as cursor:
        (part,) = exports.trace_parts(cursor, exports.slice_keys(cursor, Slice(), None))
    assert part[0].record is not None
    assert json.loads(part[0].record) == {"id": "1", "messages": messages}


# ------------------------------------------------------------------------------------------------------------ kills


@pytest.fixture(scope="module")
def many_traces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of 20,000 traces."""
    folder = tmp_path_factory.mktemp("many")
    subprocess.run([sys.executable, str(shared("bench/gen.py")), "20000", str(folder)], check=True, capture_output=True)
    return folder / "traces.jsonl"


@pytest.mark.skipif(not (SHARED / "bench" / "gen.py").exists(), reason="../shared/bench is not here")
@pytest.mark.timeout(300)
def test_an_import_that_is_killed_leaves_nothing_half_done(many_traces: Path, tmp_path: Path) -> None:
    database = tmp_path / "killed.duckdb"
    command = [sys.executable, "passfail.py", "import", str(many_traces), "--db", str(database)]
    for wait in (0.2, 0.7, 1.5, 3.0):
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as importing:
            deadline = time.monotonic() + 30
            while not database.exists() and time.monotonic() < deadline:
                time.sleep(0.01)
            time.sleep(wait)
            importing.send_signal(signal.SIGKILL)
        store = open_store(database)
        finished = len(list_imports(store))
        assert describe(store, Slice()).n == (20_000 if finished else 0)
        assert [check for check in examine(store).health.checks if check.faults] == []
        store.close()
    done = subprocess.run([*command, "--json"], cwd=ROOT, capture_output=True, text=True, check=True)
    report = json.loads(done.stdout)
    assert report["read"] == report["added"] + report["unchanged"] == 20_000
    store = open_store(database)
    assert describe(store, Slice()).n == 20_000
    assert examine(store).health.faults == 0
    store.close()


KILLED = """
import os, sys
from pathlib import Path
from core.store.journaling import Journaling
from core.workflows.importing import ImportOptions, Mapping, Source, import_sources
from core.workflows.opening import open_store
def ended(frame, event, value):
    if event == "return" and frame.f_code is Journaling.committed.__code__:
        os._exit(9)
store = open_store(Path(sys.argv[1]))
mapping = Mapping.from_toml('[trace]\\nid = "id"\\ninput = "q"\\noutput = "a"\\n')
source = Source.from_bytes("log.jsonl", sys.argv[2].encode())
sys.setprofile(ended)
import_sources(store, [source], ImportOptions(mapping=mapping, format="jsonl"))
"""
MOVE = "please move the delivery of my two acers from monday to the week after next because i am away"


def split_in_two(store: Store) -> None:
    """A is in train, and B in dev."""
    asked = {"A": MOVE, "B": "when are you open on saturdays and sundays"}
    for name, shares in (("A", Shares(98, 1, 1)), ("B", Shares(0, 100, 0))):
        take(store, {"id": name, "q": asked[name], "a": "Done."})
        record_label(store, trace_id=name, state=LabelState.FAIL, labeler="ana", critique="no")
        assign_splits(store, by="ana", shares=shares)


def test_what_an_import_makes_a_twin_is_out_of_use_with_its_commit_whatever_ends_the_process(tmp_path: Path) -> None:
    database = tmp_path / "ended.duckdb"
    store = open_store(database)
    split_in_two(store)
    store.close()
    line = json.dumps({"id": "B", "q": MOVE, "a": "Done."})
    done = subprocess.run([sys.executable, "-c", KILLED, str(database), line], cwd=ROOT, check=False)
    assert done.returncode == 9, "it ended right after the commit"
    store = open_store(database)
    assert read_trace(store, "B").trace.row.input == MOVE
    assert [(split.split, split.n) for split in look_at_splits(store).splits if split.n] == [("train", 1)]
    assert examine(store).health.faults == 0
    store.close()


def test_a_split_that_is_given_while_an_import_runs_is_looked_at_too(fresh_store: Store) -> None:
    for name, asked in (("A", MOVE), ("B", "when are you open on saturdays and sundays")):
        take(fresh_store, {"id": name, "q": asked, "a": "Done."})
        record_label(fresh_store, trace_id=name, state=LabelState.FAIL, labeler="ana", critique="no")
    assigned: list[object] = []

    def meanwhile(_: Progress) -> None:
        if not assigned:
            assigned.append(assign_splits(fresh_store, by="ana", shares=Shares(0, 50, 50)))

    records = [{"id": "B", "q": MOVE, "a": "Done."}, *({"id": f"x{n}", "q": f"number {n}"} for n in range(20_000))]
    chosen = ImportOptions(mapping=Mapping.from_toml(LOG_MAPPING), format="jsonl")
    report = import_sources(fresh_store, [jsonl(*records)], chosen, progress=meanwhile)
    assert assigned == [{"train": 0, "dev": 1, "test": 1, "left out": 0}]
    assert any("became twins" in note for note in report.notes)
    assert sum(split.n for split in look_at_splits(fresh_store).splits) == 1


def test_a_disk_that_is_full_is_said_and_nothing_is_stored(tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    database = tmp_path / "passfail.duckdb"
    rng_text = "".join(chr(33 + (n * n * 7919 + n) % 90) for n in range(3_000))
    with log.open("w") as stream:
        for n in range(8_000):
            stream.write(json.dumps({"id": str(n), "input": rng_text[n % 997 :] + str(n), "output": str(n)}) + "\n")
    script = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_FSIZE, (6_000_000, 6_000_000))\n"
        "from core.cli import main; sys.exit(main(sys.argv[1:]))"
    )
    done = subprocess.run(
        [sys.executable, "-B", "-c", script, "import", str(log), "--db", str(database)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr
    assert done.returncode == 3, done.stderr
    assert "cannot be written" in done.stderr
    store = open_store(database)
    assert describe(store, Slice()).n == 0
    assert examine(store).health.faults == 0
    store.close()
