"""What was done with the files of a watched folder, one row for each state in which a file was taken."""

from datetime import UTC, datetime
from typing import NamedTuple

from core.store.connection import Cursor, next_event

ADD = "insert into watched_files values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
NEWEST = (
    """select made_at, file, import_id, added, updated, bad, problem from watched_files order by event desc limit ?"""
)
STATES = "select file, arg_max(size, event), arg_max(changed_ns, event) from watched_files group by file"


class State(NamedTuple):
    """How much of a file was taken, and when it had been changed last, in nanoseconds."""

    size: int
    changed_ns: int


class Taken(NamedTuple):
    """What came of one state of a file; `problem` says why nothing of it was stored."""

    at: datetime
    file: str
    import_id: int | None
    added: int
    updated: int
    bad: int
    problem: str | None


def add_taken(
    cursor: Cursor, file: str, state: State, *, import_id: int | None, added: int, updated: int, bad: int, problem: str | None
) -> None:  # fmt: skip
    """Note what came of a file."""
    now = datetime.now(UTC).replace(tzinfo=None)
    cursor.execute(ADD, [next_event(cursor), file, *state, import_id, added, updated, bad, problem, now])


def find_taken(cursor: Cursor, *, limit: int = 50) -> list[Taken]:
    """The newest first."""
    return [Taken(*row) for row in cursor.execute(NEWEST, [limit]).fetchall()]


def find_states(cursor: Cursor) -> dict[str, State]:
    """Per file the state in which it was taken last."""
    return {row[0]: State(*row[1:]) for row in cursor.execute(STATES).fetchall()}
