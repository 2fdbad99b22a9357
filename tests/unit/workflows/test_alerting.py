"""Rules on the lower end of a failure rate, their alerts, and a webhook that is a real HTTP server."""

import json
import socket
import threading
from collections.abc import Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from core.errors import UsageError
from core.model import LabelState
from core.slice import Slice
from core.store.connection import Store
from core.workflows import alerting, posting
from core.workflows.alerting import check_rules, list_alerts, shape_of, watch
from core.workflows.estimating import NO_TEST
from core.workflows.exploring import describe
from core.workflows.importing import Source, import_sources
from core.workflows.maintaining import examine
from core.workflows.opening import open_store
from core.workflows.pinning import newest_event, pin, present
from core.workflows.reviewing import record_label
from core.workflows.ruling import NO_DAYS
from core.workflows.trending import Trend, dated_ahead, measure_trend
from tests.conftest import FIRST_DAY, JUDGE, LABELLED_ON, Cli
from tests.unit.workflows.test_estimating import fill, judged_in, split_all
from tests.unit.workflows.test_trending import add_dated, fill_windows


class Hook:
    """What a webhook received, and how it answers."""

    def __init__(self) -> None:
        self.received: list[dict[str, Any]] = []
        self.status = 204
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.received.append({"path": self.path, "type": self.headers["Content-Type"], **json.loads(body)})
                self.send_response(hook.status)
                if hook.status == 302:
                    self.send_header("Location", f"http://127.0.0.1:{hook.port}/elsewhere")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hook]:
    made = Hook()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    monkeypatch.setenv(posting.VARIABLE, f"http://127.0.0.1:{made.port}/alerts?key=of-the-hook")
    yield made
    made.server.shutdown()
    made.server.server_close()
    thread.join()


def set_rule(store: Store, slice_: Slice | None = None, **over: Any) -> int:
    asked: dict[str, Any] = {"threshold": 0.2, "smallest_n": 10, "days": 1, "by": "ana"} | over
    return alerting.add_rule(store, slice_ or Slice(), **asked)


def by_day(store: Store) -> Trend:
    return measure_trend(store, Slice(), by="day")


@pytest.mark.parametrize(
    ("windows", "over", "broken"),
    [
        ([(5, 10)], {}, True),  # 24 to 76 %
        ([(4, 10)], {}, False),  # 40 %, but 17 % is possible
        ([(9, 9)], {}, False),  # too few
        ([(9, 9)], {"smallest_n": 9}, True),
        ([(10, 10), (0, 10)], {"days": 1}, False),  # only the last day is looked at
        ([(10, 10), (0, 10)], {"days": 2}, True),
        ([(5, 10)], {"of": JUDGE}, True),
        ([(5, 10)], {"threshold": 0.3}, False),
    ],
)
def test_a_rule_is_broken_by_the_lower_end_and_never_by_few(
    windows: list[tuple[int, int]], over: dict[str, Any], broken: bool, fresh_store: Store
) -> None:
    fill_windows(fresh_store, windows)
    set_rule(fresh_store, **over)
    found = check_rules(fresh_store)[0]
    assert found.broken is broken
    assert (describe(fresh_store, found.failed_slice).n, describe(fresh_store, found.judged_slice).n) == found.rate[:2]


def test_a_rule_of_a_slice_counts_that_slice(fresh_store: Store) -> None:
    fill_windows(fresh_store, [(10, 20)])
    set_rule(fresh_store, Slice().with_value("feature", "search"), smallest_n=10)
    found = check_rules(fresh_store)[0]
    assert (found.rate.k, found.rate.n) == (5, 10)
    assert "feature is search" in found.rule.words


def acknowledge_all(store: Store, by: str = "ana") -> None:
    for alert in list_alerts(store):
        alerting.acknowledge(store, alert.event, by=by, note="seen")


