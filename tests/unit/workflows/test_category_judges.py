"""A judge of one failure category held against the expert: what carries the category should fail, all else should pass, and
what failed without any category is left out; every number opens exactly its traces."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from core.errors import UsageError
from core.model import Confusion, JudgeVersion, JudgmentRow, LabelRow, LabelState, LeftOut, Verdict
from core.slice import Condition, Slice
from core.store import drawing, judgments
from core.store.connection import IN_MEMORY, Store
from core.store.ingest import Entry, ingest
from core.workflows.acting import take_back
from core.workflows.categorising import list_categories
from core.workflows.comparing import compare_versions
from core.workflows.counting import count
from core.workflows.drafting import begin_draft, preview, save_check, save_version
from core.workflows.estimating import estimate
from core.workflows.explaining import list_agreeing
from core.workflows.exploring import describe, set_principal_expert
from core.workflows.exporting import export_bytes
from core.workflows.judging import continue_run, start_run, wait_for
from core.workflows.opening import open_store
from core.workflows.pinning import newest_event, pin
from core.workflows.pivoting import CATEGORY, pivot
from core.workflows.planning_runs import plan_run
from core.workflows.queueing import blind
from core.workflows.reporting import make_report
from core.workflows.revealing import judges_of
from core.workflows.reviewing import record_label
from core.workflows.sealing import open_test
from core.workflows.staling import staleness
from core.workflows.summarising import summarise
from core.workflows.taxonomy import merge_categories, sort_into, take_out
from core.workflows.trusting import compare_to_expert, list_pairs, measure_trust
from core.workflows.wording import remove_category
from tests.conftest import EXPERT, JUDGE, LABELLED_ON, new_trace
from tests.real_sets import off_cells, off_links, off_trust
from tests.unit.workflows.messy import fill_messy
from tests.unit.workflows.test_sealing import assign

DATES = "dates@a"
SAID = {
    "t01": True, "t02": False, "t03": False, "t04": False, "t05": True, "t06": None, "t07": True, "t08": True, "t09": False,
    "t11": False, "t12": True,
}  # fmt: skip
"""What the judge of wrong dates says, None for a judge failure; t10 it did not judge.

