"""That a judge is running, on every page, with a door to it."""

import streamlit as st

from core.slice import Slice
from core.workflows.judging import look_at_run, running_now
from pages.ui.links import slice_link
from pages.ui.rates import count
from pages.ui.store import the_store


def draw() -> None:
    """One line for each run under way; nothing where there is none."""
    if running_now(the_store()):
        _follow()


@st.fragment(run_every="2s")
def _follow() -> None:
    with st.container(key="judge_running", horizontal=True, gap="medium"):
        for run_id in running_now(the_store()):
            run = look_at_run(the_store(), run_id)
            words = f"Judge running {count(run.row.done)} of {count(run.row.total)}"
            slice_link(words, "judge", Slice(), judge=run.row.ref, tab="run")
