"""The report on every page that has one: of the very view, in both forms."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import streamlit as st

from core.workflows.sampling import load_sample
from tests.pages.conftest import OpenPage, opener
from tests.pages.samples import made
from tests.pages.test_home import said


@pytest.fixture
def files(monkeypatch: pytest.MonkeyPatch) -> dict[str, Callable[[], str]]:
    """What each download of the last page would write."""
    held: dict[str, Callable[[], str]] = {}
    plain = st.download_button

    def noted(label: str, data: Any, **how: Any) -> bool:
        held[how["file_name"]] = data
        return plain(label, data, **how)

    monkeypatch.setattr(st, "download_button", noted)
    return held


@pytest.fixture
def sample_app(database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenPage]:
    yield from opener(made(database, load_sample), monkeypatch)


@pytest.mark.parametrize(
    ("page", "address", "holds"),
    [
        ("home", {"judge": "overall@1"}, ["Judge overall, version 1 catches", "/?judge=overall%401&"]),
        (
            "failures",
            {"tab": "counts", "mode": "any"},
            ["under every category it carries", "/failures?tab=counts&mode=any&"],
        ),
        ("pivot", {"rows": "scenario", "cols": "none"}, ["## Failed, by scenario", "/pivot?rows=scenario&cols=none&"]),
        (
            "trust",
            {"judge": "overall@2", "by": "persona"},
            ["version 2 catches", "### The judge by persona", "/trust?judge="],
        ),
    ],
)
def test_a_report_is_of_the_view_it_was_asked_on(
    sample_app: OpenPage, files: dict[str, Callable[[], str]], page: str, address: dict[str, str], holds: list[str]
) -> None:
    sample_app(page, d__feature="order tracking", min_n="3", **address)
    report = files["passfail-report.md"]().replace("\\", "")
    for words in (
        *holds,
        "feature is order tracking",
        "Most frequent failures",
        "Can we trust the judge?",
        "min_n=3",
        "as_of=",
    ):
        assert words in report, words
    assert files["passfail-report.html"]().startswith("<!doctype html>")


def test_home_speaks_of_the_judge_that_the_address_names(sample_app: OpenPage) -> None:
    assert "Judge overall, version 1 catches 15 of 44 failures" in said(sample_app(judge="overall@1"))
