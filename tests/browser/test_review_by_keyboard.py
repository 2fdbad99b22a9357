"""The review loop as an expert uses it: by keyboard, blind, and with nothing lost by a reload or a killed server."""

import re
import signal
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.browser.conftest import OpenTab, Sample, StartServer, expect
from tests.browser.product import NAME_FIELD, PHONE, Server, Tab, plain

SLICE = "d.scenario=no+match"


@pytest.fixture(scope="module")
def server(start_server: StartServer) -> Server:
    """A server of its own: what is labelled here stays in its database."""
    return start_server()


class Expert:
    """Somebody with a name who judges in one tab."""

    def __init__(self, tab: Tab, name: str) -> None:
        self.tab, self.page, self.name = tab, tab.page, name

    def say_who(self) -> None:
        """Give the name when it is asked for, once, before the first verdict."""
        box = self.page.get_by_test_id("stMain").get_by_label(NAME_FIELD)
        box.filter(visible=True).fill(self.name)
        self.page.keyboard.press("Enter")
        self.page.locator(".log article").first.wait_for()
        box.filter(visible=True).wait_for(state="detached")  # keys pressed in it would be typed

    def start(self, path: str = f"/review?{SLICE}", *, size: int = 25) -> None:
        """Start a queue of the slice, or of the whole project."""
        self.tab.open(path)
        if size != 25:
            self.page.get_by_test_id("stNumberInputField").fill(str(size))
            self.page.keyboard.press("Tab")
        offer = ".st-key-offer_slice" if "?" in path else ".st-key-offer_random"
        self.page.locator(offer).get_by_role("button", name=f"Start {size}").click()
        self.say_who()

    def come_back(self) -> None:
        """Load the page again; the browser knows the name."""
        self.page.reload()
        self.page.locator(".log article").first.wait_for()

    def press(self, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)

    def judge(self, verdict: str, why: str) -> str:
        """One verdict by keys alone; returns the trace it was given on."""
        at = self.at()
        self.press(verdict)
        self.page.keyboard.type(why)
        self.press("Control+Enter")
        self.next_after(at)
        return at

    def next_after(self, trace: str) -> None:
        self.page.wait_for_function(OTHER_TRACE, arg=trace)

    def at(self) -> str:
        """The trace on the screen."""
        return self.page.locator(".trace-id").inner_text()

    def stands_at(self, place: str) -> None:
        """Wait until the panel names this place in the queue."""
        expect(self.page.locator(".panel .place")).to_have_text(place)

    def saved(self, amount: int) -> None:
        """Wait until so many verdicts are acknowledged and none is on its way."""
        self.page.locator(".earlier-item .signed").nth(amount - 1).wait_for()
        self.page.locator(".earlier-item .saving").first.wait_for(state="detached")


OTHER_TRACE = """was => {
  const find = root => root.querySelector(".trace-id") ?? [...root.querySelectorAll("*")]
    .filter(node => node.shadowRoot).map(node => find(node.shadowRoot)).find(Boolean)
  return find(document)?.innerText !== was
}"""


NAME_IS = (
    "name => { const held = localStorage['passfail.person']; localStorage['passfail.person'] = name; return held; }"
)


def said_of(tab: Tab, trace: str) -> str:
    """What the Traces page says of a trace to somebody of whom the browser knows that they have nothing to judge."""
    tab.open(f"/traces?trace={trace}")
    if tab.page.evaluate(NAME_IS, "A reader") != "A reader":
        tab.page.reload()
    tab.page.locator(".st-key-said").wait_for()
    tab.settled()
    return plain(tab.page.locator(".st-key-said").inner_text())


def test_verdicts_by_keyboard_are_there_after_a_reload_and_after_the_server_was_killed(
    server: Server, open_tab: OpenTab
) -> None:
    ana = Expert(open_tab(), "Ana")
    ana.start()
    ana.stands_at("Trace 1 of 25")
    failed = ana.judge("2", "Looked once and gave up; I would have asked for the spelling.")
    passed = ana.judge("1", "Asked back, kindly.")
    deferred = ana.at()
    ana.press("d")
    ana.next_after(deferred)
    regretted = ana.judge("2", "Too hasty.")
    ana.press("u")
    expect(ana.page.locator(".trace-id")).to_have_text(regretted)
    expect(ana.page.locator(".panel textarea")).to_have_value("Too hasty.")
    ana.saved(3)
    ana.come_back()
    ana.stands_at("Trace 4 of 25")
    assert re.search(r"3 of 25 done", ana.tab.text())
    assert len(ana.page.locator(".earlier-item").all()) == 3
    server.restart(signal.SIGKILL)
    reader = open_tab()
    assert "✗ fail, Ana" in said_of(reader, failed)
    assert "Looked once and gave up; I would have asked for the spelling." in said_of(reader, failed)
    assert "✓ pass, Ana" in said_of(reader, passed)
    assert "Too hasty." not in said_of(reader, regretted)
    assert "Ana" not in said_of(reader, regretted)
    # The queue is kept with its traces: its address goes on where it stands, on any device.
    ana.come_back()
    ana.stands_at("Trace 4 of 25")
    again = Expert(open_tab(), "Ana")
    again.page.goto(ana.page.url)
    again.say_who()
    again.stands_at("Trace 4 of 25")
    assert again.at() == regretted
    expect(again.page.locator(".panel textarea"), "nothing that was written is lost").to_have_value("Too hasty.")
    expect(again.page.locator(".panel .verdict.fail")).to_have_attribute("aria-pressed", "true")


