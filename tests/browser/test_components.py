"""The trace view and the review loop in a real Chromium, on hand-made payloads."""

import json
import os
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import expect
from tests.browser.product import ROOT, free_port
from tests.browser.visits import Visits

HARNESS = Path(__file__).parent / "component_harness" / "app.py"


class Harness(NamedTuple):
    """A running harness: where it answers, and the folder in which it writes what it recorded."""

    address: str
    folder: Path


@pytest.fixture(scope="module")
def harness(chromium_path: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", str(HARNESS), "--server.headless=true"]
    command += [f"--server.port={port}", "--server.address=127.0.0.1", "--browser.gatherUsageStats=false"]
    command += ["--server.fileWatcherType=none"]
    folder = tmp_path_factory.mktemp("harness")
    with (folder / "log").open("w") as log:
        env = {**os.environ, "PYTHONPATH": str(ROOT)}
        server = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=subprocess.STDOUT)
        base = f"http://127.0.0.1:{port}"
        try:
            for _ in range(300):
                try:
                    with urllib.request.urlopen(f"{base}/_stcore/health", timeout=1):
                        break
                except OSError:
                    time.sleep(0.1)
            yield Harness(base, folder)
        finally:
            server.terminate()
            server.wait(20)


class Tab:
    """One browser tab with the requests it made to other hosts."""

    def __init__(self, page: Any, harness: Harness) -> None:
        self.page, self.context = page, page.context
        self.address, self.folder = harness
        self.strangers: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", self._on_request)
        self.page.on("pageerror", self._on_error)
        self.keys = self.page.keyboard

    def close(self) -> None:
        self.page.remove_listener("request", self._on_request)
        self.page.remove_listener("pageerror", self._on_error)

    def _on_error(self, error: Any) -> None:
        self.errors.append(str(error))

    def _on_request(self, request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in ("http", "https", "ws", "wss") and parts.hostname != "127.0.0.1":
            self.strangers.append(request.url)

    def read(self, trace: str = "ordinary", q: str = "") -> Any:
        self.page.goto(f"{self.address}/?page=read&trace={trace}&q={q}")
        self.page.wait_for_selector(".log")
        return self.page

    def review(self, queue: str, more: str = "") -> Any:
        self.page.goto(f"{self.address}/?page=review&queue={queue}{more}")
        self.page.wait_for_selector(".log article")
        return self.page

    def press(self, *keys: str) -> None:
        for key in keys:
            self.keys.press(key)

    def sees(self, trace: str) -> None:
        """Wait until this trace is the one on the screen."""
        expect(self.page.locator(".trace-id")).to_have_text(trace)

    def recorded(self, queue: str) -> Any:
        """What the harness recorded, once nothing is on its way any more."""
        self.page.wait_for_function(NOTHING_WAITS, arg=queue, timeout=20_000)
        return json.loads((self.folder / f"{queue}.json").read_text())


NOTHING_WAITS = """queue => {
  const kept = JSON.parse(sessionStorage.getItem('passfail.review.' + queue) ?? 'null')
  return kept !== null && kept.actions.length === 0
}"""
SAVE_PASS = ("1", "Control+Enter", "Control+Enter")


def visit(visits: Visits, harness: Harness) -> Iterator[Tab]:
    opened = Tab(visits.begin(), harness)
    yield opened
    opened.close()
    visits.end(opened.page)


@pytest.fixture
def tab(visits: Visits, harness: Harness) -> Iterator[Tab]:
    yield from visit(visits, harness)


@pytest.fixture
def other(visits: Visits, harness: Harness) -> Iterator[Tab]:
    """A tab of another browser."""
    yield from visit(visits, harness)


@pytest.fixture
def queue(request: pytest.FixtureRequest) -> str:
    """A queue of its own for each test."""
    return re.sub(r"\W", "-", request.node.name)


def saved(record: Any) -> list[tuple[str, str, str]]:
    return [(event["action"], event["trace_id"], event["verdict"]) for event in record["events"]]


# ---- reading


def test_hostile_text_runs_nothing_and_asks_no_other_host(tab: Tab) -> None:
    page = tab.read("hostile")
    for fold in page.locator("details > summary").all():
        fold.click()
    for more in page.locator("button.quiet").all():
        more.click()
    page.wait_for_timeout(500)
    assert page.evaluate("window.pwned") is None
    assert tab.strangers == []
    assert tab.errors == []
    drawn = page.locator(".passfail")
    assert drawn.locator("script, img, iframe, svg, object, embed, link, meta, base, form").count() == 0
    assert [a.get_attribute("href") for a in drawn.locator("a").all()] == [f"{tab.address}/?d.good=yes"]
    expect(drawn).to_contain_text("<script>window.pwned = 1</script>", use_inner_text=True)
    expect(drawn).to_contain_text("[image: beacon, not loaded]", use_inner_text=True)
    assert "\u202e" not in drawn.inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280


def test_a_message_that_cannot_be_drawn_says_so_and_the_others_are_there(tab: Tab) -> None:
    text = tab.read("hostile").locator(".log").inner_text()
    assert re.search(r"Message \d+ could not be shown; see the raw record\.", text)
    assert "no call recorded" in text
    assert "no result recorded" in text
    assert "123456789012345678901234567890" in text


def test_the_outcome_stands_above_the_messages_and_the_context_beside_them_where_one_judges(
    tab: Tab, queue: str
) -> None:
    page = tab.read()
    outcome = page.locator(".outcome")
    expect(outcome.locator("li")).to_have_text(
        ["Booking created: no", "E-mail sent: yes", "CRM record \u2197"], use_inner_text=True
    )
    expect(outcome).to_contain_text("1 line of outcome and context is hidden here", use_inner_text=True)
    link = outcome.locator("a")
    assert [link.get_attribute(name) for name in ("href", "target", "rel")] == [
        "https://crm.example/records/7f3a?from=x%2Fy", "_blank", "noopener noreferrer",
    ]  # fmt: skip
    page.locator(".context > summary").click()
    page.locator(".context").get_by_text("Customer tier: gold").wait_for()
    expect(tab.read("plain").locator(".outcome, .context")).to_have_count(0)
    # In the loop the context stands with the verdict, and stays open from trace to trace.
    page = tab.review(queue)
    expect(page.locator(".trace-pane .context")).to_have_count(0)
    page.locator(".panel .context > summary").click()
    tab.press("ArrowRight")
    page.locator(".outcome a[href*='trace-02']").wait_for()
    expect(page.locator(".panel .context")).to_have_attribute("open", "")
    page.get_by_text("Customer tier: gold").wait_for()


def test_a_tool_result_stands_inside_its_call(tab: Tab) -> None:
    page = tab.read()
    call = page.locator("article", has_text="find_slots")
    expect(call).to_have_attribute("aria-label", "Message 3 of 7, tool call find_slots")
    expect(call.locator("summary", has_text="Result: 3 items (149 characters)")).to_have_count(1)
    expect(call.get_by_text("stylist")).to_have_count(0)
    call.locator("summary", has_text="Result").click()
    expect(call.get_by_text("Mira").first).to_be_visible()
    failed = page.locator("article", has_text="find_customer")
    expect(failed.get_by_text("TimeoutError")).to_be_visible()
    expect(failed.locator(".error-word").first).to_have_text("Error", use_inner_text=True)


def test_markdown_becomes_elements_and_addresses_stay_text(tab: Tab) -> None:
    answer = tab.read().locator("article", has_text="Tuesday 24 November")
    for place, words in enumerate(("Tue 24", "14:30", "Mira")):
        expect(answer.locator("table td").nth(place)).to_have_text(words)
    expect(answer.locator("ol > li > ul > li")).to_have_count(2)
    expect(answer.locator("strong", has_text="moved")).to_have_count(1)
    expect(answer).to_contain_text("our rules (https://salon.example/rules)", use_inner_text=True)
    expect(answer).to_contain_text("[image: map, not loaded]", use_inner_text=True)
    expect(answer.locator("pre code")).to_have_text('{"booked": true}', use_inner_text=True)


def test_long_messages_and_long_traces_are_folded_and_open(tab: Tab) -> None:
    page = tab.read("long")
    expect(page.locator("article")).to_have_count(10)
    page.get_by_role("button", name="Show 110 more messages").click()
    expect(page.locator("article")).to_have_count(120)
    article = page.locator("article").nth(1)
    assert len(article.inner_text()) < 1300
    article.get_by_role("button", name="Show all 8,340 characters").click()
    article.get_by_role("button", name="Show less").wait_for()
    assert len(article.inner_text()) > 8000


def test_search_marks_open_what_is_folded_and_step_with_n(tab: Tab) -> None:
    page = tab.read("long", q="refund")
    expect(page.locator(".hit-count")).to_have_text("3 hits", use_inner_text=True)
    # The first hit runs from plain text into bold: one hit, two marks.
    expect(page.locator("mark")).to_have_text(["re", "fund", "Refund", "REFUND"], use_inner_text=True)
    expect(page.locator("article")).to_have_count(11)
    tab.press("n")
    expect(page.locator(".hit-count")).to_have_text("1 of 3 hits", use_inner_text=True)
    for hit in (2, 3, 1):
        tab.press("n")
        expect(page.locator(".hit-count")).to_have_text(f"{hit} of 3 hits", use_inner_text=True)
    tab.press("Shift+N")
    expect(page.locator("mark.current")).to_have_text("REFUND", use_inner_text=True)


def test_a_trace_without_messages_shows_input_and_output(tab: Tab) -> None:
    text = tab.read("plain").locator(".log").inner_text()
    assert "This trace has no messages, only input and output." in text
    assert "What is 2 + 2?" in text


def test_right_to_left_text_is_set_from_the_right(tab: Tab) -> None:
    paragraph = tab.read("rtl").locator("article p").first
    assert paragraph.evaluate("node => getComputedStyle(node).direction") == "rtl"


def test_arrows_move_by_message_and_the_raw_record_is_there(tab: Tab) -> None:
    page = tab.read()
    page.locator("article").first.focus()
    tab.press("ArrowDown", "ArrowDown")
    expect(page.locator("article:focus")).to_have_attribute("aria-label", "Message 3 of 7, tool call find_slots")
    page.get_by_text("Raw record (JSON").click()
    expect(page.locator(".record")).to_contain_text('"tool_call_id": "c1"', use_inner_text=True)


def test_a_chip_adds_its_value_to_the_address_without_a_new_session_and_back_returns(tab: Tab) -> None:
    page = tab.read()
    page.evaluate("window.same = true")
    page.get_by_role("link", name="feature: booking").click()
    page.get_by_text("d.feature=booking").wait_for()
    assert page.url == f"{tab.address}/?d.feature=booking"
    page.go_back()
    page.get_by_text("d.feature=booking").wait_for(state="detached")
    assert page.evaluate("window.same") is True


def test_the_link_is_copied_with_its_event_number(tab: Tab) -> None:
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = tab.read()
    page.get_by_role("button", name="Copy link").click()
    page.get_by_role("button", name="Link copied").wait_for()
    assert page.evaluate("navigator.clipboard.readText()").endswith("?page=read&trace=ordinary&q=&as_of=41")
    page.get_by_role("button", name="Copy link").wait_for()


def test_a_link_that_cannot_be_copied_is_shown(browser: Any, harness: Harness) -> None:
    tab = Tab(browser.new_page(), harness)  # a script that a page begins with stays with it
    tab.page.add_init_script("navigator.clipboard.writeText = () => Promise.reject(new Error('closed'))")
    page = tab.read()
    page.get_by_role("button", name="Copy link").click()
    expect(page.get_by_label("Link to this page")).to_have_value(re.compile("as_of=41"))
    tab.context.close()


# ---- reviewing


def test_a_burst_of_ten_verdicts_lands_on_ten_traces_in_order(tab: Tab, queue: str) -> None:
    tab.review(queue)
    for _ in range(10):
        tab.press(*SAVE_PASS)
    tab.sees("trace-11")
    expected = [("label", f"trace-{i:02d}", "pass") for i in range(1, 11)]
    record = tab.recorded(queue)
    assert saved(record) == expected
    assert [event["n"] for event in record["events"]] == sorted(event["n"] for event in record["events"])
    assert tab.errors == []


def test_the_next_trace_is_there_before_the_press_is_over(tab: Tab, queue: str) -> None:
    """Nothing is waited for between a press and the next trace: neither the server nor another turn of the page."""
    seen = tab.review(queue).evaluate(PRESS_AND_LOOK)
    assert seen == [f"trace-{i:02d}" for i in range(2, 12)]


def test_nothing_fires_while_typing(tab: Tab, queue: str) -> None:
    page = tab.review(queue)
    tab.press("2")
    tab.keys.type("12 duD? 1n2")
    expect(page.locator(".panel textarea")).to_have_value("12 duD? 1n2")
    expect(page.locator(".verdict.fail").first).to_have_attribute("aria-pressed", "true")
    tab.sees("trace-01")
    other = page.get_by_label("Another box")
    other.click()
    tab.keys.type("1d2u")
    tab.press("Control+Enter")
    expect(other).to_have_value("1d2u")
    tab.sees("trace-01")
    assert tab.recorded(queue)["events"] == []


def test_keys_choose_save_defer_undo_and_move(tab: Tab, queue: str) -> None:
    page = tab.review(queue)
    tab.press("Control+Enter")
    expect(page.locator(".rule")).to_have_text("Choose Pass (1) or Fail (2) first.", use_inner_text=True)
    tab.press("2", "Control+Enter")
    expect(page.locator(".rule")).to_have_text("Write what went wrong: one sentence is enough.", use_inner_text=True)
    expect(page.locator(".panel textarea")).to_have_attribute("aria-invalid", "true")
    tab.keys.type("Offered a time that was refused.")
    tab.press("Escape", "1")
    expect(page.locator(".verdict.pass").first).to_have_attribute("aria-pressed", "true")
    tab.keys.type(" But said sorry.")
    tab.press("Control+Enter")
    tab.sees("trace-02")
    tab.press("d")
    tab.sees("trace-03")
    tab.press("ArrowRight", "ArrowRight", "ArrowLeft")
    tab.sees("trace-04")
    tab.press("u")
    tab.sees("trace-02")
    tab.press("u")
    tab.sees("trace-01")
    expect(page.locator(".panel textarea")).to_have_value("Offered a time that was refused. But said sorry.")
    page.get_by_text("Undone: trace-01 is unlabelled again.").first.wait_for()
    tab.press("?")
    expect(page.locator(".keys")).to_be_visible()
    tab.press("Escape")
    expect(page.locator(".keys")).not_to_be_visible()
    actions = saved(tab.recorded(queue))
    assert [action for action, _, _ in actions] == ["label", "defer", "undo", "undo"]
    assert actions[0] == ("label", "trace-01", "pass")


def test_a_pass_without_text_is_asked_for_once(tab: Tab, queue: str) -> None:
    page = tab.review(queue)
    tab.press("1", "Control+Enter")
    expect(page.locator(".rule")).to_have_text(
        "A pass also needs its reason. Ctrl+Enter again saves without.", use_inner_text=True
    )
    tab.sees("trace-01")
    tab.press("Control+Enter")
    tab.sees("trace-02")


def test_a_key_held_down_counts_once(tab: Tab, queue: str) -> None:
    page = tab.review(queue)
    press_d = "repeat => document.dispatchEvent(new KeyboardEvent('keydown', {key: 'd', repeat}))"
    for repeat in (False, True, True):
        page.evaluate(press_d, repeat)
    tab.sees("trace-02")


def test_a_draft_survives_a_rerun_an_arrow_and_a_reload(tab: Tab, other: Tab, queue: str) -> None:
    page = tab.review(queue)
    tab.press("2")
    tab.keys.type("It did not ask back")
    page.get_by_text("Draft saved").wait_for()
    box = page.locator(".panel textarea")
    page.get_by_role("button", name="Run again").click()
    page.wait_for_timeout(500)
    expect(box).to_have_value("It did not ask back")
    box.focus()
    tab.press("Escape", "ArrowRight")
    tab.sees("trace-02")
    expect(box).to_have_value("")
    tab.press("ArrowLeft")
    expect(box).to_have_value("It did not ask back")
    page.reload()
    page.wait_for_selector(".log article")
    expect(box).to_have_value("It did not ask back")
    expect(page.locator(".draft-line")).to_contain_text(re.compile(r"Draft from \d\d:\d\d restored"))
    assert tab.recorded(queue)["drafts"]["trace-01"]["critique"] == "It did not ask back"
    # Another tab knows the draft from the server.
    expect(other.review(queue).locator(".panel textarea")).to_have_value("It did not ask back")


def test_verdicts_survive_a_server_that_hangs_and_a_reload_and_are_counted_once(tab: Tab, queue: str) -> None:
    page = tab.review(queue, "&silent=1")
    tab.press(*SAVE_PASS, *SAVE_PASS)
    expect(page.locator(".saving")).to_have_count(2)
    page.get_by_text("No connection to the server.").wait_for()
    waiting = "2 verdicts are waiting in this window and will be sent when it is back."
    expect(page.locator(".panel-notice")).to_contain_text(waiting)
    page.once("dialog", lambda dialog: dialog.accept())
    tab.review(queue)
    tab.sees("trace-03")
    assert saved(tab.recorded(queue)) == [("label", "trace-01", "pass"), ("label", "trace-02", "pass")]
    page.wait_for_function("document.readyState === 'complete'")
    expect(page.locator(".saving")).to_have_count(0)
    expect(page.locator(".panel-notice")).to_have_text("", use_inner_text=True)


def test_a_saved_trace_can_be_opened_again_and_changed(tab: Tab, queue: str) -> None:
    page = tab.review(queue)
    tab.press(*SAVE_PASS)
    page.locator(".earlier-item .signed.pass").wait_for()
    page.locator(".earlier-item").first.click()
    tab.sees("trace-01")
    expect(page.locator(".draft-line")).to_contain_text("Saving again adds a version.", use_inner_text=True)
    tab.press("2")
    tab.keys.type("On second thought, no.")
    tab.press("Control+Enter")
    record = tab.recorded(queue)
    assert saved(record) == [("label", "trace-01", "pass"), ("label", "trace-01", "fail")]
    page.locator(".earlier-item").first.click()
    page.get_by_text("Earlier versions of this label (1)").click()
    expect(page.locator(".label-history li")).to_contain_text("pass", use_inner_text=True)


def test_the_window_moves_along_and_the_queue_ends(tab: Tab, queue: str) -> None:
    page = tab.review(queue, "&window=3")
    for i in range(25):
        page.locator(".place", has_text=f"Trace {i + 1} of 25").wait_for()
        page.locator(".trace-id", has_text=f"trace-{i + 1:02d}").wait_for()
        tab.press(*SAVE_PASS)
    page.get_by_text("25 of 25 done.").wait_for()
    page.get_by_text("Everything is saved.").wait_for()
    assert len(tab.recorded(queue)["events"]) == 25


PRESS_AT_ONCE = """keys => {
  keys.forEach(key => document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, composed: true })))
  const line = root => root.querySelector(".draft-line") ?? [...root.querySelectorAll("*")]
    .filter(node => node.shadowRoot).map(node => line(node.shadowRoot)).find(Boolean)
  return line(document).innerText
}"""


def test_a_verdict_pressed_before_the_trace_is_there_counts_for_none_and_says_so(tab: Tab, queue: str) -> None:
    page = tab.review(queue, "&window=3")
    beyond = ["ArrowRight"] * 20
    assert page.evaluate(PRESS_AT_ONCE, [*beyond, "1"]) == "The next trace is on its way: press again when you see it."
    page.wait_for_function(f"({PRESS_AT_ONCE})([]) !== 'The next trace is on its way: press again when you see it.'")
    tab.sees("trace-21")
    expect(page.locator(".verdict[aria-pressed=true]")).to_have_count(0)
    assert saved(tab.recorded(queue)) == []


def test_the_first_failure_is_marked_by_keys_and_shown_beside_the_last_good_step(tab: Tab, queue: str) -> None:
    page = tab.review(queue)
    button = page.locator(".mark-failure").first
    expect(button).not_to_be_visible()
    tab.press("ArrowDown", "f")
    expect(page.locator(".draft-line")).to_contain_text("choose Fail (2) first", use_inner_text=True)
    tab.press("2", "Escape", "f")
    page.wait_for_timeout(900)  # so late the draft is sent
    assert tab.recorded(queue)["drafts"]["trace-01"]["verdict"] == "fail"
    expect(page.locator(".draft-line"), "what to do first outlives «Draft saved»").to_contain_text(
        "Choose a message", use_inner_text=True
    )
    tab.press(*["ArrowDown"] * 3, "f")
    marked = page.locator("article.first-failure")
    expect(marked).to_contain_text("find_slots", use_inner_text=True)
    expect(page.locator("article", has_text="Let me look at the calendar.").first).to_contain_text(
        "last good step", use_inner_text=True
    )
    tab.press("f")
    expect(marked).to_have_count(0)
    tab.press("ArrowDown", "f")
    expect(marked).to_contain_text("find_customer", use_inner_text=True)
    # It comes back with the draft, and with the label.
    page.get_by_text("Draft saved").wait_for()
    page.reload()
    page.wait_for_selector("article.first-failure")
    page.locator(".panel textarea").focus()
    tab.keys.type("It never looked at the error of the second call.")
    tab.press("Control+Enter")
    (event,) = tab.recorded(queue)["events"]
    assert event["first_failure"] == 4  # of two calls in one message the second stands where its result does
    page.locator(".earlier-item").first.click()
    expect(marked).to_contain_text("find_customer", use_inner_text=True)
    # A pass has no first failure.
    tab.press("1")
    expect(marked).to_have_count(0)
    tab.press("Control+Enter")
    assert [one["first_failure"] for one in tab.recorded(queue)["events"]] == [4, None]


def test_failure_categories_are_picked_by_keys_and_by_mouse_and_come_back(tab: Tab, queue: str) -> None:
    page = tab.review(f"{queue}-none")
    tab.press("2", "Escape", "k")
    expect(page.locator(".pick")).to_have_count(0)
    page = tab.review(queue, "&categories=1")
    picks = page.locator(".pick")
    expect(picks.first).not_to_be_visible()
    tab.press("k")
    expect(page.locator(".draft-line")).to_contain_text("choose Fail (2) first", use_inner_text=True)
    # Tab from the critique reaches them; arrows stay among them, and the trace stays.
    tab.press("2")
    tab.keys.type("It named 3 and 4 as free days.")
    tab.press("Tab", "ArrowRight", "ArrowRight", "ArrowRight", "Space", "ArrowLeft", "ArrowLeft", "Space")
    pressed = page.locator(".pick[aria-pressed=true]")
    expect(pressed).to_have_text(["Wrong date", "Gives up too early"], use_inner_text=True)
    expect(page.locator(".pick-first")).to_have_text("Picked first: Gives up too early", use_inner_text=True)
    expect(page.locator(".pick b")).to_have_count(0)
    page.get_by_text("Draft saved").wait_for()
    page.reload()
    pressed.nth(1).wait_for()
    page.locator(".pick", has_text="Wrong date").click()
    tab.press("Control+Enter")
    (event,) = tab.recorded(queue)["events"]
    assert (event["critique"], event["picked"]) == ("It named 3 and 4 as free days.", [9])
    expect(pressed).to_have_count(0)
    # An undo brings them back; a pass has none.
    tab.press("u")
    expect(pressed).to_have_text(["Gives up too early"], use_inner_text=True)
    tab.press("Escape", "1")
    expect(picks.first).not_to_be_visible()
    tab.press("Control+Enter")
    assert [one["picked"] for one in tab.recorded(queue)["events"] if one["action"] == "label"] == [[9], []]


def test_a_better_answer_is_kept_with_the_label_and_comes_back_with_a_draft(tab: Tab, other: Tab, queue: str) -> None:
    page = tab.review(queue)
    tab.press("2")
    tab.keys.type("It promised a time that was refused.")
    page.get_by_text("Better answer (optional)").click()
    page.get_by_label("Better answer").fill("Wednesday at 15:30 is free. Shall I take it? 12du")
    page.get_by_text("Draft saved").wait_for()
    tab.recorded(queue)
    expect(other.review(queue).get_by_label("Better answer")).to_have_value(re.compile("^Wednesday at 15:30"))
    page.get_by_label("Better answer").focus()
    tab.press("Control+Enter")
    tab.sees("trace-02")
    expect(page.get_by_label("Better answer")).to_have_count(0)
    (event,) = tab.recorded(queue)["events"]
    assert event["revised_response"] == "Wednesday at 15:30 is free. Shall I take it? 12du"


def test_the_time_of_a_hidden_tab_is_not_counted(tab: Tab, queue: str) -> None:
    began = time.monotonic()
    page = tab.review(queue)
    hide = """state => { Object.defineProperty(document, 'visibilityState', {value: state, configurable: true})
               document.dispatchEvent(new Event('visibilitychange')) }"""
    page.wait_for_timeout(300)
    page.evaluate(hide, "hidden")
    before = time.monotonic() - began
    page.wait_for_timeout(1000 * (2 * before + 1))
    again = time.monotonic()
    page.evaluate(hide, "visible")
    tab.press(*SAVE_PASS)
    seen = before + time.monotonic() - again
    (event,) = tab.recorded(queue)["events"]
    assert 300 <= event["duration_ms"] <= 1000 * seen, "the tab was hidden twice as long as it was seen, and a second"


def test_a_short_critique_gets_a_gentle_line_and_is_saved_all_the_same(tab: Tab, queue: str) -> None:
    page = tab.review(queue)
    tab.press("2")
    tab.keys.type("Wrong date")
    page.get_by_text("a little short: would a new colleague understand it?").wait_for()
    tab.keys.type(", it was asked for Friday")
    page.get_by_text("Draft saved", exact=True).wait_for()
    page.get_by_text("Rubric v3").click()
    expect(page.locator(".rubric-text")).to_contain_text("<b>It did not.</b>", use_inner_text=True)
    tab.press("Control+Enter")
    tab.sees("trace-02")


def test_a_hundred_double_clicks_give_a_hundred_labels(tab: Tab, queue: str) -> None:
    """Each double click saves twice within a moment; the second has no verdict to save and nothing to repeat."""
    page = tab.review(queue, "&size=100&window=40")
    for place in range(1, 101):
        page.evaluate(DOUBLE_CLICK)
        page.wait_for_function(IS_AT, arg=place)
    record = tab.recorded(queue)
    assert [event["trace_id"] for event in record["events"]] == [f"trace-{i:02d}" for i in range(1, 101)]
    assert tab.errors == []


def test_what_was_typed_since_a_label_outlives_its_undo(tab: Tab, queue: str) -> None:
    page = tab.review(queue)
    tab.press("2")
    tab.keys.type("Wrong day.")
    tab.press("Control+Enter", "ArrowLeft", "2")
    tab.keys.type(" And rude.")
    tab.press("Escape", "u")
    tab.sees("trace-01")
    expect(page.locator(".panel textarea")).to_have_value("Wrong day. And rude.")


@pytest.mark.parametrize("button", ["Defer", "Undo", "Save and next"])
def test_a_double_click_counts_once(button: str, tab: Tab, queue: str) -> None:
    """The second click would speak of a trace that nobody has looked at yet."""
    page = tab.review(queue)
    for _ in range(3):
        tab.press("1")
        tab.keys.type("Asked back, kindly.")
        tab.press("Control+Enter")
    tab.sees("trace-04")
    if button == "Save and next":
        tab.press("ArrowRight", "1")
        tab.keys.type("A draft that waits.")
        tab.press("Escape", "ArrowLeft", "1")
        tab.keys.type("Fine.")
    page.get_by_role("button", name=button).dblclick()
    shown = {"Defer": "trace-05", "Undo": "trace-03", "Save and next": "trace-05"}[button]
    tab.sees(shown)
    done = {"Defer": ("defer", "trace-04"), "Undo": ("undo", "trace-03"), "Save and next": ("label", "trace-04")}
    assert [event[:2] for event in saved(tab.recorded(queue))[3:]] == [done[button]]


SHADOW = """const find = (root, what) => root.querySelector(what) ?? [...root.querySelectorAll('*')]
  .filter(node => node.shadowRoot).map(node => find(node.shadowRoot, what)).find(Boolean)"""
PRESS_AND_LOOK = f"""() => {{ {SHADOW}
  const press = (key, more = {{}}) => document.dispatchEvent(
    new KeyboardEvent('keydown', {{key, bubbles: true, composed: true, ...more}}))
  return Array.from({{length: 10}}, () => {{
    press('1'); press('Enter', {{ctrlKey: true}}); press('Enter', {{ctrlKey: true}})
    return find(document, '.trace-id').textContent
  }})
}}"""
DOUBLE_CLICK = f"""() => {{ {SHADOW}
  find(document, '.panel .verdict.pass').click()
  const box = find(document, '.panel textarea')
  box.value = 'Asked back, kindly.'
  box.dispatchEvent(new Event('input'))
  const save = find(document, '.panel .save')
  save.click(); save.click()
  save.dispatchEvent(new MouseEvent('dblclick', {{bubbles: true}}))
}}"""
IS_AT = f"""place => {{ {SHADOW}
  const id = find(document, '.trace-id')?.textContent
  return place === 100 ? find(document, '.end') : id === `trace-${{String(place + 1).padStart(2, '0')}}` }}"""


def test_a_phone_labels_by_touch(browser: Any, harness: Harness, queue: str) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    phone = Tab(context.new_page(), harness)
    page = phone.review(queue)
    bar = page.locator(".bottom-bar")
    for button in bar.get_by_role("button").all():
        assert button.bounding_box()["height"] >= 48
    bar.get_by_role("button", name="Fail").tap()
    bar.get_by_role("button", name="Write why").tap()
    phone.keys.type("Wrong day")
    page.get_by_role("button", name="Save and next").tap()
    phone.sees("trace-02")
    assert saved(phone.recorded(queue)) == [("label", "trace-01", "fail")]
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    phone.context.close()
