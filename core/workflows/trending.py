"""A failure rate over time: by day, week or the versions of a dimension, each window pooled from its own traces."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

from core.metrics import Rate, rate_of
from core.model import MISSING, Counts
from core.slice import Slice, day_text
from core.store import categories, fixes, judgments, pivots, settings, traces, trends
from core.store.connection import Cursor, Store
from core.store.pivots import EXPERT, FAILED
from core.workflows.counting import CORRECTED, corrected_judge, corrected_whole
from core.workflows.estimating import Estimate
from core.workflows.leaving import used_slice
from core.workflows.narrowing import check_axes, check_judge, judge_ref
from core.workflows.pinning import present
from core.workflows.pivoting import find_left_out
from core.workflows.sealing import unseen_slice
from core.workflows.weighing import Weighing, weigh

__all__ = ["SPANS", "Ahead", "Fixed", "Trend", "Window", "dated_ahead", "measure_trend"]

SPANS = trends.SPANS
MOST_WINDOWS = 120
LENGTHS = {"day": timedelta(days=1), "week": timedelta(weeks=1)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The traces of a day, a week or one value: `rate` is failed of judged among them, whatever other windows hold."""

    name: str
    start: datetime | None
    """None for the value of a dimension."""
    counts: Counts
    rate: Rate
    all_slice: Slice
    judged_slice: Slice
    failed_slice: Slice

    @property
    def raw(self) -> Rate:
        """The same before it was weighted or corrected."""
        return rate_of(self.counts.failed, self.counts.judged)


class Ahead(NamedTuple):
    """Traces that are dated in the future, which are in no day or week: how many, and which."""

    traces: int
    slice: Slice


class Fixed(NamedTuple):
    """Something that was done against a failure category, and where it stands among the windows."""

    what: str
    category: str
    since: datetime | None
    value: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """The windows in order, and all of the slice pooled: never a mean of their rates."""

    of: str
    by: str
    windows: list[Window]
    whole: Window
    no_time: Window | None
    """The traces without a time, which are in no day or week; of a dimension those without a value."""
    ahead: Ahead | None
    """Those that are dated in the future; None where there are none, and of a dimension, whose values they have."""
    earlier: int
    """Windows before those that are listed."""
    fixed: list[Fixed]
    estimate: Estimate | None
    """What corrected rates rest on."""
    left_out: list[tuple[str, int, Slice]]
    """Of a judge: what is in no window, and why, in words, how many traces, and which."""

    @property
    def is_time(self) -> bool:
        """Whether the windows are days or weeks."""
        return self.by in SPANS


def measure_trend(store: Store, slice_: Slice, *, by: str = "week", of: str = EXPERT) -> Trend:
    """The failure rate of a slice by day, week or a dimension, whose values stand in the order first seen.

    `of` is «expert», a judge version, or «corrected NAME@VERSION»: its failures among real traces, corrected for
    how it errs over all of them. Of a judge only traces are counted that nobody tuned it on, unless the slice names splits.

    Raises:
        NotFoundError: no such dimension or judge version.
        UsageError: the slice speaks of another judge version, or there is no corrected rate.
    """
    ref = corrected_judge(store, of)
    if ref is None:
        return _measure(store, slice_, by, of)
    whole = corrected_whole(store, slice_, ref)
    found = _measure(store, whole.population, by, ref, tuned_too=True)

    def corrected(window: Window) -> Window:
        judged, failed = window.counts.judged, window.counts.failed
        return replace(window, rate=whole.errors.correct(judged - failed, judged).failed)

    return replace(
        found, of=f"{CORRECTED}{ref}", windows=[corrected(window) for window in found.windows], whole=corrected(found.whole),
        estimate=whole, left_out=whole.left_out,
    )  # fmt: skip


def dated_ahead(store: Store) -> Ahead | None:
    """All traces that are dated in the future, which no rule looks at; None where there are none."""
    now = present(store)
    with store.read() as cursor:
        return _ahead(cursor, Slice(), trends.find_dates(cursor, now).ahead)


def _ahead(cursor: Cursor, slice_: Slice, since: datetime | None, reference: str | None = None) -> Ahead | None:
    if since is None:
        return None
    later = replace(slice_, since=max(since, slice_.since or since))
    n = traces.count_traces(cursor, later, reference)
    return Ahead(n, later) if n else None


