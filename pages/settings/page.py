"""Settings: the team with its overlap batches, the rubric with its versions, the dimensions, what stands beside a trace,
what is stored."""

import streamlit as st

from pages.settings import dimensions, outcome, rubric, stored, team
from pages.ui import filters

TABS = {"team": "Team", "rubric": "Rubric", "dimensions": "Dimensions", "outcome": "Outcome", "data": "Data"}

st.title("Settings")
tab = filters.choose(
    "Part of the settings", "tab", list(TABS), "team", format_func=TABS.__getitem__, kind="segments",
    label_visibility="collapsed",
)  # fmt: skip
{
    "team": team.draw, "rubric": rubric.draw, "dimensions": dimensions.draw, "outcome": outcome.draw, "data": stored.draw,
}[tab]()  # fmt: skip
