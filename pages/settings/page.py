"""Settings: the team with its overlap batches, and the rubric with its versions."""

import streamlit as st

from pages.settings import rubric, team
from pages.ui import filters

TABS = {"team": "Team", "rubric": "Rubric"}

st.title("Settings")
tab = filters.choose(
    "Part of the settings", "tab", list(TABS), "team", format_func=TABS.__getitem__, kind="segments",
    label_visibility="collapsed",
)  # fmt: skip
{"team": team.draw, "rubric": rubric.draw}[tab]()
