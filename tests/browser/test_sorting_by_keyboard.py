"""Sorting notes into categories with the keyboard alone, in a real Chromium, on a server of its own."""

import re
from typing import Any

import pytest

from tests.browser.conftest import OpenTab, StartServer
from tests.browser.product import NAME_FIELD, Server, Tab

FIRST_KEY = "[class*='st-key-key-'] button:enabled"


@pytest.fixture(scope="module")
def own_server(start_server: StartServer) -> Server:
    return start_server()


def unsorted(tab: Tab) -> int:
    found = re.search(r"Notes \((\d+)\)", tab.text())
    assert found, tab.text()
    return int(found[1])


def to_a_suggestion(tab: Tab) -> None:
    """Go down to a note for which something is suggested: only there its button has a key."""
    for _ in range(unsorted(tab)):
        if tab.page.locator("[class*='st-key-accept-'] button:has([data-has-shortcut='true'])").count():
            return
        was = tab.page.url
        tab.page.keyboard.press("ArrowDown")
        tab.page.wait_for_function("was => location.href !== was", arg=was)
        tab.settled()
    raise AssertionError("nothing is suggested for any note")


def pressed(tab: Tab, key: str, until: str) -> Any:
    """Press a key and wait for what it brings."""
    tab.page.keyboard.press(key)
    tab.page.get_by_text(until).filter(visible=True).first.wait_for()
    tab.settled()
    return tab


def test_notes_are_sorted_suggested_for_and_taken_back_by_keys(own_server: Server, open_tab: OpenTab) -> None:
    tab = open_tab("/failures?tab=sort", of=own_server)
    tab.page.get_by_test_id("stMain").get_by_label(NAME_FIELD).filter(visible=True).first.fill("Ana")
    tab.page.keyboard.press("Enter")
    tab.page.locator(FIRST_KEY).first.wait_for()
    tab.settled()
    tab.page.mouse.click(5, 400)
    assert unsorted(tab) == 9
    pressed(tab, "2", "Put 1 note into")
    assert unsorted(tab) == 8
    tab.page.keyboard.press("u")
    tab.page.get_by_text("Notes (9)").wait_for()
    tab.settled()
    tab.page.keyboard.press("ArrowDown")
    tab.page.wait_for_url(re.compile("trace=gs-"))
    tab.settled()
    second = re.search("trace=([^&]+)", tab.page.url)
    tab.page.get_by_role("button", name="Suggest groups for 9 notes").click()
    tab.page.get_by_text("Grouped by wording only, on this computer.").wait_for()
    tab.settled()
    assert second
    assert second[1] in tab.page.url, "the note one was at stays the current one"
    assert unsorted(tab) == 9, "a suggestion counts nowhere"
    tab.page.mouse.click(5, 400)
    to_a_suggestion(tab)
    pressed(tab, "a", "You accepted 1 of 1 suggestion.")
    assert unsorted(tab) == 8
    pressed(tab, "u", "Notes (9)")


def test_a_merged_category_keeps_its_links(own_server: Server, open_tab: OpenTab) -> None:
    tab = open_tab("/failures?tab=sort", of=own_server)
    tab.page.get_by_test_id("stMain").get_by_label(NAME_FIELD).filter(visible=True).first.fill("Ana")
    tab.page.keyboard.press("Enter")
    tab.page.locator(FIRST_KEY).first.wait_for()
    tab.settled()
    tab.page.get_by_text("Invents a fact · 6").click()
    tab.page.get_by_role("button", name="Merge into…").click()
    dialog = tab.page.get_by_role("dialog")
    dialog.get_by_role("combobox").click()
    tab.page.get_by_role("option", name="Contradicts the tool result").click()
    dialog.get_by_text("6 traces move.").wait_for()
    dialog.get_by_role("button", name="Merge", exact=True).click()
    tab.page.get_by_text("Merged Invents a fact into Contradicts the tool result").wait_for()
    tab.settled()
    other = open_tab("/traces?category=2", of=own_server)
    other.page.get_by_text("“Invents a fact” was merged into “Contradicts the tool result”.").wait_for()
    assert "failure category is Contradicts the tool result" in other.text()
    tab.page.mouse.click(5, 400)
    pressed(tab, "u", "Categories (8)")