def test_an_alert_is_raised_once_and_kept_with_what_a_person_said_of_it(fresh_store: Store) -> None:
    fill_windows(fresh_store, [(5, 10)])
    number = set_rule(fresh_store)
    assert [alert.rate.k for alert in watch(fresh_store)] == [5]
    assert watch(fresh_store) == []
    alert = list_alerts(fresh_store)[0]
    alerting.acknowledge(fresh_store, alert.event, by="ana", note="the new prompt")
    seen = list_alerts(fresh_store)[0]
    assert (seen.is_open, seen.acknowledged_by, seen.note, seen.rate) == (False, "ana", "the new prompt", alert.rate)
    assert watch(fresh_store) == []  # nothing new since
    fill_windows(fresh_store, [(5, 10), (6, 10)])
    assert [a.rate.k for a in watch(fresh_store)] == [6]
    assert [a.is_open for a in list_alerts(fresh_store)] == [True, False]
    alerting.remove_rule(fresh_store, number, by="ana")
    assert check_rules(fresh_store) == []
    assert len(list_alerts(fresh_store)) == 2
    assert [check for check in examine(fresh_store).health.checks if check.faults] == []


def test_a_trace_dated_in_the_future_silences_no_rule(fresh_store: Store) -> None:
    fill_windows(fresh_store, [(10, 10), (5, 10)])
    set_rule(fresh_store)
    before = check_rules(fresh_store)
    add_dated(fresh_store, datetime(2099, 1, 1), datetime(2999, 1, 1))
    assert check_rules(fresh_store) == before
    assert [(alert.rate.k, alert.rate.n) for alert in watch(fresh_store)] == [(5, 10)]
    ahead = dated_ahead(fresh_store)
    assert ahead is not None
    assert (ahead.traces, describe(fresh_store, ahead.slice).n) == (2, 2)


def test_where_every_trace_is_dated_in_the_future_a_rule_says_that_it_sees_no_days(fresh_store: Store) -> None:
    fill_windows(fresh_store, [(10, 10)])
    fill(fresh_store)
    with fresh_store.write() as cursor:
        cursor.execute("update traces set started_at = '2099-01-01'")
    set_rule(fresh_store)
    set_rule(fresh_store, of="corrected overall")
    for found in check_rules(fresh_store):
        assert (found.broken, found.kept, found.since, found.refusal) == (False, False, None, NO_DAYS)


def test_a_pinned_rule_looks_at_the_days_up_to_its_own_moment_and_goes_on_doing_so(fresh_store: Store) -> None:
    """What was dated in the future then is so on the pinned page for ever, however late it is now."""
    fill_windows(fresh_store, [(5, 10)])
    add_dated(fresh_store, FIRST_DAY + timedelta(days=90))
    set_rule(fresh_store)
    with fresh_store.write() as cursor:
        cursor.execute("update labels set recorded_at = made_at")
        cursor.execute("update alert_rules set made_at = ?", [LABELLED_ON])
    pinned = pin(fresh_store, newest_event(fresh_store))
    assert present(pinned) == LABELLED_ON
    assert [(found.broken, found.rate.n) for found in check_rules(pinned)] == [(True, 10)]
    assert [(found.broken, found.rate.n) for found in check_rules(fresh_store)] == [(False, 0)]
    assert [trend.ahead and trend.ahead.traces for trend in map(by_day, (pinned, fresh_store))] == [1, None]


@pytest.mark.parametrize(
    ("then", "again"),
    [
        ([(13, 25)], False),  # 33 %: other counts, the same news
        ([(16, 29)], False),  # 38 %: risen by less than 5 points, a quarter of 20 %
        ([(20, 29)], True),  # 51 %
        ([(12, 22), (9, 20)], False),  # the second of two days is another one, the first is the same
        ([(12, 22), (0, 0), (10, 20)], True),  # 30 %, but in two other days
    ],
)
def test_after_an_acknowledgment_small_changes_raise_no_alert_and_news_do(
    then: list[tuple[int, int]], again: bool, fresh_store: Store, hook: Hook
) -> None:
    fill_windows(fresh_store, [(12, 22)])  # 35 to 73 %
    set_rule(fresh_store, days=2)
    watch(fresh_store)
    acknowledge_all(fresh_store)
    fill_windows(fresh_store, then)
    assert check_rules(fresh_store)[0].broken
    assert (len(watch(fresh_store)), len(watch(fresh_store)), len(hook.received)) == (again, 0, 1 + again)


