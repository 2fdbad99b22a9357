"""Other people's labelled sets, with the numbers that are known of them; skipped where the sets are not there."""

import json
from collections import Counter
from functools import cache
from typing import Any

import pytest

from core.importers import Extract, Extractor, Mapping, Source, propose
from core.model import LabelState, Trace, Verdict
from tests.unit.importers.samples import extract_file, mapping_named, read, shared

FILES = {
    "evidently-code-review": "evidently-code-review/examples/datasets/code_review.csv",
    "hw3": "recipe-chatbot/homeworks/hw3/reference_files/labeled_traces.jsonl",
    "hw5": "recipe-chatbot/homeworks/hw5/reference_files/labeled_traces.jsonl",
    "nurtureboss": "recipe-chatbot/lesson-4/nurtureboss_traces_labeled.json",
    "nurtureboss_logs": "recipe-chatbot/lesson-4/nurtureboss_logs.csv",
    "lesson-7": "recipe-chatbot/lesson-7/data/traces.csv",
    "lesson-7-labels": "recipe-chatbot/lesson-7/data/labeled_traces_latest.jsonl",
    "tau-bench": "tau-bench/historical_trajectories/gpt-4o-airline.json",
}
RAGAS = ("annotated_data", "edited_chain_runs", "sample_annotated_summary")


@cache
def facts() -> dict[str, Any]:
    return json.loads(shared("data/facts.json").read_text(encoding="utf-8"))


def extracted(name: str) -> list[Extract]:
    got, bad = extract_file(shared(f"data/{FILES[name]}"), mapping_named(name))
    assert bad == []
    assert [e.bad for e in got if e.bad] == []
    assert [p for e in got for p in e.problems] == []
    return got


def traces(got: list[Extract]) -> list[Trace]:
    return [e.trace for e in got if e.trace is not None]


def dimension(trace: Trace, name: str) -> str | None:
    return next((d.value for d in trace.dimensions if d.name == name), None)


def test_evidently_gives_its_verdicts_and_comments() -> None:
    got = extracted("evidently-code-review")
    known = facts()["evidently-code-review"]
    labels = [label for e in got for label in e.labels]
    assert len(traces(got)) == known["rows"]
    assert Counter(label.state for label in labels) == {
        LabelState.PASS: known["label"]["good"],
        LabelState.FAIL: known["label"]["bad"],
    }
    assert sum(label.critique is not None for label in labels) == known["comments"]
    assert (
        sum(label.critique is not None and label.state is LabelState.FAIL for label in labels)
        == (known["bad_with_comment"])
    )


def test_hw3_gives_its_failures_by_diet() -> None:
    got = extracted("hw3")
    known = facts()["hw3"]
    counts: dict[str, list[int]] = {}
    for e in got:
        assert e.trace is not None
        cell = counts.setdefault(dimension(e.trace, "dietary_restriction") or "", [0, 0])
        cell[0] += e.labels[0].state is LabelState.FAIL
        cell[1] += 1
    assert counts == known["fail_by_diet"]
    assert len({t.id for t in traces(got)}) == known["unique_trace_id"]


def test_hw5_gives_its_states_as_dimensions() -> None:
    got = traces(extracted("hw5"))
    known = facts()["hw5"]
    assert Counter(dimension(t, "first_failure_state") for t in got) == known["first_failure_state"]
    assert Counter(dimension(t, "last_success_state") for t in got) == known["last_success_state"]
    assert sum(len(t.messages) for t in got) == known["messages"]
    assert {m.role for t in got for m in t.messages} == {"user", "assistant"}


def test_nurtureboss_gives_its_judge_and_every_note_once() -> None:
    got = extracted("nurtureboss")
    known = facts()["nurtureboss"]
    assert len({t.id for t in traces(got)}) == known["traces"]
    roles = Counter(known["roles"])
    roles["assistant"] += roles.pop("asssistant")
    assert Counter(m.role for t in traces(got) for m in t.messages) == roles
    judgments = [j for e in got for j in e.judgments]
    assert Counter(j.verdict for j in judgments) == {
        Verdict.PASS: known["judge_true"],
        Verdict.FAIL: known["judge_false"],
    }
    assert all(j.critique for j in judgments)
    labels = [label for e in got for label in e.labels]
    assert {label.state for label in labels} == {LabelState.CRITIQUE_ONLY}
    assert len(labels) == known["with_any_human_note"]
    values = [json.loads(t.record) for t in traces(got)]
    notes = [v[k] for v in values for k in ("z_note", "Notes") if v.get(k)]
    assert len(notes) == known["with_z_note"] + known["with_Notes"]
    every = [label.critique or "" for label in labels]
    assert all(sum(note in critique for critique in every) >= 1 for note in notes)
    assert sum(map(len, every)) == sum(map(len, notes)) + 2 * (len(notes) - len(every))


def test_nurtureboss_as_a_table_gives_the_same_traces_and_notes() -> None:
    table, document = extracted("nurtureboss_logs"), extracted("nurtureboss")
    assert {t.id for t in traces(table)} == {t.id for t in traces(document)}
    assert {t.input for t in traces(table)} == {t.input for t in traces(document)}
    times = sorted(t.started_at for t in traces(table) if t.started_at)
    assert times[0].isoformat(timespec="milliseconds") + "Z" == facts()["nurtureboss_logs_csv"]["created_min"]
    assert times[-1].isoformat(timespec="milliseconds") + "Z" == facts()["nurtureboss_logs_csv"]["created_max"]
    assert sum(len(t.messages) for t in traces(table)) >= 1_000


