"""Before enough traces were read: no categories and no suggestions, only how far one has come and the way on."""

import streamlit as st

from core.slice import Slice
from core.workflows.taxonomy import Gate
from pages.ui.links import slice_link
from pages.ui.rates import count


def draw(read: Gate, slice_: Slice) -> None:
    """Draw the notice with its two ways on."""
    st.info(
        "Groups made too early hide what you have not seen. Categories and suggestions are offered then.",
        title=f"Read {count(read.needed)} traces first: {count(read.opened)} so far.",
    )
    with st.container(horizontal=True, gap="medium", key="primary_read"):
        slice_link("Review 25 traces", "review", slice_)
    slice_link("Read the notes written so far", "failures", slice_, tab="notes")
