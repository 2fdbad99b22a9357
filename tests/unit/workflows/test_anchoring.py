"""Anchors and flips: chosen by nothing they say, asked about again over real HTTP, and every number has its traces."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from core.errors import NotFoundError, UsageError
from core.metrics import rate_of
from core.model import LabelState
from core.slice import Slice
from core.store import traces
from core.store.connection import IN_MEMORY, Store
from core.store.pins import PinnedStore, find_newest
from core.workflows.anchoring import ANCHORS, choose_anchors, count_anchors, list_rounds, measure_flips
from core.workflows.exploring import describe, list_traces
from core.workflows.judging import start_run, wait_for
from core.workflows.maintaining import examine
from core.workflows.opening import open_store
from core.workflows.planning_runs import plan_run
from core.workflows.reviewing import record_label
from core.workflows.sealing import open_test
from tests.conftest import EXPERT, JUDGE
from tests.judging import put_traces, saved
from tests.messages_server import MessagesServer, verdict_on
from tests.real_sets import off_links
from tests.unit.workflows.test_sealing import assign


@pytest.fixture
def store() -> Iterator[Store]:
    """Twelve traces, of which every third is failed."""
    opened = open_store(IN_MEMORY)
    put_traces(opened, 12)
    for number in range(12):
        state = LabelState.FAIL if number % 3 == 0 else LabelState.PASS
        record_label(opened, trace_id=f"j{number:04}", state=state, labeler="ana", critique="so it is")
    saved(opened)
    yield opened
    opened.close()


def other_model(body: dict[str, Any]) -> str:
    """As if the model behind the name had changed: it passes j0003 and j0006, which it failed before."""
    text = json.dumps(body)
    verdict = "pass" if "answer 3" in text or "answer 6" in text else json.loads(verdict_on(body))["verdict"]
    return json.dumps({"critique": "another one", "verdict": verdict})


def run(store: Store, **how: Any) -> int:
    run_id = start_run(store, plan_run(store, "overall", **how), by="ana")
    assert wait_for(store, run_id, every=0.05).state == "ended"
    return run_id


def test_half_of_the_anchors_are_failed_as_far_as_there_are_enough(store: Store) -> None:
    assert choose_anchors(store, by="ana", size=6) == (6, 3, 3)
    assert choose_anchors(store, by="ana", size=10) == (10, 4, 6)
    assert choose_anchors(store, by="ana", size=500) == (12, 4, 8)
    assert off_links(store, [("anchors", 12, ANCHORS), ("others", 0, Slice(anchor=False))]) == []
    assert [check.name for check in examine(store).health.checks if check.faults] == []


def test_anchors_stay_where_labels_come_and_are_of_the_dev_split_where_there_is_one(store: Store) -> None:
    with store.read() as cursor:
        keys = traces.find_keys(cursor, Slice(), reference=None)
    assign(store, dev=keys[:5], test=keys[5:])
    assert choose_anchors(store, by="ana", size=40).traces == 5
    record_label(store, trace_id="j0001", state=LabelState.FAIL, labeler="ana", critique="after a second look")
    assert count_anchors(store).traces == describe(store, ANCHORS.with_split("dev")).n == 5


def test_anchors_that_were_put_into_test_are_not_asked_about(store: Store) -> None:
    choose_anchors(store, by="ana", size=12)
    with store.read() as cursor:
        keys = traces.find_keys(cursor, Slice(), reference=None)
    assign(store, dev=keys[:5], test=keys[5:])
    assert plan_run(store, "overall", split=None, anchors=True).n == 5


def test_a_choice_is_one_event_and_comes_back_from_the_journal(database: Path) -> None:
    held = open_store(database)
    put_traces(held, 4)
    for number in range(4):
        record_label(held, trace_id=f"j{number:04}", state=LabelState.PASS, labeler="ana", critique="so it is")
    choose_anchors(held, by="ana", size=3)
    ids = {trace.row.id for trace in list_traces(held, ANCHORS).traces}
    with held.read() as cursor:
        last = find_newest(cursor)
    assert [describe(PinnedStore(held, event), ANCHORS).n for event in (last - 1, last)] == [0, 3]
    held.close()
    database.unlink()
    again = open_store(database)
    put_traces(again, 4)
    again.close()
    again = open_store(database)
    assert {trace.row.id for trace in list_traces(again, ANCHORS).traces} == ids
    again.close()


def test_anchors_need_a_name_and_a_labelled_trace(store: Store, fresh_store: Store) -> None:
    with pytest.raises(UsageError, match="somebody with a name"):
        choose_anchors(store, by=" ")
    with pytest.raises(UsageError, match="0 anchors"):
        choose_anchors(store, by="ana", size=0)
    with pytest.raises(UsageError, match="no trace labelled blind"):
        choose_anchors(fresh_store, by="ana")
    with pytest.raises(NotFoundError, match="There are no anchors to judge"):
        plan_run(store, "overall", split=None, anchors=True)
    with pytest.raises(UsageError, match="a choice of traces of their own"):
        plan_run(store, "overall", split=None, anchors=True, repeats=2)


def test_anchors_show_that_the_model_behind_a_judge_has_changed(provider: MessagesServer, store: Store) -> None:
    choose_anchors(store, by="ana", size=12)
    assert plan_run(store, "overall", split=None, anchors=True).n == 12
    run(store, split=None, anchors=True)
    assert list_rounds(store, "overall") == []  # the first verdicts are what later ones are held against
    same = run(store, split=None, anchors=True)
    provider.answer = other_model
    changed = run(store, split=None, anchors=True)
    assert provider.calls == 36
    first, second = list_rounds(store, "overall")
    assert (first.run_id, first.same, first.changed) == (same, rate_of(12, 12), [])
    assert (first.caught_failures, first.kept_passes) == (rate_of(4, 4), rate_of(8, 8))
    assert (second.run_id, second.same, second.changed) == (changed, rate_of(10, 12), ["j0003", "j0006"])
    assert (second.caught_failures, second.kept_passes) == (rate_of(2, 4), rate_of(8, 8))
    assert (second.missed, second.flagged, second.left_out) == (["j0003", "j0006"], [], 0)
    assert measure_flips(store, Slice(), judge="overall").flipped.n == 0, "anchors tell of drift, not of flips"
    assert (
        describe(store, Slice().with_judge_verdict(plan_run(store, "overall", split=None).version.ref, "fail")).n == 4
    )


def test_flips_are_of_the_traces_asked_again_and_both_numbers_have_their_traces(
    provider: MessagesServer, store: Store
) -> None:
    run(store, split=None)
    found = measure_flips(store, Slice(), judge="overall")
    assert (found.flipped.k, found.flipped.n, found.flipped.rate) == (0, 0, None)
    provider.answer = other_model
    run(store, split=None, repeats=2)
    found = measure_flips(store, Slice(), judge="overall")
    assert (found.flipped.k, found.flipped.n, found.fewest, found.most) == (2, 12, 3, 3)
    assert off_links(store, [("flipped", 2, found.flipped_slice), ("asked", 12, found.asked_slice)]) == []
    assert list_rounds(store, "overall") == []
    other = measure_flips(store, Slice(flips="another@1"), judge="overall")
    assert (other.flipped.n, describe(store, other.asked_slice).n) == (0, 0)
    narrow = measure_flips(store, Slice().with_verdict("pass"), judge="overall")
    assert (narrow.flipped.k, narrow.flipped.n) == (0, 8)


def test_a_trace_that_changed_starts_anew(provider: MessagesServer, store: Store) -> None:
    run(store, split=None, repeats=1)
    with store.write() as cursor:
        cursor.execute(
            "update traces set text = replace(text, 'answer 3', 'another'), content_hash = 7 where id = 'j0003'"
        )
    provider.answer = other_model
    run(store, split=None)
    assert measure_flips(store, Slice(), judge="overall").flipped == rate_of(0, 11)


def test_what_is_sealed_flips_nowhere(small_store: Store) -> None:
    assign(small_store, dev=(), test=(1, 2, 3))
    with small_store.write() as cursor:
        cursor.execute(
            """insert into judgments (event, trace_key, version_id, passed, critique, made_at, repeat, seen_hash)
            select nextval('event_number'), trace_key, version_id, not passed, critique, made_at, 1, seen_hash
            from current_judgments where passed is not null"""
        )
    closed = measure_flips(small_store, Slice(), judge=JUDGE)
    assert off_links(small_store, [("flipped", closed.flipped.k, closed.flipped_slice)]) == []
    inside = Slice().with_split("test")
    assert measure_flips(small_store, inside, judge=JUDGE).flipped.n == 0
    assert describe(small_store, inside.with_flips(JUDGE)).n == 0
    open_test(small_store, JUDGE, by=EXPERT)
    assert (
        measure_flips(small_store, inside, judge=JUDGE).flipped.k
        == describe(small_store, inside.with_flips(JUDGE)).n
        > 0
    )
