"""Whether the judge can be trusted, in a sentence."""

import streamlit as st

from core.workflows.splitting import ENOUGH_TO_RUN
from core.workflows.summarising import JudgeInBrief, Summary
from pages.ui import filters, words
from pages.ui.links import slice_link
from pages.ui.notices import escape, plural, quoted
from pages.ui.rates import count, running_text


def draw_none() -> None:
    """In place of the sentence, where the address names a judge version that is not here."""
    st.subheader("Can we trust the judge?", anchor=False)
    st.markdown("The judge that this link names is not here.")
    slice_link("All judges", "judge", filters.current_slice(), judge=None)


def draw(summary: Summary) -> None:
    """What the newest checked judge version caught and kept, with what it was checked on."""
    st.subheader("Can we trust the judge?", anchor=False)
    judge = summary.judge
    if judge is None:
        failures = plural(summary.labelled.k, "failure")
        st.markdown(
            f"No judge yet. {failures} and {summary.passed:,} passes are labelled; {ENOUGH_TO_RUN} of each are enough to start."
        )
        return
    st.markdown(_sentence(judge, summary))
    ref = judge.summary.version.ref
    with st.container(horizontal=True, gap="medium"):
        if judge.trust is not None:
            group = judge.trust.whole
            missed, alarms = group.counts.judge_too_lenient, group.counts.judge_too_strict
            if missed:
                slice_link(f"{count(missed)} missed", "traces", group.cell_slice(expert="fail", judge="pass"))
            if alarms:
                slice_link(plural(alarms, "false alarm"), "traces", group.cell_slice(expert="pass", judge="fail"))
        slice_link("Trust", "trust", filters.current_slice(), judge=ref, icon=":material/arrow_forward:")
        if judge.judges > 1:
            slice_link(f"All {judge.judges} judges", "judge", filters.current_slice())


def _sentence(judge: JudgeInBrief, summary: Summary) -> str:
    version = judge.summary.version
    name = f"Judge {quoted(version.judge, 40)}, version {quoted(version.version, 40)}{escape(judge.looks_for)}"
    if judge.trust is None:
        names = ", ".join(quoted(name, 40) for name in summary.labelers.names[:4])
        n = len(summary.labelers.names)
        return f"{n} people labelled ({names}), and nobody is the principal expert: choose on Trust."
    group = judge.trust.whole
    if judge.trust.sealed:
        return f"{name}: the test split is sealed until somebody opens it on Trust."
    if group.counts.n == 0:
        return f"{name} shares no blindly labelled trace with the expert here."
    caught = running_text(group.caught_failures, "failures") if group.caught_failures.n else "— (no failures to catch)"
    kept = running_text(group.kept_passes, "passes") if group.kept_passes.n else "— (no passes to keep)"
    model = f" with {quoted(version.model, 60)}" if version.model else ""
    when = judge.trust.judged.words(words.day)
    judged = f" Judged {when}{model}." if when else ""
    on = "" if judge.trust.split == "all" else f" on the {judge.trust.split} split"
    return f"{name} catches {caught} and keeps {kept}{on}.{judged}"
