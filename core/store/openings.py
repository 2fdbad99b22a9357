"""Who had a whole trace before them: what tells whether enough was read to name what goes wrong."""

from datetime import UTC, datetime

from core.store.connection import Cursor, next_event, one

OPENED = "select count(*) from (select trace_key from openings union select trace_key from labels)"


def add_opening(cursor: Cursor, *, trace_key: int, labeler: str, saw_judge: bool) -> None:
    """Note that somebody opened a trace, and whether a judge's verdict stood beside it."""
    now = datetime.now(UTC).replace(tzinfo=None)
    cursor.execute(
        "insert into openings values (?, ?, ?, ?, ?)", [next_event(cursor), trace_key, labeler, saw_judge, now]
    )


def count_opened(cursor: Cursor) -> int:
    """Traces that a person opened or gave a label, here or in a file."""
    return one(cursor, OPENED)
