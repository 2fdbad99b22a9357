"""A pivot's cells: their counts, their order, and that every link shows exactly the traces its number counts."""

import json
from collections.abc import Iterator

import pytest

from core.errors import NotFoundError, UsageError
from core.model import MISSING, Counts, LabelRow, LabelState
from core.slice import Condition, Slice
from core.store.connection import IN_MEMORY, Store
from core.workflows.exploring import describe, set_principal_expert
from core.workflows.opening import open_store
from core.workflows.pivoting import CATEGORY, EXPERT, FAILED, MEASURES, axes, left_out, newest_evidence, pivot
from tests.conftest import JUDGE, MakeTrace, shared
from tests.real_sets import off_cells, off_links, real_store
from tests.unit.workflows.messy import fill_messy
from tests.unit.workflows.test_exporting import store_traces

ONE, TWO = "overall@1", "overall@2"


@pytest.fixture(scope="module")
def messy() -> Iterator[Store]:
    store = open_store(IN_MEMORY)
    fill_messy(store)
    set_principal_expert(store, "ana", by="test")
    yield store
    store.close()


def d(key: str, *values: str, negated: bool = False) -> Condition:
    return Condition(key=key, values=values, negated=negated)


REAL = (
    ("hw3", "dietary_restriction", None, EXPERT),
    ("hw3", "dietary_restriction", "confidence", EXPERT),
    ("hw3", "confidence", "dietary_restriction", EXPERT),
    ("hw5", "last_success_state", "first_failure_state", EXPERT),
    ("lesson-7", "customer_persona", None, EXPERT),
    ("code-review", "source", None, EXPERT),
    ("tau-bench", "trial", None, "program"),
    ("tau-bench", "task", None, "program"),
    ("nurtureboss", "model", None, "substantiation"),
    ("helpfulness", "metric", None, "helpfulness"),
    ("helpfulness", "metric", None, EXPERT),
    ("summary_accuracy", "metric", "source", "summary_accuracy"),
)


@pytest.mark.parametrize(("name", "rows", "cols", "of"), REAL)
def test_each_link_of_a_real_set_shows_exactly_what_its_cell_counts(
    name: str, rows: str, cols: str | None, of: str
) -> None:
    store = real_store(name)
    found = pivot(store, Slice(), rows=rows, cols=cols, of=of)
    assert off_cells(store, found) == []
    assert sum(c.counts.traces for c in found.inner) == found.total.counts.traces == describe(store, Slice()).total


def test_the_failures_by_diet_are_those_of_the_facts() -> None:
    facts = json.loads(shared("data/facts.json").read_text("utf-8"))["hw3"]
    found = pivot(real_store("hw3"), Slice(), rows="dietary_restriction")
    assert {c.row: [c.counts.failed, c.counts.judged] for c in found.inner} == facts["fail_by_diet"]
    assert found.total.counts == Counts(101, 101, 26)


def test_the_failing_trials_and_steps_are_those_of_the_facts() -> None:
    facts = json.loads(shared("data/facts.json").read_text("utf-8"))
    trials = pivot(real_store("tau-bench"), Slice(), rows="trial", of="program")
    assert {c.row: c.counts.failed for c in trials.inner} == facts["tau-bench"]["fail_by_trial"]
    steps = pivot(real_store("hw5"), Slice(), rows="first_failure_state", cols="last_success_state")
    assert {c.row: c.counts.traces for c in steps.cells if c.col is None} == facts["hw5"]["first_failure_state"]
    assert {c.col: c.counts.traces for c in steps.cells if c.row is None} == facts["hw5"]["last_success_state"]


