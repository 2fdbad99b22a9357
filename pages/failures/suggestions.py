"""Suggested groups: asked for with one press, drawn apart from what counts, accepted or dismissed by a person."""

import streamlit as st

from core.errors import ModelError
from core.slice import Slice
from core.workflows.suggesting import (
    SuggestedGroup,
    accept,
    count_answered,
    estimate,
    has_key,
    refuse,
    suggest_by_model,
    suggest_by_wording,
)
from pages.failures import dialogs
from pages.failures.done import did
from pages.ui import filters
from pages.ui.notices import cut, escape, plural
from pages.ui.store import the_store

RESULT = "suggested groups"
SHOWN = 8


def draw_button(n: int, slice_: Slice, person: str | None) -> None:
    """The primary action: groups for the notes that are in none."""
    pressed = st.button(
        f"Suggest groups for {plural(n, 'note')}", type="primary", key="suggest", disabled=person is None,
        help=None if person else "Your name first.",
    )  # fmt: skip
    if not pressed or person is None:
        return
    if has_key():
        _ask_first(n, slice_, person)
        return
    with st.spinner("Grouping"):
        _say(suggest_by_wording(the_store(), slice_, by=person), n)
    st.rerun()


def draw_groups(groups: list[SuggestedGroup], person: str | None) -> None:
    """One line per group, and what became of the suggestions so far."""
    said: str = filters.remember(RESULT, "")
    if said:
        st.caption(said)
    for group in groups[:SHOWN]:
        _group(group, person)
    if len(groups) > SHOWN:
        st.caption(f"{len(groups) - SHOWN} smaller groups follow when these are answered.")
    answered = count_answered(the_store())
    sources = {group.source for group in groups}
    captions = [
        "Grouped by wording only, on this computer." if s == "wording" else f"Grouped by {escape(s)}." for s in sources
    ]
    if answered.answered:
        captions.append(f"You accepted {answered.accepted} of {plural(answered.answered, 'suggestion')}.")
    if captions:
        st.caption(" ".join(captions))


def _group(group: SuggestedGroup, person: str | None) -> None:
    n, first = len(group.suggestions), group.events[0]
    new = "" if group.category_id else " (new)"
    with st.container(key=f"suggested_group_{first}", horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"suggested: **{escape(cut(group.name, 70))}**{new} · {plural(n, 'note')}", width="content")
        taken = st.button(
            f"Accept all {n}" if n > 1 else "Accept it", key=f"accept_all.{first}", disabled=person is None
        )
        left = st.button(
            "Dismiss all" if n > 1 else "Dismiss it",
            key=f"refuse_all.{first}",
            type="tertiary",
            disabled=person is None,
        )
    if taken and person and group.category_id is None:
        dialogs.accept_group(group, person)
    elif taken and person:
        action = accept(the_store(), group.events, by=person)
        did(f"Accepted {plural(action.traces, 'suggestion')} into **{escape(group.name)}**.", action)
        st.rerun()
    if left and person:
        did(f"Dismissed {plural(n, 'suggestion')}.", refuse(the_store(), group.events, by=person))
        st.rerun()


def draw_one(group: SuggestedGroup, event: int, person: str | None, *, current: bool) -> None:
    """What is suggested for one note, inside its row; with keys where it is the current one."""
    with st.container(key=f"suggested_{event}", horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"suggested: **{escape(cut(group.name, 60))}**", width="content")
        taken = st.button("Accept", key=f"accept.{event}", shortcut="a" if current else None, disabled=person is None)
        left = st.button(
            "Dismiss", key=f"refuse.{event}", shortcut="x" if current else None, type="tertiary", disabled=person is None
        )  # fmt: skip
    if taken and person:
        did(f"Accepted **{escape(group.name)}**.", accept(the_store(), [event], by=person))
        st.rerun()
    if left and person:
        did("Dismissed a suggestion.", refuse(the_store(), [event], by=person))
        st.rerun()


@st.dialog("Suggest groups with a model?")
def _ask_first(n: int, slice_: Slice, person: str) -> None:
    """N24: what it takes is said before anything is sent; N25 where no answer came."""
    known = estimate(the_store(), slice_)
    price = "The price of this model is not known here." if known.dollars is None else (
        f"About {_dollars(known.dollars)}, usually under {_dollars(known.most_dollars or 0).removeprefix('under ')}."
    )  # fmt: skip
    st.markdown(f"**Group {plural(known.notes, 'note')} with {escape(known.model)}?**")
    st.markdown(f"About {known.tokens:,} tokens. {price} The notes are sent to the provider; the traces are not.")
    with st.container(horizontal=True):
        asked = st.button("Group them", type="primary", key="ask_model")
        worded = st.button("Group by wording instead", key="ask_wording")
        if st.button("Cancel", key="ask_nothing"):
            st.rerun()
    if worded:
        _say(suggest_by_wording(the_store(), slice_, by=person), n)
        st.rerun()
    if asked:
        try:
            with st.spinner("Waiting for the model, at most 60 s"):
                _say(suggest_by_model(the_store(), slice_, by=person), n)
        except ModelError as problem:
            st.error(
                f"Your notes are unchanged, nothing was paid twice. {escape(problem.remedy)}",
                title=f"No groups were suggested: {escape(problem.message)}.",
            )
            return
        st.rerun()


def _say(suggested: int, n: int) -> None:
    left = n - suggested
    said = "Nothing was suggested: these notes are like no others."
    if suggested:
        said = f"Suggested for {suggested:,} of {plural(n, 'note')}."
    if suggested and left > 0:
        said += f" {left:,} {'is like no other' if left == 1 else 'are like no others'}: nothing is suggested there."
    filters.keep(RESULT, said)


def _dollars(amount: float) -> str:
    return f"\\${amount:.2f}" if amount >= 0.01 else "under \\$0.01"
