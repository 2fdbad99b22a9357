"""Which traces a review queue holds: drawn from the store as it was at one event, so nothing said since moves it."""

from core.slice import Slice
from core.store import settings
from core.store.connection import Cursor
from core.store.where import where

# The names of the views, as they read just before an event: the conditions of a slice then speak of that moment.
THEN = """with current_labels as (
        select * from labels where event < {event} and state <> 'withdrawn' and event not in
            (select supersedes from labels where supersedes is not null and event < {event})),
    current_assignments as (
        select * from assignments where event < {event} and not removed and event not in
            (select supersedes from assignments where supersedes is not null and event < {event})),
    current_judgments as (
        select * from judgments where event < {event} and event not in
            (select supersedes from judgments where supersedes is not null and event < {event})),
    known_imports as (select import_id from imports where event < {event})"""

WAS_HERE = """(t.import_id in (select import_id from known_imports)
    or t.trace_key in (select trace_key from trace_history where import_id in (select import_id from known_imports)))"""

NOT_JUDGED_BY = (
    """t.trace_key not in (select trace_key from current_labels where labeler = ? and state in ('pass', 'fail'))"""
)

REFERENCE = "select arg_max(value, event) from settings where name = ? and event < ?"


def draw(cursor: Cursor, slice_: Slice, *, size: int, seed: int, event: int, labeler: str) -> list[str]:
    """Ids of at most `size` traces that `labeler` had not judged before `event`, in the random order of `seed`."""
    found = cursor.execute(REFERENCE, [settings.PRINCIPAL, event]).fetchone()
    clause = where(slice_, reference=(found or (None,))[0] or None)
    sql = f"""{THEN.format(event=int(event))}
        select t.id from traces t where ({clause.sql}) and {WAS_HERE} and {NOT_JUDGED_BY}
        order by md5(t.id || ' {int(seed)}'), t.trace_key limit {int(size)}"""  # noqa: S608
    return [row[0] for row in cursor.execute(sql, [*clause.params, labeler]).fetchall()]


def count_open(cursor: Cursor, slice_: Slice, *, labeler: str, reference: str | None) -> int:
    """How many traces of a slice `labeler` has not judged; what was deferred comes back."""
    clause = where(slice_, reference=reference)
    sql = f"select count(*) from traces t where ({clause.sql}) and {NOT_JUDGED_BY}"  # noqa: S608
    row = cursor.execute(sql, [*clause.params, labeler]).fetchone()
    return 0 if row is None else int(row[0])
