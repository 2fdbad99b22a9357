"""Rules that a failure rate must keep: by the lower end of the interval, never by the share.

A rule looks at the traces of its slice that began in the days up to the newest trace of the store; one that is dated in
the future is not looked at and ends no days. Of a judge, what it was tuned on is not looked at.
A rule is broken where at least its smallest n of them have a verdict and the
lower end of the 95 % interval of their failure rate lies above its threshold. Where nothing can be said, it says why.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import parse_qs, urlencode

from core.errors import UsageError
from core.metrics import Rate
from core.slice import Slice
from core.store import alerts, categories, judgments, pivots, settings, trends
from core.store.alerts import AlertRow, RuleRow
from core.store.connection import Cursor, Store
from core.store.pivots import EXPERT, FAILED
from core.workflows.counting import CORRECTED, corrected_judge, judge_behind
from core.workflows.estimating import estimate
from core.workflows.leaving import used_slice
from core.workflows.narrowing import check_judge, judge_ref
from core.workflows.pinning import present
from core.workflows.sealing import unseen_slice
from core.workflows.trending import in_time, said_by
from core.workflows.weighing import weigh

MOST_DAYS = 365
MOST_N = 10_000
MOMENT = timedelta(microseconds=1)
NO_DAYS = "No trace here has a time that is not in the future, so there are no days to look at."


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule: what share of which traces may fail, by whose verdicts, from how many on, in how many days."""

    id: int
    of: str
    slice: Slice
    sentence: str
    threshold: float
    smallest_n: int
    days: int

    @property
    def words(self) -> str:
        """«the expert may fail at most 20 % of traces where feature is search, in 7 days, from 30 verdicts on»."""
        return f"{self._whose} may fail at most {self._of_what}, from {self.smallest_n} verdicts on"

    @property
    def broken_words(self) -> str:
        """«the expert fails more than 20 % of traces where feature is search, in 7 days»."""
        return f"{self._whose} fails more than {self._of_what}"

    @property
    def _whose(self) -> str:
        ref = judge_behind(self.of)
        if ref is not None:
            return f"judge {ref}, corrected,"
        return "the expert" if self.of == EXPERT else f"judge {self.of}"

    @property
    def _of_what(self) -> str:
        where = f" where {self.sentence}" if self.sentence else ""
        days = "1 day" if self.days == 1 else f"{self.days} days"
        return f"{self.threshold * 100:g} % of traces{where}, in {days}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a rule sees now; `since` is None where no trace has a time up to now."""

    rule: Rule
    since: datetime | None
    until: datetime | None
    rate: Rate
    broken: bool
    judged_slice: Slice
    failed_slice: Slice
    refusal: str | None = None
    """Why nothing can be said, where that is so: the rule is then neither kept nor broken."""

    @property
    def kept(self) -> bool:
        """Whether enough traces have a verdict and the rule is not broken."""
        return not self.broken and self.refusal is None and self.rate.strength >= self.rule.smallest_n


def add_rule(
    store: Store, slice_: Slice, *, threshold: float, smallest_n: int, days: int, by: str, of: str = EXPERT
) -> int:
    """Add a rule and return its number.

    Raises:
        UsageError: nobody's name, a figure out of its range, or a slice that speaks of another judge.
        NotFoundError: no such judge version.
    """
    if not by.strip():
        raise UsageError("A rule needs the name of who sets it.", "Say who you are, then save again.")
    if not 0 < threshold < 1:
        raise UsageError("The threshold is a share between 0 and 100 %.", "For example 20 %.")
    if not 1 <= smallest_n <= MOST_N or not 1 <= days <= MOST_DAYS:
        raise UsageError(
            "The smallest n or the days are out of range.", f"1 to {MOST_N:,} verdicts, 1 to {MOST_DAYS} days."
        )
    corrected = corrected_judge(store, of)
    with store.write() as cursor:
        if corrected is not None:
            of = f"{CORRECTED}{corrected}"
        elif of != EXPERT:
            of = judge_ref(judgments.find_refs(cursor), of)
        check_judge(slice_, corrected or of, compared=False)
        params = urlencode(slice_.to_params(), doseq=True)
        return alerts.add_rule(
            cursor, source=of, slice_=params, threshold=threshold, smallest_n=smallest_n, days=days, by=by.strip()
        )


def remove_rule(store: Store, rule_id: int, *, by: str) -> None:
    """Take a rule away; its alerts stay."""
    with store.write() as cursor:
        alerts.remove_rule(cursor, rule_id, by=by)


def check_rules(store: Store) -> list[Checked]:
    """What every rule sees now; stores nothing."""
    now = present(store)
    with store.snapshot() as cursor:
        names = {c.id: c.name for c in categories.find_categories(cursor)}
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        newest = trends.find_dates(cursor, now).newest
        rules = [rule_of(row, names) for row in alerts.find_rules(cursor)]
        plain = {rule.id: _check(cursor, rule, newest, reference) for rule in rules if judge_behind(rule.of) is None}
    return [plain.get(rule.id) or _check_corrected(store, rule, newest) for rule in rules]


def _check(cursor: Cursor, rule: Rule, newest: datetime | None, reference: str | None) -> Checked:
    since, until, inside = _window(rule, newest)
    if rule.of != EXPERT:
        inside = unseen_slice(cursor, used_slice(cursor, inside, rule.of), rule.of, compared=False)
    counts = pivots.count_slice(cursor, inside, of=rule.of, reference=reference)
    weighing = weigh(cursor, inside, of=rule.of, measure=FAILED, reference=reference)
    rate = weighing.rate(inside, weighing.whole(), traces=counts.traces, k=counts.failed, n=counts.judged)
    enough = since is not None and rate.strength >= rule.smallest_n
    return Checked(
        rule=rule, since=since, until=until, rate=rate, refusal=None if since else NO_DAYS,
        broken=enough and rate.low is not None and rate.low > rule.threshold,
        judged_slice=said_by(inside, rule.of, "pass", "fail"), failed_slice=said_by(inside, rule.of, "fail"),
    )  # fmt: skip


def _check_corrected(store: Store, rule: Rule, newest: datetime | None) -> Checked:
    """Where there is no corrected rate, the rule sees nothing: it has a count and no share."""
    since, until, inside = _window(rule, newest)
    found = estimate(store, inside, judge=rule.of.removeprefix(CORRECTED))
    rate = found.corrected.failed
    return Checked(
        rule=rule, since=since, until=until, rate=rate, refusal=found.refusal or (None if since else NO_DAYS),
        broken=since is not None and rate.n >= rule.smallest_n and rate.low is not None and rate.low > rule.threshold,
        judged_slice=found.judged_slice, failed_slice=found.population.with_judge_verdict(found.judge, "fail"),
    )  # fmt: skip


def _window(rule: Rule, newest: datetime | None) -> tuple[datetime | None, datetime | None, Slice]:
    """The days that a rule looks at, up to the newest trace, and the traces of its slice in them."""
    until = None if newest is None else newest + MOMENT
    since = None if until is None else until - timedelta(days=rule.days)
    return since, until, rule.slice if since is None or until is None else in_time(rule.slice, since, until)


def rule_of(row: RuleRow | AlertRow, names: dict[int, str]) -> Rule:
    """A rule as it is kept, with its slice in words."""
    slice_ = Slice.from_params(parse_qs(row.slice, keep_blank_values=True))
    return Rule(
        id=row.rule_id, of=row.source, slice=slice_, sentence=slice_.sentence(names),
        threshold=row.threshold, smallest_n=row.smallest_n, days=row.days,
    )  # fmt: skip
