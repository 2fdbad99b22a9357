"""A judge held against the expert: the four counts, who is left out, and that every number's link shows just that many."""

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest
from sklearn.metrics import cohen_kappa_score  # type: ignore[import-untyped]
from statsmodels.stats.proportion import proportion_confint  # type: ignore[import-untyped]

from core.errors import NotFoundError, UsageError
from core.metrics import METRICS, agreement, kappa, rate_of
from core.model import Confusion, JudgmentRow, LabelState, LeftOut, Verdict
from core.slice import Condition, Slice, day_text
from core.store.connection import IN_MEMORY, Store
from core.store.ingest import Entry, ingest
from core.workflows.comparing import compare_versions
from core.workflows.exploring import describe, set_principal_expert
from core.workflows.opening import open_store
from core.workflows.pivoting import CATEGORY
from core.workflows.reviewing import record_label
from core.workflows.trusting import (
    Trust,
    compare_to_expert,
    list_judges,
    list_labelers,
    list_pairs,
    measure_trust,
)
from tests.conftest import EXPERT, JUDGE, MakeTrace, shared
from tests.real_sets import off_links, off_trust, real_store
from tests.unit.workflows.messy import fill_messy
from tests.unit.workflows.test_exporting import store_traces

ONE, TWO = "overall@1", "overall@2"


@pytest.fixture(scope="module")
def messy() -> Iterator[Store]:
    store = open_store(IN_MEMORY)
    fill_messy(store)
    set_principal_expert(store, "ana", by="test")
    yield store
    store.close()


def adds_up(store: Store, trust: Trust, slice_: Slice) -> bool:
    return trust.groups[0].counts.n + sum(trust.left_out) == describe(store, slice_).n


def test_the_four_counts_and_what_was_left_out_are_those_known_by_heart(small_store: Store) -> None:
    trust = measure_trust(small_store, Slice(), judge="strict")
    assert trust.judge == JUDGE
    assert trust.groups[0].counts == Confusion(both_pass=2, both_fail=2, judge_too_lenient=1, judge_too_strict=1)
    assert trust.left_out == LeftOut(
        unlabelled=3, deferred=1, no_judgment=1, judge_failure=1, expert_saw_judge=0, other_split=0
    )
    assert adds_up(small_store, trust, Slice())
    assert off_trust(small_store, trust) == []


FACTS = {
    "helpfulness": ("annotated_data.json", "helpfulness"),
    "answer_correctness": ("edited_chain_runs.json", "answer_correctness"),
    "summary_accuracy": ("sample_annotated_summary.json", "summary_accuracy"),
}


@pytest.mark.parametrize("name", FACTS)
def test_the_four_counts_of_the_real_sets_are_those_of_the_facts(name: str) -> None:
    file, judge = FACTS[name]
    facts = json.loads(shared("data/facts.json").read_text("utf-8"))["ragas-annotated"][file]["human_x_judge"]
    store = real_store(name)
    trust = measure_trust(store, Slice(), judge=judge, by="metric")
    assert trust.groups[0].counts == Confusion(
        both_pass=facts.get("h1j1", 0),
        both_fail=facts.get("h0j0", 0),
        judge_too_lenient=facts.get("h0j1", 0),
        judge_too_strict=facts.get("h1j0", 0),
    )
    assert off_trust(store, trust) == []
    assert adds_up(store, trust, Slice())
    check_against_oracles(trust.groups[0].counts)


def check_against_oracles(counts: Confusion) -> None:
    """Intervals and kappa as statsmodels and scikit-learn compute them."""
    for metric in METRICS:
        rate = metric.function(counts)
        if rate.n:
            low, high = proportion_confint(rate.k, rate.n, method="wilson")
            assert (rate.low, rate.high) == (pytest.approx(low, abs=1e-12), pytest.approx(high, abs=1e-12))
    expert = (
        [1] * counts.both_pass + [0] * counts.both_fail + [0] * counts.judge_too_lenient + [1] * counts.judge_too_strict
    )
    judge = (
        [1] * counts.both_pass + [0] * counts.both_fail + [1] * counts.judge_too_lenient + [0] * counts.judge_too_strict
    )
    if len({*expert, *judge}) == 2:
        assert kappa(counts) == pytest.approx(cohen_kappa_score(expert, judge), abs=1e-12)


@pytest.mark.parametrize("ref", [ONE, TWO])
def test_the_oracles_agree_on_a_store_of_everything(messy: Store, ref: str) -> None:
    for group in measure_trust(messy, Slice(), judge=ref, by="topic").groups:
        check_against_oracles(group.counts)


