"""Runs as batches over real HTTP: half the price, no batch is paid twice, and a fault that passes ends no run."""

import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from core.judge.prompt import SCHEMA
from core.judge.providers import anthropic
from core.judge.providers.base import PRICES, Request
from core.judge.providers.batches import Batches
from core.store import judging as stored
from core.store.connection import Store
from core.workflows import judging
from core.workflows.judging import continue_run, start_run, wait_for
from core.workflows.planning_runs import plan_run
from tests.judging import SPEC, expected_critique, healthy, put_traces, run, said, saved
from tests.messages_server import MessagesServer

QUESTION = Request("claude-sonnet-5-5", "system", "<trace>\n{}\n</trace>\nJudge this trace", 100, SCHEMA)
"""One that is of no run."""


def test_a_batch_costs_half_and_ends_like_any_run(server: MessagesServer, store: Store) -> None:
    put_traces(store, 60)
    saved(store)
    server.faults, server.batch_seconds = 0.3, 0.2
    state = run(store, batch=True, cap=5.0)
    assert (state.state, state.row.done, len(server.batches)) == ("ended", 60, 1)
    found = said(store)
    right = {name: expected_critique(store, name) for name, (passed, _, _) in found.items() if passed is not None}
    assert {name: found[name][:2] for name in right} == right
    assert 0 < len(right) < 60
    assert {reason for reason, _, _ in judging.list_failures(store, state.row.run_id)} <= {
        "overloaded",
        "timed out",
        "refused",
    }
    half = (anthropic.price(*server.tokens) or 0) / 2
    refused = sum(failure == "refused" for _, _, failure in found.values())
    assert state.row.dollars == pytest.approx(half * (len(right) + refused))
    assert healthy(store)


def test_an_answer_of_a_batch_that_cannot_be_read_is_a_failure_of_its_own(server: MessagesServer, store: Store) -> None:
    put_traces(store, 8)
    saved(store)
    server.malformed = ("no usage", "no text")
    state = run(store, batch=True)
    assert (state.state, state.row.verdicts, state.row.failures) == ("ended", 6, 2)
    assert [(why, n) for why, n, _ in judging.list_failures(store, state.row.run_id)] == [
        ("the answer could not be read", 2)
    ]
    with store.read() as cursor:
        booked = cursor.execute("select dollars from judgments where passed is null").fetchall()
    longest = SPEC.max_tokens * PRICES["claude-sonnet-5-5"][1] / 1e6 / 2
    assert [longest < dollars < 1.5 * longest for (dollars,) in booked] == [True, True], "the most it can have cost"


def test_a_batch_that_is_known_is_not_taken_for_a_lost_one(server: MessagesServer) -> None:
    with anthropic.Claude() as claude:
        batches = Batches(claude, threading.Event().wait)
        first, second = str(batches.send({"a": QUESTION})), str(batches.send({"a": QUESTION}))
        since = datetime.now(UTC).replace(tzinfo=None) - timedelta(minutes=1)
        found = [batches.find(since, 1, known) for known in ((), {second}, {first, second})]
        names = [batches.names(first)]
        server.batch_seconds = 60.0
        names.append(batches.names(first))
    assert found == [[second, first], [first], []]
    assert names == [{"a"}, None], "the provider says so when it has ended"


@pytest.mark.parametrize("seconds", [0.0, 0.5])
def test_runs_that_were_cut_off_together_find_each_its_own_batch(
    server: MessagesServer, store: Store, seconds: float
) -> None:
    put_traces(store, 40)
    saved(store)
    saved(store, "second", replace(SPEC, role="Another role."))
    server.wrong, server.batch_seconds = {"create": ["taken", "taken"]}, seconds
    runs = [run(store, name, batch=True).row.run_id for name in ("overall", "second")]
    assert [judging.look_at_run(store, run_id).row.done for run_id in runs] == [0, 0]
    for run_id in runs:
        continue_run(store, run_id)
    states = [wait_for(store, run_id, every=0.05) for run_id in runs]
    assert [(state.state, state.row.verdicts, state.row.left) for state in states] == [("ended", 40, 0)] * 2
    assert [len(batch["requests"]) for batch in server.batches.values()] == [40, 40], "80 questions, each paid once"


def test_a_batch_of_somebody_else_is_not_taken_whatever_its_size(server: MessagesServer, store: Store) -> None:
    put_traces(store, 6)
    saved(store)
    server.wrong, server.batch_seconds = {"create": ["dropped"]}, 0.5
    run_id = run(store, batch=True).row.run_id
    with anthropic.Claude() as claude:
        other = Batches(claude, threading.Event().wait).send({f"theirs-{i}": QUESTION for i in range(6)})
    continue_run(store, run_id)
    time.sleep(0.2)
    judging.stop_run(store, run_id)
    state = wait_for(store, run_id, every=0.05)
    assert (state.state, state.row.done, list(server.batches)) == ("stopped", 0, [other]), "it may still be its own"
    state = wait_for(store, continue_run(store, run_id), every=0.05)
    assert (state.state, state.row.verdicts, len(server.batches)) == ("ended", 6, 2)
    with store.read() as cursor:
        assert other not in stored.find_batch_ids(cursor)


def test_a_batch_that_was_sent_is_not_sent_again(server: MessagesServer, store: Store) -> None:
    put_traces(store, 8)
    saved(store)
    server.batch_seconds = 1.0
    run_id = start_run(store, plan_run(store, "overall", split=None), by="ana", batch=True)
    while not server.batches:
        time.sleep(0.02)
    judging.stop_run(store, run_id)
    assert wait_for(store, run_id, every=0.05).row.done == 0
    with store.write() as cursor:  # as if the program had been killed before it knew the id
        cursor.execute("delete from judge_run_events where state in ('batch', 'stopped')")
    state = wait_for(store, continue_run(store, run_id), every=0.05)
    assert (state.row.verdicts, len(server.batches)) == (8, 1)


