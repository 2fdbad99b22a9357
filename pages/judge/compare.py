"""Two judge versions against the expert on the same traces, and what flipped."""

import streamlit as st

from core.workflows.comparing import compare_versions
from core.workflows.trusting import list_labelers, scope_refusal
from pages.ui import filters, notices
from pages.ui.links import slice_link
from pages.ui.store import the_store
from pages.ui.two_versions import draw_two_versions


def draw(*, former: str, latter: str) -> None:
    """Both rates of each version, then the flips; all on the traces that both gave a verdict for."""
    slice_ = filters.current_slice()
    st.subheader("On the same traces", anchor=False)
    if slice_.judge_verdict or slice_.disagree:
        st.info("The filter asks what one judge says; two versions cannot be compared in it.")
        return
    labelers = list_labelers(the_store())
    if slice_.labeler is None and labelers.default is None and len(labelers.names) > 1:
        st.info("Several people labelled. Say on Trust whose labels count.")
        slice_link("Trust", "trust", slice_, judge=latter)
        return
    if refused := scope_refusal(the_store(), slice_, former, latter):
        notices.not_comparable(refused)
        return
    draw_two_versions(compare_versions(the_store(), slice_, former=former, latter=latter))
