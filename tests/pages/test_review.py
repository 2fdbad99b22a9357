"""Review: what can be started, what the loop is given, and that nothing of anybody else is in it."""

import json
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.errors import UsageError
from core.model import LabelState
from core.slice import Slice
from core.store.drafts import Draft
from core.store.ingest import Entry, ingest
from core.workflows.categorising import list_categories
from core.workflows.planning import BLIND_NAME, CHECK_JUDGE, UNUSUAL, Plan
from core.workflows.putting_aside import open_and_aside, put_aside
from core.workflows.queueing import (
    Queue,
    find_queue,
    open_queues,
    start_queue,
    trace_ids,
)
from core.workflows.reviewing import keep_draft, note_opening, record_label
from core.workflows.rubric import save_rubric
from core.workflows.setting_outcomes import Line, set_lines
from pages.ui.store import the_store
from tests.conftest import EXPERT, LABELLED_ON, new_trace
from tests.pages.conftest import OpenPage, address, links, name_field, notices
from tests.pages.numbers import wrong_links
from tests.unit.workflows.test_varying import fill_variants

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


def open_queue(
    open_page: OpenPage, slice_: Slice | None = None, plan: Plan | None = None
) -> tuple[AppTest, Queue, list[str]]:
    """A queue of the whole slice opened by its address alone, the name given."""
    open_page("review")
    queue = start_queue(the_store(), slice_ or Slice(), size=25, labeler=BO, plan=plan or Plan())
    params = {name.replace(".", "__"): values for name, values in (slice_ or Slice()).to_params().items()}
    app = given_name(open_page("review", queue=queue.address, **params))
    return app, queue, trace_ids(the_store(), queue)


def judge(queue: Queue, trace_id: str, state: str = "pass", labeler: str = BO) -> None:
    record_label(
        the_store(), trace_id=trace_id, state=LabelState(state), labeler=labeler, critique="so", queue_id=queue.id
    )


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


def test_the_start_offers_what_nobody_labelled(small_app: OpenPage) -> None:
    app = small_app("review")
    assert buttons(app)["start.random"].label == "Start 3"
    assert "start.slice" not in buttons(app)
    assert links(app)["3 unlabelled in all"].endswith("verdict=unlabelled")
    assert "2 with a verdict of strict, version v1" in links(app)
    assert wrong_links(app) == []
    fill_variants(the_store())
    app = small_app("review")
    assert (buttons(app)["start.random"].label, "3 unlabelled without variants" in links(app)) == ("Start 3", True)
    assert wrong_links(app) == []


def test_the_start_offers_the_slice_and_says_what_is_left_out_of_it(small_app: OpenPage) -> None:
    app = small_app("review", d__feature="search", verdict="fail")
    assert buttons(app)["start.slice"].label == "Start 5"
    assert any("so that you judge blind" in caption.value for caption in app.caption)
    assert not any("fail" in text.value for text in app.markdown if "from the current slice" in text.value)


def test_starting_asks_for_the_name_before_anything_is_shown(small_app: OpenPage) -> None:
    app = buttons(small_app("review"))["start.random"].click().run()
    assert not any('"mode"' in x.proto.json for x in app.get("bidi_component"))
    assert "queue" not in address(app)
    app = given_name(app)
    assert panel(app)["total"] == 3
    queue = find_queue(the_store(), address(app)["queue"][0])
    assert queue is not None
    assert queue.people == (BO,)


def test_a_queue_has_two_clicks_from_home_on_when_the_name_is_known(small_app: OpenPage) -> None:
    app = small_app("home")
    app.session_state["kept.person"] = BO
    app = buttons(app)["do_next"].click().run()
    app = buttons(app.switch_page("pages/review/page.py").run())["start.random"].click().run()
    assert panel(app)["total"] == 3


