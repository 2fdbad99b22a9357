"""How two versions of a judge did on exactly the same traces: both rates, what flipped, and whether that can be chance."""

from typing import Final

import streamlit as st

from core.differences import Range
from core.metrics import Rate
from core.workflows.comparing import Comparison
from core.workflows.sealing import asked_split
from pages.ui.flipped import draw_flipped
from pages.ui.links import slice_link
from pages.ui.notices import plural, quoted
from pages.ui.numbers import smallest_n
from pages.ui.rates import count, points, rate_text
from pages.ui.words import judge_words

CLEAR: Final = 0.05


def draw_two_versions(found: Comparison) -> None:
    """Draw both rates with their difference, the flips and McNemar's test; where nothing can be compared, that."""
    if found.n == 0:
        st.info("No trace here has a blind label of the expert and a verdict of both that may be shown.")
        return
    split = asked_split(found.slice)
    on = f", {split} split" if split in ("train", "dev", "test") else ""
    slice_link(f"{plural(found.n, 'trace')} labelled blind, with a verdict of both{on}", "traces", found.slice)
    for name, rates, gap, verdict in (
        ("Caught failures", found.caught, found.gaps[0], "fail"),
        ("Kept passes", found.kept, found.gaps[1], "pass"),
    ):
        _rates(found, name, rates, gap, verdict)
    _flips(found)


def _rates(found: Comparison, name: str, rates: tuple[Rate, Rate], gap: Range, verdict: str) -> None:
    former, latter = rates
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        st.markdown(f"**{name}**", width=130)
        for ref, rate in ((found.former, former), (found.latter, latter)):
            with st.container(horizontal=True, gap="xsmall", width="content", vertical_alignment="center"):
                st.markdown(quoted(judge_words(ref), 80), width="content")
                said = rate_text(rate, min_n=smallest_n())
                if rate.k:
                    slice_link(said, "traces", found.rate_slice(verdict, ref, verdict))
                else:
                    st.markdown(said, width="content")
        if gap.value is not None and gap.low is not None and gap.high is not None and latter.n >= smallest_n():
            said = f"{abs(gap.value) * 100:.0f} points ({points(gap.low)} to {points(gap.high)})"
            better = "better by" if gap.value > 0 else "worse by"
            st.markdown(f"{better} {said}" if gap.is_clear else f"no clear difference ({said})", width="content")


def _flips(found: Comparison) -> None:
    said = f"**Flipped: {count(found.now_right)} now right · {count(found.now_wrong)} now wrong**"
    with st.container(key="flips", horizontal=True, gap="medium", vertical_alignment="center"):
        st.markdown(said, width="content")
        for words, n, slice_ in found.flips:
            if n:
                slice_link(f"{count(n)} {words}", "traces", slice_)
    if found.now_right + found.now_wrong:
        verdict = "hardly chance" if found.chance < CLEAR else "this can be chance"
        shown = "under 0.001" if found.chance < 0.001 else f"{found.chance:.3f}"
        st.caption(f"If both were right equally often, flips this uneven would come up with p = {shown}: {verdict}. "
                   "Exact McNemar test on the traces where just one of them is right.")  # fmt: skip
    draw_flipped(found)
