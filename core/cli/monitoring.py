"""`passfail monitor`: the failure rate over time, the rules it must keep, and their alerts."""

from argparse import Namespace
from typing import Any

from core.cli.database import database_path, opened
from core.cli.output import Output, one_line, percent
from core.cli.slicing import slice_of
from core.errors import UsageError
from core.workflows import alerting, trending
from core.workflows.alerting import Alert, Checked
from core.workflows.trending import Ahead, Trend, Window


def run_monitor(args: Namespace, output: Output) -> int:
    """Windows, rules and alerts; with --check it ends with 1 where a rule is broken, and raises its alert."""
    if args.check and args.as_of is not None:
        raise UsageError("--check looks at the newest data.", "Leave --as-of out.")
    with opened(database_path(args), as_of=args.as_of) as store:
        trend = trending.measure_trend(store, slice_of(store, args, output), by=args.by, of=args.of)
        checked = alerting.check_rules(store)
        ahead = trending.dated_ahead(store)
        if args.check:
            alerting.watch(store)
        alerts = alerting.list_alerts(store)
    if output.json:
        output.document(_shape(trend, checked, alerts, ahead))
    else:
        _print(trend, checked, alerts, ahead, output)
    return 1 if args.check and any(found.broken for found in checked) else 0


def _shape(trend: Trend, checked: list[Checked], alerts: list[Alert], ahead: Ahead | None) -> dict[str, Any]:
    return {
        "of": trend.of,
        "by": trend.by,
        "windows": [_window(window) for window in trend.windows],
        "total": _window(trend.whole),
        "no_window": None if trend.no_time is None else trend.no_time.counts._asdict(),
        "dated_in_future": 0 if ahead is None else ahead.traces,
        "earlier_windows": trend.earlier,
        "sample": None if trend.estimate is None else trend.estimate.sample,
        "left_out": {why: n for why, n, _ in trend.left_out},
        "fixes": [fix._asdict() for fix in trend.fixed],
        "rules": [
            {
                "rule": found.rule.id, "words": found.rule.words, "of": found.rule.of,
                "slice": found.rule.slice.to_params(), "threshold": found.rule.threshold,
                "smallest_n": found.rule.smallest_n, "days": found.rule.days, "broken": found.broken,
                "refused": found.refusal,
                "failed": found.rate.k, "judged": found.rate.n, "rate": found.rate.rate,
                "low": found.rate.low, "high": found.rate.high,
            }
            for found in checked
        ],
        "alerts": [alerting.shape_of(alert) for alert in alerts],
    }  # fmt: skip


def _window(window: Window) -> dict[str, Any]:
    rate = window.rate
    return {
        "window": window.name, "start": window.start, **window.counts._asdict(),
        "rate": rate.rate, "low": rate.low, "high": rate.high, "raw_rate": window.raw.rate,
    }  # fmt: skip


def _print(trend: Trend, checked: list[Checked], alerts: list[Alert], ahead: Ahead | None, output: Output) -> None:
    output.table(
        (trend.by, "traces", "judged", "failed", "rate"),
        [
            (window.name, *window.counts, percent(window.rate.rate, window.rate.low, window.rate.high))
            for window in (*trend.windows, trend.whole)
        ],
        right="lrrrr",
    )
    if trend.no_time is not None:
        output.line(f"In no window: {trend.no_time.counts.traces:,} traces.")
    if ahead is not None:
        output.line(
            f"Dated in the future: {ahead.traces:,} of all traces, not in any day or week and not looked at by any rule."
        )
    if trend.estimate is not None:
        output.line(f"Rates of {trend.estimate.words}, corrected for the judge's errors over all traces.")
        if trend.estimate.sample:
            output.line(f"It was run on a random sample of {trend.estimate.sample} %.")
    if trend.left_out or trend.estimate is not None:
        left = ", ".join(f"{n:,} {one_line(why)}" for why, n, _ in trend.left_out)
        output.line(f"Left out: {left}." if left else "Nothing was left out.")
    for found in checked:
        if found.refusal:
            output.line(f"CANNOT BE SAID  {one_line(found.rule.words)}: {found.refusal}")
            continue
        state = "BROKEN " if found.broken else "kept   " if found.kept else "too few"
        output.line(f"{state}  {one_line(found.rule.words)}: {found.rate.k:,} of {found.rate.n:,}"
                    f" {percent(found.rate.rate, found.rate.low, found.rate.high)}")  # fmt: skip
    for alert in alerts:
        if alert.is_open:
            output.line(f"Alert {alert.id}, not acknowledged: {one_line(alert.rule.broken_words)}.")
