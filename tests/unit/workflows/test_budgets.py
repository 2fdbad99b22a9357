"""What a run may spend: the cap holds over kills, over tries again, and over whatever order these come in."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.errors import UsageError
from core.judge.providers import anthropic
from core.store import judging as stored
from core.store.connection import Store
from core.workflows import judging
from core.workflows.judging import RunState, continue_run, start_run, wait_for
from core.workflows.opening import open_store
from core.workflows.planning_runs import plan_run
from tests.conftest import ROOT
from tests.judging import healthy, put_traces, run, saved
from tests.messages_server import MessagesServer

TRIALS = int(os.environ.get("PASSFAIL_TRIALS", "0"))
CALL = anthropic.price(1000, 100, "claude-sonnet-5-5") or 0.0
"""Dollars for an answer, as long as nothing else is said."""


def go_on(store: Store, run_id: int, **how: object) -> RunState:
    return wait_for(store, continue_run(store, run_id, **how), every=0.05)  # type: ignore[arg-type]


def stop_after(store: Store, n: int, **how: object) -> RunState:
    """A run of everything that is stopped when so many traces have an answer."""
    return stopped_at(
        store, start_run(store, plan_run(store, "overall", split=None), by="ana", reason="a test", **how), n
    )  # type: ignore[arg-type]


def stopped_at(store: Store, run_id: int, n: int) -> RunState:
    """A run under way, stopped when so many traces have an answer."""
    while judging.look_at_run(store, run_id).row.done < n:
        time.sleep(0.01)
    judging.stop_run(store, run_id)
    return wait_for(store, run_id, every=0.05)


def forget_the_end(store: Store) -> None:
    """As if the program had been killed: the last run has never ended."""
    with store.write() as cursor:
        cursor.execute("delete from judge_run_events where event = (select max(event) from judge_run_events)")


@pytest.mark.parametrize("cap", [0.01, 0.05, 0.2])
def test_a_budget_is_not_passed_by_more_than_one_call(server: MessagesServer, store: Store, cap: float) -> None:
    put_traces(store, 100)
    saved(store)
    server.tokens = (900, 500)
    a_call = anthropic.price(*server.tokens) or 0
    state = run(store, cap=cap)
    assert state.state == "cap"
    assert 0 < state.row.dollars <= cap + a_call
    assert server.paid == state.row.done == round(state.row.dollars / a_call)
    assert state.row.detail == f"the budget of ${cap:.2f} is used up"
    more = wait_for(store, continue_run(store, state.row.run_id, cap=5.0), every=0.05)
    assert (more.state, server.paid) == ("ended", 100)


@pytest.mark.parametrize("at_once", [1, 16])
@pytest.mark.parametrize(("kinds", "cap"), [(("timeout",), 0.2), (("timeout", "truncated"), 0.05)])
def test_answers_that_never_came_and_are_paid_do_not_pass_the_budget(
    server: MessagesServer,
    store: Store,
    monkeypatch: pytest.MonkeyPatch,
    kinds: tuple[str, ...],
    cap: float,
    at_once: int,
) -> None:
    put_traces(store, 100)
    saved(store)
    monkeypatch.setattr(anthropic, "SECONDS", 0.15)
    server.faults, server.kinds, server.timeout_seconds, server.tokens = 1.0, kinds, 0.3, (900, 900)
    a_call = anthropic.price(*server.tokens) or 0
    state = run(store, cap=cap, concurrency=at_once)
    bill = server.calls * a_call
    assert (state.state, state.row.verdicts, state.row.failures) == ("cap", 0, server.calls)
    assert cap / 2 < bill <= cap + a_call
    assert bill <= state.row.dollars, "what may be paid counts as the most it can have cost"
    while server.told["timeout"] > server.paid:
        time.sleep(0.02)
    server.faults, server.kinds = 0.3, ("timeout",)
    before, booked = server.calls, state.row.dollars
    again = go_on(store, state.row.run_id, cap=booked + 0.1)
    assert again.state == "cap"
    assert (server.calls - before) * a_call <= 0.1 + a_call


@pytest.mark.timeout(300)
def test_a_budget_is_kept_over_kills(server: MessagesServer, database: Path) -> None:
    n, at_once, kills, cap = (90, 8, 3, 0.50) if TRIALS else (60, 8, 1, 0.25)
    store = open_store(database)
    put_traces(store, n)
    saved(store)
    store.close()
    server.delay, server.tokens = 0.3, (900, 500)
    a_call = anthropic.price(*server.tokens) or 0
    words = ["run", "overall", "--split", "all", "--budget", str(cap)]
    for life in range(kills + 1):
        command = [sys.executable, "passfail.py", "judge", *words, "--concurrency", str(at_once), "--db", str(database)]
        before = server.calls
        with subprocess.Popen([*command, "--json"], cwd=ROOT, stdout=subprocess.PIPE, text=True) as running:
            assert running.stdout is not None
            if life == kills:
                told = json.loads(running.stdout.read())
                break
            while server.calls < before + 2 * at_once or server.at_once < at_once:
                assert running.poll() is None
                time.sleep(0.005)
            running.send_signal(signal.SIGKILL)
        words = ["continue", "1"]
    assert (told["state"], told["cap"]) == ("cap", cap)
    assert told["dollars"] == pytest.approx(told["judged"] * a_call)
    assert server.paid - told["judged"] > 1, "answers were paid and lost"
    assert server.paid * a_call <= cap + a_call
    assert told["spent"] == pytest.approx(told["dollars"] + told["lost"])
    assert "set aside for answers that were lost when the program ended" in told["detail"]


def test_a_run_that_was_cut_short_counts_as_spent_what_was_under_way(server: MessagesServer, store: Store) -> None:
    put_traces(store, 60)
    saved(store)
    server.delay = 0.05
    stopped = stop_after(store, 5, cap=1.0, concurrency=4)
    assert (stopped.state, stopped.row.lost) == ("stopped", 0.0)
    forget_the_end(store)
    assert judging.look_at_run(store, 1).state == "interrupted"
    more = go_on(store, 1, cap=0.15)
    assert (more.state, more.row.spent) == ("cap", more.row.dollars + more.row.lost)
    assert 4 * 0.01 < more.row.lost < 4 * 0.015
    assert go_on(store, 1, cap=0.16).row.lost == more.row.lost, "it had ended, and was not cut short"
    forget_the_end(store)
    ended = go_on(store, 1, cap=9.0)
    assert 0 < ended.row.lost - more.row.lost < 0.015, "no more than the cap of that time let it cost"
    assert (ended.state, ended.row.verdicts, healthy(store)) == ("ended", 60, True)


def test_what_was_under_way_cannot_have_cost_more_than_the_cap(server: MessagesServer, store: Store) -> None:
    put_traces(store, 30)
    saved(store)
    state = run(store, cap=0.03)
    forget_the_end(store)
    after = go_on(store, state.row.run_id)
    assert (after.state, after.row.dollars) == ("cap", state.row.dollars)
    assert 0 < after.row.lost < 0.015, "one answer at most, where the cap has room for none"


def test_answers_that_could_not_be_stored_count_as_spent(server: MessagesServer, store: Store) -> None:
    put_traces(store, 60)
    saved(store)
    server.delay = 0.05
    run_id = start_run(store, plan_run(store, "overall", split=None), by="ana", concurrency=4)
    while judging.look_at_run(store, run_id).row.done < 5:
        time.sleep(0.01)
    with store.write() as cursor:
        cursor.execute("alter table judgments rename column dollars to gone")
    while judging.running_now(store):
        time.sleep(0.01)
    with store.write() as cursor:
        cursor.execute("alter table judgments rename column gone to dollars")
    state = judging.look_at_run(store, run_id)
    assert state.state == "broken"
    assert state.row.lost == pytest.approx((server.paid - state.row.done) * CALL)
    assert state.row.lost > 0


def test_failures_are_tried_again_within_the_same_budget(server: MessagesServer, store: Store) -> None:
    put_traces(store, 6)
    saved(store)
    server.kinds, server.faults = ("refusal",), 1.0
    state = run(store, cap=1.0)
    again = wait_for(store, continue_run(store, state.row.run_id, again=True), every=0.05)
    assert (again.row.cap, again.row.failures) == (1.0, 6)
    assert 0 < (again.row.estimate or 0) < 1
    server.faults = 0.0
    last = wait_for(store, continue_run(store, again.row.run_id, again=True), every=0.05)
    assert (last.state, last.row.verdicts) == ("ended", 6)


def test_tries_again_spend_what_is_left_of_the_cap(server: MessagesServer, store: Store) -> None:
    put_traces(store, 6)
    saved(store)
    server.kinds, server.faults = ("refusal",), 1.0
    first = run(store, cap=0.02)
    assert (first.state, first.row.failures) == ("ended", 6)
    with pytest.raises(UsageError, match=r"Nothing is left of the budget of \$0\.02: \$0\.02 of it is spent"):
        continue_run(store, first.row.run_id, again=True)
    with pytest.raises(UsageError, match="Nothing is left"):
        continue_run(store, first.row.run_id, again=True, cap=0.019)
    assert (server.calls, len(judging.list_runs(store))) == (6, 1)
    second = go_on(store, first.row.run_id, again=True, cap=0.05)
    assert (second.state, second.row.failures, second.row.cap) == ("ended", 6, 0.05)
    assert second.row.spent == pytest.approx(12 * CALL)
    server.faults = 0.0
    third = go_on(store, second.row.run_id, again=True)
    assert (third.state, third.row.cap) == ("cap", 0.05)
    assert third.row.spent == pytest.approx(server.calls * CALL)
    assert third.row.spent <= 0.05 + CALL
    assert [judging.look_at_run(store, run_id).row.spent for run_id in (1, 2)] == [third.row.spent] * 2
    last = go_on(store, third.row.run_id, cap=1.0)
    assert (last.state, last.row.verdicts) == ("ended", 6)


def test_a_run_that_goes_on_after_its_failures_were_tried_again_shares_their_cap(
    server: MessagesServer, store: Store
) -> None:
    put_traces(store, 40)
    saved(store)
    server.kinds, server.faults, server.delay = ("refusal",), 1.0, 0.05
    first = stop_after(store, 8, cap=0.06, concurrency=2)
    again = stopped_at(store, continue_run(store, first.row.run_id, again=True, concurrency=1), 2)
    assert again.row.left > 0
    forget_the_end(store)
    ended = go_on(store, first.row.run_id)
    assert (ended.state, ended.row.lost > 0) == ("cap", True), "a try again that was cut short counts here too"
    assert ended.row.spent - ended.row.lost <= 0.06 + CALL
    assert server.calls * CALL == pytest.approx(ended.row.spent - ended.row.lost)


def test_going_on_has_a_price(server: MessagesServer, store: Store) -> None:
    put_traces(store, 40)
    version = saved(store)
    server.kinds, server.faults, server.delay = ("refusal",), 0.5, 0.05
    row = stop_after(store, 10, concurrency=2).row
    prices = judging.price_on(store, version, row)
    plan = plan_run(store, version.ref, split=None)
    assert prices.left is not None
    assert prices.failed is not None
    assert plan.n == row.left + row.failed
    assert prices.left / row.left == pytest.approx(prices.failed / row.failed, rel=0.05)
    with store.read() as cursor:
        usual = stored.mean_tokens_out(cursor, "overall")
    assert usual == 100
    assert prices.left + prices.failed == pytest.approx(plan.dollars, rel=0.2), "as the provider counts, or nearly so"
    server.faults = 0.0
    assert go_on(store, row.run_id, again=True).row.estimate == pytest.approx(prices.failed)
    batch = start_run(store, plan_run(store, "overall", split=None), by="ana", batch=True)
    wait_for(store, batch, every=0.05)
    with store.write() as cursor:
        cursor.execute("delete from judgments where run_id = ?", [batch])
    rest = judging.look_at_run(store, batch).row
    half = judging.price_on(store, version, rest)
    assert half.left == pytest.approx(prices.left / row.left * rest.left / 2, rel=0.05)
    assert half.failed == 0.0
