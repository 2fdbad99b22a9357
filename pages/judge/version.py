"""One judge version, and what it said of the traces of the slice."""

from typing import Final

import streamlit as st

from core.workflows.staling import unchecked
from core.workflows.trusting import JudgeSummary
from pages.ui import filters, words
from pages.ui.links import slice_link
from pages.ui.notices import plural, quoted
from pages.ui.rates import count, rate_text
from pages.ui.store import described, the_store

SAID: Final = (("pass", "passed"), ("fail", "failed"), ("failure", "judge failures"), ("none", "not judged"))


def draw(judge: JudgeSummary) -> None:
    """The counts of its judgments here, each a link, then prompt and settings."""
    slice_, version = filters.current_slice(), judge.version
    if slice_.judge_verdict and slice_.judge != version.ref:
        st.info("The filter asks what another judge says; the counts of this one cannot be shown in it.")
    else:
        with st.container(key="judge_counts", horizontal=True, gap="medium", vertical_alignment="center"):
            st.markdown("In this slice:", width="content")
            for verdict, said in SAID:
                inside = slice_.with_judge_verdict(version.ref, verdict)
                if n := described(inside).n:
                    slice_link(f"{count(n)} {said}", "traces", inside)
            slice_link("Can it be trusted?", "trust", slice_, judge=version.ref, icon=":material/arrow_forward:")
    facts = [
        f"Model {quoted(version.model, 80)}" if version.model else "",
        *(f"{quoted(str(name), 40)} {quoted(str(value), 80)}" for name, value in version.settings.items()),
        f"judged until {words.day(judge.last)}" if judge.last else "",
        {"imported": "imported", "run": "run here", "code": "a check in code"}.get(version.source, ""),
    ]
    st.caption(" · ".join(fact for fact in facts if fact))
    if version.source == "code":
        return
    with st.expander("Prompt, as imported" if version.source == "imported" else "Prompt", expanded=False):
        if version.prompt:
            st.code(version.prompt, language=None, wrap_lines=True)
        else:
            st.caption("The log did not bring the prompt of this version.")
        if version.examples:
            st.caption(f"{plural(len(version.examples), 'trace')} served as examples.")


def draw_all(judges: list[JudgeSummary]) -> None:
    """Every version there is, with its counts over all traces."""
    st.subheader("All versions", anchor=False)
    st.caption("Judgments over all traces. Judge failures have no verdict and are in no rate.")
    never = unchecked(the_store())
    for judge in sorted(judges, key=lambda judge: (judge.version.judge, -judge.version_id)):
        version = judge.version
        with st.container(horizontal=True, gap="small", key=f"version_{judge.version_id}", vertical_alignment="center"):
            name = f"{version.judge}, version {version.version}"
            slice_link(name, "judge", filters.current_slice(), judge=version.ref)
            failures = f", {plural(judge.failures, 'judge failure')}" if judge.failures else ""
            st.markdown(
                f"{plural(judge.judgments, 'judgment')}: passed {rate_text(judge.pass_rate)}{failures}", width="content"
            )
            if version.ref in never:
                st.badge("not checked yet", color="orange", help="No verdict of it meets a blind label of the expert.")
