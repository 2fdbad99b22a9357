"""Openings of the test split: which judge versions may show what they say of it, and who opened it when."""

from datetime import UTC, datetime
from typing import NamedTuple

from core.store.connection import Cursor, next_event, one

OPENINGS = """select r.judge, r.version, r.made_by, r.made_at, r.event from current_reveals r order by r.event"""

# A version that was made when somebody had already opened the test split for a version of the same judge.
SEEN = """select v.judge || '@' || v.version from judge_versions v
    where v.event > (select min(event) from current_reveals r where r.judge = v.judge) order by v.version_id"""

SPLITS = "select split, count(distinct trace_key) from splits group by split"


class Opening(NamedTuple):
    """The test split was opened for a judge version."""

    judge: str
    version: str
    by: str
    at: datetime
    event: int

    @property
    def ref(self) -> str:
        """`NAME@VERSION`."""
        return f"{self.judge}@{self.version}"


def find_openings(cursor: Cursor) -> list[Opening]:
    """Every opening of the test split, for any judge, the first one first."""
    return [Opening(*row) for row in cursor.execute(OPENINGS).fetchall()]


def find_already_seen(cursor: Cursor) -> set[str]:
    """Judge versions (NAME@VERSION) made after the test split was opened for a version of their judge."""
    return {row[0] for row in cursor.execute(SEEN).fetchall()}


def is_open(cursor: Cursor, ref: str) -> bool:
    """Whether the test split was opened for this judge version."""
    judge, _, version = ref.rpartition("@")
    sql = "select count(*) from current_reveals where judge = ? and version = ?"
    return one(cursor, sql, [judge, version]) > 0


def count_splits(cursor: Cursor) -> dict[str, int]:
    """Traces in each split that has any."""
    return dict(cursor.execute(SPLITS).fetchall())


def count_after(cursor: Cursor, event: int) -> int:
    """Traces that were put into the test split after an event."""
    return one(cursor, "select count(distinct trace_key) from splits where split = 'test' and event > ?", [event])


def add_opening(cursor: Cursor, ref: str, *, by: str) -> int:
    """Note that the test split was opened for a judge version; returns the number of the event."""
    judge, _, version = ref.rpartition("@")
    event, now = next_event(cursor), datetime.now(UTC).replace(tzinfo=None)
    cursor.execute("insert into reveals values (?, ?, ?, ?, ?)", [event, judge, version, by, now])
    return event
