"""Every page opened by its address alone, on a server just started, at the width of a laptop and of a phone."""

from typing import Any
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from tests.browser.conftest import OpenTab, Sample, expect
from tests.browser.product import LAPTOP, PAGES, PATIENCE, PHONE, READY, Server, Tab, plain

SLICE = "?d.scenario=no+match&d.persona=new"
FILTERED = [path for path in PAGES if path not in ("/import", "/settings")]
ALL = {
    "/": "44 of 120 labelled traces failed",
    "/traces": "Review 25 unlabelled",
    "/review": "92 unlabelled in all",
    "/failures": "9 of 44 failed traces not sorted",
    "/pivot": "17 of 22",
    "/coverage": "too few for a rate",
    "/judge": "overall",
    "/trust": "37 of 43",
    "/monitor": "44 of 120",
    "/import": "Past imports",
    "/settings": "Do two people agree?",
}
"""What stands on each page of the sample."""
NARROWED = {
    "/": "17 of 22 labelled traces failed",
    "/traces": "Review 25 of these",
    "/review": "29 in the slice",
    "/failures": "17 failed traces",
    "/pivot": "17 of 22",
    "/coverage": "too few for a rate",
    "/judge": "overall",
    "/trust": "",
    "/monitor": "17 of 22",
}
"""What stands on each page for the slice above: the worst one."""


def everything(tab: Tab) -> str:
    """What can be read on the page, and what a screen reader is told of its tables."""
    tables = tab.page.locator('[role="gridcell"]').all_text_contents()
    return tab.text() + plain("\n".join(tables))


def shows(tab: Tab, words: str) -> bool:
    """Wait until these words stand on the page, in its text or in a table."""
    tab.page.wait_for_function(SHOWN, arg=words, timeout=PATIENCE)
    return words in everything(tab)


SHOWN = """words => {
  const cells = [...document.querySelectorAll('[role="gridcell"]')].map(cell => cell.textContent)
  return [document.body.innerText, ...cells].join("\\n").replaceAll("\\u00a0", " ").includes(words)
}"""


def test_the_numbers_of_this_file_are_those_of_the_sample(sample: Sample) -> None:
    worst = {"scenario": "no match", "persona": "new"}
    assert (len(sample.traces), sample.count("labelled"), sample.count("fail"), sample.count("pass")) == (
        212,
        120,
        44,
        76,
    )
    assert (sample.count("fail", **worst), sample.count("labelled", **worst), sample.count(**worst)) == (17, 22, 29)
    said = sample.judgments["3"]
    judged = [said[name]["verdict"] for name in sample.labels if sample.verdict(name) == "fail" and name in said]
    assert (judged.count("FAIL"), judged.count("FAIL") + judged.count("PASS")) == (37, 43)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_the_first_thing_a_fresh_server_is_asked_for(path: str, server: Server, open_tab: OpenTab) -> None:
    server.restart()
    tab = open_tab(path)
    assert tab.page.title() == f"{PAGES[path]} · passfail"
    if path in FILTERED:
        assert tab.sentence() == "All 212 traces."
    assert shows(tab, ALL[path])
    assert tab.notices() == ""
    assert not tab.overflows()
    expect(tab.page.locator("h1")).to_have_count(1)
    tables = tab.page.locator('[data-testid="stDataFrame"]')
    for place in range(tables.count()):
        assert tables.nth(place).locator("[aria-label]").first.get_attribute("aria-label"), "a table has no name"


POCKET = {"viewport": PHONE, "color_scheme": "dark", "is_mobile": True, "has_touch": True}
"""A phone in the dark."""


@pytest.mark.parametrize("path", PAGES)
def test_a_page_opened_on_a_phone_with_a_slice_counts_only_it_and_never_scrolls_sideways(
    path: str, open_tab: OpenTab
) -> None:
    tab = open_tab(f"{path}{SLICE}" if path in FILTERED else path, **POCKET)
    if path in FILTERED:
        assert tab.sentence() == "29 of 212 traces: scenario is no match, persona is new."
        assert shows(tab, NARROWED[path])
        for name, value in (("scenario", "no match"), ("persona", "new")):
            chosen = tab.page.locator(".st-key-filterbar .stMultiSelect", has_text=name).first
            expect(chosen).to_contain_text(value, use_inner_text=True)
        links = tab.page.locator(".st-key-nav a").evaluate_all("all => all.map(link => link.search)")
        assert all("d.scenario=no" in link and "d.persona=new" in link for link in links)
    assert "cannot be applied" not in tab.notices()
    expect(tab.page.locator("h1").first).to_be_visible()
    background = tab.page.evaluate("getComputedStyle(document.querySelector('.stApp')).backgroundColor")
    assert background == "rgb(18, 23, 29)"
    for size in (PHONE, {"width": 820, "height": 1180}):
        tab.page.set_viewport_size(size)
        tab.page.locator(READY).wait_for()
        assert not tab.overflows(), size
        assert tab.page.evaluate(BEYOND_THE_EDGE) == [], "these stick out of the page"
        assert tab.page.evaluate(COVERED) == [], "these lie under something else, or are cut off"


