"""Judge traces: a label, a draft, an undo. A label is acknowledged after its commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol
from uuid import uuid4

from core.errors import AppError, NotFoundError, UsageError
from core.model import Label, LabelState
from core.store import categories, drafts, labels, traces
from core.store.connection import Cursor, Store
from core.store.drafts import Draft
from core.store.traces import Mark, WholeTrace

MAX_CRITIQUE = 20_000
MAX_NAME = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewItem:
    """What this person has said or typed about a trace, and nothing of anybody else. `mark` tells its content apart."""

    trace_id: str
    mark: Mark
    label: Label | None
    deferred: bool
    history: list[Label]
    """Former verdicts and deferrals, newest first."""
    draft: Draft | None


class Spoken(Protocol):
    """One thing that a reviewer did, as the page received it; `client_id` is its idempotency key."""

    @property
    def client_id(self) -> str: ...
    @property
    def action(self) -> str: ...
    @property
    def trace_id(self) -> str: ...
    @property
    def verdict(self) -> str | None: ...
    @property
    def critique(self) -> str: ...
    @property
    def undoes(self) -> str | None: ...


class Recorded(NamedTuple):
    """The client ids of what is safely stored, and a sentence where something could not be."""

    client_ids: list[str]
    notice: str


def record_label(
    store: Store,
    *,
    trace_id: str,
    state: LabelState,
    labeler: str,
    critique: str | None = None,
    category_names: tuple[str, ...] = (),
    saw_judge: bool = False,
    client_id: str | None = None,
    queue_id: int | None = None,
) -> int:
    """Add a label and return its event number once it is safely stored; the same `client_id` again adds nothing.

    Raises:
        UsageError: no name, a failed trace without a word why, or a text over the cap.
        NotFoundError: no such trace, or a category nobody has made.
    """
    name, text = labeler.strip(), (critique or "").strip()
    if not name or len(name) > MAX_NAME:
        raise UsageError("A label needs the name of who gives it.", f"Give a name of at most {MAX_NAME} characters.")
    if state is LabelState.FAIL and not text:
        raise UsageError("Write what went wrong: one sentence is enough.", "A fail is stored with its critique.")
    if len(text) > MAX_CRITIQUE:
        raise UsageError(
            f"The critique has {len(text):,} characters; at most {MAX_CRITIQUE:,} are stored.",
            "Shorten it and save again.",
        )
    with store.write() as cursor:
        known = labels.find_given(cursor, client_id=client_id) if client_id else None
        if known is not None:
            return known.event  # and a draft typed since stays
        key = _key(cursor, trace_id)
        category_ids = [_category_id(cursor, wanted) for wanted in category_names]
        event = labels.add_label(
            cursor, client_id=client_id or str(uuid4()), trace_key=key, labeler=name, state=state,
            critique=text or None, saw_judge=saw_judge, queue_id=queue_id,
        )  # fmt: skip
        for category_id in category_ids:
            categories.assign(cursor, trace_key=key, category_id=category_id, by=name)
        drafts.keep_draft(cursor, trace_key=key, labeler=name, verdict=None, critique="")
    return event


def undo_label(
    store: Store, *, trace_id: str, labeler: str, client_id: str | None = None, undoes: str | None = None
) -> int | None:
    """Take back a label of this person by one more event: what it replaced counts again.

    `undoes` is the client id of the label meant, by default the current one. Returns the event, or None where
    there is nothing to take back: no such label, or another one was given since.
    """
    with store.write() as cursor:
        known = labels.find_given(cursor, client_id=client_id) if client_id else None
        if known is not None:
            return known.event
        key = _key(cursor, trace_id)
        current = labels.find_newest(cursor, trace_key=key, labeler=labeler)
        taken = labels.find_given(cursor, client_id=undoes) if undoes else current
        if current is None or taken is None or (taken.trace_key, taken.labeler) != (key, labeler):
            return None
        # An earlier undo may have given the label meant again, under another number.
        if (current.state, current.critique) != (taken.state, taken.critique):
            return None
        former = labels.find_given(cursor, event=taken.supersedes) if taken.supersedes else None
        return labels.add_label(
            cursor, client_id=client_id or str(uuid4()), trace_key=key, labeler=labeler,
            state=LabelState.WITHDRAWN if former is None else former.state,
            critique=None if former is None else former.critique, saw_judge=current.saw_judge,
        )  # fmt: skip


def keep_draft(store: Store, *, trace_id: str, labeler: str, verdict: str | None, critique: str) -> None:
    """Keep what somebody typed and has not saved; an empty draft removes the former one."""
    with store.write() as cursor:
        drafts.keep_draft(
            cursor, trace_key=_key(cursor, trace_id), labeler=labeler, verdict=verdict, critique=critique[:MAX_CRITIQUE]
        )


def record_actions(store: Store, actions: Sequence[Spoken], *, labeler: str, queue_id: int | None = None) -> Recorded:
    """Store what a reviewer did, in its order. What cannot be stored is left out and the notice says why."""
    stored: list[str] = []
    notice = ""
    for action in actions:
        try:
            said = _record(store, action, labeler, queue_id)
        except AppError as problem:
            notice = str(problem)
            continue
        stored.append(action.client_id)
        notice = said or notice
    return Recorded(stored, notice)


def _record(store: Store, action: Spoken, labeler: str, queue_id: int | None) -> str:
    """Store one action; returns what the reviewer should know of it, usually nothing."""
    trace_id, client_id = action.trace_id, action.client_id
    if action.action == "label":
        state = LabelState(action.verdict or "")
        record_label(
            store, trace_id=trace_id, state=state, labeler=labeler, critique=action.critique, client_id=client_id,
            queue_id=queue_id,
        )  # fmt: skip
    elif action.action == "defer":
        record_label(
            store, trace_id=trace_id, state=LabelState.DEFERRED, labeler=labeler, client_id=client_id,
            queue_id=queue_id,
        )  # fmt: skip
    elif action.action == "draft":
        keep_draft(store, trace_id=trace_id, labeler=labeler, verdict=action.verdict, critique=action.critique)
    elif action.action == "undo":
        undone = undo_label(store, trace_id=trace_id, labeler=labeler, client_id=client_id, undoes=action.undoes)
        if undone is None:
            return "Nothing was taken back: this label was changed in another window. What counts now is shown."
    return ""


def review_items(store: Store, trace_ids: Sequence[str], *, labeler: str, since: int = 0) -> list[ReviewItem]:
    """What this person has said of these traces, in their order; ids that are gone are left out.

    `since` is the event a queue was made at: what was said or set aside before it is open again, and not shown.
    """
    with store.read() as cursor:
        marks = traces.find_marks(cursor, trace_ids)
        keys = [mark.key for mark in marks.values()]
        current = labels.find_labels(cursor, keys)
        events = labels.find_labels(cursor, keys, history=True)
        typed = drafts.find_drafts(cursor, labeler=labeler)
    items: list[ReviewItem] = []
    for trace_id in trace_ids:
        mark = marks.get(trace_id)
        if mark is None:
            continue
        now = _mine(current.get(mark.key, []), labeler, since)
        newest = max(now, key=lambda label: (not label.saw_judge, label.event), default=None)
        spoken = _mine(events.get(mark.key, []), labeler, since)
        former = [x for x in spoken if newest is None or x.event != newest.event]
        items.append(
            ReviewItem(
                trace_id=trace_id,
                mark=mark,
                label=newest if newest is not None and newest.verdict else None,
                deferred=newest is not None and newest.state is LabelState.DEFERRED,
                history=[label for label in reversed(former) if label.state is not LabelState.WITHDRAWN],
                draft=typed.get(mark.key),
            )
        )
    return items


def read_for_review(store: Store, items: Sequence[ReviewItem]) -> list[WholeTrace]:
    """The traces of these items, whole, in their order.

    Raises:
        NotFoundError: one of them is gone.
    """
    with store.read() as cursor:
        whole = traces.find_traces(cursor, [item.mark.key for item in items])
    gone = next((item for item in items if item.mark.key not in whole), None)
    if gone is not None:
        raise NotFoundError(f"Trace {gone.trace_id[:80]} does not exist in this database.", "Start another queue.")
    return [whole[item.mark.key] for item in items]


def _mine(found: list[Label], labeler: str, since: int) -> list[Label]:
    mine = (label for label in found if label.labeler == labeler and label.event > since)
    return [label for label in mine if label.state is not LabelState.CRITIQUE_ONLY]


def _key(cursor: Cursor, trace_id: str) -> int:
    key = traces.key_of(cursor, trace_id)
    if key is None:
        raise NotFoundError(
            f"Trace {trace_id[:80]} does not exist in this database.", "Check the id with `passfail traces`."
        )
    return key


def _category_id(cursor: Cursor, name: str) -> int:
    category = categories.find_category(cursor, name=name)
    if category is None:
        known = ", ".join(c.name for c in categories.find_categories(cursor)) or "none yet"
        raise NotFoundError(
            f"There is no failure category «{name[:80]}».", f"Known: {known}. Make it on the page Failures first."
        )
    return category.id
