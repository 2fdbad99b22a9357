"""The share of passing traces that nobody labelled: what the judge says, and corrected for how it errs."""

from typing import Final

import streamlit as st

from core.correcting import SEED
from core.slice import Slice
from core.workflows.estimating import Estimate, estimate
from pages.ui import filters
from pages.ui.left_out import draw_left_out
from pages.ui.links import slice_link
from pages.ui.notices import escape
from pages.ui.rates import count, interval, of, percent, rate_text, sample_words
from pages.ui.store import the_store

HOW: Final = """The judge passes some traces that are bad and fails some that are good. How often it does either is known
from the expert's blind labels, so its share of passes can be put right:

corrected = (share the judge passed + caught failures − 1) ÷ (kept passes + caught failures − 1), kept between 0 and 1."""


def draw(ref: str) -> None:
    """Draw the line with its explanation; where there is no figure, the reason."""
    slice_ = filters.current_slice()
    found = _estimated(the_store().version, slice_, ref)
    with st.container(key="share", gap="xsmall"):
        if found.refusal:
            _refused(found)
            return
        shown = found.corrected
        low_high = f"{percent(shown.rate)} ({interval(shown.failed._replace(low=shown.low, high=shown.high))})"
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.markdown(f"**Share of {escape(found.subject)}:** judge says", width="content")
            slice_link(f"{of(shown.raw.k, shown.raw.n)} · {percent(shown.raw.rate)}", "traces", found.passed_slice)
            st.markdown(f"corrected **{low_high}**", width="content")
            with st.popover("How", type="tertiary"):
                _how(found)
        if found.sample:
            st.caption(sample_words(found.sample))
        if found.any_split:
            st.caption("It is of all traffic: the choice of a split does not narrow it.")
        if found.overall:
            st.caption("This rests on the judge's errors over all traces, not on those of this slice alone.")
        draw_left_out(found.left_out, key="left_out_of_share")


def _refused(found: Estimate) -> None:
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(f"**Share of {escape(found.subject)}:** no corrected figure.", width="content")
        raw = found.corrected.raw
        if raw.n:
            slice_link(f"Judge says {rate_text(raw)}", "traces", found.passed_slice)
    st.caption(found.refusal or "")
    draw_left_out(found.left_out, key="left_out_of_share")


def _how(found: Estimate) -> None:
    shown, whole = found.corrected, None if found.trust is None else found.trust.whole
    st.markdown(HOW)
    if whole is not None:
        where = "the test split" if found.split == "test" else "all blind labels, since no split was assigned"
        st.markdown(
            f"Here: kept passes {rate_text(whole.kept_passes)}, caught failures {rate_text(whole.caught_failures)}, "
            f"on {where}, real traces alone."
        )
    dropped = f" {count(shown.dropped)} of them could not be corrected and were left out." if shown.dropped else ""
    st.markdown(
        f"The interval holds 95 % of {count(shown.draws)} draws (seed {SEED}). In each draw all three shares vary as far as "
        f"their counts allow: both rates of the labelled traces, and what the judge passed of the {count(shown.raw.n)} "
        f"judged ones.{dropped} Rogan and Gladen 1978; draws by Jeffreys' prior."
    )


@st.cache_resource(show_spinner=False, max_entries=30)
def _estimated(version: int, slice_: Slice, ref: str) -> Estimate:  # noqa: ARG001 - the key of the cache
    return estimate(the_store(), slice_, judge=ref)
