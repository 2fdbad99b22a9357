"""The queues this session has begun; each can also be opened by its address alone."""

from typing import NamedTuple

from core.slice import Slice
from core.workflows.queueing import Queue, draw_queue, reviewed_ids, session_of
from pages.ui import filters
from pages.ui.store import described, the_store

MOST = 3


class OpenQueue(NamedTuple):
    """A queue with how far it is."""

    queue: Queue
    slice: Slice
    words: str
    done: int
    total: int

    @property
    def left(self) -> int:
        """Traces still to judge."""
        return self.total - self.done


def remember_queue(queue: Queue, slice_: Slice) -> None:
    """Note that this session works on a queue, the newest first."""
    kept: dict[Queue, Slice] = filters.remember("queues", {})
    others = {held: of_it for held, of_it in kept.items() if held != queue}
    filters.keep("queues", dict(list({queue: slice_, **others}.items())[:MOST]))


def open_queues() -> list[OpenQueue]:
    """The queues of this session, the newest first."""
    kept: dict[Queue, Slice] = filters.remember("queues", {})
    person = filters.person()
    return [] if person is None else [_opened(queue, slice_, person) for queue, slice_ in kept.items()]


def _opened(queue: Queue, slice_: Slice, person: str) -> OpenQueue:
    ids = draw_queue(the_store(), slice_, queue, labeler=person)
    session = session_of(ids, reviewed_ids(the_store(), ids, queue, labeler=person))
    return OpenQueue(queue, slice_, described(slice_).sentence, session.done, session.total)
