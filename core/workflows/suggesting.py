"""Suggest categories for notes that have none; nothing counts before a person accepted it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from core import grouping
from core.errors import UsageError
from core.judge import grouping as by_model
from core.judge.grouping import MOST_NOTES, Estimate
from core.judge.providers.anthropic import has_key, model_name
from core.model import Category, Label
from core.slice import Slice
from core.store import categories, suggestions, taxonomy, traces
from core.store.connection import Cursor, Store
from core.store.suggestions import Proposed
from core.workflows.acting import Action, acting
from core.workflows.categorising import list_all_sorted, list_unsorted
from core.workflows.taxonomy import reading_gate
from core.workflows.wording import Words, add_worded

__all__ = ["Answered", "Estimate", "SuggestedGroup", "Suggestion", "has_key", "model_name"]

WORDING = "wording"
"""The source of suggestions that were made on this computer; of others it is the name of the model."""
MOST_BY_WORDING = 1000


class Answered(NamedTuple):
    """How many suggestions were accepted, of those that were answered."""

    accepted: int
    answered: int


class Suggestion(NamedTuple):
    """A note with the category that is suggested for it."""

    event: int
    note: Label


@dataclass(frozen=True, slots=True, kw_only=True)
class SuggestedGroup:
    """Notes for which the same category is suggested: an existing one, or a new one of this name."""

    name: str
    definition: str
    category_id: int | None
    source: str
    suggestions: list[Suggestion]

    @property
    def events(self) -> list[int]:
        """What accepting all of it answers."""
        return [s.event for s in self.suggestions]


def list_suggestions(store: Store, slice_: Slice) -> list[SuggestedGroup]:
    """What is suggested for the notes of a slice, the largest group first."""
    notes = {note.trace_id: note for note in list_unsorted(store, slice_, limit=MOST_BY_WORDING).labels}
    with store.read() as cursor:
        waiting = suggestions.find_proposed(cursor)
        ids = {row.key: row.id for row in traces.find_rows(cursor, [p.trace_key for p in waiting])}
        known = {c.id: c for c in categories.find_categories(cursor)}
        heads = taxonomy.find_heads(cursor)
    groups: dict[tuple[int | None, str], SuggestedGroup] = {}
    for proposed in waiting:
        note = notes.get(ids.get(proposed.trace_key, ""))
        if note is None:
            continue
        target = _target(proposed, known, heads)
        name = target.name if target else proposed.name
        key = (target.id if target else None, name.lower())
        group = groups.setdefault(
            key,
            SuggestedGroup(
                name=name, definition=target.definition if target else proposed.definition,
                category_id=target.id if target else None, source=proposed.source, suggestions=[],
            ),
        )  # fmt: skip
        group.suggestions.append(Suggestion(proposed.event, note))
    return sorted(groups.values(), key=lambda group: -len(group.suggestions))


def _target(proposed: Proposed, known: dict[int, Category], heads: dict[int, tuple[int, ...]]) -> Category | None:
    """The category that is meant: the one it was merged into, or one that has that name by now."""
    if proposed.category_id is not None:
        for i in (proposed.category_id, *heads.get(proposed.category_id, ())):
            if i in known:
                return known[i]
    return next((c for c in known.values() if c.name.lower() == proposed.name.lower()), None)


def count_answered(store: Store) -> Answered:
    """How many suggestions were accepted of those that were answered."""
    with store.read() as cursor:
        return Answered(*suggestions.count_answered(cursor))


def suggest_by_wording(store: Store, slice_: Slice, *, by: str) -> int:
    """Suggest categories by wording alone, on this computer; returns for how many notes.

    Raises:
        UsageError: too little was read yet.
    """
    notes = _notes(store, slice_, MOST_BY_WORDING)
    texts = [note.critique or "" for note in notes]
    sorted_notes = [note for note in list_all_sorted(store) if note.critique]
    alike = grouping.liken(texts, [note.critique or "" for note in sorted_notes])
    found: list[tuple[str, str, list[Label]]] = [
        (sorted_notes[place].categories[0], "", [note])
        for note, place in zip(notes, alike, strict=True)
        if place is not None
    ]
    rest = [note for note, place in zip(notes, alike, strict=True) if place is None]
    for group in grouping.group_texts([note.critique or "" for note in rest]):
        found.append((group.name, "", [rest[i] for i in group.members]))
    return _propose(store, found, source=WORDING, by=by)


def estimate(store: Store, slice_: Slice) -> Estimate:
    """What asking the model about the notes of a slice will take."""
    notes = [note.critique or "" for note in _notes(store, slice_, MOST_NOTES)]
    with store.read() as cursor:
        return by_model.estimate(notes, categories.find_categories(cursor))


def suggest_by_model(store: Store, slice_: Slice, *, by: str) -> int:
    """Ask the model once to group the notes of a slice; returns for how many it suggests something.

    Raises:
        UsageError: too little was read yet.
        ModelError: no answer, or none that can be read; nothing was changed.
    """
    notes = _notes(store, slice_, MOST_NOTES)
    with store.read() as cursor:
        known = categories.find_categories(cursor)
    answer = by_model.group([note.critique or "" for note in notes], known)
    found = [(title, definition, [notes[i] for i in places]) for title, definition, places in answer]
    return _propose(store, found, source=model_name(), by=by)


def _notes(store: Store, slice_: Slice, most: int) -> list[Label]:
    gate = reading_gate(store)
    if not gate.is_open:
        raise UsageError(
            f"Read {gate.needed} traces first: {gate.opened} so far.",
            "Groups made too early hide what you have not seen.",
        )
    return [note for note in list_unsorted(store, slice_, limit=most).labels if (note.critique or "").strip()]


def _propose(store: Store, found: Sequence[tuple[str, str, list[Label]]], *, source: str, by: str) -> int:
    with store.write() as cursor:
        run_id = suggestions.next_run(cursor)
        known = {c.name.lower(): c.id for c in categories.find_categories(cursor)}
        for name, definition, notes in found:
            for note in notes:
                key = traces.key_of(cursor, note.trace_id)
                if key is not None:
                    suggestions.add_suggestion(
                        cursor, run_id=run_id, trace_key=key, label_event=note.event,
                        category_id=known.get(name.lower()), name=name, definition=definition, source=source, by=by,
                    )  # fmt: skip
    return sum(len(notes) for _, _, notes in found)


def accept(store: Store, events: Sequence[int], *, by: str, words: Words | None = None) -> Action:
    """Accept suggestions: their traces go into the suggested category, which is made where there is none yet.

    `words` are for a new category that gets others than those suggested. What was answered or sorted since is left.
    """
    with acting(store) as act:
        cursor = act.cursor
        waiting = {p.event: p for p in suggestions.find_proposed(cursor)}
        put = 0
        into: int | None = None
        for event in events:
            if event in waiting:
                into = _category_of(cursor, waiting[event], words, by)
                categories.assign(cursor, trace_key=waiting[event].trace_key, category_id=into, by=by)
                suggestions.answer(cursor, event, state="accepted", by=by, category_id=into)
                put += 1
        act.did(traces=put, category_id=into)
    return act.action


def _category_of(cursor: Cursor, proposed: Proposed, words: Words | None, by: str) -> int:
    known = {c.id: c for c in categories.find_categories(cursor)}
    if words is not None:
        held = categories.find_category(cursor, name=words.name)
        return held.id if held else add_worded(cursor, words, by)
    target = _target(proposed, known, taxonomy.find_heads(cursor))
    return target.id if target else add_worded(cursor, Words(name=proposed.name, definition=proposed.definition), by)


def refuse(store: Store, events: Sequence[int], *, by: str) -> Action:
    """Dismiss suggestions."""
    with acting(store) as act:
        waiting = {p.event for p in suggestions.find_proposed(act.cursor)}
        for event in events:
            if event in waiting:
                suggestions.answer(act.cursor, event, state="refused", by=by)
        act.did(traces=len(waiting & set(events)))
    return act.action
