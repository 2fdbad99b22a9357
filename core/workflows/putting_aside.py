"""Put an open queue out of sight and take it up again: settings of one person, each step one more event."""

from typing import Final

from core.errors import UsageError
from core.store import settings
from core.store.connection import Store
from core.workflows.queueing import OpenQueue, Queue, open_queues

ASIDE: Final = "queue aside"


def _name(person: str, queue_id: int) -> str:
    return f"{ASIDE}: {queue_id} of {person}"


def put_aside(store: Store, queue: Queue, *, person: str, aside: bool = True) -> None:
    """Put a queue of this person aside, or take it up again; nothing of it is lost.

    Raises:
        UsageError: nobody's name, or a queue that was not made for this person.
    """
    if not person.strip() or not queue.is_for(person):
        raise UsageError("Only the people a queue was made for can put it aside.", "Give your name first.")
    with store.write() as cursor:
        settings.put_setting(cursor, _name(person, queue.id), "yes" if aside else "", by=person)


def open_and_aside(store: Store, person: str) -> tuple[list[OpenQueue], list[OpenQueue]]:
    """The queues of this person that hold traces still to judge, the newest first: those in sight, those put aside."""
    with store.read() as cursor:
        aside = settings.find_settings(cursor, f"{ASIDE}: ")
    found = open_queues(store, person)
    hidden = [one for one in found if _name(person, one.queue.id) in aside]
    return [one for one in found if one not in hidden], hidden
