"""Labels, categories and drafts as events: nothing is overwritten, the newest counts, a repeated request adds nothing."""

import threading

import pytest

from core.errors import NotFoundError, UsageError
from core.model import Label, LabelState
from core.slice import Slice
from core.store import labels, traces
from core.store.connection import Store
from core.store.drafts import Draft
from core.workflows.categorising import list_categories
from core.workflows.exploring import describe, read_trace, set_principal_expert
from core.workflows.maintaining import examine
from core.workflows.review_items import review_items
from core.workflows.reviewing import keep_draft, record_label, undo_label
from tests.sorting import put_into_category, take_out_of_category


def history(store: Store, trace_id: str) -> list[Label]:
    return read_trace(store, trace_id).history


def current(store: Store, trace_id: str) -> list[tuple[str, str, str | None]]:
    return [(label.labeler, label.state.value, label.critique) for label in read_trace(store, trace_id).labels]


def n(store: Store, *verdict: str) -> int:
    return describe(store, Slice(verdict=verdict)).n


def test_the_same_request_twice_is_one_event(small_store: Store) -> None:
    first = record_label(small_store, trace_id="t05", state=LabelState.PASS, labeler="ana", client_id="c1")
    again = record_label(small_store, trace_id="t05", state=LabelState.PASS, labeler="ana", client_id="c1")
    assert first == again
    assert len(history(small_store, "t05")) == 1


def test_a_double_click_in_two_threads_is_one_event(small_store: Store) -> None:
    events: list[int] = []
    barrier = threading.Barrier(4)

    def click() -> None:
        barrier.wait(10)
        events.append(
            record_label(
                small_store, trace_id="t05", state=LabelState.FAIL, labeler="ana", critique="x", client_id="c1"
            )
        )

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(events) == 4
    assert len(set(events)) == 1
    assert len(history(small_store, "t05")) == 1


