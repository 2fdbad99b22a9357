"""Settings: the rubric and its versions, the team, an overlap batch from its start to its settled disagreement."""

from streamlit.testing.v1 import AppTest

from core.model import LabelState
from core.slice import Slice
from core.workflows.agreeing import start_overlap
from core.workflows.exploring import read_trace, reference_labeler
from core.workflows.outcomes import beside
from core.workflows.queueing import find_queue, trace_ids
from core.workflows.reviewing import record_label
from core.workflows.rubric import current_rubric, save_rubric
from pages.ui.store import the_store
from tests.conftest import EXPERT
from tests.pages.conftest import OpenPage, links, notices
from tests.pages.test_reveal import BO, buttons, given_name, panel

CY = "cy"


def named(open_page: OpenPage, name: str, **address: str) -> AppTest:
    app = open_page("settings", **address)
    return app.text_input(key="frame.person").input(name).run()


def text(app: AppTest) -> str:
    found = [*app.markdown, *app.caption, *app.subheader]
    return "\n".join(element.value for element in found).replace("\u00a0", " ").replace("\\", "")


def ids_of(name: str) -> list[str]:
    queue = find_queue(the_store(), name)
    assert queue is not None
    return trace_ids(the_store(), queue)


def test_a_rubric_is_written_saved_and_changed(small_app: OpenPage) -> None:
    app = named(small_app, BO, tab="rubric")
    app.text_area(key="rubric.0.pass_means").input("The booking exists.")
    app.text_area(key="rubric.0.fail_means").input("It does not, whatever was said.")
    app.button[-1].click().run()
    held = current_rubric(the_store())
    assert held is not None
    assert (held.version, held.made_by, held.fail_means) == (1, BO, "It does not, whatever was said.")
    assert app.text_area(key="rubric.1.pass_means").value == "The booking exists."
    app.text_area(key="rubric.1.pass_means").input("The booking exists on the day asked for.")
    app.text_input(key="rubric.1.change_note").input("the day matters")
    app.button[-1].click().run()
    assert "Rubric v2" in text(app)
    assert "the day matters" not in text(app)
    assert app.expander[0].label == "Earlier versions (1)"


def test_a_rubric_without_a_word_on_fail_is_not_saved(small_app: OpenPage) -> None:
    app = named(small_app, BO, tab="rubric")
    app.text_area(key="rubric.0.pass_means").input("The booking exists.")
    app.button[-1].click().run()
    assert "Say what a pass means and what a fail means." in notices(app)
    assert current_rubric(the_store()) is None


def test_labels_from_before_a_rubric_become_a_second_look_of_ones_own(small_app: OpenPage) -> None:
    app = named(small_app, EXPERT, tab="rubric")
    save_rubric(the_store(), pass_means="a", fail_means="b", by=EXPERT)
    app.run()
    assert "8 labels were given under an older rubric" in text(app)
    app = buttons(app)["second_look"].click().run()
    sent = panel(app)
    assert sent["total"] == 8
    assert all(item["label"] is None and item["history"] == [] for item in sent["items"])
    assert sent["rubric"]["version"] == 1
    name = str(app.query_params["queue"][0])
    for trace_id in ids_of(name):
        record_label(the_store(), trace_id=trace_id, state=LabelState.FAIL, labeler=EXPERT, critique="by the rubric")
    app = given_name(small_app("review", queue=name), EXPERT)
    assert "4 of 8 judged otherwise under the new rubric." in text(app)
    assert "wrong date" not in text(app)  # failed before and now


def test_the_team_stands_with_its_labels_and_the_principal_expert_can_be_named(small_app: OpenPage) -> None:
    record_label(_store(small_app), trace_id="t01", state=LabelState.PASS, labeler=BO)
    app = named(small_app, BO)
    frame = app.dataframe[0].value
    assert frame[["name", "traces"]].to_numpy().tolist() == [[EXPERT, 9], [BO, 1]]
    app.selectbox(key="principal.choice").select(EXPERT).run()
    assert reference_labeler(the_store()) == EXPERT


def _store(open_page: OpenPage):  # type: ignore[no-untyped-def]
    open_page("settings")
    return the_store()


