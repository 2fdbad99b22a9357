"""A judge from first words to its verdicts in a real Chromium: drafted, reloaded, priced, followed while it runs, stopped."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.product import Server, Tab
from tests.key_search import KEY
from tests.messages_server import MessagesServer


@pytest.fixture
def provider(provider: MessagesServer) -> MessagesServer:
    """One that takes its time, so that a run can be seen and stopped."""
    provider.delay = 0.5
    return provider


@pytest.fixture
def split_server(provider: MessagesServer, chromium_path: str, tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path)
    server.start()
    server.stop()
    server.run("judge", "split")
    server.start()
    yield server
    server.stop()


def test_a_judge_is_drafted_run_and_stopped(split_server: Server, provider: MessagesServer, browser: Any) -> None:
    tab = Tab(browser, split_server)
    page = tab.open("/judge?tab=prompt&draft=care")
    role = page.get_by_label("Role and domain knowledge")
    role.fill("You know the shop.")
    role.press("Control+Enter")
    page.get_by_text("no domain knowledge").wait_for(state="detached")
    tab.open("/judge?tab=prompt&draft=care")
    page.wait_for_function("document.querySelector('textarea[aria-label=\"Role and domain knowledge\"]').value !== ''")
    page.get_by_role("button", name="Save as version").click()
    name = page.get_by_label("Your name, as it will stand beside your labels").last
    name.fill("ana")
    name.press("Enter")
    page.get_by_role("button", name="Estimate and run").click()
    page.get_by_text("tokens (as the provider counts them)").wait_for()
    assert provider.calls == 0
    page.get_by_role("button", name="Run on 49").click()
    page.get_by_text("Running:").wait_for()
    page.get_by_role("button", name="Stop", exact=True).last.click()
    page.get_by_text("Stopped:").wait_for()
    page.get_by_role("button", name="Continue the other").click()
    page.get_by_text("49 of 49").wait_for()
    page.get_by_text("Ended:").wait_for()
    assert provider.calls == 49
    assert tab.errors == []
    assert split_server.complaints() == []
    assert KEY not in tab.text() + split_server.said()
