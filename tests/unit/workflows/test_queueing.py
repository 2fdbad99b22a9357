"""A queue is drawn once and kept: whatever happens after it was made, it holds the same traces in the same order."""

from collections import Counter
from typing import Any

import pytest

from core.errors import UsageError
from core.model import JudgmentRow, LabelState, Verdict
from core.slice import Slice
from core.store import queues, settings
from core.store.connection import Store
from core.store.ingest import Entry, ingest
from core.workflows.exploring import describe
from core.workflows.planning import BLIND_NAME, CHECK_JUDGE, UNUSUAL, Part, Plan
from core.workflows.queueing import (
    UNLABELLED,
    Queue,
    blind,
    count_open,
    find_queue,
    open_queues,
    queue_progress,
    repeated_ids,
    reviewed_ids,
    session_of,
    start_queue,
    trace_ids,
)
from core.workflows.review_items import review_items
from core.workflows.reviewing import record_label, undo_label
from core.workflows.strategies import STRATEGIES
from tests.conftest import EXPERT, JUDGE, LABELLED_ON, MakeTrace
from tests.sorting import define_category, put_into_category

BO = "bo"
ALL_IDS = {f"t{number:02d}" for number in range(1, 13)}


def label(store: Store, trace_id: str, state: str = "pass", labeler: str = BO, queue: Queue | None = None) -> None:
    record_label(
        store,
        trace_id=trace_id,
        state=LabelState(state),
        labeler=labeler,
        critique="because",
        queue_id=queue and queue.id,
    )


def start(store: Store, slice_: Slice | None = None, *, size: int = 25, labeler: str = BO, **more: Any) -> Queue:
    return start_queue(store, slice_ or Slice(), size=size, labeler=labeler, **{"seed": 5} | more)


def ids_of(store: Store, queue: Queue) -> list[str]:
    return trace_ids(store, queue)


def only(strategy: str, *by: str, equal: bool = True) -> Plan:
    return Plan(parts=(Part(strategy, 100),), by=by, equal=equal)


def rows(store: Store, sql: str) -> list[tuple[object, ...]]:
    with store.read() as cursor:
        return cursor.execute(sql).fetchall()


