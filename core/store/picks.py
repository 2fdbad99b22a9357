"""Failure categories picked with a verdict: the label names them, the assignments of its trace follow it."""

from collections.abc import Iterable, Sequence
from itertools import zip_longest

from core.store import categories, taxonomy
from core.store.connection import Cursor, one, rows

# Since when this person's labels name a category without a break: what stood in it before then is not theirs.
FIRST = """with said as (
        select event, coalesce(list_has_any(picked, ?), false) as picks from labels
        where trace_key = ? and labeler = ? and not repeat and origin <> 'adjudicated'),
    newest as (select max(event) as event from said where picks)
    select min(event) from said where picks and event > (
        select coalesce(max(event), 0) from said where not picks and event < (select event from newest))"""
ANOTHERS = """select labeler from current_labels where trace_key = ? and origin <> 'adjudicated'
    group by labeler having list_has_any(arg_max(coalesce(picked, []), event), ?) order by max(event) limit 1"""
IN_IT_BEFORE = """select count(*) from assignments a
    where trace_key = ? and category_id in (select unnest(?)) and not removed and event < ?
        and not exists (select 1 from assignments b where b.supersedes = a.event and b.event < ?)"""
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
    into = ways.now(now)
    _move(cursor, trace_key, labeler, ways, [number for number in ways.now(former) if number not in into], into)


def take_back(
    cursor: Cursor, *, trace_key: int, labeler: str, taken: int, former: Sequence[int], now: Sequence[int]
) -> None:
    """Take a trace out of what only a label picked that was taken back, and put it into what that one took it out of.

    `taken` is the event of that label, `now` what the label picks that stands again. What somebody took out by hand
    before it stays out; of the parts of a category that was split meanwhile none is chosen.
    """
    ways = Ways(cursor)
    ours, wanted = ways.now(former), ways.now(now)
    one_way = {heads[0] for number in now if len(heads := ways.now([number])) == 1}

    def belongs(number: int) -> bool:
        if categories.held_at(cursor, trace_key=trace_key, category_id=number) is not None:
            return True
        was_in: list[object] = [trace_key, ways.behind(number), taken, taken]
        return number in one_way and number not in ours and one(cursor, IN_IT_BEFORE, was_in) > 0

    gone = [number for number in ours if number not in wanted]
    _move(cursor, trace_key, labeler, ways, gone, [number for number in wanted if belongs(number)])


def _move(cursor: Cursor, trace_key: int, labeler: str, ways: Ways, gone: Sequence[int], into: Sequence[int]) -> None:
    """Take a trace out of categories and put it into others: in their order, at the places this person's picks had."""
    places: list[int] = []
    for category_id in gone:
        held = _own(cursor, trace_key, labeler, ways, category_id)
        if held is None:
            continue
        categories.unassign(cursor, trace_key=trace_key, category_id=category_id, by=labeler)
        another = cursor.execute(ANOTHERS, [trace_key, ways.behind(category_id)]).fetchone()
        if another is None:
            places.append(held)
        else:
            categories.assign(cursor, trace_key=trace_key, category_id=category_id, by=another[0], position=held)
    had = {number: _own(cursor, trace_key, labeler, ways, number) for number in into}
    places = sorted([*places, *(place for place in had.values() if place is not None)])
    mine = [
        n for n in into if had[n] is not None or categories.held_at(cursor, trace_key=trace_key, category_id=n) is None
    ]
    for category_id, place in zip_longest(mine, places[: len(mine)]):
        if had[category_id] is None or had[category_id] != place:
            categories.unassign(cursor, trace_key=trace_key, category_id=category_id, by=labeler)
            categories.assign(cursor, trace_key=trace_key, category_id=category_id, by=labeler, position=place)


def _own(cursor: Cursor, trace_key: int, labeler: str, ways: Ways, category_id: int) -> int | None:
    """The place of a trace in a category where it is there since this person picked it; None where it is not."""
    held = categories.held_at(cursor, trace_key=trace_key, category_id=category_id)
    first = one(cursor, FIRST, [ways.behind(category_id), trace_key, labeler])
    return held[1] if held is not None and 0 < first <= held[0] else None


def find_held(cursor: Cursor, keys: Sequence[int]) -> dict[int, set[int]]:
    """Per trace the categories that it is in."""
    held: dict[int, set[int]] = {}
    for row in rows(cursor, HELD, [list(keys)]):
        held.setdefault(int(str(row["trace_key"])), set()).add(int(str(row["category_id"])))
    return held
