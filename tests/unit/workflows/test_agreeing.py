"""People: overlap batches, adjudication, hidden repeats, the rubric's versions and the second look."""

import pytest

from core.errors import NotFoundError, UsageError
from core.metrics import kappa
from core.model import LabelState, Verdict
from core.slice import Slice
from core.store import labels, traces
from core.store.connection import Store
from core.workflows.agreeing import adjudicate, agreement_with_self, list_overlaps, start_overlap
from core.workflows.exploring import describe, read_trace, set_principal_expert
from core.workflows.planning import Part, Plan
from core.workflows.queueing import Queue, find_queue, repeated_ids, reviewed_ids, start_queue, trace_ids
from core.workflows.revealing import reconcile
from core.workflows.review_items import review_items
from core.workflows.reviewing import note_opening, record_actions, record_label, undo_label
from core.workflows.rubric import save_rubric, second_look_ids
from core.workflows.second_look import second_thoughts, start_second_look
from core.workflows.seeing import waiting_for
from core.workflows.trusting import measure_trust
from tests.conftest import EXPERT, JUDGE, new_trace
from tests.unit.workflows.test_reviewing import said

BO, CY = "bo", "cy"
ALL = [f"t{number:02d}" for number in range(1, 13)]


def judged(store: Store, trace_id: str, labeler: str, verdict: str) -> None:
    record_label(
        store, trace_id=trace_id, state=LabelState(verdict), labeler=labeler, critique=f"{verdict}, says {labeler}"
    )


def overlap_of(store: Store, verdicts: dict[str, str], size: int = 12) -> int:
    """A batch for Bo and Cy, done by both: per trace two letters, Bo's verdict and Cy's."""
    number = start_overlap(store, Slice(), people=(BO, CY), size=size)
    words = {"p": "pass", "f": "fail", "d": "deferred"}
    for trace_id in open_ids(store, number):
        for labeler, letter in zip((BO, CY), verdicts.get(trace_id, "pp"), strict=True):
            judged(store, trace_id, labeler, words[letter])
    return number


def queue_of(store: Store, number: int) -> Queue:
    found = find_queue(store, str(number))
    assert found is not None
    return found


def open_ids(store: Store, number: int) -> list[str]:
    return trace_ids(store, queue_of(store, number))


def test_an_overlap_batch_is_drawn_from_what_the_one_with_more_labels_has_not_judged(small_store: Store) -> None:
    judged(small_store, "t01", CY, "pass")
    judged(small_store, "t02", CY, "fail")
    judged(small_store, "t03", BO, "fail")
    number = start_overlap(small_store, Slice(), people=(BO, CY), size=12)
    assert sorted(open_ids(small_store, number)) == ALL[2:]
    assert queue_of(small_store, number).people == (CY, BO)
    # What Bo said of t03 before does not count in it and is not shown in it.
    items = review_items(small_store, ["t03"], labeler=BO, since=queue_of(small_store, number).event)
    assert [(item.label, item.history) for item in items] == [(None, [])]


@pytest.mark.parametrize("people", [(BO, BO), (BO, " "), ("", CY)])
def test_an_overlap_batch_needs_two_different_people(small_store: Store, people: tuple[str, str]) -> None:
    with pytest.raises(UsageError):
        start_overlap(small_store, Slice(), people=people, size=5)


def test_nothing_of_a_batch_is_told_before_both_are_through(small_store: Store) -> None:
    number = start_overlap(small_store, Slice(), people=(BO, CY), size=5)
    ids = open_ids(small_store, number)
    for trace_id in ids:
        judged(small_store, trace_id, BO, "fail")
    (batch,) = list_overlaps(small_store)
    assert (batch.done, batch.is_done, batch.counts, batch.disagreements) == ((5, 0), False, None, [])
    assert waiting_for(small_store, CY) == set(ids)
    assert waiting_for(small_store, BO) == set()
    # What Cy is shown of them holds nothing of Bo.
    assert all(item.label is None and not item.history for item in review_items(small_store, ids, labeler=CY))


def test_a_word_taken_back_makes_a_trace_of_a_batch_wait_again(small_store: Store) -> None:
    number = start_overlap(small_store, Slice(), people=(BO, CY), size=5)
    ids = open_ids(small_store, number)
    judged(small_store, ids[0], BO, "fail")
    judged(small_store, ids[0], CY, "pass")
    assert waiting_for(small_store, BO) == set(ids[1:])
    undo_label(small_store, trace_id=ids[0], labeler=BO)
    assert waiting_for(small_store, BO) == set(ids)
    assert waiting_for(small_store, CY) == set(ids[1:])


