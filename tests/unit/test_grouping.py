"""Grouping by wording, on this computer."""

import json
from collections import Counter
from collections.abc import Sequence

from sklearn.metrics import adjusted_rand_score

from core.grouping import TextGroup, group_texts, liken
from tests.conftest import ROOT, shared
from tests.real_sets import SETS

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


def rand_index(found: Sequence[TextGroup], kinds: Sequence[str]) -> float:
    """Adjusted Rand index (Hubert and Arabie 1985, Journal of Classification 2, 193-218); who is in no group is alone."""
    placed = {i: place for place, group in enumerate(found) for i in group.members}
    return float(adjusted_rand_score(kinds, [placed.get(i, len(found) + i) for i in range(len(kinds))]))


def of_the_most(found: Sequence[TextGroup], kinds: Sequence[str]) -> int:
    """How many texts are of the kind that is most frequent in their group."""
    return sum(max(Counter(kinds[i] for i in group.members).values()) for group in found)


def test_critiques_that_share_most_of_their_words_are_no_heap() -> None:
    """26 critiques of recipes: all speak of ingredients and adherence, and each of one diet that was asked for."""
    lines = shared(SETS["hw3"][0]).read_text(encoding="utf-8").splitlines()
    failed = [row for row in map(json.loads, lines) if row["label"] == "FAIL"]
    texts, diets = [row["reasoning"] for row in failed], [row["dietary_restriction"] for row in failed]
    found = group_texts(texts)
    assert len(failed) == 26
    assert rand_index(found, diets) >= 0.9
    assert {"gluten free", "low carb"} <= {word for group in found for word in group.name.split(", ")}
    alike = [liken([text], [*texts[:i], *texts[i + 1 :]])[0] for i, text in enumerate(texts)]
    right = [diets[i] == [*diets[:i], *diets[i + 1 :]][place] for i, place in enumerate(alike) if place is not None]
    assert sum(right) >= 22


def test_critiques_that_share_hardly_a_word_are_left_alone_rather_than_mixed() -> None:
    """The sample's critiques tell of what happened, each in words of its own: wording finds little of their categories,
    and two of three that are grouped stand with others of their category."""
    rows = [json.loads(line) for line in (ROOT / "data/labels.jsonl").read_text(encoding="utf-8").splitlines()]
    sorted_ = [row for row in rows if row["verdict"] == "fail" and row["categories"]]
    found = group_texts([row["critique"] for row in sorted_])
    together = of_the_most(found, [row["categories"][0] for row in sorted_])
    assert together >= 17
    assert together >= 2 / 3 * sum(len(group.members) for group in found)


def test_words_that_stand_side_by_side_are_one_in_a_name() -> None:
    asked = ["Affordable housing was not addressed", "No word on affordable housing", "It ignored affordable housing"]
    found = group_texts([*asked, *TONE, "Wrote a table in a text message"])
    assert next(group.name for group in found if 0 in group.members) == "affordable housing"