def test_a_draft_survives_a_reload_and_a_restart(server: Server, open_tab: OpenTab) -> None:
    ben = Expert(open_tab(), "Ben")
    ben.start("/review")
    trace = ben.at()
    ben.press("2")
    ben.page.keyboard.type("It never said which of the two orders it")
    ben.page.get_by_text("Draft saved").wait_for()
    ben.come_back()
    box = ben.page.locator(".panel textarea")
    expect(box).to_have_value("It never said which of the two orders it")
    server.restart(signal.SIGKILL)
    elsewhere = Expert(open_tab(), "Ben")
    elsewhere.page.goto(ben.page.url)
    elsewhere.say_who()
    assert elsewhere.at() == trace
    expect(elsewhere.page.locator(".panel textarea")).to_have_value("It never said which of the two orders it")
    expect(elsewhere.page.locator(".panel .verdict.fail")).to_have_attribute("aria-pressed", "true")


def test_a_fail_needs_its_reason_and_a_pass_asks_for_one_once(open_tab: OpenTab) -> None:
    cem = Expert(open_tab(), "Cem")
    cem.start("/review")
    trace = cem.at()
    cem.press("Control+Enter")
    cem.page.get_by_text("Choose Pass (1) or Fail (2) first.").wait_for()
    cem.press("2", "Control+Enter")
    cem.page.get_by_text("Write what went wrong: one sentence is enough.").wait_for()
    cem.press("Escape", "1", "Control+Enter")
    cem.page.get_by_text("A pass also needs its reason.").wait_for()
    assert cem.at() == trace
    cem.press("Control+Enter")
    cem.next_after(trace)
    cem.saved(1)
    assert "✓ pass, Cem" in said_of(open_tab(), trace)


def test_nothing_that_anybody_else_thinks_reaches_the_browser_during_a_review(
    open_tab: OpenTab, sample: Sample
) -> None:
    """Neither on the page nor in its source nor in what the server sent: not the judge's words, not the other expert's."""
    tab = open_tab()
    tab.record()
    dana = Expert(tab, "Dana")
    dana.start(f"/review?{SLICE}&verdict=fail&judge=overall@3&judge_verdict=pass")
    judged = [
        trace["id"] for trace in sample.traces if trace.get("scenario") == "no match" and trace["id"] in sample.labels
    ]
    met: set[str] = set()
    for _ in range(4):
        met.add(dana.judge("1", "Fine."))
    dana.saved(4)
    assert met & set(judged), "the queue holds traces that have labels and judgments"
    sent = b"\n".join(tab.frames).decode("utf-8", "replace")
    shown = tab.page.content() + tab.text() + tab.page.url
    theirs = [label["critique"] for label in sample.labels.values()]
    theirs += [said["critique"] for of_version in sample.judgments.values() for said in of_version.values()]
    words = {part for text in theirs if text and len(part := longest_plain(text)) > 15}
    assert len(words) > 400
    leaked = [text for text in words if text in sent or text in shown]
    assert leaked == []
    assert "judge_verdict" not in shown
    assert set(parse_qs(urlsplit(tab.page.url).query)) <= {"d.scenario", "queue", "trace", "judge"}
    # The recording does hold what was sent: the words of the traces themselves.
    spoken = [
        message["content"] for trace in sample.traces if trace["id"] in met for message in trace.get("messages", ())
    ]
    assert any(longest_plain(text) in sent for text in spoken if text)


def longest_plain(text: str) -> str:
    """The longest part of a text that is the same in any encoding of it."""
    return max(re.split(r"[^A-Za-z0-9 .,;:?!-]", text), key=len)


HIDDEN = "Verdicts are hidden until you have judged this trace."


