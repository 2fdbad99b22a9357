"""What somebody may not see yet, and what they were shown: whether a label is blind depends on both."""

from collections.abc import Sequence

from core.slice import Slice
from core.store import openings, queues
from core.store.connection import Store

TELLING = {"pass", "fail"}


def waiting_for(store: Store, labeler: str | None) -> frozenset[str]:
    """Traces of open queues, put aside or not, on which this person has still to speak, so that nobody's word may be
    shown to them. Of somebody who has no name (None) it is not known that they are not one of those who have.
    """
    with store.read() as cursor:
        return frozenset(queues.find_waiting(cursor, labeler))


def told_of(store: Store, keys: Sequence[int], labeler: str) -> frozenset[int]:
    """Those of these traces whose judge's verdict is no news to this person: they gave one of their own, or saw it."""
    with store.read() as cursor:
        return frozenset(openings.find_told(cursor, keys, labeler=labeler))


def note_told(store: Store, trace_ids: Sequence[str], *, labeler: str, judged: bool = False) -> None:
    """Note that a judge's verdicts on these traces were shown to this person without the traces: labels given later say
    that the judge was seen. Without `judged`, traces they have given a verdict on are left out: that one was blind.
    """
    with store.write(quiet=True) as cursor:
        openings.add_told(cursor, trace_ids, labeler=labeler, judged=judged)


def told_already(store: Store, trace_ids: Sequence[str], *, labeler: str, judged: bool = False) -> frozenset[str]:
    """Those of these traces of which `note_told` has nothing to add."""
    with store.read() as cursor:
        return frozenset(openings.find_told_ids(cursor, trace_ids, labeler=labeler, judged=judged))


def tells_verdicts(slice_: Slice) -> bool:
    """Whether being in a slice tells what a judge says of a trace: a list of it does, whatever its columns hide."""
    return bool(slice_.disagree) or len(TELLING & set(slice_.judge_verdict)) == 1
