"""Whether a fix helped: a category's rate before and after, on different traces, each weighted by how it was drawn."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final, NamedTuple

from core.differences import Range, difference, of_mix, range_of, still_needed
from core.errors import NotFoundError
from core.metrics import Rate, rate_of
from core.model import MISSING
from core.slice import CHOICES, Slice
from core.store import categories, dimensions, settings, traces, weights
from core.store.connection import Cursor, Store
from core.store.fixes import Fix
from core.store.pivots import CATEGORY, EXPERT, FAILED
from core.workflows.weighing import Counted, Place, Weighing, choice_of, weigh

MOST_STRATA: Final = 60
MOST_VALUES: Final = 50
"""Dimensions with more values than this name single things, such as users: their mix is another one always."""
CLEAR_SHIFT: Final = 0.1
"""Differences of a share under this are no other mix."""


class Side(NamedTuple):
    """The reviewed traces before or after a fix, and those of them that failed in this way; the share is weighted by how
    the traces were drawn, where that is known and differs."""

    rate: Rate
    reviewed: Slice
    failed: Slice


class Shift(NamedTuple):
    """The value whose share differs most before and after, with the traces that have it, and the change in one mix."""

    dimension: str
    value: str
    before: Rate
    after: Rate
    before_slice: Slice
    after_slice: Slice
    change: Range


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
    shift: Shift | None
    """How the traces differ before and after, where that is clear and no mix was asked for."""
    picked: int
    """Reviewed traces that were picked for a reason."""
    picked_slice: Slice
    narrower: list[tuple[str, int, Slice]]
    """Reviewed traces that were drawn from a narrower slice than a side: which side, how many, which."""
    outside: int
    """Other reviewed traces that are on neither side: they have no time, or lack the dimension."""
    unmatched: int
    """Reviewed traces whose value of the mix has none on the other side; they are in no difference."""
    needed: int | None
    """How many more traces afterwards would tell; 0 where the difference is clear, None where none would."""

    @property
    def is_weighted(self) -> bool:
        """Whether a share is not that of plain counts."""
        return self.before.rate.n_eff is not None or self.after.rate.n_eff is not None


@dataclass(frozen=True)
class _Half:
    """One side of a fix: `population` are all its traces, `slice` those whose choice says nothing against a rate."""

    cursor: Cursor
    reference: str | None
    category_id: int
    slice: Slice
    population: Slice

    @cached_property
    def weighing(self) -> Weighing:
        failed = self.slice.with_verdict("fail").with_category(self.category_id)
        return weigh(self.cursor, self.slice, of=EXPERT, measure=FAILED, reference=self.reference, hits=failed)

    def rate(self, value: tuple[str, str] | None = None) -> Rate:
        """The rate of all of it, or of the traces with this value of a dimension."""
        inside = self.slice if value is None else self.slice.with_value(*value)
        k, n = _count(self.cursor, inside, self.category_id, self.reference)
        if self.weighing.plain:
            return rate_of(k, n)
        counts = self.weighing.whole() if value is None else self._cells(value[0]).get((value[1], None), {})
        return self.weighing.rate(inside, counts, traces=self.traces(value), k=k, n=n)

    def traces(self, value: tuple[str, str] | None = None) -> int:
        """How many traces it stands for."""
        inside = self.population if value is None else self.population.with_value(*value)
        return traces.count_traces(self.cursor, inside, self.reference)

    def _cells(self, dimension: str) -> dict[Place, dict[int, Counted]]:
        """All values of a dimension at once, counted when the first of them is asked for."""
        if dimension not in self._counted:
            name = f"d.{dimension}" if dimension == CATEGORY else dimension
            self._counted[dimension] = self.weighing.cells(self.cursor, name, None)
        return self._counted[dimension]

    @cached_property
    def _counted(self) -> dict[str, dict[Place, dict[int, Counted]]]:
        return {}

    def mixed(self, *, plain: bool) -> Slice:
        """The traces whose mix the rate speaks of: the reviewed ones, or all where each stands for others."""
        return self.slice.with_verdict("pass", "fail") if plain else self.population


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
        _, whole = _count(cursor, _not_picked(slice_), fix.category_id, reference)
        _, everything = _count(cursor, slice_, fix.category_id, reference)
        kept = _not_picked(slice_) if whole < everything else slice_
        before, after = (
            _Half(cursor, reference, fix.category_id, side, population)
            for side, population in zip(_sides(fix, kept), _sides(fix, slice_), strict=True)
        )
        first, second = before.rate(), after.rate()
        change, unmatched, shift = difference(range_of(second), range_of(first)), 0, None
        if mix is not None:
            change, shared = _in_one_mix(before, after, mix, slice_)
            unmatched = max(0, first.n + second.n - shared)
        elif first.n and second.n:
            shift = _shift(before, after, fix, slice_)
        narrower = [
            (f"drawn from a narrower slice, {when}", choice.narrower, choice.narrower_slice)
            for when, half in (("before", before), ("after", after))
            if not half.weighing.plain and (choice := choice_of(cursor, half.slice, reference)).narrower
        ]
    return Effect(
        before=_side(first, before.slice, fix), after=_side(second, after.slice, fix), mix=mix, change=change,
        shift=shift, picked=everything - whole,
        picked_slice=replace(slice_.with_verdict("pass", "fail"), chosen=("picked",)), narrower=narrower,
        outside=whole - first.n - second.n, unmatched=unmatched,
        needed=0 if change.is_clear else still_needed(first, second._replace(n=int(second.strength))),
    )  # fmt: skip


def _count(cursor: Cursor, of: Slice, category_id: int, reference: str | None) -> tuple[int, int]:
    """The reviewed traces of a slice that failed in this way, and all of them."""
    found = categories.count_failures(cursor, of, reference)
    return next((c.any_mention for c in found.categories if c.category.id == category_id), 0), found.reviewed


def _in_one_mix(before: _Half, after: _Half, mix: str, slice_: Slice) -> tuple[Range, int]:
    """After - before in the mix of both together, and how many reviewed traces have a value that both sides have."""
    wanted = slice_.values_of(mix)
    values = [value for value, _ in dimensions.count_values(before.cursor).get(mix, [])][:MOST_STRATA]
    named = [(mix, value) for value in values if not wanted or value in wanted]
    strata = [(value, before.rate(value), after.rate(value)) for value in named]
    shared = [(value, b, a) for value, b, a in strata if b.rate is not None and a.rate is not None]
    plain = before.weighing.plain and after.weighing.plain
    amounts = [float(b.n + a.n if plain else before.traces(v) + after.traces(v)) for v, b, a in shared]
    change = difference(of_mix([a for _, _, a in shared], amounts), of_mix([b for _, b, _ in shared], amounts))
    return change, sum(b.n + a.n for _, b, a in shared)


def _shift(before: _Half, after: _Half, fix: Fix, slice_: Slice) -> Shift | None:
    """The value whose share of the traces differs most and clearly, of a dimension that both sides largely share."""
    cursor, plain = before.cursor, before.weighing.plain and after.weighing.plain
    sides = (before.mixed(plain=plain), after.mixed(plain=plain))
    first, second = (weights.count_values_of(cursor, side, before.reference) for side in sides)
    n, m = (traces.count_traces(cursor, side, before.reference) for side in sides)
    found: list[tuple[float, str, str, Rate, Rate]] = []
    for name in first.keys() & second.keys() - {fix.dimension}:
        old, new = first[name], second[name]
        both = old.keys() & new.keys()
        alike = 2 * sum(old[v] for v in both) >= n and 2 * sum(new[v] for v in both) >= m
        if not alike or len(old.keys() | new.keys()) > MOST_VALUES or slice_.values_of(name):
            continue
        for value in old.keys() | new.keys():
            was, now = rate_of(old.get(value, 0), n), rate_of(new.get(value, 0), m)
            gap = difference(range_of(now), range_of(was))
            if gap.value is not None and abs(gap.value) >= CLEAR_SHIFT and (gap.is_clear or not plain):
                found.append((-abs(gap.value), name, value, was, now))
    if not found:
        return None
    _, name, value, was, now = min(found)
    change, _ = _in_one_mix(before, after, name, slice_)
    return Shift(name, value, was, now, sides[0].with_value(name, value), sides[1].with_value(name, value), change)


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
