"""One failure category: its definition, its traces, its history, and the form to change its words."""

from collections.abc import Sequence

import streamlit as st

from core.model import Category
from core.slice import Slice
from core.workflows.categorising import (
    CategoryRow,
    Wording,
    define_category,
    list_sorted,
    list_wordings,
    put_all_into_category,
    take_out_of_category,
    what_is_wrong,
)
from pages.ui import filters, words
from pages.ui.links import slice_link, trace_link
from pages.ui.notices import cut, escape, plural
from pages.ui.rates import count
from pages.ui.store import the_store

EXAMPLES = 5


def draw_category(category: Category, row: CategoryRow | None, slice_: Slice, person: str | None) -> None:
    """A fold with the category's number of failed traces; what is inside is read when it is opened."""
    n = row.traces if row else 0
    box = st.expander(f"**{escape(category.name)}** · {count(n)}", key=f"category.{category.id}", on_change="rerun")
    if not box.open:
        return
    with box:
        st.markdown(escape(category.definition) or "No definition yet: write one sentence under Edit.")
        for label, text in (("Fits when", category.fits_when), ("Does not fit when", category.not_when)):
            if text:
                st.markdown(f"**{label}** {escape(text)}")
        if row and n:
            slice_link(f"Open {plural(n, 'failed trace')}", "traces", row.slice)
        _examples(category, slice_, person)
        history = list_wordings(the_store(), category.id)
        if st.button("Edit", key=f"edit.{category.id}", disabled=person is None) and person:
            edit_category(history[0], person, category_id=category.id)
        if len(history) > 1:
            _history(history)


def _examples(category: Category, slice_: Slice, person: str | None) -> None:
    found = list_sorted(the_store(), slice_, category.id, limit=EXAMPLES)
    for note in found.labels:
        with st.container(
            horizontal=True, wrap=False, vertical_alignment="center", key=f"in_{category.id}_{note.event}"
        ):
            with st.container():
                trace_link(
                    f"{words.label_words(note)[0]} {cut(note.critique or note.trace_id, 50)}", note.trace_id, slice_
                )
            st.button(
                "Remove",
                key=f"remove.{category.id}.{note.trace_id}",
                type="tertiary",
                help="Take this trace out of the category. The history keeps that it was in it.",
                disabled=person is None,
                on_click=_remove,
                args=(note.trace_id, category.id, person),
            )
    if found.total > EXAMPLES:
        st.caption(f"The {EXAMPLES} newest of {count(found.total)}.")


def _remove(trace_id: str, category_id: int, person: str | None) -> None:
    if person:
        take_out_of_category(the_store(), trace_id=trace_id, category_id=category_id, by=person)


def _history(history: Sequence[Wording]) -> None:
    with st.popover("History", type="tertiary"):
        for wording in history:
            st.markdown(f"**{escape(wording.name)}** · {escape(wording.by)}, {words.day_and_time(wording.at)}")
            st.markdown(escape(wording.definition) or "No definition.")


@st.dialog("Failure category")
def edit_category(
    held: Wording | None,
    person: str,
    trace_ids: Sequence[str] = (),
    *,
    category_id: int | None = None,
) -> None:
    """The form for a new category (with the traces that go into it) or for other words of one."""
    if trace_ids:
        st.markdown(f"{plural(len(trace_ids), 'note').capitalize()} will be put into it.")
    name = st.text_input("Name", held.name if held else "", max_chars=80, placeholder="Ignores the stated date")
    definition = st.text_area(
        "Definition: one sentence",
        held.definition if held else "",
        max_chars=500,
        height=80,
        placeholder="The answer uses another date or time than the user gave.",
    )
    fits = st.text_input("Fits when (optional)", held.fits_when if held else "", max_chars=500)
    fits_not = st.text_input("Does not fit when (optional)", held.not_when if held else "", max_chars=500)
    if not st.button("Save", type="primary"):
        return
    wrong = what_is_wrong(the_store(), name=name, definition=definition, category_id=category_id, seen=held)
    if wrong:
        st.error(escape(wrong))
        return
    made = define_category(
        the_store(), name=name.strip(), definition=definition.strip(), fits_when=fits.strip(),
        not_when=fits_not.strip(), by=person, category_id=category_id,
    )  # fmt: skip
    if trace_ids:
        put_all_into_category(the_store(), trace_ids=trace_ids, category_id=made, by=person)
        filters.keep("last sorted", (list(trace_ids), Category(id=made, name=name.strip())))
    st.rerun()
