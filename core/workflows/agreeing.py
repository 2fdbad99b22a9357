"""How far people agree: two of them on the same traces, each blind to the other, and one with their own former words."""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import uuid4

from core.errors import NotFoundError, UsageError
from core.metrics import Rate, agreement, kappa
from core.model import Confusion, LabelState
from core.slice import Slice
from core.store import consistency, labels, openings, overlaps, queues, rubrics, settings, traces
from core.store.connection import Cursor, Store
from core.store.labels import LabelerCount
from core.store.overlaps import Opinion
from core.store.queues import QueueRow
from core.workflows.looking import labelling
from core.workflows.queueing import start_queue

__all__ = ["Disagreement", "Opinion", "Overlap", "Team", "adjudicate", "list_overlaps", "read_team", "start_overlap"]

JUDGED = (LabelState.PASS, LabelState.FAIL)


class Member(NamedTuple):
    """Somebody who labelled, and how often they agreed with themselves on traces shown again."""

    labeler: LabelerCount
    with_self: Rate


class Team(NamedTuple):
    """Everybody who labelled, most traces first, and whose labels are the truth."""

    members: list[Member]
    principal: str | None


class Disagreement(NamedTuple):
    """A trace that two people judged differently, and how it was settled, if it was."""

    trace_id: str
    first: Opinion
    second: Opinion
    settled: LabelState | None
    settled_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """An overlap batch. What the two said is empty until both are through: before that neither may know.

    Of each trace the two words count that were given blind to each other and to any judge; later ones are history.
    """

    queue_id: int
    people: tuple[str, str]
    total: int
    done: tuple[int, int]
    counts: Confusion | None
    """The first person in the place of the expert, the second in that of the judge."""
    agreement: Rate | None
    kappa: float | None
    deferred: int
    """Traces that one of them deferred."""
    in_sight: int
    """Traces on which one of them had a judge's verdict in sight."""
    disagreements: list[Disagreement]

    @property
    def is_done(self) -> bool:
        """Whether both have spoken on every trace."""
        return self.done == (self.total, self.total)


def read_team(store: Store) -> Team:
    """Everybody who labelled, with their consistency."""
    with store.read() as cursor:
        found = labels.find_labelers(cursor)
        members = [Member(x, consistency.agreement_with_self(cursor, labeler=x.labeler)) for x in found]
        return Team(members, settings.find_setting(cursor, settings.PRINCIPAL))


def agreement_with_self(store: Store, labeler: str, *, queue_id: int | None = None) -> Rate:
    """How often this person said the same of a trace that was shown again: the ceiling for any judge."""
    with store.read() as cursor:
        return consistency.agreement_with_self(cursor, labeler=labeler, queue_id=queue_id)


def start_overlap(store: Store, slice_: Slice, *, people: tuple[str, str], size: int) -> int:
    """A batch of the same traces for two people, drawn at random from those that whoever of them labelled more has not
    judged; returns its number. What either said before does not count in it.

    Raises:
        UsageError: not two different people, or nothing is left to draw.
    """
    names = [person.strip() for person in people]
    if not all(names) or names[0] == names[1]:
        raise UsageError("An overlap batch needs two different people.", "Name both.")
    with store.read() as cursor:
        counted = {known.labeler: known.traces for known in labels.find_labelers(cursor)}
    first, second = sorted(names, key=lambda name: -counted.get(name, 0))
    return start_queue(store, slice_, size=size, labeler=first, also=second).id


def list_overlaps(store: Store) -> list[Overlap]:
    """Every overlap batch, the newest first."""
    with store.read() as cursor:
        return [_overlap(cursor, row) for row in overlaps.find_overlaps(cursor)]


def _overlap(cursor: Cursor, row: QueueRow) -> Overlap:
    first, second = row.made_for
    ids = queues.find_trace_ids(cursor, row.queue_id)
    said = overlaps.find_words(cursor, row.queue_id, people=row.made_for, total=len(ids))
    done = (sum((i, first) in said.spoken for i in ids), sum((i, second) in said.spoken for i in ids))
    shown = [said.blind[i] for i in ids] if done == (len(ids), len(ids)) else []
    pairs = [(words[0], words[1]) for words in shown if len(words) == len(row.made_for)]
    both = [(a, b) for a, b in pairs if a.state in JUDGED and b.state in JUDGED]
    counts = Confusion(*(sum((a.state, b.state) == cell for a, b in both) for cell in _CELLS)) if shown else None
    settled = overlaps.find_settled(cursor, row.queue_id)
    return Overlap(
        queue_id=row.queue_id,
        people=(first, second),
        total=len(ids),
        done=done,
        counts=counts,
        agreement=counts and agreement(counts),
        kappa=None if counts is None else kappa(counts),
        deferred=len(pairs) - len(both),
        in_sight=len(shown) - len(pairs),
        disagreements=[
            Disagreement(a.trace_id, a, b, *settled.get(a.trace_id, (None, None)))
            for a, b in both
            if a.state != b.state
        ],
    )


_CELLS = (
    (LabelState.PASS, LabelState.PASS),
    (LabelState.FAIL, LabelState.FAIL),
    (LabelState.FAIL, LabelState.PASS),
    (LabelState.PASS, LabelState.FAIL),
)


def adjudicate(store: Store, *, queue_id: int, trace_id: str, state: LabelState, critique: str, by: str) -> int:
    """Settle a disagreement by a third label, which then is the one that counts; both others are kept.

    Raises:
        UsageError: no name, no verdict, or no word why.
        NotFoundError: the two of this batch do not disagree on the trace, or are not through yet.
    """
    name, text = by.strip(), critique.strip()
    if not name or state not in JUDGED:
        raise UsageError(
            "A disagreement is settled by somebody with a name, as pass or fail.", "Choose one of the two."
        )
    if not text:
        raise UsageError("Write why: one sentence is enough.", "The verdict that settles it is stored with its reason.")
    with labelling(store) as cursor:
        row, key = queues.find_queue(cursor, queue_id), traces.key_of(cursor, trace_id)
        found = [] if row is None or row.kind != overlaps.KIND else _overlap(cursor, row).disagreements
        if key is None or trace_id not in {one.trace_id for one in found}:
            raise NotFoundError("There is no disagreement on this trace to settle.", "Open the batch again.")
        return labels.add_label(
            cursor, client_id=str(uuid4()), trace_key=key, labeler=name, state=state, critique=text,
            origin="adjudicated", saw_judge=openings.saw_judge(cursor, trace_key=key, labeler=name),
            rubric_version=rubrics.newest_version(cursor), queue_id=queue_id,
        )  # fmt: skip