SLICES = {
    "all": Slice(),
    "failed": Slice(verdict=("fail",)),
    "passed or deferred": Slice(verdict=("pass", "deferred")),
    "blind": Slice(saw_judge=False),
    "saw": Slice(saw_judge=True),
    "two topics": Slice(dimensions=(Condition(key="topic", values=("*", "search")),)),
    "category": Slice(category=(1, 0)),
    "the judge failed": Slice(judge=ONE, judge_verdict=("fail",)),
    "the judge said nothing": Slice(judge=ONE, judge_verdict=("none", "failure")),
    "they differ": Slice(disagree=ONE),
    "of ben": Slice(labeler="ben"),
    "of ben, failed": Slice(labeler="ben", verdict=("fail",)),
}


@pytest.mark.parametrize("chosen", SLICES)
def test_every_number_has_its_traces_and_all_add_up_in_any_slice(messy: Store, chosen: str) -> None:
    by = ("topic", CATEGORY, "d.category")[list(SLICES).index(chosen) % 3]
    trust = measure_trust(messy, SLICES[chosen], judge=ONE, by=by)
    assert off_trust(messy, trust) == []
    if "verdict" not in SLICES[chosen].to_params():
        assert adds_up(messy, trust, SLICES[chosen])


def test_a_label_given_in_sight_of_the_judge_does_not_count_and_the_blind_one_still_does(small_store: Store) -> None:
    before = measure_trust(small_store, Slice(), judge=JUDGE)
    record_label(
        small_store, trace_id="t04", state=LabelState.PASS, labeler=EXPERT, critique="I see now", saw_judge=True
    )
    record_label(
        small_store, trace_id="t05", state=LabelState.FAIL, labeler=EXPERT, critique="as it says", saw_judge=True
    )
    after = measure_trust(small_store, Slice(), judge=JUDGE)
    assert after.groups[0].counts == before.groups[0].counts
    assert after.left_out.expert_saw_judge == 1
    assert off_trust(small_store, after) == []
    assert adds_up(small_store, after, Slice())
    pair = next(p for p in list_pairs(small_store, after.disagreements, judge=JUDGE) if p.trace_id == "t04")
    assert (pair.expert, pair.expert_critique) == (Verdict.FAIL, "invented a listing")


def test_with_several_people_it_must_be_said_whose_labels_count(messy: Store, fresh_store: Store) -> None:
    fill_messy(fresh_store)
    assert list_labelers(fresh_store).default is None
    with pytest.raises(UsageError):
        measure_trust(fresh_store, Slice(), judge=ONE)
    ana, ben = (measure_trust(fresh_store, Slice(), judge=ONE, labeler=name) for name in ("ana", "ben"))
    assert ana.groups[0].counts != ben.groups[0].counts
    assert ana.groups[0].counts == measure_trust(messy, Slice(), judge=ONE).groups[0].counts
    assert off_trust(fresh_store, ben) == []
    with pytest.raises(NotFoundError):
        measure_trust(fresh_store, Slice(), judge=ONE, labeler="nobody")


def test_the_sealed_test_split_says_nothing(small_store: Store) -> None:
    trust = measure_trust(small_store, Slice(), judge=JUDGE, split="test")
    assert trust.sealed
    assert trust.groups == []
    assert trust.differ == 0


def test_a_split_that_was_not_asked_for_is_left_out_with_its_traces(small_store: Store) -> None:
    with small_store.write() as cursor:
        for event, key in enumerate((1, 2, 3, 4), 9000):
            cursor.execute(
                "insert into splits values (?, ?, ?, now()::timestamp)", [event, key, "dev" if key < 4 else "train"]
            )
    trust = measure_trust(small_store, Slice(), judge=JUDGE, split="dev")
    assert trust.groups[0].counts.n + trust.left_out.other_split == 12
    assert trust.left_out.other_split == 9
    assert off_trust(small_store, trust) == []


def test_when_the_judge_judged_is_said_of_what_was_compared_alone(small_store: Store, make_trace: MakeTrace) -> None:
    early, late = datetime(2026, 9, 1), datetime(2026, 11, 20)
    with small_store.write() as cursor:
        cursor.execute("update judgments set made_at = ?", [early])
    trace = make_trace(id="unlabelled")
    said = JudgmentRow(trace_id=trace.id, judge="strict", version="v1", verdict=Verdict.FAIL, at=late)
    with ingest(small_store) as running:
        running.add([Entry("late.jsonl", None, trace, [], [said])])
        running.finish(files=["late.jsonl"], format_name="jsonl", mapping=None, now=late)
    assert measure_trust(small_store, Slice(), judge=JUDGE).judged == (early, early)
    record_label(small_store, trace_id=trace.id, labeler=EXPERT, state=LabelState.FAIL, critique="late")
    judged = measure_trust(small_store, Slice(), judge=JUDGE).judged
    assert judged.words(day_text) == "from 1 Sep 2026 to 20 Nov 2026"


