"""Whatever is labelled, split, imported or imported again, in any order: a split never moves, no twin crosses, and nothing that
a saved judge is shown as an example, as it stands in its prompt, is nearly the same as anything in dev or test."""

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import NotFoundError
from core.model import LabelState
from core.splitting import SPLITS, Candidate, Former, Shares, crossing, place, twins
from core.store import splits
from core.store.connection import IN_MEMORY, Store
from core.workflows.choosing_examples import first_examples, list_example_choices
from core.workflows.drafting import Draft, save_version
from core.workflows.exploring import read_trace
from core.workflows.importing import ImportOptions, Mapping, Source, import_sources
from core.workflows.maintaining import examine
from core.workflows.opening import open_store
from core.workflows.reviewing import record_label
from core.workflows.splitting import assign_splits
from core.workflows.trusting import list_judges
from tests.judging import SPEC

MAPPING = Mapping.from_toml('[trace]\nid = "id"\nsession = "session"\ninput = "input"\noutput = "output"\n')

LONG = "please move the delivery of my two acers from monday to the week after next because i am away "
QUESTIONS = (
    LONG + "x",
    LONG + "y",
    "where is my order",
    "something else entirely about roses and how they are cut",
    "",
)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("label"), st.integers(0, 17), st.booleans()),
        st.tuples(st.just("assign"), st.sampled_from([Shares(), Shares(34, 33, 33), Shares(0, 100, 0)]), st.none()),
        st.tuples(st.just("import"), st.integers(0, 17), st.tuples(st.integers(0, 4), st.integers(0, 3))),
        st.tuples(st.just("save a judge"), st.none(), st.none()),
        st.tuples(st.just("copy"), st.integers(0, 7), st.integers(0, 7)),
        st.tuples(st.just("hand an example on"), st.integers(0, 3), st.integers(12, 17)),
    ),
    min_size=3,
    max_size=25,
)


def of_its_own(mark: object) -> str:
    """A question that no other one is like."""
    return " ".join(f"w{mark}x{n}" for n in range(9))


def candidate(key: int, question: int, session: int, *, passed: bool, split: str | None = None) -> Candidate:
    return Candidate(
        key=key, id=f"t{key}", passed=passed, session=f"s{session}" if session else None, asked=QUESTIONS[question],
        answered=f"answer of {key}", split=split,
    )  # fmt: skip


def crossed(traces: Sequence[Candidate]) -> list[set[str | None]]:
    held = twins([trace for trace in traces if trace.split])
    return [found for group in held if len(found := {trace.split for trace in group}) > 1]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 6), st.booleans()), max_size=30), st.randoms())
def test_twins_are_the_same_in_any_order(made: list[tuple[int, int, bool]], chance: Random) -> None:
    traces = [candidate(key, q, s, passed=p) for key, (q, s, p) in enumerate(made)]
    shuffled = list(traces)
    chance.shuffle(shuffled)

    def groups(of: Sequence[Candidate]) -> set[frozenset[int]]:
        return {frozenset(t.key for t in group) for group in twins(of)}

    assert groups(traces) == groups(shuffled)
    assert place(traces, Shares()) == place(shuffled, Shares())


@settings(max_examples=10, deadline=None)
@given(STEPS)
def test_a_split_never_moves_and_no_twin_crosses(steps: list[tuple[str, object, object]]) -> None:
    store = open_store(IN_MEMORY)
    try:
        put(store, *({"id": f"t{i}", "input": of_its_own(i)} for i in range(12)))
        for trace in range(8):
            take(store, "label", trace, trace % 2 == 0)
        take(store, "assign", Shares(50, 25, 25), None)
        take(store, "save a judge", None, None)
        given_: dict[int, str] = {}
        for step in steps:
            take(store, *step)
            with store.read() as cursor:
                rows = cursor.execute("select trace_key, split from splits").fetchall()
                now = dict(rows)
                assert len(rows) == len(now)
                assert {key: now.get(key) for key in given_} == given_
                given_ = now
                held = splits.find_labelled(cursor, None)
            assert crossed([as_candidate(t) for t in held]) == []
            assert leaks(store) == []
        assert [check.name for check in examine(store).health.checks if check.faults] == []
    finally:
        store.close()


