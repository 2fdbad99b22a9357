"""Alerts where a rule is broken: raised once, told to a webhook, acknowledged by a person.

While an alert is open, its rule raises no other. Once a person acknowledged it, the rule raises the next one when it is
broken and one of these holds: the days it looks at have none in common with those of that alert; it was found kept since;
the lower end of the interval lies above that of the alert by more than a quarter of the threshold.
"""

import logging
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlencode

from core.errors import UsageError
from core.metrics import Rate
from core.slice import Slice
from core.store import alerts, categories
from core.store.alerts import AlertRow
from core.store.connection import Cursor, Store
from core.workflows.counting import judge_behind
from core.workflows.posting import tell, webhook
from core.workflows.ruling import MOST_N, Checked, Rule, add_rule, check_rules, remove_rule, rule_of
from core.workflows.trending import in_time, said_by

__all__ = [
    "Alert",
    "Checked",
    "Rule",
    "acknowledge",
    "add_rule",
    "check_rules",
    "list_alerts",
    "remove_rule",
    "watch",
    "watch_after",
]

log = logging.getLogger(__name__)

MAX_NOTE = 500
MOST_POSTS = 5
POST_AGAIN = timedelta(minutes=5)
MARGIN = 0.25
"""By how much of its threshold the lower end must have risen for a rule to be worse than its last alert said."""
RECENT = timedelta(days=1)
"""An alert that nobody was told of, since the program ended just then, is told of within this time."""
_TELLING = threading.Lock()


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


def watch(store: Store) -> list[Alert]:
    """Raise an alert for each rule that is broken and has none, tell the webhook, and return the new alerts.

    The webhook is also told of open alerts that it did not take `POST_AGAIN` ago, up to `MOST_POSTS` times in all.
    """
    raised = _keep_news(store, check_rules(store))
    if webhook() is not None:
        with _TELLING:
            _tell(store)
    return [alert for alert in list_alerts(store) if alert.id in raised]


def watch_after(store: Store, what: str) -> None:
    """As `watch`, where nobody waits for it: a fault goes to the log."""
    try:
        watch(store)
    except Exception as problem:  # noqa: BLE001 - what was done is done all the same
        log.warning("the rules were not looked at after %s: %s", what, type(problem).__name__)


def _keep_news(store: Store, checked: list[Checked]) -> list[int]:
    """Store what is new about rules, and return the numbers of the alerts that it raised; without news nothing is written."""

    def news(cursor: Cursor) -> list[tuple[Checked, AlertRow | None]]:
        last = {row.rule_id: row for row in reversed(alerts.find_alerts(cursor, limit=MOST_N))}
        found = [(one, last.get(one.rule.id)) for one in checked]
        return [(one, before) for one, before in found if _is_new(one, before) or _ends(one, before)]

    with store.read() as cursor:
        if not news(cursor):
            return []
    raised: list[int] = []
    with store.write() as cursor:
        for found, last in news(cursor):
            if found.since is None or found.until is None:
                continue
            if found.broken:
                counted = urlencode(found.failed_slice.to_params(), doseq=True)
                raised.append(
                    alerts.raise_alert(
                        cursor, found.rule.id, since=found.since, until=found.until, rate=found.rate, counted=counted
                    )
                )  # fmt: skip
            elif last is not None:
                alerts.note_kept(cursor, last.alert_id, since=found.since, until=found.until, rate=found.rate)
    return raised


def _tell(store: Store) -> None:
    """Tell of open alerts that nobody was told of yet, or that were not taken some time ago."""
    with store.read() as cursor:
        posts = alerts.find_posts(cursor)
    now = datetime.now(UTC).replace(tzinfo=None)
    for alert in list_alerts(store):
        post = posts.get(alert.id)
        if post is None:
            due = now - alert.raised_at < RECENT
        else:
            due = bool(post.problem) and post.attempts < MOST_POSTS and now - post.at >= POST_AGAIN
        if alert.is_open and due:
            host, problem = tell(shape_of(alert))
            with store.write() as cursor:
                alerts.add_post(cursor, alert.id, host=host, problem=problem)


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
        "corrected": rate.corrected,
        "threshold": alert.rule.threshold, "smallest_n": alert.rule.smallest_n, "days": alert.rule.days,
        "since": f"{alert.since.isoformat()}Z", "until": f"{alert.until.isoformat()}Z",
        "raised_at": f"{alert.raised_at.isoformat()}Z", "acknowledged_by": alert.acknowledged_by, "note": alert.note,
    }  # fmt: skip


def _is_new(found: Checked, last: AlertRow | None) -> bool:
    """Whether a rule is broken in a way that nobody was told of; see the top of this file."""
    if not found.broken or last is None:
        return found.broken
    if last.acknowledged_by is None or found.since is None or found.until is None or found.rate.low is None:
        return False
    is_later = found.since >= last.until or found.until <= last.since
    return is_later or last.kept or found.rate.low > last.low + MARGIN * last.threshold


def _ends(found: Checked, last: AlertRow | None) -> bool:
    """Whether a rule is kept for the first time since its last alert was acknowledged."""
    return found.kept and last is not None and last.acknowledged_by is not None and not last.kept


def _alert(row: AlertRow, names: dict[int, str], posts: dict[int, alerts.Post]) -> Alert:
    rule, post = rule_of(row, names), posts.get(row.alert_id)
    failed = said_by(in_time(rule.slice, row.since, row.until), rule.of, "fail")
    if row.counted is not None:
        failed = Slice.from_params(parse_qs(row.counted, keep_blank_values=True))
    return Alert(
        event=row.event, id=row.alert_id, rule=rule, raised_at=row.raised_at, since=row.since, until=row.until,
        rate=Rate(row.failed, row.judged, row.share, row.low, row.high, row.n_eff, judge_behind(rule.of) is not None), failed_slice=failed,
        acknowledged_by=row.acknowledged_by, acknowledged_at=row.acknowledged_at, note=row.note,
        post="" if post is None else f"{post.host} was told" if not post.problem else f"{post.host}: {post.problem}",
    )  # fmt: skip
