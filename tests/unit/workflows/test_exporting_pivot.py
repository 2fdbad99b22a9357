"""A pivot as a file: the cells that the page shows, totals from raw counts, and what each rate is of."""

import csv
import io
from collections.abc import Iterator

import pytest

from core.errors import NotFoundError, UsageError
from core.slice import Slice
from core.store.connection import IN_MEMORY, Store
from core.workflows.exploring import set_principal_expert
from core.workflows.exporting import FORMATS
from core.workflows.exporting_pivot import export_pivot
from core.workflows.opening import open_store
from core.workflows.pivoting import MEASURES, pivot
from tests.unit.workflows.messy import fill_messy


@pytest.fixture(scope="module")
def messy() -> Iterator[Store]:
    store = open_store(IN_MEMORY)
    fill_messy(store)
    set_principal_expert(store, "ana", by="test")
    yield store
    store.close()


def lines(store: Store, **asked: str | None) -> list[dict[str, str]]:
    stream = io.BytesIO()
    written = export_pivot(store, Slice(), "csv", **({"rows": "topic"} | asked)).write(stream)  # pyright: ignore[reportArgumentType]
    found = list(csv.DictReader(io.StringIO(stream.getvalue().decode())))
    assert len(found) == written
    return found


@pytest.mark.parametrize("cols", [None, "size", "category"])
@pytest.mark.parametrize("measure", MEASURES)
def test_each_cell_and_each_total_of_the_table_is_a_line(cols: str | None, measure: str, messy: Store) -> None:
    of = "expert" if measure == "failed" else "overall@1"
    found = pivot(messy, Slice(), rows="topic", cols=cols, of=of, measure=measure)
    written = lines(messy, cols=cols, of=of, measure=measure)
    assert len(written) == len(found.cells) + 1
    counts = sorted(
        (str(c.counts.traces), str(c.counts.judged), str(c.counts.failed)) for c in found.by_place().values()
    )
    assert sorted((line["traces"], line["judged"], line["hits"]) for line in written) == counts
    assert {(line["of"], line["show"], line["denominator"]) for line in written} == {(of, measure, found.denominator)}
    assert written[-1]["kind"] == "total"
    assert written[-1]["traces"] == str(found.total.counts.traces)


@pytest.mark.parametrize("format_name", FORMATS)
def test_every_format_can_hold_it(format_name: str, messy: Store) -> None:
    stream = io.BytesIO()
    ready = export_pivot(messy, Slice(search="x"), format_name, rows="topic", cols="size")
    assert ready.file_name == f"passfail-pivot.{format_name}"
    assert ready.write(stream) > 0
    assert stream.getvalue()


def test_what_cannot_be_counted_is_not_exported(messy: Store) -> None:
    with pytest.raises(NotFoundError):
        export_pivot(messy, Slice(), "csv", rows="colour")
    with pytest.raises(UsageError):
        export_pivot(messy, Slice(), "docx", rows="topic")
