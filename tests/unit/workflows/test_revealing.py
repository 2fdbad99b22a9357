"""After the last verdict: the judge on these traces, and a second thought that overwrites nothing."""

import pytest

from core.errors import NotFoundError, UsageError
from core.model import LabelState, Verdict
from core.slice import Slice
from core.store.connection import Store
from core.workflows.exploring import read_trace
from core.workflows.revealing import judges_of, list_unclear, reconcile, reveal
from core.workflows.reviewing import record_label
from core.workflows.trusting import measure_trust
from tests.conftest import EXPERT, JUDGE

IDS = [f"t{number:02d}" for number in range(1, 13)]


def test_the_judge_on_the_traces_of_a_queue_is_what_trust_says_of_them(small_store: Store) -> None:
    found = reveal(small_store, IDS, labeler=EXPERT, judge=JUDGE)
    trust = measure_trust(small_store, Slice(), judge=JUDGE, labeler=EXPERT).groups[0]
    assert found.counts == trust.counts
    assert (found.caught_failures, found.kept_passes) == (trust.caught_failures, trust.kept_passes)
    assert [(one.trace_id, one.label.verdict, one.judgment.verdict) for one in found.differences] == [
        ("t02", Verdict.PASS, Verdict.FAIL),
        ("t04", Verdict.FAIL, Verdict.PASS),
    ]
    assert judges_of(small_store, IDS) == [JUDGE]
    assert judges_of(small_store, ["t10", "t12"]) == []


def test_a_changed_verdict_is_one_more_label_and_the_blind_one_is_still_held_against_the_judge(
    small_store: Store,
) -> None:
    before = measure_trust(small_store, Slice(), judge=JUDGE).groups[0].counts
    with pytest.raises(UsageError):
        reconcile(small_store, trace_id="t04", labeler=EXPERT, judge=JUDGE, decision="changed", critique=" ")
    event = reconcile(
        small_store, trace_id="t04", labeler=EXPERT, judge=JUDGE, decision="changed", critique="It is listed."
    )
    seen = read_trace(small_store, "t04")
    assert seen.label is not None
    assert (seen.label.event, seen.label.verdict, seen.label.saw_judge) == (event, Verdict.PASS, True)
    assert [(x.state.value, x.saw_judge) for x in seen.labels] == [("fail", False), ("pass", True)]
    assert measure_trust(small_store, Slice(), judge=JUDGE).groups[0].counts == before
    found = reveal(small_store, IDS, labeler=EXPERT, judge=JUDGE)
    assert {one.trace_id: one.decision for one in found.differences} == {"t02": None, "t04": "changed"}


def test_keeping_and_finding_the_rubric_unclear_are_stored_and_add_no_label(small_store: Store) -> None:
    events = len(read_trace(small_store, "t02").history)
    for decision in ("kept", "unclear"):
        assert reconcile(small_store, trace_id="t02", labeler=EXPERT, judge=JUDGE, decision=decision) is None
    assert len(read_trace(small_store, "t02").history) == events
    assert [(one.trace_id, one.labeler) for one in list_unclear(small_store)] == [("t02", EXPERT)]
    found = reveal(small_store, IDS, labeler=EXPERT, judge=JUDGE)
    assert found.differences[0].decision == "unclear"
    # From then on the judge was seen: a later label of this person says so.
    record_label(small_store, trace_id="t02", state=LabelState.FAIL, labeler=EXPERT, critique="on second thought")
    assert read_trace(small_store, "t02").labels[-1].saw_judge


def test_only_a_blind_verdict_of_ones_own_can_be_reconsidered(small_store: Store) -> None:
    for trace_id in ("t05", "t08", "gone"):
        with pytest.raises(NotFoundError):
            reconcile(small_store, trace_id=trace_id, labeler=EXPERT, judge=JUDGE, decision="kept")
    with pytest.raises(NotFoundError):
        reconcile(small_store, trace_id="t01", labeler="bo", judge=JUDGE, decision="kept")
