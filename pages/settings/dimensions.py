"""The order of dimensions, and what their values mean."""

import streamlit as st

from core.workflows.arranging import MOST_CHARACTERS, Arranged, arrange, list_arranged, moved
from pages.ui import filters
from pages.ui.notices import cut, escape, plural
from pages.ui.store import the_store

KEY = "dimension"


def draw() -> None:
    """Draw a line per dimension with its place and the words that stand beside it in the filter bar."""
    known = list_arranged(the_store())
    if not known:
        st.info("A dimension is a column of the log, such as feature or persona.", title="There are no dimensions yet.")
        return
    st.caption("The first three stand in the filter bar; what their values mean is shown there on hover.")
    person = filters.person()
    with st.form("dimensions", border=False):
        for place, one in enumerate(known, 1):
            _line(place, one, len(known))
        saved = st.form_submit_button(
            "Save", type="primary", disabled=person is None, help=None if person else "Say who you are first."
        )
    if saved and person is not None:
        _save(known, person)


def _line(place: int, one: Arranged, last: int) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.number_input(
            f"Place of {escape(cut(one.name, 40))}", 1, last, place, key=f"{KEY}.place.{one.name}.{place}", width=190
        )
        st.text_input(
            f"What its {plural(one.values, 'value')} mean", one.meaning, max_chars=MOST_CHARACTERS, width=560,
            key=f"{KEY}.meaning.{one.name}", placeholder="new: signed up less than a month ago",
        )  # fmt: skip


def _save(known: list[Arranged], person: str) -> None:
    places = {one.name: int(filters.state_of(f"{KEY}.place.{one.name}.{at}")) for at, one in enumerate(known, 1)}
    if arrange(
        the_store(),
        moved([one.name for one in known], places),
        {one.name: str(filters.state_of(f"{KEY}.meaning.{one.name}") or "") for one in known},
        by=person,
    ):
        st.toast("Saved.")
        st.rerun()
    st.toast("Nothing was changed, nothing was saved again.")
