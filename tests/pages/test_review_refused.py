"""The review page while its database cannot be written: nothing is acknowledged, the loop stays, and what waits is taken later."""

import resource
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from streamlit.testing.v1 import AppTest

from core.store.files import wal_of
from core.workflows.exploring import read_trace
from core.workflows.queueing import Queue
from pages.ui import trace_view
from pages.ui.store import the_store
from tests.pages.conftest import OpenPage
from tests.pages.test_review import BO, open_queue, panel


@contextmanager
def no_room(database: Path) -> Generator[None]:
    """No file of this process may grow beyond what the log of the database holds now. Python would cut off the compiled modules
    it keeps, without an error, and every process after it would read them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    compiled, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    resource.setrlimit(resource.RLIMIT_FSIZE, (wal_of(database).stat().st_size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        sys.dont_write_bytecode = compiled


def sent(app: AppTest, queue: Queue, current: str, *actions: dict[str, Any]) -> dict[str, Any]:
    """What the loop is told after the browser sent these actions, with this trace on the screen."""
    of_loop = trace_view._element_key(f"{queue.address}/{BO}")
    app.session_state[of_loop] = {"loop": {"actions": list(actions), "current": current, "position": 2}}
    app.run()
    assert not app.exception
    return panel(app)


def action(n: int, verb: str, trace_id: str, **more: Any) -> dict[str, Any]:
    return {"n": n, "client_id": str(uuid4()), "action": verb, "trace_id": trace_id} | more


def known(shown: dict[str, Any], *actions: dict[str, Any]) -> list[dict[str, Any]]:
    """Which of these actions the browser may forget."""
    return [one for one in actions if one["client_id"] in shown["acknowledged"]]


def critiques(trace_id: str) -> list[str | None]:
    return [label.critique for label in read_trace(the_store(), trace_id).history if label.labeler == BO]


def test_a_refused_write_leaves_the_loop_with_a_notice_and_is_made_good_by_the_next_sending(
    small_app: OpenPage, small_database: Path
) -> None:
    app, queue, ids = open_queue(small_app)
    label = action(1, "label", ids[0], verdict="fail", critique="why")
    with no_room(small_database):
        shown = sent(app, queue, ids[1], label)
        assert known(shown, label) == []
        assert "cannot be written" in shown["notice"]
        assert "Free some space on its disk" in shown["notice"]
        assert critiques(ids[0]) == []
    shown = sent(app, queue, ids[1], label)
    assert (known(shown, label), shown["notice"]) == ([label], "")
    assert critiques(ids[0]) == ["why"]


def test_an_opening_that_cannot_be_noted_is_said_and_noted_later(small_app: OpenPage, small_database: Path) -> None:
    app, queue, ids = open_queue(small_app)
    with no_room(small_database):
        assert "Free some space on its disk" in sent(app, queue, ids[1])["notice"]
        assert opened(ids[1]) == 0
    assert sent(app, queue, ids[1])["notice"] == ""
    assert opened(ids[1]) == 1


@pytest.mark.parametrize("verb", ["undo", "draft"])
def test_what_was_done_after_a_refused_label_does_not_overtake_it(
    verb: str, small_app: OpenPage, small_database: Path
) -> None:
    app, queue, ids = open_queue(small_app)
    label = action(1, "label", ids[0], verdict="fail", critique="why")
    after = action(2, verb, ids[0], undoes=label["client_id"], critique="why, and more")
    with no_room(small_database):
        assert known(sent(app, queue, ids[1], label, after), label, after) == []
    shown = sent(app, queue, ids[1], label, after)
    assert known(shown, label, after) == [label, after]
    now = next(item for item in shown["items"] if item["trace"]["id"] == ids[0])
    assert (now["label"] is None) == (verb == "undo")


def opened(trace_id: str) -> int:
    with the_store().read() as cursor:
        sql = "select count(*) from openings join traces using (trace_key) where id = ? and labeler = ?"
        row = cursor.execute(sql, [trace_id, BO]).fetchone()
    return row[0] if row else 0
