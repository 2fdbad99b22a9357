"""A check of a judge goes out of date by a newer version, a newer rubric or other traffic; a review comes due."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from core.metrics import rate_of
from core.model import JudgmentRow, LabelRow, LabelState, Verdict
from core.slice import Slice
from core.store.connection import Store
from core.store.ingest import Entry, ingest
from core.workflows import pinning, reviewing
from core.workflows.exploring import list_traces
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


def judge(store: Store, names: list[str]) -> None:
    rows = [JudgmentRow(trace_id=name, judge="strict", version="v1", verdict=Verdict.PASS) for name in names]
    with ingest(store) as running:
        running.add([Entry("judged.jsonl", None, None, [], rows)])
        running.finish(files=["judged.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)


def test_twenty_labels_of_new_traces_with_its_verdicts_check_it_again(small_store: Store) -> None:
    with ingest(small_store) as running:
        old = [new_trace(id=f"o{n:03}", dimensions={"feature": "search"}) for n in range(60)]
        said = [JudgmentRow(trace_id=t.id, judge="strict", version="v1", verdict=Verdict.PASS) for t in old]
        running.add([Entry("o", None, trace, [], [row]) for trace, row in zip(old, said, strict=True)])
        running.finish(files=["o"], format_name="jsonl", mapping=None, now=LABELLED_ON)
    for trace in old:
        reviewing.record_label(small_store, trace_id=trace.id, state=LabelState.PASS, labeler="ana", critique="fine")
    assert not found(small_store).is_stale
    bring(small_store, 150)
    stale = found(small_store)
    assert (stale.is_stale, stale.labelled, stale.waiting, stale.missing, stale.last_import) == (True, 0, 0, 20, 3)
    new = Slice(import_id=stale.last_import).with_verdict("unlabelled")
    names = [trace.row.id for trace in list_traces(small_store, new, limit=20).traces]
    for name in names:
        reviewing.record_label(small_store, trace_id=name, state=LabelState.PASS, labeler="ana", critique="fine")
    stale = found(small_store)
    assert (stale.is_stale, stale.labelled, stale.waiting, stale.missing) == (True, 0, 20, 0)
    waiting = Slice().with_verdict("pass", "fail").with_judge_verdict(JUDGE, "none")
    assert set(names) < {trace.row.id for trace in list_traces(small_store, waiting).traces}
    judge(small_store, names[:19])
    assert found(small_store).is_stale
    judge(small_store, names[19:])
    assert not found(small_store).is_stale, "66 were compared before, and 20 are enough"


def test_labels_from_before_the_rubric_make_no_check_under_it(small_store: Store) -> None:
    save_rubric(small_store, pass_means="right", fail_means="wrong", by="ana")
    names = [f"t{n:02d}" for n in range(1, 12)]
    judge(small_store, names)
    assert found(small_store).rubric is not None, "it was asked again, but no label is under the new rubric"


@pytest.mark.parametrize(("share", "shifted"), [(0.5, False), (0.55, False), (0.9, True)])
def test_another_mix_of_known_values_is_other_traffic(share: float, *, shifted: bool, fresh_store: Store) -> None:
    for file, n, part in (("old", 800, 0.5), ("new", 120, share)):
        made = [
            new_trace(id=f"{file}{i:03}", dimensions={"feature": "search" if i < part * n else "chat"})
            for i in range(n)
        ]
        first = [LabelRow(trace_id="old000", labeler="ana", state=LabelState.PASS, at=LABELLED_ON)]
        said = [JudgmentRow(trace_id="old000", judge="strict", version="v1", verdict=Verdict.PASS)]
        with ingest(fresh_store) as running:
            running.add([Entry(file, i, t, first if not i and file == "old" else [], said if not i and file == "old" else [])
                         for i, t in enumerate(made)])  # fmt: skip
            running.finish(files=[file], format_name="jsonl", mapping=None, now=LABELLED_ON)
    stale = found(fresh_store)
    assert stale.is_stale is shifted
    if shifted:
        assert stale.shift is not None
        assert (stale.shift.name, stale.shift.before, stale.shift.after) == (
            "feature",
            rate_of(400, 800),
            rate_of(108, 120),
        )
        assert stale.reasons() == [
            "feature is search in 90 % of the 120 traces that came since, and was in 50 % before"
        ]


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
