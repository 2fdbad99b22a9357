"""Traces that want a second look: their category was split, or its definition changed."""

from collections.abc import Sequence
from itertools import groupby

import streamlit as st

from core.model import Category
from core.slice import Slice
from core.workflows.taxonomy import SPLIT, Waiting, choose_again, list_recodes
from pages.failures import notes
from pages.failures.done import did
from pages.ui import filters
from pages.ui.notices import cut, escape, plural
from pages.ui.store import the_store

SHOWN = 5


def draw_again(slice_: Slice, known: Sequence[Category], person: str | None) -> None:
    """Draw the queue, category by category; nothing where nothing waits."""
    waiting = list_recodes(the_store(), slice_)
    names = {category.id: category for category in known}
    ordered = sorted(waiting, key=lambda item: (item.recode.category_id, item.recode.event))
    for category_id, items in groupby(ordered, key=lambda item: item.recode.category_id):
        _of_category(names[category_id], list(items), slice_, known, person)


def _of_category(
    category: Category, items: list[Waiting], slice_: Slice, known: Sequence[Category], person: str | None
) -> None:
    split = any(item.recode.reason == SPLIT for item in items)
    why = "were split: choose again" if split else "want a second look: the definition changed"
    st.subheader(f"{plural(len(items), 'trace')} of {escape(cut(category.name, 60))} {why}", anchor=False)
    st.caption("Each counts where it was until you have chosen.")
    for item in items[:SHOWN]:
        _row(item, category, slice_, known, person)
    if len(items) > SHOWN:
        st.caption(f"{len(items) - SHOWN} more follow.")


def _row(item: Waiting, category: Category, slice_: Slice, known: Sequence[Category], person: str | None) -> None:
    parts = [other for other in known if other.split_from == category.id]
    others = [other for other in known if other.id != category.id and other not in parts]
    key = item.recode.event
    with st.container(border=True, gap="xsmall", key=f"again_{key}"):
        notes.heading(item.note, slice_)
        notes.text(item.note, 300)
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
            for part in (category, *parts):
                words = f"Stays in {cut(part.name, 40)}" if part is category else cut(part.name, 40)
                if st.button(escape(words), key=f"again.{key}.{part.id}", disabled=person is None) and person:
                    _choose(item, part, person)
            by_name = {other.name: other for other in others}
            chosen = st.selectbox(
                "Another category", list(by_name), index=None, placeholder="Another", key=f"again.{key}.other",
                label_visibility="collapsed", width=200, disabled=person is None,
            )  # fmt: skip
            if chosen and person:
                _choose(item, by_name[chosen], person)
            if st.button("Take out", key=f"again.{key}.none", type="tertiary", disabled=person is None) and person:
                _choose(item, None, person)


def _choose(item: Waiting, category: Category | None, person: str) -> None:
    action = choose_again(the_store(), item.recode, into=category.id if category else None, by=person)
    where = f"is in **{escape(category.name)}**" if category else "is in no category"
    did(f"{escape(cut(item.note.trace_id, 40))} {where}.", action)
    filters.put_settings(trace=None)
    st.rerun()
