"""The judges that were imported, in the last step of the page."""

from pathlib import Path

import pytest

from core.store.connection import Store
from core.store.ingest import Entry, ingest
from tests.conftest import LABELLED_ON, new_trace
from tests.pages.conftest import OpenPage, notices, opener
from tests.pages.numbers import counted_links, wrong_links
from tests.pages.samples import made
from tests.pages.test_home import plain_labels, said


def test_a_version_with_its_prompt_settings_and_counts(sample_app: OpenPage) -> None:
    app = sample_app("judge", judge="overall@3")
    assert {"146 passed", "58 failed", "8 judge failures"} < set(plain_labels(app))
    assert any("head of customer care" in code.value for code in app.code)
    assert "Model illustration-2 · max_tokens 600" in said(app)
    assert "212 judgments: passed 146 of 204 · 72 % (65–77 %), 8 judge failures" in said(app)
    assert wrong_links(app) == []


def test_two_versions_on_the_same_traces(sample_app: OpenPage) -> None:
    app = sample_app("judge", judge="overall@3", **{"with": "overall@1"})
    labels = plain_labels(app)
    assert "113 traces labelled blind, with a verdict of both" in labels
    assert "15 of 43 · 35 % (22–50 %)" in labels
    assert "37 of 43 · 86 % (73–93 %)" in labels
    assert "Flipped: 25 now right · 3 now wrong" in said(app)
    assert {"22 expert fail, now caught", "3 expert pass, now kept", "3 expert pass, now a false alarm"} < set(labels)
    assert wrong_links(app) == []
    assert len(counted_links(app)) >= 10


@pytest.mark.parametrize("slice_", [{"d__topic": ["*", "search"]}, {"labeler": "ben"}, {"verdict": "fail"}])
def test_each_number_opens_its_traces(messy_app: OpenPage, slice_: dict[str, str | list[str]]) -> None:
    app = messy_app("judge", **({"labeler": "ana"} | slice_))
    assert wrong_links(app) == []
    assert counted_links(app)


def test_versions_are_not_compared_where_it_cannot_be_said(messy_app: OpenPage) -> None:
    assert "Several people labelled. Say on Trust whose labels count." in notices(messy_app("judge"))
    asked = messy_app("judge", labeler="ana", judge="overall@1", judge_verdict="fail")
    assert "The filter asks what one judge says; two versions cannot be compared in it." in notices(asked)
    assert wrong_links(asked) == []


def test_without_a_judge_it_says_so(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(store: Store) -> None:
        with ingest(store) as running:
            running.add([Entry("made.jsonl", 1, new_trace(), [], [])])
            running.finish(files=["made.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)

    for open_page in opener(made(database, fill), monkeypatch):
        for page in ("judge", "trust"):
            assert "No judge yet." in notices(open_page(page))
        assert notices(open_page("pivot")) == ["These traces have no dimensions yet."]
