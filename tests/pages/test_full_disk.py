"""Pages on a full disk: each shows what it has, and no verdict of a judge, since nobody could tell afterwards who saw it."""

from pathlib import Path

from pages.ui.store import the_store
from tests.conftest import JUDGE
from tests.pages.conftest import OpenPage, notices
from tests.pages.test_blind import BO, CY, PLACES, as_somebody, judge_column, principal, saw_judge, text
from tests.pages.test_reveal import finished, given_name
from tests.pages.test_review_refused import no_room
from tests.unit.workflows.test_varying import fill_variants

TITLE = "Verdicts are hidden: that you saw them cannot be stored."
TELLING = ["the list and the trace", "the judge's evidence of a cell", "the pairs one by one", "the pairs in a table",
           "the pairs that agree"]  # fmt: skip


def test_pages_that_cite_a_judge_stand_without_it_and_are_whole_again_when_there_is_room(
    small_app: OpenPage, small_database: Path
) -> None:
    principal(small_app)
    with no_room(small_database):
        for place in TELLING:
            page, params, words = PLACES[place]
            app = as_somebody(small_app, BO, page, **params)
            assert (list(app.exception), TITLE in notices(app)) == ([], True), place
            assert any("Free some space on its disk" in error.value for error in app.error)
            assert app.title, "the page is there"
            assert [word for word in words if word in text(app) and "judge says" in word] == [], place
    app = as_somebody(small_app, BO, page, **params)
    assert TITLE not in notices(app)
    assert [word for word in words if word not in text(app)] == []
    assert saw_judge("t03") == [True]


def test_the_list_of_a_full_disk_tells_nothing_by_what_stands_in_it(small_app: OpenPage, small_database: Path) -> None:
    principal(small_app)
    as_somebody(small_app, CY, "traces", trace="t04", disagree=JUDGE)
    with no_room(small_database):
        app = as_somebody(small_app, BO, "traces", disagree=JUDGE)
        assert app.dataframe[0].value.empty
        assert TITLE in notices(app)
        shown = judge_column(as_somebody(small_app, BO, "traces", trace="t02"))
        assert shown["t02"] == "hidden", "beside it stands a trace without what was said of it"
        shown = judge_column(as_somebody(small_app, CY, "traces", disagree=JUDGE))
        assert set(shown) == {"t02", "t04"}, "of whom it was noted before, nothing is hidden"


def test_a_pair_of_which_it_is_not_noted_that_it_was_shown_is_not_listed(
    small_app: OpenPage, small_database: Path
) -> None:
    principal(small_app)
    fill_variants(the_store())
    listed = {"judge": JUDGE, "view": "variants"}
    with no_room(small_database):
        app = as_somebody(small_app, BO, "trust", **listed)
        assert (TITLE in notices(app), len(app.dataframe[0].value)) == (True, 0)
    assert len(as_somebody(small_app, BO, "trust", **listed).dataframe[0].value) == 6


def test_a_trace_that_nobody_judged_is_shown_though_its_opening_cannot_be_noted(
    small_app: OpenPage, small_database: Path
) -> None:
    principal(small_app)
    with no_room(small_database):
        app = as_somebody(small_app, BO, "traces", trace="t12")
        assert "That you opened this trace was not stored." in notices(app)
        assert any("question of t12" in element.proto.json for element in app.get("bidi_component"))


def test_the_end_of_a_queue_keeps_the_judge_to_itself_on_a_full_disk(small_app: OpenPage, small_database: Path) -> None:
    _, queue, _ = finished(small_app)
    with the_store().write() as cursor:
        cursor.execute("delete from openings")
    with no_room(small_database):
        app = given_name(small_app("review", queue=queue.address, view="judge"))
        assert not app.exception
        assert TITLE in notices(app)
        assert not any("Judge" in element.value and "caught" in element.value for element in app.markdown)
        assert "the judge says" not in text(app)


def test_what_somebody_saw_before_they_gave_a_name_is_noted_as_soon_as_there_is_room(
    small_app: OpenPage, small_database: Path
) -> None:
    app = small_app("traces", trace="t02")
    with no_room(small_database):
        app.text_input(key="frame.person").input(BO).run()
        assert TITLE in notices(app)
    app.run()
    assert saw_judge("t02") == [True]
