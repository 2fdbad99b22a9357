"""A check of a judge goes out of date by a newer version, a newer rubric or other traffic; a review comes due."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from core.model import JudgmentRow, LabelState, Verdict
from core.slice import Slice
from core.store.connection import Store
from core.store.ingest import Entry, ingest
from core.workflows import pinning, reviewing
from core.workflows.orienting import Step
from core.workflows.rubric import save_rubric
from core.workflows.staling import Staleness, review_due, staleness, unchecked
from core.workflows.summarising import summarise
from tests.conftest import JUDGE, LABELLED_ON, new_trace


def bring(store: Store, n: int, feature: str = "search", *, version: str | None = None) -> None:
    """Import traces, judged by another version where one is named."""
    made = [new_trace(dimensions={"feature": feature, "user": f"u{i}-{n}"}) for i in range(n)]
    judged = (
        []
        if version is None
        else [JudgmentRow(trace_id=t.id, judge="strict", version=version, verdict=Verdict.PASS) for t in made]
    )
    with ingest(store) as running:
        running.add([Entry("more.jsonl", None, trace, [], judged[i : i + 1]) for i, trace in enumerate(made)])
        running.finish(files=["more.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)


def found(store: Store) -> Staleness:
    stale = staleness(store, JUDGE)
    assert stale is not None
    return stale


CHANGES: list[tuple[Callable[[Store], object], tuple[bool, bool, bool]]] = [
    (lambda store: None, (False, False, False)),
    (lambda store: bring(store, 5, version="v2"), (True, False, False)),
    (lambda store: save_rubric(store, pass_means="right", fail_means="wrong", by="ana"), (False, True, False)),
    (lambda store: bring(store, 99), (False, False, False)),
    (lambda store: bring(store, 100), (False, False, True)),
    (lambda store: bring(store, 20, "never seen"), (False, False, True)),
    (lambda store: bring(store, 19, "never seen"), (False, False, False)),
]


@pytest.mark.parametrize(("change", "expected"), CHANGES)
def test_a_check_is_out_of_date_by_what_changed_since(
    change: Callable[[Store], object], expected: tuple[bool, bool, bool], small_store: Store
) -> None:
    change(small_store)
    stale = found(small_store)
    assert (stale.newer is not None, stale.rubric is not None, stale.traffic_changed) == expected
    assert stale.is_stale is any(expected)


def test_a_judge_is_checked_again_once_most_of_its_traces_are_labelled_anew_and_not_by_one_label(
    small_store: Store,
) -> None:
    save_rubric(small_store, pass_means="right", fail_means="wrong", by="ana")
    reviewing.record_label(small_store, trace_id="t05", state=LabelState.FAIL, labeler="ana", critique="no")
    assert found(small_store).is_stale
    for trace_id in ("t01", "t02", "t03", "t04", "t06"):
        reviewing.record_label(small_store, trace_id=trace_id, state=LabelState.FAIL, labeler="ana", critique="no")
    assert not found(small_store).is_stale


def test_values_that_name_single_things_are_no_new_traffic(small_store: Store) -> None:
    bring(small_store, 60)  # 60 users never seen
    assert found(small_store).checked.traffic == (12, 60, 0)


def test_a_judge_that_was_never_compared_has_no_check(fresh_store: Store) -> None:
    bring(fresh_store, 3, version="v1")
    assert staleness(fresh_store, JUDGE) is None
    assert review_due(fresh_store) is None


def test_a_review_is_due_by_days_or_by_traces(small_store: Store) -> None:
    due = review_due(small_store)
    assert due is not None
    assert (due.is_due, due.since.traffic.new) == (
        (datetime.now(UTC).replace(tzinfo=None) - (due.since.at or LABELLED_ON)) >= timedelta(days=7),
        0,
    )
    reviewing.record_label(small_store, trace_id="t05", state=LabelState.FAIL, labeler="ana", critique="no")
    assert review_due(small_store) == due._replace(is_due=False, since=review_due(small_store).since)  # type: ignore[union-attr]
    bring(small_store, 100)
    later = review_due(small_store)
    assert later is not None
    assert (later.is_due, later.since.days, later.since.traffic.new) == (True, 0, 100)


def test_a_pinned_view_goes_no_staler(small_store: Store) -> None:
    event = pinning.newest_event(small_store)
    bring(small_store, 200, "never seen")
    assert not found(pinning.pin(small_store, event)).is_stale


def test_home_says_what_is_next(small_store: Store) -> None:
    for number in range(40):
        with ingest(small_store) as running:
            running.add([Entry("x", None, new_trace(id=f"l{number}", dimensions={"feature": "search"}), [], [])])
            running.finish(files=["x"], format_name="jsonl", mapping=None, now=LABELLED_ON)
        reviewing.record_label(small_store, trace_id=f"l{number}", state=LabelState.PASS, labeler="ana")
    assert summarise(small_store, Slice()).way.next.step is not Step.CHECK_AGAIN
    save_rubric(small_store, pass_means="right", fail_means="wrong", by="ana")
    assert summarise(small_store, Slice()).way.next.step is Step.CHECK_AGAIN


def test_a_version_whose_verdicts_meet_no_blind_label_was_never_checked(small_store: Store) -> None:
    assert unchecked(small_store) == set()
    bring(small_store, 3, version="v2")
    assert unchecked(small_store) == {"strict@v2"}
