"""The rubric: what pass and fail mean here, in versions that are only ever added."""

from datetime import UTC, datetime
from typing import NamedTuple

from core.store.connection import Cursor, next_event, one

NEWEST = """select version, pass_means, fail_means, examples, change_note, made_by, made_at
    from rubrics order by version desc"""


class Rubric(NamedTuple):
    """One version of the rubric."""

    version: int
    pass_means: str
    fail_means: str
    examples: str
    change_note: str
    made_by: str
    made_at: datetime


def add_rubric(
    cursor: Cursor, *, pass_means: str, fail_means: str, examples: str, change_note: str, made_by: str
) -> int:
    """Add a version and return its number."""
    version = one(cursor, "select coalesce(max(version), 0) + 1 from rubrics")
    now = datetime.now(UTC).replace(tzinfo=None)
    said = [pass_means, fail_means, examples, change_note, made_by, now]
    cursor.execute("insert into rubrics values (?, ?, ?, ?, ?, ?, ?, ?)", [version, next_event(cursor), *said])
    return version


def find_rubrics(cursor: Cursor) -> list[Rubric]:
    """Every version, the newest first."""
    return [Rubric(*row) for row in cursor.execute(NEWEST).fetchall()]


def newest_version(cursor: Cursor) -> int | None:
    """The number of the version that holds now, or None where there is none."""
    return one(cursor, "select max(version) from rubrics") or None
