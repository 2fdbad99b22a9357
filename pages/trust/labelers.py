"""Whose labels the judge is held against."""

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from core.slice import Slice
from core.workflows.exploring import set_principal_expert
from core.workflows.trusting import list_labelers
from pages.ui import filters
from pages.ui.links import slice_link
from pages.ui.notices import plural, quoted
from pages.ui.store import the_store

MOST = 12


def choose_labeler(slice_: Slice) -> str | None:
    """Whose labels count; None where several people labelled and it must first be said."""
    known = list_labelers(the_store())
    return slice_.labeler or known.default or ("" if not known.names else None)


def draw_choice(slice_: Slice) -> None:
    """Where several people labelled: whose labels count here, the others as links, and making one the principal."""
    known = list_labelers(the_store())
    if len(known.names) < 2:
        return
    whose = slice_.labeler or known.default
    if whose is None:
        st.info(
            "A judge is held against one person at a time. Look at the labels of one of them, or say who is the principal "
            f"expert. {quoted(known.names[0], 40)} labelled the most traces.",
            title=f"{plural(len(known.names), 'person').replace('persons', 'people')} labelled.",
        )
    with st.container(key="labelers", horizontal=True, gap="medium", vertical_alignment="center"):
        st.markdown("Labels of", width="content")
        for name in known.names[:MOST]:
            if name == whose:
                st.markdown(f"**{quoted(name, 40)}**", width="content")
            else:
                slice_link(name, "trust", replace(slice_, labeler=name), view=filters.text_setting("view"))
        if known.default is None or whose != known.default:
            _offer(whose or known.names[0])


def _offer(name: str) -> None:
    me = filters.person()
    if me is None:
        with st.popover(f"Make {quoted(name, 40)} the principal expert", type="tertiary"):
            filters.ask_person("principal")
        return
    st.button(
        f"Make {quoted(name, 40)} the principal expert", type="tertiary", key="principal", on_click=_make(name, me),
        help="Their labels then count everywhere; those of others are second opinions.",
    )  # fmt: skip


def _make(name: str, me: str) -> Callable[[], None]:
    return lambda: set_principal_expert(the_store(), name, by=me)
