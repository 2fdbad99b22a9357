"""Links: what is copied opens the same for anybody, Back gives it back, and every number opens exactly its traces."""

import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image

from core.slice import Slice
from core.store.connection import IN_MEMORY, Store
from core.workflows.exploring import describe
from core.workflows.opening import open_store
from core.workflows.sampling import load_sample
from tests.browser.conftest import OpenTab, Sample, expect
from tests.browser.product import Server, Tab, first_number, plain

PINNED = re.compile(
    r"This link shows the data as of .*|No trace, label or judgment was added since\.|Show the newest data"
)
"""What stands on a page that is pinned to a moment."""
WORST = "d.scenario=no+match&d.persona=new"


def everything(tab: Tab) -> list[str]:
    """Every word on the page and in its tables, with the cells that are chosen; what only says «copied» is left out."""
    tab.charts()
    tables = tab.page.locator('[role="gridcell"]').evaluate_all(
        "cells => cells.map(cell => `${cell.id} ${cell.getAttribute('aria-selected')} ${cell.textContent}`)"
    )
    marks = tab.page.locator("[role=radio][aria-checked=true], [aria-current]").all_text_contents()
    said = tab.text().replace("Link copied", "Copy link").splitlines()
    return [*(line for line in said if line.strip() and not PINNED.match(line.strip())), *sorted(tables), *marks]


SHARED = {
    "traces": f"/traces?{WORST}&verdict=fail&sort=oldest&trace=gs-B016",
    "pivot": "/pivot?rows=feature&cols=channel&of=overall%402&show=disagreements&min_n=5&cell=recommendation%7C*",
    "counts": "/failures?tab=counts&mode=any&d.persona=new&d.persona=busy",
    "pairs": "/trust?judge=overall%401&view=pairs&cell=lenient",
    "home": "/?not.persona=new&since=2026-10-15&min_n=20",
}


@pytest.mark.parametrize("path", SHARED.values(), ids=SHARED)
def test_a_copied_link_shows_the_same_to_somebody_else(path: str, open_tab: OpenTab) -> None:
    mine = open_tab(path)
    before = everything(mine)
    assert "cannot be applied" not in mine.notices()
    theirs = open_tab(mine.copied_link())
    assert everything(theirs) == before
    asked = parse_qs(urlsplit(theirs.page.url).query)
    assert int(asked.pop("as_of")[0]) > 0
    assert asked == parse_qs(urlsplit(f"http://x{path}").query)


def test_a_link_copied_after_clicks_opens_on_a_server_started_anew(server: Server, open_tab: OpenTab) -> None:
    tab = open_tab("/pivot")
    choose_value(tab, "channel", "web chat", more=True)
    tab.says("channel is web chat")
    tab.click_cell(0, 1)
    tab.page.locator(".st-key-first_on_phone_evidence").wait_for()
    tab.settled()
    evidence = plain(tab.page.locator(".st-key-first_on_phone_evidence").inner_text())
    sentence, link = tab.sentence(), tab.copied_link()
    server.restart()
    theirs = open_tab(link)
    assert theirs.sentence() == sentence
    assert plain(theirs.page.locator(".st-key-first_on_phone_evidence").inner_text()) == evidence
    chosen = theirs.page.locator('[role="gridcell"][aria-selected="true"]').first
    expect(chosen).to_have_attribute("id", "glide-cell-1-0")


def test_a_browser_that_forbids_the_clipboard_gets_the_link_in_words(open_tab: OpenTab) -> None:
    tab = open_tab(f"/traces?{WORST}")
    tab.page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')) }")
    tab.page.get_by_role("button", name="Copy link").click()
    box = tab.page.get_by_label("Link to this page")
    box.wait_for()
    assert box.input_value().startswith(f"{tab.page.url}&as_of=")
    assert not tab.overflows()


# ------------------------------------------------------------------------------------------------ Back and Forward


