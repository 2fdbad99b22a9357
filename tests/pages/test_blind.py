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
from tests.pages.conftest import OpenPage

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
