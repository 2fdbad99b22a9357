"""Drafts: what somebody has typed and not yet saved. Kept so that a reload loses nothing; never counted."""

from datetime import UTC, datetime
from typing import NamedTuple

from core.store.connection import Cursor, next_event


class Draft(NamedTuple):
    """An unsaved verdict and critique."""

    verdict: str | None
    critique: str
    at: datetime
    revised_response: str = ""
    first_failure: int | None = None


def keep_draft(
    cursor: Cursor,
    *,
    trace_key: int,
    labeler: str,
    verdict: str | None,
    critique: str,
    revised_response: str = "",
    first_failure: int | None = None,
) -> None:
    """Put a draft in place of the former one; an empty one removes it."""
    cursor.execute("delete from drafts where trace_key = ? and labeler = ?", [trace_key, labeler])
    if verdict or critique or revised_response or first_failure is not None:
        now = datetime.now(UTC).replace(tzinfo=None)
        said = [verdict, critique, now, revised_response, first_failure]
        cursor.execute(
            "insert into drafts values (?, ?, ?, ?, ?, ?, ?, ?)", [next_event(cursor), trace_key, labeler, *said]
        )


def find_drafts(cursor: Cursor, *, labeler: str) -> dict[int, Draft]:
    """Per trace the draft of this person."""
    sql = """select trace_key, verdict, coalesce(critique, ''), made_at, coalesce(revised_response, ''), first_failure
        from drafts where labeler = ?"""
    return {row[0]: Draft(*row[1:]) for row in cursor.execute(sql, [labeler]).fetchall()}
