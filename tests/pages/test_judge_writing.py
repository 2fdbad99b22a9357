"""A judge is drafted, saved, priced, run and continued on the page; everything but the run works without a key."""

import re
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from streamlit.testing.v1 import AppTest

from core.slice import Slice
from core.workflows import judging, planning_runs
from core.workflows.anchoring import ANCHORS, choose_anchors
from core.workflows.categorising import list_categories
from core.workflows.drafting import find_draft
from core.workflows.exploring import describe
from core.workflows.planning_runs import plan_run
from core.workflows.sealing import open_test
from core.workflows.splitting import assign_splits, look_at_splits
from core.workflows.trusting import list_judges
from pages.ui.store import the_store
from tests.judging import saved
from tests.key_search import KEY
from tests.messages_server import MessagesServer
from tests.pages.conftest import OpenPage, address, links, notices, opener
from tests.pages.samples import made
from tests.pages.test_home import plain_labels


@pytest.fixture(autouse=True)
def no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)


@pytest.fixture
def split_app(sample_database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenPage]:
    yield from opener(made(sample_database, partial(assign_splits, by="ana")), monkeypatch)


def named(app: AppTest, name: str = "ana") -> AppTest:
    """Somebody gives their name where it is asked for."""
    app.text_input(key="frame.person").set_value(name)
    return app.run()


def click(app: AppTest, key: str) -> AppTest:
    return app.button(key=key).click().run()


def disabled(app: AppTest, key: str) -> bool:
    return bool(app.button(key=key).disabled)


def all_said(app: AppTest) -> str:
    return " ".join(element.value for element in [*app.markdown, *app.caption]).replace("\\", "").replace("\u00a0", " ")


def test_splits_are_assigned_once_after_it_was_said_how_many_go_where(sample_app: OpenPage) -> None:
    app = named(sample_app("judge"))
    assert "No split yet." in all_said(app)
    app = click(app, "assign")
    assert "Assign 120 labelled traces to train 24, dev 49, test 47?" in all_said(app)
    assert not look_at_splits(the_store()).assigned
    app = click(app, "assign.agreed")
    assert {"Train 24 (9 failed)", "Dev 49 (18 failed)", "Test, sealed 47 (17 failed)"} < set(plain_labels(app))
    assert "Dev has 18 failed traces: the interval will be wide. 2 more would help." in all_said(app)


def test_a_draft_survives_a_reload_and_becomes_a_version(split_app: OpenPage) -> None:
    app = named(split_app("judge", tab="prompt", draft="care"))
    assert "Writing care" in all_said(app).replace("*", "")
    assert "no domain knowledge" in all_said(app)
    area = next(area for area in app.text_area if area.label == "Role and domain knowledge")
    area.set_value("You know the shop.").run()
    draft = find_draft(the_store(), "care")
    assert draft is not None
    assert draft.spec.role == "You know the shop."
    again = split_app("judge", tab="prompt", draft="care")
    assert next(a.value for a in again.text_area if a.label == "Role and domain knowledge") == "You know the shop."
    assert any("You know the shop." in code.value for code in again.code), "the exact text is shown"
    app = click(named(again), "save_judge")
    (version,) = [known.version for known in list_judges(the_store()) if known.version.judge == "care"]
    assert (version.source, version.made_by, find_draft(the_store(), "care")) == ("run", "ana", None)
    assert address(app)["judge"] == [version.ref]
    changed = split_app("judge", tab="prompt", judge=version.ref)
    area = next(area for area in changed.text_area if area.label == "Guidelines")
    app = area.set_value("Be strict about dates.").run()
    assert any("+Be strict about dates." in code.value for code in app.code)
    kept = split_app("judge", tab="prompt", judge=version.ref, draft="care")
    app = click(kept, "discard_judge")
    assert "draft" not in address(app)
    assert next(a.value for a in app.text_area if a.label == "Guidelines") == ""


def test_what_a_browser_tells_late_of_a_field_that_was_saved_is_no_new_draft(split_app: OpenPage) -> None:
    app = named(split_app("judge", tab="prompt", draft="care"))
    area = next(area for area in app.text_area if area.label == "Role and domain knowledge")
    app = area.set_value("You know the shop.").run()
    area = next(area for area in app.text_area if area.label == "Role and domain knowledge")
    app = click(app, "save_judge")
    assert find_draft(the_store(), "care") is None
    app.main.children[len(app.main.children)] = area.set_value("You know the shop.")  # still in the browser
    app.run()
    assert find_draft(the_store(), "care") is None


