"""The version in view against another one."""

from dataclasses import replace
from typing import Final

import streamlit as st

from core.workflows.comparing import compare_versions
from core.workflows.sealing import ALL
from core.workflows.trusting import Trust
from pages.trust import choices
from pages.ui import filters, whose
from pages.ui.store import known_refs, the_store
from pages.ui.two_versions import draw_two_versions
from pages.ui.words import judge_words

NONE: Final = "none"


def draw(trust: Trust) -> None:
    """Choose the other version, then draw how both did on the same traces."""
    slice_ = filters.current_slice()
    if slice_.judge_verdict or slice_.disagree:
        return
    others = choices.comparable(slice_, trust.judge)
    if not others:
        return
    st.subheader("Against another version on the same traces", anchor=False)
    words = {NONE: "choose one"} | {ref: judge_words(ref) for ref in others}
    if filters.text_setting("with") == trust.judge:  # it was the other one before it was chosen itself
        filters.put_settings(**{"with": None})
    known = [NONE, *known_refs()]
    whose.say_if_gone("with", known)
    other = whose.choose(
        "Compare with",
        "with",
        list(words),
        NONE,
        known=known,
        format_func=words.__getitem__,
        label_visibility="collapsed",
        width=260,
    )
    if other in (None, NONE):
        return
    inside = slice_ if trust.split == ALL else replace(slice_, split=(trust.split,))
    draw_two_versions(compare_versions(the_store(), inside, former=other, latter=trust.judge))
