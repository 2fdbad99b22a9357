"""Two versions on exactly the same traces: both rates, what flipped, and whether that can be chance."""

from dataclasses import replace
from typing import Final

import streamlit as st

from core.differences import Range
from core.metrics import Rate
from core.workflows.comparing import Comparison, compare_versions
from core.workflows.sealing import ALL
from core.workflows.trusting import Trust
from pages.trust import choices
from pages.ui import filters
from pages.ui.links import slice_link
from pages.ui.notices import plural, quoted
from pages.ui.numbers import smallest_n
from pages.ui.rates import count, rate_text
from pages.ui.store import the_store
from pages.ui.words import judge_words

NONE: Final = "none"
CLEAR: Final = 0.05


def draw(trust: Trust) -> None:
    """Choose the other version, then draw both rates, the flips and McNemar's test."""
    slice_ = filters.current_slice()
    if slice_.judge_verdict or slice_.disagree:
        return
    others = choices.comparable(slice_, trust.judge)
    if not others:
        return
    st.subheader("Against another version on the same traces", anchor=False)
    words = {NONE: "choose one"} | {ref: judge_words(ref) for ref in others}
    other = filters.choose(
        "Compare with",
        "with",
        list(words),
        NONE,
        format_func=words.__getitem__,
        label_visibility="collapsed",
        width=260,
    )
    if other == NONE:
        return
    inside = slice_ if trust.split == ALL else replace(slice_, split=(trust.split,))
    found = compare_versions(the_store(), inside, former=other, latter=trust.judge)
    if found.n == 0:
        st.info("No trace here has a blind label of the expert and a verdict of both that may be shown.")
        return
    slice_link(f"{plural(found.n, 'trace')} labelled blind, with a verdict of both", "traces", found.slice)
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
            said = f"{judge_words(ref)}: {rate_text(rate, min_n=smallest_n())}"
            if rate.k:
                slice_link(said, "traces", found.rate_slice(verdict, ref, verdict))
            else:
                st.markdown(quoted(said, 160), width="content")
        if gap.value is not None and gap.low is not None and gap.high is not None and latter.n >= smallest_n():
            points = f"{abs(gap.value) * 100:.0f} points ({gap.low * 100:+.0f} to {gap.high * 100:+.0f})"
            better = "better by" if gap.value > 0 else "worse by"
            st.markdown(f"{better} {points}" if gap.is_clear else f"no clear difference ({points})", width="content")


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
