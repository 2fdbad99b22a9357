"""Two judge versions against the expert on the same traces, and what flipped."""

import streamlit as st

from core.metrics import Rate
from core.workflows.comparing import Comparison, compare_versions
from core.workflows.trusting import list_labelers, scope_refusal
from pages.ui import filters, notices
from pages.ui.links import slice_link
from pages.ui.notices import plural, quoted
from pages.ui.numbers import smallest_n
from pages.ui.rates import NONE, count, rate_text
from pages.ui.store import the_store


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
    found = compare_versions(the_store(), slice_, former=former, latter=latter)
    if found.n == 0:
        st.info("No trace here has a blind label of the expert and a verdict of both versions.")
        return
    slice_link(f"{plural(found.n, 'trace')} labelled blind, with a verdict of both", "traces", found.slice)
    _rates(found)
    _flips(found)


def _rates(found: Comparison) -> None:
    for side, ref, caught, kept in zip(
        st.columns(2, gap="large"), (found.former, found.latter), found.caught, found.kept, strict=True
    ):
        with side, st.container(border=True, key=f"side_{ref}"):
            st.markdown(f"**{_name(ref)}**")
            _rate(found, "Caught failures", caught, "fail", ref)
            _rate(found, "Kept passes", kept, "pass", ref)


def _rate(found: Comparison, words: str, rate: Rate, verdict: str, ref: str) -> None:
    """A rate of traces on which both the expert and this version said `verdict`."""
    said = rate_text(rate, min_n=smallest_n())
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(words, width=130)
        if rate.k:
            slice_link(said, "traces", found.rate_slice(verdict, ref, verdict))
        else:
            st.markdown(said if rate.n else NONE, width="content")


def _flips(found: Comparison) -> None:
    said = f"**Flipped: {count(found.now_right)} now right · {count(found.now_wrong)} now wrong**"
    with st.container(key="flips", horizontal=True, gap="medium", vertical_alignment="center"):
        st.markdown(said, width="content")
        for words, n, slice_ in found.flips:
            if n:
                slice_link(f"{count(n)} {words}", "traces", slice_)


def _name(ref: str) -> str:
    name, _, version = ref.rpartition("@")
    return f"{quoted(name, 40)}, version {quoted(version, 40)}"
