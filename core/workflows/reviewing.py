"""Judge traces: the next ones to read, a label, a draft, an undo. A label is acknowledged after its commit."""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import uuid4

from core.errors import NotFoundError, UsageError
from core.model import Label, LabelState
from core.slice import Slice
from core.store import categories, drafts, labels, settings, traces
from core.store.connection import Cursor, Store
from core.store.drafts import Draft
from core.store.traces import WholeTrace

MAX_CRITIQUE = 20_000
MAX_NAME = 80


class ReviewQueue(NamedTuple):
    """The traces of a slice as a reviewer goes through them: their ids in order, and which this person has done."""

    trace_ids: list[str]
    done: set[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewItem:
    """A trace to be judged with what this person has said or typed about it, and nothing of anybody else."""

    trace: WholeTrace
    label: Label | None
    history: list[Label]
    draft: Draft | None


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
            f"The critique has {len(text):,} characters; at most {MAX_CRITIQUE:,} are stored.", "Shorten it and save again."
        )
    with store.write() as cursor:
        key = _key(cursor, trace_id)
        category_ids = [_category_id(cursor, wanted) for wanted in category_names]
        event = labels.add_label(
            cursor, client_id=client_id or str(uuid4()), trace_key=key, labeler=name, state=state,
            critique=text or None, saw_judge=saw_judge,
        )  # fmt: skip
        for category_id in category_ids:
            categories.assign(cursor, trace_key=key, category_id=category_id, by=name)
        drafts.keep_draft(cursor, trace_key=key, labeler=name, verdict=None, critique="")
    return event


def undo_label(store: Store, *, trace_id: str, labeler: str, client_id: str | None = None) -> int | None:
    """Take back this person's current label by one more event: what it replaced counts again.

    Returns the new event, or None where there was nothing to take back.
    """
    with store.write() as cursor:
        key = _key(cursor, trace_id)
        mine = [label for label in labels.find_labels(cursor, [key]).get(key, []) if label.labeler == labeler]
        current = [label for label in mine if label.state is not LabelState.CRITIQUE_ONLY]
        if not current:
            return None
        taken = current[-1]
        former = labels.find_former(cursor, taken.event)
        return labels.add_label(
            cursor, client_id=client_id or str(uuid4()), trace_key=key, labeler=labeler,
            state=LabelState.WITHDRAWN if former is None else former.state,
            critique=None if former is None else former.critique, saw_judge=taken.saw_judge,
        )  # fmt: skip


def keep_draft(store: Store, *, trace_id: str, labeler: str, verdict: str | None, critique: str) -> None:
    """Keep what somebody typed and has not saved; an empty draft removes the former one."""
    with store.write() as cursor:
        drafts.keep_draft(
            cursor, trace_key=_key(cursor, trace_id), labeler=labeler, verdict=verdict, critique=critique[:MAX_CRITIQUE]
        )


def start_queue(store: Store, slice_: Slice, *, labeler: str, size: int, seed: int) -> list[str]:
    """Ids of at most `size` traces of a slice that this person has not judged, drawn at random by `seed`."""
    with store.read() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        return traces.sample_unlabelled(cursor, slice_, size=size, seed=seed, labeler=labeler, reference=reference)


def count_unlabelled(store: Store, slice_: Slice, *, labeler: str) -> int:
    """Traces of a slice that this person has neither judged nor deferred."""
    with store.read() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        return traces.count_unlabelled(cursor, slice_, labeler=labeler, reference=reference)


def review_items(store: Store, trace_ids: list[str], *, labeler: str) -> list[ReviewItem]:
    """These traces ready to be judged, in this order; ids that are gone are left out."""
    items: list[ReviewItem] = []
    with store.read() as cursor:
        typed = drafts.find_drafts(cursor, labeler=labeler)
        for trace_id in trace_ids:
            key = traces.key_of(cursor, trace_id)
            whole = None if key is None else traces.find_trace(cursor, key)
            if key is None or whole is None:
                continue
            current = _mine(labels.find_labels(cursor, [key]).get(key, []), labeler)
            history = _mine(labels.find_labels(cursor, [key], history=True).get(key, []), labeler)
            items.append(
                ReviewItem(trace=whole, label=current[-1] if current else None, history=history, draft=typed.get(key))
            )
    return items


def reviewed_ids(store: Store, trace_ids: list[str], *, labeler: str) -> dict[str, LabelState]:
    """Which of these traces this person has judged or deferred, and how."""
    with store.read() as cursor:
        return labels.find_states(cursor, trace_ids, labeler=labeler)


def _mine(found: list[Label], labeler: str) -> list[Label]:
    return [label for label in found if label.labeler == labeler and label.state is not LabelState.CRITIQUE_ONLY]


def _key(cursor: Cursor, trace_id: str) -> int:
    key = traces.key_of(cursor, trace_id)
    if key is None:
        raise NotFoundError(f"Trace {trace_id[:80]} does not exist in this database.", "Check the id with `passfail traces`.")
    return key


def _category_id(cursor: Cursor, name: str) -> int:
    category = categories.find_category(cursor, name=name)
    if category is None:
        known = ", ".join(c.name for c in categories.find_categories(cursor)) or "none yet"
        raise NotFoundError(f"There is no failure category «{name[:80]}».", f"Known: {known}. Make it on the page Failures first.")
    return category.id
