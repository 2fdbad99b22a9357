"""The splits: how many labelled traces are in each, what there is too little of, and how they are assigned."""

import streamlit as st

from core.errors import UsageError
from core.workflows.sealing import read_seal
from core.workflows.splitting import SplitState, assign_splits, look_at_splits, preview_splits, read_shares
from pages.judge import asking
from pages.ui import filters, notices
from pages.ui.links import slice_link
from pages.ui.notices import plural
from pages.ui.rates import count
from pages.ui.store import the_store

NAMES = {"train": "Train", "dev": "Dev"}


def name_of(split: str, ref: str | None) -> str:
    """A split in words; test is sealed until it is opened for the judge version in view."""
    if split != "test":
        return NAMES[split]
    opened = ref is not None and read_seal(the_store(), ref).opened
    return "Test, opened" if opened else "Test, sealed"


def draw(ref: str | None) -> None:
    """One line with a door to each split, as it stands for the judge version in view, and the gates in words."""
    state = look_at_splits(the_store())
    with st.container(key="splits", horizontal=True, gap="medium", vertical_alignment="center"):
        if state.assigned:
            for split in state.splits:
                label = f"{name_of(split.split, ref)} {count(split.n)} ({count(split.failed)} failed)"
                slice_link(label, "traces", split.slice)
        else:
            st.markdown("No split yet.", width="content")
        if state.waiting:
            words = f"Assign {plural(state.waiting, 'more trace')}" if state.assigned else "Assign splits"
            if st.button(words, key="assign"):
                asking.ask("assign")
    if asking.asked() == "assign" and state.waiting:
        with asking.panel("assign", "Assign splits"):
            _assign(state)
    if state.removed:
        st.caption(f"{plural(state.removed, 'trace')} became twins of others in an import and are used in no split.")
    if state.gates:
        st.caption(" ".join(state.gates))
    if state.passed == 0 or state.failed == 0:
        slice_link("Review traces", "review", filters.current_slice())


def _assign(state: SplitState) -> None:
    """N26: what would go where is said before it is done."""
    said = st.text_input(
        "Of a hundred to train, dev and test", "/".join(map(str, state.shares)), key="assign.shares", max_chars=12
    )
    try:
        shares = read_shares(said)
    except UsageError as problem:
        notices.app_error(problem)
        return
    to = preview_splits(the_store(), shares)
    st.markdown(
        f"**Assign {plural(state.waiting, 'labelled trace')} to train {to['train']}, dev {to['dev']}, test {to['test']}?**"
    )
    st.markdown("Traces of one session stay together, and so do near copies. An assignment is never moved later.")
    if to["left out"]:
        st.markdown(f"{plural(to['left out'], 'trace')} stay out: they are twins of traces in two splits.")
    person = filters.ask_person("assign")
    if st.button("Assign", type="primary", key="assign.agreed", disabled=person is None) and person:
        try:
            assign_splits(the_store(), by=person, shares=shares)
        except UsageError as problem:
            notices.app_error(problem)
            return
        asking.settled()
