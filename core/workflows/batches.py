"""Queues that are kept with their traces: an overlap batch, a second look at labels from before the rubric changed."""

import secrets
from typing import NamedTuple

from core.errors import UsageError
from core.model import LabelState
from core.store import consistency, labels, queues, rubrics, settings, traces
from core.store.connection import Store
from core.store.queues import Item

SECOND_LOOK = "second look"


class Batch(NamedTuple):
    """A kept queue: what was said of its traces before `event` does not count in it and is not shown in it."""

    queue_id: int
    words: str
    kind: str
    event: int
    made_for: tuple[str, ...]
    ids: list[str]
    repeats: frozenset[str]
    """Traces shown to the same person once more without a word."""

    @property
    def name(self) -> str:
        """What stands in the address."""
        return str(self.queue_id)


class SecondThought(NamedTuple):
    """A label from before and the one that replaced it in a second look."""

    trace_id: str
    old: LabelState
    old_critique: str | None
    new: LabelState
    new_critique: str | None


def open_batch(store: Store, name: str) -> Batch | None:
    """The kept queue that an address names, or None."""
    if not (name.isascii() and name.isdigit() and len(name) < 10):
        return None
    with store.read() as cursor:
        row = queues.find_queue(cursor, int(name))
        if row is None:
            return None
        ids = queues.find_trace_ids(cursor, row.queue_id)
        repeats = frozenset(consistency.find_repeated(cursor, row.queue_id))
    return Batch(row.queue_id, row.name, row.kind, row.event, row.made_for, ids, repeats)


def said_in(store: Store, batch: Batch, *, labeler: str) -> dict[str, LabelState]:
    """What this person has said of the traces of a queue since it was made; the newest first."""
    with store.read() as cursor:
        return queues.find_said(cursor, batch.queue_id, labeler=labeler)


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


def second_thoughts(store: Store, batch: Batch, *, labeler: str) -> list[SecondThought]:
    """The traces of a second look that this person judged again, with what they said before and now, in its order."""
    with store.read() as cursor:
        marks = traces.find_marks(cursor, batch.ids)
        events = labels.find_labels(cursor, [mark.key for mark in marks.values()], history=True)
    found: list[SecondThought] = []
    for trace_id in batch.ids:
        given = [
            x for x in events.get(marks[trace_id].key, []) if x.labeler == labeler and x.verdict and not x.repeat
        ]  # fmt: skip
        before = [x for x in given if x.event < batch.event and not x.saw_judge]
        after = [x for x in given if x.event > batch.event]
        if before and after:
            old, new = before[-1], after[-1]
            found.append(SecondThought(trace_id, old.state, old.critique, new.state, new.critique))
    return found


def open_batches(store: Store, person: str) -> list[tuple[Batch, int]]:
    """The kept queues made for this person that are not done, the newest first, with how many traces are done."""
    with store.read() as cursor:
        names = [str(number) for number in queues.find_made_for(cursor, person)]
    found = [batch for name in names if (batch := open_batch(store, name)) is not None]
    counted = [(batch, len(said_in(store, batch, labeler=person))) for batch in found]
    return [(batch, done) for batch, done in counted if done < len(batch.ids)]


def count_older(store: Store, person: str | None = None) -> tuple[int, str | None]:
    """How many labels are from before the rubric that holds now, and whose: this person's, or the principal expert's."""
    with store.read() as cursor:
        newest = rubrics.newest_version(cursor)
        whose = person or settings.find_setting(cursor, settings.PRINCIPAL)
        n = 0 if newest is None else len(labels.find_older(cursor, labeler=whose, rubric_version=newest))
    return n, whose
