"""Draw a queue of traces to review: at random, blind, and the same one whenever its address is opened."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from core.metrics import Rate, rate_of
from core.model import LabelState
from core.slice import Slice
from core.store import labels, queues, settings
from core.store.connection import Store, next_event

QUEUE_SIZES = (5, 100)
"""The smallest and the largest queue."""
UNLABELLED = Slice(verdict=("unlabelled",))
_LARGEST_NUMBER = 10**12


class Queue(NamedTuple):
    """A random draw from a slice, as an address names it: its size, its seed, and the event it was made at.

    It is drawn from the store as it was at that event. Labels given since, traces imported since, a new principal
    expert: nothing moves it, so the name is all that has to be kept.
    """

    size: int
    seed: int
    event: int

    @property
    def name(self) -> str:
        """What stands in the address."""
        return f"{self.size}-{self.seed}-{self.event}"

    @classmethod
    def from_name(cls, name: str) -> "Queue | None":
        """The queue of a name, or None for a text that is no name of a queue."""
        parts = name.split("-")
        if len(parts) != len(cls._fields) or not all(part.isascii() and part.isdigit() for part in parts):
            return None
        queue = cls(*(int(part[:15]) for part in parts))
        fits = QUEUE_SIZES[0] <= queue.size <= QUEUE_SIZES[1] and max(queue) < _LARGEST_NUMBER
        return queue if fits and queue.name == name else None


class Session(NamedTuple):
    """How far a queue is: verdicts and deferrals of this person, and the rate of failed among the verdicts."""

    total: int
    done: int
    deferred: int
    failed: Rate


def blind(slice_: Slice) -> Slice:
    """A slice without what would tell a reviewer what anybody thinks of its traces."""
    open_ones = slice_.verdict == UNLABELLED.verdict
    return replace(
        slice_,
        verdict=slice_.verdict if open_ones else (),
        labeler=slice_.labeler if open_ones else None,
        judge=None,
        judge_verdict=(),
        disagree=None,
        category=(),
        primary=(),
        saw_judge=None,
    )


def start_queue(store: Store, *, size: int) -> Queue:
    """A new queue, made now; `draw_queue` says what is in it."""
    smallest, largest = QUEUE_SIZES
    with store.write() as cursor:  # under the lock, so that whatever commits later has a later number
        return Queue(min(max(size, smallest), largest), secrets.randbelow(1_000_000), next_event(cursor))


def draw_queue(store: Store, slice_: Slice, queue: Queue, *, labeler: str) -> list[str]:
    """The ids of a queue in its order: traces of the blind slice that this person had not judged when it was made."""
    with store.read() as cursor:
        return queues.draw(cursor, blind(slice_), size=queue.size, seed=queue.seed, event=queue.event, labeler=labeler)


def count_open(store: Store, slice_: Slice, *, labeler: str) -> int:
    """Traces of the blind slice that this person has not judged: what a queue can be drawn from."""
    with store.read() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        return queues.count_open(cursor, blind(slice_), labeler=labeler, reference=reference)


def reviewed_ids(store: Store, trace_ids: Sequence[str], queue: Queue, *, labeler: str) -> dict[str, LabelState]:
    """Which traces of a queue this person has judged, or deferred since it was made; newest first."""
    with store.read() as cursor:
        return labels.find_states(cursor, trace_ids, labeler=labeler, deferred_since=queue.event)


def session_of(trace_ids: Sequence[str], states: dict[str, LabelState]) -> Session:
    """How far a queue is, from what `reviewed_ids` gave for it."""
    said = [states[trace_id] for trace_id in trace_ids if trace_id in states]
    failed, deferred = said.count(LabelState.FAIL), said.count(LabelState.DEFERRED)
    return Session(len(trace_ids), len(said), deferred, rate_of(failed, len(said) - deferred))
