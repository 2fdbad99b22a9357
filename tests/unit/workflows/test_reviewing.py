"""Labels, drafts and undo: idempotent, versioned, and nobody else's word in sight."""

from typing import NamedTuple
from uuid import uuid4

import pytest

from core.errors import NotFoundError, UsageError
from core.model import Label, LabelState, Verdict
from core.store import labels, traces
from core.store.connection import Store
from core.store.drafts import Draft
from core.store.ingest import Entry, ingest
from core.workflows.review_items import read_for_review, review_items
from core.workflows.reviewing import (
    MAX_CRITIQUE,
    keep_draft,
    record_actions,
    record_label,
    undo_label,
)
from tests.conftest import EXPERT, LABELLED_ON, MakeTrace

BO = "bo"


class Said(NamedTuple):
    """An action as a page hands it on."""

    action: str
    trace_id: str = "t05"
    verdict: str | None = None
    critique: str = ""
    undoes: str | None = None
    client_id: str = ""
    revised_response: str = ""
    first_failure: int | None = None
    duration_ms: int | None = None
    picked: tuple[int, ...] = ()


def said(action: str, **over: str | None) -> Said:
    return Said(action, **({"client_id": str(uuid4())} | over))  # type: ignore[arg-type]


def current(store: Store, trace_id: str = "t05", labeler: str = BO) -> Label | None:
    return review_items(store, [trace_id], labeler=labeler)[0].label


def events(store: Store, trace_id: str = "t05") -> list[Label]:
    with store.read() as cursor:
        key = traces.key_of(cursor, trace_id)
        assert key is not None
        return labels.find_labels(cursor, [key], history=True).get(key, [])


def test_a_label_sent_twice_is_stored_once_and_a_draft_typed_since_stays(small_store: Store) -> None:
    first = record_label(small_store, trace_id="t05", state=LabelState.PASS, labeler=BO, client_id="c1")
    keep_draft(small_store, trace_id="t05", labeler=BO, draft=Draft("fail", "on second thought"))
    assert record_label(small_store, trace_id="t05", state=LabelState.PASS, labeler=BO, client_id="c1") == first
    item = review_items(small_store, ["t05"], labeler=BO)[0]
    assert len(events(small_store)) == 1
    assert item.draft is not None
    assert item.draft.critique == "on second thought"


def test_saving_again_adds_a_version_and_keeps_the_former_one(small_store: Store) -> None:
    record_label(small_store, trace_id="t05", state=LabelState.PASS, labeler=BO, critique="fine")
    record_label(small_store, trace_id="t05", state=LabelState.FAIL, labeler=BO, critique="wrong year")
    item = review_items(small_store, ["t05"], labeler=BO)[0]
    assert item.label is not None
    assert item.label.verdict is Verdict.FAIL
    assert [(x.state, x.critique) for x in item.history] == [(LabelState.PASS, "fine")]


def test_a_label_removes_the_draft(small_store: Store) -> None:
    keep_draft(small_store, trace_id="t05", labeler=BO, draft=Draft("fail", "wro"))
    record_label(small_store, trace_id="t05", state=LabelState.FAIL, labeler=BO, critique="wrong")
    assert review_items(small_store, ["t05"], labeler=BO)[0].draft is None


@pytest.mark.parametrize(
    "over",
    [
        {"labeler": "  "},
        {"labeler": "x" * 81},
        {"state": LabelState.FAIL, "critique": "  "},
        {"critique": "x" * (MAX_CRITIQUE + 1)},
    ],
    ids=["no name", "a long name", "a fail without a word", "a long critique"],
)
def test_what_is_refused_stores_nothing(small_store: Store, over: dict[str, object]) -> None:
    label: dict[str, object] = {"trace_id": "t05", "state": LabelState.PASS, "labeler": BO} | over
    with pytest.raises(UsageError):
        record_label(small_store, **label)  # type: ignore[arg-type]
    assert events(small_store) == []


def test_a_label_on_a_trace_that_is_not_here_is_refused(small_store: Store) -> None:
    with pytest.raises(NotFoundError):
        record_label(small_store, trace_id="nowhere", state=LabelState.PASS, labeler=BO)


