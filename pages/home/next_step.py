"""The one thing to do next."""

import streamlit as st

from core.workflows.summarising import ENOUGH_LABELS, NextStep, Step
from pages.ui import filters
from pages.ui.notices import plural

PAGES = {
    Step.IMPORT: "import_logs",
    Step.REVIEW: "review",
    Step.SORT: "failures",
    Step.SEE_DIFFERENCES: "trust",
    Step.CHECK_AGAIN: "judge",
}
SETTINGS: dict[Step, dict[str, str]] = {Step.SORT: {"tab": "sort"}, Step.SEE_DIFFERENCES: {"view": "pairs"}}


def draw(step: NextStep) -> None:
    """Draw the button with its verb and amount, and one sentence why."""
    st.subheader("Do next", anchor=False)
    label, why = _words(step)
    if st.button(label, type="primary", key="do_next"):
        filters.go(PAGES[step.step], step.slice, **SETTINGS.get(step.step, {}))
    st.caption(why)


def _words(step: NextStep) -> tuple[str, str]:
    if step.step is Step.IMPORT:
        why = "Everything here is read and sorted." if step.labelled else "There is nothing to read yet."
        return "Import traces", why
    if step.step is Step.SORT:
        why = f"{step.n:,} of {plural(step.failed, 'failed trace')} have no failure category yet."
        return f"Sort {plural(step.n, 'failure')}", why
    if step.step is Step.SEE_DIFFERENCES:
        why = "Where the judge and the expert differ, either the judge or the label needs another look."
        return f"See where the judge differs: {step.n:,}", why
    if step.step is Step.CHECK_AGAIN:
        return "Check the judge again", "Something changed since it was last held against the expert: see below."
    if step.labelled < ENOUGH_LABELS:
        why = f"{plural(step.labelled, 'trace')} labelled so far; {ENOUGH_LABELS} show what usually goes wrong."
        return f"Review {plural(step.n, 'trace')}", why
    return f"Review {plural(step.n, 'trace')}", "More labels make the intervals narrower."
