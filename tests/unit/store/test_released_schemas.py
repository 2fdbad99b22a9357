"""A database of every released schema opens with this program, with nothing lost.

A new schema gets its file with `python -m tests.unit.store.test_released_schemas`, once, before its release; the files of
the older ones are never made again.
"""

import gzip
import shutil
import tempfile
from pathlib import Path

import pytest

from core.slice import Slice
from core.store.migrate import migrations, schema_version
from core.workflows.categorising import count_failures
from core.workflows.exploring import describe, look_up_trace
from core.workflows.maintaining import examine
from core.workflows.opening import open_store
from tests.conftest import ROOT, fill_small

FOLDER = ROOT / "tests" / "fixtures" / "databases"


def test_every_schema_has_its_stored_database() -> None:
    assert sorted(path.name for path in FOLDER.glob("*.gz")) == [f"schema{m.version}.duckdb.gz" for m in migrations()]


@pytest.mark.parametrize("name", [f"schema{m.version}.duckdb.gz" for m in migrations()])
def test_a_stored_database_opens_with_all_it_held(name: str, database: Path) -> None:
    database.write_bytes(gzip.decompress((FOLDER / name).read_bytes()))
    store = open_store(database)
    try:
        assert schema_version(store) == migrations()[-1].version
        assert describe(store, Slice()).total == 12
        assert describe(store, Slice().with_verdict("fail")).n == 4
        counted = count_failures(store, Slice(), primary=True)
        assert (counted.reviewed, counted.failed) == (8, 4)
        said = look_up_trace(store, "t07")
        assert said is not None
        assert said.label is not None
        assert (said.label.critique, said.label.categories) == ("wrong date, and rude", ("dates", "tone"))
        assert [check for check in examine(store).health.checks if check.faults] == []
    finally:
        store.close()


def _store_newest() -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "passfail.duckdb"
        store = open_store(made)
        fill_small(store)
        store.close()
        kept = FOLDER / f"schema{migrations()[-1].version}.duckdb.gz"
        with made.open("rb") as whole, gzip.GzipFile(kept, "wb", mtime=0) as small:
            shutil.copyfileobj(whole, small)


if __name__ == "__main__":
    _store_newest()
