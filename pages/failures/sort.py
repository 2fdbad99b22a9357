"""Sorting: notes without a category on the left, the categories on the right."""

from collections.abc import Sequence

import streamlit as st

from core.model import Category, Label
from core.slice import Slice
from core.workflows.categorising import count_failures, list_categories, list_unsorted
from core.workflows.suggesting import SuggestedGroup, list_suggestions
from core.workflows.taxonomy import reading_gate, sort_into
from pages.failures import dialogs, gate, notes, suggestions
from pages.failures.again import draw_again
from pages.failures.category import draw_category
from pages.failures.done import did, draw_last
from pages.ui import filters
from pages.ui.links import slice_link
from pages.ui.notices import cut, escape, plural
from pages.ui.rates import of
from pages.ui.store import the_store

PER_PAGE = 20
NEW = "New category…"
WITH_KEYS = 9
"""Categories that have a number key."""
NAMELESS = "Reading needs no name. What you sort is kept with yours, so that others know whom to ask."
TO_NAME = "notes for a new category"
TO_SORT = "notes for a category"
AFTER = "the note after the current one"


def draw(slice_: Slice) -> None:
    """Draw both columns, once enough was read; nothing is written before the name is known."""
    read = reading_gate(the_store())
    if not read.is_open:
        gate.draw(read, slice_)
        return
    found = count_failures(the_store(), slice_, primary=False)
    known = list_categories(the_store())
    person = filters.person()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{of(found.uncategorised, found.failed)} failed traces** not sorted", width="content")
        if found.uncategorised:
            slice_link("Open them", "traces", found.uncategorised_slice)
            with st.container(key="only_wide_suggest", width="content"):
                suggestions.draw_button(found.uncategorised, slice_, person)
    if person is None:
        with st.container(key="only_wide_name"):
            st.markdown(NAMELESS)
            person = filters.ask_person("sort")
    _chosen(known, person)
    left, right = st.columns([7, 5], gap="large")
    with left, st.container(key="only_wide_notes"):
        draw_last(person)
        draw_again(slice_, known, person)
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
    current = _current(found.labels)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.subheader(f"Notes ({found.total})", anchor=False, width="content")
        _steps([note.trace_id for note in found.labels], current)
    if found.total == 0:
        st.success("Every failed trace of this slice is in a category.", title="All sorted.")
        return
    groups = list_suggestions(the_store(), slice_)
    suggestions.draw_groups(groups, person)
    suggested = {item.note.event: (group, item.event) for group in groups for item in group.suggestions}
    filters.keep(AFTER, found.labels[current + 1].trace_id if 0 < current < len(found.labels) - 1 else "")
    chosen = st.container(key="follows_ticked")
    ticked = [
        note.trace_id
        for place, note in enumerate(found.labels)
        if _row(note, place == current, slice_, known, person, suggested.get(note.event))
    ]
    if ticked:
        with chosen:
            _with_ticked(ticked, known, person)
    filters.pager(found.total, PER_PAGE)


def _current(shown: Sequence[Label]) -> int:
    """The place of the note that the keys speak of: the address names it, else it is the first."""
    ids = [note.trace_id for note in shown]
    wanted = filters.text_setting("trace")
    return ids.index(wanted) if wanted in ids else 0


def _steps(ids: Sequence[str], current: int) -> None:
    """Up and down move to another note; the address says which one it is."""

    if len(ids) < 2:
        return

    def go(place: int) -> None:
        filters.put_settings(trace=ids[place] if 0 < place < len(ids) else None)

    with st.container(horizontal=True, gap="xsmall", key="muted_steps", vertical_alignment="center"):
        st.button(
            "Former note",
            shortcut="up",
            key="note_up",
            type="tertiary",
            disabled=current == 0,
            on_click=go,
            args=(current - 1,),
        )
        st.button(
            "Next note", shortcut="down", key="note_down", type="tertiary", disabled=current >= len(ids) - 1,
            on_click=go, args=(current + 1,),
        )  # fmt: skip