def test_a_trace_that_a_draw_hit_and_does_not_show_waits_for_nobody(small_store: Store) -> None:
    thin = Plan(parts=(Part("thin cells", 100),), by=("feature", "persona"))
    picked = start_queue(small_store, Slice(), size=5, labeler=BO, plan=thin)
    for trace_id in trace_ids(small_store, picked):
        record_label(small_store, trace_id=trace_id, state=LabelState.PASS, labeler=BO, queue_id=picked.id)
    ids = set(open_ids(small_store, start_overlap(small_store, Slice(), people=(BO, CY), size=12)))
    assert ids == set(ALL) - set(trace_ids(small_store, picked))
    assert waiting_for(small_store, BO) == waiting_for(small_store, CY) == ids


def test_agreement_and_kappa_of_two_people_are_those_of_their_table(small_store: Store) -> None:
    number = overlap_of(small_store, {"t01": "ff", "t02": "ff", "t03": "fp", "t04": "pf", "t05": "fp", "t06": "dp"})
    (batch,) = list_overlaps(small_store)
    assert batch.counts is not None
    assert batch.agreement is not None
    assert batch.counts == (6, 2, 2, 1)
    assert (batch.agreement.k, batch.agreement.n, batch.deferred) == (8, 11, 1)
    # By hand: chance agreement (7/11 * 8/11) + (4/11 * 3/11) = 68/121, so kappa is (88 - 68) / (121 - 68).
    assert batch.kappa == pytest.approx(20 / 53)
    assert batch.kappa == kappa(batch.counts)
    assert {one.trace_id for one in batch.disagreements} == {"t03", "t04", "t05"}
    assert number == batch.queue_id


def counted(store: Store) -> tuple[object, ...]:
    (batch,) = list_overlaps(store)
    return batch.counts, batch.kappa, {one.trace_id: one.second.critique for one in batch.disagreements}, batch.in_sight


def test_who_changes_a_word_after_both_had_spoken_changes_no_agreement(small_store: Store) -> None:
    number = start_overlap(small_store, Slice(), people=(BO, CY), size=12)
    ids = open_ids(small_store, number)
    judged(small_store, ids[0], BO, "pass")
    judged(small_store, ids[0], BO, "fail")  # before Cy has spoken: it is what Bo says
    for trace_id in ids:
        judged(small_store, trace_id, CY, "pass")
    for trace_id in ids[1:-1]:
        judged(small_store, trace_id, BO, "pass")
    judged(small_store, ids[0], CY, "fail")  # both had spoken on this one: Cy may have seen what Bo says
    judged(small_store, ids[-1], BO, "pass")
    before = counted(small_store)
    assert before == ((11, 0, 1, 0), 0.0, {ids[0]: "pass, says cy"}, 0)
    undo_label(small_store, trace_id=ids[0], labeler=CY)
    judged(small_store, ids[0], CY, "fail")
    judged(small_store, ids[1], BO, "fail")
    assert counted(small_store) == before
    # Nor does a word taken back once the results were shown; they are hidden until there is one again.
    undo_label(small_store, trace_id=ids[2], labeler=CY)
    assert [batch.is_done for batch in list_overlaps(small_store)] == [False]
    judged(small_store, ids[2], CY, "fail")
    assert counted(small_store) == before


def test_a_slip_taken_back_before_the_batch_is_done_was_not_said(small_store: Store) -> None:
    number = start_overlap(small_store, Slice(), people=(BO, CY), size=5)
    ids = open_ids(small_store, number)
    judged(small_store, ids[0], BO, "pass")
    judged(small_store, ids[0], CY, "fail")
    undo_label(small_store, trace_id=ids[0], labeler=CY)
    for trace_id in ids:
        judged(small_store, trace_id, CY, "pass")
    for trace_id in ids[1:]:
        judged(small_store, trace_id, BO, "pass")
    assert counted(small_store)[0] == (5, 0, 0, 0)


def test_what_was_said_in_sight_of_the_judge_changes_no_agreement(small_store: Store) -> None:
    overlap_of(small_store, {"t03": "pf", "t04": "ff"})
    before = counted(small_store)
    # The judge fails t03 and passes t04; each of the two gives in on one of them.
    reconcile(small_store, trace_id="t03", labeler=BO, judge=JUDGE, decision="changed", critique="it is right")
    note_opening(small_store, trace_id="t04", labeler=CY, saw_judge=True)
    judged(small_store, "t04", CY, "pass")
    assert counted(small_store) == before


