"""What the tests of the importers share: reading bytes, writing records in every format, other people's files."""

import csv
import io
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.importers import Extract, Extractor, Mapping, Record, Source, detect
from core.model import BadLine

HERE = Path(__file__).resolve()
FIXTURES = HERE.parents[2] / "fixtures"
SHARED = HERE.parents[4] / "shared"


def shared(path: str) -> Path:
    """A file of the sets beside the repository; the test is skipped where they are not there."""
    if not (SHARED / path).exists():
        pytest.skip(f"../shared/{path} is not there")
    return SHARED / path


def mapping_named(name: str) -> Mapping:
    """One of the mapping files kept for the real sets."""
    return Mapping.from_toml((FIXTURES / "mappings" / f"{name}.toml").read_text(encoding="utf-8"))


def read(source: Source, records: str | None = None) -> tuple[list[Record], list[BadLine]]:
    """All records and all bad lines of a file, read by the importer that recognises it."""
    importer = detect(source.head())
    assert importer is not None, f"{source.name} was not recognised"
    items = list(importer.read(source, records))
    return [i for i in items if isinstance(i, Record)], [i for i in items if isinstance(i, BadLine)]


def read_bytes(name: str, data: bytes | str, records: str | None = None) -> tuple[list[Record], list[BadLine]]:
    """As `read`, for a file that is given as its content."""
    with Source.from_bytes(name, data.encode() if isinstance(data, str) else data) as source:
        return read(source, records)


def record(value: Any, line: int | None = None, key: str | None = None) -> Record:
    """A record as an importer would yield it."""
    return Record(line, value, json.dumps(value), 0, key)


def extract(mapping: str | Mapping, value: Any, **where: Any) -> Extract:
    """What a mapping, written as TOML, takes out of one value."""
    parsed = Mapping.from_toml(mapping) if isinstance(mapping, str) else mapping
    return Extractor(parsed, file="log", folder="runs").extract(record(value, **where))


def extract_file(path: Path, mapping: Mapping) -> tuple[list[Extract], list[BadLine]]:
    """Everything a mapping takes out of a file, and its bad lines."""
    with Source.from_path(path) as source:
        records, bad = read(source, mapping.records)
        extractor = Extractor(mapping, file=source.stem, folder=source.folder)
        return [extractor.extract(r) for r in records], bad


def as_jsonl(rows: Iterable[dict[str, Any]]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


def as_json(rows: Iterable[dict[str, Any]]) -> bytes:
    return json.dumps(list(rows), ensure_ascii=False, indent=1).encode()


def as_csv(rows: Iterable[dict[str, Any]]) -> bytes:
    rows = list(rows)
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, rows[0])
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def as_parquet(rows: Iterable[dict[str, Any]]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(list(rows)), out)
    return out.getvalue()


def as_xlsx(rows: Iterable[dict[str, Any]]) -> bytes:
    rows = list(rows)
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append(list(row.values()))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


WRITERS: dict[str, Callable[[Iterable[dict[str, Any]]], bytes]] = {
    "jsonl": as_jsonl,
    "json": as_json,
    "csv": as_csv,
    "parquet": as_parquet,
    "xlsx": as_xlsx,
}
"""How records are written in each format: the contract test asks for one per importer."""
