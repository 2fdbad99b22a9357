"""Say whether enough was read, and where failures are more frequent than elsewhere."""

from dataclasses import dataclass
from typing import NamedTuple

from core.differences import Range, ratio
from core.metrics import Rate, rate_of
from core.slice import Slice
from core.store import categories, failing, settings
from core.store.connection import Store

ENOUGH_READ = 100
NONE_NEW_IN = 20


class Step(NamedTuple):
    """A category that came up for the first time: at which trace read, and the how-many-eth it was."""

    read: int
    categories: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Saturation:
    """Distinct categories of failed traces against traces read, in the order of reading."""

    read: int
    steps: list[Step]
    unsorted: int
    """Failed traces in no category: they could hold new ones."""

    @property
    def since_last(self) -> int:
        """Traces read since the last new category."""
        return self.read - (self.steps[-1].read if self.steps else 0)

    @property
    def advice(self) -> str:
        """What the rule of stopping says: about 100 read, and none new in the last 20."""
        if self.unsorted:
            return "Sort the rest first: a note in no category may be a new one."
        if self.since_last < NONE_NEW_IN:
            return f"Read on until {NONE_NEW_IN} traces in a row bring nothing new."
        if self.read < ENOUGH_READ:
            return f"Nothing new for a while; read on to about {ENOUGH_READ} before you rely on it."
        return "More traces of this kind would show little that is new: look where you have not looked yet."


def saturation(store: Store, slice_: Slice) -> Saturation:
    """How many different categories were seen after how many traces read."""
    with store.read() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        names = {c.id: c.name for c in categories.find_categories(cursor)}
        order = failing.find_reading_order(cursor, slice_, reference)
    seen: set[int] = set()
    steps: list[Step] = []
    for place, trace in enumerate(order, 1):
        for category_id in trace.categories if trace.failed else ():
            if category_id not in seen:
                seen.add(category_id)
                steps.append(Step(place, len(seen), names[category_id]))
    left = sum(trace.failed and not trace.categories for trace in order)
    return Saturation(read=len(order), steps=steps, unsorted=left)


class Lift(NamedTuple):
    """A value of a dimension whose traces fail more (or less) often than the rest of the reviewed ones."""

    dimension: str
    value: str
    here: Rate
    rest: Rate
    times: Range
    failed_slice: Slice


class Lifts(NamedTuple):
    """The values, the most telling first, and how many were looked at."""

    rows: list[Lift]
    looked_at: int


def lifts(store: Store, slice_: Slice, *, min_n: int = 1, category_id: int | None = None) -> Lifts:
    """Values over-represented among failures (or those of one category), by the lower end of the interval.

    Looked at are the values with `min_n` reviewed traces that have them and as many that have not; of these, those
    that none of the failed has say nothing and are only counted.
    """
    with store.read() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        found, n, k = failing.count_by_value(cursor, slice_, reference, category_id=category_id)
    failed = slice_.with_verdict("fail")
    if category_id is not None:
        failed = failed.with_category(category_id)
    rows: list[Lift] = []
    looked_at = 0
    for dimension, value, reviewed, hit in found:
        here, rest = rate_of(hit, reviewed), rate_of(k - hit, n - reviewed)
        named = slice_.values_of(dimension)
        if here.n < min_n or rest.n < min_n or (named and value not in named):
            continue
        looked_at += 1
        if hit:
            rows.append(Lift(dimension, value, here, rest, ratio(here, rest), failed.with_value(dimension, value)))
    rows.sort(key=lambda lift: (-(lift.times.low or 0.0), lift.dimension, lift.value))
    return Lifts(rows, looked_at)
