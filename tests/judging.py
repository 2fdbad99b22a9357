"""A judge that was saved, traces that it can judge, and a server that answers: what tests of runs begin with."""

import json
from collections import Counter

from core.judge.seen import seen
from core.model import JudgeVersion
from core.slice import Slice
from core.store.connection import Store, rows
from core.store.ingest import Entry, ingest
from core.workflows.choosing_examples import as_shown
from core.workflows.drafting import Draft, JudgeSpec, save_version
from core.workflows.exploring import read_trace
from core.workflows.judging import RunState, start_run, wait_for
from core.workflows.maintaining import examine
from core.workflows.planning_runs import plan_run
from tests.conftest import LABELLED_ON, new_trace
from tests.messages_server import hash_of

SPEC = JudgeSpec(
    role="You know the shop.", criterion="Did it do what the user needed?", pass_means="It did.", fail_means="It did not.",
    model="claude-sonnet-5-5",
)  # fmt: skip


def put_traces(store: Store, n: int, **over: object) -> None:
    """So many traces; every third one is wrong."""
    traces = [
        new_trace(id=f"j{i:04}", input=f"question {i}", output=f"{'wrong ' * (i % 3 == 0)}answer {i}", **over)
        for i in range(n)
    ]
    with ingest(store) as running:
        running.add([Entry("made.jsonl", i, trace, [], []) for i, trace in enumerate(traces)])
        running.finish(files=["made.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)


def saved(store: Store, judge: str = "overall", spec: JudgeSpec = SPEC) -> JudgeVersion:
    """A version of a judge."""
    return save_version(store, Draft(judge, spec), by="ana")


def expected_critique(store: Store, trace_id: str) -> tuple[bool, str]:
    """What the server says of a trace: whether it passes, and its critique."""
    whole = read_trace(store, trace_id).trace
    text = json.dumps(seen(as_shown(whole), SPEC.fields), sort_keys=True)
    return "wrong" not in text, f"of {hash_of(text)}"


def said(store: Store) -> dict[str, tuple[bool | None, str | None, str | None]]:
    """Per trace the judgment that counts: passed, critique, failure; none has two."""
    sql = "select t.id, j.passed, j.critique, j.failure from current_judgments j join traces t using (trace_key)"
    with store.read() as cursor:
        found = rows(cursor, sql)
    assert max(Counter(row["id"] for row in found).values(), default=1) == 1
    return {str(r["id"]): (r["passed"], r["critique"], r["failure"]) for r in found}  # type: ignore[misc]


def run(store: Store, judge: str = "overall", **how: object) -> RunState:
    """A judge on all traces, from its plan to its end."""
    plan = plan_run(store, judge, split=None, slice_=Slice())
    return wait_for(store, start_run(store, plan, by="ana", reason="a test", **how), every=0.05)  # type: ignore[arg-type]


def healthy(store: Store) -> bool:
    """Whether everything in it is whole."""
    return [check.name for check in examine(store).health.checks if check.faults] == []
