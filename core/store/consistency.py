"""Hidden repeats: traces put before the same person once more without a word, and how often they agree with themselves."""

import random
from collections.abc import Sequence

from core.metrics import Rate, rate_of
from core.store.connection import Cursor
from core.store.queues import Item

SHARE = 0.08
"""Of a queue: between 5 and 10 of 100."""
SMALLEST_QUEUE = 10
ENOUGH_JUDGED = 20
"""Verdicts a person must have given before, so that a repeat is not remembered."""
REPEAT = "repeat"

JUDGED = """select trace_key, event from current_labels
    where labeler = ? and state in ('pass', 'fail') and not saw_judge and origin = 'given'
    order by md5(trace_key::varchar || ?), trace_key"""

# A verdict counts once: the newest word in each queue against the label it was to be compared with.
COMPARED = """select count(*) filter (l.state = held.state), count(*)
    from queue_items i join queues q using (queue_id)
    join labels held on held.event = i.repeats
    join labels l on l.trace_key = i.trace_key and l.labeler = held.labeler and l.repeat
    where i.repeats is not null and l.event > q.event and l.state in ('pass', 'fail') and held.labeler = ?
      and l.event not in (select supersedes from labels where supersedes is not null)
      and not exists (select 1 from queues later join queue_items j using (queue_id)
          where j.trace_key = i.trace_key and j.repeats is not null and later.event > q.event and later.event < l.event)
      and (? is null or q.queue_id = ?)"""


def with_repeats(cursor: Cursor, items: Sequence[Item], *, labeler: str, seed: int) -> list[Item]:
    """The places of a new queue with some traces mixed in that this person judged before; the size stays the same.

    A small queue, or a person with few verdicts, gets none. The traces that make room are the last of the draw.
    """
    held = [item.trace_key for item in items]
    known = cursor.execute(JUDGED, [labeler, str(seed)]).fetchall()
    wanted = round(len(items) * SHARE)
    free = [(key, event) for key, event in known if key not in held][:wanted]
    if len(items) < SMALLEST_QUEUE or len(known) < ENOUGH_JUDGED or not free:
        return list(items)
    kept = list(items[: len(items) - len(free)])
    chance = random.Random(seed)  # noqa: S311 - an order, not a secret
    for key, event in free:
        kept.insert(chance.randint(1, len(kept)), Item(0, key, REPEAT, None, event))
    return [item._replace(place=place) for place, item in enumerate(kept, start=1)]


def find_repeated(cursor: Cursor, queue_id: int) -> list[str]:
    """The traces of a queue that are shown once more without a word."""
    sql = """select t.id from queue_items i join traces t using (trace_key)
        where i.queue_id = ? and i.repeats is not null order by i.place"""
    return [row[0] for row in cursor.execute(sql, [queue_id]).fetchall()]


def agreement_with_self(cursor: Cursor, *, labeler: str, queue_id: int | None = None) -> Rate:
    """Of the hidden repeats that this person judged, those with the same verdict as before; in one queue, or in all."""
    k, n = cursor.execute(COMPARED, [labeler, queue_id, queue_id]).fetchone() or (0, 0)
    return rate_of(k, n)