def test_a_batch_holds_what_the_budget_allows(server: MessagesServer, store: Store) -> None:
    put_traces(store, 50)
    saved(store)
    state = run(store, batch=True, cap=0.05)
    assert state.state == "cap"
    assert 0 < state.row.done < 50
    assert state.row.dollars <= 0.05


@pytest.mark.parametrize("fault", ["429", "500", "529", "dropped", "truncated"])
@pytest.mark.parametrize("endpoint", ["retrieve", "results"])
def test_a_fault_that_passes_ends_no_batch(server: MessagesServer, store: Store, endpoint: str, fault: str) -> None:
    put_traces(store, 6)
    saved(store)
    server.wrong = {endpoint: [fault, fault]}
    state = run(store, batch=True)
    assert (state.state, state.row.verdicts, len(server.batches)) == ("ended", 6, 1)
    assert len(server.moments(endpoint)) > 2
    assert state.row.dollars == pytest.approx(6 * (anthropic.price(*server.tokens) or 0) / 2)


def test_answers_that_are_missing_in_a_list_are_asked_for_again(server: MessagesServer, store: Store) -> None:
    put_traces(store, 6)
    saved(store)
    server.wrong = {"results": ["few"]}
    assert (run(store, batch=True).row.verdicts, len(server.batches), len(server.moments("results"))) == (6, 1, 2)


@pytest.mark.parametrize(("fault", "asked"), [("429", 3), ("529", 3), ("500", 1), ("dropped", 1), ("taken", 1)])
def test_a_batch_is_sent_again_only_where_it_was_surely_not_taken(
    server: MessagesServer, store: Store, fault: str, asked: int
) -> None:
    put_traces(store, 6)
    saved(store)
    server.wrong = {"create": [fault, fault] if asked > 1 else [fault]}
    state = run(store, batch=True)
    assert len(server.moments("create")) == asked
    assert state.state == ("ended" if asked > 1 else "broken")
    if asked == 1:
        assert "Continue the run later: nothing is paid twice." in (state.row.detail or "")
        server.wrong = {"list": ["529", "dropped"]}
        state = wait_for(store, continue_run(store, state.row.run_id), every=0.05)
    assert (state.state, state.row.verdicts, len(server.batches)) == ("ended", 6, 1)


def test_a_provider_that_stays_away_ends_the_run_which_can_be_continued(
    server: MessagesServer, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_traces(store, 6)
    saved(store)
    monkeypatch.setattr(anthropic, "FIRST_WAIT", 0.0)
    server.wrong = {"retrieve": ["529"] * anthropic.FREE_TRIES}
    state = run(store, batch=True)
    assert (state.state, len(server.moments("retrieve"))) == ("broken", anthropic.FREE_TRIES)
    assert state.row.detail == "overloaded. Continue the run later: nothing is paid twice."
    state = wait_for(store, continue_run(store, state.row.run_id), every=0.05)
    assert (state.row.verdicts, len(server.batches)) == (6, 1)


def test_a_batch_that_waits_for_the_provider_can_be_stopped_and_is_called_off(
    server: MessagesServer, store: Store
) -> None:
    put_traces(store, 6)
    saved(store)
    server.batch_seconds, server.retry_after = 0.5, "30"
    server.wrong = {"retrieve": ["429"], "cancel": ["500", "dropped"]}
    run_id = start_run(store, plan_run(store, "overall", split=None), by="ana", batch=True)
    while not server.moments("retrieve"):
        time.sleep(0.02)
    judging.stop_run(store, run_id)
    state = wait_for(store, run_id, every=0.05)
    assert (state.state, state.row.done, len(server.moments("cancel"))) == ("stopped", 0, 3)
    assert (state.row.detail or "").startswith("the batch was called off")
    server.retry_after = "0"
    assert wait_for(store, continue_run(store, run_id), every=0.05).row.verdicts == 6
    assert len(server.batches) == 1


def test_a_batch_that_cannot_be_called_off_is_said_and_collected_later(server: MessagesServer, store: Store) -> None:
    put_traces(store, 6)
    saved(store)
    server.batch_seconds = 0.5
    server.wrong = {"cancel": ["400"]}
    run_id = start_run(store, plan_run(store, "overall", split=None), by="ana", batch=True)
    while not server.moments("retrieve"):
        time.sleep(0.02)
    judging.stop_run(store, run_id)
    state = wait_for(store, run_id, every=0.05)
    assert (state.state, state.row.detail) == (
        "stopped",
        "the batch goes on at the provider (the request was refused (400)); Continue collects what was answered",
    )
    assert wait_for(store, continue_run(store, run_id), every=0.05).row.verdicts == 6


def test_nobody_asks_about_a_batch_sooner_than_the_provider_says(server: MessagesServer, store: Store) -> None:
    put_traces(store, 6)
    saved(store)
    server.retry_after, server.wrong = "3600", {"retrieve": ["429"]}
    state = run(store, batch=True)
    assert (state.state, len(server.moments("retrieve"))) == ("broken", 1)
    assert state.row.detail == "rate limited for more than a minute. Continue the run later: nothing is paid twice."


def test_a_batch_that_the_provider_does_not_know_any_more_is_said(server: MessagesServer, store: Store) -> None:
    put_traces(store, 6)
    saved(store)
    server.wrong = {"retrieve": ["404"]}
    state = run(store, batch=True)
    assert (state.state, state.row.detail) == ("broken", "the provider does not know this batch. Run the judge anew.")
