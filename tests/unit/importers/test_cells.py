"""What single cells, columns and paths become, and that what was not taken is said."""

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import openpyxl
import pyarrow
import pytest
from pyarrow import parquet

from core.importers import Record
from core.model import LabelState
from core.slice import Slice
from core.store.connection import Store
from core.store.traces import TraceRow
from core.workflows import reading
from core.workflows.checking import check_file
from core.workflows.exploring import describe, list_traces, read_trace
from core.workflows.importing import ImportOptions, ImportReport, Mapping, Source, import_sources, recognise
from tests.conftest import Cli

ROWS = [{"id": str(n), "input": f"q{n}", "output": f"a{n}", "label": "pass", "by": "ana"} for n in range(4)]
TYPED = """
[trace]
id = "id"
input = "input"
output = "output"
[dimensions]
by = "by"
[[label]]
verdict = "label"
labeler_path = "by"
pass = ["pass"]
fail = ["fail"]
"""


def bring(store: Store, text: str | bytes, mapping: str | None = None, *, name: str = "log.jsonl") -> ImportReport:
    """Import one file; what was read is what was counted."""
    source = Source.from_bytes(name, text.encode() if isinstance(text, str) else text)
    options = ImportOptions(mapping=Mapping.from_toml(mapping) if mapping else None)
    report = import_sources(store, [source], options)
    assert report.read == report.added + report.unchanged + report.updated + report.bad
    return report


def lines(*records: Any) -> str:
    return "".join(f"{json.dumps(record)}\n" for record in records)


# --------------------------------------------------------------------------------------------- paths of a mapping


@pytest.mark.parametrize(
    ("right", "typed", "said"),
    [
        ('output = "output"', 'output = "ouput"', '[trace] output = "ouput"'),
        ('id = "id"', 'id = "ident"', '[trace] id = "ident"'),
        ('by = "by"\n[[', 'by = "bye"\n[[', '[dimensions] by = "bye"'),
        ('verdict = "label"', 'verdict = "labl"', '[[label]] verdict = "labl"'),
        ('labeler_path = "by"', 'labeler_path = "who"', '[[label]] labeler_path = "who"'),
        ('verdict = "label"', 'verdict = "label"\nwhere = { sourc = "x" }', '[[label]] where = "sourc"'),
        ('output = "output"', 'output = "out.text[0]"', '[trace] output = "out.text[0]"'),
    ],
)
def test_a_path_that_no_record_has_is_named_with_the_columns(
    fresh_store: Store, right: str, typed: str, said: str
) -> None:
    assert right in TYPED
    report = bring(fresh_store, lines(*ROWS), TYPED.replace(right, typed))
    assert report.unfound == 1
    expected = f"log.jsonl: {said} was found in none of 4 records; columns: id, input, output, label, by. "
    assert [note for note in report.notes if "found in none" in note] == [f"{expected}Check how it is written."]


def test_a_path_that_some_records_have_or_that_is_always_empty_is_no_mistake(fresh_store: Store) -> None:
    some = [{key: value for key, value in row.items() if key != "label" or n == 3} for n, row in enumerate(ROWS)]
    assert bring(fresh_store, lines(*some), TYPED).unfound == 0
    assert bring(fresh_store, lines(*({**row, "by": None} for row in ROWS)), TYPED).unfound == 0
    either = TYPED.replace('output = "output"', 'output = { any = ["answer", "output"] }').replace('"by"', '"=ana"')
    assert bring(fresh_store, lines(*ROWS), either).unfound == 0


