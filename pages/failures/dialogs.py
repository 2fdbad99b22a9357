"""The forms for a category: make one, give it other words, merge it, split it."""

from collections.abc import Sequence

import streamlit as st

from core.model import Category
from core.workflows.categorising import Wording
from core.workflows.suggesting import SuggestedGroup, accept
from core.workflows.taxonomy import merge_categories, split_category
from core.workflows.wording import Words, make_category, reword, what_is_wrong
from pages.failures.done import did
from pages.ui.notices import escape, plural
from pages.ui.store import the_store

SIZE = 500


def _fields(held: Words | None, *, key: str = "") -> Words:
    """The fields for the words of a category."""
    name = st.text_input(
        "Name", held.name if held else "", max_chars=80, placeholder="Ignores the stated date", key=f"name{key}"
    )
    definition = st.text_area(
        "Definition: one sentence",
        held.definition if held else "",
        max_chars=SIZE,
        height=80,
        placeholder="The answer uses another date or time than the user gave.",
        key=f"definition{key}",
    )
    if key:
        return Words(name=name, definition=definition)
    fits = st.text_input("Fits when (optional)", held.fits_when if held else "", max_chars=SIZE)
    fits_not = st.text_input("Does not fit when (optional)", held.not_when if held else "", max_chars=SIZE)
    return Words(name=name, definition=definition, fits_when=fits, not_when=fits_not)


def _is_wrong(words: Words, category_id: int | None = None, seen: Wording | None = None) -> bool:
    wrong = what_is_wrong(the_store(), words, category_id=category_id, seen=seen)
    if wrong:
        st.error(escape(wrong))
    return bool(wrong)


@st.dialog("New failure category")
def new_category(person: str, trace_ids: Sequence[str] = ()) -> None:
    """A new category, with the traces that go into it."""
    if trace_ids:
        st.markdown(f"{plural(len(trace_ids), 'note').capitalize()} will be put into it.")
    words = _fields(None)
    if st.button("Save", type="primary") and not _is_wrong(words):
        action = make_category(the_store(), words, by=person, trace_ids=trace_ids)
        did(f"Made **{escape(words.name.strip())}** with {plural(action.traces, 'note')}.", action)
        st.rerun()


@st.dialog("Failure category")
def edit_category(category_id: int, held: Wording, traces: int, person: str) -> None:
    """Other words for a category; its links, its traces and its history stay."""
    words = _fields(Words(name=held.name, definition=held.definition, fits_when=held.fits_when, not_when=held.not_when))
    if st.button("Save", type="primary") and not _is_wrong(words, category_id, held):
        action = reword(the_store(), category_id, words, by=person)
        other = (words.definition.strip(), words.fits_when.strip(), words.not_when.strip())
        changed = other != (held.definition, held.fits_when, held.not_when)
        what = "Changed the definition of" if changed else "Renamed it to"
        did(f"{what} **{escape(words.name.strip())}**.", action, redefined=traces if changed else 0)
        st.rerun()


@st.dialog("Merge into another category")
def merge_category(category: Category, traces: int, others: Sequence[Category], person: str) -> None:
    """N9: choose the other one, read what will happen, then merge."""
    by_name = {other.name: other for other in others}
    name = st.selectbox("Merge into", list(by_name), index=None, placeholder="Choose the category that stays")
    if name is None:
        return
    verb = "moves" if traces == 1 else "move"
    st.markdown(f"**Merge “{escape(category.name)}” into “{escape(name)}”?**")
    st.markdown(f"{plural(traces, 'trace')} {verb}. The old name stays in the history and old links keep working.")
    with st.container(horizontal=True):
        if st.button("Merge", type="primary"):
            action = merge_categories(the_store(), category.id, into=by_name[name].id, by=person)
            did(f"Merged **{escape(category.name)}** into **{escape(name)}**.", action)
            st.rerun()
        if st.button("Cancel"):
            st.rerun()


@st.dialog("Split a category")
def split(category: Category, traces: int, person: str) -> None:
    """Name what is to be told apart; its traces then wait for somebody to choose again."""
    st.markdown(
        f"Name one or two new categories. Each of the {plural(traces, 'trace')} of "
        f"**{escape(category.name)}** then waits for you to choose where it belongs; it may stay."
    )
    parts = [_fields(None, key=" 1"), _fields(None, key=" 2")]
    given = [
        words for number, words in enumerate(parts) if number == 0 or words.name.strip() or words.definition.strip()
    ]
    if st.button("Split", type="primary") and not any(_is_wrong(words) for words in given):
        if len({words.name.strip().lower() for words in given}) < len(given):
            st.error("Give the two categories different names.")
            return
        action = split_category(the_store(), category.id, given, by=person)
        did(f"Split **{escape(category.name)}**: {plural(action.traces, 'trace')} wait for a choice.", action)
        st.rerun()


@st.dialog("A suggested category")
def accept_group(group: SuggestedGroup, person: str) -> None:
    """Accept a group whose category is new: the name and the definition are the person's to give."""
    n = len(group.suggestions)
    st.markdown(f"{plural(n, 'note').capitalize()} will be put into it. The name is a suggestion: give it your own.")
    words = _fields(Words(name=group.name, definition=group.definition))
    if st.button(f"Accept all {n}", type="primary") and not _is_wrong(words):
        action = accept(the_store(), group.events, by=person, words=words)
        did(f"Accepted {plural(action.traces, 'suggestion')} into **{escape(words.name.strip())}**.", action)
        st.rerun()
