"""The one thing to do next."""

import streamlit as st

from core.workflows.orienting import ENOUGH_LABELS, GOOD_ENOUGH, NextStep, Standing, Step, Way
from core.workflows.splitting import ENOUGH_TO_RUN
from pages.ui import filters
from pages.ui.notices import plural
from pages.ui.rates import running_text

PAGES = {
    Step.IMPORT: "import_logs",
    Step.REVIEW: "review",
    Step.SORT: "failures",
    Step.DECIDE: "failures",
    Step.WRITE: "judge",
    Step.SAY_WHOSE: "trust",
    Step.CHECK: "judge",
    Step.CHECK_AGAIN: "trust",
    Step.SEE_DIFFERENCES: "trust",
    Step.IMPROVE: "judge",
    Step.TEST: "trust",
}
SETTINGS: dict[Step, dict[str, str]] = {
    Step.SORT: {"tab": "sort"},
    Step.DECIDE: {"tab": "counts"},
    Step.WRITE: {"tab": "prompt"},
    Step.CHECK: {"tab": "run"},
    Step.SEE_DIFFERENCES: {"view": "pairs"},
    Step.IMPROVE: {"tab": "prompt"},
}
"""Where on that page it is done."""
PERCENT = f"{GOOD_ENOUGH * 100:.0f} %"


def draw(way: Way) -> None:
    """Draw the button with its verb and amount, and one sentence why."""
    st.subheader("Do next", anchor=False)
    step = way.next
    label, why = _words(step, way.standing)
    if st.button(label, type="primary", key="do_next"):
        about = {} if step.judge is None else {"judge": step.judge}
        about |= {} if step.category_id is None else {"cell": str(step.category_id)}
        filters.go(PAGES[step.step], step.slice, **SETTINGS.get(step.step, {}), **about)
    st.caption(why)


def _words(step: NextStep, at: Standing) -> tuple[str, str]:
    n, failed = step.n, at.failures.failed
    if step.step is Step.IMPORT:
        if at.labelled:
            return "Import traces", "Everything here is read and sorted."
        waits = "Nothing here waits for a first verdict: what was deferred can be judged on Review."
        return "Import traces", waits if at.traces else "There is nothing to read yet."
    if step.step is Step.REVIEW:
        return f"Review {plural(n, 'trace')}", _why_review(at)
    if step.step is Step.SORT:
        why = f"{n:,} of {plural(failed, 'failed trace')} have no failure category yet."
        return f"Sort {plural(n, 'failure')}", why
    if step.step is Step.DECIDE:
        noun = "failure category" if n == 1 else "failure categories"
        return (
            f"Decide on {n:,} {noun}",
            "What can simply be fixed is fixed before a judge is written; it then judges what is left.",
        )
    return _about_the_judge(step, at)


def _about_the_judge(step: NextStep, at: Standing) -> tuple[str, str]:
    if step.step is Step.WRITE:
        return "Write a judge", f"{_classes(at)} are labelled; {ENOUGH_TO_RUN} of each are enough to check one."
    if step.step is Step.SAY_WHOSE:
        return "Say whose labels count", "Several people labelled, and a judge is held against one of them."
    if step.step is Step.CHECK:
        return "Check the judge", f"Nobody has held it against the expert's {_classes(at)} yet."
    if step.step is Step.CHECK_AGAIN:
        return "Check the judge again", "Something changed since it was last held against the expert: see below."
    if step.step is Step.SEE_DIFFERENCES:
        why = "Where the judge and the expert differ, either the judge or the label needs another look."
        return f"See where the judge differs: {step.n:,}", why
    if step.step is Step.IMPROVE:
        return "Improve the judge", f"On dev it {_rates(at)}. {PERCENT} of each are the least before the test."
    why = f"On dev it {_rates(at)}: what it is worth on traces nobody tuned on is looked at once."
    return "Test the judge once", why if at.rates else "The test split is sealed. It is opened once, when dev is good."


def _why_review(at: Standing) -> str:
    if at.labelled < ENOUGH_LABELS:
        return f"{plural(at.labelled, 'trace')} labelled so far; {ENOUGH_LABELS} show what usually goes wrong."
    if not at.both:
        only = "passed" if at.passed else "failed"
        return f"Every labelled trace {only} so far: a judge is checked on passes and on failures."
    return "More labels make the intervals narrower."


def _classes(at: Standing) -> str:
    return f"{plural(at.failures.failed, 'failure')} and {at.passed:,} {'pass' if at.passed == 1 else 'passes'}"


def _rates(at: Standing) -> str:
    if at.rates is None:
        return "was not looked at"
    caught, kept = at.rates
    return f"catches {running_text(caught, 'failures')} and keeps {running_text(kept, 'passes')}"
