"""A judge in a real Chromium, from first words to a link: drafted, reloaded, priced, followed while it runs, stopped, mended
after a disagreement, opened on test, shared."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import OpenTab
from tests.browser.product import NAME_FIELD, Server
from tests.key_search import KEY
from tests.messages_server import MessagesServer


@pytest.fixture
def provider(provider: MessagesServer) -> MessagesServer:
    """One that takes its time, so that a run can be seen and stopped even where pages are slow."""
    provider.delay = 6.0
    return provider


@pytest.fixture
def server(provider: MessagesServer, chromium_path: str, tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    server.start()
    server.stop()
    server.run("judge", "split")
    server.start()
    yield server
    server.stop()


def save(page: Any) -> str:
    """Save what is being written; returns the name of the version."""
    button = page.get_by_role("button", name="Save as version")
    version = button.inner_text().rpartition(" ")[2]
    button.click()
    return version


def sentence(page: Any) -> str:
    """What is said of the judge."""
    return page.get_by_text("The judge catches").first.inner_text()


@pytest.mark.timeout(300)
def test_a_judge_is_drafted_run_mended_and_opened_on_test(
    server: Server, provider: MessagesServer, open_tab: OpenTab
) -> None:
    tab = open_tab("/judge?tab=prompt&draft=care")
    page = tab.page
    role = page.get_by_label("Role and domain knowledge")
    role.fill("You know the shop.")
    role.press("Control+Enter")
    page.get_by_text("no domain knowledge").wait_for(state="detached")
    tab.open("/judge?tab=prompt&draft=care")
    page.wait_for_function("document.querySelector('textarea[aria-label=\"Role and domain knowledge\"]').value !== ''")
    first = save(page)
    name = page.get_by_label(NAME_FIELD).last
    name.fill("ana")
    name.press("Enter")
    page.get_by_role("button", name="Estimate and run").click()
    page.get_by_text("tokens (from the provider's count of a few)").wait_for()
    assert provider.calls == 0
    page.get_by_role("button", name="Run on 49").click()
    page.get_by_text("Running:").wait_for()
    page.get_by_role("button", name="Stop", exact=True).click()
    page.get_by_text("Stopping, the answers under way are waited for:").wait_for()
    page.get_by_text("Stopped:").wait_for()
    provider.delay = 0.0
    page.get_by_role("button", name="Continue the other").click()
    page.get_by_text("49 of 49").wait_for()
    page.get_by_text("Ended:").wait_for()
    assert provider.calls == 49

    # From a disagreement to the prompt, to a second version, and to both beside each other.
    page.get_by_role("link", name="Disagreements").first.click()
    tab.heading("Trust")
    page.get_by_role("link", name="Edit the prompt").click()
    tab.heading("Judge")
    page.get_by_text("as in version").first.wait_for()
    rules = page.get_by_label("Guidelines")
    rules.fill("A tool that was called with a wrong argument is a failure.")
    rules.press("Control+Enter")
    page.get_by_text("changed since version").first.wait_for()
    second = save(page)
    assert second != first
    page.get_by_role("button", name="Estimate and run").click()
    page.get_by_role("button", name="Run on 49").click()
    page.get_by_text(re.compile(f"Ended: care@{second} on dev")).wait_for()
    assert provider.calls == 98
    tab.open(f"/trust?judge=care%40{second}")
    page.get_by_text("on the dev split").first.wait_for()
    for version in (first, second):
        page.get_by_role("link", name=f"version {version}").wait_for()

    # Judged on test too, which says nothing before it is opened; its pinned link shows the same on a fresh server.
    tab.open(f"/judge?judge=care%40{second}&tab=run&on=test")
    page.get_by_role("button", name="Estimate and run").click()
    page.get_by_role("button", name=re.compile("Run on")).click()
    page.get_by_text(re.compile(f"Ended: care@{second} on test")).wait_for()
    tab.open(f"/trust?judge=care%40{second}&split=test")
    page.get_by_role("button", name="Open the test split").click()
    page.get_by_role("dialog").get_by_role("button", name="Open").click()
    page.get_by_text("Test opened 1 time for this judge").wait_for()
    said, link = sentence(page), tab.copied_link()
    assert "as_of=" in link
    server.restart()
    cold = open_tab(link)
    cold.page.get_by_text("Test opened 1 time for this judge, last by ana").wait_for()
    assert sentence(cold.page) == said
    assert server.complaints() == []
    assert KEY not in tab.text() + server.said()
