"""Rules that a failure rate must keep, the alerts they raised, and what became of telling a webhook; as events.

An alert is up to three rows, each naming the one before: raised by its rule, acknowledged by a person, and then what the
rule saw when it was first found kept again.
"""

from datetime import UTC, datetime
from typing import NamedTuple

from core.metrics import Rate
from core.store.connection import Cursor, next_event, one

ADD_RULE = "insert into alert_rules values (?, ?, ?, ?, ?, ?, ?, false, ?, ?, null)"
REMOVE_RULE = """insert into alert_rules
    select ?, rule_id, source, slice, threshold, smallest_n, days, true, ?, ?, event from current_alert_rules where rule_id = ?"""
RULES = """select event, rule_id, source, slice, threshold, smallest_n, days, made_by, made_at
    from current_alert_rules order by rule_id"""
RAISE = "insert into alerts values (?, ?, ?, 'raised', ?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?, null, ?)"
ACKNOWLEDGE = """insert into alerts
    select ?, alert_id, rule_id, 'acknowledged', since, until, failed, judged, share, low, high, n_eff, ?, ?, ?, event, counted
    from current_alerts where event = ? and state = 'raised'"""
KEPT = """insert into alerts
    select ?, alert_id, rule_id, 'acknowledged', ?, ?, ?, ?, ?, ?, ?, ?, '', ?, ?, event, null
    from current_alerts where alert_id = ? and supersedes in (select event from alerts where state = 'raised')"""
ALERTS = """select a.event, a.alert_id, a.rule_id, a.since, a.until, a.failed, a.judged, a.share, a.low, a.high, a.n_eff,
        a.made_at, a.counted, seen.made_by, seen.made_at, coalesce(seen.note, ''), kept.event is not null,
        r.source, r.slice, r.threshold, r.smallest_n, r.days
    from alerts a
    left join alerts seen on seen.supersedes = a.event
    left join alerts kept on kept.supersedes = seen.event
    join (select * from alert_rules where not removed) r on r.rule_id = a.rule_id
    where a.state = 'raised' order by seen.event is not null, a.alert_id desc limit ?"""
POST = "insert into alert_posts values (?, ?, ?, ?, ?)"
POSTS = """select alert_id, arg_max(host, event), arg_max(coalesce(problem, ''), event), count(*), max(made_at)
    from alert_posts group by alert_id"""

RULE = "rule"
"""Who raises alerts, and finds rules kept."""


class RuleRow(NamedTuple):
    """A rule as it is kept; `slice` as the parameters of an address."""

    event: int
    rule_id: int
    source: str
    slice: str
    threshold: float
    smallest_n: int
    days: int
    by: str
    at: datetime


class AlertRow(NamedTuple):
    """An alert as it was raised, who acknowledged it, whether its rule was kept since, and what that asked for."""

    event: int
    alert_id: int
    rule_id: int
    since: datetime
    until: datetime
    failed: int
    judged: int
    share: float
    low: float
    high: float
    n_eff: float | None
    raised_at: datetime
    counted: str | None
    """The failed traces that it counts, as the parameters of an address."""
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    note: str
    kept: bool
    """Whether its rule was found kept after it was acknowledged."""
    source: str
    slice: str
    threshold: float
    smallest_n: int
    days: int


class Post(NamedTuple):
    """The last attempt to tell a webhook of an alert, and how many there were; `problem` is empty where it was taken."""

    host: str
    problem: str
    attempts: int
    at: datetime


def add_rule(cursor: Cursor, *, source: str, slice_: str, threshold: float, smallest_n: int, days: int, by: str) -> int:
    """Add a rule and return its number."""
    number = one(cursor, "select coalesce(max(rule_id), 0) + 1 from alert_rules")
    cursor.execute(
        ADD_RULE, [next_event(cursor), number, source, slice_, threshold, smallest_n, days, by, _now()]
    )  # fmt: skip
    return number


def remove_rule(cursor: Cursor, rule_id: int, *, by: str) -> None:
    """Take a rule away by one more event; its alerts stay."""
    cursor.execute(REMOVE_RULE, [next_event(cursor), by, _now(), rule_id])


def find_rules(cursor: Cursor) -> list[RuleRow]:
    """The rules that hold, the oldest first."""
    return [RuleRow(*row) for row in cursor.execute(RULES).fetchall()]


def has_rules(cursor: Cursor) -> bool:
    """Whether any rule holds."""
    return one(cursor, "select count(*) from current_alert_rules") > 0


def raise_alert(cursor: Cursor, rule_id: int, *, since: datetime, until: datetime, rate: Rate, counted: str) -> int:
    """Note that a rule is broken, and return the number of the alert."""
    number = one(cursor, "select coalesce(max(alert_id), 0) + 1 from alerts")
    cursor.execute(RAISE, [next_event(cursor), number, rule_id, since, until, *_figures(rate), RULE, _now(), counted])
    return number


def note_kept(cursor: Cursor, alert_id: int, *, since: datetime, until: datetime, rate: Rate) -> None:
    """Note that the rule of an acknowledged alert was found kept; the first time it is, and never of an open alert."""
    cursor.execute(KEPT, [next_event(cursor), since, until, *_figures(rate), RULE, _now(), alert_id])


def acknowledge(cursor: Cursor, event: int, *, note: str, by: str) -> None:
    """Note that a person has seen an alert; one that was acknowledged already stays as it is."""
    cursor.execute(ACKNOWLEDGE, [next_event(cursor), note, by, _now(), event])


def find_alerts(cursor: Cursor, *, limit: int = 50) -> list[AlertRow]:
    """The alerts, those that nobody has acknowledged first, the newest first."""
    return [AlertRow(*row) for row in cursor.execute(ALERTS, [limit]).fetchall()]


def add_post(cursor: Cursor, alert_id: int, *, host: str, problem: str | None) -> None:
    """Note an attempt to tell a webhook."""
    cursor.execute(POST, [next_event(cursor), alert_id, host, problem, _now()])


def find_posts(cursor: Cursor) -> dict[int, Post]:
    """Per alert the last attempt to tell a webhook of it."""
    return {row[0]: Post(*row[1:]) for row in cursor.execute(POSTS).fetchall()}


def _figures(rate: Rate) -> tuple[float | None, ...]:
    return rate.k, rate.n, rate.rate, rate.low, rate.high, rate.n_eff


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
