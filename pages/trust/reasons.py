"""Same verdict, other reason? Pairs that agree, those worded least alike first, for a person to mark."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from core.workflows.explaining import REASONS, Likened, list_agreeing, mark, undo_mark
from core.workflows.trusting import Pair, Trust
from pages.ui import filters, words
from pages.ui.links import trace_link
from pages.ui.notices import cut, escape, plural
from pages.ui.opened import note_shown
from pages.ui.store import the_store
from pages.ui.waiting import hidden_from_me, number_hidden

PER_PAGE: Final = 10
LONG: Final = 600
UNLIKE: Final = 0.1
"""Cosine similarity of the wording under which two critiques are suggested as having other reasons."""


def draw(trust: Trust) -> None:
    """Draw a page of the list with how many were marked."""
    found = list_agreeing(the_store(), trust)
    if not found:
        st.info("No pair with the same verdict has a critique from both.")
        return
    marked = [one.pair.mark for one in found if one.pair.mark in REASONS]
    other = marked.count("other reason")
    st.markdown(
        f"**{plural(len(found), 'pair')}** with the same verdict and a critique from both. "
        f"{len(marked):,} marked: {other:,} agree for another reason."
    )
    st.caption("Sorted by wording alone, least alike first. A suggestion counts nowhere until a person marks the pair.")
    hidden = [one for one in found if hidden_from_me(one.pair.trace_id)]
    if hidden:
        st.caption(number_hidden(len(hidden)))
    shown = [one for one in found if one not in hidden]
    first = PER_PAGE * (filters.page_number() - 1)
    here = shown[first : first + PER_PAGE]
    noted = note_shown([one.pair.trace_id for one in here])
    for one in here:
        if one.pair.trace_id in noted:
            _pair(one, trust)
    filters.pager(len(shown), PER_PAGE)


def _pair(one: Likened, trust: Trust) -> None:
    pair = one.pair
    with st.container(border=True, key=f"reason_{pair.trace_id}", gap="xsmall"):
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            trace_link(pair.trace_id, pair.trace_id, trust.whole.compared_slice)
            st.markdown(f"both {words.SIGNS[pair.expert.value]}", width="content")
            if one.alike < UNLIKE and pair.mark is None:
                st.caption("suggested: other reason")
            _buttons(pair, trust)
        left, right = st.columns(2, gap="medium")
        left.markdown(f"Expert: “{escape(cut(pair.expert_critique or '', LONG))}”")
        right.markdown(f"Judge: “{escape(cut(pair.judge_critique or '', LONG))}”")


def _buttons(pair: Pair, trust: Trust) -> None:
    me = filters.person()
    for name in REASONS:
        st.button(
            name.capitalize(), key=f"{name}.{pair.trace_id}", disabled=me is None,
            type="primary" if pair.mark == name else "tertiary", on_click=_toggles(pair, trust, name, me or ""),
            help=None if me else "Your name first.",
        )  # fmt: skip


def _toggles(pair: Pair, trust: Trust, name: str, me: str) -> Callable[[], None]:
    """Mark the pair; pressed again, take it back."""
    if pair.mark == name:
        return lambda: _undo(pair, trust, me)
    return lambda: _mark(pair, trust, name, me)


def _mark(pair: Pair, trust: Trust, name: str, me: str) -> None:
    mark(the_store(), trace_id=pair.trace_id, judge=trust.judge, mark=name, by=me)


def _undo(pair: Pair, trust: Trust, me: str) -> None:
    undo_mark(the_store(), trace_id=pair.trace_id, judge=trust.judge, by=me)
