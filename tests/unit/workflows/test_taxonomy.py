"""The shape of the categories: links that follow, splits, second looks, the reading gate, and taking back."""

from dataclasses import replace

import pytest

from core.errors import ModelError, NotFoundError, UsageError
from core.slice import Slice
from core.store import openings
from core.store.connection import Store
from core.workflows import suggesting, taxonomy, wording
from core.workflows.acting import take_back
from core.workflows.categorising import count_failures, list_categories, list_sorted, list_unsorted, list_wordings
from core.workflows.exploring import describe
from core.workflows.wording import Words
from tests.key_search import KEY
from tests.messages_server import messages_server

ANA = "ana"


def ids(store: Store) -> dict[str, int]:
    return {category.name: category.id for category in list_categories(store)}


def read_all(store: Store) -> None:
    with store.write() as cursor:
        for key in range(1, 13):
            openings.add_opening(cursor, trace_key=key, labeler=ANA, saw_judge=False)


def test_a_link_to_a_merged_category_shows_the_one_it_went_into(small_store: Store) -> None:
    known = ids(small_store)
    link = Slice(category=(known["invented"],), primary=(known["tone"],))
    taxonomy.merge_categories(small_store, known["invented"], into=known["dates"], by=ANA)
    now, followed = taxonomy.follow_merges(small_store, link)
    assert now == replace(link, category=(known["dates"],))
    assert followed == [("invented", ("dates",))]
    assert describe(small_store, replace(now, primary=())).n == 3
    wording.reword(small_store, known["dates"], Words(name="When", definition="x"), by=ANA)
    taxonomy.merge_categories(small_store, known["dates"], into=known["tone"], by=ANA)
    assert taxonomy.follow_merges(small_store, link)[1] == [("invented", ("tone",))], "all the way"


def test_a_merge_keeps_the_primary_place_and_counts_no_trace_twice(small_store: Store) -> None:
    known = ids(small_store)
    action = taxonomy.merge_categories(small_store, known["dates"], into=known["tone"], by=ANA)
    assert action.traces == 2
    rows = {r.category.name: r.traces for r in count_failures(small_store, Slice()).rows if r.category}
    assert rows == {"tone": 2, "invented": 1}
    take_back(small_store, action, by=ANA)
    rows = {r.category.name: r.traces for r in count_failures(small_store, Slice()).rows if r.category}
    assert rows == {"dates": 2, "invented": 1, "tone": 0}
    assert [w.retired for w in list_wordings(small_store, known["dates"])] == [False, True, False]


def test_a_split_moves_no_count_until_somebody_chose_again(small_store: Store) -> None:
    dates = ids(small_store)["dates"]
    asked = taxonomy.split_category(small_store, dates, [Words(name="day", definition="x"), Words(name="hour")], by=ANA)
    assert asked.traces == 2
    assert list_sorted(small_store, Slice(), dates).total == 2
    waiting = taxonomy.list_recodes(small_store, Slice())
    assert {w.recode.trace_id for w in waiting} == {"t03", "t07"}
    assert {w.recode.reason for w in waiting} == {taxonomy.SPLIT}
    known = ids(small_store)
    for item, into in zip(waiting, (known["day"], known["hour"]), strict=True):
        taxonomy.choose_again(small_store, item.recode, into=into, by=ANA)
    assert taxonomy.list_recodes(small_store, Slice()) == []
    rows = {r.category.name: r.traces for r in count_failures(small_store, Slice()).rows if r.category}
    assert (rows["dates"], rows["day"], rows["hour"]) == (0, 1, 1)
    wording.remove_category(small_store, dates, by=ANA)
    now, followed = taxonomy.follow_merges(small_store, Slice(category=(dates,)))
    assert set(now.category) == {known["day"], known["hour"]}
    assert followed == [("dates", ("day", "hour"))]
    assert describe(small_store, now).n == 2


def test_a_second_look_may_leave_a_trace_where_it_is_or_take_it_out(small_store: Store) -> None:
    dates = ids(small_store)["dates"]
    taxonomy.look_again(small_store, dates, by=ANA)
    assert taxonomy.look_again(small_store, dates, by=ANA).traces == 0, "they wait already"
    first, second = taxonomy.list_recodes(small_store, Slice())
    taxonomy.choose_again(small_store, first.recode, into=dates, by=ANA)
    taxonomy.choose_again(small_store, second.recode, into=None, by=ANA)
    assert list_sorted(small_store, Slice(), dates).total == 1
    assert taxonomy.list_recodes(small_store, Slice()) == []


def test_what_was_changed_since_is_not_taken_back(small_store: Store) -> None:
    known = ids(small_store)
    made = wording.make_category(small_store, Words(name="late", definition="x"), by=ANA)
    taxonomy.sort_into(small_store, trace_ids=["t11"], category_id=made.category_id or 0, by=ANA)
    with pytest.raises(UsageError, match="changed since"):
        take_back(small_store, made, by=ANA)
    assert "late" in ids(small_store)
    reworded = wording.reword(small_store, known["tone"], Words(name="manner"), by=ANA)
    wording.reword(small_store, known["tone"], Words(name="voice"), by=ANA)
    with pytest.raises(UsageError, match="changed since"):
        take_back(small_store, reworded, by=ANA)
    renamed = wording.reword(small_store, known["tone"], Words(name="style"), by=ANA)
    wording.make_category(small_store, Words(name="Voice", definition="x"), by=ANA)
    with pytest.raises(UsageError, match="changed since"):
        take_back(small_store, renamed, by=ANA)


