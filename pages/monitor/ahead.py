"""Traces that are dated in the future: how many, with a door to them, and what they are left out of."""

import streamlit as st

from core.workflows.trending import Ahead
from pages.ui.links import slice_link
from pages.ui.notices import plural


def draw(ahead: Ahead | None, left_out: str) -> None:
    """Draw the door and what the traces are left out of; nothing where there are none."""
    if ahead is None:
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        slice_link(f"{plural(ahead.traces, 'trace')} dated in the future", "traces", ahead.slice)
        st.caption(left_out, width="content")
