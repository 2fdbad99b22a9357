"""What is left to people: the judge is not asked there, counts nowhere, and everything that is left out has its traces."""

from pathlib import Path

import pytest

from core.errors import NotFoundError, UsageError
from core.metrics import rate_of
from core.model import Confusion
from core.slice import Slice
from core.store import settings
from core.store.connection import Store
from core.workflows.comparing import compare_versions
from core.workflows.counting import count, left_out_of
from core.workflows.drafting import save_check
from core.workflows.estimating import estimate
from core.workflows.exploring import describe
from core.workflows.judging import start_run, wait_for
from core.workflows.leaving import leave_to_people, list_left, use_again, used_slice
from core.workflows.pinning import newest_event, pin
from core.workflows.planning_runs import plan_run
from core.workflows.ruling import add_rule, check_rules
from core.workflows.trending import measure_trend
from core.workflows.trusting import measure_trust, measure_unseen
from tests.conftest import JUDGE, Cli
from tests.real_sets import off_cells, off_links, off_trust
from tests.unit.workflows.test_category_judges import add_judge
from tests.unit.workflows.test_estimating import REF, fill

WHY = "no version tells a wrong date from a late one"


def leave(store: Store, value: str = "search", *, dimension: str = "feature", judge: str = "strict") -> None:
    leave_to_people(store, judge=judge, dimension=dimension, value=value, reason=WHY, by="ana")


def test_the_judge_is_held_against_the_expert_only_where_it_is_used(small_store: Store) -> None:
    leave(small_store)
    trust = measure_trust(small_store, Slice(), judge="strict", by="feature")
    assert trust.whole.counts == Confusion(both_pass=1, both_fail=1, judge_too_lenient=0, judge_too_strict=0)
    assert [group.value for group in trust.groups] == [None, "booking"]
    assert [row[:2] for row in trust.left_to_people] == [("left to people (feature: search)", 5)]
    assert trust.whole.counts.n + sum(trust.left_out) + 5 == 12
    assert off_trust(small_store, trust) == []
    there = measure_trust(small_store, Slice().with_value("feature", "search"), judge=JUDGE)
    assert (there.whole.counts.n, there.left_to_people) == (4, []), "whoever asks for it sees how it does there"


def test_its_verdicts_there_are_in_no_rate(small_store: Store) -> None:
    before = count(small_store, Slice(), rows="persona", of=JUDGE)
    leave(small_store)
    found = count(small_store, Slice(), rows="persona", of=JUDGE)
    assert (before.total.rate, found.total.rate) == (rate_of(4, 9), rate_of(1, 4))
    assert off_cells(small_store, found) == []
    left = left_out_of(small_store, Slice(), of=JUDGE)
    assert {what: n for what, n, _ in left} == {
        "left to people (feature: search)": 5,
        "without a judgment": 2,
        "judge failures": 1,
    }
    assert off_links(small_store, left) == []
    trend = measure_trend(small_store, Slice(), by="week", of=JUDGE)
    assert trend.whole.rate == rate_of(1, 4)
    assert sum(window.counts.judged for window in trend.windows) == 4
    assert trend.left_out == left
    assert count(small_store, Slice(), rows="persona").total.counts.judged == 8, "the expert's are as ever"
    assert measure_trend(small_store, Slice(), by="week").left_out == []


def test_a_rule_looks_at_it_only_where_it_is_used(small_store: Store) -> None:
    for of in ("expert", JUDGE):
        add_rule(small_store, Slice(), threshold=0.05, smallest_n=1, days=300, by="ana", of=of)
    before = [found.rate.n for found in check_rules(small_store)]
    leave(small_store)
    expert, judge = check_rules(small_store)
    assert (before, expert.rate.n, judge.rate.n) == ([8, 9], 8, 4)
    assert describe(small_store, judge.judged_slice).n == 4


