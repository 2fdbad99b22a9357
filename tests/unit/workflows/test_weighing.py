"""Which labels speak for all traces of a slice, and for how many each; on a real store, from draw to rate."""

import pytest

from core.metrics import Rate, rate_of
from core.model import LabelState
from core.slice import Slice
from core.store.connection import IN_MEMORY, Store
from core.store.ingest import Entry, ingest
from core.workflows.exploring import list_traces
from core.workflows.opening import open_store
from core.workflows.pivoting import Pivot, pivot
from core.workflows.planning import RANDOM, UNUSUAL, Part, Plan
from core.workflows.queueing import UNLABELLED, Queue, start_queue, trace_ids
from core.workflows.reviewing import record_label
from core.workflows.summarising import Summary, summarise
from core.workflows.weighing import Choice, covers
from tests.conftest import LABELLED_ON, new_trace

BO = "bo"
BY_KIND = Plan(parts=(Part("stratified", 100),), by=("kind",))
COMMON, RARE = Slice().with_value("kind", "common"), Slice().with_value("kind", "rare")


@pytest.fixture
def store() -> Store:
    """90 common traces, of which every tenth fails, and 10 rare ones, which all fail and are long."""
    made = open_store(IN_MEMORY)
    add(made, [("common", n, n % 10 == 0) for n in range(90)] + [("rare", n, True) for n in range(10)])
    return made


