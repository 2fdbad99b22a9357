"""Failure categories picked with a verdict: they travel with the label, and the counts follow it."""

from pathlib import Path

import pytest

from core.importers import Source
from core.model import LabelState
from core.slice import Slice
from core.store.connection import Store
from core.store.drafts import Draft
from core.workflows.categorising import list_categories
from core.workflows.exploring import describe, read_trace
from core.workflows.opening import open_store
from core.workflows.recording import bring_back
from core.workflows.review_items import ReviewItem, review_items
from core.workflows.reviewing import keep_draft, note_opening, record_actions, record_label, undo_label
from core.workflows.taxonomy import categories_to_pick, merge_categories, sort_into, split_category, take_out
from core.workflows.wording import Words, make_category, remove_category
from tests.conftest import EXPERT, fill_small
from tests.unit.workflows.test_reviewing import said

BO, CY = "bo", "cy"
TRACE = "t05"
"""Nobody has labelled it or put it into a category."""


@pytest.fixture
def ids(small_store: Store) -> dict[str, int]:
    return {category.name: category.id for category in list_categories(small_store)}


def fail(store: Store, *picked: int, labeler: str = BO, client_id: str | None = None, repeat: bool = False) -> None:
    record_label(
        store, trace_id=TRACE, state=LabelState.FAIL, labeler=labeler, critique="wrong", picked=picked,
        client_id=client_id, repeat=repeat,
    )  # fmt: skip


def carried(store: Store) -> tuple[str, ...]:
    """The names of the categories that the trace is in, the primary one first."""
    return read_trace(store, TRACE).labels[0].categories


def by_whom(store: Store) -> list[tuple[int, str]]:
    with store.read() as cursor:
        sql = (
            "select category_id, made_by from current_assignments join traces using (trace_key) where id = ? order by 1"
        )
        return cursor.execute(sql, [TRACE]).fetchall()


def item(store: Store, labeler: str = BO, repeats: tuple[str, ...] = ()) -> ReviewItem:
    return review_items(store, [TRACE], labeler=labeler, repeats=repeats)[0]


def picked_in(store: Store, labeler: str = BO) -> tuple[int, ...] | None:
    label = item(store, labeler).label
    return None if label is None else label.picked


def test_what_is_picked_counts_as_sorted_by_whoever_picked_it(small_store: Store, ids: dict[str, int]) -> None:
    before = describe(small_store, Slice(category=(ids["tone"],))).n
    fail(small_store, ids["tone"], ids["dates"])
    assert carried(small_store) == ("tone", "dates")
    assert {by for _, by in by_whom(small_store)} == {BO}
    assert describe(small_store, Slice(category=(ids["tone"],))).n == before + 1
    assert picked_in(small_store) == (ids["tone"], ids["dates"])


def test_an_undo_takes_the_picks_back_and_leaves_them_in_the_draft(small_store: Store, ids: dict[str, int]) -> None:
    fail(small_store, ids["tone"], client_id="a")
    undo_label(small_store, trace_id=TRACE, labeler=BO, undoes="a")
    assert by_whom(small_store) == []
    draft = item(small_store).draft
    assert draft is not None
    assert (draft.verdict, draft.picked) == ("fail", (ids["tone"],))
    fail(small_store, ids["tone"], client_id="b")
    fail(small_store, ids["dates"], client_id="c")
    assert carried(small_store) == ("dates",)
    undo_label(small_store, trace_id=TRACE, labeler=BO, undoes="c")
    assert (carried(small_store), picked_in(small_store)) == (("tone",), (ids["tone"],))


def test_a_label_that_says_nothing_of_categories_keeps_them_and_one_without_any_does_not(
    small_store: Store, ids: dict[str, int]
) -> None:
    fail(small_store, ids["tone"])
    record_label(small_store, trace_id=TRACE, state=LabelState.FAIL, labeler=BO, critique="by command line")
    record_label(small_store, trace_id=TRACE, state=LabelState.DEFERRED, labeler=BO)
    assert [category for category, _ in by_whom(small_store)] == [ids["tone"]]
    record_label(small_store, trace_id=TRACE, state=LabelState.PASS, labeler=BO, picked=())
    assert by_whom(small_store) == []


def split_up(store: Store, category_id: int) -> None:
    """The trace goes from a category into the first of two parts, and the category is gone."""
    split_category(store, category_id, [Words(name="rude"), Words(name="cold")], by=EXPERT)
    rude = next(category.id for category in list_categories(store) if category.name == "rude")
    take_out(store, trace_id=TRACE, category_id=category_id, by=EXPERT)
    sort_into(store, trace_ids=[TRACE], category_id=rude, by=EXPERT)
    remove_category(store, category_id, by=EXPERT)


