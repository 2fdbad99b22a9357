"""One test for each way in which numbers about failures usually mislead."""

from datetime import timedelta

import pytest
from sklearn.metrics import cohen_kappa_score  # type: ignore[import-untyped]
from statsmodels.stats.proportion import proportion_confint  # type: ignore[import-untyped]

from core.correcting import calibrate
from core.metrics import METRICS, agreement, caught_failures, fail_precision, kappa, kept_passes, rate_of, wilson
from core.model import Confusion, JudgmentRow, LabelRow, LabelState, Verdict
from core.slice import SPLITS, Slice
from core.store.connection import Store
from core.store.ingest import Entry, ingest
from core.workflows.biasing import values_unlike_the_rest
from core.workflows.categorising import count_failures
from core.workflows.comparing import compare_versions
from core.workflows.estimating import estimate
from core.workflows.exploring import describe
from core.workflows.pivoting import CATEGORY, left_out, pivot
from core.workflows.summarising import summarise
from core.workflows.trusting import list_judges, measure_trust
from tests.conftest import LABELLED_ON, MakeTrace
from tests.real_sets import off_links
from tests.sorting import define_category, put_into_category

LABELS = {"p": LabelState.PASS, "f": LabelState.FAIL, "d": LabelState.DEFERRED}
VERDICTS = {"p": Verdict.PASS, "f": Verdict.FAIL}


def fill(
    store: Store, make_trace: MakeTrace, rows: list[tuple[dict[str, str | list[str]], str, str]], version: str = "1"
) -> list[str]:
    """Store one trace per row: dimensions, the expert's word (p, f, d or none), the judge's (p, f, ! or none)."""
    entries: list[Entry] = []
    ids: list[str] = []
    for number, (dimensions, said, judged) in enumerate(rows):
        trace = make_trace(dimensions=dimensions)
        ids.append(trace.id)
        label = [LabelRow(trace_id=trace.id, labeler="ana", state=LABELS[said], critique="why")] if said else []
        entries.append(
            Entry("made.jsonl", number, trace, label, [_judgment(trace.id, judged, version)] if judged else [])
        )
    _store(store, entries)
    return ids


def _judgment(trace_id: str, judged: str, version: str, **over: object) -> JudgmentRow:
    verdict = VERDICTS.get(judged)
    failure = None if verdict else "no verdict in the answer"
    return JudgmentRow(trace_id=trace_id, judge="overall", version=version, verdict=verdict, failure=failure, **over)  # type: ignore[arg-type]


def _store(store: Store, entries: list[Entry]) -> None:
    with ingest(store) as running:
        running.add(entries)
        running.finish(files=["made.jsonl"], format_name="jsonl", mapping=None, now=LABELLED_ON)


NOTHING: dict[str, str | list[str]] = {}


def test_trap_1_agreement_is_high_by_itself_where_nearly_all_pass(fresh_store: Store, make_trace: MakeTrace) -> None:
    fill(fresh_store, make_trace, [(NOTHING, "p", "p")] * 90 + [(NOTHING, "f", "p")] * 10)
    group = measure_trust(fresh_store, Slice(), judge="overall").groups[0]
    assert group.agreement.rate == 0.9
    assert (group.caught_failures.k, group.caught_failures.n) == (0, 10)
    assert group.kappa == 0
    assert group.fail_precision.rate is None


def test_trap_1_a_lenient_judge_at_95_percent_passes() -> None:
    counts = Confusion(both_pass=1805, both_fail=50, judge_too_lenient=50, judge_too_strict=95)
    assert agreement(counts).rate == pytest.approx(0.9275)
    assert fail_precision(counts).rate == pytest.approx(1 / 3, abs=0.02)
    expert, judge = [1] * 1900 + [0] * 100, [1] * 1805 + [0] * 95 + [0] * 50 + [1] * 50
    assert kappa(counts) == pytest.approx(cohen_kappa_score(expert, judge), abs=1e-12)
    assert kappa(counts) == pytest.approx(0.37, abs=0.005)


