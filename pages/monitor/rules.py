"""The rules that a failure rate must keep: what each sees now, and a form for another one."""

from collections.abc import Sequence

import streamlit as st

from core.slice import Slice
from core.workflows.alerting import Checked, add_rule, remove_rule, watch
from core.workflows.trending import dated_ahead
from pages.monitor import ahead
from pages.ui import filters
from pages.ui.links import slice_link
from pages.ui.notices import escape
from pages.ui.rates import rate_text
from pages.ui.store import described, the_store
from pages.ui.words import source_words


def is_of(found: Checked, slice_: Slice, of: str) -> bool:
    """Whether a rule speaks of just what the page shows."""
    return found.rule.slice == slice_ and found.rule.of == of


def draw(checked: Sequence[Checked], slice_: Slice, of: str) -> None:
    """Draw every rule with what it sees now, and the form."""
    st.subheader("Rules", anchor=False)
    person = filters.person()
    if not checked:
        st.markdown("No rule yet. A rule raises an alert where a failure rate is surely higher than it may be.")
    for found in checked:
        _rule(found, person)
    if checked:
        st.caption(
            "Once an alert is acknowledged, a rule that is still broken raises the next one only if it was kept in between, if it "
            "looks at none of the same days any more, or if the lower end has risen by more than a quarter of what may fail."
        )
    ahead.draw(dated_ahead(the_store()), "Not looked at by any rule.")
    with st.container(horizontal=True, gap="small"):
        with st.popover("Add a rule", key="add_rule"):
            _form(slice_, of)
        if checked and st.button("Check now", key="check_rules", help="Raises an alert for each rule that is broken."):
            watch(the_store())
            st.rerun()


def _rule(found: Checked, person: str | None) -> None:
    rule = found.rule
    with st.container(horizontal=True, gap="medium", vertical_alignment="center", key=f"rule_{rule.id}"):
        state = "✗ broken" if found.broken else "✓ kept" if found.kept else "too few to say"
        if found.refusal:
            state = "cannot be said"
        st.markdown(f"**{state}**: {escape(rule.words)}", width="content")
        if found.refusal:
            st.caption(escape(found.refusal), width="content")
        else:
            slice_link(rate_text(found.rate, min_n=rule.smallest_n), "traces", found.judged_slice)
        why = None if person else "Your name first: it will stand beside the change."
        if (
            st.button("Remove", key=f"remove_rule.{rule.id}", type="tertiary", disabled=person is None, help=why)
            and person
        ):
            remove_rule(the_store(), rule.id, by=person)
            st.rerun()


def _form(slice_: Slice, of: str) -> None:
    said = described(slice_).sentence
    st.markdown(
        f"Of {escape(source_words(of))}, {escape(said) if said else 'all traces'}: choose another under Of and in the filters."
    )
    share = st.number_input("May fail at most, in %", 1, 99, 20, key="rule.share")
    n = st.number_input("From so many verdicts on", 1, 10_000, 30, key="rule.n")
    days = st.number_input("In the days up to the newest trace", 1, 365, 7, key="rule.days")
    st.caption(
        "An alert is raised where the lower end of the 95 % interval is above it: on this page, after each import and each run of a "
        "judge, and within seconds of new labels."
    )
    person = filters.person()
    why = None if person else "Your name first: it will stand beside the rule."
    if st.button("Save the rule", type="primary", disabled=person is None, help=why, key="rule.save") and person:
        add_rule(
            the_store(), slice_, of=of, threshold=share / 100, smallest_n=int(n), days=int(days), by=person
        )  # fmt: skip
        watch(the_store())
        st.rerun()
