"""The list of traces and the trace beside it."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from core.model import LabelState, Message
from core.slice import Slice
from core.store.ingest import Entry, ingest
from core.workflows.opening import open_store
from core.workflows.queueing import start_queue
from core.workflows.reviewing import record_label
from pages.ui.store import the_store
from tests.conftest import LABELLED_ON, SMALL, new_trace
from tests.pages.conftest import OpenPage, address, links, notices


def listed(app: AppTest) -> list[str]:
    """The ids of the list, in order: they end the inputs of the hand-made traces."""
    return [text.rsplit(" ", 1)[1] for text in app.dataframe[0].value["Input"]]


def shown(app: AppTest) -> str:
    """What stands right of the list, as plain text."""
    return "\n".join(element.value for element in app.markdown).replace("\\", "").replace("*", "")


def test_the_list_is_newest_first_with_what_expert_and_judge_say(small_app: OpenPage) -> None:
    app = small_app("traces")
    assert listed(app) == ["t11", "t10", "t09", "t08", "t07", "t06", "t05", "t04", "t03", "t02", "t01", "t12"]
    table = app.dataframe[0].value
    assert list(table) == ["When", "Input", "Expert", "Judge v1", "Category", "persona"]
    rows = {
        name: tuple(row) for name, row in zip(listed(app), table[list(table)[2:]].itertuples(index=False), strict=True)
    }
    assert rows["t07"] == ("✗ fail", "✗ fail", "dates, tone", "regular")
    assert rows["t08"] == ("◌ deferred", "hidden", "—", "regular")
    assert rows["t05"] == ("– unlabelled", "hidden", "—", "new")
    assert rows["t10"] == ("✓ pass", "! judge failure", "—", "regular")
    assert rows["t12"] == ("– unlabelled", "—", "—", "regular")


def test_the_usual_columns_fit_beside_the_trace_at_1280_pixels(small_app: OpenPage) -> None:
    config = json.loads(small_app("traces").dataframe[0].proto.columns)
    widths = [config[name]["width"] for name in ("When", "Input", "Expert", "Judge v1", "Category", "persona")]
    assert sum(widths) <= 606, "6 of 11 parts of 1130 pixels, and a border"


@pytest.mark.parametrize(("sort", "first"), [("oldest", "t01"), ("newest", "t11")])
def test_the_order_stands_in_the_address(sort: str, first: str, small_app: OpenPage) -> None:
    app = small_app("traces", sort=sort)
    assert listed(app)[0] == first
    assert app.selectbox(key="set.sort").value == sort


def test_a_new_order_is_written_into_the_address_and_the_usual_one_removed(small_app: OpenPage) -> None:
    app = small_app("traces")
    app.selectbox(key="set.sort").set_value("oldest").run()
    assert address(app) == {"sort": ["oldest"]}
    app.selectbox(key="set.sort").set_value("newest").run()
    assert address(app) == {}


def test_an_unknown_order_is_named_and_the_usual_one_taken(small_app: OpenPage) -> None:
    app = small_app("traces", sort="best")
    assert notices(app) == ["“sort: best” cannot be applied."]
    assert listed(app)[0] == "t11"


def test_columns_can_be_chosen_and_stand_in_the_address(small_app: OpenPage) -> None:
    app = small_app("traces", fields=["feature", "Model", "nothing of the kind"])
    table = app.dataframe[0].value
    assert list(table)[-2:] == ["feature", "Model"]
    app.multiselect(key="set.fields").set_value(["Session", "Messages"]).run()
    assert address(app) == {"fields": ["Session", "Messages"]}
    assert list(app.dataframe[0].value["Messages"])[:2] == [2, 2]


def test_the_first_trace_stands_beside_the_list_and_a_named_one_in_its_place(small_app: OpenPage) -> None:
    assert "Expert: :red[✗ fail], ana" in shown(small_app("traces"))
    said = shown(small_app("traces", trace="t03"))
    assert "“wrong date”" in said
    assert "Judge strict v1: :red[✗ fail]" in said
    assert "“the judge says fail”" in said
    assert "Failure category: dates" in said


def test_a_trace_outside_the_slice_is_shown_with_that_said(small_app: OpenPage) -> None:
    app = small_app("traces", trace="t03", verdict="pass")
    assert notices(app) == ["Trace t03 is not part of this slice; it is shown because the link asks for it."]
    assert "“wrong date”" in shown(app)


def test_a_trace_that_is_not_there_is_named(small_app: OpenPage) -> None:
    app = small_app("traces", trace="![x](http://a.example/b.png)", verdict="pass")
    assert notices(app) == ["Trace ![x](http\u2060://a.example/b.png) does not exist in this database."]
    assert app.error[0].proto.title.startswith("Trace \\!\\[x\\]\\(http")
    assert links(app)["All traces"] == "traces?"
    assert len(listed(app)) == 4


def test_a_second_opinion_stands_below_the_label_that_counts(small_database: Path, small_app: OpenPage) -> None:
    store = open_store(small_database)
    record_label(store, trace_id="t01", state=LabelState.FAIL, labeler="bo", critique="I disagree", saw_judge=True)
    store.close()
    said = shown(small_app("traces", trace="t01"))
    assert "Second opinion" in said
    assert "bo" in said
    assert "saw the judge" in said


def test_a_very_large_trace_is_shown_in_part_until_all_is_asked_for(small_database: Path, small_app: OpenPage) -> None:
    store = open_store(small_database)
    messages = tuple(Message("user", f"message {number}") for number in range(300))
    with ingest(store) as running:
        running.add([Entry("big", 1, new_trace(id="big", messages=messages, record="x" * 2_300_000), [], [])])
        running.finish(files=["big"], format_name="jsonl", mapping=None, now=LABELLED_ON)
    store.close()
    app = small_app("traces", trace="big")
    assert notices(app) == ["This trace is very large (2.3 MB)."]
    assert app.warning[0].value == "The first 200 messages are shown."
    app.button(key="show_all").click().run()
    assert notices(app) == []


def test_verdicts_on_a_trace_that_waits_in_an_open_queue_are_hidden(small_app: OpenPage) -> None:
    app = small_app("traces", trace="t03")
    start_queue(the_store(), Slice(search="of t03"), size=5, labeler="bo")
    app.text_input(key="frame.person").input("bo").run()
    assert "wrong date" not in shown(app)
    assert "the judge says" not in shown(app)
    assert "Verdicts are hidden until you have judged this trace." in [c.value for c in app.caption]
    row = dict(
        zip(listed(app), app.dataframe[0].value[["Expert", "Judge v1", "Category"]].values.tolist(), strict=True)
    )
    assert row["t03"] == ["hidden", "hidden", "—"]
    assert row["t04"] == ["✗ fail", "hidden", "invented"]


def sent_record(app: AppTest) -> str:
    """The record as logged, as the trace view was sent it."""
    drawn = [
        json.loads(element.proto.json) for element in app.get("bidi_component") if '"record"' in element.proto.json
    ]
    return str(drawn[0]["trace"]["record"])


def test_the_record_as_logged_is_not_shown_where_it_may_tell_a_hidden_or_sealed_verdict(small_app: OpenPage) -> None:
    app = small_app("traces", trace="t03")
    assert sent_record(app)
    start_queue(the_store(), Slice(search="of t03"), size=5, labeler="bo")
    assert sent_record(small_app("traces", trace="t03")) == ""
    record_label(the_store(), trace_id="t03", state=LabelState.PASS, labeler="bo")
    assert sent_record(small_app("traces", trace="t03"))
    with the_store().write() as cursor:
        cursor.execute("insert into splits select nextval('event_number'), 3, 'test', now()::timestamp")
    sealed = small_app("traces", trace="t03")
    assert sent_record(sealed) == ""
    assert any("which is sealed" in caption.value for caption in sealed.caption)


def test_the_primary_action_names_its_amount(small_app: OpenPage) -> None:
    waiting = sum(said is None for _, _, _, _, said, *_ in SMALL)
    assert f"Review {waiting} unlabelled" in links(small_app("traces"))
    blind = links(small_app("traces", verdict="fail"))
    assert f"Review {len(SMALL)} traces" in blind, "a queue is drawn without asking what was said"
    assert "Review these 5" in links(small_app("traces", d__feature="search"))
    assert links(small_app("traces", q="question of t05"))["Review this trace"].startswith("review?q=question")
    critiques = links(small_app("traces", q="greeting"))
    assert [label for label in critiques if label.startswith("Review ")] == [], "a queue looks through no critiques"