def test_trap_2_caught_and_kept_name_their_class_and_are_not_each_other() -> None:
    counts = Confusion(both_pass=92, both_fail=22, judge_too_lenient=3, judge_too_strict=8)
    assert (caught_failures(counts).k, caught_failures(counts).n) == (22, 25)
    assert (kept_passes(counts).k, kept_passes(counts).n) == (92, 100)
    swapped = Confusion(both_pass=22, both_fail=92, judge_too_lenient=8, judge_too_strict=3)
    assert caught_failures(swapped) == kept_passes(counts)
    assert all("expert" in metric.words or "both" in metric.words for metric in METRICS)


@pytest.mark.parametrize(
    ("k", "n", "low", "high"),
    [
        (9, 10, 60, 98),
        (18, 20, 70, 97),
        (45, 50, 79, 96),
        (0, 3, 0, 56),
        (34, 50, 54, 79),
        (19, 23, 63, 93),
        (47, 50, 84, 98),
    ],
)
def test_trap_3_a_few_traces_say_little(k: int, n: int, low: int, high: int) -> None:
    bounds = wilson(k, n)
    assert bounds is not None
    assert (round(bounds[0] * 100), round(bounds[1] * 100)) == (low, high)
    assert bounds == pytest.approx(proportion_confint(k, n, method="wilson"), abs=1e-12)


def test_trap_3_nothing_is_ranked_by_its_raw_rate(fresh_store: Store, make_trace: MakeTrace) -> None:
    rows: list[tuple[dict[str, str | list[str]], str, str]] = [({"kind": "rare"}, "f", "")] * 3
    rows += [({"kind": "common"}, "f", "")] * 15 + [({"kind": "common"}, "p", "")] * 5
    fill(fresh_store, make_trace, rows)
    assert [c.row for c in pivot(fresh_store, Slice(), rows="kind").worst_first(1)] == ["common", "rare"]
    assert [w.values for w in summarise(fresh_store, Slice()).worst] == [(("kind", "common"),)]


