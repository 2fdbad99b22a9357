"""Failures: notes, sorting and counts, each number with the way to its traces."""

from typing import Any

from streamlit.testing.v1 import AppTest

from core.slice import Slice
from core.workflows.categorising import list_unsorted
from core.workflows.exploring import describe
from pages.ui.store import the_store
from tests.pages.conftest import OpenPage, links, notices

NAME = "ask.person"


def buttons(app: AppTest) -> dict[str, Any]:
    return {button.key: button for button in app.button if button.key}


def named(app: AppTest) -> AppTest:
    return app.text_input(key=NAME).input("bo").run()


def part(app: AppTest) -> str:
    return app.get("button_group")[0].value


def texts(app: AppTest) -> list[str]:
    return [text.value.replace("\u00a0", " ") for text in app.markdown]


def test_the_part_with_work_to_do_opens(small_app: OpenPage) -> None:
    assert part(small_app("failures")) == "sort"
    assert part(small_app("failures", d__feature="search")) == "counts"
    assert part(small_app("failures", tab="notes")) == "notes"


def test_without_a_critique_there_is_nothing_to_sort(small_app: OpenPage) -> None:
    assert "No critiques yet." in notices(small_app("failures", d__persona="new", d__feature="booking"))


def test_notes_are_listed_with_a_way_to_each_trace(small_app: OpenPage) -> None:
    app = small_app("failures", tab="notes")
    said = texts(app)
    assert any(text.startswith("**5 critiques**") for text in said)
    assert [text for text in said if "wrong date" in text] == ["wrong date, and rude", "wrong date"]
    assert links(app)["Show trace"]


def test_nothing_can_be_changed_before_the_name_is_known(read_app: OpenPage) -> None:
    app = read_app("failures", tab="sort")
    assert all(button.disabled for key, button in buttons(app).items() if key.startswith("key."))
    assert not any(button.disabled for key, button in buttons(named(app)).items() if key.startswith("key."))


def test_one_press_puts_the_first_note_into_a_category_and_one_takes_it_back(read_app: OpenPage) -> None:
    app = named(read_app("failures", tab="sort"))
    buttons(app)["key.1"].click().run()
    assert "All sorted." in notices(app)
    assert list_unsorted(the_store(), Slice()).total == 0
    buttons(app)["undo_sorting"].click().run()
    assert list_unsorted(the_store(), Slice()).total == 1


def test_no_category_is_offered_before_enough_was_read(small_app: OpenPage) -> None:
    app = small_app("failures", tab="sort")
    assert "Read 12 traces first: 9 so far." in notices(app)
    assert not any(button.key and button.key.startswith(("key.", "suggest")) for button in app.button)
    assert not app.expander
    assert links(app)["Review 25 traces"]


def test_a_note_can_begin_a_new_category(read_app: OpenPage) -> None:
    app = named(read_app("failures", tab="sort"))
    app.selectbox(key="put.t11").select("New category…").run()
    assert {"Name"} <= {box.label for box in app.text_input}
    assert "1 note will be put into it." in texts(app)
    assert list_unsorted(the_store(), Slice()).total == 1, "nothing is written before Save"


def test_counts_name_both_denominators_and_the_unsorted(small_app: OpenPage) -> None:
    app = small_app("failures", tab="counts")
    table = app.dataframe[0].value
    assert list(table["Category"]) == ["dates", "invented", "Not sorted yet"]
    assert list(table["Failed traces"]) == [2, 1, 1]
    assert [text.replace("\u00a0", " ") for text in table["Share of failed"]] == [
        "2 of 4 · few",
        "1 of 4 · few",
        "1 of 4 · few",
    ]
    assert "Running" not in table, "too few for percents"
    assert links(app)["4 failed"].endswith("verdict=fail")
    assert links(app)["8 reviewed"].endswith("verdict=pass&verdict=fail")


def test_any_mention_counts_a_trace_in_each_of_its_categories(small_app: OpenPage) -> None:
    app = small_app("failures", tab="counts", mode="any")
    assert list(app.dataframe[0].value["Category"]) == ["dates", "invented", "tone", "Not sorted yet"]
    assert any("more than 100 %" in text for text in texts(app))


def test_the_cell_of_the_address_opens_its_evidence(small_app: OpenPage) -> None:
    app = small_app("failures", tab="counts", cell="none")
    assert any("1 failed trace: Not sorted yet" in text for text in texts(app))
    opened = links(app)["Open 1 trace"]
    assert opened.endswith("verdict=fail&category=none")
    assert describe(the_store(), Slice.from_params({"verdict": ["fail"], "category": ["none"]})).n == 1


def test_without_verdicts_counts_say_so(small_app: OpenPage) -> None:
    app = small_app("failures", tab="counts", verdict="unlabelled")
    assert "No verdicts in this slice." in notices(app)