def test_lesson_7_reads_flattened_chats_and_joins_its_label() -> None:
    got = traces(extracted("lesson-7"))
    known = facts()["lesson7"]
    assert Counter(dimension(t, "customer_persona") for t in got) == known["customer_persona"]
    assert len(got) == known["rows"]
    assert all(t.messages[0].role == "user" and t.output for t in got)
    assert all(m.role in ("user", "assistant", "tool") for t in got for m in t.messages)
    (label,) = extracted("lesson-7-labels")[0].labels
    assert label.trace_id in {t.id for t in got}
    assert label.categories == ("tool failed",)


def test_tau_bench_gives_rewards_as_judgments_of_a_program() -> None:
    got = extracted("tau-bench")
    known = facts()["tau-bench"]
    messages = [m for t in traces(got) for m in t.messages]
    assert len({t.id for t in traces(got)}) == known["trajectories"]
    assert len(messages) == known["messages"]
    assert Counter(c.name for m in messages for c in m.tool_calls) == known["tools"]
    assert Counter(e.judgments[0].verdict for e in got) == {
        Verdict.PASS: known["reward"]["1.0"],
        Verdict.FAIL: known["reward"]["0.0"],
    }
    failed = Counter(dimension(e.trace, "trial") for e in got if e.trace and e.judgments[0].verdict is Verdict.FAIL)
    assert failed == known["fail_by_trial"]
    calls = {c.id for m in messages for c in m.tool_calls}
    assert all(m.tool_call_id in calls for m in messages if m.role == "tool")


@pytest.mark.parametrize("name", RAGAS)
def test_ragas_gives_one_label_per_item_and_the_known_table(name: str) -> None:
    got, bad = extract_file(shared(f"data/ragas-annotated/docs/_static/{name}.json"), mapping_named("ragas-annotated"))
    known = facts()["ragas-annotated"][f"{name}.json"]
    assert bad == []
    assert len(got) == known["items"]
    cells: Counter[str] = Counter()
    for e in got:
        (label,), (judgment,) = e.labels, e.judgments
        assert judgment.judge == known["metric"]
        human = label.state is LabelState.PASS
        if label.relative_to:
            assert label.relative_to == judgment.judge
            human = human == (judgment.verdict is Verdict.PASS)
        cells[f"h{int(human)}j{int(judgment.verdict is Verdict.PASS)}"] += 1
    assert cells == known["human_x_judge"]
    assert sum(label.relative_to is None for e in got for label in e.labels) == known["edited"]


EXPECTED: dict[str, dict[str, Any]] = {
    "evidently-code-review": {"output": "Generated review"},
    "hw3": {"id": "trace_id", "input": "query", "output": "response"},
    "hw5": {"id": "conversation_id", "messages": "messages"},
    "nurtureboss": {"id": "lsmith_id", "messages": "messages"},
    "nurtureboss_logs": {"id": "span_id", "messages": "input", "started_at": "created"},
    "lesson-7": {"id": "trace_id", "input": "user_query", "messages": "conversation_messages"},
    "lesson-7-labels": {"id": "trace_id"},
    "tau-bench": {"id": ("task_id", "trial"), "messages": "traj"},
}


@pytest.mark.parametrize("name", EXPECTED)
@pytest.mark.parametrize("first", [5, 100])
def test_a_sensible_mapping_is_proposed_for_every_set(name: str, first: int) -> None:
    with Source.from_path(shared(f"data/{FILES[name]}")) as source:
        records, _ = read(source)
    found = propose(records[:first], file=source.stem)
    trace = found.mapping.trace
    fields = {f: getattr(trace, f) for f in EXPECTED[name]}
    assert fields == EXPECTED[name]
    assert Mapping.from_toml(found.mapping.to_toml()) == found.mapping
    extractor = Extractor(found.mapping, file=source.stem)
    got = [extractor.extract(r) for r in records]
    assert [e.bad for e in got if e.bad] == []
    assert [p for e in got for p in e.problems] == []
    if trace.holds_traces:
        assert sum(e.trace is not None and bool(e.trace.output) for e in got) >= 0.99 * len(got)


@pytest.mark.parametrize("name", RAGAS)
def test_a_sensible_mapping_is_proposed_for_ragas(name: str) -> None:
    with Source.from_path(shared(f"data/ragas-annotated/docs/_static/{name}.json")) as source:
        records, _ = read(source)
    mapping = propose(records, file=source.stem).mapping
    assert (mapping.trace.input, mapping.trace.output) == ("metric_input.user_input", "metric_input.response")
    assert [j.judge_path for j in mapping.judgments] == ["@key"]
    assert all(section.undecided for section in (*mapping.labels, *mapping.judgments))


@pytest.mark.parametrize(
    ("name", "verdicts"),
    [
        ("evidently-code-review", {"Expert label": (("bad",), ("good",))}),
        ("hw3", {"label": (("FAIL",), ("PASS",))}),
        ("nurtureboss", {"all_responses_substantiated": ((), ())}),
        ("tau-bench", {"reward": ((), ())}),
    ],
)
def test_verdicts_are_proposed_only_where_the_words_are_clear(name: str, verdicts: dict[str, Any]) -> None:
    with Source.from_path(shared(f"data/{FILES[name]}")) as source:
        records, _ = read(source)
    mapping = propose(records[:100], file=source.stem).mapping
    sections = [s for s in (*mapping.labels, *mapping.judgments) if s.verdict]
    assert {s.verdict: (s.fails, s.passes) for s in sections} == verdicts
