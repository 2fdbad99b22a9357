"""One failure category: its definition, its traces, its history, and what can be done with it."""

from collections.abc import Sequence

import streamlit as st

from core.model import Category
from core.slice import Slice
from core.workflows.categorising import CategoryRow, Wording, list_sorted, list_wordings
from core.workflows.taxonomy import look_again, take_out
from core.workflows.wording import remove_category
from pages.failures import dialogs
from pages.failures.done import did
from pages.ui import words
from pages.ui.links import slice_link, trace_link
from pages.ui.notices import cut, escape, plural
from pages.ui.rates import count
from pages.ui.store import the_store

EXAMPLES = 5


def draw_category(
    category: Category, row: CategoryRow | None, slice_: Slice, person: str | None, known: Sequence[Category]
) -> None:
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
        if person is not None:
            _actions(category, history[0], [other for other in known if other.id != category.id], person)
        _history(history, {other.id: other.name for other in known})


def _actions(category: Category, held: Wording, others: Sequence[Category], person: str) -> None:
    traces = list_sorted(the_store(), Slice(), category.id, limit=0).total
    i = category.id
    with st.container(horizontal=True, gap="xsmall"):
        if st.button("Edit", key=f"edit.{i}", help="Another name or definition; links and counts stay."):
            dialogs.edit_category(i, held, traces, person)
        if others and st.button("Merge into…", key=f"merge.{i}"):
            dialogs.merge_category(category, traces, others, person)
        if traces and st.button("Split", key=f"split.{i}"):
            dialogs.split(category, traces, person)
        if traces and st.button(
            "Look again", key=f"again.{i}", help=f"A second look at its {plural(traces, 'trace')}."
        ):
            asked = look_again(the_store(), i, by=person)
            did(f"{plural(asked.traces, 'trace')} of **{escape(category.name)}** wait for a second look.", asked)
            st.rerun()
        if not traces and st.button("Remove", key=f"drop.{i}", help="It holds no trace; the history keeps it."):
            did(f"Removed **{escape(category.name)}**.", remove_category(the_store(), i, by=person))
            st.rerun()


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
            removed = st.button(
                "Remove",
                key=f"remove.{category.id}.{note.trace_id}",
                type="tertiary",
                help="Take this trace out of the category. The history keeps that it was in it.",
                disabled=person is None,
            )
        if removed and person:
            action = take_out(the_store(), trace_id=note.trace_id, category_id=category.id, by=person)
            did(f"Took {escape(cut(note.trace_id, 40))} out of **{escape(category.name)}**.", action)
            st.rerun()
    if found.total > EXAMPLES:
        st.caption(f"The {EXAMPLES} newest of {count(found.total)}.")


def _history(history: Sequence[Wording], names: dict[int, str]) -> None:
    with st.popover(f"History ({len(history)})", type="tertiary"):
        for wording in history:
            st.markdown(f"**{escape(wording.name)}** · {escape(wording.by)}, {words.day_and_time(wording.at)}")
            if wording.retired:
                into = names.get(wording.merged_into or 0)
                st.markdown(f"Merged into {escape(into)}." if into else "Taken away.")
            decided = [
                said for said in (wording.status, wording.impact and f"impact {wording.impact}", wording.owner) if said
            ]
            st.markdown(f"{escape(wording.definition) or 'No definition.'} Decision: {escape(', '.join(decided))}.")
