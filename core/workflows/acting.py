"""Do something to the categories as one action, which can be taken back."""

import contextlib
from collections.abc import Generator
from typing import NamedTuple

from core.store import taxonomy
from core.store.connection import Cursor, Store, next_event


class Action(NamedTuple):
    """Something that was done to the categories, by the events it added: what `take_back` takes back."""

    first: int
    last: int
    traces: int = 0
    category_id: int | None = None


class Acting:
    """A transaction under way, with what it will have done."""

    def __init__(self, cursor: Cursor, first: int) -> None:
        self.cursor = cursor
        self.action = Action(first, first)

    def did(self, *, traces: int = 0, category_id: int | None = None) -> None:
        """Say what the action did."""
        self.action = self.action._replace(traces=traces, category_id=category_id)


@contextlib.contextmanager
def acting(store: Store) -> Generator[Acting]:
    """A transaction whose events become one action, to be read from `action` when the block has ended."""
    with store.write() as cursor:
        act = Acting(cursor, next_event(cursor))
        yield act
        act.action = act.action._replace(last=next_event(cursor))


def take_back(store: Store, action: Action, *, by: str) -> None:
    """Undo an action by further events.

    Raises:
        UsageError: some of it was changed since.
    """
    with store.write() as cursor:
        taxonomy.undo(cursor, action.first, action.last, by=by)
