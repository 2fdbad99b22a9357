"""The test split: nothing of what a judge says of it gets out before somebody opened it, by any way out there is."""

import io
import json
import re
from pathlib import Path

import pytest

from core.cli.shapes import trace_shape
from core.errors import NotFoundError, UsageError
from core.model import Verdict
from core.slice import SPLITS, Slice
from core.store import drawing, journal_rows
from core.store.connection import Store
from core.workflows import exporting
from core.workflows.comparing import compare_versions
from core.workflows.exploring import describe, list_traces, read_trace
from core.workflows.importing import ImportOptions, ImportReport, Mapping, Source, import_sources
from core.workflows.maintaining import examine
from core.workflows.pivoting import left_out, newest_evidence, pivot
from core.workflows.revealing import judges_of, reveal
from core.workflows.sealing import asked_split, open_test, read_seal, usual_split, whole_slice
from core.workflows.summarising import summarise
from core.workflows.trusting import compare_to_expert, list_judges, list_pairs, measure_trust
from tests.conftest import EXPERT, JUDGE, ROOT, Cli, fill_small
from tests.real_sets import off_trust

DEV, TEST = (1, 3, 6), (2, 4, 5, 7, 10)
"""Keys of traces of `SMALL`. Of the test traces the judge failed t02, t05, t07, passed t04, and had no verdict on t10."""
HIDDEN = {"t02", "t04", "t05", "t07", "t10"}


def assign(store: Store, dev: tuple[int, ...] = DEV, test: tuple[int, ...] = TEST) -> None:
    with store.write() as cursor:
        for key in (*dev, *test):
            split = "dev" if key in dev else "test"
            cursor.execute("insert into splits select nextval('event_number'), ?, ?, now()::timestamp", [key, split])


def add_version(store: Store, version: str) -> None:
    """Another version of the judge, which copies what the first one said."""
    with store.write() as cursor:
        cursor.execute(
            """insert into judge_versions
                (version_id, event, judge, version, model, settings, prompt, examples, source, made_at)
            select max(version_id) + 1, nextval('event_number'), 'strict', ?, null, '{}', null,
            [], 'imported', now()::timestamp from judge_versions""",
            [version],
        )
        cursor.execute(
            """insert into judgments (event, trace_key, version_id, passed, critique, failure)
            select nextval('event_number'), trace_key, (select max(version_id) from judge_versions), passed, critique, failure
            from judgments where version_id = 1"""
        )


@pytest.fixture
def sealed(small_store: Store) -> Store:
    assign(small_store)
    return small_store


def ids(store: Store, slice_: Slice) -> set[str]:
    return {t.row.id for t in list_traces(store, slice_).traces}


def exported(store: Store, what: str, format_name: str = "csv") -> str:
    stream = io.BytesIO()
    exporting.export(store, what, Slice(), format_name).write(stream)
    return stream.getvalue().decode()


def every_way_out(store: Store) -> dict[str, object]:
    """All that can be asked about what the judge says, with everything that tells of the test traces in it."""
    judgments = {t.row.id: t.judgments for t in list_traces(store, Slice()).traces}
    told = {name: [j for j in found if not j.sealed] for name, found in judgments.items() if name in HIDDEN}
    pages: dict[str, object] = {
        "list": {name: found for name, found in told.items() if found},
        "shape": [
            s
            for t in list_traces(store, Slice()).traces
            if t.row.id in HIDDEN
            for s in trace_shape(t)["judgments"]
            if s["verdict"] or s["critique"] or s["failure"]
        ],
        "one trace": [j for name in HIDDEN for j in read_trace(store, name).judgments if j.verdict or j.critique],
        "evidence": [e.trace_id for e in newest_evidence(store, Slice(), of=JUDGE) if e.trace_id in HIDDEN],
        "pairs": [p.trace_id for p in list_pairs(store, Slice(), judge=JUDGE) if p.trace_id in HIDDEN],
        "revealed in review": judges_of(store, sorted(HIDDEN)),
        "differences": reveal(store, sorted(HIDDEN), labeler=EXPERT, judge=JUDGE).differences,
        "export": [
            name for name in HIDDEN if re.search(rf"^{name},strict", exported(store, "judgments"), re.MULTILINE)
        ],
    }
    for verdict in ("pass", "fail", "failure"):
        pages[f"filter {verdict}"] = ids(store, Slice(judge=JUDGE, judge_verdict=(verdict,))) & HIDDEN
    pages["disagree"] = ids(store, Slice(disagree=JUDGE)) & HIDDEN
    pages["judged"] = ids(store, Slice(judged=(JUDGE,))) & HIDDEN
    with store.read() as cursor:
        by_key = {2: "t02", 4: "t04", 5: "t05", 7: "t07", 10: "t10"}
        pages["drawn as failed"] = {by_key.get(key) for key in drawing.find_failed_by_judge(cursor)} & HIDDEN
        pages["drawn as differing"] = {by_key.get(key) for key in drawing.find_disagreements(cursor)} & HIDDEN
    for measure in ("failed", "disagreements", "caught", "kept"):
        inside = Slice(split=("test",))
        pages[f"pivot {measure}"] = pivot(store, inside, rows="persona", of=JUDGE, measure=measure).total.counts.judged
    pages["agreement"] = measure_trust(store, Slice(split=("test",)), judge=JUDGE).groups[0].counts.n
    pages["versions"] = compare_to_expert(store, Slice(split=("test",)), judge="strict")
    pages["two versions"] = compare_versions(store, Slice(split=("test",)), former=JUDGE, latter="strict@v2").n
    return pages