def test_two_experts_on_one_trace_keep_both_labels(small_store: Store) -> None:
    def judge(name: str) -> None:
        for number in range(1, 13):
            record_label(
                small_store, trace_id=f"t{number:02}", state=LabelState.FAIL, labeler=name, critique=f"by {name}"
            )

    threads = [threading.Thread(target=judge, args=(name,)) for name in ("bob", "cyd")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    for number in range(1, 13):
        given = {labeler: critique for labeler, _, critique in current(small_store, f"t{number:02}")}
        assert (given["bob"], given["cyd"]) == ("by bob", "by cyd")
    assert examine(small_store).health.faults == 0


def test_another_mind_is_one_more_event_and_undo_goes_back(small_store: Store) -> None:
    record_label(small_store, trace_id="t01", state=LabelState.FAIL, labeler="ana", critique="too long")
    assert current(small_store, "t01") == [("ana", "fail", "too long")]
    assert undo_label(small_store, trace_id="t01", labeler="ana")
    assert current(small_store, "t01") == [("ana", "pass", None)]
    assert [label.state.value for label in history(small_store, "t01")] == ["pass", "fail", "pass"]
    assert examine(small_store).health.faults == 0


def test_undo_of_the_first_label_leaves_the_trace_without_one(small_store: Store) -> None:
    record_label(small_store, trace_id="t05", state=LabelState.FAIL, labeler="ana", critique="x")
    assert n(small_store, "unlabelled") == 2
    undo_label(small_store, trace_id="t05", labeler="ana")
    assert current(small_store, "t05") == []
    assert n(small_store, "unlabelled") == 3
    assert undo_label(small_store, trace_id="t05", labeler="ana") is None
    record_label(small_store, trace_id="t05", state=LabelState.PASS, labeler="ana")
    assert current(small_store, "t05") == [("ana", "pass", None)]
    assert examine(small_store).health.faults == 0


def test_a_label_in_sight_of_the_judge_does_not_replace_the_blind_one(small_store: Store) -> None:
    record_label(small_store, trace_id="t02", state=LabelState.FAIL, labeler="ana", critique="hm", saw_judge=True)
    blind = describe(small_store, Slice(saw_judge=False)).n
    assert (n(small_store, "pass"), n(small_store, "fail"), blind) == (3, 5, 8)
    with small_store.read() as cursor:
        key = traces.key_of(cursor, "t02")
        assert key is not None
        given = labels.find_labels(cursor, [key])[key]
    assert [(label.state.value, label.saw_judge) for label in given] == [("pass", False), ("fail", True)]
    assert examine(small_store).health.faults == 0


def test_the_principal_expert_is_the_truth_and_others_are_second_opinions(small_store: Store) -> None:
    record_label(small_store, trace_id="t01", state=LabelState.FAIL, labeler="bob", critique="x")
    record_label(small_store, trace_id="t05", state=LabelState.PASS, labeler="bob")
    assert (n(small_store, "pass"), n(small_store, "fail"), n(small_store, "unlabelled")) == (4, 5, 2)
    set_principal_expert(small_store, "ana", by="ana")
    assert (n(small_store, "pass"), n(small_store, "fail"), n(small_store, "unlabelled")) == (4, 4, 3)
    set_principal_expert(small_store, "bob", by="ana")
    assert (n(small_store, "pass"), n(small_store, "fail"), n(small_store, "unlabelled")) == (1, 1, 10)
    set_principal_expert(small_store, "", by="ana")
    assert (n(small_store, "pass"), n(small_store, "fail")) == (4, 5)


@pytest.mark.parametrize(
    ("over", "error"),
    [
        ({"labeler": ""}, UsageError),
        ({"labeler": "x" * 81}, UsageError),
        ({"state": LabelState.FAIL, "critique": "  "}, UsageError),
        ({"critique": "x" * 20_001}, UsageError),
        ({"trace_id": "t99"}, NotFoundError),
        ({"category_names": ("dates", "nothing")}, NotFoundError),
    ],
)
def test_a_label_that_does_not_fit_stores_nothing(
    over: dict[str, object], error: type[Exception], small_store: Store
) -> None:
    fitting: dict[str, object] = {"trace_id": "t05", "state": LabelState.PASS, "labeler": "ana"}
    with pytest.raises(error):
        record_label(small_store, **(fitting | over))  # type: ignore[arg-type]
    assert current(small_store, "t05") == []
    assert list_categories(small_store) == list_categories(small_store)
    assert describe(small_store, Slice(category=(1,))).n == 2


def test_a_trace_goes_into_a_category_once_and_out_and_in_again(small_store: Store) -> None:
    (dates,) = (category.id for category in list_categories(small_store) if category.name == "dates")
    assert put_into_category(small_store, trace_id="t11", category_id=dates, by="ana")
    assert not put_into_category(small_store, trace_id="t11", category_id=dates, by="bob")
    assert take_out_of_category(small_store, trace_id="t11", category_id=dates, by="ana")
    assert not take_out_of_category(small_store, trace_id="t11", category_id=dates, by="ana")
    assert put_into_category(small_store, trace_id="t11", category_id=dates, by="ana")
    assert describe(small_store, Slice(category=(dates,))).n == 3
    assert examine(small_store).health.faults == 0


def test_a_draft_is_kept_for_its_person_and_gone_with_the_label(small_store: Store) -> None:
    keep_draft(small_store, trace_id="t05", labeler="ana", draft=Draft("fail", "half a sent"))
    keep_draft(small_store, trace_id="t05", labeler="ana", draft=Draft("fail", "half a sentence"))
    keep_draft(small_store, trace_id="t05", labeler="bob", draft=Draft(None, "mine"))
    (item,) = review_items(small_store, ["t05"], labeler="ana")
    assert item.draft is not None
    assert (item.draft.verdict, item.draft.critique) == ("fail", "half a sentence")
    record_label(small_store, trace_id="t05", state=LabelState.FAIL, labeler="ana", critique="whole")
    assert review_items(small_store, ["t05"], labeler="ana")[0].draft is None
    assert review_items(small_store, ["t05"], labeler="bob")[0].draft is not None
    assert n(small_store, "fail") == 5


def test_words_are_never_sql(small_store: Store) -> None:
    payloads = ("'; drop table labels; --", '" or 1=1', "x') union select 1 --", "%", "_", "\\", "\0", "${x}", "{0}")
    for payload in payloads:
        for slice_ in (
            Slice().with_value("feature", payload),
            Slice().with_value(payload, "x"),
            Slice().with_value("model", payload),
            Slice(search=payload),
            Slice(labeler=payload, verdict=("pass",)),
            Slice(judge=payload, judge_verdict=("pass",)),
            Slice(disagree=payload),
        ):
            assert describe(small_store, slice_).n == 0, slice_
        record_label(small_store, trace_id="t05", state=LabelState.FAIL, labeler=payload, critique=payload)
    assert describe(small_store, Slice()).n == 12
    assert {labeler for labeler, _, _ in current(small_store, "t05")} == {payload.strip() for payload in payloads}
    assert examine(small_store).health.faults == 0
