"""Mappings proposed from names and values: sensible where it is clear, open where it is not."""

from typing import Any

import pytest

from core.importers import Extractor, Mapping, Proposal, propose
from tests.unit.importers.samples import read_bytes, record

CHAT = [{"role": "user", "content": "Hi there"}, {"role": "assistant", "content": "Hello to you"}]


def proposed(rows: list[dict[str, Any]]) -> Proposal:
    return propose([record(row)._replace(position=n) for n, row in enumerate(rows)], file="log")


def rows(count: int = 12, **columns: Any) -> list[dict[str, Any]]:
    """Rows whose columns are constants or functions of the row's number."""
    return [{k: v(n) if callable(v) else v for k, v in columns.items()} for n in range(count)]


def question(n: int) -> str:
    return f"How does number {n} of these questions go?"


def answer(n: int) -> str:
    return f"It goes like number {n}, as far as anybody knows."


@pytest.mark.parametrize("asked", ["prompt", "question", "query", "user_query", "Input", "userInput", "user message"])
@pytest.mark.parametrize("said", ["response", "completion", "answer", "assistant", "Output", "modelOutput"])
def test_input_and_output_are_found_by_their_usual_names(asked: str, said: str) -> None:
    trace = proposed(rows(**{"id": str, asked: question, said: answer})).mapping.trace
    assert (trace.id, trace.input, trace.output) == ("id", asked, said)


def test_usual_names_are_found_inside_objects() -> None:
    data = rows(id=str, inputs=lambda n: {"question": question(n)}, outputs=lambda n: {"answer": answer(n)})
    trace = proposed(data).mapping.trace
    assert (trace.input, trace.output) == ("inputs.question", "outputs.answer")


def test_every_other_field_is_found() -> None:
    data = rows(
        trace_id=lambda n: f"t{n}",
        session_id=lambda n: f"s{n // 3}",
        timestamp="2026-10-01T00:00:00Z",
        model=lambda n: f"m{n % 2}",
        error=lambda n: "boom" if n == 1 else None,
        latency_ms=lambda n: n * 10,
        prompt=question,
        completion=answer,
    )
    trace = proposed(data).mapping.trace
    assert (trace.id, trace.session, trace.started_at, trace.model, trace.error, trace.duration_ms) == (
        "trace_id", "session_id", "timestamp", "model", "error", "latency_ms",
    )  # fmt: skip


@pytest.mark.parametrize("name", ["messages", "conversation", "traj", "anything", "input"])
def test_chat_messages_are_found_wherever_they_are(name: str) -> None:
    assert proposed(rows(id=str, **{name: CHAT})).mapping.trace.messages == name
    assert proposed(rows(id=str, deep=lambda n: {name: CHAT})).mapping.trace.messages == f"deep.{name}"


def test_request_and_response_are_taken_as_one_conversation() -> None:
    data = rows(request={"model": "m", "messages": CHAT[:1]}, response={"choices": [{"message": CHAT[1]}]})
    found = proposed(data)
    assert found.mapping.trace.messages == "."
    trace = Extractor(found.mapping).extract(record(data[0])).trace
    assert trace is not None
    assert (trace.input, trace.output, trace.model) == ("Hi there", "Hello to you", None)


def test_few_short_values_are_a_dimension_and_many_are_not() -> None:
    data = rows(
        40,
        id=str,
        prompt=question,
        feature=lambda n: ["search", "chat", "plan"][n % 3],
        deep=lambda n: {"persona": ["a", "b"][n % 2]},
        tags=lambda n: [["x"], ["x", "y"]][n % 2],
        user_id=lambda n: f"u{n}",
        total_tokens=lambda n: 100 + n % 3,
        cost=lambda n: n * 0.1,
        constant="same",
        essay=lambda n: "long text " * 20,
    )
    found = proposed(data)
    assert found.mapping.dimensions == (("feature", "feature"), ("persona", "deep.persona"), ("tags", "tags"))
    remarks = {path: (distinct, remark) for path, distinct, remark in found.dimension_candidates}
    assert remarks["feature"] == (3, "")
    assert remarks["user_id"] == (40, "an id?")
    assert remarks["total_tokens"][1] == "a measure"
    assert remarks["constant"] == (1, "always same")
    assert remarks["essay"][1] == "long text"


def test_two_dimensions_of_one_name_are_told_apart() -> None:
    data = rows(id=str, prompt=question, a=lambda n: {"kind": str(n % 2)}, b=lambda n: {"kind": str(n % 3)})
    assert [name for name, _ in proposed(data).mapping.dimensions] == ["kind", "b.kind"]


def test_a_dimension_at_the_top_after_one_of_its_name_inside_an_object_is_kept() -> None:
    data = rows(id=str, prompt=question, a=lambda n: {"kind": str(n % 2)}, kind=lambda n: str(n % 3))
    assert [path for _, path in proposed(data).mapping.dimensions] == ["a.kind", "kind"]


def test_an_id_that_repeats_one_value_gives_way_to_another() -> None:
    found = proposed(rows(id="root", run_id=lambda n: f"r{n}", prompt=question, completion=answer))
    assert found.mapping.trace.id == "run_id"
    assert found.notes == ['id is "root" in every record: run_id is taken instead.']


def test_without_another_id_none_is_taken() -> None:
    found = proposed(rows(id="root", prompt=question, completion=answer))
    assert found.mapping.trace.id is None
    assert found.notes == ['id is "root" in every record: an id is made from the content.']


