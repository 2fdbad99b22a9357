"""The corrected share of passes: worked by hand, only from real and complete verdicts, refused in words otherwise."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import UsageError
from core.model import JudgmentRow, LabelRow, LabelState, Verdict
from core.slice import Slice
from core.store import judging, traces
from core.store.connection import IN_MEMORY, Store
from core.store.ingest import Entry, ingest
from core.workflows import estimating
from core.workflows.counting import count
from core.workflows.estimating import BY_VERDICT, NO_TEST, SEALED, estimate
from core.workflows.exploring import describe, list_traces
from core.workflows.opening import open_store
from core.workflows.reviewing import record_label
from core.workflows.sealing import open_test
from core.workflows.trusting import Trust
from tests.conftest import LABELLED_ON, Cli, new_trace
from tests.real_sets import off_cells, off_links

REF = "overall@1"
CELLS = ((92, "pass", "pass"), (88, "fail", "fail"), (12, "fail", "pass"), (8, "pass", "fail"))
"""Labelled traces: kept passes 92 of 100, caught failures 88 of 100."""
UNLABELLED = ((400, "pass"), (100, "fail"))


def entry(name: str, said: str | None, judged: str | None, place: int, origin: str = "real") -> Entry:
    trace = new_trace(id=name, origin=origin, dimensions={"size": ("small", "large")[place % 2]})
    labels = [LabelRow(trace_id=name, labeler="ana", state=LabelState(said), at=LABELLED_ON)] if said else []
    judgments = [JudgmentRow(trace_id=name, judge="overall", version="1", verdict=Verdict(judged))] if judged else []
    return Entry("made.jsonl", place + 1, trace, labels, judgments)


def fill(store: Store, *, extra: list[Entry] | None = None) -> None:
    words = [(said, judged) for n, said, judged in CELLS for _ in range(n)]
    words += [(None, judged) for n, judged in UNLABELLED for _ in range(n)]
    with ingest(store) as running:
        running.add([entry(f"c{i:04}", said, judged, i) for i, (said, judged) in enumerate(words)] + (extra or []))
        running.finish(files=["made.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)


def split_all(store: Store, split: str) -> None:
    with store.write() as cursor:
        cursor.execute(
            "insert into splits select nextval('event_number'), trace_key, ?, now()::timestamp from current_labels",
            [split],
        )


@pytest.fixture(scope="module")
def filled() -> Iterator[Store]:
    store = open_store(IN_MEMORY)
    fill(store, extra=[entry("made-up", None, "pass", 1, origin="synthetic")])
    yield store
    store.close()


def test_eighty_percent_of_500_are_85_and_every_number_has_its_traces(filled: Store) -> None:
    found = estimate(filled, Slice(), judge="overall")
    assert (found.corrected.raw.k, found.corrected.raw.n, found.corrected.raw.rate) == (400, 500, 0.8)
    assert found.corrected.rate == pytest.approx(0.85)
    assert (found.refusal, found.split, found.overall) == (None, "all", False)
    assert [row[:2] for row in found.left_out] == [("synthetic", 1)]
    assert off_links(filled, [("judged", 500, found.judged_slice), ("passed", 400, found.passed_slice)]) == []
    assert off_links(filled, found.left_out) == []


def test_errors_and_traffic_are_counted_at_one_moment(fresh_store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(fresh_store)
    before = estimate(fresh_store, Slice(), judge=REF)
    usual = estimating._of_category

    def meanwhile(trust: Trust) -> str | None:
        monkeypatch.undo()
        for trace in list_traces(fresh_store, Slice(verdict=("unlabelled",)), limit=5).traces:
            record_label(fresh_store, trace_id=trace.row.id, state=LabelState.FAIL, labeler="ana", critique="no")
        return usual(trust)

    monkeypatch.setattr(estimating, "_of_category", meanwhile)
    found = estimate(fresh_store, Slice(), judge=REF)
    assert (found.corrected, found.trust, found.left_out) == (before.corrected, before.trust, before.left_out)
    later = estimate(fresh_store, Slice(), judge=REF)
    assert (later.errors.counts.n, later.corrected.raw.n) == (205, 495)


def test_a_slice_rests_on_the_error_over_all_traces_and_says_so(filled: Store) -> None:
    found = estimate(filled, Slice().with_value("size", "small"), judge=REF)
    assert found.overall
    assert found.corrected.raw.n == 250
    assert found.trust is not None
    assert found.trust.whole.counts.n == 200


def test_a_filter_by_verdict_is_refused(filled: Store) -> None:
    for slice_ in (Slice(judge=REF, judge_verdict=("fail",)), Slice(disagree=REF)):
        assert estimate(filled, slice_, judge=REF).refusal == BY_VERDICT


def test_a_share_of_the_verdicts_is_refused_with_how_many_there_are(fresh_store: Store) -> None:
    fill(fresh_store, extra=[entry(f"more{i}", None, None, i) for i in range(30)])
    found = estimate(fresh_store, Slice(), judge=REF)
    assert found.refusal is not None
    assert found.refusal.startswith("The judge has a word on 500 of 530 real traces without a label")
    assert (found.corrected.rate, ("without a judgment", 30)) == (None, found.left_out[-1][:2])


def judged_in(store: Store, percent: int) -> int:
    """200 labelled and judged traces, and 1,800 without a label, of which the judge was run on a sample alone and failed a
    quarter; how many traces are in the sample, labelled or not."""
    fill(store)
    with store.write() as cursor:
        cursor.execute("delete from judgments where trace_key not in (select trace_key from current_labels)")
    with ingest(store) as running:
        running.add([entry(f"s{i:04}", None, None, i) for i in range(1300)])
        running.finish(files=["more.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)
    with store.write() as cursor:
        version_id = judging.find_version_id(cursor, REF) or 0
        keys = traces.find_keys(cursor, Slice().in_sample(percent), reference=None)
        judged = {row[0] for row in cursor.execute("select trace_key from judgments").fetchall()}
        cursor.executemany(
            """insert into judgments (event, trace_key, version_id, passed, made_at)
            values (nextval('event_number'), ?, ?, ?, now()::timestamp)""",
            [[key, version_id, key % 4 != 0] for key in keys if key not in judged],
        )
        judging.add_run(
            cursor, version_id=version_id, mode="now", target="all traces", cap=None, repeats=0, cached=0, estimate=None,
            by="ana", items=[(key, 0) for key in keys], sample=percent,
        )  # fmt: skip
    return len(keys)


def test_a_random_sample_speaks_for_all(fresh_store: Store) -> None:
    n = judged_in(fresh_store, 20)
    assert 320 < n < 480  # of 2,000
    found = estimate(fresh_store, Slice(), judge=REF)
    assert (found.refusal, found.sample, found.corrected.raw.n) == (None, 20, n)
    truth = ((1800 * 0.75 + 104) / 2000 + 0.88 - 1) / (0.92 + 0.88 - 1)
    assert found.corrected.low is not None
    assert found.corrected.high is not None
    assert found.corrected.low < truth < found.corrected.high
    assert ("outside the sample", 2000 - n) == found.left_out[0][:2]
    assert off_links(fresh_store, [("judged", n, found.judged_slice), *found.left_out]) == []
    small = estimate(fresh_store, Slice().with_value("size", "small"), judge=REF)
    assert (small.refusal, small.sample) == (None, 20)
    # The next thing anybody does: read those the judge failed, and label them. They are no less in the sample for it.
    failed = found.population.with_judge_verdict(REF, "fail").with_verdict("unlabelled")
    for trace in list_traces(fresh_store, failed, limit=500).traces:
        record_label(fresh_store, trace_id=trace.row.id, state=LabelState.FAIL, labeler="ana", critique="so it is")
    with fresh_store.write() as cursor:
        cursor.execute("update labels set sampling = 'judge says fail' where critique = 'so it is'")
    later = estimate(fresh_store, Slice(), judge=REF)
    assert (later.refusal, later.corrected.raw) == (None, found.corrected.raw)
    pivoted = count(fresh_store, Slice(), rows="size", of=f"corrected {REF}")
    assert pivoted.total.rate == found.corrected.failed
    assert off_cells(fresh_store, pivoted) == []


def test_a_sample_that_nobody_declared_or_that_has_a_gap_speaks_for_nothing(fresh_store: Store) -> None:
    n = judged_in(fresh_store, 20)
    with fresh_store.write() as cursor:
        cursor.execute("delete from judgments where trace_key = (select max(trace_key) from judgments)")
    refusal = estimate(fresh_store, Slice(), judge=REF).refusal
    assert refusal is not None
    assert refusal.startswith(f"Of the random sample of 20 %, 1 of {n:,} real traces have no judgment yet.")
    with fresh_store.write() as cursor:
        cursor.execute("update judge_runs set sample = null")
    refusal = estimate(fresh_store, Slice(), judge=REF).refusal
    assert refusal is not None
    assert "nobody knows how these were chosen" in refusal


def test_a_sample_is_drawn_whatever_a_trace_says_and_the_rest_is_the_rest(filled: Store) -> None:
    whole = describe(filled, Slice()).n
    for percent in (1, 10, 50, 99):
        inside, outside = (describe(filled, s).n for s in (Slice().in_sample(percent), Slice().outside_sample(percent)))
        assert inside + outside == whole
        assert abs(inside - whole * percent / 100) < 4 * (whole * percent / 100 * (1 - percent / 100)) ** 0.5
    assert describe(filled, Slice().in_sample(10).outside_sample(10)).n == 0
    assert describe(filled, Slice().in_sample(50).in_sample(10)).n == describe(filled, Slice().in_sample(10)).n


def test_it_waits_for_the_test_split(fresh_store: Store) -> None:
    fill(fresh_store)
    split_all(fresh_store, "dev")
    assert estimate(fresh_store, Slice(), judge=REF).refusal == NO_TEST
    with fresh_store.write() as cursor:
        cursor.execute("update splits set split = 'test'")
    assert estimate(fresh_store, Slice(), judge=REF).refusal == SEALED
    with pytest.raises(UsageError, match="sealed"):
        count(fresh_store, Slice(), rows="size", of=f"corrected {REF}")
    open_test(fresh_store, REF, by="Chris")
    found = estimate(fresh_store, Slice(), judge=REF)
    assert (found.refusal, found.split) == (None, "test")
    assert found.corrected.rate == pytest.approx(0.85)


def test_labels_of_picked_traces_do_not_tell_how_the_judge_errs(fresh_store: Store) -> None:
    fill(fresh_store)
    with fresh_store.write() as cursor:
        cursor.execute("update labels set sampling = 'judge says fail' where trace_key <= 50")
    found = estimate(fresh_store, Slice(), judge=REF)
    assert found.trust is not None
    assert found.trust.whole.counts.n == 150
    assert ("labelled after they were picked for a reason", 50) in [row[:2] for row in found.left_out]
    assert off_links(fresh_store, found.left_out) == []


def test_a_judge_that_always_passes_is_refused(fresh_store: Store) -> None:
    with ingest(fresh_store) as running:
        words = [("pass", "pass")] * 45 + [("fail", "pass")] * 5 + [(None, "pass")] * 20
        running.add([entry(f"a{i}", said, judged, i) for i, (said, judged) in enumerate(words)])
        running.finish(files=["made.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)
    assert (
        estimate(fresh_store, Slice(), judge=REF).refusal == "Cannot be corrected: the judge is not better than chance."
    )


def test_every_cell_of_a_pivot_is_corrected_and_has_its_traces(filled: Store) -> None:
    found = count(filled, Slice(), rows="size", of=f"corrected {REF}")
    assert found.total.counts.judged == 500
    whole = estimate(filled, Slice(), judge=REF).corrected
    assert found.total.rate == whole.failed
    assert found.total.rate.rate == pytest.approx(0.15)
    assert {cell.rate.n for cell in found.cells} == {250}
    assert all(cell.rate.corrected for cell in (*found.cells, found.total))
    assert off_cells(filled, found) == []


def test_the_command_line_gives_it_too(database: Path, cli: Cli) -> None:
    store = open_store(database)
    fill(store)
    store.close()
    found = cli("agreement", "--judge", "overall", "--json").json["corrected"]
    assert found["rate"] == pytest.approx(0.85)
    assert (found["judged"]["k"], found["judged"]["n"], found["compared"], found["refused"]) == (400, 500, 200, None)
    assert "corrected        85" in cli("agreement", "--judge", "overall").out
    assert cli("pivot", "--rows", "size", "--of", "corrected overall@1", "--json").json["of"] == "corrected overall@1"
