"""A report of a slice: what fails most, where, whether the judge can be trusted, examples; every number with what it is of.

It is made of the store as it was at one event, which it names: its link shows the same numbers later.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from urllib.parse import urlencode

from core.metrics import Rate
from core.model import MISSING
from core.slice import Slice, day_text
from core.store.connection import Store
from core.workflows.alerting import list_alerts
from core.workflows.categorising import CategoryRow, Failures, list_sorted
from core.workflows.documents import Block, Heading, Link, Paragraph, Quote, Table, as_html, as_markdown
from core.workflows.exploring import describe
from core.workflows.pinning import newest_event, pin, what_came_since
from core.workflows.rubric import current_rubric
from core.workflows.staling import Staleness
from core.workflows.summarising import JudgeInBrief, Summary, summarise
from core.workflows.trusting import Trust

__all__ = ["Report", "make_report"]

TITLE = "What is failing, and where"
MOST_CATEGORIES = 10
EXAMPLED = 5
EXAMPLES = 2
LONGEST = 1200


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A report, and the event at which it was made."""

    event: int
    blocks: list[Block]

    def html(self) -> str:
        """As one page that needs nothing else."""
        return as_html(TITLE, self.blocks)

    def markdown(self) -> str:
        """As Markdown."""
        return as_markdown(TITLE, self.blocks)


def make_report(store: Store, slice_: Slice, *, min_n: int = 10, address: str = "") -> Report:
    """The report of a slice now, or at the event of a pinned store; `address` is that of the dashboard, for the link."""
    view = what_came_since(store)
    event = newest_event(store) if view is None else view.event
    then = pin(store, event) if view is None else store
    summary = summarise(then, slice_, min_n=min_n)
    made = datetime.now(UTC)
    blocks: list[Block] = [
        Paragraph(_of_what(then, slice_)),
        Paragraph(_headline(summary, min_n)),
        *_alerts(then),
        *_categories(summary.failures, min_n),
        *_worst(summary, min_n),
        Heading("Can we trust the judge?"),
        Paragraph(_trust(summary)),
        *_stale(summary.stale),
        *_examples(then, summary.failures),
        Heading("About these numbers"),
        Paragraph(
            "Each number is k of n with its share and the Wilson 95 % interval. Deferred and unlabelled traces and judge"
            f" failures are in no denominator. Shares of fewer than {min_n} traces are left out."
        ),
        Paragraph(_versions(then, summary, made, event), small=True),
        Link("The same view, pinned:", _link(address, slice_, event, min_n)),
    ]
    return Report(event=event, blocks=blocks)


def said(rate: Rate, *, min_n: int = 1) -> str:
    """«18 of 60 · 30 % (20–43 %)», «2 of 7 · few» under the smallest n, «—» where nothing was judged."""
    if rate.n == 0:
        return "—"
    of = f"{rate.k:,} of {rate.n:,}"
    if rate.rate is None or rate.low is None or rate.high is None or rate.strength < min_n:
        return f"{of} · few" if rate.rate is not None else f"{of} · none at random"
    weighted = "" if rate.n_eff is None else " weighted"
    return f"{of} · {_digits(rate.rate)} %{weighted} ({_digits(rate.low)}–{_digits(rate.high)} %)"


def _digits(share: float) -> str:
    value = share * 100
    whole = share in (0.0, 1.0) or 1 <= value <= 99
    return f"{value:.0f}" if whole else f"{min(max(value, 0.1), 99.9):.1f}"


def _of_what(store: Store, slice_: Slice) -> str:
    found = describe(store, slice_)
    return (
        f"{found.n:,} of {found.total:,} traces: {found.sentence}."
        if found.sentence
        else f"All {found.total:,} traces."
    )


def _headline(summary: Summary, min_n: int) -> str:
    rate = summary.labelled
    if rate.n == 0:
        return f"None of {summary.traces:,} traces is labelled yet."
    who = summary.labelers.default or f"{len(summary.labelers.names)} people, the newest of each trace"
    last = "" if summary.last_label is None else f", last on {day_text(summary.last_label)}"
    return f"{said(rate, min_n=min_n)} of labelled traces failed. Labels by {who}{last}."


def _alerts(store: Store) -> list[Block]:
    return [
        Paragraph(f"Alert: {alert.rule.broken_words}; {said(alert.rate)} failed, seen on {day_text(alert.raised_at)}.")
        for alert in list_alerts(store)
        if alert.is_open
    ]


