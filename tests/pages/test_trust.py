"""How far a judge can be trusted, and where it differs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.workflows.exploring import describe
from core.workflows.sampling import load_sample
from core.workflows.trusting import list_labelers
from pages.ui.store import the_store
from tests.pages.conftest import OpenPage, address, links, notices, opener
from tests.pages.numbers import counted_links, promises, wrong_links
from tests.pages.samples import made
from tests.pages.test_home import plain_labels, said
from tests.unit.workflows.messy import fill_messy


@pytest.fixture
def sample_app(database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenPage]:
    yield from opener(made(database, load_sample), monkeypatch)


@pytest.fixture
def messy_app(database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenPage]:
    yield from opener(made(database, fill_messy), monkeypatch)


def test_the_sentence_the_four_counts_and_what_was_left_out(sample_app: OpenPage) -> None:
    app = sample_app("trust", judge="overall@3")
    assert "The judge catches 37 of 43 failures (73–93 %) and raises a false alarm on 4 of 73 passes (2–13 %)." in said(
        app
    )
    labels = plain_labels(app)
    assert {"69 both pass", "4 judge too strict", "6 judge too lenient", "37 both fail"} < set(labels)
    assert {"92 unlabelled", "4 judge failures"} < set(labels)
    assert "Go through 10 disagreements" in labels
    assert wrong_links(app) == []
    assert len(counted_links(app)) >= 8


def test_each_version_has_its_line(sample_app: OpenPage) -> None:
    app = sample_app("trust")
    assert "caught 15 of 44 · 34 % (22–49 %), kept 68 of 72 · 94 % (87–98 %)" in said(app)
    assert {"version 1", "version 2", "version 3", "Compare two on the same traces"} < set(plain_labels(app))


@pytest.mark.parametrize("by", ["scenario", "persona", "category", "model"])
def test_where_it_is_weak_by_any_dimension(sample_app: OpenPage, by: str) -> None:
    app = sample_app("trust", by=by)
    table = app.dataframe[0].value
    assert list(table) == ["value", "caught", "kept"]
    assert len(table) > 1


def test_each_number_opens_its_traces_in_a_slice(sample_app: OpenPage) -> None:
    for slice_ in ({"d__scenario": "no match"}, {"verdict": "fail"}, {"judge": "overall@3", "judge_verdict": "fail"}):
        app = sample_app("trust", **slice_)
        assert wrong_links(app) == []
        assert counted_links(app)


def test_the_disagreements_one_by_one(small_app: OpenPage) -> None:
    app = small_app("trust", view="pairs")
    assert "1 of 2" in said(app)
    assert {"Judge too lenient (1)", "Judge too strict (1)"} < set(plain_labels(app))
    app.button(key="step_Right").click().run()
    assert "2 of 2" in said(app)
    assert app.button(key="step_Right").disabled
    assert address(app)["trace"] == ["t02"]


def test_a_kind_and_a_trace_of_the_address_are_shown(small_app: OpenPage) -> None:
    app = small_app("trust", view="pairs", cell="lenient")
    assert "Expert :red[✗ fail] · ana" in said(app)
    assert "“invented a listing”" in said(app)
    assert "Judge :green[✓ pass] · strict, version v1" in said(app)
    app = small_app("trust", view="pairs", trace="t02")
    assert "Judge :red[✗ fail]" in said(app)
    assert any("t03 is no disagreement" in n for n in notices(small_app("trust", view="pairs", trace="t03")))


def test_the_disagreements_in_a_table(small_app: OpenPage) -> None:
    table = small_app("trust", view="table").dataframe[0].value
    assert list(table["trace"]) == ["t04", "t02"]
    assert list(table["expert"]) == ["✗ fail", "✓ pass"]
    assert list(table["judge"]) == ["✓ pass", "✗ fail"]


def test_with_several_people_it_asks_whose_labels_count(messy_app: OpenPage) -> None:
    app = messy_app("trust")
    assert notices(app) == ["2 people labelled."]
    assert "ana" in links(app)
    assert not app.dataframe
    chosen = messy_app("trust", labeler="ben")
    assert "Held against the labels that ben gave" in said(chosen)
    assert wrong_links(chosen) == []
    assert [describe(the_store(), slice_).n for _, _, slice_ in promises(chosen)]


def test_a_principal_expert_can_be_named(messy_app: OpenPage) -> None:
    app = messy_app("trust", labeler="ben")
    app.text_input(key="ask.person").set_value("Chris").run()
    app.button(key="principal").click().run()
    assert list_labelers(the_store()).default == "ben"
    assert "Held against the labels that ben gave" in said(messy_app("trust"))


def test_a_slice_of_one_judge_leaves_that_one(messy_app: OpenPage) -> None:
    app = messy_app("trust", labeler="ana", judge="overall@1", judge_verdict="fail")
    assert app.selectbox(key="set.judge").options == ["overall, version 1"]
    assert wrong_links(app) == []


def test_without_a_judge_or_without_overlap_it_says_so(sample_app: OpenPage, empty_app: OpenPage) -> None:
    app = sample_app("trust", verdict="unlabelled")
    assert notices(app) == ["Judge and expert share no trace in this slice."]
