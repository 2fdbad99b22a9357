"""Causes of disagreements, agreement for another reason, a second look at a label, and errors by the look of an answer."""

import pytest

from core.errors import NotFoundError, UsageError
from core.metrics import rate_of
from core.slice import Slice
from core.store import journal_rows
from core.store.connection import Store
from core.store.ingest import ingest
from core.workflows import biasing
from core.workflows.biasing import ids_of_look, measure_looks
from core.workflows.explaining import ask_again, count_marks, list_agreeing, mark, undo_mark
from core.workflows.maintaining import examine
from core.workflows.queueing import find_queue, trace_ids
from core.workflows.trusting import list_pairs, measure_trust
from tests.conftest import EXPERT, JUDGE, LABELLED_ON
from tests.unit.workflows.test_estimating import entry


def marked(store: Store, name: str) -> list[str]:
    trust = measure_trust(store, Slice(), judge=JUDGE)
    return [pair.trace_id for pair in list_pairs(store, trust.disagreements, judge=JUDGE, mark=name)]


def test_a_cause_is_kept_replaced_counted_filtered_and_taken_back(small_store: Store) -> None:
    differ = measure_trust(small_store, Slice(), judge=JUDGE).disagreements
    assert count_marks(small_store, differ, judge=JUDGE) == {"none": 2}
    mark(small_store, trace_id="t04", judge=JUDGE, mark="judge wrong", by="Chris")
    mark(small_store, trace_id="t04", judge=JUDGE, mark="label wrong", by="Dana")
    assert count_marks(small_store, differ, judge=JUDGE) == {"label wrong": 1, "none": 1}
    assert (marked(small_store, "label wrong"), marked(small_store, "none")) == (["t04"], ["t02"])
    (pair,) = list_pairs(small_store, differ, judge=JUDGE, mark="label wrong")
    assert (pair.mark, pair.marked_by) == ("label wrong", "Dana")
    assert undo_mark(small_store, trace_id="t04", judge=JUDGE, by="Dana") == "judge wrong"
    assert marked(small_store, "judge wrong") == ["t04"]
    assert undo_mark(small_store, trace_id="t04", judge=JUDGE, by="Dana") is None
    assert count_marks(small_store, differ, judge=JUDGE) == {"none": 2}
    with pytest.raises(NotFoundError):
        undo_mark(small_store, trace_id="t04", judge=JUDGE, by="Dana")
    assert [check for check in examine(small_store).health.checks if check.faults] == []
    with small_store.read() as cursor:
        kinds = [entry[0] for entry in journal_rows.find_after(cursor, 0)]
    assert kinds.count("pair_marks") == 5


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"mark": "no such cause"}, UsageError),
        ({"by": " "}, UsageError),
        ({"trace_id": "nothing"}, NotFoundError),
        ({"judge": "nobody"}, NotFoundError),
    ],
)
def test_what_cannot_be_kept_is_refused(small_store: Store, given: dict[str, str], problem: type[Exception]) -> None:
    with pytest.raises(problem):
        mark(small_store, **({"trace_id": "t04", "judge": JUDGE, "mark": "judge wrong", "by": "Chris"} | given))


def test_labels_that_may_be_wrong_become_a_queue_for_whoever_gave_them(small_store: Store) -> None:
    differ = measure_trust(small_store, Slice(), judge=JUDGE).disagreements
    with pytest.raises(UsageError):
        ask_again(small_store, differ, judge=JUDGE, person=EXPERT, by="Chris")
    mark(small_store, trace_id="t04", judge=JUDGE, mark="label wrong", by="Chris")
    queue = find_queue(small_store, str(ask_again(small_store, differ, judge=JUDGE, person=EXPERT, by="Chris")))
    assert queue is not None
    assert (queue.people, queue.kind, trace_ids(small_store, queue)) == ((EXPERT,), "second look", ["t04"])


def test_pairs_that_agree_come_the_least_alike_first(small_store: Store) -> None:
    with small_store.write() as cursor:
        cursor.execute(
            "update judgments set critique = 'it gave the wrong date' where trace_key = 3 and version_id = 1"
        )
        cursor.execute("update judgments set critique = 'too long an answer' where trace_key = 7 and version_id = 1")
    found = list_agreeing(small_store, measure_trust(small_store, Slice(), judge=JUDGE))
    assert [one.pair.trace_id for one in found] == ["t07", "t03"]
    assert 0 <= found[0].alike < found[1].alike <= 1
    mark(small_store, trace_id="t07", judge=JUDGE, mark="other reason", by="Chris")
    assert list_agreeing(small_store, measure_trust(small_store, Slice(), judge=JUDGE))[0].pair.mark == "other reason"


def test_errors_by_length_and_format_are_counted_on_the_traces_that_look_so(
    small_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    trust = measure_trust(small_store, Slice(), judge=JUDGE)
    assert measure_looks(small_store, trust) == [], "six traces are too few to hold looks against each other"
    monkeypatch.setattr(biasing, "FEWEST", 1)
    texts = {
        1: "short",
        2: "- one\n- two",
        3: "a middling answer",
        4: "long " * 50,
        6: "see https://example.org now",
        7: "# Title",
    }
    with small_store.write() as cursor:
        for key, text in texts.items():
            cursor.execute("update traces set output = ? where trace_key = ?", [text, key])
    trust = measure_trust(small_store, Slice(), judge=JUDGE)
    tables = measure_looks(small_store, trust)
    rows = {row.name: row for table in tables for row in table.rows}
    assert "code" not in rows
    assert ids_of_look(small_store, trust, "longest") == ["t04", "t06"]
    assert rows["longest"].false_passes == rate_of(1, 1)
    assert rows["list"].false_fails == rate_of(1, 1)
    assert rows["no list"].false_passes == rate_of(1, 3)
    assert ids_of_look(small_store, trust, "link") == ["t06"]
    assert ids_of_look(small_store, trust, "markdown") == ["t07"]
    assert ids_of_look(small_store, trust, "purple") is None
    for row in rows.values():
        ids = ids_of_look(small_store, trust, row.name)
        lenient = trust.whole.cell_slice(expert="fail", judge="pass")
        assert len(list_pairs(small_store, lenient, judge=JUDGE, ids=ids)) == row.false_passes.k


def test_a_judge_that_passes_what_is_long_is_told_by_its_look(fresh_store: Store) -> None:
    with ingest(fresh_store) as running:
        words = [("fail", "fail")] * 30 + [("fail", "pass")] * 30 + [("pass", "pass")] * 30
        running.add([entry(f"b{i:03}", said, judged, i) for i, (said, judged) in enumerate(words)])
        running.finish(files=["made.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)
    with fresh_store.write() as cursor:
        cursor.execute("update traces set output = repeat('x', trace_key::integer)")
    table = measure_looks(fresh_store, measure_trust(fresh_store, Slice(), judge="overall"))[0]
    assert [row.false_passes for row in table.rows] == [rate_of(0, 30), rate_of(30, 30), rate_of(0, 0)]
