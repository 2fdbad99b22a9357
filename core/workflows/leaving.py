"""Traces that are left to people: where a judge cannot be brought to agree with the expert, it is not used.

Such traces are named by one value of a dimension, for a judge in all its versions, by a person with a reason. Runs do not ask
about those of them that nobody labelled; what is labelled can be judged still, to see whether a later version does better.
What the judge says of any of them is in no rate of its agreement, failures or corrected share, unless a filter names a value
of that dimension. A run that was planned before asks what it was planned for.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

import orjson

from core.errors import NotFoundError, UsageError
from core.slice import Slice
from core.store import judgments, settings, traces
from core.store.connection import Cursor, Store
from core.store.pivots import CATEGORY, dimension_of
from core.workflows.narrowing import check_axes, judge_ref

NAME: Final = "left to people: "
LONGEST_REASON: Final = 1000
Rows = list[tuple[str, int, Slice]]


class Left(NamedTuple):
    """What is left to people of a judge, why, who said so, and when."""

    judge: str
    dimension: str
    value: str
    """The empty text: the traces without a value."""
    reason: str
    by: str
    at: datetime

    @property
    def words(self) -> str:
        """«scenario: no match»."""
        return f"{self.dimension}: {self.value or '(missing)'}"

    @property
    def slice(self) -> Slice:
        """These traces."""
        return Slice().with_value(self.dimension, self.value)


def leave_to_people(store: Store, *, judge: str, dimension: str, value: str, reason: str, by: str) -> None:
    """Use the judge (NAME, or one of its versions) no more on the traces with this value of a dimension or field.

    Raises:
        NotFoundError: no such judge, no such dimension, or no trace with this value.
        UsageError: nobody's name, no reason or too long a one, or failure categories, which a trace without a label has not.
    """
    if not by.strip() or not reason.strip():
        raise UsageError("To leave traces to people takes a name and a reason.", "Say who you are, and why.")
    if len(reason) > LONGEST_REASON:
        raise UsageError("The reason is too long.", f"Use at most {LONGEST_REASON:,} characters.")
    if dimension == CATEGORY:
        raise UsageError("Traces without a label have no failure category.", "Choose a dimension.")
    with store.write() as cursor:
        name = _name(_ref(cursor, judge))
        check_axes(cursor, dimension)
        key = dimension_of(dimension)
        if not traces.count_traces(cursor, Slice().with_value(key, value)):
            raise NotFoundError(f"No trace has {key[:80]} «{value[:80]}».", "Choose a value that a trace has.")
        settings.put_setting(cursor, _setting(name, key, value), reason.strip(), by=by.strip())


def use_again(store: Store, *, judge: str, dimension: str, value: str, by: str) -> None:
    """Use the judge on these traces again; what was said stays in the history.

    Raises:
        NotFoundError: no such judge, or these traces are not left to people.
        UsageError: nobody's name.
    """
    if not by.strip():
        raise UsageError("To use a judge again takes a name.", "Say who you are.")
    with store.write() as cursor:
        ref, key = _ref(cursor, judge), dimension_of(dimension)
        if not any((left.dimension, left.value) == (key, value) for left in find_left(cursor, ref)):
            raise NotFoundError(f"{key[:80]} «{value[:80]}» is not left to people.", "Choose one that is.")
        settings.put_setting(cursor, _setting(_name(ref), key, value), "", by=by.strip())


def list_left(store: Store, judge: str) -> list[Left]:
    """What is left to people of a judge (NAME, or one of its versions), the oldest first.

    Raises:
        NotFoundError: no such judge.
    """
    with store.read() as cursor:
        return find_left(cursor, _ref(cursor, judge))


def find_left(cursor: Cursor, *refs: str) -> list[Left]:
    """What is left to people of the judges of any of these versions (NAME@VERSION), the oldest first."""
    names, found = {_name(ref) for ref in refs}, list[Left]()
    for said in settings.find_said(cursor, NAME):
        judge, dimension, value = orjson.loads(said.name.removeprefix(NAME))
        if judge in names:
            found.append(Left(judge, dimension, value, said.value, said.by, said.at))
    return found


def used_slice(cursor: Cursor, slice_: Slice, *refs: str) -> Slice:
    """The traces of a slice on which these judge versions are used; those of values that the slice names itself are in it."""
    return _without(slice_, find_left(cursor, *refs))


def left_rows(cursor: Cursor, slice_: Slice, *refs: str, reference: str | None) -> Rows:
    """What `used_slice` leaves out: in words, how many traces, and which. None is in two of them."""
    rows: Rows = []
    for left in find_left(cursor, *refs):
        if not slice_.values_of(left.dimension):
            which = slice_.with_value(left.dimension, left.value)
            rows.append((f"left to people ({left.words})", traces.count_traces(cursor, which, reference), which))
            slice_ = _without(slice_, [left])
    return [row for row in rows if row[1]]


def find_left_keys(cursor: Cursor, ref: str, *, reference: str | None) -> set[int]:
    """The traces that a run does not ask about: left to people, and not labelled."""
    slices = (left.slice.with_verdict("unlabelled") for left in find_left(cursor, ref))
    return {key for slice_ in slices for key in traces.find_keys(cursor, slice_, reference=reference)}


def asks_for_left(cursor: Cursor, slice_: Slice, ref: str) -> Left | None:
    """The first of what is left to people that the slice names."""
    return next((left for left in find_left(cursor, ref) if left.value in slice_.values_of(left.dimension)), None)


def _without(slice_: Slice, found: Sequence[Left]) -> Slice:
    for left in found:
        if not slice_.values_of(left.dimension):
            held = slice_.values_of(left.dimension, negated=True)
            slice_ = slice_.with_values(left.dimension, tuple(dict.fromkeys((*held, left.value))), negated=True)
    return slice_


def _ref(cursor: Cursor, judge: str) -> str:
    return judge_ref(judgments.find_refs(cursor), judge)


def _name(ref: str) -> str:
    return ref.rpartition("@")[0]


def _setting(judge: str, dimension: str, value: str) -> str:
    return NAME + orjson.dumps([judge, dimension, value]).decode()