def test_the_traces_page_hides_verdicts_of_what_waits_in_an_open_queue(
    open_tab: OpenTab, server: Server, sample: Sample
) -> None:
    eva = Expert(open_tab(), "Eva")
    eva.start()
    trace = eva.at()
    eva.page.get_by_role("button", name="End session").click()
    eva.page.get_by_role("button", name="Continue: 25 left").wait_for()
    eva.page.locator(".st-key-nav").get_by_role("link", name="Traces").click()
    eva.tab.heading("Traces")
    for row in range(12):
        was = eva.page.url
        eva.tab.click_cell(row, 1) if row == 1 else eva.page.keyboard.press("ArrowDown") if row else None
        eva.page.wait_for_function("([was, row]) => row === 0 || location.href !== was", arg=[was, row])
        eva.page.locator(f'[id$="-{row}"][aria-selected="true"]').first.wait_for(state="attached")
        eva.tab.settled()
        said = eva.page.locator(".st-key-said").count()
        expect(eva.page.get_by_text(HIDDEN)).to_have_count(1 - said)
    eva.page.get_by_test_id("stMain").get_by_text(HIDDEN).first.wait_for(state="attached") if not said else None
    # A session that has opened no queue: after a reload, in a second tab, and before it is known who is there.
    told = [said[trace] for said in (sample.labels, *sample.judgments.values()) if trace in said]
    theirs = {longest_plain(said["critique"]) for said in told if said["critique"]}
    eva.page.goto(f"{server.address}/traces?trace={trace}")
    eva.page.reload()
    second, nobody = open_tab(beside=eva.tab), open_tab()
    for tab, words in ((eva.tab, HIDDEN), (second, HIDDEN), (nobody, "somebody has still to judge this trace")):
        tab.record()
        tab.page.goto(f"{server.address}/traces?trace={trace}")
        tab.page.get_by_text(words).first.wait_for()
        tab.settled()
        sent = b"\n".join(tab.frames).decode("utf-8", "replace")
        assert [text for text in theirs if text in sent] == []
        expect(tab.page.locator(".st-key-said")).to_have_count(0)


def test_the_end_of_a_queue_counts_it_and_leads_to_its_traces(open_tab: OpenTab) -> None:
    fay = Expert(open_tab(), "Fay")
    fay.start("/review", size=5)
    for number in range(4):
        fay.judge("2" if number % 2 else "1", "Because.")
    fay.press("d")
    fay.page.get_by_text("Everything is saved.").first.wait_for()
    assert "5 of 5 done" in fay.tab.text()
    assert "2 of 4" in fay.tab.text()
    assert "1 deferred" in fay.tab.text()


def test_a_queue_is_gone_on_with_in_another_browser_and_only_looked_at_by_others(open_tab: OpenTab) -> None:
    kim = Expert(open_tab(), "Kim")
    kim.start("/review", size=5)
    first = kim.judge("1", "Fine.")
    second = kim.at()
    kim.saved(1)
    assert "Random · draw" in kim.tab.text()
    elsewhere = Expert(open_tab(), "Kim")
    elsewhere.tab.open("/review")
    elsewhere.page.get_by_role("button", name="Who are you?").click()
    elsewhere.page.get_by_label(NAME_FIELD).filter(visible=True).fill("Kim")
    elsewhere.page.keyboard.press("Enter")
    elsewhere.page.get_by_role("button", name="Continue: 4 left").click()
    elsewhere.page.locator(".log article").first.wait_for()
    assert elsewhere.at() == second != first
    other = open_tab()
    other.page.goto(kim.page.url)
    box = other.page.get_by_test_id("stMain").get_by_label(NAME_FIELD)
    box.filter(visible=True).fill("Lou")
    other.page.keyboard.press("Enter")
    other.page.get_by_text("This queue is Kim's: 1 of 5 done.").wait_for()
    other.settled()
    expect(other.page.locator(".log article")).to_have_count(0)


def test_a_whole_queue_can_be_done_on_a_phone(open_tab: OpenTab) -> None:
    gus = Expert(open_tab(viewport=PHONE, is_mobile=True, has_touch=True), "Gus")
    gus.start("/review")
    trace = gus.at()
    bar = gus.page.locator(".bottom-bar")
    for button in bar.get_by_role("button").all():
        box: Any = button.bounding_box()
        assert box["height"] >= 44
        assert box["y"] + box["height"] <= PHONE["height"]
    bar.get_by_role("button", name="Fail").tap()
    bar.get_by_role("button", name="Write why").tap()
    gus.page.keyboard.type("Wrong gardener.")
    gus.page.get_by_role("button", name="Save and next").tap()
    gus.next_after(trace)
    gus.saved(1)
    assert not gus.tab.overflows()
    assert "✗ fail, Gus" in said_of(open_tab(), trace)
