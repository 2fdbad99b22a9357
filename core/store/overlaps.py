"""Overlap batches: the same traces for two people, and what each said of them."""

from typing import NamedTuple

from core.model import LabelState
from core.store.connection import Cursor
from core.store.queues import FIND, QueueRow

KIND = "overlap"

SAID = """select t.id, l.labeler, l.state, l.critique, l.saw_judge from queue_items i join queues q using (queue_id)
    join labels l on l.trace_key = i.trace_key join traces t on t.trace_key = i.trace_key
    where q.queue_id = ? and i.place > 0 and l.event > q.event and l.labeler in (select unnest(q.made_for))
      and not l.repeat and l.origin = 'given' and l.state <> 'critique'
    order by l.event"""

SETTLED = """select t.id, arg_max(l.state, l.event), arg_max(l.labeler, l.event)
    from queue_items i join queues q using (queue_id)
    join current_labels l on l.trace_key = i.trace_key join traces t on t.trace_key = i.trace_key
    where q.queue_id = ? and l.origin = 'adjudicated' and l.event > q.event group by t.id"""


class Opinion(NamedTuple):
    """What one person of a batch says of a trace."""

    trace_id: str
    labeler: str
    state: LabelState
    critique: str | None


class Words(NamedTuple):
    """What the people of a batch said of its traces."""

    spoken: frozenset[tuple[str, str]]
    """Trace and person: who has a word that stands, whatever was in sight."""
    blind: dict[str, list[Opinion]]
    """Per trace on which all have spoken what each said without sight of a judge, as it stood when the last of them spoke."""


def find_overlaps(cursor: Cursor) -> list[QueueRow]:
    """Every overlap batch, the newest first."""
    sql = f"{FIND} where kind = ? order by queue_id desc"
    rows = cursor.execute(sql, [KIND]).fetchall()
    return [QueueRow(*row)._replace(made_for=tuple(row[8])) for row in rows]


def find_words(cursor: Cursor, queue_id: int, *, people: tuple[str, ...], total: int) -> Words:
    """What was said in a batch of `total` traces. Who changes a word later may have seen the other's: it is history.

    A word that was taken back was not said, unless all were through with the whole batch and its results were shown.
    """
    held: dict[tuple[str, str, bool], Opinion] = {}
    through: dict[str, list[Opinion]] = {}
    for trace_id, labeler, state, critique, saw_judge in cursor.execute(SAID, [queue_id]).fetchall():
        if state == LabelState.WITHDRAWN.value:
            held.pop((trace_id, labeler, saw_judge), None)
        else:
            held[trace_id, labeler, saw_judge] = Opinion(trace_id, labeler, LabelState(state), critique)
        if len(through) == total:
            continue
        if not all((trace_id, one, False) in held or (trace_id, one, True) in held for one in people):
            through.pop(trace_id, None)
        elif trace_id not in through:
            through[trace_id] = [held[trace_id, one, False] for one in people if (trace_id, one, False) in held]
    return Words(frozenset((trace_id, labeler) for trace_id, labeler, _ in held), through)


def find_settled(cursor: Cursor, queue_id: int) -> dict[str, tuple[LabelState, str]]:
    """Per trace of a batch the verdict that settled it, and whose it is."""
    return {row[0]: (LabelState(row[1]), row[2]) for row in cursor.execute(SETTLED, [queue_id]).fetchall()}
