"""Grouping by wording, on this computer."""

from core.grouping import group_texts, liken

DATES = ["The wrong date was booked", "It booked the wrong date again", "Booked a wrong date for Friday"]
TONE = ["Rude tone towards the customer", "The tone is rude and short"]


def test_texts_that_read_alike_come_together_the_largest_group_first() -> None:
    found = group_texts([*DATES, *TONE, "Zyx"])
    assert [set(group.members) for group in found] == [{0, 1, 2}, {3, 4}]
    assert "date" in found[0].name
    assert "rude" in found[1].name


def test_groups_have_different_names_and_what_is_empty_is_in_none() -> None:
    assert group_texts([]) == group_texts(["one"]) == group_texts(["", " "]) == []
    assert group_texts(["", *DATES])[0].members == (2, 3, 1) or set(group_texts(["", *DATES])[0].members) == {1, 2, 3}
    names = [group.name for group in group_texts([*DATES, *TONE])]
    assert len(set(names)) == len(names)


def test_texts_of_stop_words_alone_are_grouped_by_their_beginning() -> None:
    (group,) = group_texts(["it is not", "it is not"])
    assert group.name == "it is not"


def test_a_text_is_likened_to_what_it_reads_like_or_to_nothing() -> None:
    assert liken(["wrong date booked", "qqq"], [*DATES[:1], *TONE]) == [0, None]
    assert liken(["x"], []) == [None]
    assert liken([], DATES) == []


def test_hostile_and_very_long_texts_are_only_text() -> None:
    assert group_texts(["=cmd|' /C calc'!A0", "<script>alert(1)</script>" * 200, "\x00\ufffd", "🦊" * 50]) is not None
