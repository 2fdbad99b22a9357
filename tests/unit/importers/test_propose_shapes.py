"""The shapes in which questions and answers are logged: what a proposed mapping takes of them, and what it says it lacks."""

import json
from typing import Any

import pytest

from core.importers import Extractor, Proposal, Source, propose
from core.store.connection import Store
from core.workflows.checking import check_file
from core.workflows.importing import import_sources
from core.workflows.reading import ImportOptions
from tests.unit.importers.samples import as_jsonl, record

ASKED = [{"role": "user", "content": "Is the soil too wet?"}]
SAID = {"role": "assistant", "content": "Let it dry."}
BLOCKS = [{"type": "text", "text": "Let it dry."}]
CHOICES = {"choices": [{"index": 0, "message": SAID, "finish_reason": "stop"}], "model": "fern-2"}
ITEMS: list[dict[str, Any]] = [
    {"type": "reasoning", "summary": []},
    {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Let it dry."}]},
]
GEMINI = {"candidates": [{"content": {"role": "model", "parts": [{"text": "Let it dry."}]}}]}
SHAPES: list[dict[str, Any]] = [
    {"inputs": {"messages": ASKED}, "outputs": {"messages": [*ASKED, SAID]}},
    {"inputs": {"messages": ASKED}, "outputs": {"content": "Let it dry."}},
    {"inputs": {"messages": [ASKED]}, "outputs": {"generations": [[{"text": "Let it dry.", "message": SAID}]]}},
    {"inputs": {"messages": ASKED}, "outputs": CHOICES},
    {"input": ASKED, "output": SAID},
    {"input": ASKED, "output": ITEMS},
    {"input": "Is the soil too wet?", "output": ITEMS},
    {"input": {"messages": ASKED}, "output": SAID},
    {
        "input": {"messages": ASKED},
        "output": {"message": {"role": "assistant", "content": [{"text": "Let it dry."}]}},
    },
    {"messages": ASKED, **CHOICES},
    {"messages": ASKED, "output": CHOICES},
    {"messages": ASKED, "completion": CHOICES},
    {"messages": ASKED, "message": SAID},
    {"messages": ASKED, "content": BLOCKS, "stop_reason": "end_turn"},
    {"messages": ASKED, "type": "message", "role": "assistant", "content": BLOCKS, "stop_reason": "end_turn"},
    {"request": json.dumps({"messages": ASKED}), "response": json.dumps(CHOICES)},
    {"request": {"body": {"messages": ASKED}}, "response": {"body": CHOICES}},
    {"request": {"body": json.dumps({"messages": ASKED})}, "response": {"body": json.dumps(CHOICES)}},
    {"request_body": {"messages": ASKED}, "response_body": CHOICES},
    {"requestBody": json.dumps({"messages": ASKED}), "responseBody": json.dumps(CHOICES)},
    {"prompt": "Is the soil too wet?", "choices": [{"text": "Let it dry."}]},
    {"contents": [{"role": "user", "parts": [{"text": "Is the soil too wet?"}]}], **GEMINI},
    {"request": {"contents": [{"parts": [{"text": "Is the soil too wet?"}]}]}, "response": GEMINI},
    {"run": {"inputs": {"messages": ASKED}, "outputs": {"messages": [*ASKED, SAID]}}, "kind": "chain"},
    {"input": {"text": "Is the soil too wet?"}, "output": {"text": "Let it dry.", "score": 0.5}},
    {"output": {"text": "Let it dry.", "score": 0.5}, "input": {"text": "Is the soil too wet?"}},
    {"question": "Is the soil too wet?", "output": {"content": "Let it dry."}},
    {"question": "Is the soil too wet?", "output": CHOICES},
    {"question": "Is the soil too wet?", "response": {"message": "Let it dry."}},
    {"messages": ASKED, "output": "Let it dry."},
    {"messages": [*ASKED, SAID], "output": SAID},
]


def proposed(rows: list[dict[str, Any]]) -> Proposal:
    return propose([record(row)._replace(position=n) for n, row in enumerate(rows)], file="log")


def four(**fields: Any) -> list[dict[str, Any]]:
    return [{"id": str(n), **fields} for n in range(4)]


def lacking(rows: list[dict[str, Any]]) -> list[str]:
    return [note for note in proposed(rows).notes if note.startswith("No ")]


@pytest.mark.parametrize("fields", SHAPES, ids=range(len(SHAPES)))
def test_question_and_answer_are_found_in_the_shapes_in_which_they_are_logged(fields: dict[str, Any]) -> None:
    rows = four(**fields)
    found = proposed(rows)
    assert [note for note in found.notes if note.startswith("No ")] == []
    for row in rows:
        trace = Extractor(found.mapping).extract(record(row)).trace
        assert trace is not None
        assert (trace.id, trace.input, trace.output) == (row["id"], "Is the soil too wet?", "Let it dry.")
        assert [m.text for m in trace.messages if m.text] in ([], ["Is the soil too wet?", "Let it dry."])


def test_what_stands_beside_an_exchange_stays_a_field_or_a_dimension() -> None:
    rows = [
        {
            "id": str(n),
            "inputs": {"messages": ASKED, "persona": ["novice", "expert"][n % 2]},
            "outputs": {**CHOICES, "route": ["soil", "other"][n % 2]},
            "metadata": {"feature": ["chat", "mail"][n % 2]},
            "evaluation": {"result": "a long text that a program wrote about what was answered"},
            "model": "fern-2",
        }
        for n in range(8)
    ]
    mapping = proposed(rows).mapping
    assert (mapping.trace.messages, mapping.trace.output, mapping.trace.model) == (".", None, "model")
    assert [path for _, path in mapping.dimensions] == ["inputs.persona", "outputs.route", "metadata.feature"]


def test_a_record_whose_columns_are_plain_keeps_them() -> None:
    rows = [
        {
            "id": str(n),
            "input": "Is it wet?",
            "output": "It is.",
            "content": [{"text": "A page"}],
            "choices": ["a", "b"],
        }
        for n in range(8)
    ]
    trace = proposed(rows).mapping.trace
    assert (trace.input, trace.output, trace.messages) == ("input", "output", None)


def test_a_list_in_one_cell_does_not_hide_the_column_of_answers() -> None:
    rows: list[dict[str, Any]] = [{"id": str(n), "input": f"Is it {n}?", "output": f"It is {n}."} for n in range(8)]
    rows[3]["output"] = ["It is", "3."]
    found = proposed(rows)
    assert found.mapping.trace.output == "output"
    traces = [Extractor(found.mapping).extract(record(row)).trace for row in rows]
    assert [trace.output for trace in traces if trace][2:5] == ["It is 2.", '["It is","3."]', "It is 4."]


def test_a_log_whose_answers_were_not_found_says_so_and_names_the_columns_not_used() -> None:
    rows = four(messages=ASKED, said_by_bot={"pieces": [{"said": "Yes"}], "tone": "a kind one, as it should be"})
    assert lacking(rows) == [
        "No answer was found in 4 of the 4 records looked at. Columns not used: said_by_bot.tone, said_by_bot.pieces. "
        'Name the right one in a mapping: [trace] output = "…".'
    ]


def test_a_log_whose_questions_were_not_found_says_so() -> None:
    rows = [{"id": str(n), "asking": f"Is it {n}?", "answer": f"It is {n}, to be sure of it."} for n in range(30)]
    assert lacking(rows) == [
        "No question was found in 30 of the 30 records looked at. Columns not used: asking. "
        'Name the right one in a mapping: [trace] input = "…".'
    ]


def test_a_log_of_questions_alone_says_that_it_has_no_answers_and_can_be_imported(fresh_store: Store) -> None:
    rows = [{"id": str(n), "question": f"How wet is bed number {n}?"} for n in range(4)]
    note = (
        "No answer was found in 4 of the 4 records looked at. If the file has one, name its column in a mapping: "
        '[trace] output = "…".'
    )
    assert lacking(rows) == [note]
    with Source.from_bytes("log.jsonl", as_jsonl(rows)) as source:
        assert check_file(source).lacking == [note]
    for dry_run in (True, False):
        report = import_sources(
            fresh_store, [Source.from_bytes("log.jsonl", as_jsonl(rows))], ImportOptions(dry_run=dry_run)
        )
        assert (report.read, report.added, report.bad) == (4, 4, 0)
        assert report.notes.count(f"log.jsonl: {note}") == 1


@pytest.mark.parametrize(("answered", "says"), [(0, True), (1, True), (2, False), (4, False)])
def test_only_a_log_that_lacks_most_of_its_answers_says_so(answered: int, says: bool) -> None:
    rows = [{"id": str(n), "question": "How wet is it?", "answer": "Wet." if n < answered else ""} for n in range(4)]
    assert bool(lacking(rows)) is says


def test_an_answer_that_only_calls_a_tool_is_an_answer() -> None:
    call = {"id": "c1", "function": {"name": "soil", "arguments": "{}"}}
    assert lacking(four(messages=[*ASKED, {"role": "assistant", "content": None, "tool_calls": [call]}])) == []


def test_of_many_columns_not_used_those_named_like_answers_come_first() -> None:
    extras = {f"extra{n}": [{"x": 1}] for n in range(8)}
    (note,) = lacking(four(messages=ASKED, **extras, **{"final-Output": [{"odd": "thing"}]}))
    assert "Columns not used: final-Output, extra0, extra1, extra2, extra3, extra4 and 3 more." in note


def test_a_file_of_labels_alone_lacks_nothing() -> None:
    rows = [{"trace_id": str(n), "verdict": ["pass", "fail"][n % 2]} for n in range(6)]
    assert lacking(rows) == []