def defer(store: Store, client_id: str | None = None) -> None:
    record_label(store, trace_id=TRACE, state=LabelState.DEFERRED, labeler=BO, client_id=client_id)


def test_where_it_was_sorted_since_it_stays_though_a_label_says_nothing_of_categories(
    small_store: Store, ids: dict[str, int]
) -> None:
    fail(small_store, ids["tone"])
    take_out(small_store, trace_id=TRACE, category_id=ids["tone"], by=EXPERT)
    sort_into(small_store, trace_ids=[TRACE], category_id=ids["dates"], by=EXPERT)
    defer(small_store)
    record_label(
        small_store,
        trace_id=TRACE,
        state=LabelState.FAIL,
        labeler=BO,
        critique="and more",
        category_names=("invented",),
    )
    assert carried(small_store) == ("dates", "invented")


def test_a_note_from_the_spreadsheet_does_not_put_back_what_its_row_took_out(
    small_store: Store, ids: dict[str, int]
) -> None:
    fail(small_store, ids["tone"])
    sheet = f"Trace_ID,Open_Code_Notes,tone\n{TRACE},other words,0\n".encode()
    taken = bring_back(small_store, Source.from_bytes("sheet.csv", sheet), by=BO)
    assert (taken.notes, taken.taken_out) == (1, 1)
    assert by_whom(small_store) == []


def test_a_deferral_and_its_undo_after_a_split_leave_the_trace_in_its_part(small_store: Store) -> None:
    late = make_category(small_store, Words(name="late"), by=BO).category_id or 0
    fail(small_store, late)
    split_up(small_store, late)
    defer(small_store, "later")
    assert carried(small_store) == ("rude",)
    undo_label(small_store, trace_id=TRACE, labeler=BO, undoes="later")
    assert carried(small_store) == ("rude",)


def test_what_was_picked_blind_is_unpicked_after_the_judge_was_seen(small_store: Store, ids: dict[str, int]) -> None:
    fail(small_store, ids["tone"])
    note_opening(small_store, trace_id=TRACE, labeler=BO, saw_judge=True)
    defer(small_store)
    fail(small_store, ids["dates"], client_id="seen")
    assert (carried(small_store), picked_in(small_store)) == (("dates",), (ids["dates"],))
    undo_label(small_store, trace_id=TRACE, labeler=BO, undoes="seen")
    assert (carried(small_store), picked_in(small_store)) == (("tone",), None)


def test_the_undo_of_a_deferral_leaves_no_draft_over_the_verdict(small_store: Store, ids: dict[str, int]) -> None:
    fail(small_store, ids["tone"])
    defer(small_store, "later")
    undo_label(small_store, trace_id=TRACE, labeler=BO, undoes="later")
    assert (item(small_store).draft, picked_in(small_store)) == (None, (ids["tone"],))


def test_what_is_picked_first_comes_first_of_the_picks_and_takes_the_place_of_what_it_replaces(
    small_store: Store, ids: dict[str, int]
) -> None:
    fail(small_store, ids["tone"], ids["dates"])
    fail(small_store, ids["dates"], ids["tone"], client_id="turned")
    assert carried(small_store) == ("dates", "tone")
    undo_label(small_store, trace_id=TRACE, labeler=BO, undoes="turned")
    assert carried(small_store) == ("tone", "dates")
    fail(small_store, ids["tone"])
    sort_into(small_store, trace_ids=[TRACE], category_id=ids["invented"], by=EXPERT)
    fail(small_store, ids["dates"])
    assert carried(small_store) == ("dates", "invented")
    fail(small_store, ids["invented"], ids["dates"])
    assert carried(small_store) == ("dates", "invented"), "what was sorted by hand keeps its place"


def test_an_undo_puts_back_only_what_its_label_took_out(small_store: Store, ids: dict[str, int]) -> None:
    fail(small_store, ids["tone"], ids["dates"])
    take_out(small_store, trace_id=TRACE, category_id=ids["tone"], by=EXPERT)
    fail(small_store, ids["invented"], client_id="c")
    undo_label(small_store, trace_id=TRACE, labeler=BO, undoes="c")
    assert carried(small_store) == ("dates",)


def test_an_undo_after_a_split_leaves_the_trace_in_the_part_it_was_put_into(
    small_store: Store, ids: dict[str, int]
) -> None:
    late = make_category(small_store, Words(name="late"), by=BO).category_id or 0
    fail(small_store, late)
    split_up(small_store, late)
    picked = item(small_store).label
    assert picked is not None
    fail(small_store, *picked.picked, ids["dates"], client_id="c")
    undo_label(small_store, trace_id=TRACE, labeler=BO, undoes="c")
    assert carried(small_store) == ("rude",)