AXES = (
    ("topic", None),
    ("topic", "size"),
    ("size", "topic"),
    (CATEGORY, None),
    (CATEGORY, "topic"),
    ("size", CATEGORY),
    ("d.category", "model"),
)
SLICES = {
    "all": Slice(),
    "one value": Slice(dimensions=(d("topic", "*"),)),
    "two values": Slice(dimensions=(d("topic", "search", "billing"),)),
    "a value or missing": Slice(dimensions=(d("topic", "search", MISSING),)),
    "not a value": Slice(dimensions=(d("topic", "search", negated=True), d("size", "huge", negated=True))),
    "failed": Slice(verdict=("fail",)),
    "not labelled": Slice(verdict=("unlabelled",)),
    "blind and failed": Slice(verdict=("fail",), saw_judge=False),
    "saw the judge": Slice(saw_judge=True),
    "a category": Slice(category=(1,)),
    "two categories or none": Slice(category=(0, 2)),
    "the judge failed it": Slice(judge=ONE, judge_verdict=("fail", "failure")),
    "they differ": Slice(disagree=ONE),
    "both versions": Slice(judged=(ONE, TWO)),
    "of ben": Slice(labeler="ben"),
    "searched": Slice(search="question 1", dimensions=(d("size", "small", "large"),)),
}


COUNTED = ((EXPERT, FAILED), (ONE, FAILED), (ONE, "disagreements"), (ONE, "caught"), (ONE, "kept"))


@pytest.mark.parametrize(("of", "measure"), COUNTED)
def test_each_link_shows_what_its_cell_counts(messy: Store, of: str, measure: str) -> None:
    for rows, cols in AXES[COUNTED.index((of, measure)) % 3 :: 3]:
        assert off_cells(messy, pivot(messy, Slice(), rows=rows, cols=cols, of=of, measure=measure)) == [], (rows, cols)


@pytest.mark.parametrize("chosen", SLICES)
def test_each_link_shows_what_its_cell_counts_in_any_slice(messy: Store, chosen: str) -> None:
    place = list(SLICES).index(chosen)
    rows, cols = AXES[place % len(AXES)]
    for of, measure in (COUNTED[0], COUNTED[1 + place % 4]):
        found = pivot(messy, SLICES[chosen], rows=rows, cols=cols, of=of, measure=measure)
        assert off_cells(messy, found) == [], (rows, cols, of, measure)
    for of in (EXPERT, ONE):
        assert off_links(messy, left_out(messy, SLICES[chosen], of=of)) == []


@pytest.mark.parametrize("of", [EXPERT, TWO])
def test_what_is_left_out_and_what_is_judged_make_the_slice(messy: Store, of: str) -> None:
    total = pivot(messy, Slice(), rows="size", of=of).total.counts
    assert total.judged + sum(n for _, n, _ in left_out(messy, Slice(), of=of)) == total.traces


def test_totals_count_a_trace_of_several_values_once(messy: Store) -> None:
    found = pivot(messy, Slice(), rows="topic", cols="size")
    assert found.several_values
    for size in found.col_values:
        column, cells = found.cell(None, size), [c for c in found.inner if c.col == size]
        assert column is not None
        assert column.counts.traces == describe(messy, Slice(dimensions=(d("size", size),))).n
        assert column.counts.traces < sum(c.counts.traces for c in cells)


def test_a_slice_that_names_values_shows_no_others(messy: Store) -> None:
    found = pivot(messy, SLICES["two values"], rows="topic", cols="size")
    assert set(found.row_values) == {"search", "billing"}


def test_a_cell_of_a_category_is_a_share_of_all_that_was_judged_there(small_store: Store) -> None:
    found = pivot(small_store, Slice(), rows=CATEGORY, cols="feature")
    dates = found.cell("dates", "search")
    assert dates is not None
    assert dates.counts == Counts(traces=1, judged=4, failed=1)
    whole = found.cell("dates", None)
    assert whole is not None
    assert (whole.rate.k, whole.rate.n) == (2, 8)
    assert off_cells(small_store, found) == []


def test_a_dimension_called_category_is_told_from_the_failure_categories(messy: Store) -> None:
    names = {axis.name: axis.words for axis in axes(messy)}
    assert names["d.category"] == "category"
    assert names[CATEGORY] == "failure category"
    assert pivot(messy, Slice(), rows="d.category").row_values == ["b", "a", MISSING]