def test_what_is_told_adds_up_while_labels_come_in(small_store: Store, make_trace: MakeTrace) -> None:
    traces = [make_trace(dimensions={"feature": ["search", "chat"]}) for _ in range(100)]
    store_traces(small_store, *traces)

    def label_all() -> None:
        for trace in traces:
            record_label(small_store, trace_id=trace.id, labeler=EXPERT, state=LabelState.PASS)

    told: set[int] = set()
    labelling = threading.Thread(target=label_all)
    labelling.start()
    while labelling.is_alive():
        trust = measure_trust(small_store, Slice(), judge=JUDGE, by="feature")
        told.add(trust.groups[0].counts.n + sum(trust.left_out))
    assert told == {describe(small_store, Slice()).n}


def test_another_judge_in_the_slice_is_refused(messy: Store) -> None:
    for slice_ in (SLICES["the judge failed"], SLICES["they differ"]):
        with pytest.raises(UsageError):
            measure_trust(messy, slice_, judge=TWO)
        assert [rate.version for rate in compare_to_expert(messy, slice_, judge="overall")] == ["1"]


def test_pairs_hold_both_words_of_each_disagreement(messy: Store) -> None:
    trust = measure_trust(messy, Slice(), judge=ONE)
    pairs = list_pairs(messy, trust.disagreements, judge=ONE)
    assert len(pairs) == trust.differ == len({p.trace_id for p in pairs})
    assert all(p.expert != p.judge and p.expert_critique and p.judge_critique for p in pairs)
    lenient = list_pairs(messy, trust.groups[0].cell_slice(expert="fail", judge="pass"), judge=ONE)
    assert len(lenient) == trust.groups[0].counts.judge_too_lenient
    assert [p.trace_id for p in list_pairs(messy, trust.disagreements, judge=ONE, limit=3)] == [
        p.trace_id for p in pairs[:3]
    ]


@pytest.mark.parametrize("chosen", ["all", "failed", "two topics", "of ben", "category"])
def test_two_versions_are_compared_on_the_same_traces(messy: Store, chosen: str) -> None:
    slice_ = SLICES[chosen]
    found = compare_versions(messy, slice_, former=ONE, latter=TWO)
    counted = [("compared", found.n, found.slice), *found.flips]
    for words, rates, verdict in (("caught", found.caught, "fail"), ("kept", found.kept, "pass")):
        for ref, rate in zip((ONE, TWO), rates, strict=True):
            counted.append((f"{words} {ref}", rate.k, found.rate_slice(verdict, ref, verdict)))
            counted.append((f"of {words}", rate.n, found.slice.with_verdict(verdict)))
    assert off_links(messy, counted) == []
    difference = sum(rates[1].k - rates[0].k for rates in (found.caught, found.kept))
    assert found.now_right - found.now_wrong == difference
    assert sum(n for _, n, _ in found.flips) == found.now_right + found.now_wrong
    with pytest.raises(UsageError):
        compare_versions(messy, replace(slice_, disagree=ONE), former=ONE, latter=TWO)
    with pytest.raises(UsageError):
        compare_versions(messy, slice_, former=ONE, latter=ONE)


def test_a_judge_failure_is_in_no_rate_of_the_judge(messy: Store) -> None:
    for judge in list_judges(messy):
        assert judge.judgments == judge.passed + judge.failed + judge.failures
        assert judge.pass_rate.n == judge.passed + judge.failed
        for verdict, n in (("pass", judge.passed), ("fail", judge.failed), ("failure", judge.failures)):
            assert describe(messy, Slice().with_judge_verdict(judge.version.ref, verdict)).n == n


def test_no_overlap_gives_dashes_and_no_error() -> None:
    store = real_store("nurtureboss")
    trust = measure_trust(store, Slice(), judge="substantiation")
    assert trust.groups[0].counts.n == 0
    assert trust.groups[0].caught_failures == rate_of(0, 0)
    assert trust.groups[0].kappa is None
    assert agreement(trust.groups[0].counts).rate is None
    assert off_trust(store, trust) == []
