"""Anchors: the same labelled traces judged again and again, to see whether the model behind a judge has changed."""

import pandas as pd
import streamlit as st

from core.errors import UsageError
from core.slice import Slice
from core.workflows.anchoring import ANCHORS, USUAL, Anchors, Round, choose_anchors, count_anchors, list_rounds
from pages.ui import filters, notices, words
from pages.ui.links import slice_link, trace_link
from pages.ui.notices import plural
from pages.ui.numbers import smallest_n
from pages.ui.rates import count, rate_text
from pages.ui.store import known_judges, the_store

ROW = 35
SHOWN = 12
MOST_NAMED = 20


def draw(ref: str | None) -> None:
    """Draw the anchors and what each run over them said; nothing where the page shows the expert."""
    if ref is None:
        return
    st.subheader("Anchors", anchor=False)
    held = count_anchors(the_store())
    if not held.traces:
        st.markdown(
            "None chosen yet. Anchors are labelled traces that a judge is asked about again and again: where its verdicts on "
            "them change, the model behind it may have changed."
        )
        _choose(f"Choose {USUAL} anchors")
        return
    _held(held, ref)
    rounds = list_rounds(the_store(), ref)
    if rounds:
        _rounds(rounds)
    else:
        st.caption("Not judged again yet. The first run gives the verdicts that later ones are held against.")


def _choose(label: str) -> None:
    person = filters.person()
    why = None if person else "Your name first: it will stand beside the choice."
    if st.button(label, key="choose_anchors", disabled=person is None, help=why) and person:
        try:
            choose_anchors(the_store(), by=person)
        except UsageError as problem:
            notices.app_error(problem)
            return
        st.rerun()


def _held(held: Anchors, ref: str) -> None:
    runs = any(judge.version.ref == ref and judge.version.source != "imported" for judge in known_judges())
    with st.container(horizontal=True, gap="medium", vertical_alignment="center", key="anchors"):
        slice_link(plural(held.traces, "anchor"), "traces", ANCHORS)
        if held.failed:
            slice_link(f"{count(held.failed)} failed by the expert", "traces", ANCHORS.with_verdict("fail"))
        if held.passed:
            slice_link(f"{count(held.passed)} passed", "traces", ANCHORS.with_verdict("pass"))
        if runs:
            slice_link("Judge them again", "judge", Slice(), judge=ref, tab="run", on="anchors")


def _rounds(rounds: list[Round]) -> None:
    min_n, shown = smallest_n(), rounds[-SHOWN:][::-1]
    st.dataframe(
        pd.DataFrame(
            {
                "Judged": [f"{words.day(one.at)}, run {one.run_id}" for one in shown],
                "Same as at first": [rate_text(one.same, min_n=min_n) for one in shown],
                "Caught failures": [rate_text(one.caught_failures, min_n=min_n) for one in shown],
                "Kept passes": [rate_text(one.kept_passes, min_n=min_n) for one in shown],
                "Left out": [one.left_out for one in shown],
            }
        ),
        hide_index=True,
        row_height=ROW,
        height="content",
        alt=f"{plural(len(shown), 'run')} over the anchors, the newest first",
    )
    st.caption(
        "Left out: anchors without a verdict of that run on the text they had at first. Some verdicts change by chance alone: "
        "Trust says how often this judge says both pass and fail of the same text."
    )
    if len(rounds) > SHOWN:
        st.caption(f"{plural(len(rounds) - SHOWN, 'earlier run')} not listed.")
    for one in shown:
        if one.changed or one.missed or one.flagged:
            _named(one)


def _named(one: Round) -> None:
    with st.expander(f"Run {one.run_id}: {plural(len(one.changed), 'anchor')} with another verdict than at first"):
        for what, ids in (
            ("Another verdict than at first", one.changed),
            ("Failed by the expert, passed here", one.missed),
            ("Passed by the expert, failed here", one.flagged),
        ):
            if ids:
                with st.container(horizontal=True, gap="small"):
                    st.markdown(f"**{what}** · {count(len(ids))}", width="content")
                    for trace_id in ids[:MOST_NAMED]:
                        trace_link(trace_id, trace_id, ANCHORS)
                    if len(ids) > MOST_NAMED:
                        st.markdown(f"and {count(len(ids) - MOST_NAMED)} more", width="content")
