"""Failures: notes, sorting and counts, each number with the way to its traces."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.model import LabelRow, LabelState
from core.slice import Slice
from core.store import suggestions
from core.store.connection import Store
from core.store.ingest import Entry, ingest
from core.store.traces import key_of
from core.workflows.categorising import list_all_sorted, list_categories, list_unsorted
from core.workflows.exploring import describe
from core.workflows.fixing import log_fix
from core.workflows.planning import Part, Plan
from core.workflows.queueing import start_queue, trace_ids
from core.workflows.reviewing import record_label
from core.workflows.suggesting import list_suggestions
from core.workflows.taxonomy import list_recodes, merge_categories, split_category, take_out
from core.workflows.wording import Words
from pages.ui.store import the_store
from tests.conftest import LABELLED_ON, new_trace
from tests.key_search import KEY
from tests.messages_server import messages_server
from tests.pages.conftest import OpenPage, address, links, name_field, notices, opener
from tests.pages.numbers import wrong_links
from tests.pages.reading import read_all
from tests.pages.samples import made


def buttons(app: AppTest) -> dict[str, Any]:
    return {button.key: button for button in app.button if button.key}


def keys(app: AppTest) -> list[Any]:
    """The buttons that put the current note into a category, in the order of their number keys."""
    return [button for key, button in buttons(app).items() if key.startswith("key.")]


def named(app: AppTest) -> AppTest:
    return name_field(app).input("bo").run()


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
    assert all(button.disabled for button in keys(app))
    assert not any(button.disabled for button in keys(named(app)))


def test_one_press_puts_the_first_note_into_a_category_and_one_takes_it_back(read_app: OpenPage) -> None:
    app = named(read_app("failures", tab="sort"))
    keys(app)[0].click().run()
    assert "All sorted." in notices(app)
    assert list_unsorted(the_store(), Slice()).total == 0
    buttons(app)["undo_sorting"].click().run()
    assert list_unsorted(the_store(), Slice()).total == 1


def twice(app: AppTest, button: Any) -> None:
    """Press, and once more before the page is drawn: the second press comes when the button may be gone."""
    button.click().run()
    states = app._tree.get_widget_states()
    states.widgets.append(button._widget_state)
    app._run(states)
    assert not app.exception


def test_a_second_press_that_comes_late_puts_no_other_note(read_app: OpenPage) -> None:
    app = named(read_app("failures", tab="sort"))
    take_out(the_store(), trace_id="t03", category_id=1, by="bo")
    app.run()
    twice(app, keys(app)[0])
    assert [note.trace_id for note in list_unsorted(the_store(), Slice()).labels] == ["t03"]


def test_a_second_press_that_comes_late_accepts_no_other_group(read_app: OpenPage) -> None:
    app = named(read_app("failures", tab="sort"))
    take_out(the_store(), trace_id="t03", category_id=1, by="bo")
    notes = list_unsorted(the_store(), Slice()).labels
    with the_store().write() as cursor:
        for note, category_id in zip(notes, (1, 2), strict=True):
            suggestions.add_suggestion(
                cursor, run_id=1, trace_key=key_of(cursor, note.trace_id) or 0, label_event=note.event or 0,
                category_id=category_id, name="x", definition="", source="wording", by="bo",
            )  # fmt: skip
    app.run()
    twice(app, next(button for key, button in buttons(app).items() if key.startswith("accept_all.")))
    assert len(list_suggestions(the_store(), Slice())) == 1


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
    assert not any("plain counts" in text for text in texts(app)), "all labels here count the same"
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


def test_suggestions_are_drawn_apart_and_accepted_by_one_press(read_app: OpenPage) -> None:
    app = named(read_app("failures", tab="sort"))
    (t03,) = [note for note in list_all_sorted(the_store()) if note.trace_id == "t03"]
    take_out(the_store(), trace_id="t03", category_id=1, by="bo")
    buttons(app.run())["suggest"].click().run()
    assert any("suggested: **dates** · 1 note" in text for text in texts(app))
    said = "Suggested for 1 of 2 notes. 1 is like no other: nothing is suggested there."
    assert any(said in caption.value for caption in app.caption)
    assert any("Grouped by wording only" in caption.value for caption in app.caption)
    assert list_unsorted(the_store(), Slice()).total == 2
    buttons(app)[f"accept.{list_suggestions(the_store(), Slice())[0].events[0]}"].click().run()
    assert list_unsorted(the_store(), Slice()).total == 1
    assert any("You accepted 1 of 1 suggestion." in caption.value for caption in app.caption)
    buttons(app)["undo_sorting"].click().run()
    assert list_unsorted(the_store(), Slice()).total == 2
    assert t03.categories == ("dates",)


def test_a_key_is_needed_for_the_model_and_its_price_is_shown_before_it_is_asked(
    read_app: OpenPage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with messages_server() as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.address)
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        app = named(read_app("failures", tab="sort"))
        buttons(app)["suggest"].click().run()
        assert any("usually under" in text for text in texts(app))
        assert server.asked == []
        assert list_suggestions(the_store(), Slice()) == []


def test_a_link_to_a_merged_category_shows_the_other_one_and_says_so(read_app: OpenPage) -> None:
    read_app("failures", tab="counts")
    merge_categories(the_store(), 2, into=1, by="bo")
    app = read_app("failures", tab="counts", category="2")
    assert "\u201cinvented\u201d was merged into \u201cdates\u201d." in notices(app)
    assert address(app)["category"] == ["1"]
    assert list(app.dataframe[0].value["Category"]) == ["dates"]


def test_traces_of_a_split_category_wait_for_a_choice(read_app: OpenPage) -> None:
    read_app("failures", tab="sort")
    split_category(the_store(), 1, [Words(name="Wrong day", definition="x")], by="bo")
    app = named(read_app("failures", tab="sort"))
    assert any("2 traces of dates were split: choose again" in head.value for head in app.subheader)
    waiting = list_recodes(the_store(), Slice())[0].recode
    made = max(category.id for category in list_categories(the_store()))
    buttons(app)[f"again.{waiting.event}.{made}"].click().run()
    assert any("1 trace of dates were split" in head.value for head in app.subheader)


def test_a_decision_is_made_beside_the_chosen_row_and_stands_in_the_table(read_app: OpenPage) -> None:
    app = read_app("failures", tab="counts", cell="1")
    app.text_input(key="frame.person").input("bo").run()
    app.selectbox(key="status.1").select("fix now").run()
    assert list(app.dataframe[0].value["Decision"]) == ["fix now", "new", ""]


def test_a_fix_shows_both_rates_with_their_traces(read_app: OpenPage) -> None:
    read_app("failures", tab="counts")
    log_fix(the_store(), 1, what="the prompt names today", since=datetime(2026, 1, 5), by="bo")
    app = read_app("failures", tab="counts", cell="1")
    said = texts(app)
    assert any("Before: 1 of 4 · few of reviewed traces" in text for text in said)
    assert any("Not enough yet" in text for text in said)
    assert wrong_links(app) == []


def test_a_fix_says_how_many_traces_it_leaves_out_because_they_were_picked(read_app: OpenPage) -> None:
    read_app("failures", tab="counts")
    log_fix(the_store(), 1, what="the prompt names today", since=datetime(2026, 1, 5), by="bo")
    thin = Plan(parts=(Part("thin cells", 100),), by=("feature", "persona"))
    queue = start_queue(the_store(), Slice(until=datetime(2026, 1, 5)), size=5, labeler="bo", plan=thin)
    ids = trace_ids(the_store(), queue)
    for trace_id in ids:
        record_label(the_store(), trace_id=trace_id, state=LabelState.PASS, labeler="bo", queue_id=queue.id)
    app = read_app("failures", tab="counts", cell="1")
    assert any("Before: — of reviewed traces" in text for text in texts(app))
    assert f"{len(ids)} picked for a reason" in links(app)
    assert wrong_links(app) == []


def test_counts_say_whether_enough_was_read(read_app: OpenPage) -> None:
    app = read_app("failures", tab="counts")
    assert any(
        "**2 traces since the last new category**: 3 kinds of failure in 8 traces read." in t for t in texts(app)
    )


def test_where_it_breaks_takes_two_dimensions_of_the_log(read_app: OpenPage) -> None:
    app = read_app("failures", tab="breaks")
    assert any("No first failure is marked in these 4 traces." in notice for notice in notices(app))
    app = read_app("failures", tab="breaks", rows="feature", cols="persona", cell="0|0")
    assert list(app.dataframe[0].value["name"])[-1] == "all"
    assert any("11 of 12 traces" in text for text in texts(app))
    assert wrong_links(app) == []
    assert read_app("failures", tab="breaks", rows="feature", cols="feature").info


def test_every_number_of_the_counts_opens_its_traces(read_app: OpenPage) -> None:
    assert wrong_links(read_app("failures", tab="counts", cell="1")) == []


def test_other_traces_after_a_fix_are_named_with_both_counts_and_the_change_in_one_mix(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fill(store: Store) -> None:
        """New people fail in 15 of 20 before and 5 of 30 after, regular ones in 2 of 20 and 0 of 10."""
        plan = [("new", -1, 20, 15), ("regular", -1, 20, 2), ("new", 1, 30, 5), ("regular", 1, 10, 0)]
        with ingest(store) as running:
            for persona, side, n, fails in plan:
                for i in range(n):
                    name = f"{persona}{side}{i}"
                    at = datetime(2026, 3, 1) + timedelta(days=side)
                    trace = new_trace(id=name, started_at=at, dimensions={"persona": persona})
                    state = LabelState.FAIL if i < fails else LabelState.PASS
                    label = LabelRow(
                        trace_id=name, labeler="ana", state=state, critique="late", categories=("dates",) * (i < fails)
                    )
                    running.add([Entry("x.jsonl", None, trace, [label], [])])
            running.finish(files=["x.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)

    for open_page in opener(made(database, fill, read_all), monkeypatch):
        app = open_page("failures", tab="counts", cell="1")
        log_fix(the_store(), 1, what="the prompt names today", since=datetime(2026, 3, 1), by="bo")
        app.run()
        assert any("Other traces came after it" in text and "persona is new in" in text for text in texts(app))
        assert any("Better by 40 points" in text and "same mix of persona" in text for text in texts(app))
        shown = {label.replace("\u00a0", " ").replace("\\", "") for label in links(app)}
        assert {"20 of 40 · 50 % (35–65 %) before", "30 of 40 · 75 % (60–86 %) after"} <= shown
        assert wrong_links(app) == []
