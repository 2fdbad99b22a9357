"""Whose verdicts the numbers of a page are of: the expert's, or those of a judge version.

Where the address names somebody who is not here, that is said, and nobody else's numbers stand in their place.
"""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from pages.ui import filters, notices


def is_gone(name: str, known: Sequence[str]) -> bool:
    """Whether the setting `name` of the address is none of `known`; it is named on the page then."""
    asked = filters.text_setting(name)
    if asked is None or asked in known:
        return False
    notices.stale_judge(name, asked)
    return True


def choose(
    label: str, name: str, options: Sequence[str], default: str, *, known: Sequence[str] | None = None, **widget: Any
) -> str | None:
    """A choice bound both ways to the setting `name`; None where the address asks for one that is not `known` (any of
    `options` unless given): then no number is shown until one is chosen."""
    if not is_gone(name, options if known is None else known):
        return filters.choose(label, name, options, default, **widget)
    key = filters.agree(f"set.{name}", None)

    def changed() -> None:
        filters.put_settings(p=None, **{name: filters.state_of(key)})

    st.selectbox(label, list(options), index=None, key=key, placeholder="Choose", on_change=changed, **widget)
    return None
