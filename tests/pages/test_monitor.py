"""Monitor: windows with doors, rules, alerts that a person acknowledges; and the alert on Home."""

import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs

import pytest

from core.model import LabelState
from core.slice import Slice
from core.store import judging, traces
from core.store.ingest import Entry, ingest
from core.workflows import alerting, looking, reviewing, staling
from core.workflows.anchoring import ANCHORS, choose_anchors
from core.workflows.opening import open_store
from core.workflows.rubric import save_rubric
from pages.ui.store import the_store
from tests.conftest import JUDGE, LABELLED_ON, new_trace
from tests.pages.conftest import OpenPage, address, links, notices, opener
from tests.pages.numbers import wrong_links
from tests.pages.test_home import plain_labels, said
from tests.unit.workflows.test_category_judges import add_judge
from tests.unit.workflows.test_estimating import REF, fill
from tests.unit.workflows.test_trending import add_dated, fill_windows


@pytest.fixture
def watched(database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenPage]:
    """An app on two days of traces, of which the second breaks a rule."""
    store = open_store(database)
    fill_windows(store, [(1, 12), (9, 12)])
    alerting.add_rule(store, Slice(), threshold=0.2, smallest_n=10, days=1, by="ana")
    alerting.watch(store)
    store.close()
    yield from opener(database, monkeypatch)


def test_windows_are_listed_newest_first_with_their_rates(watched: OpenPage) -> None:
    app = watched("monitor", by="day")
    table = app.dataframe[0].value
    assert list(table["Window"]) == ["2 Jan 2026", "1 Jan 2026"]
    assert [text.replace("\u00a0", " ") for text in table["Failed of those with a verdict"]] == [
        "9 of 12 · 75 % (47–91 %)",
        "1 of 12 · 8 % (1–35 %)",
    ]
    (door,) = (where for label, where in links(app).items() if label.startswith("10\u00a0of\u00a024"))
    assert door.endswith("verdict=fail")


def test_few_are_told_as_few(watched: OpenPage) -> None:
    table = watched("monitor", by="day", min_n="20").dataframe[0].value
    assert all("few" in text for text in table["Failed of those with a verdict"])


@pytest.mark.parametrize("by", ["prompt", "feature", "week"])
def test_windows_can_be_weeks_or_the_values_of_a_dimension(by: str, watched: OpenPage) -> None:
    app = watched("monitor", by=by, of="strict@v1")
    assert notices(app)[0].startswith("Alert: ")
    assert len(app.dataframe[0].value) == {"prompt": 2, "feature": 2, "week": 1}[by]


def test_traces_dated_in_the_future_are_counted_with_a_door_to_them(watched: OpenPage, database: Path) -> None:
    store = open_store(database)
    add_dated(store, datetime(2099, 1, 1), datetime(2099, 1, 2))
    store.close()
    app = watched("monitor", by="day")
    assert list(app.dataframe[0].value["Window"]) == ["2 Jan 2026", "1 Jan 2026"]
    assert links(app)["2 traces dated in the future"] == "traces?since=2099-01-01"
    assert {"Not in any day.", "Not looked at by any rule."} <= {caption.value for caption in app.caption}
    assert "Not in any day." not in {c.value for c in watched("monitor", by="feature").caption}


def test_an_alert_is_acknowledged_by_a_person_with_a_note(watched: OpenPage) -> None:
    app = watched("monitor", by="day")
    assert any(title.startswith("Alert: the expert fails more than 20 % of traces") for title in notices(app))
    assert app.button(key="acknowledge.1").disabled
    app.session_state["kept.person"] = "ana"
    app.run()
    app.text_input(key="alert.note.1").set_value("the prompt of today was taken back").run()
    app.button(key="acknowledge.1").click().run()
    assert not any(title.startswith("Alert") for title in notices(app))
    assert any("the prompt of today was taken back" in caption.value for caption in app.caption)
    app.button(key="check_rules").click().run()
    assert not any(title.startswith("Alert") for title in notices(app)), "nothing new since"
    assert any("raises the next one only if" in caption.value for caption in app.caption)


