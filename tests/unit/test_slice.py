"""A slice in words and in an address."""

from datetime import datetime

import pytest

from core.slice import Condition, Slice


def test_the_sentence_names_every_condition_in_the_order_of_the_page() -> None:
    slice_ = Slice(
        dimensions=(
            Condition(key="feature", values=("search", "booking")),
            Condition(key="persona", values=("new",), negated=True),
        ),
        verdict=("fail",),
        search="refund",
    )
    assert slice_.sentence() == (
        "feature is search or booking, persona is not new, expert verdict is fail, the text contains refund"
    )


def test_more_than_five_conditions_are_counted_in_place_of_told() -> None:
    slice_ = Slice(dimensions=tuple(Condition(key=name, values=("x",)) for name in "abcdefg"))
    assert slice_.sentence() == "a is x, b is x, c is x, d is x, and 3 more conditions"


def test_a_missing_value_is_named_in_words() -> None:
    assert Slice(dimensions=(Condition(key="persona", values=("",)),)).sentence() == "persona is (missing)"


def test_a_category_is_named_by_its_present_name() -> None:
    slice_ = Slice(category=(7, 0))
    assert slice_.sentence({7: "Invents a fact"}) == "failure category is Invents a fact or not sorted yet"


@pytest.mark.parametrize(
    ("param", "value"),
    [
        ("verdict", "maybe"),
        ("judge_verdict", "yes"),
        ("category", "x"),
        ("since", "yesterday"),
        ("until", "2026-13-01"),
        ("import", "-1"),
        ("saw_judge", "perhaps"),
        ("split", "exam"),
    ],
)
def test_what_cannot_be_read_is_kept_and_named_and_never_dropped(param: str, value: str) -> None:
    slice_ = Slice.from_params({param: [value]})
    assert (param, value) in slice_.unreadable
    assert not slice_.is_all
    assert value in slice_.sentence()
    assert Slice.from_params(slice_.to_params()) == slice_


def test_values_with_commas_spaces_and_accents_survive_the_address() -> None:
    slice_ = Slice(dimensions=(Condition(key="café, bar & co", values=("a,b", " c ", "=x&y", "ü")),))
    assert Slice.from_params(slice_.to_params()) == slice_


def test_a_time_with_an_offset_is_read_as_utc() -> None:
    slice_ = Slice.from_params({"since": ["2026-11-01T02:00:00+02:00"]})
    assert slice_.since == datetime(2026, 11, 1, 0, 0)


def test_page_settings_are_no_part_of_a_slice() -> None:
    assert Slice.from_params({"p": ["2"], "rows": ["feature"], "judge": ["a@1"], "trace": ["t"]}).is_all


def test_a_cell_keeps_the_negated_condition_of_its_own_dimension() -> None:
    slice_ = Slice(dimensions=(Condition(key="persona", values=("new",), negated=True),)).with_value("persona", "busy")
    assert slice_.to_params() == {"not.persona": ["new"], "d.persona": ["busy"]}


def test_built_in_fields_stand_under_their_own_names() -> None:
    slice_ = Slice.from_params({"model": ["m"], "not.error": [""]})
    assert slice_.fields == (
        Condition(key="model", values=("m",)),
        Condition(key="error", values=("",), negated=True),
    )
    assert slice_.to_params() == {"model": ["m"], "not.error": [""]}
