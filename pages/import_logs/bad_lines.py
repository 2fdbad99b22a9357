"""What an import could not read: as a list, one line whole, and as files."""

import pandas as pd
import streamlit as st

from core.workflows.importing import list_bad_lines
from core.workflows.mending import write_bad_lines
from pages.ui.notices import escape, plural
from pages.ui.rates import count
from pages.ui.store import the_store

LIMIT = 1000
TYPES = {"csv": "text/csv", "jsonl": "application/x-ndjson"}


def draw(import_id: int) -> None:
    """Draw the lines with file, number and reason; the chosen one with its raw text."""
    kept = list_bad_lines(the_store(), import_id)
    if not kept:
        return
    shown = f"the first {count(LIMIT)}" if len(kept) >= LIMIT else count(len(kept))
    st.markdown(f"**Not read: {shown}.** Choose one to see its text.")
    table = pd.DataFrame(
        {
            "File": [line.file for line in kept],
            "Line": pd.array([line.line.line for line in kept], dtype="Int64"),
            "Reason": [line.line.reason for line in kept],
            "Raw text": [line.line.raw[:200] for line in kept],
        }
    )
    picked = st.dataframe(
        table,
        hide_index=True,
        key=f"bad.{import_id}",
        on_select="rerun",
        selection_mode="single-cell",
        height=min(400, 38 + 35 * len(kept)),
        alt=f"{plural(len(kept), 'line')} that could not be read",
        column_config={
            "File": st.column_config.TextColumn(width=180),
            "Line": st.column_config.NumberColumn(width=80, format="localized"),
            "Reason": st.column_config.TextColumn(width=340),
        },
    )
    cells = picked["selection"]["cells"]
    if cells and cells[0][0] < len(kept):
        line = kept[cells[0][0]]
        number = "" if line.line.line is None else f", line {line.line.line:,}"
        st.markdown(f"{escape(line.file)}{number}: {escape(line.line.reason)}")
        st.code(line.line.raw or "(empty)", language=None, wrap_lines=True)
    with st.container(horizontal=True):
        for format_name, mime in TYPES.items():
            st.download_button(
                f"Download as {format_name.upper()}",
                lambda name=format_name: write_bad_lines(the_store(), import_id, name),
                f"bad-lines-{import_id}.{format_name}",
                mime,
                key=f"bad.{import_id}.{format_name}",
                on_click="ignore",
            )
