"""The shapes in which questions and answers are logged: what a proposed mapping takes of them, and what it says it lacks."""

from typing import Any

import pytest

from core.importers import Proposal, Source, propose
from core.store.connection import Store
from core.workflows.checking import check_file
from core.workflows.importing import import_sources
from core.workflows.reading import ImportOptions
from tests.unit.importers.samples import as_jsonl, record

ASKED = [{"role": "user", "content": "Is the soil too wet?"}]


def proposed(rows: list[dict[str, Any]]) -> Proposal:
    return propose([record(row)._replace(position=n) for n, row in enumerate(rows)], file="log")


def four(**fields: Any) -> list[dict[str, Any]]:
    return [{"id": str(n), **fields} for n in range(4)]


def lacking(rows: list[dict[str, Any]]) -> list[str]:
    return [note for note in proposed(rows).notes if note.startswith("No ")]


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
        assert note in check_file(source).notes
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
    rows = four(messages=ASKED, **{f"extra{n}": [{"x": 1}] for n in range(8)}, output=[{"odd": "thing"}])
    (note,) = lacking(rows)
    assert "Columns not used: output, extra0, extra1, extra2, extra3, extra4 and 3 more." in note


def test_a_file_of_labels_alone_lacks_nothing() -> None:
    rows = [{"trace_id": str(n), "verdict": ["pass", "fail"][n % 2]} for n in range(6)]
    assert lacking(rows) == []
