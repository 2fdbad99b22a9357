"""Did a fix help, on other traces of the same mix; and cases kept for the next version."""

from datetime import datetime, timedelta

import pytest

from core.errors import NotFoundError, UsageError
from core.model import LabelState
from core.slice import Slice
from core.store.connection import Store
from core.workflows.before_after import Effect, measure_fix
from core.workflows.categorising import list_categories
from core.workflows.exploring import describe
from core.workflows.exporting import export_bytes
from core.workflows.fixing import (
    add_to_regression_set,
    in_regression_set,
    list_fixes,
    log_fix,
    remove_fix,
    take_from_regression_set,
)
from core.workflows.planning import RANDOM, UNUSUAL, Part, Plan
from core.workflows.queueing import start_queue, trace_ids
from core.workflows.reviewing import record_label
from core.workflows.wording import Words, make_category
from tests.unit.workflows.test_breaking import filled

FIX = datetime(2026, 3, 1)


def fixed_store() -> tuple[Store, int]:
    """40 traces before and 40 after; new people fail in 15 of 20 and 5 of 30, regular ones in 2 of 20 and 0 of 10."""
    plan = [("new", -1, 20, 15), ("regular", -1, 20, 2), ("new", 1, 30, 5), ("regular", 1, 10, 0)]
    entries: list[dict[str, object]] = []
    failed: list[str] = []
    for persona, side, n, fails in plan:
        for i in range(n):
            name = f"{persona}{side}{i}"
            version = "v1" if side < 0 else "v2"
            entries.append(
                {
                    "id": name,
                    "started_at": FIX + timedelta(days=side),
                    "dimensions": {"persona": persona, "version": version},
                }
            )
            if i < fails:
                failed.append(name)
    entries.append({"id": "timeless"})
    store = filled(entries)
    for entry in entries:
        name = str(entry["id"])
        state = LabelState.FAIL if name in failed else LabelState.PASS
        record_label(store, trace_id=name, state=state, labeler="ana", critique="wrong date")
    made = make_category(store, Words(name="dates", definition="x"), by="ana", trace_ids=failed)
    return store, made.category_id or 0


def off(store: Store, effect: Effect) -> list[tuple[int, int]]:
    sides = (effect.before, effect.after)
    counted = [(s.rate.n, s.reviewed) for s in sides] + [(s.rate.k, s.failed) for s in sides]
    return [(n, shown) for n, slice_ in counted if (shown := describe(store, slice_).n) != n]


def test_rates_before_and_after_a_date_are_of_different_traces_and_in_one_mix() -> None:
    store, dates = fixed_store()
    log_fix(store, dates, what="the prompt names today", since=FIX, by="bo")
    (fix,) = list_fixes(store, dates)
    plain = measure_fix(store, fix, Slice())
    assert (plain.before.rate[:2], plain.after.rate[:2]) == ((17, 40), (5, 40))
    assert plain.change.is_clear
    assert plain.change.value == pytest.approx(5 / 40 - 17 / 40)
    assert (plain.outside, plain.needed) == (1, 0)
    assert plain.shift is not None, "half of the traces are of new people before, three quarters after"
    assert (plain.shift.dimension, plain.shift.before[:2], plain.shift.after[:2]) == ("persona", (20, 40), (30, 40))
    mixed = measure_fix(store, fix, Slice(), mix="persona")
    assert (mixed.change, mixed.shift) == (plain.shift.change, None)
    # Weights 50 new and 30 regular: before (50 * 15/20 + 30 * 2/20) / 80, after (50 * 5/30 + 30 * 0) / 80.
    assert mixed.change.value == pytest.approx((50 * 5 / 30 - 50 * 0.75 - 30 * 0.1) / 80)
    assert mixed.unmatched == 0
    assert off(store, plain) == off(store, mixed) == []


