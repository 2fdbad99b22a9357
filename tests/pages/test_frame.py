"""The frame around every page: the slice of the address in links, widgets and the sentence, and what is said where it cannot be."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from core.errors import InputError
from core.model import LabelState
from core.slice import Slice
from core.workflows.agreeing import start_overlap
from core.workflows.opening import open_store
from core.workflows.pinning import newest_event
from core.workflows.reviewing import record_label
from pages.traces import table
from pages.ui.store import the_store
from tests.conftest import ROOT
from tests.pages.conftest import OpenPage, address, links, notices, sentence

NAVIGATION = ("Home", "Traces", "Review", "Failures", "Pivot", "Judge", "Trust", "Import", "Settings")


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ({}, "All 12 traces."),
        ({"d.feature": ["search", "booking"]}, "9 of 12 traces: feature is search or booking."),
        ({"not.feature": "search"}, "7 of 12 traces: feature is not search."),
        ({"d.feature": ""}, "1 of 12 traces: feature is (missing)."),
        ({"verdict": "fail", "model": "m-2"}, "3 of 12 traces: expert verdict is fail, model is m-2."),
        ({"q": "greeting"}, "1 of 12 traces: the text contains greeting."),
        ({"since": "2026-01-10"}, "2 of 12 traces: since 10 Jan 2026."),
        (
            {"judge_verdict": "failure", "judge": "strict@v1"},
            "1 of 12 traces: judge strict@v1 says a judge failure.",
        ),
        ({"disagree": "strict@v1"}, "2 of 12 traces: judge strict@v1 and expert disagree."),
    ],
)
def test_the_sentence_says_the_slice_of_the_address(params: dict[str, str], words: str, small_app: OpenPage) -> None:
    app = small_app("traces", **params)
    assert sentence(app) == words
    assert notices(app) == []


def test_every_link_of_the_navigation_carries_the_slice_and_the_judge(small_app: OpenPage) -> None:
    found = links(small_app("judge", **{"d.feature": "search", "verdict": "fail", "judge": "strict@v1", "p": "2"}))
    assert {label: found[label].partition("?")[2] for label in NAVIGATION} == dict.fromkeys(
        NAVIGATION, "judge=strict%40v1&d.feature=search&verdict=fail"
    )


def test_widgets_show_what_the_address_says(small_app: OpenPage) -> None:
    app = small_app(
        "traces", **{"d.feature": ["search", "chat"], "verdict": "pass", "q": "question", "since": "2026-01-02"}
    )
    assert app.multiselect(key="slice.feature").value == ["search", "chat"]
    assert app.selectbox(key="slice.verdict").value == "pass"
    assert app.text_input(key="slice.q").value == "question"
    assert str(app.date_input(key="slice.since").value) == "2026-01-02"


def test_a_change_of_a_widget_is_written_into_the_address(small_app: OpenPage) -> None:
    app = small_app("traces", sort="oldest", p="2", trace="t01")
    app.multiselect(key="slice.feature").set_value(["booking"]).run()
    assert address(app) == {"sort": ["oldest"], "d.feature": ["booking"]}
    app.selectbox(key="slice.verdict").set_value("fail").run()
    assert address(app) == {"sort": ["oldest"], "d.feature": ["booking"], "verdict": ["fail"]}
    assert sentence(app) == "1 of 12 traces: feature is booking, expert verdict is fail."
    app.selectbox(key="slice.judge_verdict").set_value("fail").run()
    assert address(app)["judge"] == ["strict@v1"]
    app.checkbox(key="slice.disagree").set_value(True).run()
    assert address(app)["disagree"] == ["strict@v1"]
    app.text_input(key="slice.q").set_value("  rude ").run()
    assert address(app)["q"] == ["rude"]


def test_the_last_day_of_a_span_is_in_it(small_app: OpenPage) -> None:
    app = small_app("traces")
    app.date_input(key="slice.until").set_value("2026-01-03").run()
    assert address(app) == {"until": ["2026-01-04"]}
    assert sentence(app) == "3 of 12 traces: before 4 Jan 2026."


def test_a_condition_can_be_removed_where_no_widget_shows_it(small_app: OpenPage) -> None:
    app = small_app("traces", **{"not.feature": "search", "verdict": "pass"})
    app.button(key="remove.0").click().run()
    assert address(app) == {"verdict": ["pass"]}


@pytest.mark.parametrize("page", ["home", "traces", "pivot", "trust", "failures", "review"])
def test_a_value_that_no_trace_has_is_named_and_no_row_is_shown(page: str, small_app: OpenPage) -> None:
    app = small_app(page, **{"d.feature": ["search", "gone"], "verdict": "pass"})
    assert notices(app)[0] == "“feature is gone” cannot be applied: no trace has that value."
    assert sentence(app).startswith("0 of 12 traces")
    assert links(app)["Remove this condition"].endswith("?d.feature=search&verdict=pass")
    assert [table.value for table in app.dataframe if "t01" in table.value.to_string()] == []


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"verdict": "maybe"}, "verdict is maybe"),
        ({"since": "yesterday"}, "since is yesterday"),
        ({"import": "77"}, "import is 77"),
        ({"disagree": "nobody@1"}, "nobody@1"),
    ],
)
def test_a_condition_that_cannot_be_read_is_named_and_no_row_is_shown(
    given: dict[str, str], named: str, small_app: OpenPage
) -> None:
    app = small_app("traces", **given)
    assert "cannot be applied" in notices(app)[0]
    assert named in notices(app)[0]
    assert sentence(app).startswith("0 of 12 traces")


@pytest.mark.parametrize(
    ("page", "given", "named"),
    [("pivot", {"rows": "gone"}, "rows: gone"), ("trust", {"judge": "nobody@9"}, "judge: nobody@9")],
)
def test_a_setting_of_a_page_that_is_gone_is_named_once(
    page: str, given: dict[str, str], named: str, small_app: OpenPage
) -> None:
    app = small_app(page, **given)
    (notice,) = (title for title in notices(app) if "cannot be applied" in title)
    assert named in notice


def test_a_slice_without_traces_offers_the_condition_whose_removal_helps_most(small_app: OpenPage) -> None:
    app = small_app("traces", **{"d.feature": "chat", "verdict": "deferred", "d.persona": "regular"})
    assert notices(app) == ["No trace matches."]
    assert "12 traces, 0 with all conditions. Without “feature is chat” it would be 1." in app.info[0].value
    assert links(app)["Remove it"] == "traces?d.persona=regular&verdict=deferred"
    assert links(app)["Clear all"] == "traces?"


def test_an_empty_database_offers_the_sample_on_every_page_but_import(empty_app: OpenPage) -> None:
    app = empty_app("pivot", verdict="fail")
    assert notices(app) == ["No traces yet."]
    assert app.button(key="sample").label == "Look at the sample"
    assert "No traces yet." not in notices(empty_app("import_logs"))


def test_labels_whose_traces_were_lost_with_the_database_are_named_on_every_page(
    small_database: Path, small_app: OpenPage
) -> None:
    open_store(small_database).close()
    small_database.unlink()
    for page in ("home", "import_logs"):
        app = small_app(page)
        assert notices(app)[0] == "Labels are safe in the journal, but not all of their traces are here."
        assert "13 labels and other events wait for 9 traces" in app.warning[0].value


def test_a_database_another_program_holds_is_named_with_its_process(small_database: Path, small_app: OpenPage) -> None:
    hold = f"""
        import sys
        from pathlib import Path
        from core.workflows.opening import open_store
        store = open_store(Path({str(small_database)!r}))
        print("held", flush=True)
        sys.stdin.read()
    """
    command = [sys.executable, "-c", textwrap.dedent(hold)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        holder.stdout.readline()
        app = small_app("traces")
        assert notices(app) == [
            f"The database {small_database.name} is in use by another program (process {holder.pid})."
        ]
        assert "tries again every 5 s" in app.error[0].value
        holder.communicate()
    assert sentence(app.run()) == "All 12 traces."


def test_a_newer_database_is_shown_in_place_of_every_page(small_database: Path, small_app: OpenPage) -> None:
    store = open_store(small_database)
    with store.write() as cursor:
        cursor.execute("insert into schema_migrations values (999, 'later', now()::timestamp)")
    store.close()
    app = small_app("trust")
    assert "made by a newer version (schema 999" in notices(app)[0]
    assert app.error[0].value == "Update passfail."
    assert len(app.title) == 0


def test_an_error_the_user_can_act_on_is_shown_once_in_its_own_words(
    small_app: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise InputError("The *list* is closed.", "Open it.")

    monkeypatch.setattr(table, "possible_fields", refuse)
    app = small_app("traces")
    assert len(app.exception) == 0
    assert app.error[0].proto.title == "The \\*list\\* is closed."
    assert len(notices(app)) == 1
    assert app.error[0].value == "Open it."


def test_an_unexpected_error_is_logged_under_the_code_that_is_shown(
    small_app: OpenPage, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    app = small_app("traces")
    monkeypatch.delenv("PASSFAIL_RAISE")
    monkeypatch.setattr(table, "possible_fields", lambda _: 1 / 0)
    app.query_params["verdict"] = ["pass"]
    app.run()
    assert notices(app) == ["This page could not be shown."]
    code = app.error[0].value.split("code ")[1].split(" ")[0]
    logged = next(record for record in caplog.records if code in record.getMessage())
    assert logged.exc_info is not None
    assert "ZeroDivisionError" not in app.error[0].value


def test_the_name_is_given_once_and_shown(small_app: OpenPage) -> None:
    app = small_app("traces")
    app.text_input(key="frame.person").set_value(" Ana [x](http://a.example) ").run()
    app.run()
    assert app.text_input(key="frame.person").value == "Ana [x](http://a.example)"


# ------------------------------------------------------------------------------ pinned links


def label_later(path: Path) -> int:
    """Label a trace, and say which event was the newest before."""
    store = open_store(path)
    event = newest_event(store)
    record_label(store, trace_id="t05", state=LabelState.FAIL, labeler="ana", critique="no")
    store.close()
    return event


@pytest.mark.parametrize("page", ["home", "traces", "failures", "pivot", "coverage", "judge", "trust"])
def test_a_pinned_page_says_so_and_keeps_the_moment_in_its_links(
    page: str, small_database: Path, small_app: OpenPage
) -> None:
    event = label_later(small_database)
    app = small_app(page, as_of=str(event))
    assert notices(app)[0].startswith("This link shows the data as of ")
    assert "Since then 1 label was added." in next(info.value for info in app.info)
    found = links(app)
    assert f"as_of={event}" in found["Pivot"]
    assert "as_of" not in found["Show the newest data"]


def test_a_pinned_page_shows_the_numbers_of_then(small_database: Path, small_app: OpenPage) -> None:
    event = label_later(small_database)
    assert sentence(small_app("traces", as_of=str(event), verdict="fail")).startswith("4 of 12")
    assert sentence(small_app("traces", verdict="fail")).startswith("5 of 12")


@pytest.mark.parametrize("page", ["review", "import_logs", "settings"])
def test_a_page_that_changes_things_is_not_drawn_in_the_past(
    page: str, small_database: Path, small_app: OpenPage
) -> None:
    event = label_later(small_database)
    app = small_app(page, as_of=str(event))
    assert any("needs the newest data" in notice for notice in notices(app))
    assert "Show the newest data" in links(app)
    assert not app.title


def test_a_trace_one_has_still_to_judge_is_hidden_in_the_past_too(small_database: Path, small_app: OpenPage) -> None:
    store = open_store(small_database)
    event = newest_event(store)
    start_overlap(store, Slice(), people=("ana", "bo"), size=12)
    store.close()
    app = small_app("traces", as_of=str(event), trace="t05")
    app.session_state["kept.person"] = "bo"
    app.run()
    assert "the judge says" not in str([text.value for text in app.markdown])


@pytest.mark.parametrize("named", ["999999", "yesterday", "-1"])
def test_a_moment_that_is_not_here_is_named(named: str, small_app: OpenPage) -> None:
    app = small_app("traces", as_of=named)
    assert any("as\\_of" in notice or "as_of" in notice for notice in notices(app))
    assert sentence(app) == "All 12 traces."


def test_rates_of_real_and_synthetic_traces_together_are_said_to_be_so(small_app: OpenPage) -> None:
    assert notices(small_app("home")) == []
    with the_store().write() as cursor:
        cursor.execute("update traces set origin = 'synthetic' where id in ('t01', 't03')")
    app = small_app("home")
    assert "Real and synthetic traces are mixed here." in notices(app)
    assert "10 real and 2 synthetic" in app.warning[0].value
    found = links(app)
    assert "origin=real" in found["Real only (10)"]
    assert "origin=synthetic" in found["Synthetic only (2)"]
    assert notices(small_app("home", origin="real")) == []
    assert notices(small_app("home", **{"d.feature": "chat"})) == []
    assert notices(small_app("traces")) == []
