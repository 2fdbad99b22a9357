"""Hidden repeats: traces put before the same person once more without a word, and how often they agree with themselves."""

from collections.abc import Sequence
from random import Random
from typing import NamedTuple

from core.metrics import Rate, rate_of
from core.store.connection import Cursor
from core.store.queues import Item

SHARE = 0.08
"""Of a queue: between 5 and 10 of 100."""
SMALLEST_QUEUE = 10
ENOUGH_JUDGED = 20
"""Verdicts a person must have given before, so that a repeat is not remembered."""
REPEAT = "repeat"

# Whoever has seen what a judge says of a trace since then would repeat the judge, not themselves.
JUDGED = """select l.trace_key, l.event from current_labels l
    where l.labeler = ? and l.state in ('pass', 'fail') and not l.saw_judge and l.origin = 'given'
      and not exists (select 1 from openings o where o.trace_key = l.trace_key and o.labeler = l.labeler and o.saw_judge)
    order by md5(trace_key::varchar || ?), trace_key"""

# A verdict counts once: the newest word in each queue against the label it was to be compared with, unless a judge's
# verdict was seen between the two.
COMPARED = """select count(*) filter (l.state = held.state), count(*)
    from queue_items i join queues q using (queue_id)
    join labels held on held.event = i.repeats
    join labels l on l.trace_key = i.trace_key and l.labeler = held.labeler and l.repeat
    where i.repeats is not null and l.event > q.event and l.state in ('pass', 'fail') and held.labeler = ?
      and l.event not in (select supersedes from labels where supersedes is not null)
      and not exists (select 1 from queues later join queue_items j using (queue_id)
          where j.trace_key = i.trace_key and j.repeats is not null and later.event > q.event and later.event < l.event)
      and not exists (select 1 from openings o where o.trace_key = i.trace_key and o.labeler = held.labeler
          and o.saw_judge and o.event < l.event)
      and (? is null or q.queue_id = ?)"""


class Repeats(NamedTuple):
    """How many places of a queue are for repeats, and the traces they can be taken from: key and event of the label."""

    amount: int
    judged: list[tuple[int, int]]


def plan_repeats(cursor: Cursor, *, labeler: str, size: int, seed: int) -> Repeats:
    """The repeats for a queue of this size: none in a small one, and none for a person with few verdicts."""
    judged = cursor.execute(JUDGED, [labeler, str(seed)]).fetchall()
    enough = size >= SMALLEST_QUEUE and len(judged) >= ENOUGH_JUDGED
    return Repeats(round(size * SHARE), judged) if enough else Repeats(0, [])


def mixed_in(items: Sequence[Item], repeats: Repeats, *, chance: Random) -> list[Item]:
    """The places of a queue with repeats among them, never the first; hidden places stay at its end.

    Where fewer traces could be drawn than were asked for, there are fewer repeats too.
    """
    shown = [item for item in items if item.place > 0]
    held = {item.trace_key for item in items}
    free = [(key, event) for key, event in repeats.judged if key not in held]
    for key, event in free[: min(repeats.amount, round((len(shown) + repeats.amount) * SHARE))]:
        shown.insert(chance.randint(1, len(shown)), Item(0, key, REPEAT, None, event))
    hidden = [item for item in items if item.place == 0]
    return [*(item._replace(place=place) for place, item in enumerate(shown, start=1)), *hidden]


def find_repeated(cursor: Cursor, queue_id: int) -> list[str]:
    """The traces of a queue that are shown once more without a word."""
    sql = """select t.id from queue_items i join traces t using (trace_key)
        where i.queue_id = ? and i.repeats is not null order by i.place"""
    return [row[0] for row in cursor.execute(sql, [queue_id]).fetchall()]


def agreement_with_self(cursor: Cursor, *, labeler: str, queue_id: int | None = None) -> Rate:
    """Of the hidden repeats that this person judged, those with the same verdict as before; in one queue, or in all."""
    k, n = cursor.execute(COMPARED, [labeler, queue_id, queue_id]).fetchone() or (0, 0)
    return rate_of(k, n)