def test_undo_brings_the_former_version_back_and_undo_of_that_one_goes_further(small_store: Store) -> None:
    record_label(small_store, trace_id="t05", state=LabelState.PASS, labeler=BO, critique="fine", client_id="a")
    record_label(small_store, trace_id="t05", state=LabelState.FAIL, labeler=BO, critique="wrong", client_id="b")
    assert undo_label(small_store, trace_id="t05", labeler=BO, client_id="c", undoes="b")
    now = current(small_store)
    assert now is not None
    assert (now.verdict, now.critique) == (Verdict.PASS, "fine")
    assert undo_label(small_store, trace_id="t05", labeler=BO, client_id="d", undoes="a")
    assert current(small_store) is None
    assert [x.state.value for x in events(small_store)] == ["pass", "fail", "pass", "withdrawn"]


def draft(store: Store, trace_id: str = "t05", labeler: str = BO) -> Draft | None:
    kept = review_items(store, [trace_id], labeler=labeler)[0].draft
    return kept and kept._replace(at=None)


def test_an_undo_keeps_what_was_withdrawn_as_a_draft(small_store: Store) -> None:
    record_label(
        small_store, trace_id="t05", state=LabelState.FAIL, labeler=BO, critique="wrong", revised_response="better",
        first_failure=1, client_id="a",
    )  # fmt: skip
    assert draft(small_store) is None
    undo_label(small_store, trace_id="t05", labeler=BO, client_id="b", undoes="a")
    assert draft(small_store) == Draft("fail", "wrong", "better", 1)
    record_label(small_store, trace_id="t05", state=LabelState.PASS, labeler=BO, critique="fine")
    undo_label(small_store, trace_id="t05", labeler=BO, client_id="b", undoes="a")
    assert draft(small_store) is None, "an undo sent twice brings nothing back"


def test_undo_after_undo_leaves_the_words_of_the_last_one_taken_back(small_store: Store) -> None:
    record_label(small_store, trace_id="t05", state=LabelState.PASS, labeler=BO, critique="fine", client_id="a")
    record_label(small_store, trace_id="t05", state=LabelState.FAIL, labeler=BO, critique="wrong", client_id="b")
    undo_label(small_store, trace_id="t05", labeler=BO, undoes="b")
    assert draft(small_store) == Draft("fail", "wrong")
    undo_label(small_store, trace_id="t05", labeler=BO, undoes="a")
    assert draft(small_store) == Draft("pass", "fine")


def test_what_was_typed_since_a_label_outlives_its_undo(small_store: Store) -> None:
    record_label(small_store, trace_id="t05", state=LabelState.FAIL, labeler=BO, critique="wrong", client_id="a")
    keep_draft(small_store, trace_id="t05", labeler=BO, draft=Draft("fail", "wrong, and rude"))
    undo_label(small_store, trace_id="t05", labeler=BO, undoes="a")
    assert draft(small_store) == Draft("fail", "wrong, and rude")


def test_what_was_typed_before_a_trace_is_set_aside_stays_and_so_it_does_when_that_is_undone(
    small_store: Store,
) -> None:
    keep_draft(small_store, trace_id="t05", labeler=BO, draft=Draft(None, "I would ask the"))
    record_label(small_store, trace_id="t05", state=LabelState.DEFERRED, labeler=BO, client_id="a")
    assert draft(small_store) == Draft(None, "I would ask the")
    undo_label(small_store, trace_id="t05", labeler=BO, undoes="a")
    assert draft(small_store) == Draft(None, "I would ask the")


def test_a_hidden_repeat_brings_no_draft_from_before_its_queue(small_store: Store) -> None:
    record_label(small_store, trace_id="t05", state=LabelState.FAIL, labeler=BO, critique="wrong", client_id="a")
    undo_label(small_store, trace_id="t05", labeler=BO, undoes="a")
    made = record_label(small_store, trace_id="t09", state=LabelState.PASS, labeler=BO)

    def shown() -> Draft | None:
        return review_items(small_store, ["t05"], labeler=BO, since=made, repeats=["t05"])[0].draft

    assert shown() is None
    keep_draft(small_store, trace_id="t05", labeler=BO, draft=Draft("fail", "typed in this queue"))
    now = shown()
    assert now is not None
    assert now.critique == "typed in this queue"