def _row(
    note: Label,
    current: bool,
    slice_: Slice,
    known: Sequence[Category],
    person: str | None,
    suggested: tuple[SuggestedGroup, int] | None,
) -> bool:
    """One note; returns whether it is ticked."""
    with st.container(border=True, gap="xsmall", key=f"{'current' if current else 'note'}_{note.event}"):
        with st.container(horizontal=True, vertical_alignment="center", wrap=False):
            ticked = st.checkbox(
                f"Tick {escape(cut(note.trace_id, 40))}", key=f"tick.{note.trace_id}", label_visibility="collapsed"
            )
            notes.heading(note, slice_)
            if not current or not known:
                _choose([note.trace_id], f"put.{note.trace_id}", "Choose category", known, person)
        notes.text(note, 300)
        if suggested:
            suggestions.draw_one(*suggested, person, current=current)
        if current and known:
            _buttons(note, known, person)
    return ticked


def _buttons(note: Label, known: Sequence[Category], person: str | None) -> None:
    """The current note goes into a category by one key; a second press that comes late is of that note, and puts no other."""
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        for number, category in enumerate(known[:WITH_KEYS], 1):
            pressed = st.button(
                escape(cut(category.name, 40)),
                key=f"key.{note.event}.{category.id}",
                shortcut=str(number),
                help=escape(category.definition) or None,
                disabled=person is None,
            )
            if pressed:
                _put([note.trace_id], category, person)
        _choose([note.trace_id], f"put.{note.trace_id}", "Another", known, person)


def _with_ticked(ticked: list[str], known: Sequence[Category], person: str | None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="ticked"):
        st.markdown(f"With **{len(ticked)} ticked**:", width="content")
        _choose(ticked, "put.ticked", "Put into", known, person)
        if st.button("New category from these", disabled=person is None):
            filters.keep(TO_NAME, ticked)


def _choose(trace_ids: list[str], key: str, words: str, known: Sequence[Category], person: str | None) -> None:
    """A list of the categories, and the way to a new one."""
    filters.agree(key, None)

    def chosen() -> None:
        name = filters.state_of(key)
        if name == NEW:
            filters.keep(TO_NAME, trace_ids)
        elif name:
            filters.keep(TO_SORT, (trace_ids, name))

    st.selectbox(
        words,
        [*(category.name for category in known), NEW],
        key=key,
        placeholder=words,
        filter_mode="contains",
        label_visibility="collapsed",
        width=220,
        disabled=person is None,
        on_change=chosen,
    )


def _chosen(known: Sequence[Category], person: str | None) -> None:
    """Put the notes where a list was used to choose a category for them."""
    asked: tuple[list[str], str] | None = filters.remember(TO_SORT, None)
    if asked is None:
        return
    filters.keep(TO_SORT, None)
    for category in known:
        if category.name == asked[1]:
            _put(asked[0], category, person)


def _put(trace_ids: list[str], category: Category, person: str | None) -> None:
    if person is None:
        return
    action = sort_into(the_store(), trace_ids=trace_ids, category_id=category.id, by=person)
    did(f"Put {plural(len(trace_ids), 'note')} into **{escape(category.name)}**.", action)
    filters.put_settings(trace=filters.remember(AFTER, "") or None)
    st.rerun()


# ------------------------------------------------------------------------------ categories


def _categories(slice_: Slice, known: Sequence[Category], person: str | None) -> None:
    counted = {row.category.id: row for row in count_failures(the_store(), slice_, primary=False).rows if row.category}
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.subheader(f"Categories ({len(known)})", anchor=False)
        if st.button("New category", disabled=person is None, help=None if person else "Your name first."):
            filters.keep(TO_NAME, [])
    if known:
        st.caption("Failed traces that carry each one, any mention: a trace can carry several.")
    else:
        st.caption(
            "None yet. Name what goes wrong in a few notes; the same kind of failure goes into the same category."
        )
    for category in sorted(known, key=lambda c: -counted[c.id].traces if c.id in counted else 0):
        draw_category(category, counted.get(category.id), slice_, person, known)


def _new_category_asked_for(person: str | None) -> None:
    trace_ids: list[str] | None = filters.remember(TO_NAME, None)
    if trace_ids is None or person is None:
        return
    filters.keep(TO_NAME, None)
    dialogs.new_category(person, trace_ids)
