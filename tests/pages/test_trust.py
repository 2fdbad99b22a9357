"""How far a judge can be trusted, and where it differs."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.slice import Slice
from core.store.connection import Store
from core.workflows.drafting import save_check
from core.workflows.exploring import describe, read_trace
from core.workflows.exporting import export_bytes
from core.workflows.judging import start_run, wait_for
from core.workflows.leaving import leave_to_people, list_left
from core.workflows.planning_runs import plan_run
from core.workflows.queueing import open_queues
from core.workflows.sealing import open_test
from core.workflows.taxonomy import merge_categories
from core.workflows.trusting import JudgeSummary, list_judges, list_labelers
from pages.ui.store import the_store
from tests.conftest import JUDGE
from tests.pages.conftest import OpenPage, address, links, name_field, notices, opener
from tests.pages.numbers import counted_links, promises, wrong_links
from tests.pages.samples import made
from tests.pages.test_home import plain_labels, said
from tests.unit.workflows.test_category_judges import DATES, SAID, add_judge, category_id
from tests.unit.workflows.test_estimating import fill
from tests.unit.workflows.test_knowing import known
from tests.unit.workflows.test_sealing import assign
from tests.unit.workflows.test_varying import fill_variants


def test_the_sentence_the_four_counts_and_what_was_left_out(sample_app: OpenPage) -> None:
    app = sample_app("trust", judge="overall@3")
    assert "The judge catches 37 of 43 failures (73–93 %) and raises a false alarm on 4 of 73 passes (2–13 %)." in said(
        app
    )
    labels = plain_labels(app)
    assert {"69 both pass", "4 judge too strict", "6 judge too lenient", "37 both fail"} < set(labels)
    assert {"92 unlabelled", "4 judge failures"} < set(labels)
    assert "Go through 10 disagreements" in labels
    assert wrong_links(app) == []
    assert len(counted_links(app)) >= 8


def test_each_version_has_its_line(sample_app: OpenPage) -> None:
    app = sample_app("trust")
    labels = {label.replace("\xa0", " ") for label in plain_labels(app)}
    assert {"version 1", "version 2", "version 3"} < labels
    assert {"caught 15 of 44 · 34 % (22–49 %)", "kept 68 of 72 · 94 % (87–98 %)"} < labels


def test_the_alignment_spreadsheet_comes_back_with_what_was_changed(small_app: OpenPage) -> None:
    app = small_app("trust", view="table")
    assert app.file_uploader(key="alignment_file").disabled, "nobody is named yet"
    app.text_input(key="frame.person").set_value("ana")
    app = app.run()
    sheet = export_bytes(the_store(), "alignment", Slice(), "csv", judge=JUDGE)[0].decode()
    changed = sheet.replace("invented a listing", "invented **two** listings").replace("t01,", "t99,")
    app = app.file_uploader(key="alignment_file").set_value(("sheet.csv", changed.encode(), "text/csv")).run()
    app = app.button(key="take_alignment").click().run()
    (told,) = [element.value.replace("\\", "") for element in app.success]
    assert "6 rows read: 1 label, 4 unchanged. They were given in sight of the judge" in told
    assert "1 row not taken: line 2, no trace with the id «t99»" in told
    assert [(x.critique, x.saw_judge) for x in read_trace(the_store(), "t04").labels][-1] == (
        "invented **two** listings",
        True,
    )


def test_known_answers_have_a_table_of_their_own(small_app: OpenPage) -> None:
    assert "Known answers" not in said(small_app("trust"))
    known(the_store(), "good", "well", "sorry, well")
    known(the_store(), "bad", "sorry")
    check = save_check(the_store(), "polite", "contains", {"text": "sorry", "absent": True}, by="ana")
    app = small_app("judge", judge=check.ref, tab="run", on="known")
    app.text_input(key="frame.person").set_value("ana")
    app = app.run().button(key="judge_run").click().run()
    app.button(key="run.agreed").click().run()
    assert wait_for(the_store(), 1, every=0.05).row.target == "traces: known is good or bad"
    app = small_app("trust", judge=check.ref)
    labels = set(plain_labels(app))
    assert {
        "passed 1 of 2 · few of the good ones",
        "Open the other 1",
        "failed 1 of 1 · few of the bad ones",
    } <= labels, labels
    assert wrong_links(app) == []


@pytest.mark.parametrize("by", ["scenario", "persona", "category", "model"])
def test_where_it_is_weak_by_any_dimension(sample_app: OpenPage, by: str) -> None:
    app = sample_app("trust", by=by)
    table = app.dataframe[0].value
    assert list(table) == ["value", "caught", "kept"]
    assert len(table) > 1


def test_each_number_opens_its_traces_in_a_slice(sample_app: OpenPage) -> None:
    for slice_ in ({"d__scenario": "no match"}, {"verdict": "fail"}, {"judge": "overall@3", "judge_verdict": "fail"}):
        app = sample_app("trust", **slice_)
        assert wrong_links(app) == []
        assert counted_links(app)


def test_the_disagreements_one_by_one(small_app: OpenPage) -> None:
    app = small_app("trust", view="pairs")
    assert "1 of 2" in said(app)
    assert {"Judge too lenient (1)", "Judge too strict (1)"} < set(plain_labels(app))
    app.button(key="step_Right").click().run()
    assert "2 of 2" in said(app)
    assert app.button(key="step_Right").disabled
    assert address(app)["trace"] == ["t02"]


def test_a_kind_and_a_trace_of_the_address_are_shown(small_app: OpenPage) -> None:
    app = small_app("trust", view="pairs", cell="lenient")
    assert "Expert :red[✗ fail] · ana" in said(app)
    assert "“invented a listing”" in said(app)
    assert "Judge :green[✓ pass] · strict, version v1" in said(app)
    app = small_app("trust", view="pairs", trace="t02")
    assert "Judge :red[✗ fail]" in said(app)
    assert any("t03 is no disagreement" in n for n in notices(small_app("trust", view="pairs", trace="t03")))


def test_what_the_judge_quotes_of_a_trace_is_marked_in_it(small_app: OpenPage) -> None:
    assert "Marked in the trace" not in said(small_app("trust", view="pairs"))
    with the_store().write() as cursor:
        cursor.execute("""update judgments set critique = 'It says "' || left(input, 12) || '…", and "nothing of the kind".'
            from traces where traces.trace_key = judgments.trace_key""")
    assert "Marked in the trace: 1 passage that the judge quotes." in said(small_app("trust", view="pairs"))


def test_the_disagreements_in_a_table(small_app: OpenPage) -> None:
    table = small_app("trust", view="table").dataframe[0].value
    assert list(table["trace"]) == ["t04", "t02"]
    assert list(table["expert"]) == ["✗ fail", "✓ pass"]
    assert list(table["judge"]) == ["✓ pass", "✗ fail"]


def test_with_several_people_it_asks_whose_labels_count(messy_app: OpenPage) -> None:
    app = messy_app("trust")
    assert notices(app) == ["2 people labelled."]
    assert "ana" in links(app)
    assert not app.dataframe
    chosen = messy_app("trust", labeler="ben")
    assert "Held against the labels that ben gave" in said(chosen)
    assert wrong_links(chosen) == []
    assert [describe(the_store(), slice_).n for _, _, slice_ in promises(chosen)]


def test_whoever_gave_no_name_is_asked_for_it_wherever_it_is_needed(messy_app: OpenPage) -> None:
    app = messy_app("trust", labeler="ben", view="pairs")
    asked = [field.key for field in app.text_input if (field.key or "").startswith("ask.person.")]
    assert sorted(asked) == ["ask.person.cause", "ask.person.principal"]


def test_where_several_people_labelled_the_one_with_most_labels_can_be_made_the_principal_at_once(
    messy_app: OpenPage,
) -> None:
    app = messy_app("trust")
    most = list_labelers(the_store()).names[0]
    assert any("people labelled" in notice for notice in notices(app))
    name_field(app).set_value("Chris").run()
    assert app.button(key="principal").label == f"Make {most} the principal expert"
    app.button(key="principal").click().run()
    assert list_labelers(the_store()).default == most
    assert not any("people labelled" in notice for notice in notices(app))


def test_a_principal_expert_can_be_named(messy_app: OpenPage) -> None:
    app = messy_app("trust", labeler="ben")
    name_field(app).set_value("Chris").run()
    app.button(key="principal").click().run()
    assert list_labelers(the_store()).default == "ben"
    assert "Held against the labels that ben gave" in said(messy_app("trust"))


def test_a_slice_of_one_judge_leaves_that_one(messy_app: OpenPage) -> None:
    app = messy_app("trust", labeler="ana", judge="overall@1", judge_verdict="fail")
    assert app.selectbox(key="set.judge").options == ["overall, version 1"]
    assert wrong_links(app) == []


def test_without_a_judge_or_without_overlap_it_says_so(sample_app: OpenPage, empty_app: OpenPage) -> None:
    app = sample_app("trust", verdict="unlabelled")
    assert notices(app) == ["Judge and expert share no trace in this slice."]
    assert "Review 25 of the judged traces" in plain_labels(app)
    assert not any(label.startswith("Run the judge") for label in plain_labels(app)), "it was imported"


def test_without_overlap_the_judge_can_be_run_on_what_the_expert_labelled(
    small_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(store: Store) -> None:
        check = save_check(store, "polite", "contains", {"text": "sorry"}, by="ana")
        plan = plan_run(store, check.ref, split=None, slice_=Slice().with_verdict("unlabelled"))
        wait_for(store, start_run(store, plan, by="ana"), every=0.02)

    for open_page in opener(made(small_database, write), monkeypatch):
        app = open_page("trust", judge=next(s.version.ref for s in _judges(open_page) if s.version.judge == "polite"))
        assert notices(app) == ["Judge and expert share no trace in this slice."]
        target = links(app)["Run the judge on the expert's 8"]
        page, _, query = target.partition("?")
        params = parse_qs(query)
        assert (page, params["tab"], params["on"]) == ("judge", ["run"], ["slice"])
        assert describe(the_store(), Slice.from_params(params)).n == 8
        assert "Review 3 of the judged traces" in plain_labels(app)


def _judges(open_page: OpenPage) -> list[JudgeSummary]:
    open_page("home")
    return list_judges(the_store())


@pytest.fixture
def split_app(small_database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenPage]:
    yield from opener(made(small_database, assign), monkeypatch)


@pytest.fixture
def measured_app(database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenPage]:
    yield from opener(made(database, fill), monkeypatch)


def test_the_test_split_is_sealed_until_somebody_opens_it_by_name(split_app: OpenPage) -> None:
    app = split_app("trust")
    assert "Held against the labels that ana gave without sight of the judge on the dev split." in said(app)
    assert app.selectbox(key="trust.split").options == ["test (5, sealed)", "dev (3)", "all splits"]
    app.selectbox(key="trust.split").set_value("test").run()
    assert address(app)["split"] == ["test"]
    assert notices(app) == ["The test split is sealed."]
    assert "4 in the sealed test split" in plain_labels(app)
    assert wrong_links(app) == []
    app.button(key="open_test").click().run()
    assert "Open the test split for version v1?" in said(app)
    assert app.button(key="open_test_now").disabled, "nobody gave a name"
    open_test(the_store(), "strict@v1", by="Chris")
    opened = split_app("trust")
    assert "Test opened 1 time for this judge, last by Chris" in said(opened)
    assert "1 both fail" in plain_labels(opened)
    assert wrong_links(opened) == []
    assign(the_store(), dev=(), test=(9, 12))
    assert "2 traces of the test split were put into it since." in said(split_app("trust"))


def test_a_version_that_judged_nothing_of_the_test_split_is_run_on_it_before_it_is_opened(split_app: OpenPage) -> None:
    split_app("home")
    add_judge(the_store(), "strict@v2", {"t01": True, "t03": False, "t06": True}, about=None)
    app = split_app("trust", judge="strict@v2", split="test")
    assert any("has judged none of its traces yet" in info.value for info in app.info)
    assert "open_test" not in {button.key for button in app.button}
    assert "on=test" in links(app)["Run it on test"]


def test_versions_stand_side_by_side_on_dev_while_one_of_them_is_open_on_test(split_app: OpenPage) -> None:
    split_app("home")
    add_judge(the_store(), "strict@v2", {f"t{n:02d}": True for n in range(1, 13)}, about=None)
    open_test(the_store(), "strict@v2", by="Chris")
    app = split_app("trust", judge="strict@v2")
    assert app.selectbox(key="trust.split").value == "test"
    there = links(app)["2 versions side by side on dev"]
    assert "Versions of strict on the dev split" in {
        head.value for head in split_app("trust", **parse_qs(there.partition("?")[2])).subheader
    }


def test_all_splits_together_say_that_the_judge_was_tuned_on_some(split_app: OpenPage) -> None:
    app = split_app("trust", split=["train", "dev", "test", "none"])
    assert "The judge was tuned on some of these traces" in said(app)
    assert app.selectbox(key="trust.split").value == "all"
    assert wrong_links(app) == []


def test_traces_home_and_pivot_say_sealed_and_no_verdict(split_app: OpenPage) -> None:
    table = split_app("traces").dataframe[0].value
    assert sorted(table["Judge v1"].tolist()).count("sealed") == 5
    assert "Judge strict v1: sealed" in said(split_app("traces", trace="t07"))
    assert "the judge says fail" not in said(split_app("traces", trace="t07"))
    pivot = split_app("pivot", of="strict@v1", rows="persona", cols="none")
    assert "5 in the sealed test split" in plain_labels(pivot)
    assert "on the dev split" in said(split_app("home"))
    assert "the test split is sealed until somebody opens it" in said(split_app("home", split="test"))


def test_a_cause_is_said_with_a_button_counted_and_taken_back(small_app: OpenPage) -> None:
    app = small_app("trust", view="pairs", trace="t04")
    assert app.button(key="cause_1").disabled
    name_field(app).set_value("Chris").run()
    app.button(key="cause_2").click().run()
    assert "Label is wrong, says Chris" in [c.value for c in app.caption]
    labels = plain_labels(app)
    assert {"Label is wrong (1)", "no cause yet (1)"} < set(labels)
    assert app.button(key="ask_again").label == "Ask ana to look again at 1"
    filtered = small_app("trust", view="pairs", cause="label wrong")
    assert "1 of 1" in said(filtered)
    app.button(key="cause_undo").click().run()
    assert "no cause yet (1)" not in plain_labels(app)


def test_a_label_that_may_be_wrong_is_asked_about_again(small_app: OpenPage) -> None:
    app = small_app("trust", view="pairs", trace="t04")
    name_field(app).set_value("Chris").run()
    app.button(key="cause_2").click().run()
    app.button(key="ask_again").click().run()
    (queue,) = open_queues(the_store(), "ana")
    assert (queue.queue.kind, queue.left) == ("second look", 1)


def test_pairs_that_agree_are_marked_as_having_another_reason(sample_app: OpenPage) -> None:
    app = sample_app("trust", view="reasons", judge="overall@3")
    assert "0 marked: 0 agree for another reason." in said(app)
    first = next(button for button in app.button if str(button.key).startswith("other reason."))
    assert first.disabled
    app = small_person(app)
    next(button for button in app.button if str(button.key).startswith("other reason.")).click().run()
    assert "1 marked: 1 agree for another reason." in said(app)


def small_person(app: AppTest) -> AppTest:
    """Gives a name in the frame."""
    return app.text_input(key="frame.person").set_value("Chris").run()


def test_errors_by_length_lead_to_their_traces(sample_app: OpenPage) -> None:
    app = sample_app("trust", judge="overall@3")
    assert "By length of the answer" in said(app)
    label, target = next((k, v) for k, v in links(app).items() if k.startswith("false passes"))
    opened = sample_app("trust", **parse_qs(target.partition("?")[2]))
    n = int(label.replace("\xa0", " ").split()[2])
    assert f"1 of {n}" in said(opened)
    assert any("cannot be applied" in notice for notice in notices(sample_app("trust", view="pairs", look="purple")))


def test_two_versions_are_compared_on_the_same_traces_with_what_flipped(sample_app: OpenPage) -> None:
    app = sample_app("trust", judge="overall@3", **{"with": "overall@1"})
    assert "Flipped:" in said(app)
    assert any("Exact McNemar test" in caption.value for caption in app.caption)
    assert wrong_links(app) == []


@pytest.mark.parametrize("page", ["trust", "judge"])
def test_flips_are_listed_and_the_address_says_which(sample_app: OpenPage, page: str) -> None:
    both = {"judge": "overall@3", "with": "overall@1", "tab": "compare"}
    app = sample_app(page, **both)
    chooser = app.get("button_group")
    assert any("Now right (25)" in str(one.proto) and "Now wrong (3)" in str(one.proto) for one in chooser)
    assert set(_flips(app)["now"]) == {"now right", "now wrong"}
    assert len(_flips(app)) == 28
    wrong = _flips(sample_app(page, flip="wrong", **both))
    assert (len(wrong), set(wrong["now"])) == (3, {"now wrong"})
    assert all(row.expert != row.latter and row.expert == row.former for row in wrong.itertuples())
    stale = sample_app(page, flip="purple", **both)
    assert any("purple" in notice for notice in notices(stale))


def _flips(app: AppTest) -> pd.DataFrame:
    return next(table.value for table in app.dataframe if "former" in table.value)


def test_each_version_has_its_agreement_in_the_picture_too(sample_app: OpenPage) -> None:
    app = sample_app("trust")
    (chart,) = (one.proto for one in app.get("plotly_chart") if "agrees" in one.proto.spec)
    drawn = {series["name"]: series for series in json.loads(chart.spec)["data"]}
    assert set(drawn) == {"caught", "kept", "agrees"}
    assert set(drawn["agrees"]["marker"]["size"]) < set(range(min(drawn["caught"]["marker"]["size"])))
    assert "version 1: agrees<br>83 of 116 · 72 % (63–79 %)" in drawn["agrees"]["hovertext"][0].replace("\xa0", " ")


@pytest.fixture
def varied_app(small_database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenPage]:
    yield from opener(made(small_database, fill_variants), monkeypatch)


def test_variants_are_counted_by_change_and_each_number_opens_its_pairs(varied_app: OpenPage) -> None:
    app = varied_app("trust", min_n="1")
    labels = set(plain_labels(app))
    assert {"3 pairs", "2 pairs", "1 pair", "flipped 1 of 3 · 33 % (6–79 %)"} <= labels
    assert (
        "Left out: 1 pair without a verdict on both that may be shown, 1 variant of traces that are not here."
        in said(app)
    )
    target = next(
        where for label, where in links(app).items() if label.replace("\xa0", " ").startswith("flipped 1 of 3")
    )
    opened = varied_app("trust", **parse_qs(target.partition("?")[2]))
    assert "1 pair, flipped: another name" in said(opened)
    table = opened.dataframe[0].value
    assert (list(table["base"]), list(table["variant"]), list(table["base_judge"])) == (
        ["t02"],
        ["t02-name"],
        ["✗ fail"],
    )
    every = varied_app("trust", view="variants")
    assert len(every.dataframe[0].value) == 6
    assert any("no such" in notice for notice in notices(varied_app("trust", view="variants", change="no such")))


def test_without_a_variant_the_page_says_nothing_of_them(small_app: OpenPage) -> None:
    assert "Where a change must not matter" not in [one.value for one in small_app("trust").subheader]
    assert "No variants here." in notices(small_app("trust", view="variants"))


def test_the_corrected_share_stands_beside_what_the_judge_says(measured_app: OpenPage) -> None:
    app = measured_app("trust")
    text = said(app).replace("\xa0", " ")
    assert "corrected 85 % (" in text
    assert "400 of 500 · 80 %" in {label.replace("\xa0", " ") for label in plain_labels(app)}
    assert wrong_links(app) == []
    pivot = measured_app("pivot", of="corrected overall@1", rows="size", cols="none")
    cells = pivot.dataframe[0].value["all"].tolist()
    assert all(
        " corrected · 5" in cell.replace("\xa0", " ") or " corrected · 1" in cell.replace("\xa0", " ") for cell in cells
    )
    assert wrong_links(pivot) == []


def test_where_nothing_can_be_corrected_the_reason_stands_there(split_app: OpenPage) -> None:
    app = split_app("trust")
    assert any("The test split is sealed. Open it" in caption.value for caption in app.caption)
    pivot = split_app("pivot", of="corrected strict@v1", rows="persona", cols="none")
    assert notices(pivot) == ["There is no corrected rate here."]


@pytest.fixture
def dated_app(small_database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenPage]:
    def add(store: Store) -> None:
        add_judge(store, DATES, SAID, about=category_id(store, "dates"))

    yield from opener(made(small_database, add), monkeypatch)


def test_a_judge_of_one_failure_category_is_held_against_what_was_sorted_into_it(dated_app: OpenPage) -> None:
    app = dated_app("trust", judge=DATES)
    text = said(app).replace("\xa0", " ")
    assert "Of the traces that the expert sorted into “dates”, the judge caught 1 of 2 (9–91 %)" in text
    assert "of the others it kept 1 of 3 (6–79 %), those that failed for another reason among them." in text
    assert "Sorted into “dates” (2)" in text
    assert "All others (3)" in text
    labels = set(plain_labels(app))
    assert {"1 both pass", "2 judge too strict", "1 judge too lenient", "1 both fail"} < labels
    assert {"1 failed, not sorted into a category yet", "Go through 3 disagreements"} < labels
    assert "free of dates" in text
    assert wrong_links(app) == []
    assert "set.with" not in [box.key for box in app.selectbox], "no other version looks for the same"
    kept = dated_app("trust", judge=DATES, of_category=str(category_id(the_store(), "dates")), category_verdict="pass")
    assert wrong_links(kept) == []


def test_a_pair_says_on_what_the_verdict_rests_where_one_category_is_looked_for(dated_app: OpenPage) -> None:
    pairs = {
        "t04": ("Expert :green[✓ pass]", "Not sorted into “dates”: it failed for another reason."),
        "t02": ("Expert :green[✓ pass]", "Not sorted into “dates”."),
        "t07": ("Expert :red[✗ fail]", "Sorted into “dates”."),
    }
    for trace_id, (verdict, why) in pairs.items():
        app = dated_app("trust", judge=DATES, view="pairs", trace=trace_id)
        assert verdict in said(app)
        assert why in [caption.value for caption in app.caption]


def test_a_category_that_is_gone_and_a_judge_of_something_else_are_refused_in_words(dated_app: OpenPage) -> None:
    compared = dated_app("judge", tab="compare", judge=DATES, **{"with": "strict@v1"})
    assert any(notice.startswith("These judges do not look for the same") for notice in notices(compared))
    dates, tone = (category_id(the_store(), name) for name in ("dates", "tone"))
    merge_categories(the_store(), dates, into=tone, by="ana")
    refused = dated_app("trust", judge=DATES)
    assert notices(refused) == ["Judge dates@a looks for a failure category that was merged or removed."]


def test_what_is_left_to_people_stands_under_the_sentence_until_it_is_taken_back(small_app: OpenPage) -> None:
    app = small_app("trust", by="feature", min_n="1")
    assert "Left to people" not in said(app)
    app.text_input(key="frame.person").set_value("ana")
    app.session_state["trust.by"] = {"selection": {"cells": [(0, "value")]}}
    app = app.run()
    assert "feature: search" in said(app)
    app = app.button(key="leave").click().run()
    assert any("takes a name and a reason" in notice for notice in notices(app))
    assert list_left(the_store(), "strict") == []
    app.text_area(key="leave.reason").set_value("wrong *dates* <b>everywhere</b>")
    app = app.button(key="leave").click().run()
    (left,) = list_left(the_store(), "strict")
    assert (left.words, left.by, left.reason) == ("feature: search", "ana", "wrong *dates* <b>everywhere</b>")
    assert "Left to people: feature: search" in said(app)
    assert "wrong \\*dates\\* " in "".join(caption.value for caption in app.caption), "it is text, and no markup"
    assert {"5 traces", "Review the 1 without a label", "5 left to people (feature: search)"} < set(plain_labels(app))
    assert wrong_links(app) == []
    assert "5 left to people (feature: search)" in plain_labels(small_app("pivot", rows="persona", of=JUDGE))
    assert "5 left to people (feature: search)" in plain_labels(small_app("monitor", of=JUDGE))
    there = small_app("trust", **{"by": "persona", "d.feature": "search"})
    assert "Left to people: feature: search" in said(there), "whoever looks at these alone is told"
    app = small_app("trust", by="feature")
    app.text_input(key="frame.person").set_value("ben")
    app = app.run()
    (again,) = (button for button in app.button if button.label == "Use the judge again")
    app = again.click().run()
    assert list_left(the_store(), "strict") == []
    assert "Left to people" not in said(app)


def test_where_all_is_left_to_people_that_is_said(small_app: OpenPage) -> None:
    small_app("home")
    for value in ("new", "regular"):
        leave_to_people(the_store(), judge="strict", dimension="persona", value=value, reason="why", by="ana")
    app = small_app("trust")
    assert "Judge and expert share no trace that counts here." in notices(app)
    assert {"6 left to people (persona: new)", "6 left to people (persona: regular)"} < set(plain_labels(app))
    assert wrong_links(app) == []


def test_a_run_says_what_it_leaves_to_people(small_app: OpenPage) -> None:
    small_app("home")
    check = save_check(the_store(), "polite", "contains", {"text": "sorry", "absent": True}, by="ana")
    leave_to_people(the_store(), judge="polite", dimension="feature", value="search", reason="why", by="ana")
    app = small_app("judge", judge=check.ref, tab="run", on="slice")
    app = app.button(key="judge_run").click().run()
    assert "1 are left to people and not asked about." in said(app)
    assert "Run judge polite" in said(app)
    assert "Which, and why" in links(app)