def label_again(store: Store, failed: int, n: int = 22) -> None:
    """Give every trace of the first window a label again, of which so many failed."""
    for number in range(n):
        state = LabelState.FAIL if number < failed else LabelState.PASS
        record_label(store, trace_id=f"w0-{number}", state=state, labeler="ana", critique="looked again")


def test_a_rule_that_was_kept_in_between_raises_its_next_alert_whatever_its_counts(fresh_store: Store) -> None:
    fill_windows(fresh_store, [(12, 22)])
    set_rule(fresh_store)
    watch(fresh_store)
    acknowledge_all(fresh_store)
    label_again(fresh_store, 1)
    for _ in range(2):
        assert watch(fresh_store) == []
    (seen,) = list_alerts(fresh_store)
    assert (seen.acknowledged_by, seen.note, seen.rate.k, seen.rate.n) == ("ana", "seen", 12, 22)
    before = newest_event(fresh_store)
    label_again(fresh_store, 12)
    assert [alert.rate.k for alert in watch(fresh_store)] == [12]
    assert list_alerts(pin(fresh_store, before)) == [seen]
    assert [check for check in examine(fresh_store).health.checks if check.faults] == []


def test_a_rule_that_was_kept_before_its_alert_was_acknowledged_or_sees_too_few_raises_no_other(
    fresh_store: Store,
) -> None:
    fill_windows(fresh_store, [(12, 22)])
    set_rule(fresh_store, smallest_n=22)
    watch(fresh_store)
    label_again(fresh_store, 1)
    watch(fresh_store)
    label_again(fresh_store, 12)
    acknowledge_all(fresh_store)
    assert watch(fresh_store) == []
    record_label(fresh_store, trace_id="w0-21", state=LabelState.DEFERRED, labeler="ana")
    assert check_rules(fresh_store)[0].rate.n == 21
    watch(fresh_store)
    label_again(fresh_store, 12)
    assert check_rules(fresh_store)[0].broken
    assert watch(fresh_store) == []


def test_without_news_nothing_is_written(fresh_store: Store) -> None:
    fill_windows(fresh_store, [(12, 22)])
    set_rule(fresh_store)
    watch(fresh_store)
    state = fresh_store.version
    watch(fresh_store)
    assert fresh_store.version == state


@pytest.mark.parametrize(
    "over", [{"threshold": 0}, {"threshold": 1.0}, {"smallest_n": 0}, {"days": 0}, {"days": 9999}, {"by": " "}]
)
def test_a_rule_that_makes_no_sense_is_refused(over: dict[str, Any], small_store: Store) -> None:
    with pytest.raises(UsageError):
        set_rule(small_store, **over)


def test_a_webhook_is_told_of_a_new_alert_after_an_import(fresh_store: Store, hook: Hook) -> None:
    fill_windows(fresh_store, [(5, 10)])
    set_rule(fresh_store)
    report = import_sources(
        fresh_store, [Source.from_bytes("one.jsonl", b'{"id": "x", "input": "a", "output": "b"}\n')]
    )
    assert any(note.startswith("Alert: the expert fails more than 20 %") for note in report.notes)
    assert len(hook.received) == 1
    told = hook.received[0]
    assert (told["path"], told["type"]) == ("/alerts?key=of-the-hook", "application/json")
    assert (told["failed"], told["judged"], told["threshold"]) == (5, 10, 0.2)
    assert list_alerts(fresh_store)[0].post == "127.0.0.1 was told"
    assert "of-the-hook" not in str(list_alerts(fresh_store))