def test_labels_of_unequal_draws_weigh_as_many_traces_as_they_stand_for() -> None:
    """45 chat and 5 phone traces on each side, 3 of 5 phone calls fail and nothing changes; before, as many of each
    were read, after, they were drawn at random."""
    made: list[dict[str, object]] = [
        {
            "id": f"{when} {channel} {number}",
            "started_at": FIX + timedelta(days=day),
            "dimensions": {"channel": channel},
        }
        for when, day in (("before", -1), ("after", 1))
        for channel, n in (("chat", 45), ("phone", 5))
        for number in range(n)
    ]
    store = filled(made)
    failed: list[str] = []

    def judged(slice_: Slice, plan: Plan, size: int) -> None:
        queue = start_queue(store, slice_, size=size, labeler="ana", plan=plan, seed=1)
        for name in trace_ids(store, queue):
            fails = " phone " in name and int(name[-1]) % 2 == 0
            failed.extend([name] if fails else [])
            state = LabelState.FAIL if fails else LabelState.PASS
            record_label(store, trace_id=name, state=state, labeler="ana", critique="cut off", queue_id=queue.id)

    judged(Slice(until=FIX), Plan(parts=(Part("stratified", 100),), by=("channel",)), 10)
    judged(Slice(since=FIX), RANDOM, 50)
    category = make_category(store, Words(name="cut off", definition="x"), by="ana", trace_ids=failed).category_id or 0
    log_fix(store, category, what="nothing", since=FIX, by="bo")
    (fix,) = list_fixes(store, category)
    effect = measure_fix(store, fix, Slice())
    assert (effect.before.rate[:2], effect.after.rate[:2]) == ((3, 10), (3, 50)), "plain counts speak of 23 points"
    assert effect.before.rate.rate == pytest.approx(0.06)
    assert effect.is_weighted
    assert effect.change.value == pytest.approx(0, abs=0.02)
    assert not effect.change.is_clear
    assert effect.shift is None, "the traffic is the same: only what was read of it is not"
    assert measure_fix(store, fix, Slice(), mix="channel").change.value == pytest.approx(0, abs=0.02)
    assert off(store, effect) == []


def test_labels_drawn_from_a_narrower_slice_are_left_out_of_the_rate_and_counted() -> None:
    store, dates = fixed_store()
    queue = start_queue(store, Slice(until=FIX).with_value("persona", "new"), size=10, labeler="cy", seed=1)
    for name in trace_ids(store, queue):
        record_label(store, trace_id=name, state=LabelState.PASS, labeler="cy", queue_id=queue.id)
    log_fix(store, dates, what="late", since=FIX, by="bo")
    (fix,) = list_fixes(store, dates)
    whole = measure_fix(store, fix, Slice(labeler="cy"))
    assert (whole.before.rate[1], whole.before.rate.rate) == (10, None)
    assert [(words, n, describe(store, slice_).n) for words, n, slice_ in whole.narrower] == [
        ("drawn from a narrower slice, before", 10, 10)
    ]


def test_a_version_divides_as_a_date_does_and_what_has_no_counterpart_is_left_out() -> None:
    store, dates = fixed_store()
    log_fix(store, dates, what="v2", dimension="version", value="v2", by="bo")
    (fix,) = list_fixes(store, dates)
    effect = measure_fix(store, fix, Slice())
    assert (effect.before.rate[:2], effect.after.rate[:2], effect.outside) == ((17, 40), (5, 40), 1)
    assert off(store, effect) == []
    assert measure_fix(store, fix, Slice(), mix="version") == effect, "the two sides share no version"
    one_sided = measure_fix(store, fix, Slice().with_value("version", "v1"), mix="persona")
    assert (one_sided.change.value, one_sided.unmatched, one_sided.after.rate.n) == (None, 40, 0)
    narrowed = measure_fix(store, fix, Slice().with_value("version", "v1"))
    assert (narrowed.after.rate.n, narrowed.before.rate.n) == (0, 40), "never more than the slice"


