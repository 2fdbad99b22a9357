"""A link that speaks of a judge who is not here: it is named, and nobody else's numbers stand in its place."""

import re

import pytest

from core.workflows.drafting import begin_draft, save_version
from core.workflows.trusting import list_judges
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


def test_home_and_traces_name_it_and_speak_of_no_other(sample_app: OpenPage) -> None:
    home = sample_app(judge=GONE)
    assert any(GONE in notice for notice in notices(home))
    assert "catches" not in said(home)
    assert "The judge that this link names is not here." in said(home)
    assert "All judges" in plain_labels(home)
    assert "judge=" not in str(links(home)["All judges"])
    traces = sample_app("traces", judge=GONE)
    assert any(GONE in notice for notice in notices(traces))
    assert not [name for name in traces.dataframe[0].value.columns if name.startswith("Judge")]
    assert [name for name in sample_app("traces").dataframe[0].value.columns if name.startswith("Judge")] == [
        "Judge v3"
    ]


def test_another_version_to_compare_with_that_is_gone_is_not_replaced(sample_app: OpenPage) -> None:
    for page in ("trust", "judge"):
        app = sample_app(page, judge="overall@3", **{"with": GONE})
        assert any(f"with: {GONE}" in notice for notice in notices(app))
        assert "McNemar" not in said(app)
    assert "McNemar" in said(sample_app("trust", judge="overall@3", **{"with": "overall@1"}))


def test_a_version_that_judged_nothing_yet_is_not_exchanged_for_one_that_did(sample_app: OpenPage) -> None:
    sample_app("trust")
    ref = save_version(the_store(), begin_draft(the_store(), "care"), by="ana").ref
    assert [judge.judgments for judge in list_judges(the_store()) if judge.version.ref == ref] == [0]
    app = sample_app("trust", judge=ref)
    assert "This version judged no trace yet." in "\n".join(notices(app))
    assert "Run the judge on dev" in plain_labels(app)
    assert "catches" not in said(app)
