"""What a watched folder brought: each file that was taken, and why one was not."""

import pandas as pd
import streamlit as st

from core.workflows.watching import Taken, list_taken
from pages.ui import words
from pages.ui.notices import cut, plural
from pages.ui.store import the_store


def draw() -> None:
    """Draw the list, the newest first; nothing where no folder was ever watched."""
    taken = list_taken(the_store())
    if not taken:
        return
    st.subheader("Watched folder")
    table = pd.DataFrame(
        {
            "When": [words.day_and_time(one.at) for one in taken],
            "File": [one.file for one in taken],
            "What came of it": [_outcome(one) for one in taken],
            "Import": pd.array([one.import_id for one in taken], dtype="Int64"),
        }
    )
    st.dataframe(table, hide_index=True, key="watched", alt=f"{plural(len(taken), 'file')} of a watched folder")


def _outcome(one: Taken) -> str:
    if one.problem:
        return f"not taken: {cut(one.problem, 200)}"
    return f"{one.added:,} new, {one.updated:,} updated, {one.bad:,} bad"
