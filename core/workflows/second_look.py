"""A second look at labels from before the rubric changed: a queue of them, and what was said before and now."""

import secrets
from typing import NamedTuple

from core.errors import UsageError
from core.model import LabelState
from core.store import labels, queues, rubrics, traces
from core.store.connection import Store
from core.store.queues import Item
from core.workflows.queueing import Queue

SECOND_LOOK = "second look"


class SecondThought(NamedTuple):
    """A label from before and the one that replaced it in a second look."""

    trace_id: str
    old: LabelState
    old_critique: str | None
    new: LabelState
    new_critique: str | None


def start_second_look(store: Store, *, person: str, most: int = 100) -> int:
    """A queue of this person's labels from before the rubric that holds now, the oldest first; returns its number.

    Raises:
        UsageError: there is none.
    """
    with store.write() as cursor:
        newest = rubrics.newest_version(cursor)
        ids = [] if newest is None else labels.find_older(cursor, labeler=person, rubric_version=newest)[:most]
        if not ids:
            raise UsageError("No label of yours is from before this rubric.", "There is nothing to look at again.")
        marks = traces.find_marks(cursor, ids)
        items = [Item(place, marks[one].key, SECOND_LOOK, None) for place, one in enumerate(ids, start=1)]
        return queues.add_queue(
            cursor, name=f"Second look under rubric v{newest}", kind=SECOND_LOOK, frame="", settings="{}",
            seed=secrets.randbelow(1_000_000), made_by=person, made_for=[person], items=items,
        )  # fmt: skip


def second_thoughts(store: Store, queue: Queue, *, labeler: str) -> list[SecondThought]:
    """The traces of a second look that this person judged again, with what they said before and now, in its order."""
    with store.read() as cursor:
        ids = queues.find_trace_ids(cursor, queue.id)
        marks = traces.find_marks(cursor, ids)
        events = labels.find_labels(cursor, [mark.key for mark in marks.values()], history=True)
    found: list[SecondThought] = []
    for trace_id in ids:
        given = [
            x for x in events.get(marks[trace_id].key, []) if x.labeler == labeler and x.verdict and not x.repeat
        ]  # fmt: skip
        before = [x for x in given if x.event < queue.event and not x.saw_judge]
        after = [x for x in given if x.event > queue.event]
        if before and after:
            old, new = before[-1], after[-1]
            found.append(SecondThought(trace_id, old.state, old.critique, new.state, new.critique))
    return found