def leaks(store: Store) -> list[str]:
    """What the prompts of saved judges show that is nearly what is in dev or test now, or comes from one of these traces."""
    with store.read() as cursor:
        held = [as_candidate(t) for t in splits.find_labelled(cursor, None)]
    measured = [replace(t, former=()) for t in held if t.split in ("dev", "test")]
    versions = [saved.version for saved in list_judges(store)]
    shown = [
        Candidate(key=-1, id="shown", passed=True, asked=example["input"], answered=example.get("output", ""))
        for version in versions
        for example in in_prompt(version.prompt or "")
    ]
    texts = [f"{example.asked} = {t.id}" for example in shown for t in measured if len(twins([example, t])) == 1]
    return texts + [t.id for t in measured for version in versions if t.id in version.examples]


def in_prompt(prompt: str) -> list[dict[str, str]]:
    """The examples that a prompt shows."""
    return [json.loads(found)["trace"] for found in re.findall(r"<example>\n(.*?)\n</example>", prompt, re.DOTALL)]


def as_candidate(t: splits.Labelled) -> Candidate:
    return Candidate(
        key=t.key, id=t.id, passed=t.state != "fail", session=t.session, made_from=t.made_from, asked=t.asked,
        answered=t.answered, split=t.split, former=tuple(Former(*content) for content in t.former),
    )  # fmt: skip


def put(store: Store, *records: dict[str, str | None]) -> None:
    lines = "".join(f"{json.dumps(record)}\n" for record in records)
    import_sources(
        store, [Source.from_bytes("made.jsonl", lines.encode())], ImportOptions(mapping=MAPPING, format="jsonl")
    )


def take(store: Store, kind: str, what: Any, how: Any) -> None:
    if kind == "label":
        state = LabelState.PASS if how else LabelState.FAIL
        with suppress(NotFoundError):  # it was not imported yet
            record_label(store, trace_id=f"t{what}", state=state, labeler="ana", critique="said")
    elif kind == "save a judge":
        chosen = first_examples(list_example_choices(store))
        save_version(store, Draft("overall", replace(SPEC, examples=chosen)), by="ana")
    elif kind == "assign":
        assign_splits(store, by="ana", shares=what)
    elif kind == "hand an example on":
        shown = sorted({trace_id for saved in list_judges(store) for trace_id in saved.version.examples})
        if shown:  # its text comes back under another id, which is labelled: it must not be measured
            name = shown[what % len(shown)]
            former = read_trace(store, name).trace.row.input
            put(store, {"id": name, "input": of_its_own(f"{name}to{how}")}, {"id": f"t{how}", "input": former})
            take(store, "label", how, True)
    elif kind == "copy":
        put(store, {"id": f"t{what}", "input": read_trace(store, f"t{how}").trace.row.input})
    else:
        question, session = how
        put(store, {"id": f"t{what}", "input": QUESTIONS[question], "session": f"s{session}" if session else None})


def test_new_labels_are_placed_beside_their_twins() -> None:
    traces = [candidate(1, 0, 0, passed=True, split="test"), candidate(2, 1, 0, passed=False)]
    assert place(traces, Shares(100, 0, 0)).placed == {2: "test"}


def test_a_trace_between_two_splits_stays_out() -> None:
    traces = [
        candidate(1, 0, 0, passed=True, split="train"),
        candidate(2, 3, 1, passed=True, split="test"),
        candidate(3, 1, 1, passed=True),
    ]
    assert place(traces, Shares()) == ({}, [3])


def test_of_traces_that_became_twins_the_one_in_train_stays_in_use() -> None:
    traces = [candidate(n, 0, 0, passed=True, split=split) for n, split in enumerate(("dev", "train", "test"))]
    assert [(one.trace.key, one.twin.key) for one in crossing(traces)] == [(0, 1), (2, 1)]


@pytest.mark.parametrize("shares", [Shares(), Shares(20, 30, 50), Shares(0, 50, 50)])
def test_each_split_gets_its_share_of_both_verdicts(shares: Shares) -> None:
    traces = [Candidate(key=n, id=f"t{n}", passed=n % 4 > 0, asked=of_its_own(n)) for n in range(200)]
    placed = place(traces, shares).placed
    for split in SPLITS:
        for passed, all_of in ((True, 150), (False, 50)):
            n = sum(placed[t.key] == split and t.passed == passed for t in traces)
            assert abs(n - all_of * getattr(shares, split) / 100) <= 1
