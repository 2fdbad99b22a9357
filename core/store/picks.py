"""Failure categories picked with a verdict: the label names them, the assignments of its trace follow it."""

from collections.abc import Iterable, Sequence

from core.store import categories, taxonomy
from core.store.connection import Cursor, rows

FIRST = "select min(event) from labels where trace_key = ? and labeler = ? and list_has_any(picked, ?)"
ANOTHERS = """select labeler from current_labels where trace_key = ? and list_has_any(picked, ?)
    order by event limit 1"""
HELD = "select trace_key, category_id from current_assignments where trace_key in (select unnest(?))"


class Ways:
    """Where each category is now: one that was merged is where its traces went, one that is gone is nowhere."""

    def __init__(self, cursor: Cursor) -> None:
        self._moved = taxonomy.find_heads(cursor)
        self.names = {category.id: category.name for category in categories.find_categories(cursor)}

    def now(self, picked: Iterable[int]) -> list[int]:
        """The current categories that these numbers stand for, in their order, each once."""
        heads = (head for number in picked for head in self._moved.get(number, (number,)))
        return [number for number in dict.fromkeys(heads) if number in self.names]

    def behind(self, category_id: int) -> list[int]:
        """All numbers that stand for this category."""
        return [category_id, *(number for number, heads in self._moved.items() if category_id in heads)]


def settle(cursor: Cursor, *, trace_key: int, labeler: str, former: Sequence[int], now: Sequence[int]) -> None:
    """Put a trace into what a new label of this person picks, and take it out of what only the former one picked.

    What stood in a category before this person picked it stays there; what another's label picks too stays as theirs.
    """
    if not former and not now:
        return
    ways = Ways(cursor)
    wanted = ways.now(now)
    for category_id in wanted:
        categories.assign(cursor, trace_key=trace_key, category_id=category_id, by=labeler)
    for category_id in ways.now(former):
        if category_id not in wanted:
            _take_out(cursor, trace_key, labeler, category_id, ways.behind(category_id))


def _take_out(cursor: Cursor, trace_key: int, labeler: str, category_id: int, numbers: list[int]) -> None:
    held = categories.held_at(cursor, trace_key=trace_key, category_id=category_id)
    first = cursor.execute(FIRST, [trace_key, labeler, numbers]).fetchone()
    if held is None or first is None or first[0] is None or held[0] < first[0]:
        return
    categories.unassign(cursor, trace_key=trace_key, category_id=category_id, by=labeler)
    another = cursor.execute(ANOTHERS, [trace_key, numbers]).fetchone()
    if another is not None:
        categories.assign(cursor, trace_key=trace_key, category_id=category_id, by=another[0], position=held[1])


def find_held(cursor: Cursor, keys: Sequence[int]) -> dict[int, set[int]]:
    """Per trace the categories that it is in."""
    held: dict[int, set[int]] = {}
    for row in rows(cursor, HELD, [list(keys)]):
        held.setdefault(int(str(row["trace_key"])), set()).add(int(str(row["category_id"])))
    return held
