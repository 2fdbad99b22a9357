"""The corrected share of passes: worked by hand, only from real and complete verdicts, refused in words otherwise."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from core.errors import UsageError
from core.model import JudgmentRow, LabelRow, LabelState, Verdict
from core.slice import Slice
from core.store.connection import IN_MEMORY, Store
from core.store.ingest import Entry, ingest
from core.workflows.counting import count
from core.workflows.estimating import BY_VERDICT, NO_TEST, SEALED, estimate
from core.workflows.opening import open_store
from core.workflows.sealing import open_test
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
