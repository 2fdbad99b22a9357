"""What every importer promises, checked over the list of them."""

import gzip

import pytest

from core.errors import InputError
from core.importers import IMPORTERS, Importer, Record, Source, detect, find_importer
from core.model import BadLine
from tests.unit.importers.samples import FIXTURES, WRITERS, read_bytes

ROWS = [
    {"id": "a1", "input": "How deep?", "output": 'Two metres, "more" or less', "feature": "depth"},
    {"id": "a2", "input": "Wie heißt das?\nSag es", "output": "Fünf — 五 🙂", "feature": "name"},
    {"id": "a3", "input": "'1+1", "output": "line one\nline two", "feature": "sum"},
]
DAMAGED: dict[str, tuple[bytes, int | None]] = {
    "jsonl": (b'{"id": "a1"}\n{"id": "a2", \n{"id": "a3"}\n', 2),
    "json": (b'[{"id": "a1"},\n {"id": ]', None),
    "csv": (b"id,input\na1,x\na2,y,z\na3,w\n", 3),
    "parquet": (WRITERS["parquet"](ROWS)[:-40] + b"PAR1", None),
    "xlsx": (WRITERS["xlsx"](ROWS)[:-300], None),
}
"""A damaged file of each format, and the line that must be reported."""

each = pytest.mark.parametrize("importer", IMPORTERS, ids=lambda importer: importer.name)


def file_name(importer: Importer) -> str:
    return f"log.{importer.name}"


@each
def test_has_samples_and_says_how_it_recognises_a_file(importer: Importer) -> None:
    assert importer.name in WRITERS
    assert importer.name in DAMAGED
    assert importer.recognised_by.endswith(".")


@each
def test_detects_only_its_own_files(importer: Importer) -> None:
    for name, write in WRITERS.items():
        head = Source.from_bytes(f"log.{name}", write(ROWS)).head()
        assert importer.detect(head) == (name == importer.name)


@each
def test_detects_its_own_files_by_content_under_any_name(importer: Importer) -> None:
    for name in ("data", "log.txt", "export.log"):
        if importer.name == "json" and name.endswith("txt"):
            continue
        assert detect(Source.from_bytes(name, WRITERS[importer.name](ROWS)).head()) is importer


@each
def test_reads_what_was_written_in_order(importer: Importer) -> None:
    records, bad = read_bytes(file_name(importer), WRITERS[importer.name](ROWS))
    assert [r.value for r in records] == ROWS
    assert bad == []
    assert [r.position for r in records] == [0, 1, 2]


@each
def test_reads_the_same_when_it_is_gzipped(importer: Importer) -> None:
    data = WRITERS[importer.name](ROWS)
    plain, _ = read_bytes(file_name(importer), data)
    packed, _ = read_bytes(file_name(importer) + ".gz", gzip.compress(data))
    assert packed == plain


@each
def test_reports_a_bad_line_with_its_number_and_goes_on(importer: Importer) -> None:
    data, line = DAMAGED[importer.name]
    records, bad = read_bytes(file_name(importer), data)
    assert [b.line for b in bad] == [line]
    assert bad[0].reason
    if line is not None:
        assert [r.value["id"] for r in records] == ["a1", "a3"]


@each
def test_can_be_read_twice_from_the_same_source(importer: Importer) -> None:
    source = Source.from_bytes(file_name(importer), WRITERS[importer.name](ROWS))
    assert list(importer.read(source)) == list(importer.read(source))


@each
def test_is_found_by_its_name(importer: Importer) -> None:
    assert find_importer(importer.name.upper()) is importer


@each
def test_reads_its_fixture_files(importer: Importer) -> None:
    """Each file of `fixtures/logs/NAME` says in its name how many records and bad lines it holds."""
    for path in sorted((FIXTURES / "logs" / importer.name).glob("*")):
        _, good, wrong = path.name.split(".")[0].rsplit("_", 2)
        with Source.from_path(path) as source:
            assert detect(source.head()) is importer, path.name
            items = list(importer.read(source))
        assert sum(isinstance(i, Record) for i in items) == int(good), path.name
        assert sum(isinstance(i, BadLine) for i in items) == int(wrong), path.name


def test_other_names_of_a_format_are_understood() -> None:
    assert find_importer("tsv").name == "csv"
    assert find_importer("ndjson").name == "jsonl"


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="jsonl") as refused:
        find_importer("docx")
    assert '"docx"' in refused.value.message


@pytest.mark.parametrize(
    "data", [b"", b"\x00\x01\x02\x03" * 50, b"\x89PNG\r\n\x1a\n" + b"\x00" * 99, b"Just some words.\n"]
)
def test_a_file_of_no_known_format_is_recognised_by_nobody(data: bytes) -> None:
    assert detect(Source.from_bytes("traces.dat", data).head()) is None
