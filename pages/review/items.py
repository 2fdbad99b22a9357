"""A trace of a queue as the review loop is given it: what was said in it, and nothing that anybody thinks of it."""

from typing import Any

import streamlit as st

from core.model import Label
from core.slice import Slice
from core.workflows.reviewing import ReviewItem, read_for_review
from pages.ui.store import the_store
from pages.ui.trace_payload import payload


def panel_item(item: ReviewItem) -> dict[str, Any]:
    """The item as `review_panel` wants it."""
    draft = item.draft
    return {
        "trace": _trace(str(the_store().path), item.mark, item),
        "label": None if item.label is None else _version(item.label),
        "deferred": item.deferred,
        "history": [_version(label) for label in item.history],
        "draft": draft and {"verdict": draft.verdict, "critique": draft.critique, "at": f"{draft.at.isoformat()}Z"},
    }


def _version(label: Label) -> dict[str, Any]:
    verdict = label.verdict
    return {
        "verdict": None if verdict is None else verdict.value,
        "critique": label.critique or "",
        "at": f"{label.at.isoformat()}Z",
    }


@st.cache_resource(scope="session", max_entries=150, show_spinner=False)
def _trace(path: str, mark: tuple[int, int], _item: ReviewItem) -> dict[str, Any]:  # noqa: ARG001 - keys of the cache
    """The record is left out: as logged it may hold verdicts of a judge or of other people."""
    whole = read_for_review(the_store(), _item)
    return {**payload(whole, Slice()), "record": "", "record_bytes": 0}
