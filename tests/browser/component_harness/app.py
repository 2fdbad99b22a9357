"""A tiny app around the components, for the browser tests and for looking at them.

Run with the repository on PYTHONPATH: ?page=read&trace=ordinary&q=WORDS, ?page=review&queue=NAME. What is recorded of a
queue stands as JSON in NAME.json in the folder of the start.
"""

import payloads
import reviewing
import streamlit as st

from pages.ui import trace_view as view

st.set_page_config(layout="wide", page_title="harness")
page = st.query_params.get("page", "read")

if page == "read":
    with st.container(horizontal=True, horizontal_alignment="right"):
        view.copy_link(key="copy", as_of=41)
    make = {
        "ordinary": payloads.ordinary,
        "hostile": payloads.hostile,
        "long": payloads.long,
        "plain": payloads.without_messages,
        "rtl": payloads.rtl,
    }[st.query_params.get("trace", "ordinary")]
    view.trace_view(make(), key="reading", search=st.query_params.get("q", ""))
    st.caption(f"d.feature={st.query_params.get('d.feature', '')}")
else:
    reviewing.draw()
