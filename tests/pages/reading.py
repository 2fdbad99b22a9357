"""Traces that somebody had open, so that enough was read to name what goes wrong."""

from core.store import openings
from core.store.connection import Store
from tests.conftest import SMALL


def read_all(store: Store) -> None:
    """Every trace of `SMALL` was opened by the expert."""
    with store.write() as cursor:
        for key in range(1, len(SMALL) + 1):
            openings.add_opening(cursor, trace_key=key, labeler="ana", saw_judge=False)
