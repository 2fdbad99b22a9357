"""What somebody may not see yet, so that they judge blind."""

from core.store import queues
from core.store.connection import Store


def waiting_for(store: Store, labeler: str | None) -> frozenset[str]:
    """Traces of open queues, put aside or not, on which this person has still to speak, so that nobody's word may be
    shown to them. Of somebody who has no name (None) it is not known that they are not one of those who have.
    """
    with store.read() as cursor:
        return frozenset(queues.find_waiting(cursor, labeler))