def test_the_corrected_share_is_of_the_rest_and_refused_there(fresh_store: Store) -> None:
    fill(fresh_store)
    leave(fresh_store, "small", dimension="size", judge="overall")
    found = estimate(fresh_store, Slice(), judge=REF)
    assert (found.corrected.raw.k, found.corrected.raw.n) == (200, 250)
    assert found.trust is not None
    assert found.trust.whole.counts == Confusion(both_pass=46, both_fail=44, judge_too_lenient=6, judge_too_strict=4)
    assert found.corrected.rate == pytest.approx((0.8 + 0.88 - 1) / (0.92 + 0.88 - 1))
    assert [row[:2] for row in found.left_out] == [("left to people (size: small)", 250)]
    assert off_links(fresh_store, found.left_out) == []
    there = estimate(fresh_store, Slice().with_value("size", "small"), judge=REF)
    assert there.corrected.rate is None
    assert there.refusal == "size: small is left to people: this judge is not used there."
    use_again(fresh_store, judge=REF, dimension="size", value="small", by="ben")
    assert estimate(fresh_store, Slice(), judge=REF).corrected.raw.n == 500


def test_a_run_does_not_ask_about_what_nobody_labelled_there(small_store: Store, cli: Cli) -> None:
    check = save_check(small_store, "polite", "contains", {"text": "sorry"}, by="ana")
    leave(small_store, judge="polite")
    plan = plan_run(small_store, "polite", split=None)
    assert (plan.traces, plan.n, plan.left_to_people) == (11, 11, 1)
    wait_for(small_store, start_run(small_store, plan, by="ana"), every=0.05)
    judged = Slice().with_judge_verdict(check.ref, "pass", "fail")
    assert describe(small_store, judged).n == 11
    labelled = judged.with_value("feature", "search")
    assert describe(small_store, labelled).n == 4, "what is labelled shows whether a later version does better"
    only = plan_run(small_store, "polite", split=None, slice_=Slice(search="t05"))
    assert (only.traces, only.n, only.left_to_people) == (0, 0, 1)


def test_two_of_them_and_a_filter_leave_no_trace_out_twice(small_store: Store) -> None:
    leave(small_store)
    leave(small_store, "new", dimension="persona")
    leave(small_store, "", dimension="feature")
    trust = measure_trust(small_store, Slice(), judge=JUDGE)
    assert [row[:2] for row in trust.left_to_people] == [
        ("left to people (feature: search)", 5),
        ("left to people (persona: new)", 3),
        ("left to people (feature: (missing))", 1),
    ]
    assert trust.whole.counts.n + sum(trust.left_out) + 9 == 12
    assert off_trust(small_store, trust) == []
    no_chat = Slice().with_values("feature", ("chat",), negated=True)
    with small_store.read() as cursor:
        used = used_slice(cursor, no_chat, JUDGE)
    assert used.values_of("feature", negated=True) == ("chat", "search", "")
    assert describe(small_store, used).n == 2


def test_it_holds_for_all_versions_of_this_judge_alone(small_store: Store) -> None:
    everywhere = {f"t{n:02d}": n % 2 == 0 for n in range(1, 13)}
    for ref in ("strict@v2", "other@v1"):
        add_judge(small_store, ref, everywhere, about=None)
    both = compare_versions(small_store, Slice(), former=JUDGE, latter="strict@v2")
    leave(small_store, judge="strict@v2")
    assert measure_unseen(small_store, Slice(), judge="strict@v2").whole.counts.n == 4
    assert measure_unseen(small_store, Slice(), judge="other").whole.counts.n == 8
    assert (both.n, compare_versions(small_store, Slice(), former=JUDGE, latter="strict@v2").n) == (6, 2)


