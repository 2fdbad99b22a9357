"""Which split the numbers are of, and the seal of the test split: closed until somebody opens it, and counted."""

from typing import Final

import streamlit as st

from core.slice import SPLITS, Slice
from core.workflows.sealing import ALL, Seal, open_test
from core.workflows.trusting import Trust
from pages.trust import choices
from pages.ui import filters, words
from pages.ui.links import slice_link
from pages.ui.notices import plural, quoted
from pages.ui.rates import count
from pages.ui.store import described, the_store

KEY: Final = "trust.split"
ORDER: Final = ("test", "dev", "train", ALL)


def choose(trust: Trust) -> None:
    """The choice of a split, bound to `split=` of the address; nothing where no trace was assigned."""
    seal = choices.seal_of(trust.judge)
    if not seal.splits:
        return
    options = [name for name in ORDER if name == ALL or name in seal.splits]
    if trust.split not in options:
        options.append(trust.split)
    filters.agree(KEY, trust.split)

    def changed() -> None:
        chosen = str(filters.state_of(KEY))
        filters.put_settings(split=list(SPLITS) if chosen == ALL else chosen, trace=None, cell=None, p=None)

    st.selectbox(
        "Split", options, index=options.index(trust.split), key=KEY, on_change=changed, format_func=lambda name: _words(name, seal),
        label_visibility="collapsed", width=190,
    )  # fmt: skip


def _words(name: str, seal: Seal) -> str:
    if name == ALL:
        return "all splits"
    sealed = ", sealed" if name == "test" and seal.is_sealed else ""
    return f"{name} ({count(seal.splits.get(name, 0))}{sealed})"


def draw_seal(trust: Trust) -> None:
    """In place of the numbers of a sealed split: what it is for, and the way to open it."""
    version, test = quoted(trust.judge.rpartition("@")[2], 40), Slice().with_split("test")
    if not described(test.with_judge_verdict(trust.judge, "sealed")).n:
        st.info(
            f"Version {version} has judged none of its traces yet: opening it now would show nothing.",
            title="The test split is sealed.",
        )
        slice_link("Run it on test", "judge", Slice(), judge=trust.judge, tab="run", on="test")
        return
    st.info(
        f"Opening it shows how good version {version} is on traces nobody tuned on. Do it once, when dev is good.",
        title="The test split is sealed.",
    )
    if st.button("Open the test split", type="primary", key="open_test"):
        _confirm(trust.judge)


@st.dialog("Open the test split")
def _confirm(ref: str) -> None:
    """N29."""
    st.markdown(f"**Open the test split for version {quoted(ref.rpartition('@')[2], 40)}?**")
    st.markdown("This is recorded and cannot be undone. Later versions will be marked “test already seen”.")
    person = filters.ask_person("open")
    with st.container(horizontal=True):
        if st.button("Open", type="primary", key="open_test_now", disabled=person is None) and person is not None:
            open_test(the_store(), ref, by=person)
            st.rerun()
        if st.button("Cancel", key="open_test_not"):
            st.rerun()


def counted(trust: Trust) -> str:
    """How often the test split was opened, in a sentence; the empty text where there is none."""
    seal = choices.seal_of(trust.judge)
    if not seal.splits:
        return ""
    said: list[str] = []
    if seal.of_judge:
        last = seal.of_judge[-1]
        said.append(
            f"Test opened {plural(len(seal.of_judge), 'time')} for this judge, last by {quoted(last.by, 40)} on "
            f"{words.day(last.at)} for version {quoted(last.version, 40)}."
        )
    if seal.came_after:
        verb = "was" if seal.came_after == 1 else "were"
        said.append(f"{plural(seal.came_after, 'trace')} of the test split {verb} put into it since.")
    if seal.of_others:
        said.append(f"Opened {plural(seal.of_others, 'time')} for other judges: they looked at the same traces.")
    if seal.already_seen:
        said.append("**Test already seen**: this version was made after it was opened.")
    if trust.split in ("train", ALL):
        said.append("The judge was tuned on some of these traces: on others it may do worse.")
    return " ".join(said)
