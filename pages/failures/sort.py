"""Sorting: notes without a category on the left, the categories on the right."""

from collections.abc import Sequence

import streamlit as st

from core.model import Category, Label
from core.slice import Slice
from core.workflows.categorising import (
    count_failures,
    list_categories,
    list_unsorted,
    put_all_into_category,
    take_out_of_category,
)
from pages.failures import notes
from pages.failures.category import draw_category, edit_category
from pages.ui import filters
from pages.ui.links import slice_link
from pages.ui.notices import cut, escape, plural
from pages.ui.rates import of
from pages.ui.store import the_store

PER_PAGE = 20
NEW = "New category…"
WITH_KEYS = 9
"""Categories that have a number key."""


def draw(slice_: Slice) -> None:
    """Draw both columns; nothing is written before the name is known."""
    found = count_failures(the_store(), slice_, primary=False)
    known = list_categories(the_store())
    person = filters.person()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{of(found.uncategorised, found.failed)} failed traces** not sorted", width="content")
        if found.uncategorised:
            slice_link("Open them", "traces", found.uncategorised_slice)
    if person is None:
        person = filters.ask_person()
    left, right = st.columns([7, 5], gap="large")
    with left, st.container(key="only_wide_notes"):
        _notes(slice_, known, person)
    with left, st.container(key="only_phone_notes"):
        st.info("Sorting needs a wider screen.")
    with right, st.container(key="follows_categories"):
        _categories(slice_, known, person)
    _new_category_asked_for(person)


# ------------------------------------------------------------------------------ notes


def _notes(slice_: Slice, known: Sequence[Category], person: str | None) -> None:
    first = PER_PAGE * (filters.page_number() - 1)
    found = list_unsorted(the_store(), slice_, limit=PER_PAGE, offset=first)
    st.subheader(f"Notes ({found.total})")
    _last_sorted(person)
    if found.total == 0:
        st.success("Every failed trace of this slice is in a category.", title="All sorted.")
        return
    chosen = st.container(key="follows_ticked")
    ticked = [note.trace_id for place, note in enumerate(found.labels) if _row(note, place == 0, slice_, known, person)]
    if ticked:
        with chosen:
            _with_ticked(ticked, known, person)
    filters.pager(found.total, PER_PAGE)


def _row(note: Label, is_first: bool, slice_: Slice, known: Sequence[Category], person: str | None) -> bool:
    """One note; returns whether it is ticked."""
    with st.container(border=True, gap="xsmall", key=f"note_{note.event}"):
        with st.container(horizontal=True, vertical_alignment="center", wrap=False):
            ticked = st.checkbox(
                f"Tick {escape(cut(note.trace_id, 40))}", key=f"tick.{note.trace_id}", label_visibility="collapsed"
            )
            notes.heading(note, slice_)
            if not is_first or not known:
                _choose([note.trace_id], f"put.{note.trace_id}", "Choose category", known, person)
        notes.text(note, 300)
        if is_first and known:
            _buttons(note, known, person)
    return ticked


def _buttons(note: Label, known: Sequence[Category], person: str | None) -> None:
    """The first note goes into a category by one key."""
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        for number, category in enumerate(known[:WITH_KEYS], 1):
            st.button(
                escape(cut(category.name, 40)),
                key=f"key.{number}",
                shortcut=str(number),
                help=escape(category.definition) or None,
                disabled=person is None,
                on_click=_put,
                args=([note.trace_id], category, person),
            )
        _choose([note.trace_id], f"put.{note.trace_id}", "Another", known, person)


def _with_ticked(ticked: list[str], known: Sequence[Category], person: str | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="ticked"):
        st.markdown(f"With **{len(ticked)} ticked**:", width="content")
        _choose(ticked, "put.ticked", "Put into", known, person)
        if st.button("New category from these", disabled=person is None):
            filters.keep("new category", ticked)


def _choose(trace_ids: list[str], key: str, words: str, known: Sequence[Category], person: str | None) -> None:
    """A list of the categories, and the way to a new one."""
    by_name = {category.name: category for category in known}
    filters.agree(key, None)

    def chosen() -> None:
        name = filters.state_of(key)
        if name in by_name:
            _put(trace_ids, by_name[name], person)
        elif name:
            filters.keep("new category", trace_ids)

    st.selectbox(
        words,
        [*by_name, NEW],
        key=key,
        placeholder=words,
        filter_mode="contains",
        label_visibility="collapsed",
        width=220,
        disabled=person is None,
        on_change=chosen,
    )


def _put(trace_ids: list[str], category: Category, person: str | None) -> None:
    if person is None:
        return
    put_all_into_category(the_store(), trace_ids=trace_ids, category_id=category.id, by=person)
    filters.keep("last sorted", (trace_ids, category))


def _last_sorted(person: str | None) -> None:
    last: tuple[list[str], Category] | None = filters.remember("last sorted", None)
    if last is None or person is None:
        return
    trace_ids, category = last

    with st.container(horizontal=True, vertical_alignment="center", key="last_sorted"):
        st.markdown(f"Put {plural(len(trace_ids), 'note')} into **{escape(category.name)}**.", width="content")
        st.button("Undo", key="undo_sorting", shortcut="u", type="tertiary", on_click=_undo, args=(*last, person))


def _undo(trace_ids: list[str], category: Category, person: str) -> None:
    for trace_id in trace_ids:
        take_out_of_category(the_store(), trace_id=trace_id, category_id=category.id, by=person)
    filters.keep("last sorted", None)


# ------------------------------------------------------------------------------ categories


def _categories(slice_: Slice, known: Sequence[Category], person: str | None) -> None:
    counted = {row.category.id: row for row in count_failures(the_store(), slice_, primary=False).rows if row.category}
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader(f"Categories ({len(known)})")
        if st.button("New category", disabled=person is None, help=None if person else "Your name first."):
            filters.keep("new category", [])
    if not known:
        st.caption(
            "None yet. Name what goes wrong in a few notes; the same kind of failure goes into the same category."
        )
    for category in sorted(known, key=lambda c: -counted[c.id].traces if c.id in counted else 0):
        draw_category(category, counted.get(category.id), slice_, person)


def _new_category_asked_for(person: str | None) -> None:
    trace_ids: list[str] | None = filters.remember("new category", None)
    if trace_ids is None or person is None:
        return
    filters.keep("new category", None)
    edit_category(None, person, trace_ids)