def test_a_path_into_the_elements_of_a_list_is_looked_for_in_them(fresh_store: Store) -> None:
    rows = [{**row, "notes": [{"label": "pass", "who": "ana"}] * 2} for row in ROWS]
    mapping = TYPED.replace('verdict = "label"', 'each = "notes"\nverdict = "label"')
    report = bring(fresh_store, lines(*rows), mapping)
    assert [note.partition(": ")[2] for note in report.notes] == [
        '[[label]] labeler_path = "by" was found in none of 8 elements of notes; columns: label, who. '
        "Check how it is written."
    ]
    assert bring(fresh_store, lines(*rows), mapping.replace('_path = "by"', '_path = "^.by"')).unfound == 0
    missing = bring(fresh_store, lines(*rows), mapping.replace('each = "notes"', 'each = "note"'))
    assert missing.unfound == 1
    assert '[[label]] each = "note" was found in none of 4 records' in missing.notes[0]


def test_strict_ends_with_1_where_a_path_was_found_nowhere(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text(lines(*ROWS))
    (tmp_path / "m.toml").write_text(TYPED.replace('"by"\n[[', '"bye"\n[['))
    words = ["import", tmp_path / "log.jsonl", "--strict"]
    assert cli(*words).code == 0
    done = cli(*words, "--mapping", tmp_path / "m.toml")
    assert done.code == 1
    assert '[dimensions] by = "bye" was found in none of 4 records' in done.err


# ------------------------------------------------------------------------------------- what a mapping is proposed from


def rows_of(count: int, **columns: Callable[[int], Any]) -> str:
    return lines(
        *(
            {"id": str(n), "input": f"q {n}", "output": f"a {n}", **{k: v(n) for k, v in columns.items()}}
            for n in range(count)
        )
    )


def test_labels_that_begin_late_in_a_file_are_taken(fresh_store: Store) -> None:
    report = bring(fresh_store, rows_of(600, label=lambda n: None if n < 520 else ("pass", "fail")[n % 2]))
    assert (report.added, report.labels.added, report.labels.bad) == (600, 80, 0)


def test_labels_of_a_file_that_is_sorted_by_them_are_taken(fresh_store: Store) -> None:
    report = bring(fresh_store, rows_of(3_000, label=lambda n: "pass" if n < 2_900 else "fail"))
    assert (report.added, report.labels.added, report.labels.bad) == (3_000, 3_000, 0)


def test_columns_that_are_filled_after_the_sample_only_are_named(
    fresh_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "SAMPLE_BYTES", 1)
    late = rows_of(600, label=lambda n: None if n < 520 else "pass", always=lambda n: "xy"[n % 2])
    [note] = [note for note in bring(fresh_store, late).notes if "not used" in note]
    assert note.startswith(
        "log.jsonl: not used, because empty in all records that the mapping was proposed from: label (80). "
    )


# ------------------------------------------------------------------------------------- errors, durations and times


def traces(store: Store) -> dict[str, TraceRow]:
    return {listed.row.id: listed.row for listed in list_traces(store, Slice(), limit=100).traces}


@pytest.mark.parametrize("word", ["False", "None", "null", "N/A", "nan", "0", "-", " no ", ""])
def test_a_word_for_no_error_is_no_error(fresh_store: Store, word: str) -> None:
    bring(fresh_store, f"id,input,output,error\n1,q,a,{word}\n2,q,b,Timeout\n3,q,c,True\n", name="log.csv")
    assert [traces(fresh_store)[key].error for key in "123"] == [None, "Timeout", "error"]


@pytest.mark.parametrize("value", [False, 0, 0.0, "", []])
def test_a_value_for_no_error_is_no_error(fresh_store: Store, value: Any) -> None:
    rows = [{**row, "error": error} for row, error in zip(ROWS, (value, True, "boom", {"code": 1}), strict=True)]
    bring(fresh_store, lines(*rows))
    assert [row.error for _, row in sorted(traces(fresh_store).items())] == [None, "error", "boom", '{"code":1}']


@pytest.mark.parametrize(("value", "refused"), [("nan", 0), ("", 0), ("inf", 1), ("1e999", 1), ("-5", 1), ("soon", 1)])
def test_what_is_no_duration_is_none_and_counted(
    fresh_store: Store, cli: Cli, tmp_path: Path, value: str, refused: int
) -> None:
    text = f"id,input,output,latency_ms\n1,q,a,{value}\n2,q,b,12.5\n"
    report = bring(fresh_store, text, name="log.csv")
    assert [traces(fresh_store)[key].duration_ms for key in "12"] == [None, 12.5]
    assert (report.left_empty, len(report.problems)) == (refused, refused)
    (tmp_path / "log.csv").write_text(text)
    assert cli("import", tmp_path / "log.csv", "--strict").code == refused
    told = json.loads(cli("traces", "--json").out, parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert told["total"] == 2


def test_strict_ends_with_1_where_a_time_was_not_read_and_its_trace_is_kept(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").write_text(lines(*({**row, "timestamp": "yesterday"} for row in ROWS[:1])))
    done = cli("import", tmp_path / "log.jsonl", "--strict", "--json")
    assert (done.code, json.loads(done.out)["added"]) == (1, 1)
    assert 'line 1: time: "yesterday" cannot be read; the trace is kept without a time. Write it like' in done.err


# ------------------------------------------------------------------------------------------- files of the same name


FIRST = "id,question,answer,label\n1,what?,that,pass\n2,why?,because,fail\n3,who?,them,pass\n"
SECOND = "key,prompt,completion,verdict\n7,when?,then,fail\n8,where?,there,pass\n9,how?,so,pass\n"


def test_files_of_the_same_name_are_read_each_by_its_own_mapping(fresh_store: Store) -> None:
    columns = (("id", "question", "answer", "label"), ("key", "prompt", "completion", "verdict"))
    mappings = tuple(
        Mapping.from_toml(
            f'[trace]\nid = "{key}"\ninput = "{asked}"\noutput = "{said}"\n'
            f'[[label]]\nverdict = "{verdict}"\npass = ["pass"]\nfail = ["fail"]\n'
        )
        for key, asked, said, verdict in columns
    )
    sources = [Source.from_bytes("export.csv", text.encode()) for text in (FIRST, SECOND)]
    report = import_sources(fresh_store, sources, ImportOptions(mappings=mappings))
    assert (report.added, report.bad, report.labels.added) == (6, 0, 6)
    assert {row.output for row in traces(fresh_store).values()} == {"that", "because", "them", "then", "there", "so"}


def test_files_of_the_same_name_in_several_folders_are_told_apart(cli: Cli, tmp_path: Path) -> None:
    for folder, text in (("d1", FIRST), ("d2", f"{SECOND}broken\n")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "export.csv").write_text(text)
    told = json.loads(cli("import", tmp_path, "--json").out)
    assert told["format"] == {"export.csv": "csv", "export.csv (2)": "csv"}
    assert [problem["file"] for problem in told["problems"]] == ["export.csv (2)"]


# ---------------------------------------------------------------------------------- critiques beside an empty verdict


def test_a_critique_beside_an_empty_verdict_is_kept_as_a_critique_alone(fresh_store: Store) -> None:
    text = 'id,input,output,label,critique\n1,q,a,fail,"too long"\n2,q,b,,"needs a second look"\n3,q,c,,\n'
    for added in (2, 0):
        report = bring(fresh_store, text, name="log.csv")
        assert (report.labels.added, report.labels.bad) == (added, 0)
    [label] = read_trace(fresh_store, "2").labels
    assert (label.state, label.critique) == (LabelState.CRITIQUE_ONLY, "needs a second look")
    assert read_trace(fresh_store, "3").labels == []
    assert describe(fresh_store, Slice(verdict=("unlabelled",))).n == 2


# ----------------------------------------------------------------------------------------------- columns and sheets


def workbook(**sheets: list[list[Any]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)  # pyright: ignore[reportArgumentType]
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def held(name: str, data: bytes) -> list[Any]:
    with Source.from_bytes(name, data) as source:
        return [record.value for record in recognise(source).read(source) if isinstance(record, Record)]


def test_no_column_of_a_workbook_is_lost_to_another_of_its_name() -> None:
    data = workbook(Log=[["id", "answer", "answer", "answer_3"], ["1", "a", "b", "c"]])
    assert held("log.xlsx", data) == [{"id": "1", "answer": "a", "answer_3": "b", "answer_3_4": "c"}]


def test_no_column_of_a_parquet_file_is_lost_to_another_of_its_name() -> None:
    columns: Any = [["1"], ["a"], ["b"]]
    out = io.BytesIO()
    cast(Any, parquet).write_table(pyarrow.table(columns, names=["id", "output", "output"]), out)
    assert held("log.parquet", out.getvalue()) == [{"id": "1", "output": "a", "output_3": "b"}]


def test_the_sheet_that_looks_like_records_is_read_and_the_others_are_named(fresh_store: Store) -> None:
    log = [["id", "question", "answer"], *([str(n), f"what is {n}?", f"it is {n}"] for n in range(4))]
    notes = [["note", "by"], *([f"note {n}", "ana"] for n in range(20))]
    report = bring(fresh_store, workbook(Notes=notes, Traces=log, Empty=[]), name="log.xlsx")
    assert (report.read, report.added) == (4, 4)
    assert report.notes[0] == (
        'log.xlsx: The sheet "Traces" was read; not read: "Notes". Save another one as a file of its own to import it.'
    )
    assert not any("sheet" in note for note in bring(fresh_store, workbook(Log=log), name="one.xlsx").notes)


# ------------------------------------------------------------------------------------------------- ids and places


@pytest.mark.parametrize(
    ("without", "said"), [(range(4), "the traces have no id"), (range(1), "1 of 4 traces have no id"), (range(0), "")]
)
def test_that_an_id_was_made_is_said(fresh_store: Store, without: range, said: str) -> None:
    rows = [{k: v for k, v in row.items() if k != "id" or n not in without} for n, row in enumerate(ROWS)]
    notes = [note for note in bring(fresh_store, lines(*rows), TYPED).notes if "stable" in note]
    assert notes == ([f"log.jsonl: {said}: a stable one was made from the content of each."] if said else [])


def test_what_was_not_taken_of_a_document_has_the_number_of_its_record(fresh_store: Store) -> None:
    deep: Any = "end"
    for _ in range(80):
        deep = [deep]
    rows = [*ROWS[:2], {"id": "x", "deep": deep}, {**ROWS[2], "label": "meh"}, {"nothing": "here"}]
    report = bring(fresh_store, json.dumps(rows), TYPED, name="log.json")
    assert [(problem.line, problem.reason.partition(": ")[0]) for problem in report.problems] == [
        (None, "record 3"), (None, "record 5"), (None, "record 4"),
    ]  # fmt: skip
    assert 'label: "meh" in label means neither' in report.problems[2].reason
    columns: Any = {
        "id": ["1", "2"],
        "input": ["a", "b"],
        "output": ["c", "d"],
        "label": ["pass", "meh"],
        "by": ["x", "x"],
    }
    out = io.BytesIO()
    cast(Any, parquet).write_table(pyarrow.table(columns), out)
    [problem] = bring(fresh_store, out.getvalue(), TYPED, name="log.parquet").problems
    assert problem.reason.startswith("record 2: label: ")


def test_the_check_before_an_import_sees_what_the_import_sees() -> None:
    rows = [
        {"id": n, "question": f"q {n}?", "answer": f"a {n}", "label": "" if n < 520 else ("pass", "fail")[n % 2]}
        for n in range(600)
    ]
    check = check_file(Source.from_bytes("late.jsonl", lines(*rows).encode()))
    assert 'verdict = "label"' in check.toml
    assert "label" in [column.path for column in check.columns]
    assert (check.looked_at, check.complete) == (500, False)
