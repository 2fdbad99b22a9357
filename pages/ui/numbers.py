"""The smallest n: under it a number is shown without its percent; `min_n=` in the address."""

from typing import Final

import streamlit as st

from pages.ui import filters
from pages.ui.notices import stale_setting
from pages.ui.rates import SMALLEST_N

LARGEST: Final = 1000


def smallest_n() -> int:
    """The smallest n that the address asks for, else 10."""
    value = filters.text_setting("min_n") or ""
    return max(1, min(LARGEST, int(value))) if value.isascii() and value.isdigit() and len(value) < 6 else SMALLEST_N


def numbers_popover() -> None:
    """Draw the popover in which the smallest n is chosen; an address that asks for no such number is told so."""
    asked = filters.text_setting("min_n")
    if asked is not None and asked != str(smallest_n()):
        stale_setting("min_n", asked, str(smallest_n()))
    key = filters.agree("set.min_n", smallest_n(), hidden=True)

    def changed() -> None:
        value = int(filters.state_of(key))
        filters.put_settings(min_n=None if value == SMALLEST_N else str(value))

    with st.popover("Numbers"):
        st.number_input(
            "Smallest n",
            min_value=1,
            max_value=LARGEST,
            key=key,
            on_change=changed,
            help="Fewer traces than this are shown as counts, without percent, after all others.",
        )
        st.caption("Intervals are Wilson 95 % score intervals: where the true share lies in 19 of 20 cases.")
