"""The search for the key finds it where it stands, so that finding nothing means something."""

import gzip
import tempfile
import zipfile
from pathlib import Path

from core.workflows.exploring import set_principal_expert
from core.workflows.opening import open_store
from tests.key_search import KEY, files_with_key


def test_a_key_is_found_in_a_database_a_log_and_in_text_of_two_bytes() -> None:
    # In a folder of its own: the one for tests is searched when all are done.
    with tempfile.TemporaryDirectory() as name:
        folder, half = Path(name), len(KEY) // 2
        (folder / "clean.log").write_text(f"{KEY[:half]} {KEY[half:]}")
        (folder / "empty").touch()
        assert list(files_with_key(folder)) == []
        store = open_store(folder / "kept.duckdb")
        set_principal_expert(store, KEY, by="ana")
        store.close()
        (folder / "loud.log").write_text(f"asked with {KEY}")
        (folder / "wide.txt").write_text(KEY, encoding="utf-16-le")
        assert {path.name for path in files_with_key(folder)} >= {"kept.duckdb", "loud.log", "wide.txt"}


def test_the_key_is_found_in_what_is_packed() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with gzip.open(folder / "labels.csv.gz", "wb") as file:
            file.write(b"x" * 100_000 + KEY.encode() + b"y" * 100_000)
        with zipfile.ZipFile(folder / "labels.xlsx", "w", zipfile.ZIP_DEFLATED) as packed:
            packed.writestr("xl/sharedStrings.xml", "<si>" + "x" * 100_000 + KEY + "</si>")
        with gzip.open(folder / "clean.gz", "wb") as file:
            file.write(b"nothing")
        (folder / "torn.gz").write_bytes((folder / "clean.gz").read_bytes()[:9])
        (folder / "torn.zip").write_bytes(b"PK\x03\x04nothing")
        assert [path.name for path in files_with_key(folder)] == ["labels.csv.gz", "labels.xlsx"]
