"""What stands at the end of a queue: agreement with oneself, and what was said before and now."""

import streamlit as st

from core.slice import Slice
from core.workflows.agreeing import agreement_with_self
from core.workflows.queueing import OVERLAP, Queue
from core.workflows.second_look import SECOND_LOOK, SecondThought, second_thoughts
from pages.ui import words
from pages.ui.links import slice_link, trace_link
from pages.ui.notices import cut, escape
from pages.ui.rates import NB, interval, of, percent
from pages.ui.store import the_store


def draw_end(queue: Queue, person: str) -> None:
    """At the end of a queue: agreement with oneself, and old and new verdicts of a second look."""
    same = agreement_with_self(the_store(), person, queue_id=queue.id)
    if same.n:
        share = f"{percent(same.rate)}{NB}({interval(same)})"
        st.markdown(f"You agreed with yourself on {of(same.k, same.n)} · {share}. These were shown to you before.")
    if queue.kind == SECOND_LOOK:
        _second_thoughts(second_thoughts(the_store(), queue, labeler=person))
    elif queue.kind == OVERLAP:
        st.caption("What the other person said is shown under Settings, when both are through.")
        slice_link("Settings: do two people agree?", "settings", Slice())


def _second_thoughts(found: list[SecondThought]) -> None:
    changed = [one for one in found if one.old is not one.new]
    st.markdown(f"**{of(len(changed), len(found))} judged otherwise under the new rubric.**")
    for one in changed:
        with st.container(border=True):
            trace_link(one.trace_id, one.trace_id, Slice())
            before, after = st.columns(2, gap="medium")
            for place, when, state, critique in (
                (before, "Before", one.old, one.old_critique),
                (after, "Now", one.new, one.new_critique),
            ):
                with place:
                    st.markdown(f"{when} **{words.SIGNS[state.value]}**")
                    st.markdown(f"\u201c{escape(cut(critique, 600))}\u201d" if critique else "No critique.")
