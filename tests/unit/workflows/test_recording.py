"""The spreadsheet of record goes out and comes back without loss, and what was changed in it becomes events."""

import csv
import io
from pathlib import Path

import pytest

from core.errors import InputError, UsageError
from core.importers import Source
from core.model import LabelState
from core.slice import Slice
from core.store.connection import Store
from core.workflows.acting import take_back
from core.workflows.categorising import list_categories
from core.workflows.exploring import read_trace
from core.workflows.exporting import export_bytes
from core.workflows.recording import RECORD, bring_back
from core.workflows.reviewing import record_label
from core.workflows.taxonomy import sort_into
from core.workflows.wording import Words, make_category
from tests.conftest import Cli

NASTY = [
    "=1+1",
    'line one\nline two, with "quotes"; and = signs',
    "-5 degrees",
    "@here",
    "'already quoted",
    "naïve — 🦊",
]


def rows(data: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(data.decode())))


def written(found: list[dict[str, str]]) -> Source:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(found[0]))
    writer.writeheader()
    writer.writerows(found)
    return Source.from_bytes("record.csv", out.getvalue().encode())


def held(store: Store) -> list[bytes]:
    return [export_bytes(store, what, Slice(), "jsonl")[0] for what in ("labels", "assignments", "categories")]


@pytest.fixture
def nasty_store(small_store: Store) -> Store:
    for place, text in enumerate(NASTY):
        record_label(small_store, trace_id=f"t0{place + 1}", state=LabelState.FAIL, labeler="ana", critique=text)
    made = make_category(small_store, Words(name="=cmd|' /C calc'!A0, twice", definition="x"), by="ana")
    sort_into(small_store, trace_ids=["t01", "t05"], category_id=made.category_id or 0, by="ana")
    return small_store


def test_the_columns_are_those_of_the_course(small_store: Store) -> None:
    found = rows(export_bytes(small_store, "record", Slice(), "csv")[0])
    assert tuple(found[0]) == (*RECORD, "dates", "invented", "tone")
    by_id = {row["Trace_ID"]: row for row in found}
    assert len(by_id) == 9, "what nobody labelled or sorted has no row"
    assert by_id["t07"]["Open_Code_Notes"] == "wrong date, and rude"
    assert [by_id["t07"][name] for name in ("dates", "invented", "tone")] == ["1", "0", "1"]
    assert by_id["t07"]["User_Query"] == "question of t07"
    assert "assistant: answer to t07" in by_id["t07"]["Full_Bot_Trace_Summary"]


@pytest.mark.parametrize("format_name", ["csv", "xlsx"])
def test_out_and_in_again_changes_nothing(nasty_store: Store, format_name: str) -> None:
    before = held(nasty_store)
    data, name = export_bytes(nasty_store, "record", Slice(), format_name)
    with Source.from_bytes(name, data) as source:
        taken = bring_back(nasty_store, source, by="bo")
    assert (taken.read, taken.unchanged, taken.notes, taken.put, taken.taken_out, taken.bad) == (10, 10, 0, 0, 0, [])
    assert taken.made == []
    assert held(nasty_store) == before


def test_what_was_changed_in_it_becomes_events_that_can_be_taken_back(small_store: Store) -> None:
    found = rows(export_bytes(small_store, "record", Slice(), "csv")[0])
    for row in found:
        row["late"] = "1" if row["Trace_ID"] in ("t03", "t11") else ""
        if row["Trace_ID"] == "t07":
            row["tone"], row["Open_Code_Notes"] = "0", "the wrong date, politely"
    taken = bring_back(small_store, written(found), by="ana")
    assert (taken.made, taken.put, taken.taken_out, taken.notes) == (["late"], 2, 1, 1)
    label = read_trace(small_store, "t07").label
    assert label is not None
    assert (label.state, label.critique, label.categories) == (LabelState.FAIL, "the wrong date, politely", ("dates",))
    again = bring_back(small_store, written(found), by="ana")
    assert (again.unchanged, again.notes, again.put) == (9, 0, 0)
    assert taken.action is not None
    take_back(small_store, taken.action, by="ana")
    assert {c.name for c in list_categories(small_store)} == {"dates", "invented", "tone"}
    label = read_trace(small_store, "t07").label
    assert label is not None
    assert label.categories == ("dates", "tone")


