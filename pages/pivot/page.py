"""Count failures by two dimensions."""

import streamlit as st

st.title("pivot")
