"""The counts of a pivot, asked once per state of the store."""

import streamlit as st

from core.slice import Slice
from core.workflows import pivoting, trusting
from core.workflows.pivoting import FAILED, Axis, Pivot
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
    if choice.measure == FAILED:
        return pivoting.left_out(the_store(), slice_, of=choice.of)
    return trusting.measure_trust(the_store(), slice_, judge=choice.of).left_out_rows()


# The number of the store's state is the key of these caches: nobody ever sees a count from before a write.


@st.cache_resource(show_spinner=False, max_entries=60)
def _counted(version: int, slice_: Slice, choice: Choice) -> Pivot:  # noqa: ARG001
    return pivoting.pivot(the_store(), slice_, rows=choice.rows, cols=choice.cols, of=choice.of, measure=choice.measure)


@st.cache_resource(show_spinner=False, max_entries=2)
def _axes(version: int) -> list[Axis]:  # noqa: ARG001
    return pivoting.axes(the_store())
