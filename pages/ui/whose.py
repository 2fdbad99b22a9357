"""Whose verdicts the numbers of a page are of: the expert's, or those of a judge version.

Where the address names a judge version that is not here, that is said, and nobody else's numbers stand in its place.
"""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.workflows.counting import CORRECTED
from core.workflows.pivoting import EXPERT
from pages.ui import filters, notices
from pages.ui.store import known_judges, known_refs

JUDGE = "judge"


def judge_is_gone() -> bool:
    """Whether the judge in view (`judge=`) is not here; the frame of every page says so then."""
    named = filters.text_setting(JUDGE)
    return named is not None and named not in known_refs()


def refs_to_offer(name: str) -> list[str]:
    """The judge versions with judgments, and the one that the setting `name` asks for."""
    asked = filters.text_setting(name) or ""
    return [
        judge.version.ref
        for judge in known_judges()
        if judge.judgments or judge.version.ref == asked.removeprefix(CORRECTED)
    ]


def sources(refs: Sequence[str]) -> list[str]:
    """Whose failures can be counted: the expert's, those of these judge versions, and theirs corrected."""
    return [EXPERT, *refs, *(f"{CORRECTED}{ref}" for ref in refs)]


def say_if_gone(name: str, known: Sequence[str]) -> None:
    """Name what the setting `name` asks for where it is not `known`."""
    asked = filters.text_setting(name)
    if asked is not None and asked not in known:
        notices.judge_is_gone(name, asked)


def choose(
    label: str, name: str, options: Sequence[str], default: str, *, known: Sequence[str], **widget: Any
) -> str | None:
    """A choice bound both ways to the setting `name`; None where the address asks for one that is not `known`: then no
    number is shown until one is chosen, and the page says so with `say_if_gone`."""
    asked = filters.text_setting(name)
    if asked is None or asked in known:
        return filters.choose(label, name, options, default, **widget)
    key = filters.agree(f"set.{name}", None)

    def changed() -> None:
        chosen = filters.state_of(key)
        filters.put_settings(p=None, **{name: None if chosen == default else chosen})

    st.selectbox(label, list(options), index=None, key=key, placeholder="Choose", on_change=changed, **widget)
    return None
