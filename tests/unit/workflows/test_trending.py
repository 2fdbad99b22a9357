"""A failure rate over time: pooled windows, doors that hold what is counted, fixes where they stand."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from core.errors import NotFoundError, UsageError
from core.metrics import rate_of
from core.model import JudgmentRow, LabelRow, LabelState, Verdict
from core.slice import Slice
from core.store.connection import IN_MEMORY, Store
from core.store.ingest import Entry, ingest
from core.workflows.categorising import list_categories
from core.workflows.estimating import estimate
from core.workflows.exploring import describe, list_traces
from core.workflows.fixing import log_fix
from core.workflows.opening import open_store
from core.workflows.pivoting import left_out, pivot
from core.workflows.reviewing import record_label
from core.workflows.ruling import add_rule, check_rules
from core.workflows.trending import measure_trend
from tests.conftest import FIRST_DAY, JUDGE, LABELLED_ON, new_trace
from tests.real_sets import off_links
from tests.unit.workflows.test_estimating import REF, fill


def fill_windows(store: Store, windows: list[tuple[int, int]], *, days: int = 1) -> None:
    """One window after the other: so many failed of so many traces, labelled and judged alike."""
    entries: list[Entry] = []
    for place, (failed, n) in enumerate(windows):
        for number in range(n):
            name = f"w{place}-{number}"
            fails = number < failed
            entries.append(
                Entry(
                    "windows.jsonl",
                    None,
                    new_trace(id=name, started_at=FIRST_DAY + timedelta(days=place * days, hours=1),
                              dimensions={"prompt": f"v{place}", "feature": "search" if number % 2 else "chat"}),
                    [LabelRow(trace_id=name, labeler="ana", state=LabelState.FAIL if fails else LabelState.PASS,
                              critique="no", at=LABELLED_ON)],
                    [JudgmentRow(trace_id=name, judge="strict", version="v1",
                                 verdict=Verdict.FAIL if fails else Verdict.PASS)],
                )
            )  # fmt: skip
    with ingest(store) as running:
        running.add(entries)
        running.finish(files=["windows.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)


@pytest.mark.parametrize("of", ["expert", "strict", "strict@v1"])
@pytest.mark.parametrize("by", ["day", "prompt"])
def test_windows_are_pooled_from_their_traces_and_the_whole_is_no_mean_of_means(
    by: str, of: str, fresh_store: Store
) -> None:
    fill_windows(fresh_store, [(2, 3), (3, 3), (1, 10), (1, 5)])  # passed: 1/3, 0/3, 9/10, 4/5
    trend = measure_trend(fresh_store, Slice(), by=by, of=of)
    assert [(w.counts.failed, w.counts.judged) for w in trend.windows] == [(2, 3), (3, 3), (1, 10), (1, 5)]
    assert [w.rate for w in trend.windows] == [rate_of(2, 3), rate_of(3, 3), rate_of(1, 10), rate_of(1, 5)]
    assert trend.whole.rate == rate_of(7, 21)  # 14 of 21 passed: .67, where the mean of the shares is .51


def test_a_judge_is_watched_on_what_nobody_tuned_it_on_as_on_pivot(small_store: Store) -> None:
    rule = add_rule(small_store, Slice(), threshold=0.9, smallest_n=1, days=300, by="ana", of=JUDGE)
    before = measure_trend(small_store, Slice(), by="week", of=JUDGE)
    for name, split in (("t01", "train"), ("t02", "train"), ("t03", "dev"), ("t04", "test"), ("t06", "test")):
        with small_store.write() as cursor:
            cursor.execute(
                "insert into splits select nextval('event_number'), trace_key, ?, now()::timestamp from traces where id = ?",
                [split, name],
            )
    trend, cells = (
        measure_trend(small_store, Slice(), by="week", of=JUDGE),
        pivot(small_store, Slice(), rows="feature", of=JUDGE),
    )
    assert (before.whole.counts.judged, trend.whole.counts.judged, cells.total.counts.judged) == (9, 4, 4)
    assert sum(window.counts.judged for window in trend.windows) == 4
    assert trend.left_out == left_out(small_store, Slice(), of=JUDGE)
    assert ("in train or dev, where it was tuned", 3) in [row[:2] for row in trend.left_out]
    assert off_links(small_store, trend.left_out) == []
    assert off_links(small_store, [(w.name, w.counts.judged, w.judged_slice) for w in trend.windows]) == []
    (checked,) = check_rules(small_store)
    assert (checked.rule.id, checked.rate.n, describe(small_store, checked.judged_slice).n) == (rule, 4, 4)
    dev = measure_trend(small_store, Slice(split=("dev",)), by="week", of=JUDGE)
    assert dev.whole.counts.judged == 1, "whoever asks for a split gets it"


def test_windows_add_up_to_the_whole_while_labels_come_in(fresh_store: Store) -> None:
    fill_windows(fresh_store, [(2, 50), (3, 50)])
    labelled = {trace.row.id for trace in list_traces(fresh_store, Slice(), limit=200).traces}

    def label_all() -> None:
        for trace_id in sorted(labelled):
            record_label(fresh_store, trace_id=trace_id, labeler="ana", state=LabelState.DEFERRED)

    told: set[bool] = set()
    labelling = threading.Thread(target=label_all)
    labelling.start()
    while labelling.is_alive():
        trend = measure_trend(fresh_store, Slice(), by="day")
        told.add(sum(window.counts.judged for window in trend.windows) == trend.whole.counts.judged)
    assert told == {True}


@pytest.mark.parametrize("by", ["day", "week", "feature", "persona", "model"])
@pytest.mark.parametrize("of", ["expert", JUDGE])
def test_every_window_opens_the_traces_it_counts(by: str, of: str, small_store: Store) -> None:
    trend = measure_trend(small_store, Slice().with_value("persona", "new"), by=by, of=of)
    for window in [*trend.windows, trend.whole]:
        found = [describe(small_store, s).n for s in (window.all_slice, window.judged_slice, window.failed_slice)]
        assert found == [*window.counts], window.name
    assert sum(w.counts.traces for w in trend.windows) + (trend.no_time.counts.traces if trend.no_time else 0) == 6


def test_weeks_begin_on_monday_and_traces_without_a_time_are_counted_apart(small_store: Store) -> None:
    trend = measure_trend(small_store, Slice(), by="week")
    assert [w.start for w in trend.windows] == [datetime(2025, 12, 29), datetime(2026, 1, 5)]
    assert [w.counts.traces for w in trend.windows] == [4, 7]
    assert trend.no_time is not None
    assert trend.no_time.counts.traces == 1


def add_dated(store: Store, *moments: datetime) -> None:
    """Traces that began then, without a word on them."""
    with ingest(store) as running:
        running.add([Entry("dated.jsonl", None, new_trace(started_at=moment), [], []) for moment in moments])
        running.finish(files=["dated.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)


def test_traces_dated_in_the_future_are_in_no_week_and_counted(small_store: Store) -> None:
    now = datetime.now(UTC).replace(tzinfo=None)
    soon = now + timedelta(seconds=90)
    add_dated(small_store, now - timedelta(seconds=90), soon, datetime(2099, 1, 5), datetime(9999, 12, 31, 23))
    for by in ("day", "week"):
        trend = measure_trend(small_store, Slice(), by=by)
        assert trend.ahead is not None
        assert (trend.ahead.traces, describe(small_store, trend.ahead.slice).n) == (3, 3)
        assert sum(w.counts.traces for w in trend.windows) == 12
        last = trend.windows[-1]
        assert (last.counts.traces, describe(small_store, last.all_slice).n) == (1, 1)
    assert measure_trend(small_store, Slice().with_value("feature", "chat"), by="day").ahead is None
    assert measure_trend(small_store, Slice(), by="feature").ahead is None


def test_versions_stand_in_the_order_they_were_first_seen(fresh_store: Store) -> None:
    fill_windows(fresh_store, [(1, 2)] * 3)
    with ingest(fresh_store) as running:
        early = new_trace(started_at=FIRST_DAY - timedelta(days=9), dimensions={"prompt": "zz"})
        running.add([Entry("early.jsonl", 1, early, [], [])])
        running.finish(files=["early.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)
    assert [w.name for w in measure_trend(fresh_store, Slice(), by="prompt").windows] == ["zz", "v0", "v1", "v2"]


def test_fixes_stand_where_they_can_be_placed(small_store: Store) -> None:
    category = list_categories(small_store)[0]
    log_fix(small_store, category.id, what="date in the prompt", by="ana", since=datetime(2026, 1, 5))
    log_fix(small_store, category.id, what="other model", by="ana", dimension="feature", value="chat")
    assert [f.what for f in measure_trend(small_store, Slice(), by="day").fixed] == ["date in the prompt"]
    assert [(f.what, f.value) for f in measure_trend(small_store, Slice(), by="feature").fixed] == [
        ("other model", "chat")
    ]
    assert measure_trend(small_store, Slice(), by="persona").fixed == []


def test_a_dimension_that_is_not_here_is_named(small_store: Store) -> None:
    with pytest.raises(NotFoundError, match="no dimension «nothing»"):
        measure_trend(small_store, Slice(), by="nothing")


def test_corrected_windows_speak_of_traces_without_a_label_and_open_them() -> None:
    store = open_store(IN_MEMORY)
    fill(store)
    trend = measure_trend(store, Slice(), by="size", of=f"corrected {REF}")
    whole = estimate(store, Slice(), judge=REF)
    assert trend.of == f"corrected {REF}"
    assert trend.whole.rate == whole.corrected.failed
    assert trend.whole.rate.rate == pytest.approx(0.15)
    assert trend.whole.rate.rate != pytest.approx(100 / 500)
    assert [(w.name, w.counts.judged) for w in trend.windows] == [("large", 250), ("small", 250)]
    assert all(w.rate.corrected and w.rate.low is not None for w in trend.windows)
    doors = [(w.name, w.counts.failed, w.failed_slice) for w in (*trend.windows, trend.whole)]
    doors += [(w.name, w.counts.judged, w.judged_slice) for w in (*trend.windows, trend.whole)]
    assert off_links(store, [*doors, *(trend.estimate.left_out if trend.estimate else [])]) == []
    with pytest.raises(UsageError, match="no corrected rate"):
        measure_trend(store, Slice(disagree=REF), by="size", of=f"corrected {REF}")
    with pytest.raises(NotFoundError):
        measure_trend(store, Slice(), by="size", of="corrected nobody")
    store.close()
