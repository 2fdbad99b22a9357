"""Draw a queue of traces to review, once, and keep it: which traces, why each, with what probability, for whom."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import NamedTuple
from urllib.parse import parse_qs, urlencode

import orjson

from core.errors import UsageError
from core.metrics import Rate, rate_of
from core.model import LabelState
from core.slice import Slice
from core.store import consistency, drawing, queues, settings
from core.store.connection import Store
from core.store.drawing import UNLABELLED as UNLABELLED_VERDICT
from core.store.queues import Item, Progress, QueueRow
from core.workflows.planning import RANDOM, Plan, check_plan, gives_away
from core.workflows.strategies import BY_NAME, Chance, Drawn, Pool

QUEUE_SIZES = (5, 100)
"""The smallest and the largest queue."""
OVERLAP = "overlap"
UNLABELLED = Slice(verdict=UNLABELLED_VERDICT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A queue as it is kept; `people` are those it was made for."""

    id: int
    event: int
    name: str
    frame: Slice
    seed: int
    people: tuple[str, ...]
    by_chance: bool
    """Whether all of it was drawn by chance, so that its failure rate says something."""
    mixed: bool
    """Whether a part of it was drawn by chance and a part was not."""
    kind: str = "drawn"

    @property
    def address(self) -> str:
        """What stands in the address."""
        return str(self.id)

    def is_for(self, person: str) -> bool:
        """Whether this person may work on it; one that was made for nobody is for everybody."""
        return not self.people or person in self.people


class Session(NamedTuple):
    """How far a queue is: verdicts and deferrals of this person, and the rate of failed among the verdicts."""

    total: int
    done: int
    deferred: int
    failed: Rate


class OpenQueue(NamedTuple):
    """A queue with how far its person is."""

    queue: Queue
    progress: Progress

    @property
    def left(self) -> int:
        """Traces still to judge."""
        return self.progress.total - self.progress.done


def blind(slice_: Slice) -> Slice:
    """A slice without what would tell a reviewer what anybody thinks of its traces."""
    open_ones = slice_.verdict == UNLABELLED.verdict
    return replace(
        slice_,
        verdict=slice_.verdict if open_ones else (),
        labeler=slice_.labeler if open_ones else None,
        of_category=None,
        category_verdict=(),
        judge=None,
        judge_verdict=(),
        disagree=None,
        judged=(),
        asked_again=None,
        flips=None,
        category=(),
        primary=(),
        last_good=(),
        failed_at=(),
        saw_judge=None,
        chosen=(),
        drawn=(),
    )


def start_queue(
    store: Store,
    slice_: Slice,
    *,
    size: int,
    labeler: str,
    plan: Plan = RANDOM,
    seed: int | None = None,
    also: str | None = None,
) -> Queue:
    """Draw a queue from the blind slice for this person and keep it. What they judged is not drawn again, but for a
    few hidden repeats. With `also` it is an overlap batch: the same traces for a second person, each blind to the other.

    Raises:
        UsageError: nobody's name, an unknown strategy or dimension, a judge's verdicts alone, or nothing to draw.
    """
    if not labeler.strip():
        raise UsageError("A queue needs the name of who reviews it.", "Give your name first.")
    smallest, largest = QUEUE_SIZES
    size, frame = min(max(size, smallest), largest), blind(slice_)
    seed = secrets.randbelow(1_000_000) if seed is None else seed
    with store.read() as cursor:
        check_plan(cursor, plan)
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        pool = Pool(
            cursor=cursor, frame=replace(frame, verdict=()), reference=reference, labeler=labeler,
            random=Random(seed),  # noqa: S311 - a draw that can be made again, no secret
            candidates=drawing.find_candidates(cursor, frame, labeler=labeler, reference=reference),
            by=plan.by, equal=plan.equal,
        )  # fmt: skip
        repeats = consistency.plan_repeats(cursor, labeler=labeler, size=0 if also else size, seed=seed)
        drawn = _draw(pool, plan, size - repeats.amount)
    shown = [one.strategy for one in drawn if one.shown]
    if not shown:
        raise UsageError("There is nothing to draw.", "Choose another way to draw, or another slice.")
    if all(BY_NAME[strategy].by_judge for strategy in shown):
        raise gives_away()
    with store.write() as cursor:
        queue_id = queues.add_queue(
            cursor, name=plan.name, kind=OVERLAP if also else "drawn", frame=urlencode(frame.to_params(), doseq=True),
            settings=_written(plan, size, pool.chances), seed=seed, made_by=labeler,
            made_for=[labeler, also] if also else [labeler],
            items=consistency.mixed_in(_items(drawn, pool.random), repeats, chance=pool.random),
        )  # fmt: skip
        kept = queues.find_queue(cursor, queue_id)
    assert kept is not None  # noqa: S101 - it was kept just now
    return _queue(kept)


