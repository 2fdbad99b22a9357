"""Whatever is done after a moment, a view pinned to it shows the numbers it showed then."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from random import Random
from typing import Any

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from core.errors import AppError
from core.model import JudgmentRow, LabelRow, LabelState, Verdict
from core.slice import Slice
from core.store.connection import IN_MEMORY, Store
from core.store.ingest import Entry, ingest
from core.workflows import (
    agreeing,
    categorising,
    exploring,
    fixing,
    leaving,
    pinning,
    pivoting,
    queueing,
    reviewing,
    rubric,
    saturating,
    sealing,
    splitting,
    summarising,
    taxonomy,
    trending,
    trusting,
    varying,
    wording,
)
from core.workflows.opening import open_store
from tests.conftest import JUDGE, LABELLED_ON, fill_small, new_trace

SLICES = (Slice(), Slice(verdict=("fail",)).with_value("persona", "regular"))


def everything(store: Store) -> list[Any]:
    """What the pages ask, on several slices."""
    found: list[Any] = [
        exploring.filter_options(store),
        trusting.list_labelers(store),
        agreeing.read_team(store),
        queueing.open_queues(store, "ana"),
    ]
    for slice_ in SLICES:
        found += [
            exploring.describe(store, slice_),
            exploring.list_traces(store, slice_),
            categorising.count_failures(store, slice_),
            categorising.list_critiques(store, slice_),
            in_order(pivoting.pivot(store, slice_, rows="feature", cols="persona")),
            in_order(pivoting.pivot(store, slice_, rows="category", of=JUDGE)),
            pivoting.axes(store),
            trusting.measure_trust(store, slice_, judge=JUDGE, by="persona"),
            trending.measure_trend(store, slice_, by="week", of=JUDGE),
            trending.measure_trend(store, slice_, by="feature"),
            varying.measure_variants(store, slice_, judge=JUDGE),
            trusting.list_pairs(store, slice_, judge=JUDGE, limit=50),
            saturating.lifts(store, slice_, min_n=1),
            saturating.saturation(store, slice_),
            ageless(summarising.summarise(store, slice_, min_n=1)),
        ]
    return found


def ageless(found: summarising.Summary) -> summarising.Summary:
    """How long a check and a review are ago grows by itself; on a pinned page it is what it was."""
    at = found.way.standing
    stale = None if at.stale is None else replace(at.stale, checked=at.stale.checked._replace(days=None))
    due = None if at.due is None else at.due._replace(since=at.due.since._replace(days=None), is_due=False)
    way = replace(found.way, standing=replace(at, stale=stale, due=due))
    return replace(found, stale=stale, way=way)


def in_order(found: pivoting.Pivot) -> pivoting.Pivot:
    """The cells come in any order."""
    return replace(found, cells=sorted(found.cells, key=lambda cell: (str(cell.row), str(cell.col))))


def label(store: Store, random: Random) -> None:
    state = random.choice([LabelState.PASS, LabelState.FAIL, LabelState.DEFERRED])
    reviewing.record_label(
        store, trace_id=some_trace(random), state=state, labeler=random.choice(["ana", "ben"]), critique="said later"
    )


def undo(store: Store, random: Random) -> None:
    reviewing.undo_label(store, trace_id=some_trace(random), labeler="ana")


def bring_in(store: Store, random: Random) -> None:
    """New traces with new values, labels and judgments for old and new ones."""
    name = f"later-{random.randrange(10**9)}"
    trace = new_trace(
        id=name, session=None, dimensions={"feature": random.choice(["search", "new one"]), "size": "large"}
    )
    labels = [LabelRow(trace_id=name, labeler="ana", state=LabelState.FAIL, critique="a file says", at=LABELLED_ON)]
    judged = [
        JudgmentRow(trace_id=x, judge="strict", version=version, verdict=Verdict.FAIL)
        for x in (name, some_trace(random))
        for version in ("v1", "v2")
    ]
    with ingest(store) as running:
        running.add([Entry("later.jsonl", 1, trace, labels, judged)])
        running.finish(files=["later.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)


def change(store: Store, random: Random) -> None:
    """A later log says something else of a trace: another answer, day, and values."""
    trace = new_trace(
        id=some_trace(random), output=f"another answer {random.random()}", started_at=LABELLED_ON,
        dimensions={"feature": random.choice(["search", "chat", "changed"]), "persona": ["new", "regular"]},
    )  # fmt: skip
    with ingest(store) as running:
        running.add([Entry("changed.jsonl", 1, trace, [], [])])
        running.finish(files=["changed.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)


def assign(store: Store, random: Random) -> None:
    splitting.assign_splits(store, by="ana", shares=random.choice([splitting.Shares(), splitting.Shares(0, 1, 99)]))


def open_seal(store: Store, random: Random) -> None:
    sealing.open_test(store, JUDGE, by=random.choice(["ana", "ben"]))


def leave(store: Store, random: Random) -> None:
    value = random.choice(["new", "regular"])
    leaving.leave_to_people(store, judge=JUDGE, dimension="persona", value=value, reason="why", by="ana")


def merge(store: Store, random: Random) -> None:
    first, second = random.sample([c.id for c in categorising.list_categories(store)], 2)
    taxonomy.merge_categories(store, first, into=second, by="ana")


def name_one(store: Store, random: Random) -> None:
    wording.make_category(store, wording.Words(name=f"later {random.random()}"), by="ana", trace_ids=["t11"])


def sort(store: Store, random: Random) -> None:
    category = random.choice(categorising.list_categories(store))
    taxonomy.sort_into(store, trace_ids=[some_trace(random)], category_id=category.id, by="ana")


def fix(store: Store, random: Random) -> None:
    fixing.log_fix(
        store, random.choice(categorising.list_categories(store)).id, what="done", by="ana", since=LABELLED_ON
    )


def draw(store: Store, random: Random) -> None:
    queueing.start_queue(store, Slice(), size=5, labeler="ana", seed=random.randrange(1000))


def choose_expert(store: Store, random: Random) -> None:
    exploring.set_principal_expert(store, random.choice(["ana", "ben", ""]), by="ana")


def write_rubric(store: Store, random: Random) -> None:
    rubric.save_rubric(store, pass_means=str(random.random()), fail_means="not", by="ana")


def some_trace(random: Random) -> str:
    return f"t{random.randint(1, 12):02}"


DEEDS: tuple[Callable[[Store, Random], None], ...] = (
    *(
        label,
        undo,
        bring_in,
        merge,
        name_one,
        sort,
        fix,
        draw,
        choose_expert,
        write_rubric,
        change,
        change,
        assign,
        open_seal,
        leave,
    ),
)


@settings(max_examples=6, deadline=None, phases=[Phase.explicit, Phase.reuse, Phase.generate])  # each asks much
@given(
    before=st.lists(st.sampled_from(DEEDS), max_size=4),
    after=st.lists(st.sampled_from(DEEDS), min_size=3, max_size=8),
    seed=st.integers(0, 10**6),
)
def test_whatever_is_done_later_a_pinned_view_shows_the_numbers_it_showed(
    before: list[Callable[[Store, Random], None]], after: list[Callable[[Store, Random], None]], seed: int
) -> None:
    random = Random(seed)
    store = open_store(IN_MEMORY)
    try:
        fill_small(store)
        do(store, before, random)
        event, then = pinning.newest_event(store), everything(store)
        do(store, after, random)
        assert everything(pinning.pin(store, event)) == then
    finally:
        store.close()


def do(store: Store, deeds: list[Callable[[Store, Random], None]], random: Random) -> None:
    for deed in deeds:
        with suppress(AppError, ValueError):  # nothing to merge or to draw any more
            deed(store, random)
