"""What was said of the traces behind a number, the newest first, each a link to its trace."""

import streamlit as st

from core.slice import Slice
from core.workflows.pivoting import EXPERT, Evidence, newest_evidence
from core.workflows.seeing import tells_verdicts
from pages.ui.links import trace_link
from pages.ui.notices import cut, escape
from pages.ui.opened import note_shown
from pages.ui.store import the_store
from pages.ui.waiting import hidden_from_me, number_hidden
from pages.ui.words import SIGNS

ID_SIZE = 14
TEXT_SIZE = 260


def draw_evidence(slice_: Slice, *, of: str = EXPERT, limit: int = 10, key: str = "evidence") -> None:
    """Draw what the expert, or the judge version `of`, said of the newest traces of a slice."""
    found = newest_evidence(the_store(), slice_, of=of, limit=limit)
    shown = [said for said in found if not hidden_from_me(said.trace_id)]
    waiting = len(found) - len(shown)
    if of != EXPERT or tells_verdicts(slice_):
        noted = note_shown([said.trace_id for said in shown])
        shown = [said for said in shown if said.trace_id in noted]
    with st.container(key=key, gap="xsmall"):
        for said in shown:
            _row(said, slice_)
        if waiting:
            st.caption(number_hidden(waiting))


def _row(said: Evidence, slice_: Slice) -> None:
    name, text = st.columns([1, 8], gap="small", vertical_alignment="top")
    with name:
        trace_link(cut(said.trace_id, ID_SIZE), said.trace_id, slice_, help=f"Open trace {escape(said.trace_id)}")
    with text:
        sign = "◌" if said.verdict is None else SIGNS[said.verdict.value]
        colour = {"pass": "green", "fail": "red"}.get(said.verdict.value if said.verdict else "", "gray")
        quoted = f"\u201c{escape(cut(said.text, TEXT_SIZE))}\u201d" if said.text else "no critique"
        st.markdown(f":{colour}[{sign}] {quoted}")
