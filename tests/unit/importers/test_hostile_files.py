"""Malformed and hostile files: nothing raises, and what was read is good or bad and nothing else."""

import random
from pathlib import Path

import pytest

from core.importers import IMPORTERS, Extractor, Mapping, Record, Source, detect, propose
from core.model import BadLine
from tests.unit.importers.samples import SHARED, shared

BAD = sorted(p for p in (SHARED / "bad").rglob("*") if p.is_file()) if (SHARED / "bad").exists() else []
SUITE = [p for p in BAD if p.parent.name == "test_parsing"]


def take(source: Source, *, every_importer: bool = False) -> tuple[int, int, int]:
    """Read, propose and extract; the numbers of records, of usable ones and of bad lines."""
    found = detect(source.head())
    importers = IMPORTERS if every_importer else [found] if found else []
    counts = (0, 0, 0)
    for importer in importers:
        items = list(importer.read(source))
        records = [i for i in items if isinstance(i, Record)]
        bad = [i for i in items if isinstance(i, BadLine)]
        assert len(items) == len(records) + len(bad)
        for line in bad:
            assert line.reason
            (line.reason + line.raw).encode("utf-8")
        mapping = propose(records[:100], file=source.stem).mapping
        assert Mapping.from_toml(mapping.to_toml()) == mapping
        extractor = Extractor(mapping, file=source.stem, folder=source.folder)
        extracts = [extractor.extract(r) for r in records]
        for e in extracts:
            assert e.bad is None or (e.trace is None and not e.labels and not e.judgments)
        for r in records:
            r.raw.encode("utf-8")
        usable = sum(e.bad is None for e in extracts)
        counts = (len(records), usable, len(bad))
    return counts


def named(path: Path) -> str:
    return str(path.relative_to(SHARED / "bad"))


@pytest.mark.parametrize("path", BAD or [None], ids=lambda p: named(p) if p else "none")
def test_no_file_raises_with_the_importer_that_takes_it_or_with_any_other(path: Path | None) -> None:
    if path is None:
        pytest.skip("../shared/bad is not there")
    with Source.from_path(path) as source:
        take(source)
        take(source, every_importer=True)


@pytest.mark.parametrize("path", SUITE or [None], ids=lambda p: p.name if p else "none")
def test_the_json_test_suite_is_answered_as_it_demands(path: Path | None) -> None:
    if path is None:
        pytest.skip("../shared/bad/json-test-suite is not there")
    with Source.from_path(path) as source:
        records, usable, bad = take(source)
        blank = not path.read_bytes().strip()
        recognised = detect(source.head()) is not None
    if path.name.startswith("y_"):
        assert (recognised, bad) == (True, 0)
    elif path.name.startswith("n_") and recognised and not blank:
        assert (records, bad) == (0, 1)
    assert usable <= records


@pytest.mark.parametrize("name", ["41317", "41321", "45185", "47662"])
def test_a_damaged_parquet_file_gives_a_readable_reason(name: str) -> None:
    with Source.from_path(shared(f"bad/parquet-bad/bad_data/ARROW-GH-{name}.parquet")) as source:
        items = list(IMPORTERS[0].read(source))
    assert isinstance(items[-1], BadLine)
    assert items[-1].reason.startswith("not readable as Parquet")


@pytest.mark.parametrize("importer", IMPORTERS, ids=lambda importer: importer.name)
@pytest.mark.parametrize("seed", range(5))
def test_random_bytes_never_raise(importer: object, seed: int) -> None:
    chance = random.Random(seed)
    starts = (b"", b"PAR1", b"PK\x03\x04", b"{", b"[", b"\xff\xfe", b"\xef\xbb\xbf", b"a,b\n1,")
    for start in starts:
        data = start + bytes(chance.choices(b'\x00\xff{}[]",:\n\\a1\xc3\xa9 \t', k=400))
        with Source.from_bytes("x", data) as source:
            for item in importer.read(source):  # type: ignore[attr-defined]
                assert isinstance(item, Record | BadLine)


@pytest.mark.parametrize("kind", ["json", "list"])
def test_the_naughty_strings_pass_through_unchanged(kind: str) -> None:
    import json

    strings = json.loads(shared("bad/naughty-strings/blns.json").read_text(encoding="utf-8"))
    lines = "".join(json.dumps({"id": str(n), "input": s, "output": "x", "d": s}) + "\n" for n, s in enumerate(strings))
    mapping = Mapping.from_toml('[trace]\nid = "id"\ninput = "input"\noutput = "output"\n[dimensions]\nd = "d"\n')
    with Source.from_bytes("log.jsonl", lines.encode()) as source:
        importer = detect(source.head())
        assert importer is not None
        extractor = Extractor(mapping)
        for item, text in zip(importer.read(source), strings, strict=True):
            assert isinstance(item, Record)
            trace = extractor.extract(item).trace
            assert trace is not None
            assert trace.input == (text if text.strip() else None)
            if text.strip() and len(text) <= 200 and not text.startswith("["):
                assert [d.value for d in trace.dimensions] == [text.strip()]


def test_the_utf8_test_bytes_cost_only_the_lines_they_stand_on() -> None:
    data = shared("bad/utf8tests/utf8tests.bin").read_bytes()
    good = b'{"input": "fine"}\n'
    lines = [line for line in data.split(b"\n") if b'"' not in line and b"\\" not in line]
    text = b"".join(good + b'{"input": "' + line + b'"}\n' for line in lines)
    with Source.from_bytes("log.jsonl", text) as source:
        items = list(IMPORTERS[2].read(source))
    assert len(items) == 2 * len(lines)
    assert all(isinstance(item, Record) for item in items[::2])
    assert sum(isinstance(item, BadLine) for item in items) > 10
