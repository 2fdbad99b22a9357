"""A judge that was never checked judges many traces only with a reason, which stays with the run; and what a run asked with."""

from importlib import metadata

import orjson
import pytest

from core.errors import UsageError
from core.model import JudgeVersion, LabelState
from core.store.connection import Store
from core.workflows import judging
from core.workflows.drafting import save_check
from core.workflows.judging import continue_run, list_overrides, list_runs, look_at_run, start_run, wait_for
from core.workflows.planning_runs import plan_run
from core.workflows.reviewing import record_label
from core.workflows.sealing import open_test
from tests.judging import SPEC, put_traces, saved
from tests.messages_server import MessagesServer

REASON = "the expert is away,\n the release is tomorrow"


@pytest.fixture
def store(fresh_store: Store, server: MessagesServer) -> Store:
    """125 traces, 25 of them labelled; of these the first ten are in dev, the next ten in test, five in train."""
    put_traces(fresh_store, 125)
    for place in range(25):
        state = LabelState.FAIL if place % 3 == 0 else LabelState.PASS
        record_label(fresh_store, trace_id=f"j{place:04}", state=state, labeler="ana", critique="so")
    with fresh_store.write() as cursor:
        cursor.execute(
            """insert into splits select nextval('event_number'), trace_key,
            case when id < 'j0010' then 'dev' when id < 'j0020' then 'test' else 'train' end, now()::timestamp
            from traces where id < 'j0025'"""
        )
    return fresh_store


@pytest.fixture
def check(store: Store) -> JudgeVersion:
    return saved(store)


def run(store: Store, check: JudgeVersion, split: str) -> None:
    wait_for(store, start_run(store, plan_run(store, check.ref, split=split), by="ana", cap=5.0), every=0.05)


def unchecked(store: Store, check: JudgeVersion) -> int:
    return plan_run(store, check.ref, split=None).unchecked


def test_a_reason_is_asked_for_stored_as_an_event_and_shown_with_the_run(store: Store, check: JudgeVersion) -> None:
    plan = plan_run(store, check.ref, split=None)
    assert plan.unchecked == 100
    for said in (None, " \n"):
        with pytest.raises(UsageError, match="would judge 100 traces that nobody labelled") as refused:
            start_run(store, plan, by="ana", cap=5.0, reason=said)
        assert "--reason" in (refused.value.remedy or "")
    with pytest.raises(UsageError, match="at most"):
        start_run(store, plan, by="ana", cap=5.0, reason="x" * 1001)
    assert list_runs(store) == []
    state = wait_for(store, start_run(store, plan, by="ana", cap=5.0, reason=REASON), every=0.05)
    assert state.row.reason == "the expert is away, the release is tomorrow"
    assert [(row.run_id, row.made_by, row.total) for row in list_overrides(store, check.ref)] == [(1, "ana", 125)]


def test_a_check_in_code_needs_no_reason_and_asks_nobody(store: Store) -> None:
    code = save_check(store, "no wrong", "contains", {"text": "wrong", "absent": True}, by="ana")
    plan = plan_run(store, code.ref, split=None)
    assert (plan.n, plan.unchecked) == (125, 0)
    row = wait_for(store, start_run(store, plan, by="ana"), every=0.05).row
    assert (row.left, row.reason, row.model, row.library) == (0, None, None, None)


def test_checks_on_dev_and_on_an_opened_test_need_no_reason_and_train_and_a_sealed_test_are_none(
    store: Store, check: JudgeVersion
) -> None:
    run(store, check, "train")
    assert unchecked(store, check) == 100
    run(store, check, "test")
    assert unchecked(store, check) == 100
    open_test(store, check.ref, by="ana")
    assert unchecked(store, check) == 0
    other = saved(store, spec=SPEC.with_slots({"role": "You know another shop."}))
    assert unchecked(store, other) == 100, "another version is another judge"
    run(store, other, "dev")
    assert unchecked(store, other) == 0
    state = wait_for(
        store, start_run(store, plan_run(store, other.ref, split=None), by="ana", cap=5.0, reason="any"), every=0.05
    )
    assert (state.row.reason, list_overrides(store, other.ref)) == (None, []), "it was checked"


def test_passes_alone_are_no_check_and_few_traces_ask_for_nothing(store: Store, check: JudgeVersion) -> None:
    with store.write() as cursor:
        cursor.execute("delete from splits where trace_key in (select trace_key from labels where state = 'fail')")
    run(store, check, "dev")
    assert unchecked(store, check) == 100
    record_label(store, trace_id="j0100", state=LabelState.PASS, labeler="ana")
    assert unchecked(store, check) == 0, "99 are left"


def test_without_splits_all_labels_are_the_check(store: Store, check: JudgeVersion) -> None:
    with store.write() as cursor:
        cursor.execute("delete from splits")
    plan = plan_run(store, check.ref, split=None)
    assert plan.unchecked == 100
    wait_for(store, start_run(store, plan, by="ana", cap=5.0, reason="to see"), every=0.05)
    assert unchecked(store, check) == 0


def test_a_run_says_with_what_model_settings_and_library_it_asked(
    server: MessagesServer, small_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(small_store)
    plan = plan_run(small_store, "overall", split=None)
    with monkeypatch.context() as older:
        older.setattr(judging, "library", lambda: "anthropic 1.0.0")
        run_id = start_run(small_store, plan, by="ana", cap=0.01)
        first = wait_for(small_store, run_id, every=0.05).row
    assert (first.state, first.model, first.library) == ("cap", "claude-sonnet-5-5", "anthropic 1.0.0")
    assert orjson.loads(first.settings)["max_tokens"] == 1000
    for _ in range(2):
        row = wait_for(small_store, continue_run(small_store, run_id, cap=3.0), every=0.05).row
        assert row.library == f"anthropic 1.0.0, then anthropic {metadata.version('anthropic')}"
    with small_store.write() as cursor:
        cursor.execute("delete from settings where name like 'run at event%'")
    assert look_at_run(small_store, run_id).row.library is None, "a run of an earlier version of the program"