def test_an_undo_gives_back_a_label_for_the_content_it_was_given_on(small_store: Store, make_trace: MakeTrace) -> None:
    record_label(small_store, trace_id="t05", state=LabelState.PASS, labeler=BO, critique="fine")
    with ingest(small_store) as running:
        running.add([Entry("later.jsonl", 1, make_trace(id="t05", output="another answer"), [], [])])
        running.finish(files=["later.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)
    record_label(small_store, trace_id="t05", state=LabelState.FAIL, labeler=BO, critique="wrong", client_id="b")
    undo_label(small_store, trace_id="t05", labeler=BO, client_id="c", undoes="b")
    now = current(small_store)
    assert now is not None
    assert (now.verdict, now.for_current_content) == (Verdict.PASS, False)


def test_an_undo_sent_twice_takes_back_once(small_store: Store) -> None:
    record_label(small_store, trace_id="t05", state=LabelState.PASS, labeler=BO, client_id="a")
    record_label(small_store, trace_id="t05", state=LabelState.FAIL, labeler=BO, critique="no", client_id="b")
    first = undo_label(small_store, trace_id="t05", labeler=BO, client_id="c", undoes="b")
    assert undo_label(small_store, trace_id="t05", labeler=BO, client_id="c", undoes="b") == first
    assert len(events(small_store)) == 3


def test_an_undo_does_not_take_back_what_another_window_said_since(small_store: Store) -> None:
    record_label(small_store, trace_id="t05", state=LabelState.PASS, labeler=BO, client_id="a")
    record_label(small_store, trace_id="t05", state=LabelState.FAIL, labeler=BO, critique="no", client_id="other")
    assert undo_label(small_store, trace_id="t05", labeler=BO, client_id="c", undoes="a") is None
    now = current(small_store)
    assert now is not None
    assert now.verdict is Verdict.FAIL


def test_an_undo_reaches_nobody_elses_label(small_store: Store) -> None:
    assert undo_label(small_store, trace_id="t01", labeler=BO) is None
    assert current(small_store, "t01", EXPERT) is not None


def test_an_item_holds_nothing_of_anybody_else_and_nothing_of_a_judge(small_store: Store) -> None:
    keep_draft(small_store, trace_id="t03", labeler=EXPERT, draft=Draft("fail", "a draft of the expert"))
    item = review_items(small_store, ["t03"], labeler=BO)[0]
    assert (item.label, item.history, item.draft, item.deferred) == (None, [], None, False)
    shown = f"{item}{read_for_review(small_store, [item])[0].messages}"
    assert "wrong date" not in shown
    assert "the judge says" not in shown
    assert "a draft" not in shown


def test_items_come_in_the_order_asked_for_without_those_that_are_gone(small_store: Store) -> None:
    items = review_items(small_store, ["t09", "nowhere", "t02"], labeler=BO)
    assert [item.trace_id for item in items] == ["t09", "t02"]


def test_a_deferral_from_before_the_queue_is_open_again(small_store: Store) -> None:
    event = record_label(small_store, trace_id="t05", state=LabelState.DEFERRED, labeler=BO)
    assert review_items(small_store, ["t05"], labeler=BO, since=event - 1)[0].deferred
    assert not review_items(small_store, ["t05"], labeler=BO, since=event)[0].deferred


def test_actions_are_stored_in_their_order(small_store: Store) -> None:
    label = said("label", verdict="fail", critique="wrong")
    sent = [
        said("draft", verdict="fail", critique="wro"),
        label,
        said("open"),
        said("defer", trace_id="t09"),
        said("undo", undoes=label.client_id),
    ]
    recorded = record_actions(small_store, sent, labeler=BO)
    assert recorded == ([x.client_id for x in sent], "")
    assert current(small_store) is None
    assert review_items(small_store, ["t09"], labeler=BO)[0].deferred


def test_an_action_that_cannot_be_stored_stays_unacknowledged_and_is_explained(small_store: Store) -> None:
    good, bad = said("label", verdict="pass"), said("label", trace_id="t09", verdict="fail")
    recorded = record_actions(small_store, [bad, good], labeler=BO)
    assert recorded.client_ids == [good.client_id]
    assert "one sentence is enough" in recorded.notice


def test_an_undo_that_does_nothing_is_acknowledged_and_explained(small_store: Store) -> None:
    late = said("undo", undoes=str(uuid4()))
    recorded = record_actions(small_store, [late], labeler=BO)
    assert recorded.client_ids == [late.client_id]
    assert "another window" in recorded.notice