def test_the_address_is_enough_to_open_a_queue_at_the_same_place(small_app: OpenPage) -> None:
    _, queue, ids = open_queue(small_app)
    record_label(the_store(), trace_id=ids[0], state=LabelState.PASS, labeler=BO)
    keep_draft(the_store(), trace_id=ids[1], labeler=BO, draft=Draft("fail", "half typed"))
    sent = panel(given_name(small_app("review", queue=queue.address, trace=ids[1])))
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


def test_categories_are_offered_by_name_once_enough_was_read_and_nobodys_choice_with_them(small_app: OpenPage) -> None:
    _, queue, ids = open_queue(small_app)
    assert panel(given_name(small_app("review", queue=queue.address)))["categories"] == []
    for trace_id in ids:
        note_opening(the_store(), trace_id=trace_id, labeler=EXPERT, saw_judge=False)
    tone = next(one.id for one in list_categories(the_store()) if one.name == "tone")
    record_label(the_store(), trace_id=ids[0], state=LabelState.FAIL, labeler=EXPERT, critique="rude", picked=(tone,))
    keep_draft(the_store(), trace_id=ids[1], labeler=BO, draft=Draft("fail", "rude", picked=(tone,)))
    sent = panel(given_name(small_app("review", queue=queue.address)))
    assert [one["name"] for one in sent["categories"]] == ["dates", "invented", "tone"]
    assert set(sent["categories"][0]) == {"id", "name", "definition"}
    drafts = {item["trace"]["id"]: item["draft"] for item in sent["items"]}
    assert drafts.pop(ids[1])["picked"] == [tone]
    assert set(drafts.values()) == {None}
    assert all(item["label"] is None for item in sent["items"])


def test_outcome_and_context_are_sent_without_what_may_tell_a_verdict(small_app: OpenPage) -> None:
    _, queue, _ = open_queue(small_app)
    assert panel(given_name(small_app("review", queue=queue.address)))["items"][0]["trace"]["outcome"] == []
    lines = {
        "outcome": [Line("Asked", "input"), Line("Grade", "https://x.example/{grade}"), Line("Reply", "https://x.example/{id}")],
        "context": [Line("Score", "output.score")],
    }  # fmt: skip
    set_lines(the_store(), lines, by=BO)
    for item in panel(given_name(small_app("review", queue=queue.address)))["items"]:
        name = item["trace"]["id"]
        assert item["trace"]["outcome"] == [
            {"label": "Asked", "value": f"question of {name}", "address": None},
            {"label": "Reply", "value": "", "address": f"https://x.example/{name}"},
        ]
        assert (item["trace"]["context"], item["trace"]["facts_hidden"]) == ([], 0)


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
    app = given_name(small_app("review", queue=queue.address, trace=ids[0]))
    assert app.get("progress")[0].proto.text.replace("\u00a0", " ") == "**1 of 12 done**"
    first = panel(app)["items"][0]
    assert (first["label"]["verdict"], [x["critique"] for x in first["history"]]) == ("fail", ["fine"])


def test_the_end_of_a_queue_says_how_many_failed(small_app: OpenPage) -> None:
    _, queue, ids = open_queue(small_app)
    for place, trace_id in enumerate(ids):
        state = LabelState.DEFERRED if place == 0 else LabelState.FAIL if place < 4 else LabelState.PASS
        record_label(the_store(), trace_id=trace_id, state=state, labeler=BO, critique="because")
    app = given_name(small_app("review", queue=queue.address))
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


@pytest.mark.parametrize("name", ["x", "25-1-2", "999", "<script>"])
def test_a_queue_that_cannot_be_read_is_named_and_the_start_is_shown(small_app: OpenPage, name: str) -> None:
    app = small_app("review", queue=name)
    assert any("cannot be applied" in title for title in notices(app))
    assert "start.random" in buttons(app)


def test_a_slice_that_cannot_be_applied_draws_nothing_wider(small_app: OpenPage) -> None:
    app = small_app("review", d__feature="gone")
    assert "start.slice" not in buttons(app)
    assert any("cannot be applied" in title for title in notices(app))