def test_what_came_before_the_start_is_looked_at_once_the_database_is_open(
    database: Path, empty_app: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_store(database)
    fill_windows(store, [(9, 12)])
    alerting.add_rule(store, Slice(), threshold=0.2, smallest_n=10, days=1, by="ana")
    store.close()
    monkeypatch.setattr(looking, "SECONDS", 0.01)
    app = empty_app("monitor")
    until = time.monotonic() + 20
    while not alerting.list_alerts(the_store()):
        assert time.monotonic() < until, "no alert came"
        time.sleep(0.01)
    assert any(title.startswith("Alert: ") for title in notices(app.run()))


def test_a_rule_is_saved_for_what_the_page_shows_and_removed(watched: OpenPage) -> None:
    app = watched("monitor", by="day", of="strict@v1", **{"d.feature": "search"})
    app.session_state["kept.person"] = "ana"
    app.run()
    app.number_input(key="rule.n").set_value(5).run()
    app.button(key="rule.save").click().run()
    said = [text.value for text in app.markdown if "judge strict" in text.value and "may fail at most" in text.value]
    assert len(said) == 1
    assert "feature is search" in said[0].replace("\\", "")
    app.button(key="remove_rule.2").click().run()
    assert not [text for text in app.markdown if "judge strict" in text.value and "may fail at most" in text.value]


def test_rules_are_checked_on_demand(watched: OpenPage) -> None:
    app = watched("monitor", by="day", of="strict@v1")
    app.session_state["kept.person"] = "ana"
    app.run()
    app.button(key="acknowledge.1").click().run()
    app.number_input(key="rule.n").set_value(5).run()
    app.number_input(key="rule.share").set_value(70).run()
    app.button(key="rule.save").click().run()  # 75 %, but 47 % is possible
    app.button(key="check_rules").click().run()
    assert not any(title.startswith("Alert") for title in notices(app))


def test_no_window_is_said_where_nothing_has_a_time_and_no_slice_is_widened(small_app: OpenPage) -> None:
    app = small_app("monitor", **{"d.feature": ""})
    assert "No window here." in notices(app)
    assert any("few" in notice or "cannot be applied" in notice for notice in notices(small_app("monitor", by="gone")))


def test_the_alert_stands_on_home_with_its_door(watched: OpenPage) -> None:
    app = watched("home")
    assert any("Alert" in notice for notice in notices(app))
    assert "See the alert" in links(app)


@pytest.mark.parametrize("page", ["home", "trust"])
def test_a_check_that_is_out_of_date_is_said(page: str, small_app: OpenPage) -> None:
    assert "This check is out of date." not in notices(small_app(page))
    save_rubric(the_store(), pass_means="right", fail_means="wrong", by="ana")
    app = small_app(page)
    assert "This check is out of date." in notices(app)
    assert any("Version 1 of the rubric was written on" in warning.value for warning in app.warning)
    assert {"Label 4, or look at older labels again"} < set(plain_labels(app))
    reviewing.record_label(the_store(), trace_id="t12", state=LabelState.PASS, labeler="ana", critique="fine")
    app = small_app(page)
    assert "4 labels given since, with its verdicts, make a new check: 1 so far." in said(app)
    doors = {"Label 3, or look at older labels again", "Run it on the 2 labelled traces that it has not judged"}
    assert doors < set(plain_labels(app))
    assert wrong_links(app) == []
    with ingest(the_store()) as running:
        running.add([Entry("new", None, new_trace(dimensions={"feature": "search"}), [], []) for _ in range(100)])
        running.finish(files=["new"], format_name="jsonl", mapping=None, now=LABELLED_ON)
    app = small_app(page)
    assert any("of the 100 traces that came since" in warning.value for warning in app.warning)
    door = parse_qs(links(app)["Label 4 of the new traces"].partition("?")[2])
    assert (door["import"], door["verdict"]) == (["2"], ["unlabelled"])


def test_a_newer_version_leads_to_itself(small_app: OpenPage) -> None:
    small_app("home")
    add_judge(the_store(), "strict@v2", {"t01": True}, about=None)
    app = small_app("trust", judge=JUDGE)
    assert "judge=strict%40v2" in links(app)["See version v2"]


def test_the_weekly_queue_is_one_click(
    small_database: Path, small_app: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(staling, "MANY_NEW", 0)
    app = small_app("home")
    assert app.button(key="weekly").disabled
    app.session_state["kept.person"] = "ana"
    app.run()
    app.button(key="weekly").click().run()
    assert address(app)["queue"] == ["1"]


@pytest.fixture
def judged(database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenPage]:
    """An app on labelled traces and many without a label, all judged."""
    store = open_store(database)
    fill(store)
    store.close()
    yield from opener(database, monkeypatch)


def test_the_corrected_rate_stands_beside_the_raw_one_with_what_it_rests_on(judged: OpenPage) -> None:
    app = judged("monitor", by="size", of=f"corrected {REF}", **{"d.size": "small"})
    table = app.dataframe[0].value
    said = [text.replace("\u00a0", " ") for text in table["Failed of those with a verdict"]]
    assert said[0].startswith("50 of 250 · 15 % corrected (")
    assert any("of all real traces without a label here failed" in text.value for text in app.markdown)
    (door,) = (where for label, where in links(app).items() if label.startswith("50\u00a0of\u00a0250"))
    assert {"judge_verdict=fail", "verdict=unlabelled", "d.size=small"} <= set(door.partition("?")[2].split("&"))
    assert any("errors over all traces" in caption.value for caption in app.caption)
    assert list(table["As judged"]) == ["20\u00a0%"]


def test_where_nothing_can_be_corrected_the_reason_stands_and_the_rules_are_there(small_app: OpenPage) -> None:
    app = small_app("monitor", of=f"corrected {JUDGE}")
    assert "There is no corrected rate here." in notices(app)
    assert len(app.dataframe) == 1, "what the judge says is there all the same"
    assert any("No rule yet" in text.value for text in app.markdown)


def test_anchors_are_chosen_by_a_person_and_lead_to_their_traces(judged: OpenPage) -> None:
    app = judged("monitor", of=REF)
    assert app.button(key="choose_anchors").disabled
    app.session_state["kept.person"] = "ana"
    app.run()
    app.button(key="choose_anchors").click().run()
    assert {"40 anchors", "20 failed by the expert", "20 passed"} <= set(links(app))
    assert judged("monitor", of="expert").subheader[0].value != "Anchors"


def test_each_run_over_the_anchors_is_a_row_and_what_changed_is_named(judged: OpenPage) -> None:
    app = judged("monitor", of=REF)
    store = the_store()
    choose_anchors(store, by="ana", size=6)
    with store.write() as cursor:
        keys = traces.find_keys(cursor, ANCHORS, reference=None)
        version_id = judging.find_version_id(cursor, REF) or 0
        run_id = judging.add_run(
            cursor, version_id=version_id, mode="now", target="the anchors", cap=None, repeats=1, cached=6, estimate=None,
            by="ana", items=[(key, 1) for key in keys], anchors=True,
        )  # fmt: skip
        cursor.execute(
            """insert into judgments (event, trace_key, version_id, passed, made_at, repeat, run_id)
            select nextval('event_number'), trace_key, version_id, passed <> (trace_key = ?), now()::timestamp, 1, ?
            from current_judgments where trace_key in (select trace_key from current_anchors)""",
            [keys[0], run_id],
        )
    app.run()
    table = app.dataframe[-1].value
    assert [text.replace("\u00a0", " ") for text in table["Same as at first"]] == ["5 of 6 · few"]
    assert any("1 anchor with another verdict than at first" in expander.label for expander in app.expander)