def test_an_overlap_batch_goes_from_its_start_to_a_settled_disagreement(small_app: OpenPage) -> None:
    app = named(small_app, BO)
    assert app.text_input(key=f"overlap.1.{BO}").value == BO
    app.text_input(key="overlap.2").input(CY)
    app.number_input(key="overlap.size").set_value(5)
    next(button for button in app.button if button.label == "Make the batch").click().run()
    assert "bo 0 of 5 done · cy 0 of 5 done. What they said is shown when both are through." in text(app)
    assert "queue=1" in links(app)["Open the batch in Review"]
    ids = ids_of("1")
    for number, trace_id in enumerate(ids):
        record_label(the_store(), trace_id=trace_id, state=LabelState.FAIL, labeler=BO, critique="Bo says no")
        state = LabelState.PASS if number == 0 else LabelState.FAIL
        record_label(the_store(), trace_id=trace_id, state=state, labeler=CY, critique="Cy's own words")
    app = named(small_app, EXPERT)
    assert "The same verdict on 4 of 5 · few" in text(app)
    assert "kappa 0.00" in text(app)
    assert "1 only bo fails" in text(app)
    assert "1 disagreement, 1 to settle" in text(app).replace("*", "")
    key = f"settle.1.{ids[0]}"
    buttons(app)[f"{key}.pass"].click().run()
    assert "Write why: one sentence is enough." in text(app)
    app.text_area(key=key).input("Cy is right")
    buttons(app)[f"{key}.pass"].click().run()
    seen = read_trace(the_store(), ids[0])
    assert seen.label is not None
    assert (seen.label.origin, seen.label.labeler, seen.label.critique) == ("adjudicated", EXPERT, "Cy is right")
    assert "1 disagreement, 0 to settle" in text(app).replace("*", "")


def test_in_an_overlap_batch_nothing_of_the_other_reaches_the_browser(small_app: OpenPage) -> None:
    small_app("settings")
    number = start_overlap(the_store(), Slice(), people=(BO, CY), size=12)
    for trace_id in [f"t{n:02d}" for n in range(1, 13)]:
        record_label(the_store(), trace_id=trace_id, state=LabelState.FAIL, labeler=CY, critique="Cy's own words")
    app = given_name(small_app("review", queue=str(number)))
    assert panel(app)["total"] == 12
    for page in ("settings", "traces"):
        small = small_app(page, trace="t03") if page == "traces" else small_app(page)
        small = small.text_input(key="frame.person").input(BO).run()
        assert "Cy's own words" not in text(small)
        if page == "traces":
            assert any("Verdicts are hidden" in caption.value for caption in small.caption)
    sent = "".join(str(element.proto) for element in app.get("bidi_component"))
    assert "Cy's own words" not in sent
    assert EXPERT not in sent


def test_a_batch_waits_at_the_start_of_review_for_those_it_was_made_for(small_app: OpenPage) -> None:
    small_app("settings")
    number = start_overlap(the_store(), Slice(), people=(BO, CY), size=5)
    for name, offered in ((BO, True), ("dee", False)):
        app = small_app("review")
        app.text_input(key="frame.person").input(name).run()
        assert (f"continue.{number}" in buttons(app)) == offered


def test_dimensions_are_put_in_order_and_their_meaning_stands_in_the_filter_bar(small_app: OpenPage) -> None:
    app = named(small_app, BO, tab="dimensions")
    app.number_input(key="dimension.place.feature.2").set_value(1)
    app.text_input(key="dimension.meaning.feature").input("chat: by <b>telephone</b>")
    next(button for button in app.button if button.label == "Save").click().run()
    assert [box.label for box in small_app("traces").multiselect][:2] == ["feature", "persona"]
    assert "telephone" in small_app("traces").multiselect[0].help
    assert "feature" in list(small_app("traces").dataframe[0].value), "the first dimension is a column of the list"


def test_the_data_is_named_by_its_file_and_examined_on_request(small_app: OpenPage) -> None:
    app = small_app("settings", tab="data")
    assert "12 traces" in text(app)
    assert "/" not in next(m.value for m in app.markdown if "12 traces" in m.value), "a name, no path"
    assert [button.label for button in app.get("download_button")] == ["Download a backup"]
    assert not app.dataframe
    next(button for button in app.button if button.label == "Check the database").click().run()
    assert notices(app) == ["The database is sound."]
    assert "0 events of the database are not in it" in text(app)
    assert dict(app.dataframe[0].value.values.tolist())["traces"] == 12


def test_the_lines_beside_a_trace_are_set_and_say_in_how_many_traces_they_are(small_app: OpenPage) -> None:
    app = named(small_app, BO, tab="outcome")
    app.text_area[0].input("Asked = input\nVerdict of Cy = cy.verdict\nReply = https://x.example/{id}")
    app.button[-1].click().run()
    held = "Asked = input\nVerdict of Cy = cy.verdict\nReply = https://x.example/{id}"
    assert app.text_area[0].value == held
    shown = app.dataframe[0].value
    assert list(shown["found"]) == ["12 of 12", "0 of 12", "12 of 12"]
    assert list(shown["shown"]) == ["always", "after the verdict", "always"]
    assert app.expander[0].label == "Fields of the newest trace (3)"
    app.text_area[0].input("Asked: input")
    app.button[-1].click().run()
    assert "Outcome, line 1: there is no equals sign." in notices(app)
    assert app.text_area[0].value == "Asked: input"
    assert [line.label for line in beside(the_store()).outcome] == ["Asked", "Verdict of Cy", "Reply"]


def test_the_lines_can_be_read_and_not_changed_without_a_name_and_without_traces(empty_app: OpenPage) -> None:
    app = empty_app("settings", tab="outcome")
    assert not app.exception
    assert app.button[-1].disabled
    assert not app.dataframe