def test_examples_are_of_train_alone_and_whole(split_app: OpenPage) -> None:
    app = split_app("judge", tab="examples", draft="care")
    chooser, border = (one for one in app.multiselect if one.label in ("Examples", "Of these, borderline"))
    assert len(chooser.value) == 4
    train = look_at_splits(the_store()).of("train")
    assert len(chooser.options) <= train.n
    border.set_value(chooser.value[:1]).run()
    draft = find_draft(the_store(), "care")
    assert draft is not None
    assert [ref.borderline for ref in draft.spec.examples] == [True, False, False, False]
    assert "a borderline example" in all_said(app)


def test_without_a_split_no_trace_can_be_an_example(sample_app: OpenPage) -> None:
    assert "No trace can be an example yet." in notices(sample_app("judge", tab="examples"))


def test_a_judge_for_a_failure_category_begins_with_its_definition(split_app: OpenPage) -> None:
    app = click(named(split_app("judge")), "new_judge")
    about = app.selectbox(key="new_judge.about")
    category = about.options[1]
    app = click(about.select(category).run(), "new_judge.begin")
    draft = find_draft(the_store(), category)
    assert draft is not None
    assert draft.category_id is not None
    assert category in draft.spec.criterion
    assert {ref.trace_id for ref in draft.spec.examples}


def test_without_a_key_everything_but_the_run_works(split_app: OpenPage) -> None:
    app = click(named(split_app("judge", tab="prompt", draft="care")), "save_judge")
    assert "No API key is set on the server." in notices(app)
    app = click(app, "judge_run")
    assert "on 49 traces?" in all_said(app)
    assert re.search(r"tokens \(estimated from the length\), about \$0\.\d\d", all_said(app)), (
        "what it would cost is said"
    )
    assert disabled(app, "run.agreed")
    assert app.button(key="run.agreed").help == "No API key is set on the server."


def test_an_imported_version_says_why_it_cannot_be_run(sample_app: OpenPage) -> None:
    assert "overall, version 3, cannot be run here." in notices(sample_app("judge", tab="run", judge="overall@3"))


def test_a_run_is_priced_then_ends_and_its_failures_are_tried_again(
    split_app: OpenPage, provider: MessagesServer
) -> None:
    provider.faults, provider.kinds = 0.2, ("refusal",)
    app = click(named(split_app("judge", tab="prompt", draft="care")), "save_judge")
    app = click(app, "judge_run")
    assert "on 49 traces?" in all_said(app)
    assert "tokens (from the provider's count of a few), about" in all_said(app)
    app = app.number_input(key="run.cap").set_value(0.30).run()
    assert "It stops at $0.30, passed by one answer at most." in all_said(app)
    assert provider.calls == 0
    app = click(app, "run.agreed")
    while judging.running_now(the_store()):
        time.sleep(0.05)
    app = app.run()
    (run,) = judging.list_runs(the_store())
    words = all_said(app)
    assert f"49 of 49 · {run.row.verdicts} judged · {run.row.failures} judge failure" in words
    assert f"refused · {run.row.failures}" in words.replace("*", "")
    provider.faults = 0.0
    app = click(app, f"again.{run.row.run_id}")
    while judging.running_now(the_store()):
        time.sleep(0.05)
    app = app.run()
    assert f"on judge failures of run 1: {run.row.failures} of {run.row.failures}" in all_said(app)
    assert KEY not in all_said(app)
    app = click(app, "judge_run")
    assert "49 are already judged and cost nothing." in all_said(app)
    pairs = split_app("trust", judge=run.row.ref, view="pairs", split="dev")
    mend = {"Edit the prompt", "Swap an example", "Run on dev again"}
    assert mend <= set(plain_labels(pairs))
    every = split_app("trust", judge=run.row.ref, view="pairs", split=["train", "dev", "test", "none"])
    assert not mend & set(plain_labels(every)), "what is in test is not there to be mended for"
    assert "Go through those of dev to mend the prompt" in plain_labels(every)


