"""The first page in one look: its numbers, its worst slices, and what it says to do next."""

import pytest

from core.model import LabelRow, LabelState
from core.slice import Condition, Slice
from core.store.connection import Store
from core.workflows.exploring import describe, set_principal_expert
from core.workflows.orienting import Step
from core.workflows.sampling import load_sample
from core.workflows.summarising import Summary, summarise
from core.workflows.wording import decide
from tests.conftest import MakeTrace
from tests.real_sets import off_links, real_store
from tests.sorting import define_category, put_into_category
from tests.unit.workflows.messy import fill_messy
from tests.unit.workflows.test_exporting import store_traces


def off_summary(store: Store, summary: Summary) -> list[tuple[str, int, int]]:
    counted = [
        ("failed", summary.labelled.k, summary.failed_slice),
        ("labelled", summary.labelled.n, summary.labelled_slice),
        ("not sorted", summary.failures.uncategorised, summary.failures.uncategorised_slice),
        *((str(row.category), row.traces, row.slice) for row in summary.failures.rows),
    ]
    for worst in summary.worst:
        counted.append((f"{worst.values} failed", worst.rate.k, worst.failed_slice))
        counted.append((f"{worst.values} labelled", worst.rate.n, worst.labelled_slice))
    return off_links(store, counted)


def test_every_number_of_the_sample_has_its_traces(fresh_store: Store) -> None:
    load_sample(fresh_store)
    summary = summarise(fresh_store, Slice())
    assert off_summary(fresh_store, summary) == []
    assert summary.worst[0].values == (("scenario", "no match"), ("persona", "new"))
    assert summary.looked_at >= len(summary.worst) == 5
    assert summary.judge is not None
    assert summary.judge.summary.version.ref == "overall@3"
    lows = [worst.rate.low or 0 for worst in summary.worst]
    assert lows == sorted(lows, reverse=True)


@pytest.mark.parametrize("name", ["hw3", "code-review", "helpfulness", "nurtureboss"])
def test_every_number_of_a_real_set_has_its_traces(name: str) -> None:
    store = real_store(name)
    assert off_summary(store, summarise(store, Slice())) == []


@pytest.mark.parametrize(
    "slice_",
    [
        Slice(),
        Slice(dimensions=(Condition(key="topic", values=("*", "search")),)),
        Slice(dimensions=(Condition(key="size", values=("small",)), Condition(key="category", values=("b", "")))),
        Slice(verdict=("fail",)),
        Slice(saw_judge=False),
        Slice(labeler="ben"),
    ],
)
def test_every_number_has_its_traces_where_traces_have_several_values(fresh_store: Store, slice_: Slice) -> None:
    fill_messy(fresh_store)
    set_principal_expert(fresh_store, "ana", by="test")
    assert off_summary(fresh_store, summarise(fresh_store, slice_, min_n=3)) == []


def test_a_value_that_the_slice_holds_to_is_no_part_of_a_worst_slice(small_store: Store) -> None:
    summary = summarise(small_store, Slice(dimensions=(Condition(key="feature", values=("search",)),)), min_n=1)
    assert {worst.values for worst in summary.worst} == {(("persona", "regular"),)}
    assert summary.looked_at == 2


def test_a_slice_under_the_smallest_n_is_not_ranked(small_store: Store) -> None:
    assert summarise(small_store, Slice(), min_n=10).worst == []
    assert summarise(small_store, Slice(), min_n=10).looked_at == 0
    assert summarise(small_store, Slice(), min_n=2).worst[0].rate[:2] == (2, 2)


def label(store: Store, ids: list[str], *, failing: int) -> None:
    rows = tuple(
        LabelRow(
            trace_id=trace_id,
            labeler="ana",
            state=LabelState.FAIL if place < failing else LabelState.PASS,
            critique="because",
        )
        for place, trace_id in enumerate(ids)
    )
    store_traces(store, labels=rows)


def test_what_to_do_next_follows_what_there_is(fresh_store: Store, make_trace: MakeTrace) -> None:
    def step() -> tuple[Step, int]:
        found = summarise(fresh_store, Slice()).way.next
        return found.step, found.n

    assert step() == (Step.IMPORT, 0)
    traces = [make_trace() for _ in range(40)]
    store_traces(fresh_store, *traces)
    assert step() == (Step.REVIEW, 25)
    ids = [trace.id for trace in traces]
    label(fresh_store, ids[:29], failing=12)
    assert step() == (Step.REVIEW, 11)
    label(fresh_store, ids[29:31], failing=0)
    assert step() == (Step.SORT, 12)
    category = define_category(fresh_store, name="dates", definition="wrong date", by="ana")
    for trace_id in ids[:3]:
        put_into_category(fresh_store, trace_id=trace_id, category_id=category, by="ana")
    assert step() == (Step.DECIDE, 1)
    decide(fresh_store, category, by="ana", status="watch")
    assert step() == (Step.WRITE, 0)
    label(fresh_store, ids[31:], failing=0)
    assert step() == (Step.WRITE, 0)


def test_a_judge_that_differs_is_to_be_looked_at(fresh_store: Store) -> None:
    load_sample(fresh_store)
    found = summarise(fresh_store, Slice())
    assert found.judge is not None
    assert found.judge.trust is not None
    if found.failures.uncategorised < 10:
        assert (found.way.next.step, found.way.next.n) == (Step.SEE_DIFFERENCES, found.judge.trust.differ)
        assert describe(fresh_store, found.judge.trust.disagreements).n == found.way.next.n


def test_with_several_people_the_judge_waits_for_a_principal_expert(fresh_store: Store) -> None:
    fill_messy(fresh_store)
    summary = summarise(fresh_store, Slice())
    assert summary.judge is not None
    assert summary.judge.trust is None