def _measure(store: Store, slice_: Slice, by: str, of: str, *, tuned_too: bool = False) -> Trend:
    now = present(store)
    with store.snapshot() as cursor:
        if of != EXPERT:
            of = judge_ref(judgments.find_refs(cursor), of)
        check_judge(slice_, of, compared=False)
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        left_out = [] if of == EXPERT or tuned_too else find_left_out(cursor, slice_, of, reference)
        if of != EXPERT:
            slice_ = used_slice(cursor, slice_, of)
            slice_ = slice_ if tuned_too else unseen_slice(cursor, slice_, of, compared=False)
        weighing = weigh(cursor, slice_, of=of, measure=FAILED, reference=reference)
        measure = _Source(cursor, of, reference, weighing)
        since = trends.find_dates(cursor, now).ahead if by in SPANS else None
        ahead = _ahead(cursor, slice_, since, reference)
        found = _spans(measure, slice_, by, until=since) if by in SPANS else _values(measure, slice_, by)
        whole = pivots.count_slice(cursor, slice_, of=of, reference=reference)
        total = measure.window("all", None, whole, slice_)
        fixed = _fixed(cursor, by)
    known = [window for window in found if window.name]
    return Trend(
        of=of, by=by, windows=known[-MOST_WINDOWS:], whole=total, earlier=max(0, len(known) - MOST_WINDOWS),
        no_time=next((window for window in found if not window.name), None), ahead=ahead, fixed=fixed,
        estimate=None, left_out=left_out,
    )  # fmt: skip


def in_time(slice_: Slice, since: datetime, until: datetime) -> Slice:
    """The part of a slice that began at `since` or later and before `until`."""
    since = since if slice_.since is None else max(since, slice_.since)
    until = until if slice_.until is None else min(until, slice_.until)
    return replace(slice_, since=since, until=until)


class _Source(NamedTuple):
    cursor: Cursor
    of: str
    reference: str | None
    weighing: Weighing

    def window(self, name: str, start: datetime | None, counts: Counts, inside: Slice | None) -> Window:
        """A window with its slices; its labels count by how its own traces were drawn."""
        narrowed = inside or Slice()
        rate = rate_of(counts.failed, counts.judged)
        if counts.judged and not self.weighing.plain:
            own = weigh(self.cursor, narrowed, of=self.of, measure=FAILED, reference=self.reference)
            rate = own.rate(narrowed, own.whole(), traces=counts.traces, k=counts.failed, n=counts.judged)
        return Window(
            name=name, start=start, counts=counts, rate=rate, all_slice=narrowed,
            judged_slice=said_by(narrowed, self.of, "pass", "fail"), failed_slice=said_by(narrowed, self.of, "fail"),
        )  # fmt: skip


def said_by(slice_: Slice, of: str, *verdicts: str) -> Slice:
    """The traces with one of these verdicts by the expert or a judge version."""
    return slice_.with_verdict(*verdicts) if of == EXPERT else slice_.with_judge_verdict(of, *verdicts)


def _spans(measure: _Source, slice_: Slice, span: str, *, until: datetime | None) -> list[Window]:
    found = trends.count_spans(
        measure.cursor, slice_, span=span, of=measure.of, reference=measure.reference, until=until
    )
    windows: list[Window] = []
    for start, counts in found:
        if start is None:
            windows.append(_timeless(counts, slice_))
            continue
        end = start + LENGTHS[span]
        inside = in_time(slice_, start, end if until is None else min(end, until))
        name = day_text(start) if span == "day" else f"week of {day_text(start)}"
        windows.append(measure.window(name, start, counts, inside))
    return windows


def _timeless(counts: Counts, slice_: Slice) -> Window:
    """Traces without a time: no condition of a slice names them, so the slices are those of all."""
    rate = rate_of(counts.failed, counts.judged)
    return Window(
        name="", start=None, counts=counts, rate=rate, all_slice=slice_, judged_slice=slice_, failed_slice=slice_
    )


def _values(measure: _Source, slice_: Slice, dimension: str) -> list[Window]:
    check_axes(measure.cursor, dimension)
    name = pivots.dimension_of(dimension)
    cells, _ = pivots.count_cells(
        measure.cursor, slice_, rows=dimension, cols=None, of=measure.of, reference=measure.reference
    )
    first = trends.find_first_seen(measure.cursor, name)
    order = sorted(cells, key=lambda c: (str(first.get(c.row or "") or "~"), c.row or ""))
    named, asked = [cell for cell in order if cell.row], slice_.values_of(name)
    windows = [
        measure.window(cell.row or "", None, cell.counts, slice_.with_value(name, cell.row or ""))
        for cell in named
        if not asked or cell.row in asked
    ]
    lacking = [cell for cell in order if not cell.row and not asked]
    return [*(measure.window("", None, c.counts, slice_.with_value(name, MISSING)) for c in lacking), *windows]


def _fixed(cursor: Cursor, by: str) -> list[Fixed]:
    """What was done and can be placed: from a date on, or where this dimension has a value."""
    found: list[Fixed] = []
    for category in categories.find_categories(cursor):
        for fix in fixes.find_fixes(cursor, category.id):
            if (by in SPANS and fix.since is not None) or (fix.dimension == by and fix.value):
                found.append(Fixed(fix.what, category.name, fix.since, fix.value))
    return sorted(found, key=lambda fix: (str(fix.since or ""), fix.what))