def choose_value(tab: Tab, dimension: str, value: str, *, more: bool = False) -> None:
    """Choose a value in the filter of a dimension, by mouse and keyboard."""
    if more:
        tab.page.get_by_role("button", name="More filters").click()
    box = tab.page.get_by_test_id("stMultiSelect").filter(has_text=re.compile(rf"^{dimension}")).first
    box.locator("input").click()
    box.locator("input").fill(value)
    tab.page.get_by_role("option", name=value).first.click()
    tab.page.locator(".st-key-sentence p", has_text=f"{dimension} is {value}").wait_for()
    for _ in range(2 if more else 1):
        tab.page.keyboard.press("Escape")
    tab.page.get_by_role("listbox").first.wait_for(state="detached")


def test_back_and_forward_restore_the_slice_and_what_was_chosen(open_tab: OpenTab) -> None:
    tab = open_tab("/traces")
    choose_value(tab, "scenario", "no match")
    tab.says("51 of 212 traces: scenario is no match.")
    tab.settled()
    tab.click_cell(2, 1)
    tab.page.wait_for_url("**trace=*")
    tab.settled()
    trace = parse_qs(urlsplit(tab.page.url).query)["trace"][0]
    tab.page.locator(".trace-id", has_text=trace).wait_for()
    choose_value(tab, "persona", "new")
    tab.says("29 of 212 traces: scenario is no match, persona is new.")
    tab.page.locator(".st-key-nav").get_by_role("link", name="Pivot").click()
    tab.heading("Pivot")
    assert tab.n() == 29
    tab.back("Traces")
    tab.says("29 of 212 traces: scenario is no match, persona is new.")
    tab.page.go_back()
    tab.says("51 of 212 traces: scenario is no match.")
    tab.page.locator(".trace-id", has_text=trace).wait_for()
    chips = tab.page.locator(".st-key-filterbar").get_by_test_id("stMultiSelect").all_inner_texts()
    assert ["no match" in chip for chip in chips] == [False, True, False]
    assert not any("new" in chip for chip in chips)
    tab.page.go_forward()
    tab.says("29 of 212 traces: scenario is no match, persona is new.")
    tab.page.get_by_role("link", name="Clear all").click()
    tab.says("All 212 traces.")
    assert urlsplit(tab.page.url).query == ""


def test_the_navigation_keeps_the_slice_on_every_page(open_tab: OpenTab) -> None:
    tab = open_tab(f"/?{WORST}")
    for title in ("Traces", "Review", "Failures", "Pivot", "Judge", "Trust"):
        tab.page.locator(".st-key-nav").get_by_role("link", name=title).click()
        tab.heading(title)
        assert tab.sentence() == "29 of 212 traces: scenario is no match, persona is new."
    tab.page.locator(".st-key-nav").get_by_role("link", name="Import").click()
    tab.heading("Import")
    tab.page.locator(".st-key-nav").get_by_role("link", name="Home").click()
    tab.heading("What is failing")
    assert tab.n() == 29


# --------------------------------------------------------------------------------------------- widgets and the address


def test_a_popover_opened_later_says_what_the_address_says(open_tab: OpenTab) -> None:
    tab = open_tab("/pivot?min_n=7&d.channel=web+chat&since=2026-10-15&judge_verdict=fail&judge=overall%402")
    rows = tab.page.get_by_test_id("stSelectbox").filter(has_text="Rows")
    rows.locator("input").click()
    tab.page.get_by_role("option", name="feature").click()
    tab.page.wait_for_url("**rows=feature*")
    tab.settled()
    tab.page.get_by_role("button", name="Numbers").click()
    expect(tab.page.get_by_label("Smallest n", exact=True)).to_have_value("7")
    tab.page.keyboard.press("Escape")
    tab.page.get_by_role("button", name="More filters").click()
    body = tab.page.get_by_test_id("stPopoverBody").filter(visible=True)
    expect(body.get_by_test_id("stMultiSelect").filter(has_text="channel")).to_contain_text("web chat")
    expect(body.get_by_test_id("stDateInput").first.locator("input")).to_have_value("2026-10-15")
    expect(body.get_by_role("combobox", name="of judge version")).to_have_value("overall, version 2")
    expect(body.get_by_role("combobox", name="Judge verdict")).to_have_value("fail")