# Buttons in the window whose beginning cannot be pressed.
COVERED = """() => [...document.querySelectorAll("[data-testid='stMain'] [data-testid='stButton'] button," +
    "[data-testid='stMain'] [data-testid='stDownloadButton'] button")].filter(button => {
  const box = button.getBoundingClientRect()
  const [x, y] = [box.left + 4, box.top + box.height / 2]
  if (!button.checkVisibility({visibilityProperty: true}) || x > innerWidth || y > innerHeight || y < 0) return false
  return !button.contains(document.elementFromPoint(x, y))
}).map(button => button.innerText)"""
# Text that a person cannot reach: outside the window and in no box that scrolls.
BEYOND_THE_EDGE = """() => {
  const scrolls = node => {
    for (let up = node; up && up !== document.body; up = up.parentElement) {
      const style = getComputedStyle(up)
      if (up.scrollWidth > up.clientWidth && ["auto", "scroll"].includes(style.overflowX) &&
          !up.matches('[data-testid="stMain"], .stApp')) return true
    }
    return false
  }
  const found = []
  for (const node of document.querySelectorAll("main, [data-testid='stMain'] :is(p, h1, h2, h3, button, a, input)")) {
    const box = node.getBoundingClientRect()
    const visible = box.width > 0 && box.height > 0 && node.checkVisibility({visibilityProperty: true})
    if (visible && box.right > innerWidth + 1 && !scrolls(node)) found.push(node.innerText || node.tagName)
  }
  return found
}"""


def test_the_primary_action_and_the_answer_stand_above_the_fold(open_tab: OpenTab) -> None:
    tab = open_tab("/")
    for words in ("44 of 120 labelled traces failed", "Most frequent failures", "Do next", "Can we trust the judge?"):
        box = tab.page.get_by_text(words).first.bounding_box()
        assert box is not None
        assert box["y"] + box["height"] < LAPTOP["height"], words


def test_a_page_that_takes_long_offers_no_stop_of_its_own(open_tab: OpenTab) -> None:
    tab = open_tab("/judge")
    tab.page.evaluate(SLOW)
    tab.page.get_by_text("Slow page").wait_for()
    expect(tab.page.get_by_role("button", name="Stop")).to_have_count(0)


# What Streamlit adds to its bar while a page takes long.
SLOW = """() => document.querySelector('[data-testid="stHeader"]').insertAdjacentHTML("beforeend",
  '<div data-testid="stStatusWidget">Slow page <button>Stop</button></div>')"""


def test_an_address_without_a_page_says_so_and_leads_back(open_tab: OpenTab) -> None:
    tab = open_tab()
    tab.page.goto(f"{tab.server.address}/nowhere")
    tab.page.get_by_role("heading", name="There is no page “/nowhere” here.").wait_for()
    assert [error for error in tab.errors if "404" not in error] == []
    tab.errors.clear()
    tab.page.get_by_role("link", name="Home").click()
    tab.says("All 212 traces.")


def test_the_first_visit_of_an_empty_database_offers_the_sample(start_server: Any, open_tab: OpenTab) -> None:
    empty = start_server(demo=False)
    tab = open_tab("/pivot", of=empty)
    assert "No traces yet." in tab.notices()
    tab.page.get_by_role("button", name="Look at the sample").click()
    tab.says("All 212 traces.")
    assert shows(tab, ALL["/pivot"])


@pytest.mark.parametrize("path", ["/", "/traces", "/_stcore/health", "/static/none.js"])
def test_every_answer_carries_the_headers_that_keep_strangers_out(path: str, server: Server) -> None:
    try:
        answer = urlopen(f"{server.address}{path}", timeout=30)
    except HTTPError as refused:
        answer = refused
    with answer:
        headers = answer.headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    policy = dict(part.strip().split(" ", 1) for part in headers["content-security-policy"].split(";"))
    assert policy["default-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["object-src"] == policy["frame-src"] == "'none'"
    assert policy["connect-src"] == policy["form-action"] == "'self'"
    assert "http" not in headers["content-security-policy"]


@pytest.mark.parametrize("path", ["/settings", "/trust"])
def test_the_page_one_is_on_can_be_seen_in_the_navigation_of_a_phone(path: str, open_tab: OpenTab) -> None:
    tab = open_tab(path, viewport=PHONE)
    here = tab.page.locator(".st-key-nav").get_by_role("link", name=PAGES[path], exact=True)
    tab.page.wait_for_function("row => row.scrollLeft > 0", arg=tab.page.locator(".st-key-nav").element_handle())
    box = here.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= PHONE["width"]
    for group in tab.page.get_by_test_id("stButtonGroup").filter(visible=True).all():
        tops = {round(button.bounding_box()["y"]) for button in group.get_by_role("radio").all()}
        assert len(tops) <= 1, "the parts of a choice stand in one row"
