"""CSV, TSV, Parquet and Excel: what a cell may hold and what a damaged row costs."""

import csv
import io
import json
import zipfile

import openpyxl
import pytest

from core.importers import Source
from tests.unit.importers.samples import FIXTURES, read, read_bytes, shared

SPECTRUM = (
    "comma_in_quotes",
    "empty",
    "empty_crlf",
    "escaped_quotes",
    "json",
    "newlines",
    "newlines_crlf",
    "quotes_and_newlines",
    "simple",
    "simple_crlf",
    "utf8",
)


@pytest.mark.parametrize("name", SPECTRUM)
def test_every_awkward_csv_reads_as_its_authors_say(name: str) -> None:
    path = shared(f"bad/csv-spectrum/csvs/{name}.csv")
    with Source.from_path(path) as source:
        records, bad = read(source)
    expected = json.loads((path.parents[1] / "json" / f"{name}.json").read_text(encoding="utf-8"))
    if name == "newlines_crlf":
        expected = [{k: v.replace("\r\n", "\n").replace("\n", "\r\n") for k, v in row.items()} for row in expected]
    assert ([r.value for r in records], bad) == (expected, [])


@pytest.mark.parametrize(
    ("delimiter", "name"), [(",", "a.csv"), (";", "a.csv"), ("\t", "a.csv"), ("\t", "a.tsv"), ("|", "a.txt")]
)
def test_the_delimiter_is_found(delimiter: str, name: str) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerows([["id", "input", "output"], ["1", "one, two; three", "a|b\tc"], ["2", "", "x"]])
    records, bad = read_bytes(name, text.getvalue())
    assert [r.value for r in records] == [
        {"id": "1", "input": "one, two; three", "output": "a|b\tc"},
        {"id": "2", "input": "", "output": "x"},
    ]
    assert bad == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_every_encoding_of_a_csv_is_read(encoding: str) -> None:
    records, bad = read_bytes("a.csv", "id,frage\r\n1,Wie groß für Zoë?\r\n".encode(encoding))
    assert ([r.value for r in records], bad) == ([{"id": "1", "frage": "Wie groß für Zoë?"}], [])


def test_one_row_with_broken_bytes_costs_itself_only() -> None:
    data = "id,input\n1,größer\n2,schön\n".encode() + b"3,br\xffken\n" + "4,süß\n".encode()
    records, bad = read_bytes("a.csv", data)
    assert [r.value["id"] for r in records] == ["1", "2", "4"]
    assert [(b.line, b.reason) for b in bad] == [(4, "not valid UTF-8")]


def test_ragged_rows_are_bad_with_the_line_they_begin_on() -> None:
    records, bad = read_bytes("a.csv", 'id,input\n1,"two\nlines"\n2\n3,x,y\n4,z\n')
    assert [(r.line, r.value["id"]) for r in records] == [(2, "1"), (6, "4")]
    assert [(b.line, b.reason, b.raw) for b in bad] == [
        (4, "the row has 1 cells, the header has 2", "2\n"),
        (5, "the row has 3 cells, the header has 2", "3,x,y\n"),
    ]


def test_a_quote_that_never_ends_does_not_swallow_the_rest_of_the_file() -> None:
    rows = "".join(f"{n},row {n}\n" for n in range(3, 1_000))
    records, bad = read_bytes("a.csv", f'id,input\n1,good\n2,"never closed\n{rows}')
    assert len(records) == 998
    assert [(b.line, b.reason) for b in bad] == [(3, "a quote is opened and never closed")]


def test_header_cells_that_are_empty_or_repeated_get_names_of_their_own() -> None:
    records, _ = read_bytes("a.csv", "id,,id, input \n1,2,3,4\n")
    assert records[0].value == {"id": "1", "column_2": "2", "id_3": "3", "input": "4"}


def test_empty_lines_in_a_csv_are_passed_over() -> None:
    records, bad = read_bytes("a.csv", "\nid,input\n\n1,x\n\n\n2,y\n\n")
    assert ([(r.line, r.value["id"]) for r in records], bad) == ([(4, "1"), (7, "2")], [])


def test_a_very_long_cell_is_read() -> None:
    records, bad = read_bytes("a.csv", f"id,input\n1,{'x' * 3_000_000}\n")
    assert (len(records[0].value["input"]), bad) == (3_000_000, [])


def test_parquet_values_become_plain_json() -> None:
    with Source.from_path(FIXTURES / "logs" / "parquet" / "types_2_0.parquet") as source:
        records, _ = read(source)
    first = records[0].value
    assert first["started_at"] == "2026-10-01T08:00:00+00:00"
    assert first["cost"] == 0.0004
    assert first["score"] is None
    assert (first["tags"], first["meta"]) == (["a", "b"], {"feature": "prune"})
    assert [json.loads(r.raw) for r in records] == [r.value for r in records]


def test_the_sheet_with_the_most_rows_is_read_and_dates_are_iso() -> None:
    with Source.from_path(FIXTURES / "logs" / "xlsx" / "sheets_2_1.xlsx") as source:
        records, bad = read(source)
    assert [r.line for r in records] == [3, 5]
    assert records[0].value["when"] == "2026-10-01T08:30:00"
    assert records[1].value == {
        "id": 2,
        "asked": "Is it?",
        "answered": "No",
        "when": None,
        "day": None,
        "verdict": True,
    }
    assert [b.line for b in bad] == [6]


def test_a_zip_that_is_no_workbook_is_not_taken_for_one() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("header.json", "{}")
    with pytest.raises(AssertionError, match="not recognised"):
        read_bytes("run.eval", out.getvalue())


def test_a_workbook_that_is_a_bomb_is_refused() -> None:
    out = io.BytesIO()
    openpyxl.Workbook().save(out)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet9.xml", b" " * 100_000_000)
    records, bad = read_bytes("a.xlsx", out.getvalue())
    assert records == []
    assert "200 times" in bad[0].reason


@pytest.mark.parametrize("rows", [[], [["id", "input"]]])
def test_a_workbook_without_rows_has_no_records(rows: list[list[str]]) -> None:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    out = io.BytesIO()
    book.save(out)
    assert read_bytes("a.xlsx", out.getvalue()) == ([], [])
