"""What stands in place of the rates where there is no judge, it judged nothing, or judge and expert share no trace."""

import streamlit as st

from core.workflows.orienting import SESSION
from core.workflows.trusting import Trust
from pages.trust import choices
from pages.ui import filters, notices
from pages.ui.links import slice_link


def draw(trust: Trust) -> None:
    """N30 with its two ways out: judge what the expert labelled, or label what was judged; or that all of it is left out."""
    if trust.left_to_people or trust.left_out.example:
        st.info(
            "What both have a word on is left to people, or was shown to the judge as an example.",
            title="Judge and expert share no trace that counts here.",
        )
        return
    slice_, judge = filters.current_slice(), choices.summary_of(trust.judge)
    if judge is not None and not judge.judgments and judge.version.source != "imported":
        st.info(
            "Run it on dev: then its verdicts stand beside the expert's.", title="This version judged no trace yet."
        )
        slice_link("Run the judge on dev", "judge", slice_, judge=trust.judge, tab="run")
        return
    judged, labelled = choices.overlap(trust)
    notices.no_overlap(judged, labelled)
    with st.container(key="no_overlap", horizontal=True, gap="medium"):
        if labelled and judge is not None and judge.version.source != "imported":
            both = slice_.with_verdict("pass", "fail")
            words = f"Run the judge on the expert's {labelled:,}"
            slice_link(words, "judge", both, judge=trust.judge, tab="run", on="slice")
        if judged:
            words = f"Review {min(SESSION, judged):,} of the judged traces"
            slice_link(words, "review", slice_.with_judge_verdict(trust.judge, "pass", "fail"))


def draw_no_judge() -> None:
    """Where a first judge comes from."""
    st.title("Trust", anchor=False)
    st.info(
        "Write a judge and run it, or import a log that brings the verdicts of one: then they are held against the expert's.",
        title="No judge yet.",
    )
    with st.container(horizontal=True, gap="medium"):
        slice_link("Write a judge", "judge", filters.current_slice())
        slice_link("Import traces", "import_logs", filters.current_slice())
