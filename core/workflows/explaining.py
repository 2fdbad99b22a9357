"""Say why expert and judge differ on a trace, or whether they agree for the same reason; ask for a second look."""

import secrets
from typing import NamedTuple

from core.errors import NotFoundError, UsageError
from core.grouping import alikeness
from core.slice import Slice
from core.store import judgments, pairs, queues, settings, traces
from core.store.connection import Cursor, Store
from core.store.pairs import CAUSES, REASONS, UNMARKED, Pair
from core.store.queues import Item
from core.workflows.narrowing import judge_ref
from core.workflows.second_look import SECOND_LOOK
from core.workflows.trusting import Trust

__all__ = ["CAUSES", "REASONS", "UNMARKED", "Likened", "ask_again", "count_marks", "list_agreeing", "mark", "undo_mark"]

MOST_LIKENED = 400


class Likened(NamedTuple):
    """A pair that agrees, and how alike the two critiques are worded: 0 for nothing in common, 1 for the same."""

    pair: Pair
    alike: float


def mark(store: Store, *, trace_id: str, judge: str, mark: str, by: str) -> int:
    """Keep what a person says of expert and judge version on a trace: one of `CAUSES` or `REASONS`; returns the event.

    Raises:
        UsageError: nobody's name, or no such mark.
        NotFoundError: no such trace or judge.
    """
    if mark not in (*CAUSES, *REASONS):
        raise UsageError(f"«{mark[:40]}» is no cause.", f"Choose one of: {', '.join((*CAUSES, *REASONS))}.")
    _check_name(by)
    with store.write() as cursor:
        key, ref = _place(cursor, trace_id, judge)
        return pairs.add_mark(cursor, trace_key=key, ref=ref, mark=mark, by=by.strip())


def undo_mark(store: Store, *, trace_id: str, judge: str, by: str) -> str | None:
    """Take back what was last said of a pair; returns what is said of it now, None for nothing.

    Raises:
        UsageError: nobody's name.
        NotFoundError: no such trace or judge, or nothing was said.
    """
    _check_name(by)
    with store.write() as cursor:
        key, ref = _place(cursor, trace_id, judge)
        found = pairs.find_former(cursor, trace_key=key, ref=ref)
        if found is None:
            raise NotFoundError("Nothing is said of this trace.", "There is nothing to take back.")
        pairs.add_mark(cursor, trace_key=key, ref=ref, mark=None, by=by.strip())
        if found[1] is not None:
            pairs.add_mark(cursor, trace_key=key, ref=ref, mark=found[1], by=by.strip())
        return found[1]


def _check_name(by: str) -> None:
    if not by.strip():
        raise UsageError("What is said of a trace is kept with a name.", "Give your name first.")


def _place(cursor: Cursor, trace_id: str, judge: str) -> tuple[int, str]:
    key = traces.key_of(cursor, trace_id)
    if key is None:
        raise NotFoundError(f"Trace {trace_id[:80]} does not exist in this database.", "Open the list again.")
    return key, judge_ref(judgments.find_refs(cursor), judge)


def count_marks(store: Store, slice_: Slice, *, judge: str) -> dict[str, int]:
    """How many pairs of a slice carry each mark; `UNMARKED` counts the others."""
    with store.read() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        return pairs.count_marks(cursor, judge, slice_, reference=reference)


def list_agreeing(store: Store, trust: Trust) -> list[Likened]:
    """Pairs with the same verdict and a critique from both, those worded least alike first: they may agree by chance."""
    whole = trust.whole
    with store.read() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        found = [
            pair
            for verdict in ("fail", "pass")
            for pair in pairs.find_pairs(
                cursor, trust.judge, whole.cell_slice(expert=verdict, judge=verdict), reference=reference,
                limit=MOST_LIKENED,
            )
            if (pair.expert_critique or "").strip() and (pair.judge_critique or "").strip()
        ]  # fmt: skip
    alike = alikeness([pair.expert_critique or "" for pair in found], [pair.judge_critique or "" for pair in found])
    return sorted(
        (Likened(pair, value) for pair, value in zip(found, alike, strict=True)),
        key=lambda one: (one.alike, one.pair.trace_id),
    )


def ask_again(store: Store, slice_: Slice, *, judge: str, person: str, by: str, most: int = 100) -> int:
    """A queue of the traces of a slice marked «label wrong», for whoever labelled them to judge again; its number.

    Raises:
        UsageError: nobody's name, or no trace of this slice is marked so.
    """
    _check_name(by)
    with store.write() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        found = pairs.find_pairs(cursor, judge, slice_, reference=reference, limit=most, mark="label wrong")
        mine = [pair.trace_id for pair in found if pair.labeler == person]
        if not mine:
            raise UsageError("No label here is marked as wrong.", "Mark some of the disagreements first.")
        marks = traces.find_marks(cursor, mine)
        items = [Item(place, marks[one].key, SECOND_LOOK, None) for place, one in enumerate(mine, start=1)]
        return queues.add_queue(
            cursor, name=f"Second look: {len(items)} labels that may be wrong", kind=SECOND_LOOK, frame="",
            settings="{}", seed=secrets.randbelow(1_000_000), made_by=by.strip(), made_for=[person], items=items,
        )  # fmt: skip
