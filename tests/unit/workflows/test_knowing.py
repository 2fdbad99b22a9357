"""Known answers show whether a judge can tell good from bad; they are no labels, no traffic, and in no agreement unlabelled."""

import json
from pathlib import Path

import pytest

from core.model import JudgeVersion, LabelState
from core.slice import Slice
from core.splitting import Shares
from core.store.connection import Store
from core.workflows.drafting import save_check
from core.workflows.exploring import describe
from core.workflows.importing import ImportOptions, Source, import_sources
from core.workflows.judging import start_run, wait_for
from core.workflows.knowing import ALL_KNOWN, count_known, measure_known
from core.workflows.planning_runs import plan_run
from core.workflows.queueing import count_open
from core.workflows.reviewing import record_label
from core.workflows.splitting import assign_splits
from core.workflows.staling import staleness
from core.workflows.trusting import measure_trust
from tests.conftest import JUDGE, Cli
from tests.judging import put_traces, saved
from tests.unit.importers.samples import extract
from tests.unit.workflows.test_category_judges import DATES, SAID, add_judge, category_id


def known(store: Store, answer: str, *outputs: str, name: str = "known.jsonl") -> None:
    """Bring answers in that are known to be good or bad."""
    lines = [json.dumps({"id": f"{answer}-{i}", "input": f"q{i}", "output": text}) for i, text in enumerate(outputs)]
    source = Source.from_bytes(name, "\n".join(lines).encode())
    import_sources(store, [source], ImportOptions(dimensions={"known": answer}))


@pytest.fixture
def check(small_store: Store) -> JudgeVersion:
    known(small_store, "good", "well done", "also well", "sorry, but well")
    known(small_store, "bad", "sorry", "nothing", "sorry again", "sorry", "so sorry")
    return save_check(small_store, "polite", "contains", {"text": "sorry", "absent": True}, by="ana")


def test_a_judge_on_known_answers_has_a_table_of_its_own(small_store: Store, check: JudgeVersion) -> None:
    before = describe(small_store, Slice().with_value("origin", "real")).n
    plan = plan_run(small_store, check.ref, split=None, slice_=ALL_KNOWN)
    assert (plan.n, count_known(small_store)) == (8, 8)
    empty = measure_known(small_store, check.ref)
    assert empty is not None
    assert (empty.good.rate, empty.bad.n, empty.without) == (None, 0, 8)
    wait_for(small_store, start_run(small_store, plan, by="ana"), every=0.05)
    found = measure_known(small_store, "polite")
    assert found is not None
    assert (found.good.k, found.good.n, found.bad.k, found.bad.n) == (2, 3, 4, 5)
    assert (found.failures, found.without) == (0, 0)
    assert describe(small_store, found.slice_of("bad", "pass")).n == 1, "the number leads to the one that it let pass"
    trust = measure_trust(small_store, Slice(), judge=check.ref)
    assert (trust.whole.counts.n, trust.left_out.no_judgment) == (0, 8), "it is held against no label"
    assert before == 12, "they are no traffic"


def test_they_are_drawn_only_where_they_are_asked_for_and_make_no_check_old(small_store: Store) -> None:
    before, open_before = staleness(small_store, JUDGE), count_open(small_store, Slice(), labeler="ben")
    known(small_store, "good", "well done")
    known(small_store, "bad", "sorry", "nothing")
    known(small_store, "neither", "x", name="other.jsonl")
    assert count_open(small_store, Slice(), labeler="ben") == open_before + 1
    assert count_open(small_store, Slice().with_value("known", "bad"), labeler="ben") == 2
    after = staleness(small_store, JUDGE)
    assert before is not None
    assert after is not None
    assert after.checked.traffic.new == before.checked.traffic.new + 1, "the one of which nothing is known"


def test_labelled_ones_in_the_sealed_test_split_are_counted_as_such(small_store: Store, check: JudgeVersion) -> None:
    plan = plan_run(small_store, check.ref, split=None, slice_=ALL_KNOWN)
    wait_for(small_store, start_run(small_store, plan, by="ana"), every=0.05)
    for trace in ("bad-0", "bad-1"):
        record_label(small_store, trace_id=trace, labeler="ana", state=LabelState.FAIL, critique="no")
    assert measure_trust(small_store, Slice(), judge=check.ref).whole.counts.n == 2, "an expert labelled these"
    assign_splits(small_store, by="ana", shares=Shares(0, 1, 99))
    found = measure_known(small_store, check.ref)
    assert found is not None
    sealed = describe(small_store, found.slice_of("bad", "sealed")).n
    assert (found.sealed, found.bad.n, found.good.n) == (sealed, 5 - sealed, 3)
    assert sealed > 0


def test_no_known_answers_and_judges_of_one_category_have_none(small_store: Store) -> None:
    assert measure_known(small_store, "strict") is None
    known(small_store, "good", "well")
    known(small_store, "neither", "x", name="other.jsonl")
    assert count_known(small_store) == 1
    assert measure_known(small_store, "strict") is not None
    add_judge(small_store, DATES, SAID, about=category_id(small_store, "dates"))
    assert measure_known(small_store, DATES) is None, "of a wrong date they say nothing"


def test_one_is_synthetic_though_the_log_calls_it_real() -> None:
    mapping = '[trace]\nid = "id"\ninput = "q"\norigin = "from"\n[dimensions]\nknown = "known"\n'
    for answer, origin in (("good", "synthetic"), ("yes", "real")):
        made = extract(mapping, {"id": "a", "q": "Why?", "from": "real", "known": answer}).trace
        assert made is not None
        assert made.origin == origin


def test_many_known_answers_ask_for_no_reason(small_store: Store) -> None:
    judge = saved(small_store)
    known(small_store, "good", *(f"well {i}" for i in range(100)), name="more.jsonl")
    assert plan_run(small_store, judge.ref, split=None).unchecked == 0
    put_traces(small_store, 100)
    assert plan_run(small_store, judge.ref, split=None).unchecked >= 100


def test_the_command_line_runs_on_them_and_tells(cli: Cli, small_database: Path, tmp_path: Path) -> None:
    log, slots = tmp_path / "good.jsonl", tmp_path / "judge.json"
    log.write_text(json.dumps({"id": "g", "input": "q", "output": "well"}))
    slots.write_text(json.dumps({"check": "contains", "text": "sorry", "absent": True}))
    assert cli("import", log, "--dimension", "known=good").code == 0
    assert cli("judge", "save", "polite", slots, "--as", "ana").code == 0
    assert cli("judge", "run", "polite", "--known", "--json").json["judged"] == 1
    found = cli("agreement", "--judge", "polite", "--json").json["known"]
    assert (found["good_passed"]["k"], found["bad_failed"]["rate"], found["no_judgment"]) == (1, None, 0)
    assert "Known answers: passed 1 of 1" in cli("agreement", "--judge", "polite").out
    assert cli("judge", "run", "polite", "--known", "--where", "feature=search").code == 2
