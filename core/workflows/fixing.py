"""Log what was done against a failure category, measure whether it helped, and keep cases to try the next version on."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from core.differences import Range, difference, of_mix, range_of, still_needed
from core.errors import NotFoundError, UsageError
from core.metrics import Rate, rate_of
from core.model import MISSING
from core.slice import CHOICES, Slice
from core.store import categories, dimensions, fixes, regression, settings, traces
from core.store.connection import Cursor, Store
from core.store.fixes import Fix
from core.store.regression import Kept
from core.workflows.wording import held_category

__all__ = ["Effect", "Fix", "Kept", "Side", "log_fix", "measure_fix"]

MAX_WORDS = 2000
MOST_STRATA = 60


def log_fix(
    store: Store, category_id: int, *, what: str, by: str, since: datetime | None = None,
    dimension: str | None = None, value: str | None = None,
) -> int:  # fmt: skip
    """Note what was done, with the moment from which it holds or the value of a dimension (a version) where it does.

    Raises:
        UsageError: no words, or neither a moment nor a value, or both.
        NotFoundError: no such category, or no such dimension.
    """
    if not what.strip() or len(what) > MAX_WORDS:
        raise UsageError("Say in a sentence what was done.", f"At most {MAX_WORDS} characters.")
    if (since is None) == (not dimension or not value):
        raise UsageError("A fix holds from a date on, or where a dimension has a value.", "Give one of the two.")
    with store.write() as cursor:
        held_category(cursor, category_id)
        if dimension is not None and dimension not in dimensions.find_dimensions(cursor):
            raise NotFoundError(f"There is no dimension «{dimension[:80]}».", "Choose one of the filter bar.")
        return fixes.add_fix(
            cursor, category_id=category_id, what=what.strip(), since=since, dimension=dimension, value=value, by=by
        )  # fmt: skip


def remove_fix(store: Store, event: int, *, by: str) -> None:
    """Take a fix off the log; the history keeps it."""
    with store.write() as cursor:
        fixes.remove_fix(cursor, event, by=by)


def list_fixes(store: Store, category_id: int) -> list[Fix]:
    """What was done against a category, the newest first."""
    with store.read() as cursor:
        return fixes.find_fixes(cursor, category_id)


class Side(NamedTuple):
    """The reviewed traces before or after a fix, and those of them that failed in this way."""

    rate: Rate
    reviewed: Slice
    failed: Slice


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """A category's rate among reviewed traces before and after a fix: always different traces.

    Traces picked for a reason are on neither side: two ways of looking for failures differ in what they find.
    """

    before: Side
    after: Side
    mix: str | None
    """The dimension whose mix was made the same on both sides."""
    change: Range
    """After - before, in the same mix where one was asked for."""
    picked: int
    """Reviewed traces that were picked for a reason."""
    picked_slice: Slice
    outside: int
    """Other reviewed traces that are on neither side: they have no time, or lack the dimension."""
    unmatched: int
    """Reviewed traces whose value of the mix has none on the other side; they are in no difference."""
    needed: int | None
    """How many more traces afterwards would tell; 0 where the difference is clear, None where none would."""


def measure_fix(store: Store, fix: Fix, slice_: Slice, *, mix: str | None = None) -> Effect:
    """The rates before and after; with `mix`, both weighted to the same mix of that dimension's values.

    Raises:
        NotFoundError: no such dimension.
    """
    mix = None if mix == fix.dimension else mix  # the two sides share no value of it
    with store.read() as cursor:
        if mix is not None and mix not in dimensions.find_dimensions(cursor):
            raise NotFoundError(f"There is no dimension «{mix[:80]}».", "Choose one of the filter bar.")
        reference = settings.find_setting(cursor, settings.PRINCIPAL)

        def rate(of: Slice) -> Rate:
            found = categories.count_failures(cursor, of, reference)
            n = next((c.any_mention for c in found.categories if c.category.id == fix.category_id), 0)
            return rate_of(n, found.reviewed)

        whole, everything = rate(_not_picked(slice_)), rate(slice_)
        picked_slice = replace(slice_.with_verdict("pass", "fail"), chosen=("picked",))
        if whole.n < everything.n:
            slice_ = _not_picked(slice_)
        before, after = _sides(fix, slice_)
        first, second = rate(before), rate(after)
        change, unmatched = difference(range_of(second), range_of(first)), 0
        if mix is not None:
            values = [value for value, _ in dimensions.count_values(cursor).get(mix, [])][:MOST_STRATA]
            wanted = slice_.values_of(mix)
            strata = [
                (rate(before.with_value(mix, value)), rate(after.with_value(mix, value)))
                for value in values
                if not wanted or value in wanted
            ]
            shared = [(b, a) for b, a in strata if b.n and a.n]
            unmatched = max(0, first.n + second.n - sum(b.n + a.n for b, a in shared))
            weights = [float(b.n + a.n) for b, a in shared]
            change = difference(of_mix([a for _, a in shared], weights), of_mix([b for b, _ in shared], weights))
    return Effect(
        before=_side(first, before, fix), after=_side(second, after, fix), mix=mix, change=change,
        picked=everything.n - whole.n, picked_slice=picked_slice,
        outside=whole.n - first.n - second.n, unmatched=unmatched,
        needed=0 if change.is_clear else still_needed(first, second),
    )  # fmt: skip


def _not_picked(slice_: Slice) -> Slice:
    """The labelled traces of a slice whose choice says nothing against a rate: drawn by chance, or of unknown choice."""
    kept = tuple(choice for choice in slice_.chosen or CHOICES if choice != "picked")
    if not kept:
        return replace(slice_, unreadable=(*slice_.unreadable, ("chosen", "picked")))
    return replace(slice_, chosen=kept)


def _sides(fix: Fix, slice_: Slice) -> tuple[Slice, Slice]:
    if fix.since is not None:
        until = fix.since if slice_.until is None else min(slice_.until, fix.since)
        since = fix.since if slice_.since is None else max(slice_.since, fix.since)
        return replace(slice_, until=until), replace(slice_, since=since)
    dimension, value = fix.dimension or "", fix.value or ""
    named, refused = slice_.values_of(dimension), slice_.values_of(dimension, negated=True)
    without = tuple(dict.fromkeys((*refused, value, MISSING)))
    before = slice_.with_values(dimension, without, negated=True)
    fits = (not named or value in named) and value not in refused
    nothing = replace(slice_, unreadable=(*slice_.unreadable, (f"d.{dimension}", value)))
    return before, slice_.with_value(dimension, value) if fits else nothing


def _side(rate: Rate, reviewed: Slice, fix: Fix) -> Side:
    return Side(
        rate, reviewed.with_verdict("pass", "fail"), reviewed.with_verdict("fail").with_category(fix.category_id)
    )


# ------------------------------------------------------------------------------ regression set


def add_to_regression_set(store: Store, trace_id: str, *, expectation: str, by: str) -> None:
    """Keep a trace to try the next version on, with what a good answer does.

    Raises:
        UsageError: nothing is expected, or more than fits.
        NotFoundError: no such trace.
    """
    said = expectation.strip()
    if not said or len(said) > MAX_WORDS:
        raise UsageError("Say what a good answer does.", f"One sentence is enough; at most {MAX_WORDS} characters.")
    with store.write() as cursor:
        regression.add_to_set(cursor, _key(cursor, trace_id), expectation=said, by=by)


def take_from_regression_set(store: Store, trace_id: str, *, by: str) -> None:
    """Take a trace out of the set; the history keeps that it was in it."""
    with store.write() as cursor:
        regression.take_from_set(cursor, _key(cursor, trace_id), by=by)


def in_regression_set(store: Store, trace_id: str) -> Kept | None:
    """What is kept of a trace in the set, or None where it is not in it."""
    with store.read() as cursor:
        key = traces.key_of(cursor, trace_id)
        return None if key is None else next(iter(regression.find_in_set(cursor, [key])), None)


def _key(cursor: Cursor, trace_id: str) -> int:
    key = traces.key_of(cursor, trace_id)
    if key is None:
        raise NotFoundError(f"Trace {trace_id[:80]} does not exist in this database.", "Open it again from the list.")
    return key
