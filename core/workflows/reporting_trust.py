"""The part of a report about a judge: what it catches and keeps, where it is weak, and the share corrected for its errors."""

from core.model import MISSING
from core.slice import Slice, day_text
from core.store.connection import Store
from core.store.pivots import CATEGORY
from core.workflows.documents import Block, Heading, Paragraph, Table
from core.workflows.estimating import estimate
from core.workflows.saying import said, share
from core.workflows.sealing import read_seal
from core.workflows.staling import Staleness
from core.workflows.summarising import JudgeInBrief, Summary
from core.workflows.trusting import Trust, measure_unseen

MOST_VALUES = 20


def trust_blocks(store: Store, slice_: Slice, summary: Summary, *, by: str | None, min_n: int) -> list[Block]:
    """What a report says of the judge of a summary; with `by` for each value of a dimension too."""
    blocks: list[Block] = [Heading("Can we trust the judge?"), Paragraph(_trust(summary)), *_stale(summary.stale)]
    judge = summary.judge
    if judge is None or judge.trust is None:
        return blocks
    ref = judge.summary.version.ref
    if not judge.trust.sealed and judge.trust.whole.counts.n:
        blocks.append(Paragraph(_small_print(store, judge.trust), small=True))
        blocks += [] if by is None else _by_value(store, slice_, ref, by, min_n)
    return [*blocks, *_corrected(store, slice_, ref)]


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


def _small_print(store: Store, trust: Trust) -> str:
    group, seal = trust.whole, read_seal(store, trust.judge)
    kappa = "—" if group.kappa is None else f"{group.kappa:.2f}"
    opened = f" The test split was opened {len(seal.of_judge):,} times for this judge." if seal.of_judge else ""
    seen = " Test already seen: this version was made after that." if seal.already_seen else ""
    whose = f"the labels of {trust.labeler}" if trust.labeler else "the labels"
    right = f" When it says fail, it is right in {said(group.fail_precision)}." if group.fail_precision.n else ""
    return f"Held against {whose} given without sight of the judge.{right} Agreement {said(group.agreement)}, kappa {kappa}.{opened}{seen}"


def _by_value(store: Store, slice_: Slice, ref: str, by: str, min_n: int) -> list[Block]:
    groups = measure_unseen(store, slice_, judge=ref, by=by).groups[1:]
    shown = sorted(groups, key=lambda group: (group.value == MISSING, -group.counts.n))
    missing = "not sorted yet" if by == CATEGORY else "(missing)"
    rows = [
        (group.value or missing, said(group.caught_failures, min_n=min_n), said(group.kept_passes, min_n=min_n))
        for group in shown[:MOST_VALUES]
    ]
    rest = len(shown) - len(rows)
    more: list[Block] = [Paragraph(f"{rest:,} more values are not listed.", small=True)] if rest else []
    named = "failure category" if by == CATEGORY else by
    return [
        Heading(f"The judge by {named}", 3),
        Table((named, "Caught failures", "Kept passes"), rows),
        *more,
    ]


def _corrected(store: Store, slice_: Slice, ref: str) -> list[Block]:
    found = estimate(store, slice_, judge=ref)
    subject = f"Share of {found.subject}:"
    left = [f"{n:,} {words}" for words, n, _ in found.left_out]
    without = f" Left out: {', '.join(left)}." if left else ""
    if found.refusal:
        raw = f" The judge says {said(found.corrected.raw)}." if found.corrected.raw.n else ""
        return [Paragraph(f"{subject} no corrected figure. {found.refusal}{raw}{without}")]
    shown = found.corrected
    sample = f" On a random sample of {found.sample} %, which stands for all." if found.sample else ""
    traffic = " It is of all traffic: a split in the slice does not narrow it." if found.any_split else ""
    overall = (
        " It rests on the judge's errors over all traces, not on those of this slice alone." if found.overall else ""
    )
    return [
        Paragraph(
            f"{subject} the judge says {said(shown.raw)}; corrected for its errors "
            f"{share(shown.rate, shown.low, shown.high)}.{sample}{traffic}{overall}{without}"
        )
    ]
