"""Which traces a review queue holds: drawn from the store as it was at one event, so nothing said since moves it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from core.model import LabelState
from core.slice import Slice
from core.store import settings
from core.store.connection import Cursor, next_event, one
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


ADD = "insert into queues values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
ADD_ITEMS = "insert into queue_items select ?, unnest(?), unnest(?), unnest(?), unnest(?), unnest(?)"
FIND = "select queue_id, event, name, kind, frame, settings, seed, made_by, made_for, made_at from queues"

# What somebody said of the traces of a queue since it was made; of a hidden repeat only what was said in it.
SAID = """select i.queue_id, i.place, i.trace_key, l.labeler, l.state, l.event
    from queue_items i join queues q using (queue_id)
    join labels l on l.trace_key = i.trace_key and l.repeat = (i.repeats is not null)
    where l.event > q.event and l.state in ('pass', 'fail', 'deferred') and l.origin = 'given'
      and l.event not in (select supersedes from labels where supersedes is not null)"""


class Item(NamedTuple):
    """A place in a queue; `inclusion` is null where the strategy has no known probability.

    `repeats` is, of a trace shown to the same person once more without a word, the event of the former label.
    """

    place: int
    trace_key: int
    strategy: str
    inclusion: float | None
    repeats: int | None = None


class QueueRow(NamedTuple):
    """A queue without its traces; `frame` is an address, `settings` JSON."""

    queue_id: int
    event: int
    name: str
    kind: str
    frame: str
    settings: str
    seed: int
    made_by: str
    made_for: tuple[str, ...]
    made_at: datetime


def add_queue(
    cursor: Cursor,
    *,
    name: str,
    kind: str,
    frame: str,
    settings: str,
    seed: int,
    made_by: str,
    made_for: Sequence[str],
    items: Sequence[Item],
) -> int:
    """Keep a queue with its traces and return its number; call it under the write lock."""
    queue_id = one(cursor, "select coalesce(max(queue_id), 0) + 1 from queues")
    now = datetime.now(UTC).replace(tzinfo=None)
    row = [queue_id, next_event(cursor), name, kind, frame, settings, seed, made_by, list(made_for), now]
    cursor.execute(ADD, row)
    if items:
        cursor.execute(ADD_ITEMS, [queue_id, *(list(column) for column in zip(*items, strict=True))])
    return queue_id


def find_queue(cursor: Cursor, queue_id: int) -> QueueRow | None:
    """The queue with this number, or None."""
    row = cursor.execute(f"{FIND} where queue_id = ?", [queue_id]).fetchone()
    return None if row is None else _row(row)


def find_made_for(cursor: Cursor, person: str, limit: int = 20) -> list[int]:
    """The newest queues made for this person."""
    sql = "select queue_id from queues where list_contains(made_for, ?) order by queue_id desc limit ?"
    return [row[0] for row in cursor.execute(sql, [person, limit]).fetchall()]


def find_trace_ids(cursor: Cursor, queue_id: int) -> list[str]:
    """The ids of the traces of a queue, in its order."""
    sql = """select t.id from queue_items i join traces t using (trace_key)
        where i.queue_id = ? and i.place > 0 order by i.place"""
    return [row[0] for row in cursor.execute(sql, [queue_id]).fetchall()]


def find_said(cursor: Cursor, queue_id: int, *, labeler: str) -> dict[str, LabelState]:
    """What this person has said of the traces of a queue since it was made, the newest first."""
    sql = f"""select t.id, arg_max(s.state, s.event) from ({SAID}) s join traces t using (trace_key)
        where s.queue_id = ? and s.place > 0 and s.labeler = ? group by t.id order by max(s.event) desc"""  # noqa: S608
    return {row[0]: LabelState(row[1]) for row in cursor.execute(sql, [queue_id, labeler]).fetchall()}


def _row(row: tuple[object, ...]) -> QueueRow:
    found = QueueRow(*row)  # type: ignore[arg-type]
    return found._replace(made_for=tuple(found.made_for))