def test_a_note_of_somebody_else_stands_beside_the_label(small_store: Store) -> None:
    found = rows(export_bytes(small_store, "record", Slice(), "csv")[0])
    found[0]["Open_Code_Notes"] = "I see it otherwise"
    bring_back(small_store, written(found), by="bo")
    seen = read_trace(small_store, found[0]["Trace_ID"])
    assert {(label.labeler, label.state) for label in seen.labels} == {
        ("ana", LabelState.PASS), ("bo", LabelState.CRITIQUE_ONLY),
    }  # fmt: skip


def test_rows_that_cannot_be_taken_are_named_and_the_rest_is_taken(small_store: Store) -> None:
    found = rows(export_bytes(small_store, "record", Slice(), "csv")[0])
    found[0]["Trace_ID"] = "nowhere"
    found[1]["dates"] = "perhaps"
    found[2]["invented"] = "x"
    taken = bring_back(small_store, written(found), by="ana")
    assert [reason for _, reason in taken.bad] == ["no trace with the id nowhere", "dates is neither 0 nor 1"]
    assert (taken.read, taken.put) == (9, 1)


def test_another_file_is_refused_and_nobody_is_no_author(small_store: Store) -> None:
    before = held(small_store)
    with pytest.raises(InputError, match="no spreadsheet of record"):
        bring_back(small_store, Source.from_bytes("x.csv", b"a,b\n1,2\n"), by="ana")
    with pytest.raises(UsageError):
        bring_back(small_store, Source.from_bytes("x.csv", b"a,b\n1,2\n"), by=" ")
    assert held(small_store) == before


def test_the_command_line_writes_it_and_takes_it_back(small_database: Path, cli: Cli, tmp_path: Path) -> None:
    out = tmp_path / "record.csv"
    assert cli("export", "record", "--out", out).code == 0
    out.write_text(out.read_text().replace("no greeting", "no greeting at all"))
    done = cli("record", out, "--as", "ana", "--json")
    assert (done.code, done.json["notes"], done.json["unchanged"], done.json["bad"]) == (0, 1, 8, 0)
    assert "1 notes" not in cli("record", out, "--as", "ana").out
    assert cli("record", small_database, "--as", "ana").code == 2
    assert cli("export", "regression", "--format", "jsonl").code == 0


def test_a_changed_note_keeps_all_else_that_its_label_said(small_store: Store) -> None:
    record_label(
        small_store, trace_id="t05", state=LabelState.FAIL, labeler="ana", critique="bad", revised_response="Sorry.",
        first_failure=1, saw_judge=True,
    )  # fmt: skip
    found = rows(export_bytes(small_store, "record", Slice(), "csv")[0])
    changed = [row | {"Open_Code_Notes": "bad, reworded"} if row["Trace_ID"] == "t05" else row for row in found]
    with written(changed) as source:
        assert bring_back(small_store, source, by=" ana ").notes == 1
    (label,) = read_trace(small_store, "t05").labels
    assert (label.critique, label.revised_response, label.first_failure) == ("bad, reworded", "Sorry.", 1)
    assert label.saw_judge, "it never becomes a blind one"


def test_a_note_that_is_too_long_is_named_with_its_line_and_the_others_are_taken(small_store: Store) -> None:
    found = rows(export_bytes(small_store, "record", Slice(), "csv")[0])
    one, long, other = (row["Trace_ID"] for row in found[:3])
    notes = {one: "first", long: "x" * 20_001, other: "last"}
    with written(
        [row | {"Open_Code_Notes": notes.get(row["Trace_ID"], row["Open_Code_Notes"])} for row in found]
    ) as source:
        done = bring_back(small_store, source, by="ana")
    assert done.notes == 2
    ((line, reason),) = done.bad
    assert line is not None
    assert "20,001 characters" in reason
    said = {
        label.critique
        for key in (one, other)
        for label in read_trace(small_store, key).labels
        if label.labeler == "ana"
    }
    assert said == {"first", "last"}
