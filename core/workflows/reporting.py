"""A report of a slice: what fails most, where, whether the judge can be trusted, examples; every number with what it is of.

It is made of the store as it was at one event, which it names: its link shows the same numbers later.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import metadata
from urllib.parse import urlencode

from core.errors import UsageError
from core.model import MISSING
from core.slice import Slice, day_text
from core.store.connection import Store
from core.workflows.alerting import list_alerts
from core.workflows.categorising import CategoryRow, Failures, count_failures, list_sorted
from core.workflows.documents import Block, Heading, Link, Paragraph, Quote, Table, as_html, as_markdown
from core.workflows.exploring import describe
from core.workflows.pinning import newest_event, pin, what_came_since
from core.workflows.reporting_pivot import Asked, pivot_blocks
from core.workflows.reporting_trust import trust_blocks
from core.workflows.rubric import current_rubric
from core.workflows.saying import said
from core.workflows.summarising import Summary, summarise

__all__ = ["Asked", "Report", "View", "make_report", "said"]

TITLE = "What is failing, and where"
MOST_CATEGORIES = 10
EXAMPLED = 5
EXAMPLES = 2
LONGEST = 1200


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What a page shows beside its slice."""

    path: str = ""
    """Where the link leads: the path of the page."""
    settings: Mapping[str, Sequence[str]] = field(default_factory=dict[str, Sequence[str]])
    """What stands in its address beside the slice."""
    judge: str | None = None
    """The judge version in view; None: the newest that shares traces with the expert."""
    table: Asked | None = None
    by: str | None = None
    """The judge for each value of this dimension too."""
    any_mention: bool = False
    """Count a trace under every failure category that it carries."""


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


def make_report(store: Store, slice_: Slice, *, view: View | None = None, min_n: int = 10, address: str = "") -> Report:
    """The report of a view now, or at the event of a pinned store; `address` is that of the dashboard, for the link.

    Raises:
        NotFoundError: no such judge version or dimension.
        UsageError: the judge in view cannot be held against the expert in this slice.
    """
    view, pinned = view or View(), what_came_since(store)
    event = newest_event(store) if pinned is None else pinned.event
    then = pin(store, event) if pinned is None else store
    summary = summarise(then, slice_, min_n=min_n, judge=view.judge)
    failures = summary.failures if not view.any_mention else count_failures(then, slice_, primary=False)
    made = datetime.now(UTC)
    blocks: list[Block] = [
        Paragraph(_of_what(then, slice_)),
        Paragraph(_headline(summary, min_n)),
        *_mixed(then, slice_),
        *_alerts(then),
        *_table(then, slice_, view.table, min_n),
        *_categories(failures, min_n),
        *_worst(summary, min_n),
        *trust_blocks(then, slice_, summary, by=view.by, min_n=min_n),
        *_not_of(view.judge, summary),
        *_examples(then, failures),
        Heading("About these numbers"),
        Paragraph(
            "Each number is k of n with its share and the Wilson 95 % interval; the interval of a corrected share holds 95 % "
            "of draws in which the labelled and the judged traces both vary. Deferred and unlabelled traces and judge "
            f"failures are in no denominator. Shares of fewer than {min_n} traces are left out."
        ),
        Paragraph(_versions(then, summary, made, event), small=True),
        Link("The same view, pinned:", _link(address, slice_, view, event, min_n)),
    ]
    return Report(event=event, blocks=blocks)


def _not_of(judge: str | None, summary: Summary) -> list[Block]:
    """Said where the judge in view is not the one that is spoken of."""
    spoken_of = None if summary.judge is None else summary.judge.summary.version.ref
    if judge in (None, spoken_of):
        return []
    return [Paragraph(f"Judge {judge} is not spoken of: it cannot be held against the expert in this slice.")]


def _table(store: Store, slice_: Slice, asked: Asked | None, min_n: int) -> list[Block]:
    """The table in view; where there is none, why."""
    if asked is None:
        return []
    try:
        return pivot_blocks(store, slice_, asked, min_n=min_n)
    except UsageError as refused:
        return [Heading("The table in view"), Paragraph(f"{refused.message} {refused.remedy}".strip())]


def _mixed(store: Store, slice_: Slice) -> list[Block]:
    """Said where real and synthetic traces are counted together."""
    if slice_.values_of("origin"):
        return []
    real, synthetic = (describe(store, slice_.with_value("origin", origin)).n for origin in ("real", "synthetic"))
    if not real or not synthetic:
        return []
    return [
        Paragraph(
            f"Real and synthetic traces are mixed here ({real:,} and {synthetic:,}): rates of the two can differ."
        )
    ]


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
    how = (
        "Each trace counts once, under its first category."
        if failures.primary
        else "A trace counts under every category it carries: adds to more than 100 %."
    )
    return [
        Heading(f"Most frequent failures, of {failures.failed:,} failed traces"),
        Table(
            ("Failure category", f"Of {failures.failed:,} failed", f"Of {failures.reviewed:,} reviewed"),
            [(_name(r), said(r.share_of_failed, min_n=min_n), said(r.share_of_reviewed, min_n=min_n)) for r in listed],
        ),
        Paragraph(f"{how}{more}", small=True),
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


def _link(address: str, slice_: Slice, view: View, event: int, min_n: int) -> str:
    judge = {} if view.judge is None else {"judge": [view.judge]}
    numbers = {"as_of": [str(event)], "min_n": [str(min_n)]}
    params = urlencode({**judge, **view.settings, **numbers} | slice_.to_params(), doseq=True)
    return f"{address.rstrip('/')}/{view.path}?{params}"
