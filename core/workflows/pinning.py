"""Look at the store as it was after one event: what a pinned link shows, and what came since."""

from dataclasses import dataclass
from datetime import UTC, datetime

from core.errors import UsageError
from core.store import pins
from core.store.connection import Store
from core.store.pins import PinnedStore, Since

__all__ = ["PinnedView", "Since", "newest_event", "pin", "present", "what_came_since"]

LONGEST = 15
"""Digits of an event number that are read: of more it is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedView:
    """The moment that a pinned store shows, and what was added since."""

    event: int
    at: datetime | None
    since: Since


def newest_event(store: Store) -> int:
    """The number of the newest event: what a link copied now is pinned to; 0 in an empty store."""
    with store.read() as cursor:
        return pins.find_newest(cursor)


def pin(store: Store, event: int) -> Store:
    """The same store as it was right after this event; nothing can be written to it.

    Raises:
        UsageError: the store has not come so far: the number is that of another database.
    """
    newest = newest_event(store)
    if event > newest:
        raise UsageError(
            f"This database has no event {event:,}; its newest is {newest:,}.",
            "The link may come from another database.",
        )
    return PinnedStore(store, event)


def present(store: Store) -> datetime:
    """Now, in UTC; of a pinned store the moment that it shows."""
    at = None
    if isinstance(store, PinnedStore):
        with store.base.read() as cursor:
            at = pins.find_moment(cursor, store.event)
    return at or datetime.now(UTC).replace(tzinfo=None)


def what_came_since(store: Store) -> PinnedView | None:
    """The moment of a pinned store with what is newer; None for a store that shows the newest data."""
    if not isinstance(store, PinnedStore):
        return None
    with store.base.read() as cursor:
        at = pins.find_moment(cursor, store.event)
        return PinnedView(event=store.event, at=at, since=pins.count_since(cursor, store.limits))
