"""After the last verdict of a queue: the judge on its traces, and the differences one by one."""

import json
from typing import Any

from streamlit.testing.v1 import AppTest

from core.model import LabelState
from core.slice import Slice
from core.workflows.exploring import read_trace
from core.workflows.queueing import Queue, start_queue, trace_ids
from core.workflows.revealing import list_unclear
from core.workflows.reviewing import record_label
from pages.ui.store import the_store
from tests.pages.conftest import OpenPage, links, name_field

BO = "bo"


def buttons(app: AppTest) -> dict[str, Any]:
    return {button.key: button for button in app.button if button.key}


def given_name(app: AppTest, name: str = BO) -> AppTest:
    return name_field(app).input(name).run()


def panel(app: AppTest) -> dict[str, Any]:
    """What the review loop was sent."""
    sent = [element.proto for element in app.get("bidi_component")]
    loops = [json.loads(proto.json) for proto in sent if '"mode"' in proto.json]
    assert len(loops) == 1
    return loops[0]


def open_queue(open_page: OpenPage) -> tuple[AppTest, Queue, list[str]]:
    """A queue of all twelve traces opened by its address alone, the name given."""
    open_page("review")
    queue = start_queue(the_store(), Slice(), size=25, labeler=BO)
    return given_name(open_page("review", queue=queue.address)), queue, trace_ids(the_store(), queue)


def finished(open_page: OpenPage) -> tuple[AppTest, Queue, list[str]]:
    """A queue of all twelve traces, all passed by Bo."""
    _, queue, ids = open_queue(open_page)
    for trace_id in ids:
        record_label(the_store(), trace_id=trace_id, state=LabelState.PASS, labeler=BO, critique="because")
    return given_name(open_page("review", queue=queue.address)), queue, ids


def test_where_the_judge_differs_is_offered_after_the_last_verdict_and_not_before(small_app: OpenPage) -> None:
    _, queue, ids = open_queue(small_app)
    for trace_id in ids[:-1]:
        record_label(the_store(), trace_id=trace_id, state=LabelState.PASS, labeler=BO, critique="because")
    early = given_name(small_app("review", queue=queue.address, view="judge", judge="strict@v1"))
    assert panel(early)["total"] == 12
    assert not any("the judge" in element.value for element in early.markdown)
    record_label(the_store(), trace_id=ids[-1], state=LabelState.PASS, labeler=BO, critique="because")
    app = given_name(small_app("review", queue=queue.address))
    said = "\n".join(element.value for element in app.markdown).replace("\u00a0", " ")
    assert "Judge strict v1 on these 9: no failure to catch · kept 5 of 9 passes (27–81 %)." in said
    assert "view=judge" in links(app)["See where the judge differs: 4"]


def test_a_verdict_changed_after_the_totals_were_drawn_says_that_the_judge_was_seen(small_app: OpenPage) -> None:
    _, queue, ids = open_queue(small_app)

    def judge(trace_id: str, state: LabelState = LabelState.PASS) -> list[bool]:
        record_label(the_store(), trace_id=trace_id, state=state, labeler=BO, critique="so", queue_id=queue.id)
        return [label.saw_judge for label in read_trace(the_store(), trace_id).labels if label.labeler == BO]

    for trace_id in ids[:-1]:
        judge(trace_id)
    given_name(small_app("review", queue=queue.address))
    assert judge(ids[0], LabelState.FAIL) == [False], "nothing was told of it yet"
    judge(ids[-1])
    app = given_name(small_app("review", queue=queue.address))
    assert any("Judge strict v1 on these 9" in element.value for element in app.markdown)
    assert judge("t02", LabelState.FAIL) == [False, True], "the blind verdict stays, and counts against the judge"
    assert judge("t12", LabelState.FAIL) == [False], "the judge has no word on it"
    assert judge("t10", LabelState.FAIL) == [False], "nor a verdict on this one"
    again = given_name(small_app("review", queue=queue.address))
    totals = next(element.value for element in again.markdown if "on these 9" in element.value)
    assert totals == next(element.value for element in app.markdown if "on these 9" in element.value)


def test_the_differences_are_gone_through_one_by_one(small_app: OpenPage) -> None:
    _, queue, ids = finished(small_app)
    app = given_name(small_app("review", queue=queue.address, view="judge"))
    differing = [trace_id for trace_id in ids if trace_id in ("t02", "t03", "t05", "t07")]
    said = "\n".join(element.value for element in app.markdown)
    assert "1 of 4 differences" in said
    assert "the judge says fail" in said
    buttons(app)[f"keep.{differing[0]}"].click().run()
    assert "2 of 4 differences" in "\n".join(element.value for element in app.markdown)
    buttons(app)[f"change.{differing[1]}"].click().run()
    assert any("Write what you see now" in element.value for element in app.markdown)
    app.text_area(key=f"second_thought.{differing[1]}").input("It does invent it.")
    buttons(app)[f"change.{differing[1]}"].click().run()
    buttons(app)[f"unclear.{differing[2]}"].click().run()
    changed = [label for label in read_trace(the_store(), differing[1]).labels if label.labeler == BO]
    assert [(label.state.value, label.saw_judge) for label in changed] == [("pass", False), ("fail", True)]
    assert len(list_unclear(the_store())) == 1
    assert "1 not looked at" in "\n".join(element.value for element in app.markdown)
