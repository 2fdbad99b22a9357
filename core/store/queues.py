"""Queues as they are kept: what they were drawn from and how, whose they are, and which traces they hold."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from core.model import LabelState
from core.store.connection import Cursor, next_event, one

ADD = "insert into queues values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
ADD_ITEMS = "insert into queue_items select ?, unnest(?), unnest(?), unnest(?), unnest(?), unnest(?)"
FIND = "select queue_id, event, name, kind, frame, settings, seed, made_by, made_for, made_at from queues"

# A queue belongs to those it was made for; one made for nobody belongs to whoever works on it.
# Of a trace shown once more without a word it is what was said of it as such.
SAID = """select i.queue_id, i.place, i.trace_key, l.labeler, l.state, l.event, l.duration_ms
    from queue_items i join queues q using (queue_id)
    join labels l on l.trace_key = i.trace_key and l.repeat = (i.repeats is not null)
    where l.event > q.event and l.state in ('pass', 'fail', 'deferred') and l.origin <> 'adjudicated'
      and l.event not in (select supersedes from labels where supersedes is not null)
      and (l.labeler in (select unnest(q.made_for)) or len(q.made_for) = 0)"""

# Put aside or not: whoever takes a queue up again judges it blind.
WAITING = f"""with waiting as (
        select i.queue_id, i.place, i.trace_key, p.labeler
        from queue_items i join (select queue_id, unnest(made_for) as labeler from queues) p using (queue_id)
        where i.place > 0 and (? is null or p.labeler = ?))
    select distinct t.id from waiting w join traces t using (trace_key)
    where not exists (
        select 1 from ({SAID}) s where s.queue_id = w.queue_id and s.place = w.place and s.labeler = w.labeler)"""  # noqa: S608 - fixed fragments, bound values


class Item(NamedTuple):
    """A place in a queue; `inclusion` is null where the strategy has no known probability.

    Place 0 stands for a trace that the draw hit and that is not shown, because this person has judged it already.
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


class Progress(NamedTuple):
    """How far one person is with a queue; the time is the median of a trace in milliseconds, None where not known."""

    total: int
    done: int
    usual_ms: float | None


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


def find_open_queues(cursor: Cursor, labeler: str) -> list[QueueRow]:
    """The queues made for this person that still hold a trace without a word of theirs, the newest first."""
    sql = f"""{FIND} q where list_contains(made_for, ?) and exists (
            select 1 from queue_items i where i.queue_id = q.queue_id and i.place > 0 and not exists (
                select 1 from ({SAID}) s where s.queue_id = i.queue_id and s.place = i.place and s.labeler = ?))
        order by queue_id desc"""  # noqa: S608 - fixed fragments, bound values
    return [_row(row) for row in cursor.execute(sql, [labeler, labeler]).fetchall()]


def find_waiting(cursor: Cursor, labeler: str | None) -> list[str]:
    """Traces of any queue on which this person has still to speak; None: on which anybody has whom it was made for."""
    return [row[0] for row in cursor.execute(WAITING, [labeler, labeler]).fetchall()]


def find_trace_ids(cursor: Cursor, queue_id: int) -> list[str]:
    """The ids of the traces of a queue, in its order."""
    sql = """select t.id from queue_items i join traces t using (trace_key)
        where i.queue_id = ? and i.place > 0 order by i.place"""
    return [row[0] for row in cursor.execute(sql, [queue_id]).fetchall()]


def find_said(cursor: Cursor, queue_id: int, *, labeler: str) -> dict[str, LabelState]:
    """What this person has said of the traces of a queue since it was made, the newest first."""
    sql = f"""select t.id, arg_max(s.state, s.event) from ({SAID}) s join traces t using (trace_key)
        where s.queue_id = ? and s.place > 0 and s.labeler = ? group by t.id order by max(s.event) desc"""  # noqa: S608 - fixed fragments, bound values
    return {row[0]: LabelState(row[1]) for row in cursor.execute(sql, [queue_id, labeler]).fetchall()}


def find_progress(cursor: Cursor, queue_id: int, *, labeler: str) -> Progress:
    """How far this person is with a queue."""
    total = one(cursor, "select count(*) from queue_items where queue_id = ? and place > 0", [queue_id])
    sql = f"""select count(distinct place), median(duration_ms) from ({SAID})
        where queue_id = ? and place > 0 and labeler = ?"""  # noqa: S608 - fixed fragments, bound values
    done, usual = cursor.execute(sql, [queue_id, labeler]).fetchone() or (0, None)
    return Progress(total, done, usual)


class Choice(NamedTuple):
    """How a trace came before whoever labelled it: the queue, its strategy, and the probability where there is one."""

    queue_id: int | None
    strategy: str | None
    inclusion: float | None


def find_choice(cursor: Cursor, queue_id: int | None, trace_key: int) -> Choice:
    """What a label given in this queue says of how its trace was chosen."""
    sql = "select queue_id, strategy, inclusion from queue_items where queue_id = ? and trace_key = ? limit 1"
    row = None if queue_id is None else cursor.execute(sql, [queue_id, trace_key]).fetchone()
    return Choice(None, None, None) if row is None else Choice(*row)


def count_answered(cursor: Cursor) -> dict[tuple[int, str], tuple[int, int]]:
    """Of each draw by chance (queue and strategy): how many traces it hit, and how many of them have a verdict."""
    sql = """select i.queue_id, i.strategy, count(distinct i.trace_key), count(distinct l.trace_key)
        from queue_items i join queues q using (queue_id)
        left join current_labels l on l.trace_key = i.trace_key and l.state in ('pass', 'fail')
            and (list_contains(q.made_for, l.labeler) or len(q.made_for) = 0)
        where i.inclusion is not null group by i.queue_id, i.strategy"""
    return {(row[0], row[1]): (row[2], row[3]) for row in cursor.execute(sql).fetchall()}


def find_drawn_by_chance(cursor: Cursor) -> list[QueueRow]:
    """Every queue with a part that was drawn by chance."""
    sql = f"{FIND} where queue_id in (select queue_id from queue_items where inclusion is not null) order by queue_id"  # noqa: S608 - fixed fragments, bound values
    return [_row(row) for row in cursor.execute(sql).fetchall()]


def _row(row: tuple[object, ...]) -> QueueRow:
    found = QueueRow(*row)  # type: ignore[arg-type] - the columns are its fields
    return found._replace(made_for=tuple(found.made_for))
