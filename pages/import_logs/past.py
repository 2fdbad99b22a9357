"""Past imports, the newest first, each with its traces and its bad lines."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from core.slice import Slice
from core.workflows.importing import Import, list_imports
from pages.import_logs import bad_lines
from pages.ui import words
from pages.ui.links import slice_link
from pages.ui.notices import cut, escape, plural
from pages.ui.store import the_store


def draw() -> None:
    """Draw the list and what belongs to the chosen import; nothing before the first one."""
    imports = list_imports(the_store())
    if not imports:
        return
    st.subheader("Past imports")
    chosen = _table(imports)
    if chosen is None:
        st.caption("Choose one to open its traces and to see what was not read.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**Import {chosen.id}**: {escape(cut(_files(chosen), 120))}", width="content")
        if chosen.added or chosen.updated:
            slice_link("Open its traces", "traces", Slice(import_id=chosen.id))
    bad_lines.draw(chosen.id)


def _files(one: Import) -> str:
    return ", ".join(one.files)


def _table(imports: Sequence[Import]) -> Import | None:
    numbers = ("Read", "New", "Unchanged", "Updated", "Bad", "Labels", "Judge verdicts")
    table = pd.DataFrame(
        {
            "When": [words.day_and_time(one.at) for one in imports],
            "Files": [_files(one) for one in imports],
            "Read": [one.read for one in imports],
            "New": [one.added for one in imports],
            "Unchanged": [one.unchanged for one in imports],
            "Updated": [one.updated for one in imports],
            "Bad": [one.bad for one in imports],
            "Labels": [one.labels_added for one in imports],
            "Judge verdicts": [one.judgments_added for one in imports],
        }
    )
    number = st.column_config.NumberColumn
    picked = st.dataframe(
        table,
        hide_index=True,
        key="past",
        on_select="rerun",
        selection_mode="single-cell",
        alt=f"{plural(len(imports), 'import')}, the newest first",
        column_config={name: number(format="localized", width="small") for name in numbers},
    )
    cells = picked["selection"]["cells"]
    return imports[cells[0][0]] if cells and cells[0][0] < len(imports) else None
