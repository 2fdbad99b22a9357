"""The way from reading traces to a judge that is watched: each part as the data says, and one thing to do next."""

from core.model import JudgmentRow, LabelRow, LabelState, Verdict
from core.slice import Slice
from core.store.connection import Store
from core.store.ingest import Entry, ingest
from core.workflows.explaining import mark
from core.workflows.exploring import describe, list_traces
from core.workflows.fixing import log_fix
from core.workflows.orienting import Part, State, Step, Way
from core.workflows.rubric import save_rubric
from core.workflows.sealing import open_test
from core.workflows.summarising import summarise
from core.workflows.wording import Words, decide, make_category
from tests.conftest import LABELLED_ON, new_trace
from tests.judging import saved
from tests.unit.workflows.messy import fill_messy
from tests.unit.workflows.test_exporting import store_traces
from tests.unit.workflows.test_sealing import assign

NAMES = [f"w{number:02}" for number in range(100)]
FAILING = {name for place, name in enumerate(NAMES) if place % 5 < 2}
"""40 of the 100; half of them among the first fifty, which become dev."""


def bring(store: Store, *, version: str | None = None, wrong: frozenset[str] = frozenset()) -> None:
    """The traces, or what a version of the judge says of them: what the expert says, but of those that are `wrong`."""
    rows: list[list[JudgmentRow]] = [[] for _ in NAMES]
    if version is not None:
        for row, name in zip(rows, NAMES, strict=True):
            verdict = Verdict.FAIL if (name in FAILING) != (name in wrong) else Verdict.PASS
            row.append(JudgmentRow(trace_id=name, judge="strict", version=version, verdict=verdict))
    with ingest(store) as running:
        running.add(
            [Entry("w.jsonl", i, new_trace(id=name, input=f"question of {name}", output="answer"), [], row) for i, (name, row) in enumerate(zip(NAMES, rows, strict=True))]
        )  # fmt: skip
        running.finish(files=["w.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)


def label(store: Store, names: list[str]) -> None:
    said = {True: LabelState.FAIL, False: LabelState.PASS}
    rows = [LabelRow(trace_id=x, labeler="ana", state=said[x in FAILING], critique="because") for x in names]
    store_traces(store, labels=tuple(rows))


def way(store: Store, slice_: Slice | None = None) -> Way:
    found = summarise(store, slice_ or Slice()).way
    assert [part for part, state in found.parts if state is State.NOW] == [found.next.part]
    return found


def at(store: Store) -> tuple[Step, int, str]:
    """What is next, on how many, and the parts before and after it: d for done, N for now, l for later."""
    found = way(store)
    signs = {State.DONE: "d", State.NOW: "N", State.OPEN: "o", State.LATER: "l"}
    return found.next.step, found.next.n, "".join(signs[state] for _, state in found.parts)


def explain(store: Store, ref: str) -> None:
    for trace in list_traces(store, Slice(disagree=ref, split=("dev",))).traces:
        mark(store, trace_id=trace.row.id, judge=ref, mark="judge wrong", by="ana")


def test_the_whole_way_from_nothing_to_a_judge_that_is_watched(fresh_store: Store) -> None:
    store = fresh_store
    assert at(store) == (Step.IMPORT, 0, "Nllllll")
    bring(store)
    assert at(store) == (Step.REVIEW, 25, "Nllllll")
    label(store, NAMES[:29])
    assert at(store) == (Step.REVIEW, 25, "Nllllll")
    label(store, NAMES[29:30])
    assert at(store) == (Step.SORT, 12, "dNlllll")
    label(store, NAMES[30:])
    dates = make_category(store, Words(name="dates", definition="x"), by="ana", trace_ids=sorted(FAILING))
    category = dates.category_id or 0
    assert at(store) == (Step.DECIDE, 1, "ddNllll")
    decide(store, category, by="ana", status="fix now")
    assert at(store) == (Step.WRITE, 0, "ddoNlll"), "what waits for its fix holds up nothing, and is not done"
    log_fix(store, category, what="the prompt names today", since=LABELLED_ON, by="ana")
    assert at(store) == (Step.WRITE, 0, "dddNlll")
    ref = saved(store).ref
    assert at(store) == (Step.CHECK, 0, "ddddNll")
    assert way(store).next.judge == ref
    assign(store, dev=tuple(range(1, 51)), test=tuple(range(51, 101)))
    misses = frozenset(sorted(FAILING)[:5])
    bring(store, version="v1", wrong=misses)
    assert at(store) == (Step.SEE_DIFFERENCES, 5, "ddddNll")
    mark(store, trace_id=min(misses), judge="strict@v1", mark="judge wrong", by="ana")
    assert at(store) == (Step.SEE_DIFFERENCES, 4, "ddddNll")
    explain(store, "strict@v1")
    assert at(store) == (Step.IMPROVE, 0, "ddddNll"), "15 of 20 caught on dev are too few"
    bring(store, version="v2", wrong=frozenset([min(misses)]))
    explain(store, "strict@v2")
    found = way(store).next
    assert at(store) == (Step.TEST, 50, "dddddNl")
    assert (found.judge, describe(store, found.slice).n) == ("strict@v2", 50)
    open_test(store, "strict@v2", by="ana")
    assert at(store) == (Step.IMPORT, 0, "ddddddN")
    save_rubric(store, pass_means="right", fail_means="wrong", by="ana")
    assert at(store) == (Step.CHECK_AGAIN, 0, "ddddNdl")


def test_a_judge_is_written_only_where_there_are_failures_and_passes(fresh_store: Store) -> None:
    bring(fresh_store)
    label(fresh_store, [name for name in NAMES if name not in FAILING][:40])
    assert at(fresh_store) == (Step.REVIEW, 25, "Ndlllll"), "nothing failed: there is nothing to check a judge on"


def test_where_every_trace_was_deferred_there_is_none_to_review_first(fresh_store: Store) -> None:
    bring(fresh_store)
    store_traces(
        fresh_store, labels=tuple(LabelRow(trace_id=x, labeler="ana", state=LabelState.DEFERRED) for x in NAMES)
    )
    assert at(fresh_store) == (Step.IMPORT, 0, "Nllllll")


def test_with_several_people_it_is_first_said_whose_labels_count(fresh_store: Store) -> None:
    fill_messy(fresh_store)
    found = way(fresh_store)
    while found.next.step is Step.SORT:
        names = [t.row.id for t in list_traces(fresh_store, found.standing.failures.uncategorised_slice).traces]
        make_category(fresh_store, Words(name="all", definition="x"), by="ana", trace_ids=names)
        found = way(fresh_store)
    assert (found.next.step, found.next.part) == (Step.SAY_WHOSE, Part.CHECK)


def test_a_sealed_test_split_is_named_and_nothing_of_it_told(small_store: Store) -> None:
    assign(small_store)
    found = way(small_store, Slice(split=("test",))).standing
    assert found.seal is not None
    assert (found.seal.is_sealed, found.differ, found.rates) == (True, 0, None)
