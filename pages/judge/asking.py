"""A question that stands open on the page until it is answered: a panel under what was pressed, one at a time."""

import contextlib
from collections.abc import Generator, Hashable

import streamlit as st

from pages.ui import filters

_OPEN = "judge asks"


def ask(what: Hashable) -> None:
    """Open a question; another one that stood open is closed."""
    filters.keep(_OPEN, what)


def asked() -> Hashable:
    """What is asked now; the empty text for nothing."""
    return filters.remember(_OPEN, "")


def settled() -> None:
    """The question was answered or called off: the page is drawn without it."""
    filters.keep(_OPEN, "")
    st.rerun()


@contextlib.contextmanager
def panel(what: str, title: str) -> Generator[None]:
    """The panel of a question, with its title and a way to call it off."""
    with st.container(border=True, key=f"asks_{what}", width=820):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{title}**", width="stretch")
            if st.button("Cancel", key=f"{what}.cancel", type="tertiary"):
                settled()
        yield