def test_what_is_previewed_is_what_is_sent(split_app: OpenPage, provider: MessagesServer) -> None:
    app = split_app("judge", tab="prompt", draft="care", q="gift card")
    system, said = (code.value for code in app.code[:2])
    click(named(app), "save_judge")
    newest = Slice(search="gift card")
    plan = plan_run(the_store(), "care", split=None, slice_=newest)
    _ended(judging.start_run(the_store(), plan, by="ana", concurrency=1))
    sent = [(body["system"][0]["text"], body["messages"][0]["content"]) for body in provider.asked]
    assert (system, said) in sent
    assert {body_system for body_system, _ in sent} == {system}


def test_each_run_is_continued_under_its_own_cap(split_app: OpenPage, provider: MessagesServer) -> None:
    click(named(split_app("judge", tab="prompt", draft="care")), "save_judge")
    provider.kinds, provider.faults = ("refusal",), 1.0
    first, second = (
        _ended(judging.start_run(the_store(), plan_run(the_store(), "care"), by="ana", cap=cap)) for cap in (0.02, 0.03)
    )
    app = split_app("judge", tab="run", judge=first.row.ref)
    provider.faults = 0.0
    assert {f"judge_more_cap.{run.row.run_id}" for run in (first, second)} <= {field.key for field in app.number_input}
    app.number_input(key=f"judge_more_cap.{second.row.run_id}").set_value(7.0)
    click(app, f"continue.{first.row.run_id}")
    assert _ended(first.row.run_id).row.cap == 0.04
    app = split_app("judge", tab="run", judge=first.row.ref)
    app.number_input(key=f"judge_more_cap.{second.row.run_id}").set_value(7.0)
    click(app, f"again.{second.row.run_id}")
    assert _ended(3).row.cap == 7.0


def test_going_on_names_its_price_and_what_is_left_of_the_cap(split_app: OpenPage, provider: MessagesServer) -> None:
    click(named(split_app("judge", tab="prompt", draft="care")), "save_judge")
    provider.kinds, provider.faults, provider.tokens = ("refusal",), 1.0, (1000, 120)
    run = _ended(judging.start_run(the_store(), plan_run(the_store(), "care"), by="ana", cap=0.05))
    (version,) = [known.version for known in list_judges(the_store()) if known.version.judge == "care"]
    prices = judging.price_on(the_store(), version, run.row)
    app = split_app("judge", tab="run", judge=run.row.ref)
    labels = [app.button(key=f"{what}.1").label.replace("\\", "") for what in ("continue", "again")]
    assert labels == [
        f"Continue the other {run.row.left} for about ${prices.left:.2f}",
        f"Try these {run.row.failed} again for about ${prices.failed:.2f}",
    ]
    provider.faults = 0.0
    app.number_input(key="judge_more_cap.1").set_value(0.06)
    app = click(app, "again.1")
    assert _ended(2).state == "cap"
    app = app.run()
    assert f"(cap $0.06, of which ${run.row.dollars:.2f} went to another run)" in all_said(app)
    app.number_input(key="judge_more_cap.1").set_value(0.01)
    app = click(app, "again.1")
    assert "Nothing is left of the budget of $0.01" in " ".join(notices(app)).replace("\\", "")
    assert len(judging.list_runs(the_store())) == 2


def _ended(run_id: int) -> judging.RunState:
    return judging.wait_for(the_store(), run_id, every=0.05)


def test_an_unchecked_judge_runs_on_many_traces_only_with_a_reason_that_is_shown(
    split_app: OpenPage, provider: MessagesServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning_runs, "MANY", 90)
    check = saved(the_store(), "sorry")
    app = click(named(split_app("judge", judge=check.ref, tab="run", on="train")), "judge_run")
    assert not any("never checked" in title for title in notices(app)), "few traces, and labelled ones"
    app = click(named(split_app("judge", judge=check.ref, tab="run", on="slice")), "judge_run")
    assert "It was never checked on dev or test, and would judge 92 traces that nobody labelled." in notices(app)
    assert disabled(app, "run.agreed")
    app = app.text_input(key="run.reason").set_value("a *first* look").run()
    app = click(app, "run.agreed")
    run = _ended(1)
    assert (run.row.reason, run.row.made_by) == ("a *first* look", "ana")
    assert "Run before it was checked, says ana: a *first* look" in all_said(app.run())
    assert provider.calls == run.row.total
    trust = split_app("trust", judge=check.ref)
    assert "before it was checked on dev or test, says ana: a *first* look" in all_said(trust)


