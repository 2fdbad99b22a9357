"""Blind first, from whatever session, tab or device one comes: what waits is hidden, and what was seen is noted."""

import pytest
from streamlit.testing.v1 import AppTest

from core.model import LabelState
from core.slice import Slice
from core.workflows.exploring import read_trace, set_principal_expert
from core.workflows.queueing import start_queue, trace_ids
from core.workflows.reviewing import record_label
from pages.ui.store import the_store
from tests.conftest import EXPERT, JUDGE
from tests.pages.conftest import OpenPage, address

BO = "bo"
CY = "cy"


def as_somebody(open_page: OpenPage, name: str | None, page: str, **params: str | list[str]) -> AppTest:
    """A page in a session of its own, as after a reload or on another device."""
    app = open_page(page, **params)
    return app if name is None else app.text_input(key="frame.person").input(name).run()


def principal(open_page: OpenPage) -> None:
    """The expert's labels count, whoever else labels."""
    open_page("settings")
    set_principal_expert(the_store(), EXPERT, by=EXPERT)


def text(app: AppTest) -> str:
    said = [element.value for element in (*app.markdown, *app.caption)]
    return "\n".join([*said, *(str(table.value.to_dict()) for table in app.dataframe)])


def judge_column(app: AppTest) -> dict[str, str]:
    """By trace what the list says of the judge: the ids end the inputs of the hand-made traces."""
    table = app.dataframe[0].value
    return {row["Input"].rsplit(" ", 1)[1]: row["Judge v1"] for _, row in table.iterrows()}


def saw_judge(trace_id: str, labeler: str = BO) -> list[bool]:
    """What labels given now say; one is given."""
    record_label(the_store(), trace_id=trace_id, state=LabelState.PASS, labeler=labeler)
    return [label.saw_judge for label in read_trace(the_store(), trace_id).labels if label.labeler == labeler]


# ------------------------------------------------------------------------------ what waits

PLACES = {
    "the list and the trace": ("traces", {"trace": "t04"}, ("invented", "the judge says pass")),
    "the evidence of a cell": (
        "pivot",
        {"rows": "feature", "cols": "none", "cell": "search|*", "min_n": "1"},
        ("invented a listing",),
    ),
    "the judge's evidence of a cell": (
        "pivot",
        {"rows": "feature", "cols": "none", "cell": "search|*", "min_n": "1", "of": JUDGE},
        ("the judge says fail",),
    ),
    "the pairs one by one": (
        "trust",
        {"judge": JUDGE, "view": "pairs", "trace": "t04"},
        ("invented a listing", "the judge says pass"),
    ),
    "the pairs in a table": (
        "trust",
        {"judge": JUDGE, "view": "table"},
        ("invented a listing", "the judge says pass", "t04"),
    ),
    "the pairs that agree": ("trust", {"judge": JUDGE, "view": "reasons"}, ("wrong date", "the judge says fail")),
}


@pytest.mark.parametrize("place", PLACES)
def test_what_waits_in_an_open_queue_is_hidden_in_a_new_session_and_shown_once_judged(
    place: str, small_app: OpenPage
) -> None:
    page, params, words = PLACES[place]
    principal(small_app)
    assert [word for word in words if word not in text(as_somebody(small_app, CY, page, **params))] == []
    queue = start_queue(the_store(), Slice(), size=25, labeler=BO)
    for name in (BO, None):
        said = text(as_somebody(small_app, name, page, **params))
        assert [word for word in words if word in said] == []
        assert "hidden" in said
        assert ("say above who you are" in said) is (name is None)
    for trace_id in trace_ids(the_store(), queue):
        record_label(the_store(), trace_id=trace_id, state=LabelState.PASS, labeler=BO, queue_id=queue.id)
    said = text(as_somebody(small_app, BO, page, **params))
    assert [word for word in words if word not in said] == []


# ------------------------------------------------------------------------------ the list with the judge's column


def test_the_list_hides_the_judge_of_what_one_has_not_judged_and_notes_what_it_shows(small_app: OpenPage) -> None:
    app = as_somebody(small_app, BO, "traces", trace="t12")
    assert set(judge_column(app).values()) == {"hidden", "! judge failure", "—"}
    assert "What the judge says of 9 traces is hidden until you have judged or opened them." in text(app)
    assert saw_judge("t02") == [False]
    assert judge_column(as_somebody(small_app, BO, "traces", trace="t12"))["t02"] == "✗ fail"
    app = as_somebody(small_app, BO, "traces", trace="t03")
    assert judge_column(app)["t03"] == "✗ fail", "it stands beside the list, and is noted"
    assert saw_judge("t03") == [True]
    assert judge_column(as_somebody(small_app, EXPERT, "traces", trace="t12"))["t05"] == "hidden"
    assert judge_column(as_somebody(small_app, EXPERT, "traces", trace="t12"))["t03"] == "✗ fail"


def test_the_judge_is_shown_to_whoever_asks_and_their_labels_say_so(small_app: OpenPage) -> None:
    app = as_somebody(small_app, BO, "traces", trace="t12")
    app.button(key="judge_column.choice").click().run()
    assert address(app)["show"] == ["judge"]
    assert "hidden" not in judge_column(app).values()
    assert "labels you give these traces from now on are not blind" in text(app)
    assert saw_judge("t05") == [True]
    assert saw_judge("t12") == [False], "the judge has said nothing of it"
    assert saw_judge("t05", CY) == [False]
    app.button(key="judge_column.choice").click().run()
    assert "show" not in address(app)
    assert "hidden" not in judge_column(app).values(), "it is no news any more"


@pytest.mark.parametrize(
    "slice_", [{"judge": JUDGE, "judge_verdict": "fail"}, {"disagree": JUDGE}], ids=["one verdict", "disagreements"]
)
def test_a_list_that_tells_a_verdict_by_what_is_in_it_is_noted(slice_: dict[str, str], small_app: OpenPage) -> None:
    small_app("settings")
    start_queue(the_store(), Slice(search="of t02"), size=5, labeler=BO)
    assert judge_column(as_somebody(small_app, BO, "traces", trace="t12", **slice_))["t02"] == "hidden"
    assert saw_judge("t02") == [True]
    assert saw_judge("t01") == [False]


def test_without_a_name_the_list_shows_the_judge_of_what_somebody_has_judged(small_app: OpenPage) -> None:
    app = small_app("traces", trace="t12")
    shown = judge_column(app)
    assert {name for name, said in shown.items() if said == "hidden"} == {"t05", "t08", "t09"}
    assert "What the judge says of 3 traces is hidden until somebody has judged them." in text(app)


def test_what_was_seen_before_the_name_was_given_is_noted_with_it(small_app: OpenPage) -> None:
    app = small_app("traces", trace="t02")
    app = small_app("traces", trace="t05", show="judge")
    app.text_input(key="frame.person").input(BO).run()
    assert saw_judge("t05") == [True]
    assert saw_judge("t09") == [True], "it stood in the list"
    assert saw_judge("t12") == [False]


def test_what_a_page_cites_of_a_judge_is_noted(small_app: OpenPage) -> None:
    place = {"rows": "feature", "cols": "none", "cell": "search|*", "min_n": "1", "of": JUDGE}
    principal(small_app)
    as_somebody(small_app, BO, "pivot", **place)
    assert saw_judge("t05") == [True]
    assert saw_judge("t09") == [False]
    as_somebody(small_app, CY, "trust", judge=JUDGE, view="table")
    assert saw_judge("t04", CY) == [True]
    assert saw_judge("t09", CY) == [False]