def test_nothing_gets_out_while_it_is_sealed_and_all_of_it_once_it_is_open(sealed: Store) -> None:
    add_version(sealed, "v2")
    assert {way: found for way, found in every_way_out(sealed).items() if found} == {}
    open_test(sealed, JUDGE, by="Chris")
    open_test(sealed, "strict@v2", by="Chris")
    assert {way for way, found in every_way_out(sealed).items() if not found} == set()


def test_a_label_that_accepts_a_verdict_does_not_tell_what_is_sealed(small_store: Store) -> None:
    mapping = Mapping.from_toml(
        '[trace]\nid = "id"\n[[label]]\nlabeler = "ana"\nrelative_to = "strict"\nverdict = "ok"\nsame = ["yes"]\nopposite = ["no"]\n'
    )

    def bring(**said: str) -> ImportReport:
        lines = "\n".join(json.dumps({"id": name, "ok": ok}) for name, ok in said.items())
        return import_sources(
            small_store, [Source.from_bytes("said.jsonl", lines.encode())], ImportOptions(mapping=mapping)
        )

    before = bring(t05="yes", t09="yes").labels
    assign(small_store, test=(2, 4, 5, 7, 9, 10))
    after = bring(t05="yes", t06="yes", t09="no", t12="yes")
    assert (before.added, after.labels.added, after.labels.unchanged, after.labels.bad) == (2, 1, 1, 2)
    label = read_trace(small_store, "t09").label
    assert label is not None
    assert label.verdict == Verdict.PASS, "what it said before stays"
    assert sorted(problem.reason.endswith("it is sealed") for problem in after.problems) == [False, True]


def test_only_the_store_itself_reads_judgments_that_may_be_sealed() -> None:
    readers = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "core").rglob("*.py")
        if re.search(r"\b(current|present)_judgments\b|(from|join) judgments\b", path.read_text("utf-8"))
    }
    assert readers == {
        "core/store/checks.py",  # when it was last held against the expert
        "core/store/drawing.py",  # which versions have judgments at all
        "core/store/joining.py",  # an import holds its judgments against those of before
        "core/store/judgments.py",  # how many there are; what is sealed says so
        "core/store/judging.py",  # what a run need not ask again
        "core/store/maintenance.py",  # checks and counts
        "core/store/new_judgments.py",  # what a judgment that comes replaces
        "core/store/pins.py",  # how many came since
        "core/store/verdicts.py",  # what the view of those that may be shown comes to where there is no test split
        "core/store/where.py",  # traces with no judgment
    }


def test_a_sealed_judgment_says_that_it_is_sealed_and_is_counted_as_such(sealed: Store) -> None:
    said = {j.judge: j for j in read_trace(sealed, "t07").judgments}["strict"]
    assert (said.sealed, said.verdict, said.critique, said.failure) == (True, None, None, None)
    assert ids(sealed, Slice(judge=JUDGE, judge_verdict=("sealed",))) == HIDDEN
    assert ids(sealed, Slice(judge=JUDGE, judge_verdict=("none",))) == {"t11", "t12"}
    (judge,) = list_judges(sealed)
    assert (judge.judgments, judge.passed, judge.failed, judge.failures, judge.sealed) == (10, 4, 1, 0, 5)
    assert ("in the sealed test split", 5) in [row[:2] for row in left_out(sealed, Slice(), of=JUDGE)]


