"""Failure categories: counts with two denominators whose links hold exactly their traces, and words with a history."""

from dataclasses import replace

import pytest

from core.errors import NotFoundError, UsageError
from core.model import LabelState
from core.slice import Slice
from core.store.connection import Store
from core.workflows.categorising import (
    CategoryRow,
    count_critiques,
    count_failures,
    list_categories,
    list_critiques,
    list_sorted,
    list_unsorted,
    list_wordings,
)
from core.workflows.exploring import describe
from core.workflows.reviewing import record_label
from core.workflows.taxonomy import sort_into
from core.workflows.wording import Words, what_is_wrong
from tests.sorting import define_category, put_into_category, take_out_of_category

ANA = "ana"


def ids(store: Store) -> dict[str, int]:
    return {category.name: category.id for category in list_categories(store)}


def by_name(rows: list[CategoryRow]) -> dict[str, int]:
    return {row.category.name: row.traces for row in rows if row.category}


def test_the_small_store_counts_as_one_knows_it(small_store: Store) -> None:
    found = count_failures(small_store, Slice())
    assert (found.reviewed, found.failed, found.uncategorised, found.passed_with_category) == (8, 4, 1, 0)
    assert by_name(found.rows) == {"dates": 2, "invented": 1, "tone": 0}
    assert by_name(count_failures(small_store, Slice(), primary=False).rows) == {"dates": 2, "invented": 1, "tone": 1}
    shares = [(row.share_of_failed.k, row.share_of_failed.n, row.share_of_reviewed.n) for row in found.rows]
    assert shares == [(2, 4, 8), (1, 4, 8), (0, 4, 8)]
    assert [row.running for row in found.rows] == [0.5, 0.75, 0.75]


@pytest.mark.parametrize("primary", [True, False])
@pytest.mark.parametrize(
    "slice_",
    [
        Slice(),
        Slice().with_value("feature", "search"),
        Slice(verdict=("fail",)),
        Slice(verdict=("pass",)),
        Slice(verdict=("unlabelled",)),
        Slice(category=(1,)),
        Slice(primary=(1,)),
        Slice(category=(0,)),
        Slice(search="wrong"),
    ],
    ids=lambda slice_: slice_.sentence() or "all",
)
def test_every_number_links_to_exactly_its_traces(small_store: Store, slice_: Slice, primary: bool) -> None:
    record_label(small_store, trace_id="t07", state=LabelState.PASS, labeler=ANA, critique="on second thought")
    found = count_failures(small_store, slice_, primary=primary)
    for row in (*found.rows, found.not_sorted):
        if row.traces:
            assert describe(small_store, row.slice).n == row.traces
    numbers = (
        (found.reviewed, found.reviewed_slice),
        (found.failed, found.failed_slice),
        (found.uncategorised, found.uncategorised_slice),
        (found.passed_with_category, found.passed_with_category_slice),
    )
    for n, linked in numbers:
        if n:
            assert describe(small_store, linked).n == n


def test_primary_rows_and_the_unsorted_ones_add_up_to_the_failures(small_store: Store) -> None:
    found = count_failures(small_store, Slice())
    assert sum(row.traces for row in found.rows) + found.not_sorted.traces == found.failed


def test_a_pass_with_a_category_is_counted_apart(small_store: Store) -> None:
    put_into_category(small_store, trace_id="t01", category_id=ids(small_store)["tone"], by=ANA)
    found = count_failures(small_store, Slice())
    assert (found.failed, found.passed_with_category, by_name(found.rows)["tone"]) == (4, 1, 0)


def test_the_unsorted_are_the_failed_ones_without_a_category(small_store: Store) -> None:
    assert [note.trace_id for note in list_unsorted(small_store, Slice()).labels] == ["t11"]
    assert list_unsorted(small_store, Slice(), limit=0) == (1, [])
    passes = list_unsorted(small_store, Slice(verdict=("pass",)))
    assert {note.trace_id for note in passes.labels} == {"t01", "t02", "t06", "t10"}