def width(labelled: int, judged: int) -> float:
    """How wide the interval of a corrected share is: a judge that keeps 92 % and catches 88 %, and passes 80 %."""
    errors = calibrate(Confusion(92 * labelled // 100, 88 * labelled // 100, 12 * labelled // 100, 8 * labelled // 100))
    found = errors.correct(judged * 8 // 10, judged)
    assert found.low is not None
    assert found.high is not None
    return found.high - found.low


def test_trap_4_a_corrected_share_is_as_unsure_as_both_of_its_parts() -> None:
    both_large, few_judged, few_labelled = width(1000, 10_000), width(1000, 30), width(100, 10_000)
    assert few_judged > 4 * both_large
    assert few_labelled > 2 * both_large


def test_traps_5_and_6_a_correction_says_what_it_rests_on_and_takes_no_picked_trace(
    fresh_store: Store, make_trace: MakeTrace
) -> None:
    rows: list[tuple[dict[str, str | list[str]], str, str]] = []
    for size in ("small", "large"):
        named: dict[str, str | list[str]] = {"size": size}
        rows += [(named, "p", "p")] * 20 + [(named, "f", "f")] * 20 + [(named, "", "p")] * 40 + [(named, "", "f")] * 10
    fill(fresh_store, make_trace, rows)
    assert not estimate(fresh_store, Slice(), judge="overall").overall
    assert estimate(fresh_store, Slice().with_value("size", "small"), judge="overall").overall
    with fresh_store.write() as cursor:
        cursor.execute("update labels set sampling = 'judge says fail' where trace_key <= 10")
    trust = estimate(fresh_store, Slice(), judge="overall").trust
    assert trust is not None
    assert trust.whole.counts == Confusion(30, 40, 0, 0), "the picked ones are not among them"


def test_trap_7_only_the_split_asked_for_is_counted_and_the_rest_is_named(
    fresh_store: Store, make_trace: MakeTrace
) -> None:
    fill(fresh_store, make_trace, [(NOTHING, "f", "f")] * 4 + [(NOTHING, "p", "p")] * 6)
    with fresh_store.write() as cursor:
        for key in range(1, 8):
            split = "train" if key < 4 else "dev"
            cursor.execute("insert into splits values (?, ?, ?, now()::timestamp)", [9000 + key, key, split])
    trust = measure_trust(fresh_store, Slice(), judge="overall", split="dev")
    assert trust.groups[0].counts.n == 4
    assert trust.left_out.other_split == 6
    assert describe(fresh_store, trust.left_out_slices["other_split"]).n == 6


def test_trap_7_no_count_of_a_judge_holds_what_it_was_tuned_on_unless_it_is_asked_for(
    fresh_store: Store, make_trace: MakeTrace
) -> None:
    named: dict[str, str | list[str]] = {"size": "small"}
    rows = [(named, "f", "f")] * 4 + [(named, "p", "p")] * 6 + [(named, "", "p")] * 5
    fill(fresh_store, make_trace, rows)
    fill(fresh_store, make_trace, [(named, "", "p")], version="2")
    with fresh_store.write() as cursor:
        cursor.execute("""insert into judgments (event, version_id, trace_key, passed, made_at, repeat)
            select nextval('event_number'), 2, trace_key, true, made_at, repeat from judgments where version_id = 1""")
        for key in range(1, 10):
            split = "train" if key < 4 else "dev" if key < 8 else "test"
            cursor.execute("insert into splits values (?, ?, ?, now()::timestamp)", [9000 + key, key, split])
    ref, everything = "overall@1", Slice(split=SPLITS)
    total = pivot(fresh_store, Slice(), rows="size", of=ref).total
    assert (total.counts.traces, total.counts.judged) == (9, 6), "without train and dev; test is sealed"
    left = {words: n for words, n, _ in left_out(fresh_store, Slice(), of=ref)}
    assert left == {"without a judgment": 1, "in the sealed test split": 2, "in train or dev, where it was tuned": 7}
    assert off_links(fresh_store, left_out(fresh_store, Slice(), of=ref)) == []
    assert pivot(fresh_store, everything, rows="size", of=ref).total.counts.judged == 13
    assert pivot(fresh_store, Slice(), rows="size", of=ref, measure="caught").total.counts.judged == 1
    assert compare_versions(fresh_store, Slice(), former=ref, latter="overall@2").n == 4
    assert compare_versions(fresh_store, everything, former=ref, latter="overall@2").n == 8


def test_trap_8_each_denominator_is_its_own_and_totals_come_from_raw_counts(
    fresh_store: Store, make_trace: MakeTrace
) -> None:
    rows: list[tuple[dict[str, str | list[str]], str, str]] = []
    for kind, failed, passed, deferred, unlabelled in (("a", 1, 1, 3, 5), ("b", 2, 18, 1, 0), ("c", 0, 0, 2, 2)):
        said = "f" * failed + "p" * passed + "d" * deferred
        rows += [({"kind": kind}, word, "") for word in said] + [({"kind": kind}, "", "")] * unlabelled
    fill(fresh_store, make_trace, rows)
    found = pivot(fresh_store, Slice(), rows="kind")
    assert {c.row: tuple(c.counts) for c in found.inner} == {"a": (10, 2, 1), "b": (21, 20, 2), "c": (4, 0, 0)}
    assert (found.total.rate.k, found.total.rate.n) == (3, 22)
    mean_of_cells = sum(c.rate.rate or 0 for c in found.inner) / len(found.inner)
    assert found.total.rate.rate != pytest.approx(mean_of_cells)
    empty = found.cell("c", None)
    assert empty is not None
    assert empty.rate == rate_of(0, 0)
    assert [(why, n) for why, n, _ in left_out(fresh_store, Slice())] == [("unlabelled", 7), ("deferred", 6)]


def test_trap_9_a_trace_of_several_values_counts_once_in_every_total(fresh_store: Store, make_trace: MakeTrace) -> None:
    ids = fill(fresh_store, make_trace, [({"tag": ["x", "y"], "kind": "a"}, "f", "f")] * 4 + [({"kind": "a"}, "p", "")])
    for name in ("dates", "tone"):
        category = define_category(fresh_store, name=name, definition="what it is", by="ana")
        for trace_id in ids[:3]:
            put_into_category(fresh_store, trace_id=trace_id, category_id=category, by="ana")
    found = pivot(fresh_store, Slice(), rows="tag", cols="kind")
    assert found.several_values
    column = found.cell(None, "a")
    assert column is not None
    assert tuple(column.counts) == tuple(found.total.counts) == (5, 5, 4)
    by_category = pivot(fresh_store, Slice(), rows=CATEGORY)
    assert by_category.several_values
    assert {c.row: c.counts.failed for c in by_category.inner} == {"dates": 3, "tone": 3, "": 1}
    assert by_category.total.counts.failed == 4
    primary = count_failures(fresh_store, Slice())
    assert [row.traces for row in primary.rows] == [3, 0]
    assert sum(row.traces for row in primary.rows) + primary.uncategorised == primary.failed
    groups = measure_trust(fresh_store, Slice(), judge="overall", by="tag").groups
    assert {group.value: group.counts.n for group in groups} == {None: 4, "x": 4, "y": 4}


def test_trap_9_several_people_and_several_versions_do_not_multiply_traces(
    fresh_store: Store, make_trace: MakeTrace
) -> None:
    ids = fill(fresh_store, make_trace, [({"kind": "a"}, "f", "f")] * 5)
    more = [
        Entry(
            "more.jsonl",
            number,
            None,
            [LabelRow(trace_id=trace_id, labeler="ben", state=LabelState.PASS, critique="fine")],
            [_judgment(trace_id, "p", "2")],
        )
        for number, trace_id in enumerate(ids)
    ]
    _store(fresh_store, more)
    assert pivot(fresh_store, Slice(), rows="kind").total.counts.traces == 5
    assert pivot(fresh_store, Slice(labeler="ana"), rows="kind").total.counts == (5, 5, 5)


def test_trap_10_one_version_at_a_time_and_one_judgment_per_trace(fresh_store: Store, make_trace: MakeTrace) -> None:
    ids = fill(fresh_store, make_trace, [({"kind": "a"}, "f", "f")] * 4 + [({"kind": "a"}, "p", "f")] * 2)
    later = LABELLED_ON + timedelta(days=1)
    _store(fresh_store, [Entry("two.jsonl", n, None, [], [_judgment(i, "p", "2")]) for n, i in enumerate(ids)])
    _store(fresh_store, [Entry("again.jsonl", 1, None, [], [_judgment(ids[0], "p", "1", at=later)])])
    counts = {ref: pivot(fresh_store, Slice(), rows="kind", of=ref).total.counts for ref in ("overall@1", "overall@2")}
    assert counts == {"overall@1": (6, 6, 5), "overall@2": (6, 6, 0)}
    assert [(judge.version.ref, judge.judgments) for judge in list_judges(fresh_store)] == [
        ("overall@1", 6),
        ("overall@2", 6),
    ]
    assert measure_trust(fresh_store, Slice(), judge="overall").judge == "overall@2"


def test_trap_11_windows_are_pooled_and_never_averaged(fresh_store: Store, make_trace: MakeTrace) -> None:
    windows = (("w1", 1, 3), ("w2", 0, 3), ("w3", 9, 10), ("w4", 4, 5))
    rows: list[tuple[dict[str, str | list[str]], str, str]] = [
        ({"window": name}, "p" if place < passed else "f", "") for name, passed, n in windows for place in range(n)
    ]
    fill(fresh_store, make_trace, rows)
    found = pivot(fresh_store, Slice(), rows="window")
    pooled = 1 - (found.total.rate.rate or 0)
    assert pooled == pytest.approx(14 / 21)
    averaged = sum(1 - (c.rate.rate or 0) for c in found.inner) / len(found.inner)
    assert averaged == pytest.approx(0.51, abs=0.005)


def test_trap_12_a_judge_that_gave_no_verdict_did_not_say_fail(fresh_store: Store, make_trace: MakeTrace) -> None:
    rows: list[tuple[dict[str, str | list[str]], str, str]] = [({"kind": "a"}, "p", "!")] * 30
    rows += [({"kind": "a"}, "p", "p")] * 423 + [({"kind": "a"}, "f", "f")] * 47
    fill(fresh_store, make_trace, rows)
    (judge,) = list_judges(fresh_store)
    assert (judge.pass_rate.k, judge.pass_rate.n, judge.failures) == (423, 470, 30)
    assert judge.pass_rate.rate == pytest.approx(0.9)
    assert pytest.approx(0.846) == 423 / 500
    total = pivot(fresh_store, Slice(), rows="kind", of="overall").total
    assert total.counts == (500, 470, 47)
    trust = measure_trust(fresh_store, Slice(), judge="overall")
    assert (trust.groups[0].counts.n, trust.left_out.judge_failure) == (470, 30)


def test_root_causes_of_twenty_failures_add_to_100_percent(fresh_store: Store, make_trace: MakeTrace) -> None:
    ids = fill(fresh_store, make_trace, [(NOTHING, "f", "")] * 20)
    plan = {"education": 8, "access": 6, "context": 4, "messages": 2}
    placed = iter(ids)
    for name, n in plan.items():
        category = define_category(fresh_store, name=name, definition="what it is", by="ana")
        for _ in range(n):
            put_into_category(fresh_store, trace_id=next(placed), category_id=category, by="ana")
    found = count_failures(fresh_store, Slice())
    assert [(row.traces, row.share_of_failed.rate) for row in found.rows] == [(8, 0.4), (6, 0.3), (4, 0.2), (2, 0.1)]
    assert found.rows[-1].running == 1.0


def test_the_agreement_of_three_rounds_is_that_of_its_counts() -> None:
    rounds = ((34, 50, 68.0), (19, 23, 82.61), (47, 50, 94.0))
    for k, n, percent in rounds:
        counts = Confusion(both_pass=k, both_fail=0, judge_too_lenient=n - k, judge_too_strict=0)
        assert round(100 * (agreement(counts).rate or 0), 2) == percent


def test_trap_14_a_value_unlike_the_rest_is_named_with_how_many_were_looked_at(
    fresh_store: Store, make_trace: MakeTrace
) -> None:
    rows: list[tuple[dict[str, str | list[str]], str, str]] = [({"lang": "de"}, "f", "p")] * 9
    rows += [({"lang": "en"}, "f", "f")] * 20 + [({"lang": "en"}, "p", "p")] * 20 + [({"lang": "fr"}, "f", "p")] * 3
    fill(fresh_store, make_trace, rows)
    trust = measure_trust(fresh_store, Slice(), judge="overall", by="lang")
    found, looked_at = values_unlike_the_rest(trust.whole, trust.groups[1:], min_n=5)
    assert looked_at == 2, "fr has too few, and passes are of en alone"
    assert off_links(fresh_store, [(one.value, one.rate.k, one.slice) for one in found]) == []
    assert [(one.value, one.words, one.rate.k, one.rate.n, one.rest.k, one.rest.n) for one in found] == [
        ("en", "caught failures", 20, 20, 0, 12),
        ("de", "caught failures", 0, 9, 20, 23),
    ], "of fr there are too few"