def test_a_trace_on_which_one_of_two_had_seen_the_judge_is_counted_and_left_out(small_store: Store) -> None:
    note_opening(small_store, trace_id="t03", labeler=CY, saw_judge=True)
    overlap_of(small_store, {"t03": "pf", "t04": "pf"})
    (batch,) = list_overlaps(small_store)
    assert batch.is_done
    assert (batch.counts and batch.counts.n, batch.in_sight, batch.deferred) == (11, 1, 0)
    assert [one.trace_id for one in batch.disagreements] == ["t04"]


def test_a_settled_disagreement_is_a_third_label_that_counts_and_both_others_are_kept(small_store: Store) -> None:
    set_principal_expert(small_store, BO, by=BO)
    number = overlap_of(small_store, {"t03": "fp"})
    before = describe(small_store, Slice(verdict=("fail",))).n
    event = adjudicate(
        small_store, queue_id=number, trace_id="t03", state=LabelState.PASS, critique="Cy is right", by=EXPERT
    )
    seen = read_trace(small_store, "t03")
    assert seen.label is not None
    assert (seen.label.event, seen.label.origin, seen.label.verdict) == (event, "adjudicated", Verdict.PASS)
    assert describe(small_store, Slice(verdict=("fail",))).n == before - 1
    kept = {(label.labeler, label.state.value) for label in seen.labels}
    assert {(BO, "fail"), (CY, "pass")} <= kept
    (batch,) = list_overlaps(small_store)
    assert [(one.settled, one.settled_by) for one in batch.disagreements] == [(LabelState.PASS, EXPERT)]
    # Whoever asks for Cy's own labels gets Cy's.
    assert describe(small_store, Slice(verdict=("pass",), labeler=CY)).n == 12
    # A later word of the principal expert counts in its turn, and replaces nothing of the adjudication.
    judged(small_store, "t03", BO, "fail")
    again = read_trace(small_store, "t03")
    assert again.label is not None
    assert (again.label.labeler, again.label.verdict) == (BO, Verdict.FAIL)
    assert any(label.event == event for label in again.labels)


def test_an_adjudication_in_sight_of_the_judge_is_not_held_against_the_judge(small_store: Store) -> None:
    set_principal_expert(small_store, BO, by=BO)
    number = overlap_of(small_store, {"t03": "fp", "t04": "fp"})
    blind = measure_trust(small_store, Slice(), judge=JUDGE).groups[0].counts
    note_opening(small_store, trace_id="t03", labeler=EXPERT, saw_judge=True)
    for trace_id in ("t03", "t04"):
        adjudicate(small_store, queue_id=number, trace_id=trace_id, state=LabelState.PASS, critique="ok", by=EXPERT)
    after = measure_trust(small_store, Slice(), judge=JUDGE).groups[0].counts
    # t04 (judge: pass) moved from too lenient to both pass; t03 stays what Bo said blind.
    assert after == blind._replace(both_pass=blind.both_pass + 1, judge_too_lenient=blind.judge_too_lenient - 1)


def test_only_a_disagreement_of_a_finished_batch_can_be_settled(small_store: Store) -> None:
    number = overlap_of(small_store, {"t03": "fp"})
    for trace_id, critique, expected in (
        ("t01", "ok", NotFoundError),
        ("t03", " ", UsageError),
        ("gone", "ok", NotFoundError),
    ):
        with pytest.raises(expected):
            adjudicate(
                small_store, queue_id=number, trace_id=trace_id, state=LabelState.PASS, critique=critique, by=EXPERT
            )


# ------------------------------------------------------------------------------ openings


def test_a_label_after_the_judge_was_seen_says_so_whatever_the_browser_says(small_store: Store) -> None:
    note_opening(small_store, trace_id="t05", labeler=BO, saw_judge=True)
    note_opening(small_store, trace_id="t09", labeler=BO, saw_judge=False)
    record_actions(
        small_store,
        [said("label", trace_id="t05", verdict="pass"), said("label", trace_id="t09", verdict="pass")],
        labeler=BO,
    )
    record_label(small_store, trace_id="t05", state=LabelState.PASS, labeler=CY)
    saw = {(x.trace_id, x.labeler): x.saw_judge for t in ("t05", "t09") for x in read_trace(small_store, t).labels}
    assert saw == {("t05", BO): True, ("t09", BO): False, ("t05", CY): False}