def test_taking_it_back_keeps_both_events_and_a_moment_keeps_its_numbers(small_store: Store) -> None:
    before = newest_event(small_store)
    leave(small_store)
    between = newest_event(small_store)
    use_again(small_store, judge=JUDGE, dimension="feature", value="search", by="ben")
    assert list_left(small_store, "strict") == []
    for event, n in ((before, 6), (between, 2), (newest_event(small_store), 6)):
        then = pin(small_store, event)
        assert measure_trust(then, Slice(), judge=JUDGE).whole.counts.n == n
    (left,) = list_left(pin(small_store, between), "strict")
    assert (left.words, left.reason, left.by) == ("feature: search", WHY, "ana")
    with small_store.read() as cursor:
        said = cursor.execute("select value, made_by from settings where name like 'left%' order by event").fetchall()
    assert said == [(WHY, "ana"), ("", "ben")]
    leave(small_store)
    leave_to_people(small_store, judge="strict", dimension="feature", value="search", reason="still so", by="ben")
    assert [(one.reason, one.by) for one in list_left(small_store, "strict")] == [("still so", "ben")]


@pytest.mark.parametrize(
    ("told", "wrong"),
    [
        ({"by": " "}, UsageError),
        ({"reason": " "}, UsageError),
        ({"reason": "x" * 1001}, UsageError),
        ({"dimension": "category"}, UsageError),
        ({"dimension": "colour"}, NotFoundError),
        ({"value": "no such"}, NotFoundError),
        ({"judge": "nobody"}, NotFoundError),
    ],
)
def test_what_cannot_be_left_is_refused(told: dict[str, str], wrong: type[Exception], small_store: Store) -> None:
    asked = {"judge": "strict", "dimension": "feature", "value": "search", "reason": WHY, "by": "ana"} | told
    with pytest.raises(wrong):
        leave_to_people(small_store, **asked)
    with small_store.read() as cursor:
        assert settings.find_said(cursor, "left") == []
    with pytest.raises(NotFoundError):
        use_again(small_store, judge="strict", dimension="feature", value="search", by="ana")
    with pytest.raises(UsageError):
        use_again(small_store, judge="strict", dimension="feature", value="search", by="")


def test_the_command_line_says_the_same(small_database: Path, cli: Cli) -> None:
    assert "Nothing is left to people" in cli("judge", "leave", "strict").out
    refused = cli("judge", "leave", "strict", "--value", "feature=search")
    assert (refused.code, "takes a name and a reason" in refused.err) == (2, True)
    said = cli("judge", "leave", "strict", "--value", "feature=search", "--reason", WHY, "--as", "ana")
    assert "feature: search, says ana on " in said.out
    assert WHY in said.out
    (left,) = cli("judge", "leave", "strict", "--json").json["left_to_people"]
    assert (left["dimension"], left["value"], left["by"]) == ("feature", "search", "ana")
    row = {"left to people (feature: search)": 5}
    assert cli("agreement", "--judge", "strict", "--json").json["left_to_people"] == row
    assert "5 left to people (feature: search)" in cli("agreement", "--judge", "strict").out
    monitored = cli("monitor", "--of", "strict", "--json").json["left_out"]
    assert monitored == row | {"without a judgment": 2, "judge failures": 1}
    assert "5 left to people (feature: search)" in cli("monitor", "--of", "strict").out
    checked = ("judge", "check", "strict", "--split", "all", "--min-caught", "0.1")
    assert cli(*checked, "--json").json["left_to_people"] == row
    assert "Left out: 5 left to people (feature: search)." in cli(*checked).out
    assert cli("pivot", "--rows", "persona", "--of", "strict", "--json").json["total"]["judged"] == 4
    back = cli("judge", "leave", "strict", "--again", "feature=search", "--as", "ben")
    assert "Nothing is left to people" in back.out
    assert cli("judge", "leave", "strict", "--again", "feature=search", "--as", "ben").code == 2


def test_the_estimate_of_a_run_names_them(small_database: Path, cli: Cli, tmp_path: Path) -> None:
    spec = tmp_path / "polite.json"
    spec.write_text('{"check": "contains", "text": "sorry"}')
    assert cli("judge", "save", "polite", spec, "--as", "ana").code == 0
    cli("judge", "leave", "polite", "--value", "feature=search", "--reason", WHY, "--as", "ana")
    assert cli("judge", "estimate", "polite", "--split", "all", "--json").json["left_to_people"] == 1
    assert "1 are left to people" in cli("judge", "estimate", "polite", "--split", "all").out
