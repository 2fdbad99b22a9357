"""The import page: a file is dropped, checked, imported; what could not be read is shown; again adds nothing."""

import json
import re
from pathlib import Path

import pytest

from tests.browser.conftest import OpenTab, StartServer, expect
from tests.browser.product import ROOT, Server, Tab, first_number, plain
from tests.conftest import shared

GOOD = 40


@pytest.fixture(scope="module")
def server(start_server: StartServer) -> Server:
    """An empty database of this file's own."""
    return start_server(demo=False)


def a_log(folder: Path, name: str) -> Path:
    """A log of 40 records with labels, and two lines that are no records."""
    rows = [
        {
            "id": f"{name}-{number}",
            "feature": "search" if number % 3 else "booking",
            "question": f"Where is order {4400 + number}?",
            "answer": "On its way." if number % 4 else "I cannot know.",
            "label": ("pass" if number % 4 else "fail") if number % 2 == 0 else "",
            "notes": "It could have asked the order system." if number % 4 == 0 else "",
        }
        for number in range(GOOD)
    ]
    lines = [json.dumps(row) for row in rows]
    lines.insert(7, '{"id": "broken", "question": "Where')
    lines.insert(20, "2026-11-20 12:00:01 INFO restarted")
    path = folder / f"{name}.jsonl"
    path.write_text("\n".join(lines) + "\n")
    return path


def drop(tab: Tab, *files: Path) -> None:
    """Put files into the place for them, and wait until they are checked."""
    tab.open("/import")
    tab.page.get_by_test_id("stFileUploaderDropzoneInput").set_input_files([str(file) for file in files])
    tab.page.get_by_text("2 Check").wait_for()
    tab.page.locator(".st-key-import button").wait_for()
    tab.settled()


def press_import(tab: Tab) -> None:
    button = tab.page.locator(".st-key-import button")
    button.click()
    tab.page.get_by_text("3 Done").wait_for(timeout=60_000)
    tab.settled()


def test_a_file_is_checked_imported_and_its_traces_opened_in_three_clicks(open_tab: OpenTab, tmp_path: Path) -> None:
    tab = open_tab()
    drop(tab, a_log(tmp_path, "shop"))
    text = tab.text()
    assert "40 traces" in text
    assert "20 expert labels" in text
    assert "2 of 42 lines were not read" in tab.notices()
    expect(tab.page.locator(".st-key-import")).to_have_text("Import 40 traces", use_inner_text=True)
    press_import(tab)
    text = tab.text()
    assert "42 records read:" in text
    assert "40 new" in text
    assert "2 bad" in text
    assert re.search(r"20 expert labels: ?\n?20 new", text)
    bad = "\n".join(tab.cells().values())
    assert "INFO restarted" in bad
    assert '{"id": "broken"' in bad
    assert {words for (row, column), words in tab.cells().items() if column == 1} == {"8", "21"}
    tab.page.get_by_role("button", name="See them").click()
    tab.heading("Traces")
    assert tab.n() == GOOD
    assert "import=" in tab.page.url
    said = tab.sentence()
    assert open_tab(tab.page.url).sentence() == said


def test_the_same_file_again_adds_nothing(open_tab: OpenTab, tmp_path: Path) -> None:
    log = a_log(tmp_path, "again")
    tab = open_tab()
    drop(tab, log)
    press_import(tab)
    link = tab.page.get_by_role("link", name="40 new")
    link.click()
    tab.heading("Traces")
    assert tab.n() == first_number(tab.sentence()) == GOOD
    drop(tab, log)
    press_import(tab)
    assert re.search(r"0 new\s+40 unchanged · 2 bad", tab.text())
    assert "20 expert labels: 0 new, 20 unchanged" in tab.text()
    tab.open("/traces?q=again-")
    total = first_number(tab.sentence().split(" of ")[-1])
    tab.open("/traces?d.feature=search&d.feature=booking")
    assert first_number(tab.sentence().split(" of ")[-1]) == total


def test_past_imports_lead_to_their_traces_and_their_bad_lines(open_tab: OpenTab, tmp_path: Path) -> None:
    tab = open_tab()
    drop(tab, a_log(tmp_path, "past"))
    press_import(tab)
    tab.open("/import")
    tab.click_cell(0, 1)
    tab.page.get_by_role("link", name="Open its traces").wait_for()
    assert "Not read: 2." in tab.text()
    tab.page.get_by_role("link", name="Open its traces").click()
    tab.heading("Traces")
    assert tab.n() == GOOD


def test_several_files_and_one_that_is_none(open_tab: OpenTab, tmp_path: Path) -> None:
    first, second = a_log(tmp_path, "one"), a_log(tmp_path, "two")
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))
    tab = open_tab()
    drop(tab, first, second)
    expect(tab.page.locator(".st-key-import")).to_have_text("Import 2 files", use_inner_text=True)
    press_import(tab)
    assert "80 new" in tab.text()
    drop(tab, picture)
    assert "picture.png was not recognised." in tab.notices()
    expect(tab.page.locator(".st-key-import button")).to_be_disabled()


def test_a_mapping_can_be_saved_and_is_the_one_of_the_command_line(
    server: Server, open_tab: OpenTab, tmp_path: Path
) -> None:
    tab = open_tab()
    drop(tab, a_log(tmp_path, "mapped"))
    with tab.page.expect_download() as started:
        tab.page.get_by_role("button", name="Save mapping").click()
    saved = tmp_path / "mapping.toml"
    started.value.save_as(saved)
    written = saved.read_text()
    assert "[trace]" in written
    assert "[[label]]" in written
    aside = Server(tmp_path, demo=False)
    log = a_log(tmp_path, "mapped")
    said = json.loads(aside.run("import", str(log), "--mapping", str(saved), "--json"))
    assert (said["added"], said["bad"], said["labels"]["added"]) == (GOOD, 2, 20)


def test_a_real_set_goes_in_by_drop_alone(open_tab: OpenTab) -> None:
    path = shared("data/recipe-chatbot/homeworks/hw3/reference_files/labeled_traces.jsonl")
    tab = open_tab()
    drop(tab, path)
    words = plain(tab.page.locator(".st-key-import").inner_text())
    n = first_number(words)
    press_import(tab)
    tab.page.get_by_role("button", name="See them").click()
    tab.heading("Traces")
    assert tab.n() == n > 100
    assert str(ROOT) not in tab.text()
