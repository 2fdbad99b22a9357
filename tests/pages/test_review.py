"""Review: what can be started, what the loop is given, and that nothing of anybody else is in it."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.model import LabelState
from core.slice import Slice
from core.workflows.queueing import Queue, draw_queue, start_queue
from core.workflows.reviewing import keep_draft, record_label
from pages.ui.store import the_store
from tests.conftest import EXPERT
from tests.pages.conftest import OpenPage, address, links, notices

BO = "bo"
NAME = "ask.person"


def buttons(app: AppTest) -> dict[str, Any]:
    return {button.key: button for button in app.button if button.key}


def given_name(app: AppTest, name: str = BO) -> AppTest:
    return app.text_input(key=NAME).input(name).run()


def panel(app: AppTest) -> dict[str, Any]:
    """What the review loop was sent."""
    sent = [element.proto for element in app.get("bidi_component")]
    loops = [json.loads(proto.json) for proto in sent if '"mode"' in proto.json]
    assert len(loops) == 1
    return loops[0]


def open_queue(open_page: OpenPage, slice_: Slice | None = None, **more: str) -> tuple[AppTest, Queue, list[str]]:
    """A queue of the whole slice opened by its address alone, the name given."""
    open_page("review")
    queue = start_queue(the_store(), size=25)
    params = {name.replace(".", "__"): values for name, values in (slice_ or Slice()).to_params().items()}
    app = given_name(open_page("review", queue=queue.name, **params, **more))
    return app, queue, draw_queue(the_store(), slice_ or Slice(), queue, labeler=BO)


def test_the_start_offers_what_nobody_labelled(small_app: OpenPage) -> None:
    app = small_app("review")
    assert buttons(app)["start.random"].label == "Start 3"
    assert "start.slice" not in buttons(app)
    assert links(app)["3 unlabelled in all"].endswith("verdict=unlabelled")


def test_the_start_offers_the_slice_and_says_what_is_left_out_of_it(small_app: OpenPage) -> None:
    app = small_app("review", d__feature="search", verdict="fail")
    assert buttons(app)["start.slice"].label == "Start 5"
    assert any("so that you judge blind" in caption.value for caption in app.caption)
    assert not any("fail" in text.value for text in app.markdown if "from the current slice" in text.value)


def test_starting_asks_for_the_name_before_anything_is_shown(small_app: OpenPage) -> None:
    app = buttons(small_app("review"))["start.random"].click().run()
    assert address(app)["verdict"] == ["unlabelled"]
    assert Queue.from_name(address(app)["queue"][0]) is not None
    assert app.get("bidi_component")
    assert not any('"mode"' in x.proto.json for x in app.get("bidi_component"))
    assert panel(given_name(app))["total"] == 3


def test_the_address_is_enough_to_open_a_queue_at_the_same_place(small_app: OpenPage) -> None:
    _, queue, ids = open_queue(small_app)
    record_label(the_store(), trace_id=ids[0], state=LabelState.PASS, labeler=BO)
    keep_draft(the_store(), trace_id=ids[1], labeler=BO, verdict="fail", critique="half typed")
    sent = panel(given_name(small_app("review", queue=queue.name, trace=ids[1])))
    assert sent["current"] == ids[1]
    assert [item["trace"]["id"] for item in sent["items"]] == ids[sent["position"] - 1 :]
    second = next(item for item in sent["items"] if item["trace"]["id"] == ids[1])
    assert second["draft"]["critique"] == "half typed"
    assert sent["earlier"] == [{"trace_id": ids[0], "verdict": "pass"}]


def test_nothing_of_a_judge_or_of_other_people_reaches_the_browser(small_app: OpenPage) -> None:
    app, _, _ = open_queue(small_app)
    everything = json.dumps([str(element.proto) for element in app.get("bidi_component")])
    for word in (EXPERT, "wrong date", "the judge says", "invented", "strict@v1", "ask the owner"):
        assert word not in everything
    assert all(item["trace"]["record"] == "" for item in panel(app)["items"])
    assert all(item["label"] is None and item["history"] == [] for item in panel(app)["items"])


def test_an_address_with_verdicts_in_it_loses_them(small_app: OpenPage) -> None:
    told = Slice(verdict=("fail",), judge="strict@v1", judge_verdict=("pass",)).with_value("feature", "search")
    app, _, ids = open_queue(small_app, told)
    assert "verdict" not in address(app)
    assert "judge_verdict" not in address(app)
    assert address(app)["d.feature"] == ["search"]
    assert len(ids) == 5


def test_progress_and_history_are_this_persons(small_app: OpenPage) -> None:
    _, queue, ids = open_queue(small_app)
    record_label(the_store(), trace_id=ids[0], state=LabelState.PASS, labeler=BO, critique="fine")
    record_label(the_store(), trace_id=ids[0], state=LabelState.FAIL, labeler=BO, critique="wrong")
    app = given_name(small_app("review", queue=queue.name, trace=ids[0]))
    assert app.get("progress")[0].proto.text.replace("\u00a0", " ") == "**1 of 12 done**"
    first = panel(app)["items"][0]
    assert (first["label"]["verdict"], [x["critique"] for x in first["history"]]) == ("fail", ["fine"])


def test_the_end_of_a_queue_says_how_many_failed(small_app: OpenPage) -> None:
    _, queue, ids = open_queue(small_app)
    for place, trace_id in enumerate(ids):
        state = LabelState.DEFERRED if place == 0 else LabelState.FAIL if place < 4 else LabelState.PASS
        record_label(the_store(), trace_id=trace_id, state=state, labeler=BO, critique="because")
    app = given_name(small_app("review", queue=queue.name))
    said = app.success[0].value.replace("\u00a0", " ")
    assert said == "Failed of those labelled: 3 of 11 · 27 % (10–57 %), 1 deferred."
    shown = [label for label in links(app) if label[:1] in "✓✗◌"]
    assert len(shown) == 12


def test_all_labelled_by_this_person_leaves_nothing_to_review(small_app: OpenPage) -> None:
    app = small_app("review")
    for number in range(1, 13):
        record_label(the_store(), trace_id=f"t{number:02d}", state=LabelState.PASS, labeler=BO)
    app.run()
    assert "Nothing left to review here." in notices(app)


@pytest.mark.parametrize("name", ["x", "25-1", "999-1-1", "<script>"])
def test_a_queue_that_cannot_be_read_is_named_and_the_start_is_shown(small_app: OpenPage, name: str) -> None:
    app = small_app("review", queue=name)
    assert any("cannot be applied" in title for title in notices(app))
    assert "start.random" in buttons(app)


def test_a_slice_that_cannot_be_applied_draws_nothing_wider(small_app: OpenPage) -> None:
    app = given_name(small_app("review", queue="25-1-100000", d__feature="gone"))
    assert "Nothing left to review here." in notices(app)
    assert not any('"mode"' in x.proto.json for x in app.get("bidi_component"))
