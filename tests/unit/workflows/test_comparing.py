"""Two judge versions: what changed in the prompt, which traces flipped, and whether that can be chance."""

import pytest

from core.differences import paired_difference
from core.slice import Slice
from core.store.connection import IN_MEMORY, Store
from core.workflows.comparing import FLIPS, Comparison, compare_versions, list_flipped, prompt_changes
from core.workflows.drafting import Draft, save_version
from core.workflows.exploring import describe
from core.workflows.opening import open_store
from core.workflows.sampling import load_sample
from tests.judging import SPEC

ONE, THREE = "overall@1", "overall@3"


@pytest.fixture(scope="module")
def sample() -> Store:
    store = open_store(IN_MEMORY)
    load_sample(store)
    return store


@pytest.fixture(scope="module")
def found(sample: Store) -> Comparison:
    return compare_versions(sample, Slice(), former=ONE, latter=THREE)


@pytest.mark.parametrize("flip", FLIPS)
def test_the_traces_that_flipped_are_those_that_are_counted(sample: Store, found: Comparison, flip: str) -> None:
    listed = list_flipped(sample, found, flip)
    assert len(listed) == {"right": found.now_right, "wrong": found.now_wrong}[flip] > 0
    assert all(one.now_right == (flip == "right") == (one.pair.judge == one.pair.expert) for one in listed)
    doors = [slice_ for _, n, slice_ in found.flips[FLIPS[flip]] if n]
    assert sum(describe(sample, slice_).n for slice_ in doors) == len({one.pair.trace_id for one in listed})
    assert any(one.former_critique and one.former_critique != one.pair.judge_critique for one in listed)


def test_both_ways_to_flip_together_and_no_more_than_asked_for(sample: Store, found: Comparison) -> None:
    both = list_flipped(sample, found)
    assert [one.now_right for one in both] == [False] * found.now_wrong + [True] * found.now_right
    assert list_flipped(sample, found, limit=4) == both[:4]


def test_the_gaps_are_paired_and_the_chance_is_that_of_the_flips(found: Comparison) -> None:
    caught, lost, kept, alarms = (found.flips[place][1] for place in (0, 2, 1, 3))
    assert (caught, lost, kept, alarms) == (22, 0, 3, 3)
    assert found.gaps == (paired_difference(22, 0, 43), paired_difference(3, 3, 70))
    assert found.gaps[0].is_clear
    assert not found.gaps[1].is_clear
    assert found.gaps[0].value == pytest.approx(37 / 43 - 15 / 43)
    # Of 28 traces on which just one is right, 25 for the latter: 2 * (1 + 28 + 378 + 3276) / 2 ** 28.
    assert found.chance == pytest.approx(2 * 3683 / 2**28)


def test_what_was_changed_in_a_prompt_is_said_line_by_line(small_store: Store) -> None:
    first = save_version(small_store, Draft("care", SPEC), by="ana")
    stricter = SPEC.with_slots({"guidelines": "Be strict.", "fail_means": "It made something up."})
    second = save_version(small_store, Draft("care", stricter, parent=first.version), by="ana")
    changes = prompt_changes(small_store, "care")
    assert list(changes) == [first.version, second.version]
    assert changes[first.version] == []
    assert {"+Be strict.", "-It did not.", "+It made something up."} <= {
        line.replace("Fail: ", "") for line in changes[second.version]
    }
    assert all(line[0] in "+-" for line in changes[second.version]), "neither heads nor lines that stayed"
    assert prompt_changes(small_store, "strict") == {"v1": []}, "of an imported version no prompt is known"
    assert prompt_changes(small_store, "nobody") == {}