def test_widgets_that_come_late_say_what_the_address_says(browser: Any, server: Server) -> None:
    """As in a browser that was never here, of somebody whose name it kept: that draws the page twice before it has all."""
    tab = Tab(browser, server)
    tab.page.add_init_script("localStorage.setItem('passfail.person', 'Ana')")
    late = re.compile(r"/static/js/(Selectbox|Multiselect|TextInput|ButtonGroup)\.")
    tab.page.route(late, lambda route: tab.page.wait_for_timeout(1500) or route.continue_())
    tab.page.goto(f"{server.address}/traces?d.persona=new&verdict=fail&sort=oldest&q=order")
    tab.page.get_by_role("button", name="Ana").wait_for()
    bar = tab.page.locator(".st-key-filterbar")
    expect(bar.get_by_test_id("stMultiSelect").filter(has_text="persona")).to_contain_text("new")
    expect(bar.get_by_role("combobox", name="Expert verdict")).to_have_value("fail")
    expect(tab.page.get_by_role("searchbox", name="Search")).to_have_value("order")
    expect(tab.page.get_by_role("combobox", name="Sort")).to_have_value("Oldest")
    tab.close()
    tab.check()


# ------------------------------------------------------------------------------------------------ stale addresses


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/pivot?d.scenario=no+match&d.persona=gone", "persona is gone"),
        ("/traces?verdict=maybe", "verdict is maybe"),
    ],
)
def test_a_condition_that_cannot_be_applied_is_named_and_shows_nothing(
    path: str, named: str, open_tab: OpenTab
) -> None:
    tab = open_tab()
    tab.page.goto(f"{tab.server.address}{path}")
    tab.page.locator(".st-key-sentence").wait_for()
    tab.page.get_by_text("cannot be applied").first.wait_for()
    assert named in tab.notices()
    assert tab.n() == 0
    expect(tab.page.locator('[role="gridcell"]')).to_have_count(0)
    tab.page.get_by_role("link", name="Remove this condition").first.click()
    tab.page.get_by_text("cannot be applied").first.wait_for(state="detached")
    assert tab.n() > 0


@pytest.mark.parametrize(
    ("path", "named"),
    [
        ("/pivot?cell=gone%7Cnew", "cell: gone|new"),
        ("/review?queue=gone", "queue: gone"),
    ],
)
def test_a_setting_that_is_gone_is_named_once(path: str, named: str, open_tab: OpenTab) -> None:
    tab = open_tab(path)
    tab.page.get_by_text("cannot be applied").first.wait_for()
    assert tab.notices().count("cannot be applied") == 1
    assert named in tab.notices()
    assert path.startswith("/review") or tab.n() == 212


def test_a_trace_that_is_elsewhere_or_nowhere_is_said_to_be(open_tab: OpenTab, sample: Sample) -> None:
    busy = next(trace["id"] for trace in sample.traces if trace.get("persona") == "busy")
    tab = open_tab(f"/traces?d.persona=new&trace={busy}")
    assert "is not part of this slice" in tab.notices()
    tab.page.locator(".trace-id", has_text=busy).wait_for()
    tab.open("/traces?trace=none-such")
    assert "Trace none-such does not exist in this database." in tab.notices()
    tab.page.get_by_role("link", name="All traces").click()
    tab.page.get_by_text("does not exist").wait_for(state="detached")
    assert tab.n() == 212


# ------------------------------------------------------------------------------------------------ numbers are doors