def test_what_cannot_be_done_is_refused_and_changes_nothing(small_store: Store) -> None:
    dates = ids(small_store)["dates"]
    for act in (
        lambda: taxonomy.merge_categories(small_store, dates, into=dates, by=ANA),
        lambda: taxonomy.split_category(small_store, dates, [], by=ANA),
        lambda: taxonomy.split_category(small_store, dates, [Words(name="a"), Words(name="A")], by=ANA),
        lambda: wording.remove_category(small_store, dates, by=ANA),
        lambda: wording.decide(small_store, dates, status="whatever", by=ANA),
    ):
        with pytest.raises(UsageError):
            act()
    with pytest.raises(NotFoundError):
        taxonomy.merge_categories(small_store, dates, into=99, by=ANA)
    assert set(ids(small_store)) == {"dates", "invented", "tone"}
    assert taxonomy.list_recodes(small_store, Slice()) == []


def test_a_decision_an_owner_and_an_impact_survive_a_new_name(small_store: Store) -> None:
    dates = ids(small_store)["dates"]
    wording.decide(small_store, dates, status="fix now", owner=" Bo ", impact="high", by=ANA)
    wording.reword(small_store, dates, Words(name="When", definition="x"), by=ANA)
    (found,) = (c for c in list_categories(small_store) if c.id == dates)
    assert (found.status, found.owner, found.impact) == ("fix now", "Bo", "high")


def test_nothing_is_suggested_before_enough_was_read(small_store: Store) -> None:
    assert taxonomy.reading_gate(small_store) == (9, 12)
    with pytest.raises(UsageError, match="Read 12 traces first: 9 so far"):
        suggesting.suggest_by_wording(small_store, Slice(), by=ANA)
    read_all(small_store)
    assert taxonomy.reading_gate(small_store).is_open


def test_a_suggestion_counts_nowhere_until_it_is_accepted(small_store: Store) -> None:
    read_all(small_store)
    taxonomy.take_out(small_store, trace_id="t03", category_id=ids(small_store)["dates"], by=ANA)
    assert list_unsorted(small_store, Slice()).total == 2
    assert suggesting.suggest_by_wording(small_store, Slice(), by=ANA) == 1
    (group,) = suggesting.list_suggestions(small_store, Slice())
    assert (group.name, [s.note.trace_id for s in group.suggestions]) == ("dates", ["t03"])
    assert list_unsorted(small_store, Slice()).total == 2
    action = suggesting.accept(small_store, group.events, by=ANA)
    assert list_unsorted(small_store, Slice()).total == 1
    assert suggesting.count_answered(small_store) == (1, 1)
    assert suggesting.list_suggestions(small_store, Slice()) == []
    take_back(small_store, action, by=ANA)
    assert suggesting.count_answered(small_store) == (0, 0)
    assert suggesting.refuse(small_store, group.events, by=ANA).traces == 0, "it has another number since"
    (group,) = suggesting.list_suggestions(small_store, Slice())
    suggesting.refuse(small_store, group.events, by=ANA)
    assert suggesting.count_answered(small_store) == (0, 1)
    assert list_unsorted(small_store, Slice()).total == 2


def test_a_suggestion_for_a_merged_category_goes_where_that_went(small_store: Store) -> None:
    read_all(small_store)
    known = ids(small_store)
    taxonomy.take_out(small_store, trace_id="t03", category_id=known["dates"], by=ANA)
    suggesting.suggest_by_wording(small_store, Slice(), by=ANA)
    taxonomy.merge_categories(small_store, known["dates"], into=known["tone"], by=ANA)
    (group,) = suggesting.list_suggestions(small_store, Slice())
    assert group.category_id == known["tone"]
    suggesting.accept(small_store, group.events, by=ANA)
    assert {n.trace_id for n in list_sorted(small_store, Slice(), known["tone"]).labels} == {"t03", "t07"}


def test_a_model_suggests_once_it_was_asked_and_a_fault_changes_nothing(
    small_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    read_all(small_store)
    with messages_server() as server:
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.address)
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        assert suggesting.has_key()
        assert suggesting.estimate(small_store, Slice()).notes == 1
        server.status = 429
        with pytest.raises(ModelError, match="asks to wait"):
            suggesting.suggest_by_model(small_store, Slice(), by=ANA)
        assert suggesting.list_suggestions(small_store, Slice()) == []
        server.status = 200
        server.text = '{"groups": [{"title": "No greeting", "definition": "It does not greet.", "notes": [1]}]}'
        assert suggesting.suggest_by_model(small_store, Slice(), by=ANA) == 1
    (group,) = suggesting.list_suggestions(small_store, Slice())
    assert (group.name, group.category_id, group.source) == ("No greeting", None, suggesting.model_name())
    action = suggesting.accept(small_store, group.events, by=ANA)
    assert list_unsorted(small_store, Slice()).total == 0
    made = next(c for c in list_categories(small_store) if c.name == "No greeting")
    assert (made.id, made.definition) == (action.category_id, "It does not greet.")
    take_back(small_store, action, by=ANA)
    assert "No greeting" not in ids(small_store)
