"""Traces of a queue as the review loop is given them: what was said in them, and nothing that anybody thinks of them."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from core.model import Label
from core.slice import Slice
from core.workflows.outcomes import Beside
from core.workflows.review_items import Mark, ReviewItem, read_for_review
from pages.ui.store import lines_beside, the_store
from pages.ui.trace_payload import payload

MOST_KEPT = 150


def panel_items(items: Sequence[ReviewItem]) -> list[dict[str, Any]]:
    """The items as `review_panel` wants them; a trace is read once in a session, unless its content changes."""
    kept, lines = _kept(str(the_store().path)), lines_beside()
    missing = [item for item in items if (item.mark, lines) not in kept]
    for item, whole in zip(missing, read_for_review(the_store(), missing), strict=True):
        kept[item.mark, lines] = payload(whole, Slice(), record=False, lines=lines)
    shown = [_panel_item(item, kept[item.mark, lines]) for item in items]
    for mark in list(kept)[:-MOST_KEPT]:
        del kept[mark]
    return shown


@st.cache_resource(scope="session", show_spinner=False)
def _kept(path: str) -> dict[tuple[Mark, Beside], dict[str, Any]]:  # noqa: ARG001 - the key of the cache
    return {}


def _panel_item(item: ReviewItem, trace: dict[str, Any]) -> dict[str, Any]:
    draft = item.draft
    return {
        "trace": trace,
        "label": None if item.label is None else _version(item.label),
        "deferred": item.deferred,
        "history": [_version(label) for label in item.history],
        "draft": draft and {**draft._asdict(), "at": draft.at and f"{draft.at.isoformat()}Z"},
    }


def _version(label: Label) -> dict[str, Any]:
    verdict = label.verdict
    return {
        "verdict": None if verdict is None else verdict.value,
        "critique": label.critique or "",
        "revised_response": label.revised_response or "",
        "first_failure": label.first_failure,
        "picked": list(label.picked),
        "at": f"{label.at.isoformat()}Z",
    }