def find_queue(store: Store, name: str) -> Queue | None:
    """The queue that an address names, or None."""
    if not (name.isascii() and name.isdigit() and len(name) < 10):
        return None
    with store.read() as cursor:
        found = queues.find_queue(cursor, int(name))
        return None if found is None else _queue(found)


def open_queues(store: Store, labeler: str) -> list[OpenQueue]:
    """The queues of this person that hold traces still to judge, the newest first."""
    with store.read() as cursor:
        found = [_queue(row) for row in queues.find_open_queues(cursor, labeler)]
        return [OpenQueue(queue, queues.find_progress(cursor, queue.id, labeler=labeler)) for queue in found]


def queue_progress(store: Store, queue: Queue, *, labeler: str) -> Progress:
    """How far this person is with a queue."""
    with store.read() as cursor:
        return queues.find_progress(cursor, queue.id, labeler=labeler)


def trace_ids(store: Store, queue: Queue) -> list[str]:
    """The ids of a queue's traces in its order; nothing that happens later changes them."""
    with store.read() as cursor:
        return queues.find_trace_ids(cursor, queue.id)


def repeated_ids(store: Store, queue: Queue) -> frozenset[str]:
    """The traces of a queue that its person has judged before and is shown once more without a word."""
    with store.read() as cursor:
        return frozenset(consistency.find_repeated(cursor, queue.id))


def count_open(store: Store, slice_: Slice, *, labeler: str) -> int:
    """Traces of the blind slice that this person has not judged: what a queue can be drawn from."""
    with store.read() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        return drawing.count_open(cursor, blind(slice_), labeler=labeler, reference=reference)


def reviewed_ids(store: Store, queue: Queue, *, labeler: str) -> dict[str, LabelState]:
    """Which traces of a queue this person has judged or deferred since it was made, and how; newest first."""
    with store.read() as cursor:
        return queues.find_said(cursor, queue.id, labeler=labeler)


def session_of(ids: Sequence[str], states: dict[str, LabelState]) -> Session:
    """How far a queue is, from what `reviewed_ids` gave for it."""
    said = [states[trace_id] for trace_id in ids if trace_id in states]
    failed, deferred = said.count(LabelState.FAIL), said.count(LabelState.DEFERRED)
    return Session(len(ids), len(said), deferred, rate_of(failed, len(said) - deferred))


def frame_of(row: QueueRow) -> Slice:
    """The slice a kept queue was drawn from."""
    return Slice.from_params(parse_qs(row.frame, keep_blank_values=True))


def chances_of(row: QueueRow) -> list[Chance]:
    """The draws by chance of a kept queue."""
    return [Chance(**chance) for chance in orjson.loads(row.settings).get("chances", ())]


def _draw(pool: Pool, plan: Plan, size: int) -> list[Drawn]:
    """Draws by chance come first; what a strategy cannot fill is left to those drawn by chance, else stays empty."""
    parts = sorted(plan.parts, key=lambda part: not BY_NAME[part.strategy].by_chance)
    whole = sum(part.share for part in parts)
    left, drawn = size, list[Drawn]()
    for place, part in enumerate(parts):
        amount = left if place == len(parts) - 1 else min(left, round(size * part.share / whole))
        found = BY_NAME[part.strategy].draw(pool, amount) if amount else []
        pool.taken.update(one.key for one in found)
        left -= sum(one.shown for one in found)
        drawn += found
    return drawn


def _items(drawn: Sequence[Drawn], random: Random) -> list[Item]:
    """In random order, so that no place tells why a trace is there."""
    order = list(drawn)
    random.shuffle(order)
    shown = iter(range(1, len(order) + 1))
    return [Item(next(shown) if one.shown else 0, one.key, one.strategy, one.inclusion) for one in order]


def _written(plan: Plan, size: int, chances: Sequence[Chance]) -> str:
    kept = {
        "size": size,
        "parts": [list(part) for part in plan.parts],
        "by": plan.by,
        "equal": plan.equal,
        "by_chance": plan.by_chance,
    }
    return orjson.dumps(kept | {"chances": [chance._asdict() for chance in chances]}).decode()


def _queue(row: QueueRow) -> Queue:
    by_chance = bool(orjson.loads(row.settings).get("by_chance", True))
    return Queue(
        id=row.queue_id, event=row.event, name=row.name, frame=frame_of(row), seed=row.seed, people=row.made_for,
        by_chance=by_chance, mixed=not by_chance and bool(chances_of(row)), kind=row.kind,
    )  # fmt: skip