def test_agreement_of_the_test_split_keeps_to_the_contract(sealed: Store) -> None:
    closed = measure_trust(sealed, Slice(), judge=JUDGE, split="test")
    assert (closed.sealed, closed.groups) == (True, [])
    assert closed.left_out.sealed == 4
    assert off_trust(sealed, closed) == []
    whole = measure_trust(sealed, Slice(), judge=JUDGE)
    assert (whole.groups[0].counts.n, whole.left_out.sealed) == (3, 4)
    assert whole.groups[0].counts.n + sum(whole.left_out) == 12
    assert off_trust(sealed, whole) == []
    open_test(sealed, JUDGE, by="Chris")
    opened = measure_trust(sealed, Slice(), judge=JUDGE, split="test")
    assert (opened.sealed, opened.groups[0].counts) == (False, (0, 1, 1, 1))
    assert off_trust(sealed, opened) == []
    assert measure_trust(sealed, Slice(), judge=JUDGE).left_out.sealed == 0


def test_an_opening_is_kept_by_name_counted_and_marks_what_is_made_later(sealed: Store) -> None:
    add_version(sealed, "v2")
    assert read_seal(sealed, JUDGE).is_sealed
    event = open_test(sealed, JUDGE, by=" Chris ")
    assert open_test(sealed, JUDGE, by="Dana") == event
    add_version(sealed, "v3")
    first, second, third = (read_seal(sealed, f"strict@v{n}") for n in (1, 2, 3))
    assert (first.opened and first.opened.by, first.is_sealed, first.already_seen) == ("Chris", False, False)
    assert (second.opened, second.is_sealed, second.already_seen) == (None, True, False)
    assert (third.is_sealed, third.already_seen, len(third.of_judge), third.of_others) == (True, True, 1, 0)
    assert [usual_split(seal) for seal in (first, second)] == ["test", "dev"]


def test_it_is_opened_by_somebody_for_a_judge_with_a_test_split(small_store: Store) -> None:
    for judge, by, problem in (
        (JUDGE, " ", UsageError),
        (JUDGE, "Chris", UsageError),
        ("nobody", "Chris", NotFoundError),
    ):
        with pytest.raises(problem):
            open_test(small_store, judge, by=by)
    assert not read_seal(small_store, JUDGE).is_sealed
    assert usual_split(read_seal(small_store, JUDGE)) == "all"


@pytest.mark.parametrize(
    ("split", "asked"), [((), None), (("dev",), "dev"), (("none",), None), (("dev", "test"), None), (SPLITS, "all")]
)
def test_the_split_that_an_address_asks_for(split: tuple[str, ...], asked: str | None) -> None:
    assert asked_split(Slice(split=split)) == asked
    assert asked_split(whole_slice(Slice(split=split))) == "all"


def test_all_splits_together_are_all_traces(sealed: Store) -> None:
    assert describe(sealed, whole_slice(Slice())).n == 12


def test_home_speaks_of_traces_that_nobody_tuned_on(sealed: Store) -> None:
    brief = summarise(sealed, Slice()).judge
    assert brief is not None
    assert brief.trust is not None
    assert (brief.trust.split, brief.trust.groups[0].counts.n) == ("dev", 3)
    open_test(sealed, JUDGE, by="Chris")
    brief = summarise(sealed, Slice()).judge
    assert brief is not None
    assert brief.trust is not None
    assert (brief.trust.split, brief.trust.groups[0].counts.n) == ("test", 3)


def test_an_opening_is_in_the_journal_and_the_database_is_whole(sealed: Store) -> None:
    open_test(sealed, JUDGE, by="Chris")
    assert [check for check in examine(sealed).health.checks if check.faults] == []
    with sealed.read() as cursor:
        kinds = [entry[0] for entry in journal_rows.find_after(cursor, 0)]
    assert kinds.count("reveals") == 1


def test_the_command_line_says_sealed(database: Path, cli: Cli) -> None:
    from core.workflows.opening import open_store

    store = open_store(database)
    fill_small(store)
    assign(store)
    store.close()
    found = cli("agreement", "--judge", "strict", "--split", "test", "--json").json
    assert (found["sealed"], found["groups"]) == (True, [])
    traces = {t["id"]: t for t in cli("traces", "--json").json["traces"]}
    assert traces["t07"]["judgments"][0] | {"at": None} == {
        "judge": "strict", "version": "v1", "verdict": None, "critique": None, "failure": None, "at": None, "sealed": True,
    }  # fmt: skip
    assert "strict=sealed" in cli("traces").out
    assert json.loads(cli("judge", "list", "--json").out)["judges"][0]["sealed"] == 5
    assert Verdict.PASS.value in cli("traces").out