def test_an_opening_is_noted_once_and_changes_no_number_of_a_page(small_store: Store) -> None:
    state = small_store.version
    for _ in range(3):
        note_opening(small_store, trace_id="t05", labeler=BO, saw_judge=False)
    note_opening(small_store, trace_id="gone", labeler=BO, saw_judge=False)
    note_opening(small_store, trace_id="t05", labeler=None, saw_judge=True)
    assert small_store.version == state
    with small_store.read() as cursor:
        assert cursor.execute("select count(*) from openings").fetchone() == (1,)


# ------------------------------------------------------------------------------ hidden repeats


@pytest.fixture
def many(fresh_store: Store) -> Store:
    """60 traces, of which Bo has judged 30."""
    from core.store.ingest import Entry, ingest

    with ingest(fresh_store) as running:
        made = [new_trace(id=f"m{number:02d}") for number in range(60)]
        running.add([Entry("m.jsonl", number + 1, trace, [], []) for number, trace in enumerate(made)])
        running.finish(files=["m.jsonl"], format_name="jsonl", mapping=None, now=made[0].started_at or _now())
    for number in range(30):
        judged(fresh_store, f"m{number:02d}", BO, "fail" if number % 3 else "pass")
    return fresh_store


def _now():  # type: ignore[no-untyped-def]
    from datetime import datetime

    return datetime(2026, 2, 1)


def test_some_of_a_queue_are_traces_this_person_judged_before(many: Store) -> None:
    queue = start_queue(many, Slice(), size=25, labeler=BO, seed=7)
    ids, repeats = trace_ids(many, queue), repeated_ids(many, queue)
    assert len(ids) == len(set(ids)) == 25
    assert 0.05 <= len(repeats) / len(ids) <= 0.1
    assert ids[0] not in repeats
    assert all(f"m{number:02d}" >= "m30" for number in range(30) if f"m{number:02d}" in set(ids) - repeats)
    assert repeated_ids(many, start_queue(many, Slice(), size=9, labeler=BO)) == frozenset()
    assert repeated_ids(many, start_queue(many, Slice(), size=25, labeler=CY)) == frozenset()


def test_a_repeat_is_hidden_replaces_nothing_and_counts_as_consistency_alone(many: Store) -> None:
    queue = start_queue(many, Slice(), size=25, labeler=BO, seed=7)
    repeats = repeated_ids(many, queue)
    same, other = sorted(repeats)
    before = {t: read_trace(many, t).label for t in repeats}
    fails = describe(many, Slice(verdict=("fail",))).n
    items = review_items(many, trace_ids(many, queue), labeler=BO, since=queue.event, repeats=repeats)
    assert all(item.label is None and not item.history and not item.deferred for item in items)
    first = before[same]
    second = before[other]
    assert first is not None
    assert second is not None
    assert first.verdict is not None
    assert second.verdict is not None
    opposite = "pass" if second.verdict is Verdict.FAIL else "fail"
    sent = [
        said("label", trace_id=same, verdict=first.verdict.value, critique="again"),
        said("label", trace_id=other, verdict=opposite, critique="otherwise"),
    ]
    record_actions(many, sent, labeler=BO, repeats=repeats)
    assert {t: read_trace(many, t).label for t in repeats} == before
    assert describe(many, Slice(verdict=("fail",))).n == fails
    assert set(reviewed_ids(many, queue, labeler=BO)) == repeats
    assert agreement_with_self(many, BO)[:2] == (1, 2)
    assert agreement_with_self(many, BO, queue_id=queue.id)[:2] == (1, 2)
    # Saving again and undoing move the repeat, never the label it is compared with.
    record_actions(
        many,
        [said("label", trace_id=other, verdict=second.verdict.value, critique="as before")],
        labeler=BO,
        repeats=repeats,
    )
    assert agreement_with_self(many, BO)[:2] == (2, 2)
    record_actions(many, [said("undo", trace_id=same, undoes=sent[0].client_id)], labeler=BO, repeats=repeats)
    assert agreement_with_self(many, BO)[:2] == (1, 1)
    assert {t: read_trace(many, t).label for t in repeats} == before


