"""However verdicts with categories, undos and merges follow each other: a trace is in what the labels that stand picked."""

from hypothesis import given, settings
from hypothesis import strategies as st

from core.model import LabelState
from core.store.connection import IN_MEMORY
from core.store.ingest import Entry, ingest
from core.workflows.categorising import list_categories
from core.workflows.opening import open_store
from core.workflows.reviewing import note_opening, record_label, undo_label
from core.workflows.taxonomy import merge_categories
from core.workflows.wording import Words, make_category
from tests.conftest import LABELLED_ON, new_trace

people = st.sampled_from(("ana", "bo"))
some = st.lists(st.integers(1, 3), max_size=3, unique=True)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("fail"), people, some),
        st.tuples(st.just("pass"), people, st.just([])),
        st.tuples(st.just("deferred"), people, st.just([])),
        st.tuples(st.just("see the judge"), people, st.just([])),
        st.tuples(st.just("undo"), people, st.just([])),
        st.tuples(st.just("merge"), people, st.lists(st.integers(1, 3), min_size=2, max_size=2, unique=True)),
    ),
    max_size=14,
)


@settings(deadline=None, max_examples=15)
@given(steps)
def test_a_trace_is_in_what_the_labels_that_stand_picked(chosen: list[tuple[str, str, list[int]]]) -> None:
    store = open_store(IN_MEMORY)
    with ingest(store) as running:
        running.add([Entry("f.jsonl", 1, new_trace(id="t"), [], [])])
        running.finish(files=["f.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)
    ids = {n: make_category(store, Words(name=f"mode {n}"), by="ana").category_id or 0 for n in (1, 2, 3)}
    now = {number: number for number in ids}
    given_by: dict[str, list[tuple[str, list[int]]]] = {"ana": [], "bo": []}
    for number, (step, person, picked) in enumerate(chosen):
        if step in ("pass", "fail"):
            record_label(
                store, trace_id="t", state=LabelState(step), labeler=person, critique=f"reason {number}",
                client_id=str(number), picked=[ids[n] for n in picked],
            )  # fmt: skip
            given_by[person].append((str(number), picked))
        elif step == "deferred":
            record_label(store, trace_id="t", state=LabelState.DEFERRED, labeler=person, client_id=str(number))
            given_by[person].append((str(number), given_by[person][-1][1] if given_by[person] else []))
        elif step == "see the judge":
            note_opening(store, trace_id="t", labeler=person, saw_judge=True)
        elif step == "undo" and given_by[person]:
            client_id, _ = given_by[person].pop()
            assert undo_label(store, trace_id="t", labeler=person, undoes=client_id) is not None
        elif step == "merge" and now[picked[0]] != now[picked[1]]:
            gone, into = now[picked[0]], now[picked[1]]
            merge_categories(store, ids[gone], into=ids[into], by=person)
            now = {held: into if head == gone else head for held, head in now.items()}
        stand = {f"mode {now[n]}" for labels in given_by.values() if labels for n in labels[-1][1]}
        with store.read() as cursor:
            sql = "select name from current_assignments join current_categories using (category_id)"
            assert {row[0] for row in cursor.execute(sql).fetchall()} == stand
    assert {category.name for category in list_categories(store)} == {f"mode {head}" for head in now.values()}
    store.close()
