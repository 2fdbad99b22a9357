"""The counts of a pivot, asked once per state of the store."""

import streamlit as st

from core.slice import Slice
from core.workflows import counting, estimating, pivoting
from core.workflows.estimating import Estimate
from core.workflows.pivoting import CATEGORY, Axis, Pivot
from pages.pivot.choice import Choice
from pages.ui.store import the_store


def counted(slice_: Slice, choice: Choice) -> Pivot:
    """The cells of the choice."""
    return _counted(the_store().version, slice_, choice)


def axes() -> list[Axis]:
    """What can be counted by."""
    return _axes(the_store().version)


def left_out_of(slice_: Slice, choice: Choice) -> list[tuple[str, int, Slice]]:
    """Why traces of the slice are in no rate of the table, how many, and which."""
    if choice.only_traces:
        return []
    if choice.corrected:
        return _estimated(the_store().version, slice_, choice.corrected).left_out
    return counting.left_out_of(the_store(), slice_, of=choice.of, measure=choice.measure)


def refusal_of(slice_: Slice, choice: Choice) -> str | None:
    """Why there is no corrected rate, or None."""
    if choice.corrected is None:
        return None
    if CATEGORY in (choice.rows, choice.cols):
        return "Traces without a label have no failure category: choose dimensions."
    return _estimated(the_store().version, slice_, choice.corrected).refusal


# The number of the store's state is the key of these caches: nobody ever sees a count from before a write.


@st.cache_resource(show_spinner=False, max_entries=60)
def _counted(version: int, slice_: Slice, choice: Choice) -> Pivot:  # noqa: ARG001 - the key of the cache
    return counting.count(the_store(), slice_, rows=choice.rows, cols=choice.cols, of=choice.of, measure=choice.measure)


@st.cache_resource(show_spinner=False, max_entries=20)
def _estimated(version: int, slice_: Slice, ref: str) -> Estimate:  # noqa: ARG001 - the key of the cache
    return estimating.estimate(the_store(), slice_, judge=ref)


@st.cache_resource(show_spinner=False, max_entries=2)
def _axes(version: int) -> list[Axis]:  # noqa: ARG001 - the key of the cache
    return pivoting.axes(the_store())
