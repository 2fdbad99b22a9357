"""Disagreements explained from the keyboard, and the test split opened once: in a real browser."""

from typing import Any

import pytest

from core.slice import Slice
from core.store.connection import Store
from core.workflows.explaining import count_marks
from core.workflows.leaving import list_left
from core.workflows.opening import open_store
from core.workflows.sealing import read_seal
from core.workflows.trusting import measure_trust
from tests.browser.conftest import OpenTab, expect
from tests.browser.product import NAME_FIELD, Server, Tab
from tests.conftest import JUDGE, fill_small
from tests.unit.workflows.test_sealing import assign


@pytest.fixture
def server(tmp_path: Any) -> Any:
    found = Server(tmp_path, demo=False)
    store = open_store(found.db)
    fill_small(store)
    store.close()
    yield found
    found.stop()


def after(server: Server) -> Store:
    """The database, once the server has let it go."""
    server.stop()
    return open_store(server.db)


def named(tab: Tab) -> None:
    """Give a name in the frame, and let the page have the keys again."""
    tab.page.get_by_role("button", name="Who are you?").first.click()
    field = tab.page.get_by_label(NAME_FIELD).filter(visible=True).first
    field.fill("Chris")
    field.press("Enter")
    tab.page.locator(".st-key-cause_1 button:enabled").wait_for()
    tab.settled()
    tab.page.mouse.click(5, 700)
    tab.settled()


def test_causes_are_said_taken_back_and_stepped_through_with_keys(server: Server, open_tab: OpenTab) -> None:
    server.start()
    tab = open_tab("/trust?view=pairs")
    tab.page.get_by_text("1 of 2").wait_for()
    named(tab)
    tab.page.keyboard.press("2")
    tab.page.get_by_text("Label is wrong, says Chris").wait_for()
    tab.settled()
    tab.page.keyboard.press("ArrowRight")
    tab.page.get_by_text("2 of 2").wait_for()
    tab.settled()
    tab.page.keyboard.press("1")
    tab.page.get_by_text("Judge is wrong, says Chris").wait_for()
    tab.settled()
    tab.page.keyboard.press("u")
    tab.page.get_by_text("Judge is wrong, says Chris").wait_for(state="detached")
    store = after(server)
    trust = measure_trust(store, Slice(), judge=JUDGE)
    assert count_marks(store, trust.disagreements, judge=JUDGE) == {"label wrong": 1, "none": 1}
    store.close()
    assert server.complaints() == []


def test_the_test_split_is_opened_by_name_and_stays_open(server: Server, open_tab: OpenTab) -> None:
    store = open_store(server.db)
    assign(store)
    store.close()
    server.start()
    tab = open_tab("/trust?split=test")
    tab.page.get_by_role("button", name="Open the test split").click()
    dialog = tab.page.get_by_role("dialog")
    dialog.get_by_text("This is recorded and cannot be undone.").wait_for()
    expect(dialog.get_by_role("button", name="Open", exact=True)).to_be_disabled()
    field = dialog.get_by_label(NAME_FIELD)
    field.fill("Chris")
    field.press("Enter")
    dialog.get_by_role("button", name="Open", exact=True).click()
    tab.page.get_by_text("Test opened 1 time for this judge, last by Chris").wait_for()
    tab.page.get_by_role("link", name="1 both fail").wait_for()
    cold = open_tab("/trust?split=test")
    cold.page.get_by_role("link", name="1 both fail").wait_for()
    store = after(server)
    assert len(read_seal(store, JUDGE).of_judge) == 1
    store.close()
    assert server.complaints() == []


def test_a_kind_of_trace_is_left_to_people_with_the_mouse_and_taken_back(server: Server, open_tab: OpenTab) -> None:
    server.start()
    tab = open_tab("/trust?by=feature")
    tab.page.get_by_text("Where it is weak, by").wait_for()
    tab.settled()
    tab.click_cell(0, 0)
    tab.page.get_by_role("button", name="Leave to people").click()
    body = tab.page.get_by_test_id("stPopoverBody").filter(visible=True)
    body.get_by_label(NAME_FIELD).fill("Chris")
    body.get_by_label(NAME_FIELD).press("Enter")
    body.get_by_role("button", name="Leave to people").and_(tab.page.locator(":enabled")).wait_for()
    tab.settled()
    body.get_by_label("Why").fill("No version tells them apart.")
    body.get_by_role("button", name="Leave to people").click()
    tab.page.get_by_text("No version tells them apart.").first.wait_for()
    tab.settled()
    tab.page.reload()
    tab.page.get_by_role("link", name="5 left to people (feature: search)").wait_for()
    tab.page.get_by_role("button", name="Use the judge again").click()
    tab.page.get_by_text("Left to people:").wait_for(state="detached")
    tab.settled()
    store = after(server)
    try:
        assert list_left(store, JUDGE) == []
        with store.read() as cursor:
            kept = cursor.execute(
                "select value, made_by from settings where name like 'left%' order by event"
            ).fetchall()
        assert kept == [("No version tells them apart.", "Chris"), ("", "Chris")]
    finally:
        store.close()
