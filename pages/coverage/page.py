"""Which combinations of two dimensions have traces and labels: the empty and the thin cells stand out."""

import streamlit as st

from core.workflows.pivoting import axes
from pages.coverage import table
from pages.ui import filters
from pages.ui.links import slice_link
from pages.ui.numbers import numbers_popover, smallest_n
from pages.ui.store import the_store


def draw() -> None:
    """Title, the two dimensions, the table with the chosen cell."""
    slice_ = filters.current_slice()
    known = {axis.name: axis.words for axis in axes(the_store()) if axis.is_dimension and axis.values > 1}
    if len(known) < 2:
        st.title("Coverage", anchor=False)
        st.info(
            "Coverage counts the combinations of two dimensions, such as feature and persona. "
            "Name some when importing.",
            title="These traces have fewer than two dimensions.",
        )
        slice_link("Import traces", "import_logs", slice_)
        return
    names = list(known)
    with st.container(horizontal=True, vertical_alignment="bottom", key="controls_coverage"):
        st.title("Coverage", anchor=False, width="content")
        rows = filters.choose("Rows", "rows", names, names[0], format_func=known.__getitem__, width=200)
        others = [name for name in names if name != rows]
        cols = filters.choose("Columns", "cols", others, others[0], format_func=known.__getitem__, width=200)
        numbers_popover()
    table.draw(slice_, rows, cols, smallest_n())


draw()