def follow(tab: Tab, link: Any, title: str) -> None:
    """Open the door, compare its number with the sentence behind it, come back."""
    said = plain(link.inner_text())
    link.click()
    tab.heading("Traces")
    assert tab.n() == first_number(said), f"«{said}» opens «{tab.sentence()}»"
    tab.back(title)


def doors(tab: Tab) -> Any:
    """The links of the page that open traces and name a number; not those that open one trace."""
    links = tab.page.locator('[data-testid="stPageLink"] a[href*="traces"]:not([href*="trace="])')
    return links.filter(has_text=NUMBER, has_not_text="×", visible=True)


@pytest.fixture(scope="module")
def sample_store() -> Iterator[Store]:
    """The sample once more, to be asked what stands behind an address without opening it."""
    store = open_store(IN_MEMORY)
    load_sample(store)
    yield store
    store.close()


NUMBER = re.compile(r"^\W*(\w+ )*\d")


@pytest.mark.parametrize(
    ("path", "title", "least"),
    [
        ("/", "What is failing", 4),
        ("/review", "Review", 1),
        ("/failures?tab=counts", "Failures", 2),
        ("/pivot?of=overall%401", "Pivot", 1),
        ("/trust", "Trust", 6),
        ("/judge", "Judge", 9),
        ("/monitor?of=overall%403", "Monitor", 1),
    ],
)
def test_every_number_of_a_page_opens_exactly_its_traces(
    path: str, title: str, least: int, open_tab: OpenTab, sample_store: Store
) -> None:
    tab = open_tab(path)
    found = doors(tab)
    amount = found.count()
    assert amount >= least
    for place in range(amount):
        said, behind = plain(found.nth(place).inner_text()), urlsplit(found.nth(place).get_attribute("href")).query
        slice_ = Slice.from_params(parse_qs(behind, keep_blank_values=True))
        assert describe(sample_store, slice_).n == first_number(said), f"«{said}» opens {behind}"
    follow(tab, found.first, title)


def test_the_worst_slices_of_home_open_their_failed_traces(open_tab: OpenTab) -> None:
    tab = open_tab("/")
    rows = tab.page.locator('[class*="st-key-worst_"]')
    assert plain(rows.first.inner_text()).split("\n")[0] == "no match × new"
    for place in (0, rows.count() - 1):
        said = plain(rows.nth(place).inner_text()).splitlines()[-1]
        rows.nth(place).get_by_role("link").filter(visible=True).first.click()
        tab.heading("Traces")
        assert tab.n() == first_number(said), f"«{said}» opens «{tab.sentence()}»"
        tab.back("What is failing")


def test_the_failure_categories_of_home_and_of_failures_open_their_traces(open_tab: OpenTab) -> None:
    for path, title in (("/", "What is failing"), ("/failures?tab=counts", "Failures")):
        tab = open_tab(path)
        for row in (0 if path == "/" else tab.rows() - 1,):
            said = next(words for place, words in sorted(tab.cells().items()) if place[0] == row and " of 44" in words)
            tab.click_cell(row, 0)
            link = tab.page.get_by_role("link").filter(has_text=re.compile(rf"Open {first_number(said)} traces?"))
            link.wait_for()
            follow(tab, link, title)


ONE, A_ROW, A_COLUMN, EVERYTHING = (0, 1), (1, -1), (-1, 1), (-1, -1)


