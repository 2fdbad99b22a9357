"""The order of dimensions and what their values mean, kept as settings; a backup as one file."""

import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from core.errors import NotFoundError, UsageError
from core.workflows.arranging import arrange, list_arranged, moved
from core.workflows.backing_up import backup_file
from core.workflows.exploring import filter_options, list_dimensions
from core.workflows.maintaining import restore
from core.workflows.opening import open_store
from tests.conftest import fill_small


def test_an_order_and_meanings_are_kept_in_the_journal_and_found_by_the_filter_bar(small_database: Path) -> None:
    store = open_store(small_database)
    assert list_dimensions(store) == ["persona", "feature"]
    assert arrange(store, ["feature", "persona"], {"persona": " new: came this month "}, by="ana")
    assert not arrange(store, ["feature", "persona"], {"persona": "new: came this month"}, by="ana"), "nothing new"
    options = filter_options(store)
    assert list(options.dimensions) == list_dimensions(store) == ["feature", "persona"]
    assert options.meanings == {"persona": "new: came this month"}
    assert [(one.name, one.values) for one in list_arranged(store)] == [("feature", 3), ("persona", 2)]
    store.close()
    small_database.unlink()
    again = open_store(small_database)  # made anew from the journal, without traces
    fill_small(again)
    assert list_dimensions(again) == ["feature", "persona"]
    again.close()


@pytest.mark.parametrize(
    ("places", "order"),
    [
        ({"a": 1, "b": 2, "c": 3}, ["a", "b", "c"]),
        ({"a": 1, "b": 2, "c": 1}, ["c", "a", "b"]),
        ({"a": 3, "b": 2, "c": 3}, ["b", "c", "a"]),
    ],
)
def test_a_dimension_moves_to_the_place_it_was_given(places: dict[str, int], order: list[str]) -> None:
    assert moved(["a", "b", "c"], places) == order


def test_what_cannot_be_kept_is_refused(small_database: Path) -> None:
    store = open_store(small_database)
    with pytest.raises(UsageError):
        arrange(store, ["feature", "persona"], {}, by=" ")
    with pytest.raises(UsageError):
        arrange(store, ["feature", "persona"], {"feature": "x" * 1001}, by="ana")
    with pytest.raises(NotFoundError):
        arrange(store, ["colour"], {}, by="ana")
    assert list_dimensions(store) == ["persona", "feature"]
    store.close()


def test_a_downloaded_backup_can_be_brought_back(small_database: Path, tmp_path: Path) -> None:
    store = open_store(small_database)
    with zipfile.ZipFile(BytesIO(backup_file(store))) as packed:
        packed.extractall(tmp_path / "copy")
    store.close()
    found = restore(tmp_path / "other.duckdb", tmp_path / "copy" / small_database.name)
    assert found.counts["traces"] == 12
