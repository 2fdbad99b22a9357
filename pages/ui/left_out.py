"""The line under a table that says what was left out of it, and why; each number is a link."""

from collections.abc import Sequence

import streamlit as st

from core.slice import Slice
from core.workflows.weighing import Choice
from pages.ui.links import slice_link
from pages.ui.notices import plural
from pages.ui.rates import count


def draw_left_out(rows: Sequence[tuple[str, int, Slice]], *, key: str = "left_out") -> None:
    """Draw «Left out: 12 unlabelled · 3 deferred», or nothing where nothing was left out."""
    if not rows:
        return
    with st.container(key=f"muted_{key}", width="content", horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown("Left out:", width="content")
        for words, n, slice_ in rows:
            slice_link(f"{count(n)} {words}", "traces", slice_)


PLAIN = "Shares here are plain counts of what was labelled, not weighted by how it was drawn; Home and Pivot weigh."


def draw_plain_counts(choice: Choice | None) -> None:
    """Draw that shares speak of the labelled traces alone, and which of those were not drawn at random; nothing where
    all labels count the same."""
    if choice is None:
        return
    with st.container(key="muted_plain", width="content", horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(PLAIN, width="content")
        for words, n, slice_ in choice.left_out():
            slice_link(f"{count(n)} {words}", "traces", slice_)


def draw_choice(choice: Choice, *, weighted: bool) -> None:
    """Draw how the labelled traces were chosen where a reader of a rate must know it, each number a link."""
    if not (weighted or choice.unknown or choice.left_out()):
        return
    with st.container(key="muted_choice", width="content", horizontal=True, gap="small", vertical_alignment="center"):
        if weighted:
            st.markdown("Weighted by how likely each trace was drawn.", width="content")
        if choice.unknown:
            known = "it is not known how the trace was picked; counted as if drawn at random"
            words = f"For {plural(choice.unknown, 'label')} {known}"
            slice_link(words, "traces", choice.unknown_slice)
        if choice.left_out():
            st.markdown("Left out of rates:", width="content")
        for words, n, slice_ in choice.left_out():
            slice_link(f"{count(n)} {words}", "traces", slice_)
