"""Overlap batches: the same traces for two people, and what each said of them."""

from typing import NamedTuple

from core.model import LabelState
from core.store.connection import Cursor
from core.store.queues import FIND, QueueRow

KIND = "overlap"

SAID = """select t.id, l.labeler, l.state, l.critique, l.event from queue_items i join queues q using (queue_id)
    join labels l on l.trace_key = i.trace_key join traces t on t.trace_key = i.trace_key
    where q.queue_id = ? and l.event > q.event and l.labeler in (select unnest(q.made_for)) and not l.repeat
      and l.origin = 'given' and l.state in ('pass', 'fail', 'deferred')
      and l.event not in (select supersedes from labels where supersedes is not null)
    order by i.place, l.event"""

SETTLED = """select t.id, arg_max(l.state, l.event), arg_max(l.labeler, l.event)
    from queue_items i join queues q using (queue_id)
    join current_labels l on l.trace_key = i.trace_key join traces t on t.trace_key = i.trace_key
    where q.queue_id = ? and l.origin = 'adjudicated' and l.event > q.event group by t.id"""

# Traces of an open batch on which this person has still to speak: nobody's word on them may be shown to them.
WAITING = """select distinct t.id from queue_items i join queues q using (queue_id)
    join traces t on t.trace_key = i.trace_key
    where q.kind = 'overlap' and i.place > 0 and list_contains(q.made_for, ?) and not exists (
        select 1 from labels l where l.trace_key = i.trace_key and l.labeler = ? and l.event > q.event
            and l.state in ('pass', 'fail', 'deferred')
            and l.event not in (select supersedes from labels where supersedes is not null))"""


class Opinion(NamedTuple):
    """What one person of a batch says of a trace now."""

    trace_id: str
    labeler: str
    state: LabelState
    critique: str | None


def find_overlaps(cursor: Cursor) -> list[QueueRow]:
    """Every overlap batch, the newest first."""
    sql = f"{FIND} where kind = ? order by queue_id desc"
    rows = cursor.execute(sql, [KIND]).fetchall()
    return [QueueRow(*row)._replace(made_for=tuple(row[8])) for row in rows]


def find_opinions(cursor: Cursor, queue_id: int) -> list[Opinion]:
    """What the people of a batch said of its traces, in its order; the newest word of each."""
    found = cursor.execute(SAID, [queue_id]).fetchall()
    newest = {(row[0], row[1]): Opinion(row[0], row[1], LabelState(row[2]), row[3]) for row in found}
    return list(newest.values())


def find_settled(cursor: Cursor, queue_id: int) -> dict[str, tuple[LabelState, str]]:
    """Per trace of a batch the verdict that settled it, and whose it is."""
    return {row[0]: (LabelState(row[1]), row[2]) for row in cursor.execute(SETTLED, [queue_id]).fetchall()}


def find_waiting(cursor: Cursor, labeler: str) -> list[str]:
    """Traces of overlap batches on which this person has still to speak."""
    return [row[0] for row in cursor.execute(WAITING, [labeler, labeler]).fetchall()]
