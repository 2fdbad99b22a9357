"""The review page of the harness: a queue in memory, shared by all sessions.

It follows the protocol of `pages.ui.trace_view`; `?silent=1` records nothing, as a server that hangs.
"""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import payloads
import streamlit as st

from pages.ui import trace_view as view

CATEGORIES = [
    {"id": 4, "name": "Wrong date", "definition": "It named another day."},
    {"id": 7, "name": "<b>Rude</b>", "definition": ""},
    {"id": 9, "name": "Gives up too early", "definition": ""},
]
RUBRIC = {"version": 3, "pass_means": "It did\nwhat was asked.", "fail_means": "<b>It did not.</b>", "examples": ""}


@st.cache_resource
def book(name: str) -> dict[str, Any]:
    """What was recorded in the queue `name`."""
    return {"events": [], "drafts": {}, "seen": set()}


def now() -> str:
    """The time as the store writes it."""
    return datetime.now(UTC).isoformat()


def record(kept: dict[str, Any], action: view.ReviewAction) -> None:
    """Idempotent by client id, as a real store is."""
    if action.client_id in kept["seen"]:
        return
    kept["seen"].add(action.client_id)
    if action.action == "draft":
        kept["drafts"][action.trace_id] = {
            "verdict": action.verdict,
            "critique": action.critique,
            "revised_response": action.revised_response,
            "first_failure": action.first_failure,
            "picked": list(action.picked),
            "at": now(),
        }
    elif action.action != "open":
        event: dict[str, Any] = {"action": action.action, "trace_id": action.trace_id, "verdict": action.verdict}
        event |= {"critique": action.critique, "revised_response": action.revised_response}
        event |= {"first_failure": action.first_failure, "duration_ms": action.duration_ms}
        event |= {"picked": list(action.picked)}
        kept["events"].append({**event, "at": now(), "n": action.n})
        if action.action == "label":
            kept["drafts"].pop(action.trace_id, None)


def write(name: str, kept: dict[str, Any]) -> None:
    """What was recorded, as JSON for the tests: whole at any moment."""
    new = Path(f"{name}.new")
    new.write_text(json.dumps({"events": kept["events"], "drafts": kept["drafts"]}))
    new.rename(f"{name}.json")


def items_of(kept: dict[str, Any]) -> list[dict[str, Any]]:
    """The whole queue with labels, drafts and history."""
    items = payloads.queue(int(st.query_params.get("size", "25")))
    for item in items:
        versions: list[dict[str, Any]] = []
        deferred = False
        for event in kept["events"]:
            if event["trace_id"] != item["trace"]["id"]:
                continue
            if event["action"] == "label":
                versions.append(event)
                deferred = False
            elif event["action"] == "defer":
                deferred = True
            elif versions and not deferred:
                versions.pop()
            else:
                deferred = False
        item["label"] = versions[-1] if versions else None
        item["history"] = versions[:-1][::-1]
        item["deferred"] = deferred
        item["draft"] = kept["drafts"].get(item["trace"]["id"])
    return items


@st.fragment
def loop(name: str) -> None:
    """The loop as a page would draw it."""
    kept = book(name)
    sent = view.review_sent(name)
    if "silent" not in st.query_params:
        for action in sent.actions:
            record(kept, action)
        write(name, kept)
        view.acknowledge(name, [action.client_id for action in sent.actions])
    items = items_of(kept)
    size = int(st.query_params.get("window", "20"))
    start = max(1, (view.review_place(name) or 1) - 5)
    window = items[start - 1 : start + size + 5]
    view.review_panel(
        window, key=name, position=start, total=len(items), current=st.query_params.get("trace"), rubric=RUBRIC,
        categories=CATEGORIES if "categories" in st.query_params else (),
    )  # fmt: skip


def draw() -> None:
    """The loop, and controls of Streamlit beside it."""
    name = st.query_params.get("queue", "queue")
    loop(name)
    st.text_input("Another box", key="other")
    st.button("Run again")
