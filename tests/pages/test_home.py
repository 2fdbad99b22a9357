"""The first page."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.model import LabelState
from core.slice import Slice
from core.store.connection import Store
from core.store.ingest import Entry, ingest
from core.workflows.planning import UNUSUAL, Part, Plan
from core.workflows.queueing import start_queue, trace_ids
from core.workflows.reviewing import record_label
from core.workflows.wording import Words, decide, make_category
from pages.ui.store import the_store
from tests.conftest import LABELLED_ON, new_trace
from tests.judging import saved
from tests.pages.conftest import OpenPage, address, links, opener
from tests.pages.numbers import counted_links, wrong_links
from tests.pages.samples import made
from tests.unit.workflows import test_orienting as way
from tests.unit.workflows.test_sealing import assign


def said(app: AppTest) -> str:
    text = [*app.markdown, *app.caption]
    return "\n".join(element.value for element in text).replace("\u00a0", " ").replace("*", "").replace("\\", "")


def plain_labels(app: AppTest) -> list[str]:
    return [label.replace("\u00a0", " ").replace("\\", "") for label in links(app)]


def test_the_answer_stands_there_without_a_click(sample_app: OpenPage) -> None:
    app = sample_app()
    assert [t.value for t in app.title] == ["What is failing, and where"]
    assert [s.value for s in app.subheader] == [
        "Most frequent failures (of 44 failed)",
        "Worst slices (smallest n 10)",
        "Do next",
        "Can we trust the judge?",
        "Where am I?",
    ]
    assert "44 of 120 labelled traces failed" in plain_labels(app)
    assert "37 % (29–46 %). Labels by Sample expert" in said(app)
    table = app.dataframe[0].value
    assert table["Failure category"].iloc[-1] == "Not sorted yet"
    assert len(table) <= 6
    assert next(iter(label for label in links(app) if "×" in label)) == "no match × new"
    assert "catches 37 of 43 failures (73–93 %) and keeps 69 of 73 passes (87–98 %)" in said(app)
    assert "looked at." in said(app)


def test_there_is_one_primary_action(sample_app: OpenPage) -> None:
    app = sample_app()
    buttons = [button for button in app.button if button.proto.type == "primary"]
    assert [button.label for button in buttons] == ["See where the judge differs: 10"]


def test_the_primary_action_opens_its_page(small_app: OpenPage) -> None:
    app = small_app()
    button = app.button(key="do_next")
    assert button.label == "Review 3 traces"
    button.click().run()
    assert [t.value for t in app.title] == ["Review"]


@pytest.mark.parametrize("slice_", [{}, {"d__scenario": "no match"}, {"d__persona": ["new", ""]}, {"verdict": "fail"}])
def test_each_number_opens_its_traces(sample_app: OpenPage, slice_: dict[str, str | list[str]]) -> None:
    app = sample_app(**slice_)
    assert wrong_links(app) == []
    assert counted_links(app)


def test_numbers_of_several_values_open_their_traces(messy_app: OpenPage) -> None:
    app = messy_app(min_n="3")
    assert wrong_links(app) == []
    assert "2 people labelled (ana, ben), and nobody is the principal expert" in said(app)


def test_the_smallest_n_of_the_address_holds(small_app: OpenPage) -> None:
    assert "none has 10 labelled traces yet" in said(small_app())
    app = small_app(min_n="2")
    assert "2 of 2 · few" not in plain_labels(app)
    assert "2 of 2 · 100 % (34–100 %)" in plain_labels(app)
    assert address(app) == {"min_n": ["2"]}


def test_without_labels_it_says_so_and_offers_to_review(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fill(store: Store) -> None:
        with ingest(store) as running:
            running.add([Entry("made.jsonl", n, new_trace(), [], []) for n in range(30)])
            running.finish(files=["made.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)

    for open_page in opener(made(database, fill), monkeypatch):
        app = open_page()
        assert app.button(key="do_next").label == "Review 25 traces"
        assert "No verdicts yet. The first 25 take about 15 minutes." in said(app)
        assert "No judge yet." in said(app)
        assert not app.dataframe


def test_labels_that_were_picked_are_left_out_of_the_rate_and_those_of_unknown_choice_are_said(
    small_app: OpenPage,
) -> None:
    app = small_app()
    unknown = "For 8 labels it is not known how the trace was picked; counted as if drawn at random"
    assert links(app)[unknown].endswith("verdict=pass&verdict=fail&chosen=unknown")
    queue = start_queue(
        the_store(),
        Slice(),
        size=5,
        labeler="bo",
        plan=Plan(parts=(Part("thin cells", 100),), by=("feature", "persona")),
    )
    for trace_id in trace_ids(the_store(), queue):
        record_label(
            the_store(), trace_id=trace_id, state=LabelState.FAIL, labeler="bo", critique="so", queue_id=queue.id
        )
    app = small_app()
    assert links(app)["5 picked for a reason"].endswith("verdict=pass&verdict=fail&chosen=picked")
    assert any(" weighted" in text.value.replace("\u00a0", " ") for text in app.markdown)
    assert any("Weighted by how likely each trace was drawn." in text.value for text in app.markdown)
    plain = "Shares here are plain counts of what was labelled"
    app = small_app("failures", tab="counts")
    assert any(plain in text.value for text in app.markdown)
    assert links(app)["5 picked for a reason"].endswith("verdict=pass&verdict=fail&chosen=picked")
    app = small_app("pivot", rows="feature")
    assert links(app)["5 picked for a reason"].endswith("verdict=pass&verdict=fail&chosen=picked")


def test_labels_that_were_all_picked_have_a_count_and_no_rate(empty_app: OpenPage) -> None:
    empty_app()
    with ingest(the_store()) as running:
        running.add([Entry("a.jsonl", n, new_trace(input="x" * n), [], []) for n in range(1, 20)])
        running.finish(files=["a.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)
    queue = start_queue(the_store(), Slice(), size=10, labeler="bo", plan=UNUSUAL)
    for trace_id in trace_ids(the_store(), queue):
        record_label(
            the_store(), trace_id=trace_id, state=LabelState.FAIL, labeler="bo", critique="so", queue_id=queue.id
        )
    app = empty_app()
    assert any("None at random: no share of all traces can be said" in text.value for text in app.markdown)


def stands(app: AppTest, label: str, *words: str) -> None:
    """The page drawn anew has this one primary action, says these words, and every number of it opens its traces."""
    app.run()
    primary = [button.label for button in app.button if button.proto.type == "primary"]
    assert (primary, wrong_links(app)) == ([label], [])
    assert [word for word in words if word not in f"{said(app)} {' '.join(plain_labels(app))}"] == []


def test_each_part_of_the_way_has_its_state_its_count_and_its_one_action(
    database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same store from the first label to a test split that waits to be opened; the page is drawn at each turn."""
    for open_page in opener(made(database, way.bring), monkeypatch):
        app = open_page()
        stands(app, "Review 25 traces", "▸ 1 Look and label · now", "none of 100 traces labelled", "○ 7 Watch · later")
        way.label(the_store(), way.NAMES)
        stands(
            app,
            "Sort 40 failures",
            "✓ 1 Look and label · done",
            "100 of 100 traces labelled",
            "40 of 40 failures not sorted",
        )
        words = Words(name="dates", definition="x")
        category = make_category(the_store(), words, by="ana", trace_ids=sorted(way.FAILING)).category_id or 0
        stands(app, "Decide on 1 failure category", "All 40 failures sorted", "0 of 1 category decided", "no judge yet")
        app.button(key="do_next").click().run()
        assert any(box.key == f"status.{category}" for box in app.selectbox), (
            "the first of them is open to be decided on"
        )
        app.switch_page("pages/home/page.py")
        decide(the_store(), category, by="ana", status="fix now")
        stands(
            app,
            "Write a judge",
            "1 of 1 category decided, 0 of 1 fixed",
            "40 failures and 60 passes are labelled; 20 of each",
        )
        saved(the_store())
        stands(app, "Check the judge", "1 judge, 1 version", "not checked yet", "no traces set aside for it yet")
        assign(the_store(), dev=tuple(range(1, 51)), test=tuple(range(51, 101)))
        way.bring(the_store(), version="v1", wrong=frozenset(sorted(way.FAILING)[:5]))
        stands(app, "See where the judge differs: 5", "50 compared on dev, 5 to look at", "50 traces, sealed")
        way.explain(the_store(), "strict@v1")
        stands(
            app,
            "Improve the judge",
            "On dev it catches 15 of 20 failures (53–89 %) and keeps 30 of 30 passes",
            "80 % of each",
        )
        way.bring(the_store(), version="v2")
        stands(app, "Test the judge once", "50 compared on dev", "looked at once")
        app.button(key="do_next").click().run()
        assert [title.value for title in app.title] == ["Trust"]
        assert (address(app)["split"], address(app)["judge"]) == (["test"], ["strict@v2"])
        assert any("The test split is sealed." in notice.proto.title for notice in app.info)
