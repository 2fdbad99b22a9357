"""Reviewing on a disk that is really full: the text stays, the message says what to do, and what was pressed arrives."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.workflows.exploring import read_trace
from core.workflows.opening import open_store
from tests.browser.conftest import OpenTab, expect
from tests.browser.product import PATIENCE, Server
from tests.browser.review_proofs import ALL_SENT
from tests.browser.test_review_by_keyboard import Expert
from tests.conftest import fill_small
from tests.small_disk import fill, small_disk

LONG = "It promised a day that had been refused. " * 250
"""More than fits between what is written and the end of a page of the disk."""
SHORTER = (2000, 1000, 500, 250, 120, 60, 20, 1)
"""Characters of drafts that use up that rest, so that not even the note of an opened trace can be stored."""


@pytest.fixture(scope="module")
def disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with small_disk(tmp_path_factory.mktemp("small") / "disk") as folder:
        yield folder


@pytest.fixture(scope="module")
def server(chromium_path: str, disk: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose database lies on the small disk, and whose log does not."""
    server = Server(tmp_path_factory.mktemp("server"), demo=False)
    server.db = disk / "passfail.duckdb"
    store = open_store(server.db)
    fill_small(store)
    store.close()
    server.start()
    yield server
    server.stop()
    assert [line for line in server.complaints() if "cannot write" not in line] == []


@pytest.mark.timeout(300)
def test_on_a_full_disk_the_text_stays_and_what_was_pressed_arrives_by_itself_when_there_is_room(
    server: Server, disk: Path, open_tab: OpenTab
) -> None:
    pia = Expert(open_tab(), "Pia")
    pia.start("/review?d.feature=search", size=5)
    page, box, notice = pia.page, pia.page.locator(".panel textarea"), pia.page.locator(".panel-notice")
    judged = {pia.judge("1", "Asked back, kindly."): "Asked back, kindly."}
    pia.saved(1)
    fill(disk / "filler")
    for length in SHORTER:
        box.fill("x" * length)
        pia.press("Escape")  # leaves the box, which sends what is in it
        page.wait_for_timeout(500)
    for number in range(3):
        at = pia.at()
        judged[at] = f"{number}: {LONG}".strip()
        pia.press("2")
        box.fill(judged[at])
        pia.press("Control+Enter")
        pia.next_after(at)
    notice.get_by_text("No space left on device").wait_for()
    expect(notice).to_contain_text("Free some space", use_inner_text=True)
    last = pia.at()
    pia.press("2")
    page.keyboard.type("Half a thou")
    page.wait_for_timeout(7000)  # it was all sent again meanwhile, and refused again
    expect(notice).to_contain_text("Free some space on its disk", use_inner_text=True)
    expect(notice).to_contain_text(
        "3 verdicts are waiting in this window and will be sent again every few seconds.", use_inner_text=True
    )
    expect(page.locator(".trace-id")).to_have_text(last)
    expect(box).to_have_value("Half a thou")
    expect(page.locator(".earlier-item .saving")).to_have_count(3)
    (disk / "filler").unlink()
    page.wait_for_function(ALL_SENT, timeout=PATIENCE)
    notice.get_by_text("No space left on device").wait_for(state="detached")
    expect(page.locator(".trace-id")).to_have_text(last)
    expect(box).to_have_value("Half a thou")
    server.stop()
    store = open_store(server.db)
    found = {t: [x.critique for x in read_trace(store, t).history if x.labeler == "Pia"] for t in judged}
    store.close()
    assert found == {trace: [why] for trace, why in judged.items()}
