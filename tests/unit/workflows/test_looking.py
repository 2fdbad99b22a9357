"""The rules are looked at after labels came: soon, once in a while, before the store is closed, and never in the way."""

import itertools
import threading
import time
from pathlib import Path

import pytest

from core.importers import Source
from core.model import LabelState
from core.slice import Slice
from core.store.connection import Store
from core.workflows import looking
from core.workflows.agreeing import adjudicate
from core.workflows.alerting import add_rule, list_alerts, watch
from core.workflows.opening import open_store
from core.workflows.recording import bring_back
from core.workflows.revealing import reconcile
from core.workflows.reviewing import record_label, undo_label
from tests.conftest import JUDGE, Cli
from tests.unit.workflows.test_agreeing import open_ids, overlap_of
from tests.unit.workflows.test_trending import fill_windows

BROKEN = 6
"""Failures of 12 that break the rule of these tests: from 25 % on."""


def almost_broken(store: Store) -> None:
    """A rule and 12 labelled traces: one more failure breaks it."""
    fill_windows(store, [(BROKEN - 1, 12)])
    add_rule(store, Slice(), threshold=0.25, smallest_n=10, days=1, by="ana")
    assert watch(store) == []


def fail(store: Store, number: int = BROKEN - 1) -> None:
    record_label(store, trace_id=f"w0-{number}", state=LabelState.FAIL, labeler="ana", critique="no")


def wait_for_alert(store: Store, n: int = 1) -> None:
    until = time.monotonic() + 20
    while len(list_alerts(store)) < n:
        assert time.monotonic() < until, "no alert came"
        time.sleep(0.01)


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """When each look began."""
    seen: list[float] = []
    usual = looking.watch_after

    def watch_after(store: Store, what: str) -> None:
        seen.append(time.monotonic())
        usual(store, what)

    monkeypatch.setattr(looking, "watch_after", watch_after)
    return seen


def test_a_label_that_breaks_a_rule_raises_its_alert_by_itself(
    fresh_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "SECONDS", 0.05)
    almost_broken(fresh_store)
    fail(fresh_store)
    wait_for_alert(fresh_store)
    assert (list_alerts(fresh_store)[0].rate.k, list_alerts(fresh_store)[0].rate.n) == (BROKEN, 12)


def test_many_labels_are_looked_at_once_in_a_while_and_the_last_of_them_too(
    fresh_store: Store, monkeypatch: pytest.MonkeyPatch, looks: list[float]
) -> None:
    monkeypatch.setattr(looking, "SECONDS", 0.3)
    almost_broken(fresh_store)
    until = time.monotonic() + 1
    while time.monotonic() < until:
        record_label(fresh_store, trace_id="w0-11", state=LabelState.PASS, labeler="ana", critique="still good")
    fail(fresh_store)
    wait_for_alert(fresh_store)
    assert all(later - earlier > 0.2 for earlier, later in itertools.pairwise(looks))
    assert len(looks) >= 2


def test_labels_of_the_last_seconds_are_looked_at_before_the_store_is_closed(
    database: Path, looks: list[float]
) -> None:
    store = open_store(database)
    almost_broken(store)
    fail(store)
    store.close()
    assert len(looks) == 1
    store = open_store(database)
    assert [alert.rate.k for alert in list_alerts(store)] == [BROKEN]
    store.close()
    assert len(looks) == 1, "nothing was due"


def test_closing_waits_for_a_look_under_way(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, usual = threading.Event(), looking.watch_after

    def slow(store: Store, what: str) -> None:
        begun.set()
        time.sleep(0.3)
        usual(store, what)

    monkeypatch.setattr(looking, "SECONDS", 0.01)
    monkeypatch.setattr(looking, "watch_after", slow)
    store = open_store(database)
    almost_broken(store)
    fail(store)
    assert begun.wait(20)
    store.close()
    store = open_store(database)
    assert len(list_alerts(store)) == 1
    store.close()


def test_without_a_rule_nothing_is_planned(fresh_store: Store) -> None:
    fill_windows(fresh_store, [(1, 12)])
    fail(fresh_store)
    assert fresh_store.before_closing is None
    assert not [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]


@pytest.mark.parametrize("gone", ["current_alert_rules", "current_alerts"])
def test_a_fault_of_a_look_reaches_nobody_who_labels(
    gone: str, fresh_store: Store, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(looking, "SECONDS", 0.01)
    almost_broken(fresh_store)
    with fresh_store.write() as cursor:
        cursor.execute(f"drop view {gone}")
        cursor.execute("drop table alerts")
    fail(fresh_store)
    until = time.monotonic() + 20
    while "CatalogException" not in caplog.text:
        assert time.monotonic() < until, "nothing in the log"
        time.sleep(0.01)
    with fresh_store.read() as cursor:
        assert cursor.execute("select count(*) from current_labels where state = 'fail'").fetchone() == (BROKEN,)


def test_a_label_from_the_command_line_raises_its_alert(database: Path, cli: Cli) -> None:
    store = open_store(database)
    almost_broken(store)
    store.close()
    assert cli("label", f"w0-{BROKEN - 1}", "fail", "--critique", "no", "--as", "ana").code == 0
    alerts = cli("monitor", "--json").json["alerts"]
    assert [(alert["failed"], alert["judged"]) for alert in alerts] == [(BROKEN, 12)]


def test_an_undo_a_second_thought_and_a_settled_disagreement_are_labels_too(
    fresh_store: Store, looks: list[float]
) -> None:
    almost_broken(fresh_store)

    def looked(what: str) -> None:
        assert fresh_store.before_closing is not None
        looks.clear()
        fresh_store.before_closing(fresh_store)
        assert len(looks) == 1, what

    fail(fresh_store)
    looked("a label")
    undo_label(fresh_store, trace_id=f"w0-{BROKEN - 1}", labeler="ana")
    looked("an undo")
    reconcile(fresh_store, trace_id="w0-11", labeler="ana", judge=JUDGE, decision="changed", critique="bad after all")
    looked("a second thought")
    number = overlap_of(fresh_store, {f"w0-{n}": "pf" for n in range(12)})
    looked("the labels of a batch")
    trace_id = open_ids(fresh_store, number)[0]
    adjudicate(
        fresh_store, queue_id=number, trace_id=trace_id, state=LabelState.FAIL, critique="settled", by="ana"
    )  # fmt: skip
    looked("a settled disagreement")
    record = b"Trace_ID,User_Query,Full_Bot_Trace_Summary,Open_Code_Notes\nw0-1,q,a,another note\n"
    assert bring_back(fresh_store, Source.from_bytes("record.csv", record), by="ana").notes == 1
    looked("notes of a spreadsheet")