def add(store: Store, rows: list[tuple[str, int, bool]]) -> None:
    traces = [
        new_trace(
            id=f"{kind}-{n}-{'fails' if fails else 'works'}",
            input=f"question {n}" + (" and more of it" * 50 if kind == "rare" else ""),
            dimensions={"kind": kind, "side": "left" if n % 2 else "right"},
        )
        for kind, n, fails in rows
    ]
    with ingest(store) as running:
        running.add([Entry("x.jsonl", n, trace, [], []) for n, trace in enumerate(traces)])
        running.finish(files=["x.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)


def judge(store: Store, ids: list[str], queue: Queue | None = None) -> None:
    for trace_id in ids:
        state = LabelState.FAIL if trace_id.endswith("fails") else LabelState.PASS
        record_label(store, trace_id=trace_id, state=state, labeler=BO, critique="so", queue_id=queue and queue.id)


def review(store: Store, size: int, plan: Plan = RANDOM, slice_: Slice | None = None, seed: int = 7) -> Queue:
    queue = start_queue(store, slice_ or Slice(), size=size, labeler=BO, plan=plan, seed=seed)
    judge(store, trace_ids(store, queue), queue)
    return queue


def summary(store: Store, slice_: Slice | None = None) -> Summary:
    return summarise(store, slice_ or Slice(), min_n=1)


def by_kind(store: Store) -> Pivot:
    return pivot(store, Slice(), rows="kind")


def counts(choice: Choice | None) -> tuple[int, int, int] | None:
    return choice and (choice.unknown, choice.picked, choice.narrower)


def test_a_random_queue_is_counted_as_it_always_was(store: Store) -> None:
    review(store, 30)
    rate = summary(store).labelled
    assert rate == rate_of(rate.k, 30)
    assert by_kind(store).total.rate == rate
    assert counts(summary(store).choice) == (0, 0, 0)


def test_two_random_queues_one_after_the_other_count_the_same(store: Store) -> None:
    review(store, 20)
    review(store, 40, slice_=UNLABELLED, seed=8)
    rate = summary(store).labelled
    assert rate == rate_of(rate.k, 60 - 3), "three places of the second are hidden repeats"


def test_each_label_of_a_stratum_stands_for_the_traces_of_its_stratum(store: Store) -> None:
    review(store, 20, BY_KIND)
    rate = summary(store).labelled
    common = pivot(store, Slice(), rows="kind").cell("common", None)
    assert common is not None
    assert common.rate == rate_of(common.counts.failed, 10)
    seen = common.counts.failed
    assert (rate.k, rate.n) == (seen + 10, 20)
    assert rate.rate == pytest.approx((seen * 9 + 10) / 100)
    assert rate.n_eff == pytest.approx(100**2 / (10 * 81 + 10))
    assert by_kind(store).total.rate == rate


def test_a_stratified_queue_and_a_random_one_count_together_once_each(store: Store) -> None:
    review(store, 20, BY_KIND)
    review(store, 40)
    table = by_kind(store)
    common, rate = table.cell("common", None), table.total.rate
    assert common is not None
    drawn = common.counts.judged
    assert common.rate == rate_of(common.counts.failed, drawn)
    assert drawn == 50 - 3, "three places of the second are hidden repeats"
    assert rate.n == drawn + 10
    # A common trace was in one of the draws with 1 - (1 - 10/90) (1 - (drawn - 10)/80), a rare one surely.
    assert rate.rate == pytest.approx((common.counts.failed * 90 / drawn + 10) / 100)


def test_what_was_picked_for_being_unusual_feeds_no_rate_and_is_left_out_with_a_link(store: Store) -> None:
    review(store, 10, UNUSUAL)
    rate = summary(store).labelled
    assert rate == Rate(10, 10, None, None, None, 0.0)
    assert counts(summary(store).choice) == (0, 10, 0)
    ((_, n, left_out),) = summary(store).choice.left_out()
    assert n == list_traces(store, left_out).total == 10
    review(store, 30, seed=3)
    rate = summary(store).labelled
    assert (rate.n, rate.n_eff is None) == (40, False)
    assert rate.rate is not None
    assert rate.rate < 0.5
    assert rate.low is not None
    assert rate.low > 0


def test_a_picked_trace_that_a_later_draw_hits_speaks_with_it(store: Store) -> None:
    """Else what was picked would be missing from every later draw, and the rate would be too good."""
    review(store, 10, UNUSUAL)
    review(store, 90)
    rate = summary(store).labelled
    assert rate == rate_of(19, 100)
    assert counts(summary(store).choice) == (0, 0, 0)


def test_only_the_part_of_a_mix_that_was_drawn_by_chance_counts(store: Store) -> None:
    review(store, 50, Plan(parts=(Part("random", 60), Part("outliers", 40))))
    found = summary(store)
    assert counts(found.choice) == (0, 20, 0)
    assert found.labelled.n == 50
    assert found.labelled.n_eff == 30


def test_labels_of_unknown_choice_count_as_if_drawn_at_random(store: Store) -> None:
    judge(store, ["common-0-fails", "common-1-works", "rare-0-fails"])
    found = summary(store)
    assert found.labelled == rate_of(2, 3)
    assert counts(found.choice) == (3, 0, 0)
    assert list_traces(store, found.choice.unknown_slice).total == 3
    review(store, 30)
    both = summary(store).labelled
    assert both == rate_of(both.k, 33)


def test_a_queue_of_a_narrower_slice_feeds_the_rates_of_that_slice_only(store: Store) -> None:
    queue = review(store, 10, slice_=RARE)
    whole = summary(store)
    assert whole.labelled == Rate(10, 10, None, None, None, 0.0)
    assert counts(whole.choice) == (0, 0, 10)
    ((_, n, left_out),) = whole.choice.left_out()
    assert left_out.drawn == (queue.id,)
    assert n == list_traces(store, left_out).total == 10
    assert summary(store, RARE).labelled == rate_of(10, 10)
    cell = by_kind(store).cell("rare", None)
    assert cell is not None
    assert cell.rate == rate_of(10, 10)
    assert summary(store, RARE.with_value("side", "left")).labelled == rate_of(5, 5)


def test_the_worst_slices_are_ranked_and_shown_weighted(store: Store) -> None:
    review(store, 20, BY_KIND)
    for worst in summary(store).worst:
        table = pivot(store, Slice(), rows="kind", cols="side")
        cell = table.cell(dict(worst.values)["kind"], dict(worst.values)["side"])
        assert cell is not None
        assert cell.rate == worst.rate


def test_a_queue_half_done_counts_what_is_done(store: Store) -> None:
    queue = start_queue(store, Slice(), size=40, labeler=BO, plan=BY_KIND, seed=1)
    judge(store, trace_ids(store, queue)[:20], queue)
    rate = summary(store).labelled
    table = by_kind(store)
    common, rare = table.cell("common", None), table.cell("rare", None)
    assert common is not None
    assert rare is not None
    weight = 90 / 30
    expected = (common.counts.failed * weight + rare.counts.failed) / (
        common.counts.judged * weight + rare.counts.judged
    )
    assert rate.rate == pytest.approx(expected)


def test_traces_that_came_later_are_for_later_draws(store: Store) -> None:
    review(store, 50)
    add(store, [("late", n, True) for n in range(50)])
    judge(store, ["late-0-fails"])
    assert summary(store).labelled.n == 51


def test_a_category_counts_in_the_weights_of_all_that_was_judged(store: Store) -> None:
    from tests.sorting import define_category, put_into_category

    review(store, 20, BY_KIND)
    category = define_category(store, name="rude", definition="is rude", by=BO)
    for n in range(10):
        put_into_category(store, trace_id=f"rare-{n}-fails", category_id=category, by=BO)
    cell = pivot(store, Slice(), rows="category").cell("rude", None)
    assert cell is not None
    assert (cell.counts.failed, cell.counts.judged) == (10, 20)
    assert cell.rate.rate == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("frame", "slice_", "fits"),
    [
        (Slice(), COMMON, True),
        (UNLABELLED, Slice(), True),
        (COMMON, Slice(), False),
        (COMMON, COMMON, True),
        (Slice().with_values("kind", ["common", "rare"]), COMMON, True),
        (COMMON, Slice().with_values("kind", ["common", "rare"]), False),
        (Slice().with_values("kind", ["rare"], negated=True), Slice(), False),
        (Slice().with_values("kind", ["a"], negated=True), Slice().with_values("kind", ["a", "b"], negated=True), True),
        (Slice(search="refund"), Slice(), False),
        (Slice(search="refund"), Slice(search="refund"), False),  # the draw looked at the traces, not at critiques
        (Slice(failed_at=("user",)), Slice(), False),
        (Slice(since=LABELLED_ON), Slice(), False),
        (Slice(until=LABELLED_ON), Slice(until=LABELLED_ON), True),
        (Slice(split=("dev",)), Slice(split=("dev", "test")), False),
        (Slice(unreadable=(("x", "y"),)), Slice(), False),
    ],
)
def test_a_frame_covers_a_slice_where_each_of_its_conditions_holds(frame: Slice, slice_: Slice, fits: bool) -> None:
    assert covers(frame, slice_) is fits