def test_built_in_fields_can_be_counted_by(small_store: Store) -> None:
    assert [a.name for a in axes(small_store)] == ["persona", "feature", "model", CATEGORY]
    found = pivot(small_store, Slice(), rows="model", cols="feature")
    cell = found.cell("m-2", "search")
    assert cell is not None
    assert cell.counts == Counts(2, 1, 1)
    assert off_cells(small_store, found) == []


def test_worst_first_goes_by_the_lower_end_and_puts_few_last(fresh_store: Store, make_trace: MakeTrace) -> None:
    plan = {"three of three": (3, 3), "fifteen of twenty": (15, 20), "six of twelve": (6, 12), "none of forty": (0, 40)}
    traces = [make_trace(dimensions={"kind": kind}) for kind, (_, n) in plan.items() for _ in range(n)]
    failing = [i < k for k, n in plan.values() for i in range(n)]
    labels = tuple(
        LabelRow(trace_id=t.id, labeler="ana", state=LabelState.FAIL if bad else LabelState.PASS, critique="why")
        for t, bad in zip(traces, failing, strict=True)
    )
    store_traces(fresh_store, *traces, labels=labels)
    found = pivot(fresh_store, Slice(), rows="kind")
    ranked = [c.row for c in found.worst_first(10)]
    assert ranked == ["fifteen of twenty", "six of twelve", "none of forty", "three of three"]
    assert found.worst_first(3)[0].row == "fifteen of twenty"


def test_missed_failures_are_what_is_worst_of_caught_ones(messy: Store) -> None:
    found = pivot(messy, Slice(), rows="size", of=ONE, measure="caught")
    ranked = found.worst_first(1)
    lows = [cell.bad.low for cell in ranked]
    assert lows == sorted(lows, key=lambda low: -(low or 0))
    assert all(cell.bad.k + cell.rate.k == cell.rate.n for cell in ranked)


def test_evidence_is_one_word_per_trace(messy: Store) -> None:
    failed = pivot(messy, Slice(), rows="size").total.failed_slice
    said = newest_evidence(messy, failed, limit=200)
    assert len(said) == len({s.trace_id for s in said}) == describe(messy, failed).n
    assert {s.verdict for s in said} == {"fail"}
    judged = newest_evidence(messy, Slice(judge=ONE, judge_verdict=("fail",)), of=ONE, limit=3)
    assert [s.verdict for s in judged] == ["fail"] * 3


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"rows": "persona", "cols": "persona"}, UsageError),
        ({"rows": "weather"}, NotFoundError),
        ({"rows": "persona", "cols": "weather"}, NotFoundError),
        ({"rows": "persona", "of": "nobody"}, NotFoundError),
        ({"rows": "persona", "measure": "caught"}, UsageError),
        ({"rows": "persona", "of": JUDGE, "measure": "liked"}, UsageError),
    ],
)
def test_what_cannot_be_counted_is_refused(
    small_store: Store, options: dict[str, str], problem: type[Exception]
) -> None:
    with pytest.raises(problem):
        pivot(small_store, Slice(), **options)


def test_a_slice_that_asks_one_judge_is_not_counted_for_another(messy: Store) -> None:
    asked = Slice(judge=ONE, judge_verdict=("pass",))
    with pytest.raises(UsageError):
        pivot(messy, asked, rows="size", of=TWO)
    with pytest.raises(UsageError):
        pivot(messy, Slice(disagree=ONE), rows="size", of=TWO, measure="disagreements")
    assert off_cells(messy, pivot(messy, Slice(disagree=ONE), rows="size", of=TWO)) == []


def test_a_judge_named_without_a_version_is_its_newest(messy: Store) -> None:
    assert pivot(messy, Slice(), rows="size", of="overall").of == TWO


def test_a_judge_is_not_held_against_several_people_at_once(messy: Store) -> None:
    set_principal_expert(messy, "", by="test")
    try:
        with pytest.raises(UsageError):
            pivot(messy, Slice(), rows="size", of=ONE, measure="caught")
        for measure in MEASURES[1:]:
            found = pivot(messy, Slice(labeler="ben"), rows="topic", of=ONE, measure=measure)
            assert off_cells(messy, found) == []
    finally:
        set_principal_expert(messy, "ana", by="test")