def test_what_was_sorted_there_by_hand_after_an_undo_is_not_taken_out_by_who_picked_it_before(
    small_store: Store, ids: dict[str, int]
) -> None:
    fail(small_store, ids["tone"], client_id="a")
    undo_label(small_store, trace_id=TRACE, labeler=BO, undoes="a")
    fail(small_store, ids["tone"], repeat=True)
    sort_into(small_store, trace_ids=[TRACE], category_id=ids["tone"], by=EXPERT)
    fail(small_store, ids["tone"])
    fail(small_store)
    assert by_whom(small_store) == [(ids["tone"], EXPERT)]


def test_what_was_sorted_there_by_hand_before_stays(small_store: Store, ids: dict[str, int]) -> None:
    sort_into(small_store, trace_ids=[TRACE], category_id=ids["tone"], by=EXPERT)
    fail(small_store, ids["tone"], client_id="a")
    undo_label(small_store, trace_id=TRACE, labeler=BO, undoes="a")
    assert by_whom(small_store) == [(ids["tone"], EXPERT)]


def test_what_two_people_picked_stays_as_the_other_ones(small_store: Store, ids: dict[str, int]) -> None:
    fail(small_store, ids["tone"], client_id="a")
    fail(small_store, ids["tone"], labeler=CY, client_id="b")
    assert picked_in(small_store, CY) == (ids["tone"],)
    undo_label(small_store, trace_id=TRACE, labeler=BO, undoes="a")
    assert by_whom(small_store) == [(ids["tone"], CY)]
    undo_label(small_store, trace_id=TRACE, labeler=CY, undoes="b")
    assert by_whom(small_store) == []


def test_what_others_put_the_trace_into_is_never_in_the_item(small_store: Store, ids: dict[str, int]) -> None:
    fail(small_store, ids["tone"], labeler=CY)
    sort_into(small_store, trace_ids=[TRACE], category_id=ids["dates"], by=CY)
    assert (item(small_store).label, item(small_store).draft) == (None, None)
    fail(small_store, client_id="mine")
    assert picked_in(small_store) == ()


def test_a_merge_moves_what_was_picked_and_an_undo_finds_it_there(small_store: Store, ids: dict[str, int]) -> None:
    fail(small_store, ids["tone"], client_id="a")
    keep_draft(small_store, trace_id=TRACE, labeler=BO, draft=Draft("fail", "again", picked=(ids["tone"],)))
    merge_categories(small_store, ids["tone"], into=ids["dates"], by=EXPERT)
    assert picked_in(small_store) == (ids["dates"],)
    draft = item(small_store).draft
    assert draft is not None
    assert draft.picked == (ids["dates"],)
    undo_label(small_store, trace_id=TRACE, labeler=BO, undoes="a")
    assert by_whom(small_store) == []


def test_what_was_taken_out_on_failures_is_not_shown_as_picked(small_store: Store, ids: dict[str, int]) -> None:
    fail(small_store, ids["tone"])
    take_out(small_store, trace_id=TRACE, category_id=ids["tone"], by=EXPERT)
    assert picked_in(small_store) == ()


def test_a_hidden_repeat_keeps_its_picks_and_moves_nothing(small_store: Store, ids: dict[str, int]) -> None:
    fail(small_store, ids["tone"])
    fail(small_store, ids["dates"], repeat=True, client_id="r")
    assert carried(small_store) == ("tone",)
    again = item(small_store, repeats=(TRACE,)).label
    assert again is not None
    assert again.picked == (ids["dates"],)
    undo_label(small_store, trace_id=TRACE, labeler=BO, undoes="r")
    assert carried(small_store) == ("tone",)


def test_the_label_is_stored_though_its_category_is_gone_and_that_is_said(small_store: Store) -> None:
    action = said("label", verdict="fail", critique="wrong")._replace(picked=(99,))
    recorded = record_actions(small_store, [action], labeler=BO)
    assert recorded.client_ids == [action.client_id]
    assert "taken away" in recorded.notice
    assert (by_whom(small_store), picked_in(small_store)) == ([], ())


def test_picks_come_back_from_the_journal(database: Path) -> None:
    store = open_store(database)
    fill_small(store)
    made = make_category(store, Words(name="late"), by=BO).category_id or 0
    fail(store, made, client_id="a")
    store.close()
    database.unlink()
    store = open_store(database)
    try:
        fill_small(store)
        assert picked_in(store) == (made,)
        undo_label(store, trace_id=TRACE, labeler=BO, undoes="a")
        assert by_whom(store) == []
    finally:
        store.close()


def test_categories_are_offered_once_enough_was_read(small_store: Store) -> None:
    assert categories_to_pick(small_store) == []
    for number in range(1, 13):
        note_opening(small_store, trace_id=f"t{number:02}", labeler=BO, saw_judge=False)
    assert [category.name for category in categories_to_pick(small_store)] == ["dates", "invented", "tone"]
