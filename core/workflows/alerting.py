"""Rules that a failure rate must keep, and the alerts where one does not: by the lower end of the interval, never by the share.

A rule looks at the traces of its slice that began in the days up to the newest trace of the store. It is broken where at
least its smallest n of them have a verdict and the lower end of the 95 % interval of their failure rate lies above its
threshold. An open alert is not raised again; one that a person acknowledged is, once the counts are others.
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
from core.workflows.narrowing import check_judge, judge_ref
from core.workflows.posting import tell, webhook
from core.workflows.trending import in_time, said_by
from core.workflows.weighing import weigh

__all__ = ["Alert", "Checked", "Rule", "acknowledge", "add_rule", "check_rules", "list_alerts", "remove_rule", "watch"]

MAX_NOTE = 500
MOST_DAYS = 365
MOST_N = 10_000
MOMENT = timedelta(microseconds=1)


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
        return "the expert" if self.of == EXPERT else f"judge {self.of}"

    @property
    def _of_what(self) -> str:
        where = f" where {self.sentence}" if self.sentence else ""
        days = "1 day" if self.days == 1 else f"{self.days} days"
        return f"{self.threshold * 100:g} % of traces{where}, in {days}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a rule sees now; `since` is None where no trace has a time."""

    rule: Rule
    since: datetime | None
    until: datetime | None
    rate: Rate
    broken: bool
    judged_slice: Slice
    failed_slice: Slice


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """A broken rule as it was seen, and who acknowledged it."""

    event: int
    id: int
    rule: Rule
    raised_at: datetime
    since: datetime
    until: datetime
    rate: Rate
    failed_slice: Slice
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    note: str
    post: str
    """What became of telling the webhook; empty where none was set."""

    @property
    def is_open(self) -> bool:
        """Whether nobody has acknowledged it."""
        return self.acknowledged_by is None


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
    with store.write() as cursor:
        if of != EXPERT:
            of = judge_ref(judgments.find_refs(cursor), of)
        check_judge(slice_, of, compared=False)
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
    with store.read() as cursor:
        names = {c.id: c.name for c in categories.find_categories(cursor)}
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        newest = trends.find_newest_trace(cursor)
        return [_check(cursor, _rule(row, names), newest, reference) for row in alerts.find_rules(cursor)]


def watch(store: Store) -> list[Alert]:
    """Raise an alert for each rule that is broken and has none, tell the webhook, and return the new alerts."""
    broken = [checked for checked in check_rules(store) if checked.broken]
    raised: list[int] = []
    if broken:
        with store.write() as cursor:
            newest = {row.rule_id: row for row in reversed(alerts.find_alerts(cursor, limit=MOST_N))}
            for found in broken:
                if _is_new(found, newest.get(found.rule.id)) and found.since and found.until:
                    raised.append(
                        alerts.raise_alert(cursor, found.rule.id, since=found.since, until=found.until, rate=found.rate)
                    )
    new = [alert for alert in list_alerts(store) if alert.id in raised]
    if webhook() is not None:
        for alert in new:
            host, problem = tell(shape_of(alert))
            with store.write() as cursor:
                alerts.add_post(cursor, alert.id, host=host, problem=problem)
    return new


def list_alerts(store: Store, *, limit: int = 50) -> list[Alert]:
    """The alerts, those that nobody has acknowledged first."""
    with store.read() as cursor:
        names = {c.id: c.name for c in categories.find_categories(cursor)}
        posts = alerts.find_posts(cursor)
        return [_alert(row, names, posts) for row in alerts.find_alerts(cursor, limit=limit)]


def acknowledge(store: Store, event: int, *, by: str, note: str = "") -> None:
    """Say that an alert was seen, and what is done about it.

    Raises:
        UsageError: nobody's name, or a note that is too long.
    """
    if not by.strip():
        raise UsageError("An alert is acknowledged by a person.", "Say who you are, then do it again.")
    if len(note) > MAX_NOTE:
        raise UsageError("The note is too long.", f"At most {MAX_NOTE} characters.")
    with store.write() as cursor:
        alerts.acknowledge(cursor, event, note=note.strip(), by=by.strip())


def shape_of(alert: Alert) -> dict[str, object]:
    """An alert as JSON: for the webhook and the command line. It holds no text of a trace."""
    rate = alert.rate
    return {
        "alert": alert.id, "rule": alert.rule.words, "of": alert.rule.of, "slice": alert.rule.slice.to_params(),
        "failed": rate.k, "judged": rate.n, "rate": rate.rate, "low": rate.low, "high": rate.high,
        "threshold": alert.rule.threshold, "smallest_n": alert.rule.smallest_n, "days": alert.rule.days,
        "since": f"{alert.since.isoformat()}Z", "until": f"{alert.until.isoformat()}Z",
        "raised_at": f"{alert.raised_at.isoformat()}Z", "acknowledged_by": alert.acknowledged_by, "note": alert.note,
    }  # fmt: skip


def _is_new(found: Checked, last: AlertRow | None) -> bool:
    if last is None:
        return True
    return last.state == "acknowledged" and (last.failed, last.judged) != (found.rate.k, found.rate.n)


def _check(cursor: Cursor, rule: Rule, newest: datetime | None, reference: str | None) -> Checked:
    until = None if newest is None else newest + MOMENT
    since = None if until is None else until - timedelta(days=rule.days)
    inside = rule.slice if since is None or until is None else in_time(rule.slice, since, until)
    counts = pivots.count_slice(cursor, inside, of=rule.of, reference=reference)
    weighing = weigh(cursor, inside, of=rule.of, measure=FAILED, reference=reference)
    rate = weighing.rate(inside, weighing.whole(), traces=counts.traces, k=counts.failed, n=counts.judged)
    enough = since is not None and rate.strength >= rule.smallest_n
    return Checked(
        rule=rule, since=since, until=until, rate=rate,
        broken=enough and rate.low is not None and rate.low > rule.threshold,
        judged_slice=said_by(inside, rule.of, "pass", "fail"), failed_slice=said_by(inside, rule.of, "fail"),
    )  # fmt: skip


def _rule(row: RuleRow | AlertRow, names: dict[int, str]) -> Rule:
    slice_ = Slice.from_params(parse_qs(row.slice, keep_blank_values=True))
    return Rule(
        id=row.rule_id, of=row.source, slice=slice_, sentence=slice_.sentence(names),
        threshold=row.threshold, smallest_n=row.smallest_n, days=row.days,
    )  # fmt: skip


def _alert(row: AlertRow, names: dict[int, str], posts: dict[int, alerts.Post]) -> Alert:
    rule, acknowledged = _rule(row, names), row.state == "acknowledged"
    post = posts.get(row.alert_id)
    inside = in_time(rule.slice, row.since, row.until)
    return Alert(
        event=row.event, id=row.alert_id, rule=rule, raised_at=row.raised_at, since=row.since, until=row.until,
        rate=Rate(row.failed, row.judged, row.share, row.low, row.high, row.n_eff), failed_slice=said_by(inside, rule.of, "fail"),
        acknowledged_by=row.by if acknowledged else None, acknowledged_at=row.at if acknowledged else None,
        note=row.note,
        post="" if post is None else f"{post.host} was told" if not post.problem else f"{post.host}: {post.problem}",
    )  # fmt: skip