def test_traces_picked_for_a_reason_are_on_neither_side() -> None:
    """Before the fix an expert looked where it fails, afterwards at random: nothing got better for it."""
    made: list[dict[str, object]] = [
        {"id": f"{when} {number}", "started_at": FIX + timedelta(days=day), "duration_ms": 9_000.0 if bad else 100.0}
        for when, day in (("before", -1), ("after", 1))
        for number in range(60)
        for bad in [number < 12]
    ]
    store = filled(made)
    bad = {str(one["id"]) for one in made if one["duration_ms"] == 9_000.0}

    def judged(slice_: Slice, size: int, plan: Plan) -> None:
        queue = start_queue(store, slice_, size=size, labeler="ana", plan=plan, seed=1)
        for name in trace_ids(store, queue):
            state = LabelState.FAIL if name in bad else LabelState.PASS
            record_label(store, trace_id=name, state=state, labeler="ana", critique="slow", queue_id=queue.id)

    judged(Slice(until=FIX), 12, UNUSUAL)
    judged(Slice(since=FIX), 60, RANDOM)
    record_label(store, trace_id="before 30", state=LabelState.PASS, labeler="ana")  # in no queue, as an import would
    slow = make_category(store, Words(name="slow", definition="x"), by="ana", trace_ids=sorted(bad)).category_id or 0
    log_fix(store, slow, what="nothing", since=FIX, by="bo")
    (fix,) = list_fixes(store, slow)
    effect = measure_fix(store, fix, Slice())
    assert (effect.before.rate[:2], effect.after.rate[:2], effect.picked) == ((0, 1), (12, 60), 12)
    assert not effect.change.is_clear
    assert describe(store, effect.picked_slice).n == 12
    assert off(store, effect) == []
    judged(Slice(until=FIX), 50, RANDOM)  # it hits what was picked too, which then counts
    effect = measure_fix(store, fix, Slice())
    assert effect.picked < 12
    assert effect.before.rate.n > 50
    assert off(store, effect) == []
    only = measure_fix(store, fix, Slice(chosen=("picked",)))
    assert (only.before.rate.n, only.after.rate.n) == (0, 0)


def test_too_few_traces_say_how_many_more_are_needed() -> None:
    store, dates = fixed_store()
    log_fix(store, dates, what="late", since=FIX, by="bo")
    (fix,) = list_fixes(store, dates)
    effect = measure_fix(store, fix, Slice().with_value("persona", "regular"))
    assert not effect.change.is_clear
    assert effect.needed is None or effect.needed > 0


def test_a_fix_needs_words_and_one_of_date_and_version_and_leaves_by_an_event() -> None:
    store, dates = fixed_store()
    for given in (
        {"what": " ", "since": FIX},
        {"what": "x"},
        {"what": "x", "since": FIX, "dimension": "version", "value": "v2"},
    ):
        with pytest.raises(UsageError):
            log_fix(store, dates, by="bo", **given)  # type: ignore[arg-type]
    with pytest.raises(NotFoundError):
        log_fix(store, dates, what="x", dimension="nothing", value="v", by="bo")
    event = log_fix(store, dates, what="x", since=FIX, by="bo")
    remove_fix(store, event, by="bo")
    assert list_fixes(store, dates) == []


def test_the_regression_set_keeps_what_a_good_answer_does(small_store: Store) -> None:
    add_to_regression_set(small_store, "t03", expectation="Keeps the date.", by="bo")
    add_to_regression_set(small_store, "t03", expectation="Keeps the stated date.", by="bo")
    add_to_regression_set(small_store, "t04", expectation="Names only listings.", by="bo")
    take_from_regression_set(small_store, "t04", by="bo")
    assert in_regression_set(small_store, "t04") is None
    kept = in_regression_set(small_store, "t03")
    assert kept is not None
    assert kept.expectation == "Keeps the stated date."
    with pytest.raises(UsageError):
        add_to_regression_set(small_store, "t03", expectation=" ", by="bo")
    with pytest.raises(NotFoundError):
        add_to_regression_set(small_store, "nowhere", expectation="x", by="bo")
    data, name = export_bytes(small_store, "regression", Slice(), "jsonl")
    assert name == "passfail-regression.jsonl"
    lines = data.decode().splitlines()
    assert len(lines) == 1
    for said in ("t03", "Keeps the stated date.", "wrong date", '"dates"', "question of t03"):
        assert said in lines[0]
    assert {c.name for c in list_categories(small_store)} == {"dates", "invented", "tone"}
