"""A link that speaks of a judge who is not here: it is named, and nobody else's numbers stand in its place."""

import re

import pytest

from core.workflows.drafting import begin_draft, save_version
from pages.ui.frame import PLACES, Place
from pages.ui.store import the_store
from tests.pages.conftest import OpenPage, address, links, notices
from tests.pages.test_home import plain_labels, said

GONE = "overall@9"
NUMBERS = re.compile(r"\d+ of \d+|\bcatches\b|\bfailed\b")


@pytest.mark.parametrize(
    ("page", "param", "usual"),
    [
        ("trust", "judge", "overall@3"),
        ("judge", "judge", "overall@3"),
        ("pivot", "of", "expert"),
        ("monitor", "of", "expert"),
    ],
)
def test_a_page_shows_no_number_until_somebody_who_is_here_is_chosen(
    page: str, param: str, usual: str, sample_app: OpenPage
) -> None:
    app = sample_app(page, **{param: GONE})
    assert any(f"{param}: {GONE}" in notice for notice in notices(app))
    (choice,) = [box for box in app.selectbox if box.key == f"set.{param}"]
    assert choice.value is None
    assert NUMBERS.search(said(app).replace("19 of 20 cases", "")) is None
    assert not app.dataframe
    found = sample_app(page, **{param: usual})
    assert NUMBERS.search(said(found))
    assert not any("cannot be applied" in notice for notice in notices(found))


def test_choosing_one_that_is_here_shows_its_numbers(sample_app: OpenPage) -> None:
    app = sample_app("trust", judge=GONE)
    (choice,) = [box for box in app.selectbox if box.key == "set.judge"]
    choice.select("overall@2").run()
    assert address(app)["judge"] == ["overall@2"]
    assert "The judge catches" in said(app)
    assert not any("cannot be applied" in notice for notice in notices(app))


def test_home_names_it_and_nothing_there_speaks_of_another(sample_app: OpenPage) -> None:
    home = sample_app(judge=GONE)
    assert any(GONE in notice for notice in notices(home))
    assert "catches" not in said(home)
    assert "The judge that this link names is not here." in said(home)
    assert [name for name, link in links(home).items() if "overall%40" in link and "overall%409" not in link] == []
    assert not home.get("download_button")
    assert links(home)["All judges"] == "judge?"
    assert "116 compared, 10 to look at" in links(sample_app(judge="overall@3"))


def test_the_list_of_traces_has_no_column_of_another(sample_app: OpenPage) -> None:
    traces = sample_app("traces", judge=GONE)
    assert not [name for name in traces.dataframe[0].value.columns if name.startswith("Judge")]
    assert [name for name in sample_app("traces").dataframe[0].value.columns if name.startswith("Judge")] == [
        "Judge v3"
    ]


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.folder)
def test_every_page_names_it_once_and_leads_to_itself_without_it(place: Place, sample_app: OpenPage) -> None:
    app = sample_app(place.folder, judge=GONE, d__feature="returns")
    assert sum(GONE in notice for notice in notices(app)) == 1
    page, _, left = links(app)["Show this page without it"].partition("?")
    assert (page, left) == (place.path, "d.feature=returns")


def test_a_condition_that_names_it_is_named_once(sample_app: OpenPage) -> None:
    app = sample_app("traces", judge=GONE, judge_verdict="fail")
    assert sum(GONE in notice for notice in notices(app)) == 1


def test_another_version_to_compare_with_that_is_gone_is_not_replaced(sample_app: OpenPage) -> None:
    for page in ("trust", "judge"):
        app = sample_app(page, judge="overall@3", **{"with": GONE})
        assert any(f"with: {GONE}" in notice for notice in notices(app))
        assert "McNemar" not in said(app)
    assert "McNemar" in said(sample_app("trust", judge="overall@3", **{"with": "overall@1"}))


@pytest.fixture
def never_run(sample_app: OpenPage) -> str:
    """A version that judged nothing yet."""
    sample_app("trust")
    return save_version(the_store(), begin_draft(the_store(), "care"), by="ana").ref


def test_a_version_that_judged_nothing_yet_is_not_exchanged_for_one_that_did(
    sample_app: OpenPage, never_run: str
) -> None:
    trust = sample_app("trust", judge=never_run)
    assert "This version judged no trace yet." in "\n".join(notices(trust))
    assert "Run the judge on dev" in plain_labels(trust)
    assert "catches" not in said(trust)
    home = sample_app(judge=never_run)
    assert "shares no blindly labelled trace with the expert here" in said(home)
    assert "catches" not in said(home)
    pivot = sample_app("pivot", of=never_run)
    assert any("None of the 212 traces has a verdict of this judge version." in notice for notice in notices(pivot))
    for app in (trust, home, pivot, sample_app("monitor", of=never_run)):
        assert not any("cannot be applied" in notice for notice in notices(app))


def test_the_version_one_compared_with_can_be_chosen_itself(sample_app: OpenPage) -> None:
    app = sample_app("trust", judge="overall@1", **{"with": "overall@1"})
    assert not any("cannot be applied" in notice for notice in notices(app))
    assert "with" not in address(app)


def test_a_judge_of_which_the_filter_does_not_speak_gives_way_to_the_expert_and_is_named(sample_app: OpenPage) -> None:
    app = sample_app("pivot", of="overall@1", judge="overall@3", judge_verdict="fail")
    assert any("of: overall@1" in notice for notice in notices(app))
    assert [box.value for box in app.selectbox if box.key == "set.of"] == ["expert"]
    assert app.dataframe


def test_a_draft_is_written_on_whatever_version_the_link_names(sample_app: OpenPage) -> None:
    assert [box.label for box in sample_app("judge", judge=GONE, draft="care", tab="prompt").text_area]
