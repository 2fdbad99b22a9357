"""A queue is a name: whatever happens after it was made, it holds the same traces."""

import pytest

from core.model import LabelState
from core.slice import Slice
from core.store import settings
from core.store.connection import Store
from core.store.ingest import Entry, ingest
from core.workflows.categorising import define_category, put_into_category
from core.workflows.queueing import (
    UNLABELLED,
    Queue,
    blind,
    count_open,
    draw_queue,
    reviewed_ids,
    session_of,
    start_queue,
)
from core.workflows.reviewing import record_label
from tests.conftest import EXPERT, JUDGE, LABELLED_ON, MakeTrace

BO = "bo"
ALL_IDS = {f"t{number:02d}" for number in range(1, 13)}


def label(store: Store, trace_id: str, state: str = "pass", labeler: str = BO) -> None:
    record_label(store, trace_id=trace_id, state=LabelState(state), labeler=labeler, critique="because")


def test_the_name_of_a_queue_reads_back_as_the_queue() -> None:
    assert Queue.from_name(Queue(25, 481516, 2342).name) == Queue(25, 481516, 2342)


@pytest.mark.parametrize(
    "name",
    ["", "25", "25-1", "25-1-1-1", "4-1-1", "101-1-1", "25-x-1", "25--1", "025-1-1", "25-1-²", f"25-1-{'9' * 40}"],
)
def test_any_other_text_is_no_queue(name: str) -> None:
    assert Queue.from_name(name) is None


def test_a_queue_has_a_size_within_its_bounds(small_store: Store) -> None:
    assert [start_queue(small_store, size=size).size for size in (0, 25, 1000)] == [5, 25, 100]


def test_a_queue_of_everything_holds_every_trace_once(small_store: Store) -> None:
    ids = draw_queue(small_store, Slice(), start_queue(small_store, size=25), labeler=BO)
    assert set(ids) == ALL_IDS
    assert len(ids) == len(ALL_IDS)


def test_the_same_queue_is_drawn_again_and_another_seed_draws_another_order(small_store: Store) -> None:
    one = Queue(12, 1, 10**6)
    assert draw_queue(small_store, Slice(), one, labeler=BO) == draw_queue(small_store, Slice(), one, labeler=BO)
    assert len({tuple(draw_queue(small_store, Slice(), Queue(12, seed, 10**6), labeler=BO)) for seed in range(8)}) > 4


def test_what_was_judged_before_is_left_out_and_what_was_deferred_comes_back(small_store: Store) -> None:
    label(small_store, "t05")
    label(small_store, "t09", "deferred")
    ids = draw_queue(small_store, Slice(), start_queue(small_store, size=25), labeler=BO)
    assert set(ids) == ALL_IDS - {"t05"}


@pytest.mark.parametrize(
    "slice_",
    [Slice(), UNLABELLED, Slice().with_value("feature", "search"), Slice(search="wrong date")],
    ids=["all", "unlabelled", "a dimension", "a search that critiques match"],
)
def test_nothing_that_happens_later_moves_a_queue(small_store: Store, make_trace: MakeTrace, slice_: Slice) -> None:
    queue = start_queue(small_store, size=5)
    ids = draw_queue(small_store, slice_, queue, labeler=BO)
    for number, trace_id in enumerate(ids):
        label(small_store, trace_id, "fail" if number % 2 else "pass")
    label(small_store, "t12", labeler=EXPERT)
    label(small_store, "t10", "fail", labeler="cy")
    category = define_category(small_store, name="late", definition="later", by=BO)
    put_into_category(small_store, trace_id="t01", category_id=category, by=BO)
    with small_store.write() as cursor:
        settings.put_setting(cursor, settings.PRINCIPAL, "cy", by=BO)
    with ingest(small_store) as running:
        fresh = [make_trace(id=f"new-{n}", dimensions={"feature": "search"}) for n in range(20)]
        changed = make_trace(id="t01", output="another answer", dimensions={"feature": "search", "persona": "new"})
        running.add([Entry("later.jsonl", n, trace, [], []) for n, trace in enumerate([*fresh, changed])])
        running.finish(files=["later.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)
    assert draw_queue(small_store, slice_, queue, labeler=BO) == ids


def test_the_whole_projects_queue_holds_only_what_nobody_labelled(small_store: Store) -> None:
    ids = draw_queue(small_store, UNLABELLED, start_queue(small_store, size=25), labeler=BO)
    assert set(ids) == {"t05", "t09", "t12"}
    assert count_open(small_store, UNLABELLED, labeler=BO) == 3


def test_a_blind_slice_keeps_what_the_traces_are_and_drops_what_was_said_of_them() -> None:
    told = Slice(
        verdict=("fail",), labeler=EXPERT, judge=JUDGE, judge_verdict=("fail",), disagree=JUDGE, category=(1,),
        primary=(2,), saw_judge=True, search="refund",
    ).with_value("feature", "search")  # fmt: skip
    assert blind(told) == Slice(search="refund").with_value("feature", "search")
    assert blind(UNLABELLED) == UNLABELLED


def test_a_queue_is_drawn_blind_whatever_the_address_says(small_store: Store) -> None:
    failed = Slice(verdict=("fail",))
    assert count_open(small_store, failed, labeler=BO) == len(ALL_IDS)
    assert set(draw_queue(small_store, failed, start_queue(small_store, size=25), labeler=BO)) == ALL_IDS


def test_progress_counts_verdicts_and_deferrals_since_the_queue_was_made(small_store: Store) -> None:
    label(small_store, "t09", "deferred")
    queue = start_queue(small_store, size=25)
    ids = draw_queue(small_store, Slice(), queue, labeler=BO)
    assert session_of(ids, reviewed_ids(small_store, ids, queue, labeler=BO)).done == 0
    label(small_store, "t01", "fail")
    label(small_store, "t02")
    label(small_store, "t03", "deferred")
    states = reviewed_ids(small_store, ids, queue, labeler=BO)
    assert list(states) == ["t03", "t02", "t01"]
    session = session_of(ids, states)
    assert (session.total, session.done, session.deferred) == (12, 3, 1)
    assert (session.failed.k, session.failed.n) == (1, 2)