@pytest.mark.parametrize(
    ("cols", "places"),
    [("persona", (ONE, A_ROW, A_COLUMN, EVERYTHING))],
    ids=["persona"],
)
def test_the_cells_of_the_pivot_lead_to_exactly_their_traces(
    cols: str, places: tuple[tuple[int, int], ...], open_tab: OpenTab
) -> None:
    tab = open_tab(f"/pivot?rows=scenario&cols={cols}&min_n=1")
    for row, column in places:
        cells = tab.cells()
        row, column = row % tab.rows(), column % (max(place for _, place in cells) + 1)
        found = re.search(r"(\d+) of (\d+)", cells[row, column])
        assert found, f"nothing to open in {cells[row, column]!r}"
        failed, judged = int(found[1]), int(found[2])
        tab.click_cell(row, column)
        said = re.compile(rf"{failed}\sof\s{judged}\sfailed")
        evidence = tab.page.locator(".st-key-first_on_phone_evidence").filter(has_text=said)
        evidence.wait_for()
        tab.settled()
        links = evidence.get_by_role("link").filter(has_text="Open ")
        opened = [first_number(link) for link in links.all_inner_texts()]
        assert opened == ([failed] if failed else []) + [judged]
        for place in range(len(opened)):
            follow(tab, links.nth(place), "Pivot")
            evidence.wait_for()


def darkest(tab: Tab, *, row: int) -> int:
    """How dark the text in the first column of a table is, from 0 (black) to 255."""
    box = tab.page.locator('[data-testid="stDataFrame"]').first.bounding_box()
    place = {"x": box["x"] + 12, "y": box["y"] + 36 * (row + 1) + 4, "width": 60, "height": 28}
    return Image.open(BytesIO(tab.page.screenshot(clip=place))).convert("L").getextrema()[0]


def test_missing_values_and_cells_without_labels_are_doors_too(open_tab: OpenTab, sample: Sample) -> None:
    tab = open_tab("/pivot?rows=persona&cols=none&min_n=1&cell=%7C*")
    n = sample.count(persona=None)
    evidence = tab.page.locator(".st-key-first_on_phone_evidence")
    assert plain(evidence.inner_text()).startswith("(missing)")
    lowest = [link.bounding_box()["y"] for link in evidence.get_by_role("link").all()[:4]]
    assert max(lowest) < 780, "the evidence of a cell stands in the window that shows the cell"
    assert darkest(tab, row=0) < 60, "the name of a row is written in the colour of text, though its column is pinned"
    assert sample.count("labelled", persona=None) < n
    follow(tab, evidence.get_by_role("link", name=f"All {n} traces"), "Pivot")
    tab.open("/traces?d.persona=")
    assert tab.sentence() == f"{n} of 212 traces: persona is (missing)."


def test_the_arrow_keys_move_through_the_cells_and_nothing_navigates(open_tab: OpenTab) -> None:
    tab = open_tab("/pivot?min_n=1")
    tab.click_cell(0, 1)
    first = tab.page.locator(".st-key-first_on_phone_evidence p").first
    first.wait_for()
    tab.page.wait_for_url("**cell=*")
    tab.settled()
    before = plain(first.inner_text())
    for key, want in (("ArrowDown", "1"), ("ArrowUp", "0")):
        tab.settled()
        tab.page.keyboard.press(key)
        tab.page.locator(f'#glide-cell-1-{want}[aria-selected="true"]').wait_for(state="attached")
        tab.page.wait_for_function(
            "([was, same]) => (document.querySelector('.st-key-first_on_phone_evidence p')?.innerText.replaceAll('\\u00a0', ' ') === was) === same",
            arg=[before, want == "0"],
        )
    assert urlsplit(tab.page.url).path == "/pivot"


def test_two_dimensions_from_a_cell_to_an_open_trace_take_two_clicks(open_tab: OpenTab) -> None:
    tab = open_tab("/pivot")
    tab.page.locator('[role="gridcell"]').first.wait_for(state="attached")
    tab.click_cell(0, 1)
    evidence = tab.page.locator(".st-key-first_on_phone_evidence")
    link = evidence.locator('a[href*="trace="]').first
    link.wait_for()
    wanted = parse_qs(urlsplit(link.get_attribute("href") or "").query)["trace"][0]
    link.click()
    tab.heading("Traces")
    tab.page.locator(".trace-id", has_text=wanted).wait_for()
    assert "Expert: ✗ fail" in tab.text()
    tab.back("Pivot")
    evidence.wait_for()