def test_an_open_queue_is_gone_on_with_on_another_device(small_app: OpenPage) -> None:
    _, queue, ids = open_queue(small_app)
    judge(queue, ids[0])
    app = small_app("review")
    assert f"continue.{queue.address}" not in buttons(app)
    app.session_state["kept.person"] = BO
    app.run()
    button = buttons(app)[f"continue.{queue.address}"]
    assert button.label == "Continue: 11 left"
    assert button.proto.type == "primary"
    assert any("You have 1 open queue: Random, 1 of 12 done." in plain(text.value) for text in app.markdown)
    app = button.click().run()
    assert panel(app)["total"] == 12
    assert panel(app)["earlier"] == [{"trace_id": ids[0], "verdict": "pass"}]


def test_the_line_of_progress_says_how_long_it_will_take(small_app: OpenPage) -> None:
    _, queue, ids = open_queue(small_app)
    judge(queue, ids[0])
    with the_store().write() as cursor:
        cursor.execute("update labels set duration_ms = 34000 where queue_id is not null")
    app = given_name(small_app("review", queue=queue.address))
    assert plain(app.get("progress")[0].proto.text) == "**1 of 12 done** · 34 s each, about 6 min left"
    assert any(f"draw {queue.seed}" in caption.value for caption in app.caption)


def test_a_queue_of_somebody_else_shows_how_far_it_is_and_nothing_to_judge(small_app: OpenPage) -> None:
    _, queue, ids = open_queue(small_app)
    judge(queue, ids[0])
    app = given_name(small_app("review", queue=queue.address), "cy")
    assert any("This queue is bo's: 1 of 12 done." in plain(text.value) for text in app.markdown)
    assert not any('"mode"' in x.proto.json for x in app.get("bidi_component"))
    assert "Start one of your own" in links(app)


