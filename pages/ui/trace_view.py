"""One conversation on a page, and the review loop around it.

The drawing happens in the browser (`pages/ui/components`). This file says what it is given, and reads
what comes back as strictly as any other input from outside.

The review loop never loses a verdict and never counts one twice. The browser keeps every action (a label, a
deferral, an undo, a draft) until the page has acknowledged its `client_id`, and sends all of them again
with each new one. A page therefore works in this order:

    sent = review_sent(key)
    for action in sent.actions:              # not yet acknowledged, oldest first
        ...record it, idempotent by action.client_id...
    acknowledge(key, [action.client_id for action in sent.actions])
    place = review_place(key) or first_open_place
    review_panel(items_around(place), key=key, position=..., total=...)

inside one `st.fragment`, so that only the loop is drawn again. Recording comes before all drawing: the next press ends
the run that is drawing, and whoever presses fast would otherwise wait for nothing to be recorded. An action that could
not be recorded is not acknowledged: it stays in the browser, and `notice` says why. `key` names one queue of one person: what the
tab remembers is kept under it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from math import isfinite
from secrets import token_hex
from typing import Any, Final, Literal, TypeAlias, cast, get_args

import streamlit as st

from pages.ui import components, filters

ReviewVerb: TypeAlias = Literal["label", "defer", "undo", "open", "draft"]
VerdictWord: TypeAlias = Literal["pass", "fail"]

QUESTION: Final = "Did the assistant achieve what the user needed?"
LONGEST_CRITIQUE: Final = 20_000
"""Characters of a critique that are read; the box in the browser stops there too."""
LONGEST_NAME: Final = 80
LAST_MESSAGE: Final = 1_000_000
LAST_CATEGORY: Final = 2**31 - 1
MOST_PICKED: Final = 50
LONGEST_LOOK: Final = 24 * 60 * 60 * 1000
"""Milliseconds for one trace; more is no measurement."""
_MOST_ACKNOWLEDGED: Final = 400
_CLIENT_ID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_STATE: Final = "loop"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewAction:
    """One thing the expert did in the browser; `client_id` is its idempotency key.

    `label` has a verdict and a critique; `draft` has what is typed so far (verdict may be None);
    `defer` has neither; `undo` takes back the action `undoes`; `open` asks for a trace (`trace_id` is
    empty when only its place in the queue is known).
    """

    n: int
    client_id: str
    action: ReviewVerb
    trace_id: str
    position: int | None
    verdict: VerdictWord | None
    critique: str
    undoes: str | None
    revised_response: str = ""
    first_failure: int | None = None
    duration_ms: int | None = None
    picked: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewReturn:
    """What the browser says: actions still to be acknowledged, and the trace on the screen."""

    actions: tuple[ReviewAction, ...]
    current: str | None
    position: int | None


def trace_view(
    trace: Mapping[str, Any],
    *,
    key: str,
    search: str | Sequence[str] = "",
    show_head: bool = True,
    first_failure: int | None = None,
) -> None:
    """Draw one trace to read; words of `search`, or its passages, are marked, folded messages with a hit are opened.

    `first_failure` is the place of the message where it first went wrong; the one before is the last good step.
    """
    data = {
        "mode": "read",
        "trace": _sendable(trace),
        "search": search if isinstance(search, str) else list(search),
        "show_head": show_head,
    }
    components.review_loop(key=key, data={**data, "first_failure": first_failure})


def copy_link(*, key: str, as_of: int | None = None, person: str | None = None) -> str:
    """Draw the button that copies the address of the page, pinned to event `as_of` when given.

    With `person` (the empty text for nobody yet) the browser keeps that name; returns the name it kept before.
    """
    data: dict[str, object] = {"as_of": as_of}
    if person is not None:
        data["person"] = person
        # Another one for each session: a browser that finds its server again is told that it begins anew.
        data["session"] = filters.remember("session mark", token_hex(8))
    sent = components.copy_link(key=key, data=data, width="content", on_person_change=_nothing)
    name = _fields(sent).get("person")
    return name.strip()[:LONGEST_NAME] if isinstance(name, str) else ""


def review_sent(key: str) -> ReviewReturn:
    """What the browser said since the loop was drawn, with the actions that are still to be recorded."""
    delivery = _delivery(key)
    returned = _read(filters.state_of(_element_key(key)), delivery.acknowledged)
    delivery.position = returned.position or delivery.position
    return returned


def acknowledge(key: str, client_ids: Sequence[str]) -> None:
    """Note that these actions are committed: the browser drops them when the loop is drawn."""
    known = _delivery(key)
    known.acknowledged = [*known.acknowledged, *client_ids][-_MOST_ACKNOWLEDGED:]


def review_place(key: str) -> int | None:
    """The place in the queue the browser last said it shows or wants; None before it said one."""
    return _delivery(key).position


def review_panel(
    items: Sequence[Mapping[str, Any]],
    *,
    key: str,
    position: int,
    total: int,
    current: str | None = None,
    earlier: Sequence[Mapping[str, Any]] = (),
    notice: str = "",
    rubric: Mapping[str, Any] | None = None,
    categories: Sequence[Mapping[str, Any]] = (),
) -> None:
    """Draw the review loop over a window of a queue.

    `items` are consecutive places of the queue, done or not, in its fixed order: a few before the
    current one and about 20 after it. `position` is the place (from 1) of the first item, `total` the
    length of the queue. `current` is the trace to open first (default: the first item not done).
    An item is {"trace", "label", "draft", "history", "deferred"?}; see the texts in `components/review.js`.
    `earlier` ({"trace_id", "verdict"}, newest first;
    verdict None is a deferral) fills the line of earlier ones when the tab is new. `notice` is a sentence
    to show in the panel when something could not be recorded. `rubric` ({"version", "pass_means", "fail_means",
    "examples"}) stands folded under the verdict. `categories` ({"id", "name", "definition"}) are offered with a fail;
    where there are none, nothing is drawn of them.
    """
    components.review_loop(
        key=_element_key(key),
        data={
            "mode": "label",
            "key": key,
            "items": [{**item, "trace": _sendable(item["trace"])} for item in items],
            "position": position,
            "total": total,
            "current": current,
            "acknowledged": list(_delivery(key).acknowledged),
            "earlier": [dict(entry) for entry in earlier],
            "notice": notice,
            "question": QUESTION,
            "rubric": None if rubric is None else dict(rubric),
            "categories": [dict(one) for one in categories],
            "longest_critique": LONGEST_CRITIQUE,
        },
        on_loop_change=_nothing,
    )


def _element_key(key: str) -> str:
    """Streamlit refuses a key with «__», which a name may hold."""
    return sha256(key.encode()).hexdigest()[:16]


def _nothing() -> None:
    """Streamlit lists a state only when it has a callback."""


@dataclass(slots=True)
class _Delivery:
    """What one session remembers of one review loop. Losing it costs nothing: the browser sends again."""

    acknowledged: list[str] = field(default_factory=list[str])
    position: int | None = None


@st.cache_resource(scope="session", show_spinner=False)
def _delivery(key: str) -> _Delivery:  # noqa: ARG001 - the key of the cache
    return _Delivery()


def _sendable(trace: Mapping[str, Any]) -> dict[str, Any]:
    """The trace without numbers that JSON cannot carry to a browser (NaN, infinity)."""
    return {name: None if isinstance(value, float) and not isfinite(value) else value for name, value in trace.items()}


def _read(state: object, acknowledged: Sequence[str]) -> ReviewReturn:
    """What the browser sent, with everything malformed or already acknowledged left out."""
    loop = _fields(_fields(state).get(_STATE))
    sent = loop.get("actions")
    done = set(acknowledged)
    actions: list[ReviewAction] = []
    for value in cast("list[object]", sent) if isinstance(sent, list) else []:
        action = _action(_fields(value))
        if action is not None and action.client_id not in done:
            done.add(action.client_id)
            actions.append(action)
    actions.sort(key=lambda action: action.n)
    current = loop.get("current")
    return ReviewReturn(
        actions=tuple(actions),
        current=current if isinstance(current, str) and current else None,
        position=_place(loop.get("position")),
    )


def _fields(value: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {}


def _place(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _whole(value: object, most: int) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most else None


def _numbers(value: object) -> tuple[int, ...]:
    sent = cast("list[object]", value)[:MOST_PICKED] if isinstance(value, list) else []
    return tuple(number for item in sent if (number := _whole(item, LAST_CATEGORY)) is not None)


def _action(fields: Mapping[str, object]) -> ReviewAction | None:
    n = _place(fields.get("n"))
    client_id = fields.get("client_id")
    verb = fields.get("action")
    trace_id = fields.get("trace_id")
    verdict = fields.get("verdict")
    critique = fields.get("critique")
    undoes = fields.get("undoes")
    revised = fields.get("revised_response")
    failure = fields.get("first_failure")
    if n is None or not isinstance(client_id, str) or not _CLIENT_ID.fullmatch(client_id):
        return None
    if verb not in get_args(ReviewVerb) or not isinstance(trace_id, str) or len(trace_id) > 2000:
        return None
    if verdict not in (None, "pass", "fail") or (verb == "label" and verdict is None):
        return None
    return ReviewAction(
        n=n,
        client_id=client_id,
        action=cast("ReviewVerb", verb),
        trace_id=trace_id,
        position=_place(fields.get("position")),
        verdict=verdict,
        critique=critique[:LONGEST_CRITIQUE] if isinstance(critique, str) else "",
        undoes=undoes if isinstance(undoes, str) and _CLIENT_ID.fullmatch(undoes) else None,
        revised_response=revised[:LONGEST_CRITIQUE] if isinstance(revised, str) else "",
        first_failure=_whole(failure, LAST_MESSAGE),
        duration_ms=_whole(fields.get("duration_ms"), LONGEST_LOOK),
        picked=_numbers(fields.get("picked")),
    )