def test_other_pages_say_that_a_judge_is_running(split_app: OpenPage, provider: MessagesServer) -> None:
    click(named(split_app("judge", tab="prompt", draft="care")), "save_judge")
    provider.delay = 0.3
    plan = plan_run(the_store(), "care")
    run_id = judging.start_run(the_store(), plan, by="ana", concurrency=1)
    assert any(label.startswith("Judge running") for label in plain_labels(split_app("pivot")))
    judging.stop_run(the_store(), run_id)
    while judging.running_now(the_store()):
        time.sleep(0.05)
    assert not any(label.startswith("Judge running") for label in plain_labels(split_app("pivot")))


def test_a_check_in_code_is_saved_and_run_without_a_key(split_app: OpenPage) -> None:
    app = click(named(split_app("judge")), "new_check")
    app.text_input(key="new_check.contains.text").set_value("sorry").run()
    app = click(app, "new_check.save")
    (check,) = [known.version for known in list_judges(the_store()) if known.version.source == "code"]
    assert check.settings["text"] == "sorry"
    app = click(click(app, "judge_run"), "run.agreed")
    while judging.running_now(the_store()):
        time.sleep(0.05)
    assert "49 of 49" in all_said(app.run())


def test_a_check_in_code_may_look_for_one_failure_category(split_app: OpenPage) -> None:
    app = click(named(split_app("judge")), "new_check")
    about = app.selectbox(key="new_check.about")
    category = about.options[1]
    app = about.select(category).run()
    app.text_input(key="new_check.contains.text").set_value("sorry").run()
    click(app, "new_check.save")
    (check,) = [known.version for known in list_judges(the_store()) if known.version.source == "code"]
    held = {known.id: known.name for known in list_categories(the_store())}
    assert (check.judge, held[check.category_id or 0]) == (category, category)


def test_the_anchors_and_a_random_sample_are_run_from_the_page(split_app: OpenPage) -> None:
    app = click(named(split_app("judge")), "new_check")
    app.text_input(key="new_check.contains.text").set_value("sorry").run()
    click(app, "new_check.save")
    (check,) = [known.version for known in list_judges(the_store()) if known.version.source == "code"]
    choose_anchors(the_store(), by="ana", size=10)
    app = named(split_app("judge", tab="run", judge=check.ref, on="anchors"))
    assert not {"judge_again", "judge_sample"} & {field.key for field in app.number_input}
    app = click(app, "judge_run")
    assert "on 10 traces?" in all_said(app)
    click(app, "run.agreed")
    assert _ended(1).row.target == "the anchors"
    app = named(split_app("judge", tab="run", judge=check.ref, on="slice"))
    app.number_input(key="judge_sample").set_value(10).run()
    app = click(app, "judge_run")
    known = describe(the_store(), ANCHORS.in_sample(10)).n
    assert f"on {describe(the_store(), Slice().in_sample(10)).n - known} traces?" in all_said(app)
    click(app, "run.agreed")
    assert _ended(2).row.target == "traces: in the random sample of 10 %"
    app.number_input(key="judge_again").set_value(1).run()
    click(click(app, "judge_run"), "run.agreed")
    asked = _ended(3).row.verdicts
    trust = split_app("trust", judge=check.ref, split=["train", "dev", "test", "none"])
    assert "Asked twice about the same text, it said both pass and fail of" in all_said(trust)
    (door,) = (where for label, where in links(trust).items() if label.endswith(" asked again"))
    behind = Slice.from_params(parse_qs(door.partition("?")[2]))
    shown = describe(the_store(), behind).n
    assert f"Open the {shown} asked again" in links(trust)
    assert 0 < shown <= asked, "what is in the sealed test split is not told of"


def test_test_is_called_sealed_until_it_is_opened_for_the_version_in_view(split_app: OpenPage) -> None:
    def names(ref: str) -> set[str]:
        app = split_app("judge", judge=ref, tab="compare")
        return {label for label in plain_labels(app) if label.startswith("Test")}

    assert names("overall@3") == {"Test, sealed 47 (17 failed)"}
    open_test(the_store(), "overall@3", by="Chris")
    assert names("overall@3") == {"Test, opened 47 (17 failed)"}
    assert names("overall@2") == {"Test, sealed 47 (17 failed)"}


def test_few_labels_say_what_is_needed(small_app: OpenPage) -> None:
    assert "4 and 4 so far." in all_said(small_app("judge"))
