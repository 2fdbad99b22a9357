"""Blind first: what waits for somebody in any of their queues, and what it leaves in a label to have seen a judge."""

from core.model import LabelState
from core.slice import Slice
from core.store import openings
from core.store.connection import Store
from core.workflows.exploring import read_trace
from core.workflows.putting_aside import put_aside
from core.workflows.queueing import repeated_ids, start_queue, trace_ids
from core.workflows.reviewing import note_opening, record_label, undo_label
from core.workflows.rubric import save_rubric
from core.workflows.second_look import start_second_look
from core.workflows.seeing import note_told, tells_verdicts, told_of, waiting_for
from tests.conftest import EXPERT, JUDGE
from tests.unit.workflows.test_agreeing import BO, CY, judged
from tests.unit.workflows.test_agreeing import many as many


def keys(store: Store, *ids: str) -> list[int]:
    with store.read() as cursor:
        found = dict(cursor.execute("select id, trace_key from traces").fetchall())
    return [found[name] for name in ids]


def saw_judge(store: Store, trace_id: str, labeler: str) -> list[bool]:
    return [label.saw_judge for label in read_trace(store, trace_id).labels if label.labeler == labeler]


# ------------------------------------------------------------------------------ what waits


def test_what_waits_is_the_rest_of_every_queue_of_this_person(small_store: Store) -> None:
    first = start_queue(small_store, Slice().with_value("feature", "search"), size=5, labeler=BO)
    second = start_queue(small_store, Slice().with_value("feature", "booking"), size=5, labeler=BO)
    ids = {*trace_ids(small_store, first), *trace_ids(small_store, second)}
    assert len(ids) == 9
    assert waiting_for(small_store, BO) == ids
    assert waiting_for(small_store, CY) == frozenset()
    put_aside(small_store, second, person=BO)
    assert waiting_for(small_store, BO) == ids, "it can be taken up again, and is blind then too"
    judged(small_store, "t01", BO, "pass")
    record_label(small_store, trace_id="t06", state=LabelState.DEFERRED, labeler=BO)
    judged(small_store, "t02", CY, "pass")
    assert waiting_for(small_store, BO) == ids - {"t01", "t06"}
    undo_label(small_store, trace_id="t01", labeler=BO)
    assert waiting_for(small_store, BO) == ids - {"t06"}


def test_for_somebody_without_a_name_waits_what_waits_for_anybody(small_store: Store) -> None:
    assert waiting_for(small_store, None) == frozenset()
    start_queue(small_store, Slice(search="of t03"), size=5, labeler=BO)
    start_queue(small_store, Slice(search="of t04"), size=5, labeler=CY)
    assert waiting_for(small_store, None) == {"t03", "t04"}
    judged(small_store, "t03", CY, "pass")
    judged(small_store, "t04", CY, "pass")
    assert waiting_for(small_store, None) == {"t03"}


def test_a_second_look_and_a_hidden_repeat_wait_until_there_is_a_new_word(many: Store) -> None:
    queue = start_queue(many, Slice(), size=25, labeler=BO, seed=7)
    again = sorted(repeated_ids(many, queue))
    assert waiting_for(many, BO) == set(trace_ids(many, queue)) >= set(again)
    record_label(many, trace_id=again[0], state=LabelState.PASS, labeler=BO, repeat=True, queue_id=queue.id)
    assert again[0] not in waiting_for(many, BO)
    save_rubric(many, pass_means="a", fail_means="b", by=BO)
    start_second_look(many, person=BO)
    assert len(waiting_for(many, BO)) == 25 - len(again) + 30
    judged(many, again[0], BO, "pass")
    assert again[0] not in waiting_for(many, BO)


# ------------------------------------------------------------------------------ what was seen


def test_a_label_says_that_the_judge_was_seen_in_a_list_before(small_store: Store) -> None:
    judged(small_store, "t01", BO, "pass")
    state = small_store.version
    note_told(small_store, ["t01", "t05", "gone"], labeler=BO)
    note_told(small_store, ["t05"], labeler=BO)
    assert small_store.version == state, "no number of a page changes"
    for trace_id in ("t01", "t05", "t09"):
        judged(small_store, trace_id, BO, "fail")
    judged(small_store, "t05", CY, "fail")
    seen = {(name, who): saw_judge(small_store, name, who) for name in ("t01", "t05", "t09") for who in (BO, CY)}
    assert seen == {
        ("t01", BO): [False], ("t05", BO): [True], ("t09", BO): [False],
        ("t01", CY): [], ("t05", CY): [False], ("t09", CY): [],
    }, "of a trace judged before, the blind verdict stands already"  # fmt: skip
    note_told(small_store, ["t09"], labeler=BO, judged=True)
    judged(small_store, "t09", BO, "pass")
    assert saw_judge(small_store, "t09", BO) == [False, True]


def test_a_trace_that_was_listed_is_none_that_was_read(small_store: Store) -> None:
    with small_store.read() as cursor:
        read = openings.count_opened(cursor)
    note_told(small_store, ["t05", "t09", "t12"], labeler=BO)
    with small_store.read() as cursor:
        assert openings.count_opened(cursor) == read
    note_opening(small_store, trace_id="t05", labeler=BO, saw_judge=True)
    with small_store.read() as cursor:
        assert openings.count_opened(cursor) == read + 1


def test_a_list_holds_no_news_of_what_was_judged_opened_or_told(small_store: Store) -> None:
    judged(small_store, "t01", BO, "pass")
    record_label(small_store, trace_id="t02", state=LabelState.DEFERRED, labeler=BO)
    note_opening(small_store, trace_id="t05", labeler=BO, saw_judge=True)
    note_opening(small_store, trace_id="t06", labeler=BO, saw_judge=False)
    note_told(small_store, ["t09"], labeler=BO)
    note_told(small_store, ["t12"], labeler=EXPERT)
    asked = keys(small_store, "t01", "t02", "t05", "t06", "t09", "t12")
    assert told_of(small_store, asked, BO) == set(keys(small_store, "t01", "t05", "t09"))
    assert told_of(small_store, [], BO) == frozenset()


def test_a_slice_tells_a_verdict_where_all_its_traces_have_the_same() -> None:
    of = Slice(judge=JUDGE)
    telling = [Slice(judge=JUDGE, judge_verdict=said) for said in (("pass",), ("fail",), ("fail", "failure"))]
    assert all(tells_verdicts(slice_) for slice_ in (*telling, Slice(disagree=JUDGE)))
    silent = [Slice(judge=JUDGE, judge_verdict=said) for said in (("pass", "fail"), ("none",), ("sealed",))]
    assert not any(tells_verdicts(slice_) for slice_ in (*silent, of, Slice(), Slice(verdict=("fail",))))
