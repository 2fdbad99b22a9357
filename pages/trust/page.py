"""How far to trust a judge."""

import streamlit as st

st.title("trust")