@pytest.mark.parametrize(("status", "words"), [(500, "it answered 500"), (302, "it answered 302")])
def test_a_webhook_that_fails_blocks_nothing_and_is_shown(
    status: int, words: str, fresh_store: Store, hook: Hook, caplog: pytest.LogCaptureFixture
) -> None:
    hook.status = status
    fill_windows(fresh_store, [(5, 10)])
    set_rule(fresh_store)
    assert len(watch(fresh_store)) == 1
    assert list_alerts(fresh_store)[0].post == f"127.0.0.1: {words}"
    assert len(hook.received) == 1  # a redirect is not followed
    assert words in caplog.text


def test_a_webhook_is_told_again_until_it_takes_an_alert(
    fresh_store: Store, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(alerting, "POST_AGAIN", timedelta(0))
    hook.status = 500
    fill_windows(fresh_store, [(5, 10)])
    set_rule(fresh_store)
    for _ in range(alerting.MOST_POSTS - 1):
        watch(fresh_store)
    hook.status = 204
    assert watch(fresh_store) == []
    assert list_alerts(fresh_store)[0].post == "127.0.0.1 was told"
    watch(fresh_store)
    assert len(hook.received) == alerting.MOST_POSTS
    assert len({told["alert"] for told in hook.received}) == 1


def test_a_webhook_that_refuses_always_is_left_alone_in_the_end_and_never_told_at_once_again(
    fresh_store: Store, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    hook.status = 500
    fill_windows(fresh_store, [(5, 10)])
    set_rule(fresh_store)
    for _ in range(3):
        watch(fresh_store)
    assert len(hook.received) == 1
    monkeypatch.setattr(alerting, "POST_AGAIN", timedelta(0))
    for _ in range(alerting.MOST_POSTS + 3):
        watch(fresh_store)
    assert len(hook.received) == alerting.MOST_POSTS


def test_an_alert_that_nobody_was_told_of_is_told_of_later(
    fresh_store: Store, hook: Hook, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill_windows(fresh_store, [(5, 10)])
    set_rule(fresh_store)
    with monkeypatch.context() as without:
        without.delenv(posting.VARIABLE)
        watch(fresh_store)
    assert hook.received == []
    watch(fresh_store)
    watch(fresh_store)
    assert len(hook.received) == 1


def test_a_webhook_that_is_not_there_blocks_nothing(fresh_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        monkeypatch.setenv(posting.VARIABLE, f"http://127.0.0.1:{taken.getsockname()[1]}")
        fill_windows(fresh_store, [(5, 10)])
        set_rule(fresh_store)
        assert len(watch(fresh_store)) == 1
    assert list_alerts(fresh_store)[0].post.startswith("127.0.0.1: ")


@pytest.mark.parametrize(
    ("address", "allowed"),
    [
        ("https://hooks.example/x", True),
        ("http://localhost:9/x", True),
        ("http://[::1]:9/x", True),
        ("http://127.0.0.2/x", True),
        ("http://hooks.example/x", False),
        ("http://10.0.0.1/x", False),
        ("ftp://localhost/x", False),
        ("file:///etc/passwd", False),
        ("nonsense", False),
    ],
)
def test_an_alert_goes_encrypted_or_not_off_this_machine(address: str, allowed: bool) -> None:
    assert posting.is_allowed(urlsplit(address)) is allowed


def test_the_command_ends_with_1_where_a_rule_is_broken(database: Path, cli: Cli) -> None:
    store = open_store(database)
    fill_windows(store, [(1, 10), (6, 10)])
    set_rule(store)
    store.close()
    seen = cli("monitor", "--by", "day", "--json")
    assert seen.code == 0
    assert [(w["failed"], w["judged"]) for w in seen.json["windows"]] == [(1, 10), (6, 10)]
    assert [(r["broken"], r["failed"]) for r in seen.json["rules"]] == [(True, 6)]
    assert seen.json["alerts"] == []
    checked = cli("monitor", "--check", "--by", "prompt")
    assert (checked.code, "BROKEN" in checked.out, "Alert 1" in checked.out) == (1, True, True)
    store = open_store(database)
    add_dated(store, datetime(2099, 1, 1))
    store.close()
    assert "Dated in the future: 1 of all traces" in cli("monitor", "--by", "day").out
    assert cli("monitor", "--json").json["dated_in_future"] == 1
    assert cli("monitor", "--by", "nothing").code == 2
    assert cli("monitor", "--check", "--as-of", 1).code == 2


def test_a_rule_can_look_at_the_corrected_rate(database: Path, cli: Cli) -> None:
    store = open_store(database)
    fill(store)
    with store.write() as cursor:
        cursor.execute("update traces set started_at = ?", [FIRST_DAY])
    set_rule(store, of="corrected overall", threshold=0.05)
    raw = set_rule(store, of="overall", threshold=0.05)
    kept = set_rule(store, of="corrected overall", threshold=0.14)
    corrected, plain, loose = check_rules(store)
    assert (corrected.broken, plain.rule.id, plain.broken, loose.rule.id, loose.broken) == (
        True,
        raw,
        True,
        kept,
        False,
    )
    assert corrected.rate.rate == pytest.approx(0.15)
    assert (corrected.rate.k, corrected.rate.n) == (100, 500)
    assert corrected.rule.words.startswith("judge overall@1, corrected, may fail at most 5 %")
    alert = watch(store)[-1]
    assert alert.rate.corrected
    assert alert.rate.rate == pytest.approx(0.15)
    assert (
        shape_of(alert)["corrected"],
        [shape_of(one)["corrected"] for one in list_alerts(store) if one.rule.id == raw],
    ) == (True, [False])
    assert describe(store, alert.failed_slice).n == alert.rate.k == 100
    store.close()
    found = cli("monitor", "--of", "corrected overall", "--by", "size", "--json").json
    assert found["total"]["rate"] == pytest.approx(0.15)
    assert [rule["of"] for rule in found["rules"]] == ["corrected overall@1", "overall@1", "corrected overall@1"]


def test_a_rule_whose_rate_can_no_longer_be_corrected_sees_a_count_and_no_share(fresh_store: Store) -> None:
    fill(fresh_store)
    set_rule(fresh_store, of="corrected overall", threshold=0.05)
    split_all(fresh_store, "dev")
    (found,) = check_rules(fresh_store)
    assert (found.rate.rate, found.rate.n, found.broken, found.refusal) == (None, 500, False, NO_TEST)


def test_a_rule_that_cannot_be_checked_stops_no_other_rule_and_no_import(fresh_store: Store) -> None:
    fill(fresh_store)
    with fresh_store.write() as cursor:
        cursor.execute("update traces set started_at = ?", [FIRST_DAY])
    set_rule(fresh_store, of="corrected overall", threshold=0.05)
    set_rule(fresh_store, of="overall", threshold=0.05)
    record_label(fresh_store, trace_id="c0000", state=LabelState.PASS, labeler="bo", critique="I looked too")
    corrected, plain = check_rules(fresh_store)
    assert corrected.refusal is not None
    assert "2 people labelled" in corrected.refusal
    assert (corrected.broken, plain.broken) == (False, True)
    one = Source.from_bytes("one.jsonl", b'{"id": "x", "input": "a", "output": "b"}\n')
    assert import_sources(fresh_store, [one]).added == 1


def test_the_door_of_a_corrected_alert_opens_the_sample_it_counted(fresh_store: Store) -> None:
    judged_in(fresh_store, 20)
    with fresh_store.write() as cursor:
        cursor.execute("update traces set started_at = ?", [FIRST_DAY])
    set_rule(fresh_store, of="corrected overall", threshold=0.05)
    (alert,) = watch(fresh_store)
    assert describe(fresh_store, alert.failed_slice).n == alert.rate.k
    acknowledged = list_alerts(fresh_store)[0]
    alerting.acknowledge(fresh_store, acknowledged.event, by="ana")
    (seen,) = list_alerts(fresh_store)
    assert seen.failed_slice == alert.failed_slice
