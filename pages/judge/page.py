"""Judges and their versions."""

import streamlit as st

st.title("judge")
