"""The line under a table that says what was left out of it, and why; each number is a link."""

from collections.abc import Sequence

import streamlit as st

from core.slice import Slice
from pages.ui.links import slice_link
from pages.ui.rates import count


def draw_left_out(rows: Sequence[tuple[str, int, Slice]]) -> None:
    """Draw «Left out: 12 unlabelled · 3 deferred», or nothing where nothing was left out."""
    if not rows:
        return
    with st.container(key="muted_left_out", width="content", horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown("Left out:", width="content")
        for words, n, slice_ in rows:
            slice_link(f"{count(n)} {words}", "traces", slice_)
