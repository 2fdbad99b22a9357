"""Keep a failed trace as a case for the next version, with what a good answer does."""

import streamlit as st

from core.workflows.fixing import add_to_regression_set, in_regression_set, take_from_regression_set
from pages.ui import filters
from pages.ui.notices import cut, escape
from pages.ui.store import the_store


def draw_regression(trace_id: str) -> None:
    """Draw the way into the regression set, or what is kept of this trace and the way out."""
    kept, person = in_regression_set(the_store(), trace_id), filters.person()
    if kept is not None:
        with st.container(
            horizontal=True, vertical_alignment="center", gap="small", key=f"muted_regression.{trace_id}"
        ):
            st.markdown(f"In the regression set: {escape(cut(kept.expectation, 160))}", width="content")
            out = st.button("Take out", key=f"regression_out.{trace_id}", type="tertiary", disabled=person is None)
        if out and person:
            take_from_regression_set(the_store(), trace_id, by=person)
            st.rerun()
        return
    with st.popover("Add to regression set", type="tertiary", key=f"regression.{trace_id}"):
        said = st.text_area(
            "What a good answer does", key=f"expectation.{trace_id}", max_chars=2000, height=90,
            placeholder="Looks for another spelling before it says that nobody was found.",
        )  # fmt: skip
        if person is None:
            st.caption("Your name first: it will stand beside it.")
        if (
            st.button(
                "Add", key=f"regression_add.{trace_id}", type="primary", disabled=person is None or not said.strip()
            )
            and person
        ):
            add_to_regression_set(the_store(), trace_id, expectation=said, by=person)
            st.rerun()