t03 and t07 carry the category: it caught t03 and missed t07. Of the others it kept t01; t02 passed, and t04 failed for
another reason: two false alarms. t11 failed and is not sorted.
"""


def category_id(store: Store, name: str) -> int:
    return next(category.id for category in list_categories(store) if category.name == name)


def add_judge(store: Store, ref: str, said: dict[str, bool | None], *, about: int | None) -> None:
    judge, _, version = ref.rpartition("@")
    made = JudgeVersion(judge=judge, version=version, category_id=about, source="run", prompt="?")
    with store.write() as cursor:
        judgments.add_judge_version(cursor, made)
        cursor.executemany(
            """insert into judgments (event, trace_key, version_id, passed, failure, critique)
            select nextval('event_number'), trace_key, (select max(version_id) from judge_versions), ?, ?, 'because'
            from traces where id = ?""",
            [[passed, None if passed is not None else "timeout", name] for name, passed in said.items()],
        )


@pytest.fixture
def dated(small_store: Store) -> Store:
    add_judge(small_store, DATES, SAID, about=category_id(small_store, "dates"))
    return small_store


def test_the_four_counts_by_heart_and_an_unsorted_failure_is_left_out(dated: Store) -> None:
    trust = measure_trust(dated, Slice(), judge=DATES)
    assert trust.whole.counts == Confusion(both_pass=1, both_fail=1, judge_too_lenient=1, judge_too_strict=2)
    assert trust.left_out == LeftOut(
        unlabelled=3, deferred=1, no_judgment=1, judge_failure=1, expert_saw_judge=0, other_split=0, unsorted=1
    )
    assert ("failed, not sorted into a category yet", 1) in [row[:2] for row in trust.left_out_rows()]
    assert trust.whole.counts.n + sum(trust.left_out) == 12
    assert off_trust(dated, trust) == []
    strict = list_pairs(dated, trust.whole.cell_slice(expert="pass", judge="fail"), judge=DATES)
    assert {(pair.trace_id, pair.expert, pair.overall) for pair in strict} == {
        ("t02", Verdict.PASS, Verdict.PASS),
        ("t04", Verdict.PASS, Verdict.FAIL),
    }
    assert [pair.trace_id for pair in list_pairs(dated, trust.disagreements, judge=DATES)] == ["t07", "t04", "t02"]
    assert {one.pair.trace_id for one in list_agreeing(dated, trust)} == {"t03"}


def test_a_judge_of_the_whole_is_held_against_the_whole_label_as_before(dated: Store) -> None:
    trust = measure_trust(dated, Slice(), judge=JUDGE)
    assert trust.whole.counts == Confusion(both_pass=2, both_fail=2, judge_too_lenient=1, judge_too_strict=1)
    assert (trust.left_out.unsorted, trust.category) == (0, None)


def test_a_filter_to_its_category_or_to_passes_shows_one_of_its_two_rates(dated: Store) -> None:
    caught = measure_trust(dated, Slice(category=(category_id(dated, "dates"),)), judge=DATES).whole
    kept = measure_trust(dated, Slice(verdict=("pass",)), judge=DATES).whole
    assert (caught.counts, kept.counts) == (Confusion(0, 1, 1, 0), Confusion(1, 0, 0, 1))


def test_sorting_a_trace_says_what_the_judge_should_have_said_of_it(dated: Store) -> None:
    dates = category_id(dated, "dates")
    sort_into(dated, trace_ids=["t11"], category_id=category_id(dated, "tone"), by="ana")
    assert measure_trust(dated, Slice(), judge=DATES).whole.counts.judge_too_strict == 3
    sort_into(dated, trace_ids=["t11", "t01"], category_id=dates, by="ana")
    trust = measure_trust(dated, Slice(), judge=DATES)
    assert trust.left_out.unsorted == 0
    assert trust.whole.counts == Confusion(both_pass=0, both_fail=2, judge_too_lenient=2, judge_too_strict=2)
    assert off_trust(dated, trust) == []
    (passed_with_it,) = list_pairs(dated, trust.disagreements.with_verdict("pass").with_value("persona", "new"), judge=DATES, ids=["t01"])  # fmt: skip
    assert (passed_with_it.expert, passed_with_it.overall) == (Verdict.FAIL, Verdict.PASS)


def test_a_label_given_in_sight_of_the_judge_does_not_count(dated: Store) -> None:
    before = measure_trust(dated, Slice(), judge=DATES)
    record_label(dated, trace_id="t04", state=LabelState.PASS, labeler=EXPERT, critique="I see", saw_judge=True)
    record_label(dated, trace_id="t05", state=LabelState.FAIL, labeler=EXPERT, critique="so", saw_judge=True)
    after = measure_trust(dated, Slice(), judge=DATES)
    assert after.whole.counts == before.whole.counts
    assert (after.left_out.expert_saw_judge, after.left_out.unsorted) == (1, 1)
    assert off_trust(dated, after) == []


def test_the_test_split_stays_sealed(dated: Store) -> None:
    assign(dated, dev=(1, 2, 3), test=(4, 7, 11))
    dev = measure_trust(dated, Slice(), judge=DATES, split="dev")
    assert dev.whole.counts == Confusion(both_pass=1, both_fail=1, judge_too_lenient=0, judge_too_strict=1)
    sealed = measure_trust(dated, Slice(), judge=DATES, split="test")
    assert (sealed.sealed, sealed.groups, sealed.left_out.sealed, sealed.left_out.unsorted) == (True, [], 2, 1)
    assert off_trust(dated, dev) == off_trust(dated, sealed) == []
    open_test(dated, DATES, by="Chris")
    opened = measure_trust(dated, Slice(), judge=DATES, split="test")
    assert opened.whole.counts == Confusion(both_pass=0, both_fail=0, judge_too_lenient=1, judge_too_strict=1)


def test_versions_are_compared_on_what_both_look_for(dated: Store) -> None:
    add_judge(dated, "dates@b", SAID | {"t04": True, "t07": False, "t01": False}, about=category_id(dated, "dates"))
    found = compare_versions(dated, Slice(), former=DATES, latter="dates@b")
    assert (found.n, found.caught[0].k, found.caught[1].k, found.caught[0].n) == (5, 1, 2, 2)
    assert (found.kept[0].k, found.kept[1].k, found.kept[0].n) == (1, 1, 3)
    assert [n for _, n, _ in found.flips] == [1, 1, 0, 1]
    counted = [("compared", found.n, found.slice), *found.flips]
    counted += [("kept", 1, found.rate_slice("pass", ref, "pass")) for ref in (DATES, "dates@b")]
    assert off_links(dated, counted) == []
    by_version = compare_to_expert(dated, Slice(), judge="dates")
    assert [(one.version, one.group.caught_failures.k) for one in by_version] == [("a", 1), ("b", 2)]
    with pytest.raises(UsageError, match="do not look for the same: dates@a for dates, strict@v1 for any failure"):
        compare_versions(dated, Slice(), former=DATES, latter=JUDGE)


def test_a_category_that_was_merged_is_refused_in_words(dated: Store) -> None:
    merge_categories(dated, category_id(dated, "dates"), into=category_id(dated, "tone"), by="ana")
    with pytest.raises(UsageError, match="looks for a failure category that was merged or removed"):
        measure_trust(dated, Slice(), judge=DATES)
    assert "merged or removed" in (estimate(dated, Slice(), judge=DATES).refusal or "")
    assert describe(dated, Slice(disagree=DATES)).n == 0
    assert summarise(dated, Slice()).judge is not None


GONE = "looks for a failure category that was merged or removed. No trace carries it any more. Write a judge for the category"


@pytest.mark.parametrize("gone", ["merged", "removed"])
def test_a_judge_of_a_category_that_is_gone_is_neither_saved_nor_paid_for(small_store: Store, gone: str) -> None:
    categories = {category.name: category for category in list_categories(small_store)}
    dates = categories["dates"]
    draft = begin_draft(small_store, "wrong dates", dates)
    draft = draft._replace(spec=replace(draft.spec, examples=(), model="claude-sonnet-5-5"))
    version = save_version(small_store, draft, by="ana")
    save_check(small_store, "dated", "contains", {"text": "Monday"}, by="ana", category_id=dates.id)
    assert [plan_run(small_store, judge, split=None).n for judge in ("wrong dates", "dated")] == [12, 12]
    cut_short = start_run(small_store, plan_run(small_store, "dated", split=None), by="ana")
    wait_for(small_store, cut_short, every=0.02)
    with small_store.write() as cursor:
        cursor.execute("delete from judgments where run_id = ? and trace_key = 1", [cut_short])
    if gone == "merged":
        action = merge_categories(small_store, dates.id, into=categories["tone"].id, by="ana")
    else:
        for name in ("t03", "t07"):
            take_out(small_store, trace_id=name, category_id=dates.id, by="ana")
        action = remove_category(small_store, dates.id, by="ana")
    written = draft._replace(parent=version.version, spec=replace(draft.spec, guidelines="Be strict."))
    assert "merged or removed" in preview(small_store, written).leaks[0].words, "the page says so while it is written"
    refused: list[Callable[[], object]] = [
        lambda: plan_run(small_store, "wrong dates", split=None),
        lambda: plan_run(small_store, "dated", split=None),
        lambda: continue_run(small_store, cut_short),
        lambda: save_version(small_store, written, by="ana"),
        lambda: save_version(small_store, written._replace(judge="begun before"), by="ana"),
        lambda: save_check(small_store, "dated", "contains", {"text": "May"}, by="ana", category_id=dates.id),
        lambda: begin_draft(small_store, "another", dates),
        lambda: measure_trust(small_store, Slice(), judge="wrong dates"),
    ]
    for act in refused:
        with pytest.raises(UsageError) as said:
            act()
        assert GONE in str(said.value), "the same words wherever it is refused"
    take_back(small_store, action, by="ana")
    assert save_version(small_store, written, by="ana").parent == version.version
    assert plan_run(small_store, "wrong dates", split=None).n == 12


def test_a_filter_on_another_category_is_refused_and_one_on_its_own_is_not(dated: Store) -> None:
    dates, tone = (category_id(dated, name) for name in ("dates", "tone"))
    with pytest.raises(UsageError, match="the filter asks what the expert says of another one"):
        measure_trust(dated, Slice().with_verdict("fail", about=tone), judge=DATES)
    for verdicts, n in ((("fail",), 2), (("pass",), 3), (("pass", "unsorted"), 3)):
        slice_ = Slice().with_verdict(*verdicts, about=dates)
        trust = measure_trust(dated, slice_, judge=DATES)
        assert trust.whole.counts.n == n
        assert trust.whole.counts.n + sum(trust.left_out) == describe(dated, slice_).n
        assert off_trust(dated, trust) == []
        assert off_trust(dated, measure_trust(dated, slice_, judge=JUDGE)) == []
    nowhere = Slice.from_params({"category_verdict": ["fail"]})
    assert [part.words for part in describe(dated, nowhere).stale] == ["failure category is (not named)"]
    assert describe(dated, Slice(category_verdict=("pass",), of_category=10**11)).n == 0


def test_home_and_the_report_speak_of_such_a_judge_where_there_is_no_other(dated: Store) -> None:
    told = summarise(dated, Slice()).judge
    assert told is not None
    assert (told.summary.version.ref, told.looks_for) == (JUDGE, "")
    with dated.write() as cursor:
        cursor.execute("delete from judgments where version_id = 1")
    told = summarise(dated, Slice()).judge
    assert told is not None
    assert (told.summary.version.ref, told.looks_for) == (DATES, ", which looks for dates alone,")
    said = make_report(dated, Slice()).markdown()
    assert "Judge dates, version a, which looks for dates alone, catches failures: 1 of 2" in said
    assert "keeps passes: 1 of 3" in said
    assert staleness(dated, DATES) is not None


def test_the_reveal_after_a_queue_leaves_it_out_and_a_queue_is_drawn_without_what_was_sorted(dated: Store) -> None:
    assert judges_of(dated, ["t01", "t04"]) == [JUDGE]
    assert blind(Slice().with_verdict("fail", about=1)) == Slice()
    with dated.read() as cursor:
        keys = drawing.find_disagreements(cursor)
    assert keys == {2, 4, 7}, "the judge of the whole differs on t02 and t04, that of dates on t02, t04 and t07"


def test_the_alignment_spreadsheet_says_the_same(dated: Store) -> None:
    text = export_bytes(dated, "alignment", Slice(), "csv", judge=DATES)[0].decode()
    rows = [line.split(",") for line in text.splitlines()[1:]]
    assert {row[0] for row in rows} == {"t01", "t02", "t03", "t04", "t07"}
    assert measure_trust(dated, Slice(), judge=DATES).differ == text.lower().count(",false,")


def test_a_pinned_view_keeps_what_was_sorted_then(dated: Store) -> None:
    then = pin(dated, newest_event(dated))
    sort_into(dated, trace_ids=["t11"], category_id=category_id(dated, "dates"), by="ana")
    assert measure_trust(then, Slice(), judge=DATES).left_out.unsorted == 1
    assert measure_trust(dated, Slice(), judge=DATES).left_out.unsorted == 0


# ------------------------------------------------------------------------------ a store of everything


@pytest.fixture(scope="module")
def messy() -> Iterator[Store]:
    """120 traces; both versions of the judge look for the category «dates»."""
    store = open_store(IN_MEMORY)
    fill_messy(store)
    set_principal_expert(store, "ana", by="test")
    with store.write() as cursor:
        cursor.execute("update judge_versions set category_id = ?", [category_id(store, "dates")])
    yield store
    store.close()


ONE, TWO = "overall@1", "overall@2"
SLICES = {
    "all": Slice(),
    "failed": Slice(verdict=("fail",)),
    "passed or deferred": Slice(verdict=("pass", "deferred")),
    "saw": Slice(saw_judge=True),
    "two topics": Slice(dimensions=(Condition(key="topic", values=("*", "search")),)),
    "category": Slice(category=(1, 0)),
    "carries it": Slice(of_category=1, category_verdict=("fail",)),
    "is free of it, or not sorted": Slice(of_category=1, category_verdict=("pass", "unsorted")),
    "the judge failed": Slice(judge=ONE, judge_verdict=("fail",)),
    "they differ": Slice(disagree=ONE),
    "of ben, failed": Slice(labeler="ben", verdict=("fail",)),
}


@pytest.mark.parametrize("chosen", SLICES)
def test_every_number_has_its_traces_and_all_add_up_in_any_slice(messy: Store, chosen: str) -> None:
    by = ("topic", CATEGORY, "d.category")[list(SLICES).index(chosen) % 3]
    trust = measure_trust(messy, SLICES[chosen], judge=ONE, by=by)
    assert off_trust(messy, trust) == []
    if "verdict" not in SLICES[chosen].to_params():
        assert trust.whole.counts.n + sum(trust.left_out) == describe(messy, SLICES[chosen]).n
    if chosen == "all":
        assert trust.left_out.unsorted
        assert min(trust.whole.counts) > 0


@pytest.mark.parametrize("measure", ["disagreements", "caught", "kept"])
def test_every_cell_of_a_pivot_has_its_traces_and_the_total_is_that_of_trust(messy: Store, measure: str) -> None:
    found = pivot(messy, Slice(), rows=CATEGORY, cols="size", of=ONE, measure=measure)
    assert off_cells(messy, found) == []
    four, total = measure_trust(messy, Slice(), judge=ONE).whole.counts, found.total.counts
    assert (total.failed, total.judged) == {
        "disagreements": (four.judge_too_lenient + four.judge_too_strict, four.n),
        "caught": (four.both_fail, four.both_fail + four.judge_too_lenient),
        "kept": (four.both_pass, four.both_pass + four.judge_too_strict),
    }[measure]


@pytest.mark.parametrize("chosen", ["all", "failed", "two topics", "category", "is free of it, or not sorted"])
def test_two_versions_are_compared_on_the_same_traces(messy: Store, chosen: str) -> None:
    found = compare_versions(messy, SLICES[chosen], former=ONE, latter=TWO)
    counted = [("compared", found.n, found.slice), *found.flips]
    for rates, verdict in ((found.caught, "fail"), (found.kept, "pass")):
        for ref, rate in zip((ONE, TWO), rates, strict=True):
            counted.append((f"{verdict} {ref}", rate.k, found.rate_slice(verdict, ref, verdict)))
    assert off_links(messy, counted) == []
    assert found.n == sum(rates[0].n for rates in (found.caught, found.kept))


# ------------------------------------------------------------------------------ the corrected share

CELLS = (
    (40, "fail", ("dates",), "fail"), (10, "fail", ("dates",), "pass"), (50, "pass", (), "pass"), (30, "fail", ("tone",), "pass"),
    (20, "fail", ("tone",), "fail"), (7, "fail", (), "fail"), (65, None, (), "pass"), (35, None, (), "fail"),
)  # fmt: skip
"""How many, the label, its categories, the judge: caught 40 of 50, kept 80 of 100, 7 unsorted; 65 of 100 pass unlabelled."""


def fill_dated(store: Store) -> None:
    words = [row[1:] for row in CELLS for _ in range(row[0])]
    entries: list[Entry] = []
    for place, (said, held, judged) in enumerate(words):
        name = f"c{place:03}"
        given = [LabelRow(trace_id=name, labeler="ana", state=LabelState(said), categories=held, at=LABELLED_ON)] if said else []  # fmt: skip
        row = JudgmentRow(trace_id=name, judge="dates", version="a", verdict=Verdict(judged))
        trace = new_trace(id=name, dimensions={"size": ("small", "large")[place % 2]})
        entries.append(Entry("made.jsonl", place + 1, trace, given, [row]))
    with ingest(store) as running:
        running.add(entries)
        running.finish(files=["made.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)
    with store.write() as cursor:
        cursor.execute("update judge_versions set category_id = ?", [category_id(store, "dates")])


def test_the_corrected_share_is_of_traces_free_of_this_failure(fresh_store: Store) -> None:
    fill_dated(fresh_store)
    found = estimate(fresh_store, Slice(), judge=DATES)
    assert found.refusal is None
    assert (found.corrected.raw.k, found.corrected.raw.n) == (65, 100)
    assert found.corrected.rate == pytest.approx((0.65 + 0.8 - 1) / (0.8 + 0.8 - 1))
    assert found.subject == "real traces without a label that are free of dates"
    assert [row[:2] for row in found.left_out] == [("failed, not sorted into a category yet", 7)]
    assert off_links(fresh_store, [*found.left_out, ("passed", 65, found.passed_slice)]) == []
    table = count(fresh_store, Slice(), rows="size", of=f"corrected {DATES}")
    assert table.total.rate.rate == pytest.approx(0.25)
    assert off_cells(fresh_store, table) == []


def test_many_unsorted_failures_or_none_of_the_category_leave_nothing_to_correct_by(dated: Store) -> None:
    refusal = (
        "1 of 6 labelled traces failed and is not sorted into a category yet: how the judge errs there is not known"
    )
    assert (estimate(dated, Slice(), judge=DATES).refusal or "").startswith(refusal)
    sort_into(dated, trace_ids=["t11"], category_id=category_id(dated, "tone"), by="ana")
    assert "better than chance" in (estimate(dated, Slice(), judge=DATES).refusal or "")
    with dated.write() as cursor:
        cursor.execute("delete from judgments where version_id = 2 and trace_key in (3, 7)")
    refusal = "Cannot be corrected: none of the compared traces was sorted into dates."
    assert estimate(dated, Slice(), judge=DATES).refusal == refusal
