"""How long a question waits for a provider that asks for patience: never shorter than it says, never longer than a minute."""

import itertools
import threading
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from core.judge.providers.anthropic import TRIES, Claude
from core.judge.providers.base import Request
from core.store.connection import Store
from core.workflows import judging
from core.workflows.planning_runs import plan_run
from tests.judging import put_traces, run, saved
from tests.messages_server import MessagesServer

QUESTION = Request("claude-sonnet-5-5", "system", "said", 100, {})


@pytest.fixture
def server(provider: MessagesServer) -> MessagesServer:
    """A provider that says the same to everything."""
    provider.answer = None
    return provider


def waits(status: str, retry_after: str, server: MessagesServer) -> tuple[list[float], str | None]:
    """The seconds that are waited before every further try, and the failure in the end."""
    server.retry_after, server.wrong = retry_after, {"messages": [status] * TRIES}
    waited: list[float] = []

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        return False

    with Claude() as claude:
        reply = claude.ask(QUESTION, wait)
    assert reply is not None
    assert len(server.moments("messages")) == len(waited) + 1
    return waited, reply.failure


def test_no_question_is_asked_sooner_than_the_provider_says(server: MessagesServer) -> None:
    server.retry_after, server.wrong = "1", {"messages": ["429", "429"]}
    with Claude() as claude:
        reply = claude.ask(QUESTION, threading.Event().wait)
    assert reply is not None
    assert reply.failure is None
    moments = server.moments("messages")
    assert len(moments) == 3
    assert all(later - sooner >= 1.0 for sooner, later in itertools.pairwise(moments))


@pytest.mark.parametrize(
    ("status", "retry_after", "waited", "failure"),
    [
        ("429", "60", [60.0] * 5, "rate limited"),
        ("429", "60.5", [], "rate limited for more than a minute"),
        ("429", "inf", [], "rate limited for more than a minute"),
        ("429", "-3", [0.0] * 5, "rate limited"),
        ("429", "soon", [0.5, 1.0, 2.0, 4.0, 8.0], "rate limited"),
        ("529", "", [0.5, 1.0, 2.0, 4.0, 8.0], "overloaded"),
        ("500", "", [0.5, 1.0, 2.0, 4.0, 8.0], "a fault of the provider (500)"),
    ],
)
def test_a_wait_is_as_long_as_the_provider_says_or_the_question_is_given_up(
    server: MessagesServer, status: str, retry_after: str, waited: list[float], failure: str
) -> None:
    assert waits(status, retry_after, server) == (waited, failure)


def test_a_wait_may_be_named_by_a_date(server: MessagesServer) -> None:
    then = datetime.now(UTC) + timedelta(seconds=30)
    waited, _ = waits("429", format_datetime(then, usegmt=True), server)
    assert len(waited) == TRIES - 1
    assert all(25 < seconds <= 30 for seconds in waited)
    server.heard.clear()
    assert waits("429", format_datetime(then + timedelta(hours=1), usegmt=True), server)[0] == []


def test_a_run_gives_up_what_would_be_waited_for_too_long(server: MessagesServer, store: Store) -> None:
    put_traces(store, 4)
    saved(store)
    server.retry_after, server.status = "3600", 429
    state = run(store)
    assert (state.state, state.row.failures, server.calls) == ("ended", 4, 4)
    assert [(why, n) for why, n, _ in judging.list_failures(store, state.row.run_id)] == [
        ("rate limited for more than a minute", 4)
    ]


@pytest.mark.parametrize("fault", ["429", "500", "529", "dropped", "truncated"])
def test_where_tokens_are_not_counted_they_are_estimated_and_said_to_be(
    server: MessagesServer, store: Store, fault: str
) -> None:
    put_traces(store, 9)
    saved(store)
    counted = plan_run(store, "overall", split=None)
    server.wrong = {"count_tokens": [fault] * 5}
    estimated = plan_run(store, "overall", split=None)
    assert (counted.counted, estimated.counted) == (True, False)
    assert 0.5 < estimated.tokens_in / counted.tokens_in < 2
    server.wrong = {"count_tokens": [fault] * 4}
    assert plan_run(store, "overall", split=None).counted
    assert server.calls == 0