def _categories(failures: Failures, min_n: int) -> list[Block]:
    if not failures.failed:
        return []
    rows = [row for row in failures.rows if row.traces]
    listed = [*rows[:MOST_CATEGORIES], *([failures.not_sorted] if failures.uncategorised else [])]
    hidden = len(rows) - MOST_CATEGORIES
    more = f" {hidden} more are not listed." if hidden > 0 else ""
    return [
        Heading(f"Most frequent failures, of {failures.failed:,} failed traces"),
        Table(
            ("Failure category", f"Of {failures.failed:,} failed", f"Of {failures.reviewed:,} reviewed"),
            [(_name(r), said(r.share_of_failed, min_n=min_n), said(r.share_of_reviewed, min_n=min_n)) for r in listed],
        ),
        Paragraph(f"Each trace counts once, under its first category.{more}", small=True),
    ]


def _name(row: CategoryRow) -> str:
    return row.category.name if row.category else "Not sorted yet"


def _worst(summary: Summary, min_n: int) -> list[Block]:
    if not summary.worst:
        return []
    rows = [
        (" × ".join(value if value != MISSING else "(missing)" for _, value in worst.values),
         " × ".join(name for name, _ in worst.values), said(worst.rate, min_n=min_n))
        for worst in summary.worst
    ]  # fmt: skip
    return [
        Heading(f"Worst slices, of {min_n} labelled traces or more"),
        Table(("Slice", "Dimensions", "Failed of labelled"), rows),
        Paragraph(f"Sorted by the lower end of the interval; {summary.looked_at:,} slices were looked at.", small=True),
    ]


def _trust(summary: Summary) -> str:
    judge = summary.judge
    if judge is None:
        return f"No judge yet. {summary.labelled.k:,} failures and {summary.passed:,} passes are labelled."
    name = f"Judge {judge.summary.version.judge}, version {judge.summary.version.version}{judge.looks_for}"
    if judge.trust is None:
        return f"{name}: several people labelled and nobody is the principal expert, so it is held against nobody."
    if judge.trust.sealed:
        return f"{name}: the test split is sealed for this version until somebody opens it."
    group = judge.trust.whole
    if group.counts.n == 0:
        return f"{name} shares no blindly labelled trace with the expert here."
    caught = said(group.caught_failures) if group.caught_failures.n else "— (no failures to catch)"
    kept = said(group.kept_passes) if group.kept_passes.n else "— (no passes to keep)"
    on = "" if judge.trust.split == "all" else f" on the {judge.trust.split} split"
    return f"{name} catches failures{on}: {caught}; keeps passes: {kept}.{_left_out(judge.trust)}{_judged(judge)}"


def _left_out(trust: Trust) -> str:
    rows = [f"{n:,} {words}" for words, n, _ in trust.left_out_rows()]
    return f" Left out: {', '.join(rows)}." if rows else ""


def _judged(judge: JudgeInBrief) -> str:
    model = f" with {judge.summary.version.model}" if judge.summary.version.model else ""
    when = "" if judge.trust is None else judge.trust.judged.words(day_text)
    return f" Judged {when}{model}." if when else ""


def _stale(stale: Staleness | None) -> list[Block]:
    return (
        [Paragraph("This check is out of date: " + "; ".join(stale.reasons()) + ".")]
        if stale and stale.is_stale
        else []
    )


def _examples(store: Store, failures: Failures) -> list[Block]:
    blocks: list[Block] = []
    for row in [row for row in failures.rows if row.traces and row.category][:EXAMPLED]:
        found = list_sorted(store, row.slice, row.category.id if row.category else 0, limit=EXAMPLES).labels
        quotes = [_quote(x.critique or "", f"{x.labeler}, trace {x.trace_id}, {day_text(x.at)}") for x in found]
        if quotes:
            blocks += [Heading(_name(row), 3), *quotes]
    return [Heading("Examples, with what the expert wrote"), *blocks] if blocks else []


def _quote(text: str, source: str) -> Quote:
    return Quote(text if len(text) <= LONGEST else f"{text[:LONGEST].rstrip()}… ({len(text):,} characters)", source)


def _versions(store: Store, summary: Summary, made: datetime, event: int) -> str:
    rubric = current_rubric(store)
    parts = [
        f"Made {made:%Y-%m-%d %H:%M} UTC from event {event:,}",
        f"passfail {_version()}",
        *([] if summary.judge is None else [f"judge {summary.judge.summary.version.ref}"]),
        *([] if rubric is None else [f"rubric version {rubric.version}"]),
    ]
    return ", ".join(parts) + "."


def _version() -> str:
    try:
        return metadata.version("passfail")
    except metadata.PackageNotFoundError:
        return "(not installed)"


def _link(address: str, slice_: Slice, event: int, min_n: int) -> str:
    numbers = {"as_of": [str(event)], "min_n": [str(min_n)]}
    params = urlencode(numbers | slice_.to_params(), doseq=True)
    return f"{address.rstrip('/')}/?{params}"
