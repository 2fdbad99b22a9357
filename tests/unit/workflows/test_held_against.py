"""What a judge is held against: labels of the present text, on traces that were not told to it as examples."""

import json

import pytest

from core.errors import UsageError
from core.judge.prompt import ExampleRef
from core.model import Confusion, JudgmentRow, LabelState, Verdict
from core.slice import Slice
from core.store.connection import Store
from core.store.ingest import Entry, ingest
from core.workflows.choosing_examples import list_example_choices
from core.workflows.comparing import compare_versions
from core.workflows.drafting import begin_draft, preview, save_version
from core.workflows.exploring import describe
from core.workflows.importing import ImportOptions, ImportReport, Mapping, Source, import_sources
from core.workflows.maintaining import examine
from core.workflows.pivoting import pivot
from core.workflows.reviewing import record_label
from core.workflows.splitting import Shares, assign_splits
from core.workflows.trending import measure_trend
from core.workflows.trusting import list_pairs, measure_trust
from tests.conftest import JUDGE, LABELLED_ON, Cli, new_trace
from tests.real_sets import off_cells, off_links, off_trust
from tests.unit.workflows.test_category_judges import add_judge


def bring_again(store: Store, name: str, output: str, verdict: str | None = None) -> None:
    """A later import brings the trace with another answer, and a verdict on that where one is named."""
    rows = [JudgmentRow(trace_id=name, judge="strict", version="v1", verdict=Verdict(verdict))] if verdict else []
    trace = new_trace(id=name, input=f"question of {name}", output=output, dimensions={"feature": "search"})
    with ingest(store) as running:
        running.add([Entry("again.jsonl", None, trace, [], rows)])
        running.finish(files=["again.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)


def test_a_label_of_a_former_text_is_held_against_no_verdict_on_the_present_one(small_store: Store) -> None:
    """t03 was rightly failed by both; then its answer was mended and passed by the judge."""
    before = measure_trust(small_store, Slice(), judge=JUDGE)
    bring_again(small_store, "t03", "the right date", "pass")
    trust = measure_trust(small_store, Slice(), judge=JUDGE, by="feature")
    assert before.whole.counts == Confusion(2, 2, 1, 1)
    assert trust.whole.counts == Confusion(both_pass=2, both_fail=1, judge_too_lenient=1, judge_too_strict=1)
    assert ("where the expert saw the judge or labelled a former text", 1) in [r[:2] for r in trust.left_out_rows()]
    assert trust.whole.counts.n + sum(trust.left_out) == 12
    assert off_trust(small_store, trust) == []
    assert describe(small_store, Slice().with_disagreement(JUDGE)).n == len(
        list_pairs(small_store, trust.disagreements, judge=JUDGE)
    )
    assert pivot(small_store, Slice(), rows="feature").total.counts.failed == 4, "the label stays, and stays counted"
    record_label(small_store, trace_id="t03", labeler="ana", state=LabelState.PASS, critique="now it is right")
    assert measure_trust(small_store, Slice(), judge=JUDGE).whole.counts == Confusion(3, 1, 1, 1)


def test_a_verdict_on_a_former_text_is_none_on_the_present_one(small_store: Store) -> None:
    with small_store.write() as cursor:
        cursor.execute(
            "update judgments set content_hash = t.content_hash from traces t where t.trace_key = judgments.trace_key"
        )
    bring_again(small_store, "t03", "the right date")
    record_label(small_store, trace_id="t03", labeler="ana", state=LabelState.PASS, critique="now it is right")
    trust = measure_trust(small_store, Slice(), judge=JUDGE)
    assert (trust.whole.counts.n, trust.left_out.no_judgment) == (5, 2)
    assert off_trust(small_store, trust) == []
    assert describe(small_store, Slice().with_judge_verdict(JUDGE, "none")).n == 3
    assert off_cells(small_store, pivot(small_store, Slice(), rows="persona", of=JUDGE)) == []
    bring_again(small_store, "t03", "answer to t03")
    assert describe(small_store, Slice().with_judge_verdict(JUDGE, "none")).n == 2, "it says again what was judged"


def test_a_judge_is_not_held_against_what_it_was_told(small_store: Store, cli: Cli) -> None:
    add_judge(small_store, "strict@v2", {f"t{n:02d}": True for n in range(1, 13)}, about=None)
    plain = measure_trust(small_store, Slice(), judge="strict@v2").whole.counts
    with small_store.write() as cursor:
        cursor.execute("update judge_versions set examples = ['t01', 't03', 't05', 'gone'] where version = 'v2'")
    trust = measure_trust(small_store, Slice(), judge="strict@v2", by="feature")
    assert (plain.n, trust.whole.counts.n, trust.left_out.example) == (8, 6, 2)
    assert ("shown to the judge as examples", 2) in [row[:2] for row in trust.left_out_rows()]
    assert trust.whole.counts.n + sum(trust.left_out) == 12
    assert off_trust(small_store, trust) == []
    assert off_links(small_store, [("differ", trust.differ, trust.disagreements)]) == []
    for measure in ("disagreements", "caught", "kept"):
        found = pivot(small_store, Slice(), rows="feature", of="strict@v2", measure=measure)
        assert off_cells(small_store, found) == []
    assert {pair.trace_id for pair in list_pairs(small_store, Slice(), judge="strict@v2")}.isdisjoint({"t01", "t03"})
    both = compare_versions(small_store, Slice(), former=JUDGE, latter="strict@v2")
    assert both.n == 4, "of the 6 that both judged, 2 were told to one of them"
    assert off_links(small_store, [(what, n, which) for what, n, which in both.flips]) == []
    for asked in ({"saw_judge": False}, {"judge": "strict@v2", "judge_verdict": ("pass",)}, {"told": "strict@v2"}):
        inside = Slice(**asked)
        there = measure_trust(small_store, inside, judge="strict@v2", by="feature")
        assert off_trust(small_store, there) == [], asked
        for measure in ("failed", "caught", "disagreements"):
            found = pivot(small_store, inside, rows="feature", of="strict@v2", measure=measure)
            assert off_cells(small_store, found) == [], (asked, measure)
        windows = measure_trend(small_store, inside, by="week", of="strict@v2").windows
        assert off_links(small_store, [(w.name, w.counts.judged, w.judged_slice) for w in windows]) == []
    swapped = compare_versions(small_store, Slice(), former="strict@v2", latter=JUDGE)
    assert (swapped.n, measure_trust(small_store, Slice(), judge=JUDGE).whole.counts.n) == (4, 6)


def test_an_example_has_its_label_for_what_it_now_says(small_store: Store) -> None:
    assign_splits(small_store, by="ana", shares=Shares(99, 1, 0))
    offered = {choice.trace_id for choice in list_example_choices(small_store)}
    assert {"t03", "t04"} <= offered
    draft = begin_draft(small_store, "care", None)
    draft = draft._replace(
        spec=draft.spec.with_slots({"examples": [["t03", False], ["t04", False]], "criterion": "Right?"})
    )
    assert [example.trace_id for example in preview(small_store, draft).examples] == ["t03", "t04"]
    bring_again(small_store, "t03", "the right date")
    assert {choice.trace_id for choice in list_example_choices(small_store)} == offered - {"t03"}
    assert draft.spec.examples[0] == ExampleRef("t03")
    with pytest.raises(UsageError, match="no verdict with a critique"):
        save_version(small_store, draft, by="ana")


def test_a_file_that_brings_label_verdict_and_another_text_speaks_of_that_text(fresh_store: Store) -> None:
    """The same file with another mapping, and back: what stands in a record is of the text that stands in it."""
    rows = [
        {"id": f"r{i}", "draft": f"a draft {i}", "answer": f"an answer {i}", "ok": i % 2, "said": i % 3}
        for i in range(4)
    ]
    log = "\n".join(json.dumps(row) for row in rows).encode()

    def bring(output: str) -> ImportReport:
        mapping = Mapping.from_toml(
            f'[trace]\nid = "id"\noutput = "{output}"\n[[label]]\nlabeler = "ana"\nverdict = "ok"\npass = [1]\nfail = [0]\n'
            '[[judgment]]\njudge = "old"\nverdict = "said"\npass = [0, 1]\nfail = [2]\n'
        )
        return import_sources(fresh_store, [Source.from_bytes("log.jsonl", log)], ImportOptions(mapping=mapping))

    for output, added in (("draft", 4), ("answer", 4), ("answer", 0), ("draft", 4), ("answer", 4), ("answer", 0)):
        report = bring(output)
        assert (report.labels.added, report.judgments.added) == (added, added)
        assert (report.labels.unchanged, report.judgments.unchanged) == (4 - added, 4 - added)
        assert measure_trust(fresh_store, Slice(), judge="old").whole.counts.n == 4
        assert pivot(fresh_store, Slice(), rows="model").total.counts.judged == 4
    assert examine(fresh_store).health.faults == 0
    record_label(fresh_store, trace_id="r1", labeler="ana", state=LabelState.FAIL, critique="seen anew")
    assert bring("answer").labels.added == 0, "what an expert said since stands"
    assert describe(fresh_store, Slice().with_verdict("fail")).n == 3


def test_a_verdict_from_a_file_is_of_the_text_that_was_there(fresh_store: Store) -> None:
    for text, verdict in (("A", "pass"), ("B", "fail"), ("A", "pass")):
        bring_again(fresh_store, "t1", text, verdict)
        record_label(fresh_store, trace_id="t1", labeler="ana", state=LabelState(verdict), critique="so")
        found = measure_trust(fresh_store, Slice(), judge=JUDGE).whole.counts
        assert (found.both_pass, found.both_fail) == ((1, 0) if verdict == "pass" else (0, 1))
    bring_again(fresh_store, "t1", "C")
    record_label(fresh_store, trace_id="t1", labeler="ana", state=LabelState.FAIL, critique="so")
    trust = measure_trust(fresh_store, Slice(), judge=JUDGE)
    assert (trust.whole.counts.n, trust.left_out.no_judgment) == (0, 1)
