"""That a judge was used on many traces before it was checked, by whom, and why."""

from typing import Final

import streamlit as st

from core.workflows.judging import list_overrides
from pages.ui import filters, words
from pages.ui.links import slice_link
from pages.ui.notices import escape, plural, quoted
from pages.ui.store import the_store

SHOWN: Final = 3


def draw(ref: str) -> None:
    """Draw the newest of these runs, each with its reason; nothing where there is none."""
    found = list_overrides(the_store(), ref)
    for run in found[:SHOWN]:
        st.caption(
            f"Run on {plural(run.total, 'trace')} on {words.day(run.made_at)} before it was checked on dev or test, says "
            f"{quoted(run.made_by, 40)}: {escape(run.reason or '')}"
        )
    if found:
        rest = f"{plural(len(found) - SHOWN, 'more such run')}: " if len(found) > SHOWN else ""
        slice_link(f"{rest}its runs", "judge", filters.current_slice(), judge=ref, tab="run")