def test_unusual_traces_are_said_to_be_so_at_the_start_and_at_the_end(small_app: OpenPage) -> None:
    unusual = "These traces were picked for being unusual."
    small_app("review")
    with ingest(the_store()) as running:
        running.add([Entry("long.jsonl", n, new_trace(input="long " * 100 * n), [], []) for n in range(1, 4)])
        running.finish(files=["long.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)
    assert unusual not in notices(open_queue(small_app)[0])
    app, queue, ids = open_queue(small_app, plan=UNUSUAL)
    assert unusual in notices(app)
    judge(queue, ids[0])
    app = given_name(small_app("review", queue=queue.address))
    assert unusual not in notices(app)
    for trace_id in ids[1:]:
        judge(queue, trace_id)
    app = given_name(small_app("review", queue=queue.address))
    assert unusual in notices(app)


def test_nothing_on_the_page_tells_why_a_trace_was_chosen(small_app: OpenPage) -> None:
    app, queue, _ = open_queue(small_app, plan=CHECK_JUDGE)
    said = [text.value for text in (*app.markdown, *app.caption)]
    said += [str(element.proto) for element in app.get("bidi_component")]
    assert any(BLIND_NAME in text for text in said)
    assert not any("judge says fail" in text or "strategy" in text or "inclusion" in text for text in said)
    assert queue.name == BLIND_NAME


def test_a_mix_of_ones_own_is_drawn_as_the_form_says(small_app: OpenPage) -> None:
    app = small_app("review")
    app.session_state["kept.person"] = BO
    app.run()
    app.multiselect(key="mix.for").select("outliers").run()
    app.slider(key="mix.share").set_value(40).run()
    app.selectbox(key="mix.by").select("persona").run()
    app.text_input(key="mix.seed").input("4711").run()
    app = buttons(app)["start.mix"].click().run()
    queue = open_queues(the_store(), BO)[0].queue
    assert (queue.name, queue.seed, queue.by_chance) == ("Random by persona, equal and outliers", 4711, False)
    assert panel(app)["total"] == 3


def test_a_mix_that_would_give_the_judge_away_cannot_be_started(small_app: OpenPage) -> None:
    app = small_app("review")
    app.multiselect(key="mix.for").select("judge says fail").run()
    assert "start.mix" in buttons(app)
    app.slider(key="mix.share").set_value(10).run()
    assert "start.mix" not in buttons(app)


def test_a_label_of_the_loop_keeps_its_queue(small_app: OpenPage) -> None:
    _, queue, ids = open_queue(small_app)
    judge(queue, ids[0])
    with the_store().read() as cursor:
        found = cursor.execute("select queue_id, sampling, inclusion from labels where labeler = ?", [BO]).fetchall()
    assert found == [(queue.id, "random", 1.0)]


def test_an_open_queue_is_put_aside_and_taken_up_again(small_app: OpenPage) -> None:
    small_app("review")
    queue = start_queue(the_store(), Slice(), size=5, labeler=BO)
    app = small_app("review").text_input(key="frame.person").input(BO).run()
    app.button(key=f"aside.{queue.id}").click().run()
    assert f"continue.{queue.id}" not in buttons(app)
    assert app.expander[0].label == "Put aside (1)"
    other = small_app("review").text_input(key="frame.person").input("cy").run()
    assert f"take_up.{queue.id}" not in buttons(other), "it is out of sight for this person alone"
    app = small_app("review").text_input(key="frame.person").input(BO).run()
    app.button(key=f"take_up.{queue.id}").click().run()
    assert f"continue.{queue.id}" in buttons(app)
    assert len(open_and_aside(the_store(), BO)[0]) == 1
    with pytest.raises(UsageError):
        put_aside(the_store(), queue, person="cy")


def test_older_open_queues_are_folded_and_every_one_can_be_gone_on_with(small_app: OpenPage) -> None:
    small_app("review")
    made = [start_queue(the_store(), Slice(), size=2, labeler=BO, seed=n) for n in range(7)]
    app = small_app("review").text_input(key="frame.person").input(BO).run()
    assert "2 more open queues" in [fold.label for fold in app.expander]
    shown = [key for key in buttons(app) if key.startswith("continue.")]
    assert sorted(shown) == sorted(f"continue.{queue.id}" for queue in made)
    app = app.button(key=f"continue.{made[0].id}").click().run()
    assert address(app)["queue"] == [made[0].address]
    put_aside(the_store(), made[0], person=BO)
    going, aside = open_and_aside(the_store(), BO)
    assert ([one.queue for one in aside], len(going)) == ([made[0]], 6)


def test_a_second_look_is_offered_to_whose_labels_are_older_than_the_rubric(small_app: OpenPage) -> None:
    small_app("review")
    save_rubric(the_store(), pass_means="a", fail_means="b", by=EXPERT)
    assert "start.second_look" not in buttons(small_app("review")), "of nobody it is not known what is theirs"
    app = small_app("review").text_input(key="frame.person").input(EXPERT).run()
    assert any("Second look: 8 labels given under an older rubric" in text.value for text in app.markdown)
    app = buttons(app)["start.second_look"].click().run()
    sent = panel(app)
    assert sent["total"] == 8
    assert all(item["label"] is None and item["history"] == [] for item in sent["items"])
    app = small_app("review").text_input(key="frame.person").input(EXPERT).run()
    assert "start.second_look" not in buttons(app), "it is open already, and gone on with above"


def test_traces_of_thin_cells_are_a_queue_of_their_own(small_app: OpenPage) -> None:
    app = small_app("review").text_input(key="frame.person").input(BO).run()
    assert buttons(app)["start.thin"].label == "Start 3"
    assert links(app)["See them on Coverage"] == "coverage?rows=persona&cols=feature"
    app = buttons(app)["start.thin"].click().run()
    queue = open_queues(the_store(), BO)[0].queue
    assert (queue.name, queue.by_chance, panel(app)["total"]) == ("Few labels by persona × feature", False, 3)
