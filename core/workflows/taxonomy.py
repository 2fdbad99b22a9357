"""Shape the failure categories: sort traces into them, merge, split, look again; and follow links to those gone."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from core.errors import UsageError
from core.model import Category, Label
from core.slice import NOT_SORTED, Slice
from core.store import categories, labels, openings, recodes, settings, taxonomy, traces
from core.store.connection import Cursor, Store
from core.store.recodes import REDEFINED, SPLIT, Recode
from core.workflows.acting import Action, acting
from core.workflows.wording import Words, add_worded, category_key, held_category, put_all

__all__ = ["REDEFINED", "SPLIT", "Gate", "Recode", "Waiting"]

READ_FIRST = 30
"""Traces to read before anything is named: groups made too early hide what one has not seen."""


class Gate(NamedTuple):
    """How many traces a person has had open, and how many that has to be before categories are offered."""

    opened: int
    needed: int

    @property
    def is_open(self) -> bool:
        """Whether enough was read."""
        return self.opened >= self.needed


def reading_gate(store: Store) -> Gate:
    """Whether enough traces were read to name what goes wrong: 30, or all where there are fewer."""
    with store.read() as cursor:
        return Gate(openings.count_opened(cursor), min(READ_FIRST, traces.count_traces(cursor, Slice())))


def categories_to_pick(store: Store) -> list[Category]:
    """What a reviewer may put a fail into, in the order in which they were made: nothing before enough was read."""
    with store.read() as cursor:
        known = categories.find_categories(cursor)
    return known if known and reading_gate(store).is_open else []


def sort_into(store: Store, *, trace_ids: Sequence[str], category_id: int, by: str) -> Action:
    """Put several traces into a category, all or none; the action tells how many were not in it before.

    Raises:
        NotFoundError: a trace that is not here, or no such category.
    """
    with acting(store) as act:
        cursor = act.cursor
        held_category(cursor, category_id)
        act.did(traces=put_all(cursor, trace_ids, category_id, by), category_id=category_id)
    return act.action


def take_out(store: Store, *, trace_id: str, category_id: int, by: str) -> Action:
    """Take a trace out of a category."""
    with acting(store) as act:
        cursor = act.cursor
        key = category_key(cursor, trace_id, category_id)
        removed = categories.unassign(cursor, trace_key=key, category_id=category_id, by=by)
        act.did(traces=int(removed is not None), category_id=category_id)
    return act.action


def merge_categories(store: Store, category_id: int, *, into: int, by: str) -> Action:
    """Put a category into another one: its traces move, its name stays in the history, its links lead to the other.

    Raises:
        UsageError: into itself.
        NotFoundError: no such category.
    """
    if category_id == into:
        raise UsageError("A category cannot be merged into itself.", "Choose another one.")
    with acting(store) as act:
        cursor = act.cursor
        held_category(cursor, category_id)
        held_category(cursor, into)
        act.did(traces=taxonomy.merge(cursor, category_id, into=into, by=by), category_id=into)
    return act.action


def split_category(store: Store, category_id: int, parts: Sequence[Words], *, by: str) -> Action:
    """Make further categories out of one; each of its traces waits for somebody to choose where it belongs.

    Until then it counts where it was, so that no count moves by itself.

    Raises:
        UsageError: no part, no name, a text over the cap, or a name that another category has.
        NotFoundError: no such category.
    """
    if not parts:
        raise UsageError("A split needs at least one new category.", "Name what is to be told apart.")
    with acting(store) as act:
        cursor = act.cursor
        held_category(cursor, category_id)
        for words in parts:
            add_worded(cursor, words, by, split_from=category_id)
        act.did(traces=_ask_again(cursor, category_id, SPLIT, by), category_id=category_id)
    return act.action


def look_again(store: Store, category_id: int, *, by: str) -> Action:
    """Ask for a second look at all traces of a category, such as after its definition changed.

    Raises:
        NotFoundError: no such category.
    """
    with acting(store) as act:
        cursor = act.cursor
        held_category(cursor, category_id)
        act.did(traces=_ask_again(cursor, category_id, REDEFINED, by), category_id=category_id)
    return act.action


def choose_again(store: Store, recode: Recode, *, into: int | None, by: str) -> Action:
    """Answer a second look: into another category, into the same one (it stays), or into none.

    Raises:
        NotFoundError: no such category.
    """
    key, former = recode.trace_key, recode.category_id
    with acting(store) as act:
        cursor = act.cursor
        held = categories.held_at(cursor, trace_key=key, category_id=former)
        if into is not None:
            held_category(cursor, into)
        if into != former:
            categories.unassign(cursor, trace_key=key, category_id=former, by=by)
            if into is not None:
                place = held[1] if held else None
                categories.assign(cursor, trace_key=key, category_id=into, by=by, position=place)
        if recode in recodes.find_recodes(cursor) or held is None:
            recodes.end_recode(cursor, recode.event, by=by)
        act.did(traces=1, category_id=into)
    return act.action


class Waiting(NamedTuple):
    """A trace that wants a second look, with the label that counts of it."""

    recode: Recode
    note: Label


def list_recodes(store: Store, slice_: Slice) -> list[Waiting]:
    """What wants a second look among the traces of a slice, the oldest request first."""
    with store.read() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        keys = set(traces.find_keys(cursor, slice_, reference=reference))
        waiting = [recode for recode in recodes.find_recodes(cursor) if recode.trace_key in keys]
        notes = labels.find_reference_labels(cursor, [recode.trace_key for recode in waiting], reference)
        return [Waiting(recode, notes[recode.trace_key]) for recode in waiting if recode.trace_key in notes]


# ------------------------------------------------------------------------------ links


class Followed(NamedTuple):
    """A condition on a category that is gone, and what it was replaced by."""

    former: str
    now: tuple[str, ...]


def follow_merges(store: Store, slice_: Slice) -> tuple[Slice, list[Followed]]:
    """A slice whose conditions on merged or split categories name the ones that now hold their traces."""
    if not slice_.category and not slice_.primary:
        return slice_, []
    with store.read() as cursor:
        heads, names = taxonomy.find_heads(cursor), taxonomy.find_last_names(cursor)
    said: dict[int, Followed] = {}

    def followed(ids: tuple[int, ...]) -> tuple[int, ...]:
        found: list[int] = []
        for i in ids:
            now = heads.get(i, ()) if i != NOT_SORTED else ()
            if now:
                said[i] = Followed(names[i], tuple(names[head] for head in now))
            found += now or (i,)
        return tuple(dict.fromkeys(found))

    replaced = replace(slice_, category=followed(slice_.category), primary=followed(slice_.primary))
    return replaced, list(said.values())


def _ask_again(cursor: Cursor, category_id: int, reason: str, by: str) -> int:
    waiting = {recode.trace_key for recode in recodes.find_recodes(cursor) if recode.category_id == category_id}
    asked = [key for key in categories.keys_in(cursor, category_id) if key not in waiting]
    for key in asked:
        recodes.add_recode(cursor, trace_key=key, category_id=category_id, reason=reason, by=by)
    return len(asked)