def test_a_task_with_its_attempt_makes_a_composite_id() -> None:
    data = rows(task_id=lambda n: n // 3, trial=lambda n: n % 3, prompt=question)
    assert proposed(data).mapping.trace.id == ("task_id", "trial")


@pytest.mark.parametrize("column", ["label", "verdict", "final_label", "Expert label", "is_correct", "humanVerdict"])
@pytest.mark.parametrize(("yes", "no"), [("pass", "fail"), ("PASS", "FAIL"), ("good", "bad"), ("accepted", "rejected")])
def test_unmistakable_words_are_proposed_as_verdicts(column: str, yes: str, no: str) -> None:
    data = rows(id=str, prompt=question, comment="because it is so", **{column: lambda n: yes if n % 3 else no})
    found = proposed(data)
    (label,) = found.mapping.labels
    assert (label.verdict, label.passes, label.fails, label.critique) == (column, (yes,), (no,), "comment")
    assert found.label_values == {column: {yes: 8, no: 4}}


@pytest.mark.parametrize(
    "values", [(1, 0), (True, False), ("1", "0"), ("true", "false"), ("True", "False"), (1.0, 0.0)]
)
@pytest.mark.parametrize("column", ["label", "pass", "passed", "correct", "score", "reward"])
def test_ones_zeros_and_truth_values_are_never_guessed(column: str, values: tuple[Any, Any]) -> None:
    data = rows(id=str, prompt=question, **{column: lambda n: values[n % 2]})
    found = proposed(data)
    (section,) = (*found.mapping.labels, *found.mapping.judgments)
    assert section.verdict == column
    assert section.undecided
    assert any("say which means pass" in note for note in found.notes)
    assert list(found.label_values) == [column]
    got = Extractor(found.mapping).extract(record(data[0]))
    assert (got.labels, got.judgments, got.problems) == ([], [], [])


def test_values_beside_the_known_words_are_listed() -> None:
    data = rows(id=str, prompt=question, verdict=lambda n: ["pass", "fail", "unsure"][n % 3])
    assert "verdict also holds unsure (4): neither pass nor fail." in proposed(data).notes


@pytest.mark.parametrize(
    ("column", "judge"),
    [("gpt4_label", "gpt4"), ("llm_verdict", "llm"), ("judge_verdict", "judge"), ("auto_grade", "auto")],
)
def test_a_verdict_named_after_a_model_is_a_judgment(column: str, judge: str) -> None:
    data = rows(id=str, prompt=question, **{column: lambda n: "pass" if n % 2 else "fail"})
    mapping = proposed(data).mapping
    assert ([j.judge for j in mapping.judgments], mapping.labels) == ([judge], ())


def test_a_file_of_labels_is_proposed_as_one_that_joins() -> None:
    data = rows(trace_id=lambda n: f"t{n // 2}", verdict=lambda n: ["pass", "fail"][n % 2], critique="too long by far")
    found = proposed(data)
    assert not found.mapping.trace.holds_traces
    assert found.mapping.trace.id == "trace_id"
    got = Extractor(found.mapping).extract(record(data[0]))
    assert [(label.trace_id, label.critique) for label in got.labels] == [("t0", "too long by far")]


def test_a_long_file_of_experts_and_judges_is_split_by_its_source() -> None:
    data = rows(
        trace_id=lambda n: f"t{n // 2}",
        source=lambda n: ["expert", "judge"][n % 2],
        annotator=lambda n: ["ann", "gpt"][n % 2],
        verdict=lambda n: ["pass", "fail"][n % 3 % 2],
        created_at="2026-10-01T00:00:00Z",
    )
    mapping = proposed(data).mapping
    assert mapping.labels[0].where == (("source", ("expert",)),)
    assert (mapping.labels[0].labeler_path, mapping.labels[0].at) == ("annotator", "created_at")
    assert mapping.judgments[0].where == (("source", ("judge",)),)
    assert mapping.judgments[0].judge_path == "annotator"


def test_what_is_not_understood_is_said() -> None:
    found = proposed(rows(a=lambda n: n, b=lambda n: n * 2))
    assert found.notes == ["No input, output or messages were recognised: choose their columns."]
    assert not found.mapping.trace.holds_traces


@pytest.mark.parametrize("samples", [[], [5], ["text"], [None], [[]], [{}], [{"a": None}], [{"": ""}]])
def test_any_sample_has_a_proposal(samples: list[Any]) -> None:
    found = propose([record(value) for value in samples], file="log")
    assert Mapping.from_toml(found.mapping.to_toml()) == found.mapping


@pytest.mark.parametrize(
    "name",
    ["a.b", 'quo"te', "[0]", "=x", "@file", "^", "back\\slash", "with space", "a..b", "ends.", "ünï", "'single'"],
)
def test_a_column_of_any_name_can_be_mapped(name: str) -> None:
    data = rows(id=str, prompt=question, **{name: lambda n: f"v{n % 2}"}, deep=lambda n: {name: {name: f"w{n % 2}"}})
    found = proposed(data)
    again = Mapping.from_toml(found.mapping.to_toml())
    trace = Extractor(again).extract(record(data[1])).trace
    assert trace is not None
    assert [d.value for d in trace.dimensions] == ["v1", "w1"]


def test_the_example_of_the_formats_is_understood() -> None:
    text = "id,session,question,answer,scenario,persona,verdict,critique\n"
    text += '17,k-2,"Is ivy toxic to cats?","No",safety,novice,fail,"Wrong and dangerous"\n'
    text += '18,k-2,"Is it for dogs?","Yes",safety,expert,pass,\n'
    records, _ = read_bytes("log.csv", text)
    found = propose(records, file="log")
    trace = found.mapping.trace
    assert (trace.id, trace.session, trace.input, trace.output) == ("id", "session", "question", "answer")
    assert [(label.verdict, label.critique) for label in found.mapping.labels] == [("verdict", "critique")]