def test_a_repeat_counts_unless_the_judge_was_seen_between_the_two_words(many: Store) -> None:
    queue = start_queue(many, Slice(), size=25, labeler=BO, seed=7)
    same, seen = sorted(repeated_ids(many, queue))
    note_opening(many, trace_id=same, labeler=CY, saw_judge=True)
    note_opening(many, trace_id=same, labeler=BO, saw_judge=False)
    note_opening(many, trace_id=seen, labeler=BO, saw_judge=True)
    for trace_id in (same, seen):
        held = read_trace(many, trace_id).label
        assert held is not None
        record_label(
            many, trace_id=trace_id, state=held.state, labeler=BO, critique="again", repeat=True, queue_id=queue.id
        )
    assert agreement_with_self(many, BO, queue_id=queue.id)[:2] == (1, 1)
    assert agreement_with_self(many, BO)[:2] == (1, 1)
    note_opening(many, trace_id=same, labeler=BO, saw_judge=True)
    assert agreement_with_self(many, BO)[:2] == (1, 1), "what is seen after both words sways neither"


def test_a_trace_whose_judge_was_seen_since_is_not_drawn_as_a_repeat(many: Store) -> None:
    for number in range(9, 30):
        note_opening(many, trace_id=f"m{number:02d}", labeler=BO, saw_judge=True)
    drawn = [repeated_ids(many, start_queue(many, Slice(), size=25, labeler=BO, seed=seed)) for seed in range(4)]
    assert drawn == [frozenset()] * 4, "fewer than 20 are left to be forgotten"
    for number in range(30, 42):
        judged(many, f"m{number:02d}", BO, "fail")
    drawn = [repeated_ids(many, start_queue(many, Slice(), size=25, labeler=BO, seed=seed)) for seed in range(4)]
    assert all(drawn)
    assert frozenset().union(*drawn).isdisjoint(f"m{number:02d}" for number in range(9, 30))


# ------------------------------------------------------------------------------ the rubric


def test_a_rubric_is_saved_in_versions_and_each_label_carries_the_newest(small_store: Store) -> None:
    judged(small_store, "t05", BO, "pass")
    assert save_rubric(small_store, pass_means="got it", fail_means="did not", by=BO) == 1
    judged(small_store, "t09", BO, "pass")
    assert save_rubric(small_store, pass_means="got it ", fail_means="did not", by=BO) == 1
    assert save_rubric(small_store, pass_means="got it whole", fail_means="did not", by=BO) == 2
    judged(small_store, "t12", BO, "pass")
    given = [read_trace(small_store, t).labels[-1].rubric_version for t in ("t05", "t09", "t12")]
    assert given == [None, 1, 2]
    assert second_look_ids(small_store, BO) == ["t05", "t09"]
    with pytest.raises(UsageError):
        save_rubric(small_store, pass_means="got it", fail_means=" ", by=BO)


def test_a_second_look_ends_for_a_trace_whose_judge_was_seen_meanwhile(small_store: Store) -> None:
    judged(small_store, "t05", BO, "pass")
    save_rubric(small_store, pass_means="a", fail_means="b", by=BO)
    note_opening(small_store, trace_id="t05", labeler=BO, saw_judge=True)
    assert second_look_ids(small_store, BO) == ["t05"]
    judged(small_store, "t05", BO, "fail")
    assert [label.saw_judge for label in read_trace(small_store, "t05").labels] == [False, True]
    assert second_look_ids(small_store, BO) == []


def test_a_second_look_hides_the_old_verdict_and_then_shows_both(small_store: Store) -> None:
    judged(small_store, "t05", BO, "pass")
    judged(small_store, "t09", BO, "pass")
    with pytest.raises(UsageError):
        start_second_look(small_store, person=BO)
    save_rubric(small_store, pass_means="a", fail_means="b", by=BO)
    queue = queue_of(small_store, start_second_look(small_store, person=BO))
    ids = trace_ids(small_store, queue)
    assert ids == ["t05", "t09"]
    blank = review_items(small_store, ids, labeler=BO, since=queue.event)
    assert [(item.label, item.history) for item in blank] == [(None, []), (None, [])]
    judged(small_store, "t05", BO, "fail")
    first = review_items(small_store, ids, labeler=BO, since=queue.event)[0]
    assert first.label is not None
    assert [label.state.value for label in first.history] == ["pass"]
    (thought,) = second_thoughts(small_store, queue, labeler=BO)
    assert (thought.old, thought.new) == (LabelState.PASS, LabelState.FAIL)
    assert second_look_ids(small_store, BO) == ["t09"]
    with small_store.read() as cursor:
        key = traces.key_of(cursor, "t05")
        assert key is not None
        assert len(labels.find_labels(cursor, [key], history=True)[key]) == 2
