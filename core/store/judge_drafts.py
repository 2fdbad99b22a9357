"""Drafts of judges: what somebody writes and has not saved as a version yet; a reload loses nothing."""

from datetime import UTC, datetime
from typing import NamedTuple

from core.store.connection import Cursor, next_event

NEWEST = """select judge, category_id, parent, spec, made_by, made_at from judge_drafts
    qualify row_number() over (partition by judge order by event desc) = 1 and not discarded"""


class JudgeDraft(NamedTuple):
    """A judge that is being written: its name, and its slots as JSON."""

    judge: str
    category_id: int | None
    parent: str | None
    spec: str
    made_by: str
    made_at: datetime


def keep_judge_draft(
    cursor: Cursor,
    *,
    judge: str,
    category_id: int | None,
    parent: str | None,
    spec: str,
    by: str,
    discarded: bool = False,
) -> None:
    """Put a draft in place of the former one by one more event."""
    now = datetime.now(UTC).replace(tzinfo=None)
    cursor.execute(
        "insert into judge_drafts values (?, ?, ?, ?, ?, ?, ?, ?)",
        [next_event(cursor), judge, category_id, parent, spec, discarded, by, now],
    )


def find_judge_drafts(cursor: Cursor) -> list[JudgeDraft]:
    """The drafts that were neither saved nor discarded, by name."""
    return [JudgeDraft(*row) for row in cursor.execute(f"{NEWEST} order by judge").fetchall()]


def find_judge_draft(cursor: Cursor, judge: str) -> JudgeDraft | None:
    """The draft of this judge, or None."""
    return next((draft for draft in find_judge_drafts(cursor) if draft.judge == judge), None)
