"""What is shown in place of the rates where judge and expert share no trace: why, and two ways out."""

import streamlit as st

from core.workflows.orienting import SESSION
from core.workflows.trusting import Trust
from pages.trust import choices
from pages.ui import filters, notices
from pages.ui.links import slice_link


def draw(trust: Trust) -> None:
    """N30 with its two ways out: judge what the expert labelled, or label what was judged."""
    judged, labelled = choices.overlap(trust)
    notices.no_overlap(judged, labelled)
    slice_, judge = filters.current_slice(), choices.summary_of(trust.judge)
    with st.container(key="no_overlap", horizontal=True, gap="medium"):
        if labelled and judge is not None and judge.version.source != "imported":
            both = slice_.with_verdict("pass", "fail")
            words = f"Run the judge on the expert's {labelled:,}"
            slice_link(words, "judge", both, judge=trust.judge, tab="run", on="slice")
        if judged:
            words = f"Review {min(SESSION, judged):,} of the judged traces"
            slice_link(words, "review", slice_.with_judge_verdict(trust.judge, "pass", "fail"))
