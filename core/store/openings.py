"""Who had a whole trace before them: what tells whether enough was read to name what goes wrong."""

from datetime import UTC, datetime

from core.store.connection import Cursor, next_event, one

OPENED = "select count(*) from (select trace_key from openings union select trace_key from labels)"
SEEN = "select count(*) from openings where trace_key = ? and labeler = ? and saw_judge"


def add_opening(cursor: Cursor, *, trace_key: int, labeler: str, saw_judge: bool) -> None:
    """Note that somebody opened a trace; the same once more adds nothing."""
    known = "select count(*) from openings where trace_key = ? and labeler = ? and saw_judge = ?"
    if one(cursor, known, [trace_key, labeler, saw_judge]):
        return
    now = datetime.now(UTC).replace(tzinfo=None)
    cursor.execute(
        "insert into openings values (?, ?, ?, ?, ?)", [next_event(cursor), trace_key, labeler, saw_judge, now]
    )


def count_opened(cursor: Cursor) -> int:
    """How many traces a person opened or gave a label, here or in a file."""
    return one(cursor, OPENED)


def saw_judge(cursor: Cursor, *, trace_key: int, labeler: str) -> bool:
    """Whether this person had a judge's verdict on the trace before them."""
    return one(cursor, SEEN, [trace_key, labeler]) > 0
