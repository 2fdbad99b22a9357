"""The reading list: what was written about the traces of the slice, the newest first, and nothing else."""

import streamlit as st

from core.model import Label, LabelState
from core.slice import Slice
from core.workflows.categorising import count_critiques, list_critiques
from pages.ui import filters, words
from pages.ui.links import trace_link
from pages.ui.notices import escape, plural
from pages.ui.store import the_store

PER_PAGE = 20
LONGEST = 700
COLOURS = {LabelState.FAIL: "red", LabelState.PASS: "green"}


def draw(slice_: Slice) -> None:
    """Draw one page of the list."""
    total = count_critiques(the_store(), slice_)
    st.markdown(f"**{plural(total, 'critique')}**, the newest first. Read 30 before you name categories.")
    first = PER_PAGE * (filters.page_number() - 1)
    with st.container(gap="medium"):
        for note in list_critiques(the_store(), slice_, limit=PER_PAGE, offset=first):
            with st.container(gap="xxsmall", width=760):
                heading(note, slice_)
                text(note)
    filters.pager(total, PER_PAGE)


def heading(note: Label, slice_: Slice) -> None:
    """Verdict, person, day, categories, and the way to the trace."""
    colour = COLOURS.get(note.state)
    verdict = words.label_words(note)
    said = [f":{colour}[**{verdict}**]" if colour else verdict, escape(note.labeler), words.day(note.at)]
    said += [escape(name) for name in note.categories]
    with st.container(horizontal=True, gap="small", key=f"muted_note_{note.event}", vertical_alignment="center"):
        st.markdown(" · ".join(said), width="content")
        trace_link("Show trace", note.trace_id, slice_, help=escape(note.trace_id))


def text(note: Label, longest: int = LONGEST) -> None:
    """What was written, cut where it is very long: the trace has all of it."""
    written = (note.critique or "").strip()
    if not written:
        st.caption("Nothing was written about this one: open the trace.")
        return
    st.markdown(escape(written if len(written) <= longest else f"{written[:longest].rstrip()}…"))
