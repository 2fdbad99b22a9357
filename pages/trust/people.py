"""What is left to people: traces on which the judge is not used, said by a person with a reason, and taken back."""

from collections.abc import Callable
from functools import partial
from typing import Final

import streamlit as st

from core.errors import AppError
from core.workflows.leaving import LONGEST_REASON, Left, leave_to_people, list_left, use_again
from pages.ui import filters, notices, words
from pages.ui.links import slice_link
from pages.ui.notices import cut, escape, plural, quoted
from pages.ui.store import described, the_store

REFUSED: Final = "trust.people.refused"
REASON: Final = "leave.reason"
HELP: Final = (
    "Where no version comes to agree with the expert: the judge is then not run on what nobody labelled there, and what it "
    "says there is in no rate of its agreement, failures or corrected share, unless a filter names a value of this dimension."
)


def draw(ref: str) -> None:
    """Draw a line for each kind of trace that is left to people, with what waits for them; nothing where there is none."""
    _say_refusal()
    for left in _list(ref):
        with st.container(key=f"left_{left.at.timestamp()}", gap=None):
            with st.container(horizontal=True, gap="small", vertical_alignment="center"):
                st.markdown(f"**Left to people:** {escape(cut(left.words, 80))}", width="content")
                all_of_them, waiting = left.slice, left.slice.with_verdict("unlabelled")
                n, open_ = described(all_of_them).n, described(waiting).n
                if n:
                    slice_link(plural(n, "trace"), "traces", all_of_them)
                    slice_link("How the judge does there", "trust", all_of_them, judge=ref)
                if open_:
                    slice_link(f"Review the {open_:,} without a label", "review", waiting)
                me = filters.person()
                st.button(
                    "Use the judge again", key=f"again_{left.at.timestamp()}", type="tertiary", disabled=me is None,
                    on_click=_uses_again(ref, left, me or ""), help=None if me else "Your name first.",
                )  # fmt: skip
            st.caption(f"{quoted(left.by, 40)} on {words.day(left.at)}: {escape(left.reason)}")


def offer(ref: str, dimension: str, value: str, name: str) -> None:
    """The way to leave the traces with one value to people, which takes a name and a reason."""
    if any((left.dimension, left.value) == (dimension, value) for left in _list(ref)):
        return
    with st.popover("Leave to people"):
        st.markdown(f"**Leave {escape(cut(name, 60))} to people?**")
        st.caption(HELP)
        person = filters.ask_person("leave")
        st.text_area("Why", key=REASON, max_chars=LONGEST_REASON, height=80)
        st.button(
            "Leave to people", key="leave", type="primary", disabled=person is None,
            on_click=_leaves(ref, dimension, value, person or ""),
        )  # fmt: skip


def _list(ref: str) -> list[Left]:
    return list_left(the_store(), ref)


def _leaves(ref: str, dimension: str, value: str, me: str) -> Callable[[], None]:
    def leave() -> None:
        reason = str(filters.state_of(REASON) or "")
        leave_to_people(the_store(), judge=ref, dimension=dimension, value=value, reason=reason, by=me)

    return partial(_do, leave)


def _uses_again(ref: str, left: Left, me: str) -> Callable[[], None]:
    return partial(_do, partial(use_again, the_store(), judge=ref, dimension=left.dimension, value=left.value, by=me))


def _do(what: Callable[[], None]) -> None:
    try:
        what()
    except AppError as refused:
        filters.keep(REFUSED, refused)


def _say_refusal() -> None:
    refused: AppError | None = filters.remember(REFUSED, None)
    if refused is not None:
        filters.keep(REFUSED, None)
        notices.app_error(refused)
