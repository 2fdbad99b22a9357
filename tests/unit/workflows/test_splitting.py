"""The splits of the sample, in counts and in words, and how they are asked for."""

import pytest

from core.errors import UsageError
from core.model import LabelState
from core.store.connection import Store
from core.workflows.exploring import describe
from core.workflows.reviewing import record_label
from core.workflows.sampling import load_sample
from core.workflows.splitting import Shares, assign_splits, look_at_splits, preview_splits, read_shares


def test_nothing_is_assigned_before_somebody_asks(small_store: Store) -> None:
    state = look_at_splits(small_store)
    assert (state.assigned, state.waiting, state.passed, state.failed) == (False, 8, 4, 4)
    assert state.gates == [
        "A judge is checked against expert verdicts. 20 passes and 20 failures are enough to begin: 4 and 4 so far."
    ]
    assert preview_splits(small_store) == {"train": 2, "dev": 3, "test": 3, "left out": 0}, "sessions stay together"


def test_the_sample_is_split_by_verdict_and_each_count_is_a_slice(fresh_store: Store) -> None:
    load_sample(fresh_store)
    assert assign_splits(fresh_store, by="ana") == {"train": 24, "dev": 49, "test": 47, "left out": 0}
    state = look_at_splits(fresh_store)
    assert [(s.split, s.passed, s.failed) for s in state.splits] == [
        ("train", 15, 9), ("dev", 31, 18), ("test", 30, 17),
    ]  # fmt: skip
    for split in state.splits:
        assert describe(fresh_store, split.slice).n == split.n
        assert describe(fresh_store, split.failed_slice).n == split.failed
    assert "Dev has 18 failed traces: the interval will be wide. 2 more would help." in state.gates
    assert assign_splits(fresh_store, by="ana") == {"train": 0, "dev": 0, "test": 0, "left out": 0}


def test_other_shares_hold_for_those_assigned_later(small_store: Store) -> None:
    assign_splits(small_store, by="ana", shares=Shares(0, 100, 0))
    state = look_at_splits(small_store)
    assert (state.shares, state.of("dev").n, state.waiting) == (Shares(0, 100, 0), 8, 0)


@pytest.mark.parametrize("words", ["20/40", "a/b/c", "20/40/40/0", "-20/60/60", "1e1/40/50"])
def test_shares_of_another_form_are_refused(words: str) -> None:
    with pytest.raises(UsageError):
        read_shares(words)


@pytest.mark.parametrize("shares", [Shares(20, 40, 41), Shares(60, 0, 40), Shares(-10, 60, 50)])
def test_shares_that_make_no_hundred_are_refused(small_store: Store, shares: Shares) -> None:
    with pytest.raises(UsageError):
        assign_splits(small_store, by="ana", shares=shares)


def test_an_empty_train_and_one_without_failures_are_said_in_words(small_store: Store) -> None:
    empty = "Train is empty: no example can be given to a judge. With a share for it, what is labelled next fills it."
    assert empty not in look_at_splits(small_store).gates, "nothing was assigned yet"
    assign_splits(small_store, by="ana", shares=Shares(0, 100, 0))
    assert empty in look_at_splits(small_store).gates


def test_a_train_without_failures_has_no_example_of_one(small_store: Store) -> None:
    with small_store.write() as cursor:
        cursor.execute("update traces set session = null")
    assign_splits(small_store, by="ana", shares=Shares(0, 100, 0))
    record_label(small_store, trace_id="t05", state=LabelState.PASS, labeler="ana")
    assign_splits(small_store, by="ana", shares=Shares(98, 1, 1))
    words = "Train has no failed trace: no example of a failure can be given to a judge."
    assert words in look_at_splits(small_store).gates
    record_label(small_store, trace_id="t09", state=LabelState.FAIL, labeler="ana", critique="wrong")
    assign_splits(small_store, by="ana", shares=Shares(98, 1, 1))
    assert not any(said.startswith("Train") for said in look_at_splits(small_store).gates)