def add(store: Store, make_trace: MakeTrace, amount: int, **over: object) -> None:
    with ingest(store) as running:
        running.add([Entry("more.jsonl", n, make_trace(**over), [], []) for n in range(amount)])
        running.finish(files=["more.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)


# ------------------------------------------------------------------------------ as it is kept


def test_the_address_of_a_queue_finds_it_again_whoever_asks(small_store: Store) -> None:
    queue = start(small_store, Slice().with_value("feature", "search"))
    assert find_queue(small_store, queue.address) == queue
    assert queue.frame == Slice().with_value("feature", "search")
    assert queue.is_for(BO)
    assert not queue.is_for(EXPERT)


@pytest.mark.parametrize("name", ["", "0", "99", "-1", "25-1-1", "x", "²", "9" * 40])
def test_any_other_text_is_no_queue(small_store: Store, name: str) -> None:
    start(small_store)
    assert find_queue(small_store, name) is None


def test_a_queue_of_everything_holds_every_trace_once(small_store: Store) -> None:
    ids = ids_of(small_store, start(small_store))
    assert set(ids) == ALL_IDS
    assert len(ids) == len(ALL_IDS)


def test_the_same_seed_draws_the_same_queue_and_another_one_another(small_store: Store) -> None:
    drawn = [tuple(ids_of(small_store, start(small_store, size=5, seed=seed))) for seed in (1, 1, 2, 3, 4, 5)]
    assert drawn[0] == drawn[1]
    assert len(set(drawn)) > 3


def test_what_was_judged_before_is_left_out_and_what_was_deferred_comes_back(small_store: Store) -> None:
    label(small_store, "t05")
    label(small_store, "t09", "deferred")
    assert set(ids_of(small_store, start(small_store))) == ALL_IDS - {"t05"}
    assert set(ids_of(small_store, start(small_store, UNLABELLED))) == {"t09", "t12"}


@pytest.mark.parametrize(
    "slice_",
    [Slice(), UNLABELLED, Slice().with_value("feature", "search"), Slice(search="t0")],
    ids=["all", "unlabelled", "a dimension", "a search"],
)
def test_nothing_that_happens_later_moves_a_queue(small_store: Store, make_trace: MakeTrace, slice_: Slice) -> None:
    queue = start(small_store, slice_, size=5)
    ids = ids_of(small_store, queue)
    for number, trace_id in enumerate(ids):
        label(small_store, trace_id, "fail" if number % 2 else "pass", queue=queue)
    label(small_store, "t12", labeler=EXPERT)
    label(small_store, "t10", "fail", labeler="cy")
    category = define_category(small_store, name="late", definition="later", by=BO)
    put_into_category(small_store, trace_id="t01", category_id=category, by=BO)
    with small_store.write() as cursor:
        settings.put_setting(cursor, settings.PRINCIPAL, "cy", by=BO)
    add(small_store, make_trace, 20, dimensions={"feature": "search"})
    assert ids_of(small_store, queue) == ids


def test_a_queue_is_drawn_blind_whatever_the_address_says(small_store: Store) -> None:
    failed = Slice(verdict=("fail",))
    assert count_open(small_store, failed, labeler=BO) == len(ALL_IDS)
    assert set(ids_of(small_store, start(small_store, failed))) == ALL_IDS


def test_a_blind_slice_keeps_what_the_traces_are_and_drops_what_was_said_of_them() -> None:
    told = Slice(
        verdict=("fail",), labeler=EXPERT, judge=JUDGE, judge_verdict=("fail",), disagree=JUDGE, category=(1,),
        primary=(2,), last_good=("user",), failed_at=("assistant",), saw_judge=True, search="refund",
        chosen=("picked",), drawn=(1,),
    ).with_value("feature", "search")  # fmt: skip
    assert blind(told) == Slice(search="refund").with_value("feature", "search")
    assert blind(UNLABELLED) == UNLABELLED


def test_a_search_draws_by_what_was_said_and_not_by_what_somebody_wrote_of_it(small_store: Store) -> None:
    assert describe(small_store, Slice(search="wrong date")).n == 2
    with pytest.raises(UsageError, match="nothing to draw"):
        start(small_store, Slice(search="wrong date"))


def test_a_slice_that_holds_nothing_draws_nothing_wider(small_store: Store) -> None:
    with pytest.raises(UsageError, match="nothing to draw"):
        start(small_store, Slice().with_value("feature", "gone"))


def test_a_queue_needs_a_name(small_store: Store) -> None:
    with pytest.raises(UsageError, match="name of who reviews"):
        start(small_store, labeler=" ")


# ------------------------------------------------------------------------------ progress


def test_progress_counts_verdicts_and_deferrals_since_the_queue_was_made(small_store: Store) -> None:
    label(small_store, "t09", "deferred")
    queue = start(small_store)
    ids = ids_of(small_store, queue)
    assert session_of(ids, reviewed_ids(small_store, queue, labeler=BO)).done == 0
    label(small_store, "t01", "fail", queue=queue)
    label(small_store, "t02", queue=queue)
    label(small_store, "t03", "deferred", queue=queue)
    states = reviewed_ids(small_store, queue, labeler=BO)
    assert list(states) == ["t03", "t02", "t01"]
    session = session_of(ids, states)
    assert (session.total, session.done, session.deferred) == (12, 3, 1)
    assert (session.failed.k, session.failed.n) == (1, 2)
    progress = queue_progress(small_store, queue, labeler=BO)
    assert (progress.total, progress.done, progress.usual_ms) == (12, 3, None)


def test_the_time_of_a_trace_is_the_median_of_those_of_this_queue(small_store: Store) -> None:
    queue = start(small_store)
    for trace_id, milliseconds in (("t01", 20_000), ("t02", 30_000), ("t03", 3_600_000)):
        label(small_store, trace_id, queue=queue)
        with small_store.write() as cursor:
            cursor.execute(
                "update labels set duration_ms = ? where trace_key = (select trace_key from traces where id = ?) and labeler = ?",
                [milliseconds, trace_id, BO],
            )
    assert queue_progress(small_store, queue, labeler=BO).usual_ms == 30_000


def test_open_queues_are_this_persons_and_end_with_their_last_trace(small_store: Store) -> None:
    mine, other = start(small_store, UNLABELLED), start(small_store, labeler="cy")
    assert [(going.queue, going.left) for going in open_queues(small_store, BO)] == [(mine, 3)]
    for trace_id in ids_of(small_store, mine):
        label(small_store, trace_id, "deferred", queue=mine)
    assert open_queues(small_store, BO) == []
    assert [going.queue for going in open_queues(small_store, "cy")] == [other]


# ------------------------------------------------------------------------------ what a label keeps


def choice(store: Store, trace_id: str, labeler: str = BO) -> tuple[object, ...]:
    return rows(
        store,
        f"""select queue_id, sampling, inclusion from current_labels join traces using (trace_key)
            where id = '{trace_id}' and labeler = '{labeler}'""",
    )[0]


def test_a_label_of_a_queue_keeps_how_its_trace_was_chosen(small_store: Store) -> None:
    queue = start(small_store, size=6)
    first = ids_of(small_store, queue)[0]
    label(small_store, first, queue=queue)
    assert choice(small_store, first) == (queue.id, "random", 0.5)
    outside = next(iter(ALL_IDS - set(ids_of(small_store, queue))))
    label(small_store, outside)
    assert choice(small_store, outside) == (None, None, None)


def test_a_changed_verdict_keeps_how_its_trace_was_chosen_first(small_store: Store) -> None:
    queue = start(small_store, size=6)
    first = ids_of(small_store, queue)[0]
    label(small_store, first, queue=queue)
    label(small_store, first, "fail")
    assert choice(small_store, first) == (queue.id, "random", 0.5)
    undo_label(small_store, trace_id=first, labeler=BO)
    assert choice(small_store, first) == (queue.id, "random", 0.5)


# ------------------------------------------------------------------------------ strategies


def strategies(store: Store, queue: Queue) -> Counter[object]:
    return Counter(row[0] for row in rows(store, f"select strategy from queue_items where queue_id = {queue.id}"))


def test_a_random_draw_knows_its_probability(small_store: Store) -> None:
    queue = start(small_store, size=5)
    assert rows(small_store, f"select distinct strategy, inclusion from queue_items where queue_id = {queue.id}") == [
        ("random", 5 / 12)
    ]
    assert queue.by_chance


def test_strata_are_drawn_equally_or_in_proportion_each_with_its_probability(
    small_store: Store, make_trace: MakeTrace
) -> None:
    add(small_store, make_trace, 60, dimensions={"feature": "search"})
    add(small_store, make_trace, 20, dimensions={"feature": "booking"})
    found: dict[bool, list[tuple[object, ...]]] = {}
    for equal in (True, False):
        queue = start(small_store, size=20, plan=only("stratified", "feature", equal=equal))
        found[equal] = rows(
            small_store,
            f"""select coalesce(v.value, ''), count(*), any_value(i.inclusion) from queue_items i
                left join (select trace_key, value from trace_dimensions join dimension_values using (value_id)
                    where name = 'feature') v using (trace_key)
                where queue_id = {queue.id} group by 1 order by 1""",
        )
        assert queue.by_chance
    assert found[True] == [("", 1, 1.0), ("booking", 8, 8 / 24), ("chat", 2, 1.0), ("search", 9, 9 / 65)]
    assert found[False] == [("", 1, 1.0), ("booking", 5, 5 / 24), ("chat", 1, 1 / 2), ("search", 13, 13 / 65)]


def test_unusual_traces_are_the_most_extreme_by_each_measure(small_store: Store, make_trace: MakeTrace) -> None:
    for name, over in (("long", {"input": "x" * 5000}), ("slow", {"duration_ms": 90_000.0})):
        add(small_store, make_trace, 1, id=name, **over)
    add(small_store, make_trace, 1, id="costly", dimensions={"total tokens": "90000"})
    add(small_store, make_trace, 9, duration_ms=800.0, dimensions={"total tokens": "700"})
    queue = start(small_store, size=5, plan=UNUSUAL)
    assert {"long", "slow", "costly"} <= set(ids_of(small_store, queue))
    assert rows(small_store, "select distinct strategy, inclusion from queue_items") == [("outliers", None)]
    assert not queue.by_chance


def test_a_queue_to_check_the_judge_is_mixed_and_tells_nothing(small_store: Store) -> None:
    queue = start(small_store, size=6, plan=CHECK_JUDGE)
    drawn = strategies(small_store, queue)
    assert drawn["random"] == 3
    assert 1 <= drawn["judge says fail"] <= 3, "what chance has drawn is not picked again"
    assert queue.name == BLIND_NAME
    picked = {
        row[0]
        for row in rows(small_store, "select id from queue_items join traces using (trace_key) where inclusion is null")
    }
    assert picked <= {"t02", "t03", "t05", "t07"}


def test_the_places_of_a_mixed_queue_do_not_tell_the_parts_apart(small_store: Store, make_trace: MakeTrace) -> None:
    add(small_store, make_trace, 100)
    plan = Plan(parts=(Part("random", 60), Part("outliers", 40)))
    queue = start(small_store, size=50, plan=plan)
    order = [
        row[0]
        for row in rows(small_store, f"select strategy from queue_items where queue_id = {queue.id} order by place")
    ]
    assert Counter(order) == {"random": 30, "outliers": 20}
    assert "random" in order[-10:]
    assert "outliers" in order[:10]


def test_a_queue_of_one_verdict_of_the_judge_is_refused(small_store: Store) -> None:
    for parts in ((Part("judge says fail", 100),), (Part("judge says fail", 90), Part("random", 10))):
        with pytest.raises(UsageError, match="give that verdict away"):
            start(small_store, plan=Plan(parts=parts))


def test_disagreements_are_those_of_judge_and_expert_and_of_two_versions(small_store: Store) -> None:
    queue = start(small_store, size=5, plan=Plan(parts=(Part("random", 20), Part("disagreement", 80))))
    found = rows(
        small_store,
        f"select id from queue_items join traces using (trace_key) where queue_id = {queue.id} and inclusion is null",
    )
    assert {row[0] for row in found} <= {"t02", "t04"}
    assert found


HALF_DISPUTED = Plan(parts=(Part("random", 40), Part("disagreement", 60)))


def disputed(store: Store, queue: Queue) -> set[object]:
    """The traces that this queue holds because somebody disagrees."""
    return {
        row[0]
        for row in rows(
            store,
            f"""select id from queue_items join traces using (trace_key)
                where queue_id = {queue.id} and strategy = 'disagreement' and place > 0""",
        )
    }


def test_the_expert_whose_labels_a_judge_disputes_judges_them_again_without_seeing_what_was_said(
    small_store: Store,
) -> None:
    queue = start(small_store, labeler=EXPERT, plan=HALF_DISPUTED)
    assert disputed(small_store, queue) == {"t02", "t04"}
    again = review_items(small_store, ["t02", "t04"], labeler=EXPERT, since=queue.event)
    assert [(item.label, item.history) for item in again] == [(None, []), (None, [])]
    assert queue_progress(small_store, queue, labeler=EXPERT).done == 0
    # Kept to, it is no reason to ask again; given up, it is no dispute any more.
    label(small_store, "t02", "pass", labeler=EXPERT, queue=queue)
    label(small_store, "t04", "pass", labeler=EXPERT, queue=queue)
    assert disputed(small_store, start(small_store, labeler=EXPERT, plan=HALF_DISPUTED)) == set()


def test_a_dispute_of_somebody_else_or_of_two_versions_is_drawn_for_whoever_has_not_judged_it(
    small_store: Store, make_trace: MakeTrace
) -> None:
    with ingest(small_store) as running:
        for number, name in enumerate(("flipped", "flipped and judged"), start=1):
            verdicts = [
                JudgmentRow(trace_id=name, judge="other", version=version, verdict=verdict)
                for version, verdict in (("1", Verdict.PASS), ("2", Verdict.FAIL))
            ]
            running.add([Entry("more.jsonl", number, make_trace(id=name), [], verdicts)])
        running.finish(files=["more.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)
    for trace_id in ("t02", "flipped and judged"):
        label(small_store, trace_id, "fail")  # as the judge says
    drawn = [disputed(small_store, start(small_store, size=12, seed=seed, plan=HALF_DISPUTED)) for seed in range(8)]
    assert set().union(*drawn) == {"t04", "flipped"}


def test_thin_cells_come_first(small_store: Store, make_trace: MakeTrace) -> None:
    add(small_store, make_trace, 1, id="lonely", dimensions={"feature": "refund", "persona": "busy"})
    queue = start(small_store, size=5, plan=only("thin cells", "feature", "persona"))
    assert "lonely" in ids_of(small_store, queue)
    assert not queue.by_chance


def test_small_groups_of_similar_wording_are_seen_as_often_as_large_ones(
    small_store: Store, make_trace: MakeTrace
) -> None:
    for number in range(80):
        add(small_store, make_trace, 1, input=f"please find me a restaurant in the town number {number}")
    for number in range(6):
        add(small_store, make_trace, 1, id=f"odd-{number}", input=f"ZXQW {number} kernel panic 0xDEADBEEF {number}")
    queue = start(small_store, size=20, plan=only("similar wording"))
    assert len([trace_id for trace_id in ids_of(small_store, queue) if trace_id.startswith("odd")]) >= 2


def test_failed_before_holds_what_changed_since_and_what_was_mended(small_store: Store, make_trace: MakeTrace) -> None:
    with ingest(small_store) as running:
        changed = make_trace(id="t03", output="another answer", dimensions={"feature": "search"})
        running.add([Entry("later.jsonl", 1, changed, [], [])])
        running.finish(files=["later.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)
    with small_store.write() as cursor:
        category = cursor.execute("select category_id from current_categories where name = 'tone'").fetchone()
        cursor.execute(
            "insert into fixes values (nextval('event_number'), 1, ?, 'be kind', null, null, null, false, ?, now()::timestamp, null)",
            [category[0] if category else 0, EXPERT],
        )
    queue = start(small_store, labeler=EXPERT, plan=only("failed before"))
    assert set(ids_of(small_store, queue)) == {"t03", "t07"}
    assert queue_progress(small_store, queue, labeler=EXPERT).done == 0
    for trace_id in ("t03", "t07"):
        label(small_store, trace_id, labeler=EXPERT, queue=queue)
    assert open_queues(small_store, EXPERT) == []
    with pytest.raises(UsageError, match="nothing to draw"):
        start(small_store, labeler=EXPERT, plan=only("failed before"))


def test_a_random_draw_can_hit_what_was_picked_before_and_does_not_show_it_again(
    small_store: Store, make_trace: MakeTrace
) -> None:
    add(small_store, make_trace, 60)
    picked = start(small_store, size=50, plan=UNUSUAL)
    for trace_id in ids_of(small_store, picked):
        label(small_store, trace_id, queue=picked)
    queue = start(small_store, size=10)
    with small_store.read() as cursor:
        hit = cursor.execute(
            "select place from queue_items where queue_id = ? and repeats is null", [queue.id]
        ).fetchall()
        assert queues.find_progress(cursor, queue.id, labeler=BO).total == 10
    assert len([place for (place,) in hit if place == 0]) > 5
    again = set(ids_of(small_store, queue)) & set(ids_of(small_store, picked))
    assert again == repeated_ids(small_store, queue)  # but for the hidden repeats that every queue has
    assert rows(
        small_store, f"select distinct inclusion from queue_items where queue_id = {queue.id} and repeats is null"
    ) == [(len(hit) / 72,)]


@pytest.mark.parametrize("plan", [only("dice"), only("stratified"), only("thin cells", "gone"), Plan(parts=())])
def test_a_plan_that_cannot_be_drawn_is_refused(small_store: Store, plan: Plan) -> None:
    with pytest.raises(UsageError):
        start(small_store, plan=plan)


def test_only_strategies_of_chance_have_a_probability(small_store: Store) -> None:
    for strategy in STRATEGIES:
        other = () if strategy.by_chance else (Part("random", 40),)
        plan = Plan(parts=(Part(strategy.name, 60), *other), by=("feature", "persona"))
        queue = start(small_store, size=8, plan=plan)
        found = rows(
            small_store,
            f"select inclusion from queue_items where queue_id = {queue.id} and strategy = '{strategy.name}'",
        )
        assert all((inclusion is not None) == strategy.by_chance for (inclusion,) in found)
