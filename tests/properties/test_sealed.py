"""However labels, judgments, splits and openings follow each other: what is sealed is told nowhere, and all adds up."""

from hypothesis import given, settings
from hypothesis import strategies as st

from core.model import LabelState
from core.slice import Slice
from core.store.connection import IN_MEMORY, Store
from core.workflows.exploring import describe, list_traces
from core.workflows.opening import open_store
from core.workflows.reviewing import record_label
from core.workflows.sealing import open_test, read_seal
from core.workflows.trusting import list_judges, measure_trust
from tests.conftest import EXPERT, JUDGE, fill_small
from tests.unit.workflows.test_sealing import add_version, assign

traces = st.integers(1, 12)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("test"), traces),
        st.tuples(st.just("dev"), traces),
        st.tuples(st.just("label"), traces),
        st.tuples(st.just("version"), st.just(0)),
        st.tuples(st.just("open"), st.just(0)),
    ),
    max_size=12,
)


def take(store: Store, step: str, key: int, placed: dict[int, str], versions: list[str]) -> None:
    if step in ("test", "dev") and key not in placed:
        placed[key] = step
        assign(store, **{"dev": (), "test": (), step: (key,)})
    elif step == "label":
        record_label(store, trace_id=f"t{key:02}", state=LabelState.FAIL, labeler=EXPERT, critique="no")
    elif step == "version":
        versions.append(f"strict@x{len(versions)}")
        add_version(store, versions[-1].rpartition("@")[2])
    elif step == "open" and "test" in placed.values():
        open_test(store, versions[-1], by="Chris")


@settings(deadline=None, max_examples=12)
@given(steps)
def test_what_is_sealed_is_told_nowhere_and_all_adds_up(chosen: list[tuple[str, int]]) -> None:
    store = open_store(IN_MEMORY)
    fill_small(store)
    placed: dict[int, str] = {}
    versions = [JUDGE]
    for step, key in chosen:
        take(store, step, key, placed, versions)
    closed = {ref for ref in versions if read_seal(store, ref).opened is None}
    test = {f"t{key:02}" for key, split in placed.items() if split == "test"}
    for trace in list_traces(store, Slice()).traces:
        for judgment in trace.judgments:
            sealed = trace.row.id in test and f"{judgment.judge}@{judgment.version}" in closed
            assert judgment.sealed == sealed
            assert not sealed or (judgment.verdict, judgment.critique, judgment.failure) == (None, None, None)
    for judge in list_judges(store):
        assert judge.judgments == judge.passed + judge.failed + judge.failures + judge.sealed
    for ref in versions:
        found = measure_trust(store, Slice(), judge=ref)
        assert found.groups[0].counts.n + sum(found.left_out) == describe(store, Slice()).n
        assert not (test and ref in closed) or measure_trust(store, Slice(), judge=ref, split="test").groups == []
    store.close()
