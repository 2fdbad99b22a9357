"""The pictures of the README, taken from the sample: `python -m tests.browser.screenshots`."""

import sys
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.browser.product import ARGUMENTS, LAPTOP, NAME_FIELD, PHONE, ROOT, Server, Tab, find_chromium

FOLDER = ROOT / "docs" / "screenshots"
CELL = "cell=no+match%7Cnew"
EVEN = ("--disable-lcd-text", "--font-render-hinting=none")
"""Letters without coloured edges: smaller files, and the same on every screen."""


class Picture(NamedTuple):
    """One picture: what it is called, what it shows, and how."""

    name: str
    path: str
    shown: str
    """A selector of what must be on the page before it is taken."""
    scheme: str = "light"
    viewport: dict[str, int] = LAPTOP
    look_at: str | None = None
    """What is brought to the top of the window."""


PICTURES = (
    Picture("home", "/", "text=Can we trust the judge?"),
    Picture("pivot", f"/pivot?{CELL}", "text=Open these 17 failed traces", look_at="h1"),
    Picture("traces", "/traces?d.scenario=no+match&d.persona=new&verdict=fail", ".log article"),
    Picture("trust", "/trust", "text=judge too lenient"),
    Picture("failures", "/failures?tab=counts", "text=Gives up after no match"),
    Picture("home-dark", "/", "text=Can we trust the judge?", scheme="dark"),
    Picture("pivot-dark", f"/pivot?{CELL}", "text=Open these 17 failed traces", scheme="dark", look_at="h1"),
    Picture("phone", "/", "text=Can we trust the judge?", viewport=PHONE),
)


def main() -> int:
    """Take all pictures; returns 1 where no Chromium is found."""
    chromium = find_chromium()
    if chromium is None:
        print("No Chromium found; set CHROMIUM to its path.", file=sys.stderr)
        return 1
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as started:
        server = Server(Path(folder))
        server.start()
        try:
            browser = started.chromium.launch(executable_path=chromium, args=[*ARGUMENTS, *EVEN])
            for picture in PICTURES:
                _take(browser, server, picture)
            _take_review(browser, server)
            browser.close()
        finally:
            server.stop()
    return 0


def _take(browser: Any, server: Server, picture: Picture) -> None:
    tab = Tab(browser, server, viewport=picture.viewport, color_scheme=picture.scheme, timezone_id="UTC")
    tab.open(picture.path)
    tab.page.locator(picture.shown).filter(visible=True).first.wait_for()
    tab.settled()
    tab.charts()
    if picture.look_at:
        tab.page.locator(picture.look_at).first.evaluate("node => node.scrollIntoView({block: 'start'})")
    _save(tab, picture.name)


def _take_review(browser: Any, server: Server) -> None:
    """The review loop asks for a name first; then a verdict is half given."""
    tab = Tab(browser, server, viewport=LAPTOP, timezone_id="UTC")
    tab.open("/review?d.scenario=no+match&d.persona=new")
    tab.page.get_by_test_id("stNumberInputField").fill("30")
    tab.page.keyboard.press("Tab")
    tab.page.locator(".st-key-offer_slice").get_by_role("button", name="Start").click()
    box = tab.page.get_by_test_id("stMain").get_by_label(NAME_FIELD)
    box.filter(visible=True).fill("Ana")
    tab.page.keyboard.press("Enter")
    tab.page.locator(".log article").first.wait_for()
    tab.open("/review?queue=1&trace=gs-D001")  # all traces of the slice are in it
    tab.page.locator(".log article").first.wait_for()
    tab.page.keyboard.press("2")
    tab.page.keyboard.type(
        "Looked once for \u201cGerry\u201d and stopped. It should have tried Jerry, or searched for ivy."
    )
    tab.page.get_by_text("Draft saved").wait_for()
    _save(tab, "review")


def _save(tab: Tab, name: str) -> None:
    """Write the window as a small file: 256 colours, the rare ones among them."""
    tab.page.mouse.move(2, 2)
    tab.page.evaluate("document.fonts.ready")
    taken = Image.open(BytesIO(tab.page.screenshot(animations="disabled", caret="hide"))).convert("RGB")
    few = taken.quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    few.save(FOLDER / f"{name}.png", optimize=True)
    tab.close()
    tab.check()


if __name__ == "__main__":
    sys.exit(main())