def test_notes_are_paged_newest_first(small_store: Store) -> None:
    failed = Slice(verdict=("pass",))
    whole = [note.event for note in list_unsorted(small_store, failed, limit=10).labels]
    paged = [list_unsorted(small_store, failed, limit=1, offset=place).labels[0].event for place in range(4)]
    assert whole == paged == sorted(whole, reverse=True)


def test_sorting_moves_a_note_into_its_category_and_back(small_store: Store) -> None:
    dates = ids(small_store)["dates"]
    assert sort_into(small_store, trace_ids=["t11", "t03"], category_id=dates, by=ANA).traces == 1
    assert list_unsorted(small_store, Slice()).total == 0
    assert {note.trace_id for note in list_sorted(small_store, Slice(), dates).labels} == {"t03", "t07", "t11"}
    assert take_out_of_category(small_store, trace_id="t11", category_id=dates, by=ANA)
    assert take_out_of_category(small_store, trace_id="t11", category_id=dates, by=ANA) is False
    assert list_unsorted(small_store, Slice()).total == 1
    assert put_into_category(small_store, trace_id="t11", category_id=dates, by=ANA)
    assert list_unsorted(small_store, Slice()).total == 0


def test_several_notes_go_in_together_or_not_at_all(small_store: Store) -> None:
    dates = ids(small_store)["dates"]
    with pytest.raises(NotFoundError):
        sort_into(small_store, trace_ids=["t11", "nowhere"], category_id=dates, by=ANA)
    assert list_unsorted(small_store, Slice()).total == 1


def test_taking_the_first_category_away_makes_the_next_one_primary(small_store: Store) -> None:
    take_out_of_category(small_store, trace_id="t07", category_id=ids(small_store)["dates"], by=ANA)
    assert by_name(count_failures(small_store, Slice()).rows) == {"dates": 1, "invented": 1, "tone": 1}


def test_other_words_keep_the_id_the_counts_and_the_history(small_store: Store) -> None:
    dates = ids(small_store)["dates"]
    define_category(small_store, category_id=dates, name="Wrong date", definition="Another date.", by="bo")
    assert ids(small_store)["Wrong date"] == dates
    assert by_name(count_failures(small_store, Slice()).rows)["Wrong date"] == 2
    assert [(w.name, w.by) for w in list_wordings(small_store, dates)] == [("Wrong date", "bo"), ("dates", ANA)]


def test_a_name_is_used_once_whatever_its_case(small_store: Store) -> None:
    with pytest.raises(UsageError, match="already"):
        define_category(small_store, name=" DATES ", definition="again", by=ANA)
    with pytest.raises(UsageError, match="already"):
        define_category(small_store, name="tone", category_id=ids(small_store)["dates"], by=ANA)
    with pytest.raises(NotFoundError):
        define_category(small_store, name="new", category_id=99, by=ANA)


def test_a_form_is_told_what_is_wrong_before_it_saves(small_store: Store) -> None:
    dates = ids(small_store)["dates"]
    seen = list_wordings(small_store, dates)[0]
    assert "short name" in what_is_wrong(small_store, Words(name=" ", definition="x"))
    assert "one sentence" in what_is_wrong(small_store, Words(name="new", definition=" "))
    assert "already" in what_is_wrong(small_store, Words(name="Tone", definition="x"), category_id=dates)
    assert what_is_wrong(small_store, Words(name="Dates", definition="x"), category_id=dates, seen=seen) == ""
    define_category(small_store, category_id=dates, name="When", definition="y", by="bo")
    changed = what_is_wrong(small_store, Words(name="Dates", definition="x"), category_id=dates, seen=seen)
    assert "another window by bo" in changed
    assert "When" in changed


def test_critiques_are_those_of_the_slice_the_newest_first(small_store: Store) -> None:
    assert count_critiques(small_store, Slice()) == 5
    listed = list_critiques(small_store, Slice(), limit=10)
    assert len(listed) == 5
    assert [x.event for x in listed] == sorted((x.event for x in listed), reverse=True)
    assert count_critiques(small_store, replace(Slice(), verdict=("pass",))) == 0
