"""`passfail pivot`, `passfail agreement` and `passfail failures`."""

from argparse import Namespace

from core.cli.agreement_shapes import agreement_shape, scope_line
from core.cli.database import database_path, opened
from core.cli.output import Output, one_line, percent, share
from core.cli.shapes import failures_shape, inner_cells, pivot_shape
from core.cli.slicing import slice_of
from core.model import MISSING
from core.slice import Slice
from core.workflows import (
    anchoring,
    biasing,
    categorising,
    counting,
    estimating,
    explaining,
    knowing,
    pivoting,
    sealing,
    trusting,
    varying,
)
from core.workflows.categorising import Failures
from core.workflows.estimating import Estimate
from core.workflows.opening import Store
from core.workflows.pivoting import CATEGORY, Pivot, PivotCell
from core.workflows.sealing import Seal
from core.workflows.trusting import Trust

LEFT_OUT = {
    "unlabelled": "without a label",
    "deferred": "deferred",
    "no_judgment": "without a judgment",
    "judge_failure": "judge gave no verdict",
    "expert_saw_judge": "expert saw the judge first or labelled a former text",
    "example": "shown to the judge as examples",
    "unsorted": "failed, not sorted into a category yet",
    "other_split": "in another split or none",
    "sealed": "in the sealed test split",
}


def run_pivot(args: Namespace, output: Output) -> int:
    """Counts by one or two dimensions."""
    with opened(database_path(args), as_of=args.as_of) as store:
        slice_ = slice_of(store, args, output)
        table = counting.count(store, slice_, rows=args.rows, cols=args.cols, of=args.of)
    if output.json:
        output.document(pivot_shape(table))
        return 0
    rows = [(*_cell_names(cell, args.rows, args.cols), *_cell_counts(cell)) for cell in inner_cells(table)]
    rows.append(("all", *(() if args.cols is None else ("all",)), *_cell_counts(table.total)))
    names = (args.rows,) if args.cols is None else (args.rows, args.cols)
    output.table((*names, "traces", "judged", "failed", "rate"), rows, right=f"{'l' * len(names)}rrrr")
    output.line(f"Rate: failed of {table.denominator}, with its 95 % interval.")
    for line in _choice_lines(table):
        output.line(line)
    if table.several_values:
        output.line("A trace can be in several cells; it is once in the totals.")
    return 0


def _choice_lines(table: Pivot) -> list[str]:
    """What a reader must know where labels do not all count the same."""
    choice = table.choice
    if choice is None or all(cell.rate.n_eff is None for cell in (*table.cells, table.total)):
        return []
    lines = ["The rate is weighted by how likely each trace was drawn; failed and judged are plain counts."]
    if choice.unknown:
        lines.append(f"{choice.unknown:,} labels of unknown choice are counted as if drawn at random.")
    left = [f"{n:,} {words}" for words, n, _ in choice.left_out()]
    return [*lines, *([f"Left out of the rates: {', '.join(left)}."] if left else [])]


def _cell_names(cell: PivotCell, rows: str, cols: str | None) -> tuple[str, ...]:
    names = (_value(cell.row, rows),)
    return names if cols is None else (*names, _value(cell.col, cols))


def _value(value: str | None, dimension: str) -> str:
    if value is None:
        return "all"
    return value if value != MISSING else "(not sorted yet)" if dimension == CATEGORY else "(missing)"


def _cell_counts(cell: PivotCell) -> tuple[object, ...]:
    return (*cell.counts, percent(cell.rate.rate, cell.rate.low, cell.rate.high))


def run_agreement(args: Namespace, output: Output) -> int:
    """A judge against an expert."""
    with opened(database_path(args), as_of=args.as_of) as store:
        slice_ = slice_of(store, args, output)
        trust = trusting.measure_trust(
            store, slice_, judge=args.judge, by=args.by, labeler=args.labeler, split=args.split
        )
        seal = sealing.read_seal(store, trust.judge)
        estimate = estimating.estimate(store, slice_, judge=trust.judge, labeler=args.labeler)
        looks = biasing.measure_looks(store, trust)
        marks = explaining.count_marks(store, trust.disagreements, judge=trust.judge)
        inside = slice_ if trust.split == "all" else slice_.with_split(trust.split)
        flips = anchoring.measure_flips(store, inside, judge=trust.judge)
        changes = varying.measure_variants(store, slice_, judge=trust.judge).changes
        known = knowing.measure_known(store, trust.judge)
    if output.json:
        output.document(agreement_shape(trust, seal, estimate, looks, marks, flips, changes, known))
        return 0
    _print_agreement(trust, args.by, output)
    if flips.flipped.n:
        output.line(f"Asked {flips.times} about the same text, it said both pass and fail of {share(flips.flipped)}.")
    for change in changes:
        output.line(f"Variants, {change.name or 'no change named'}: flipped {share(change.flipped)} judged pairs.")
    if known is not None:
        output.line(f"Known answers: passed {share(known.good)} of the good, failed {share(known.bad)} of the bad.")
    _print_seal(seal, output)
    _print_corrected(estimate, output)
    return 0


def _print_agreement(trust: Trust, by: str | None, output: Output) -> None:
    whose = trust.labeler or "everybody"
    output.line(f"Judge {trust.judge} against the labels of {whose}, {trust.split} traces.")
    if trust.category is not None:
        output.line(scope_line(trust))
    if trust.sealed:
        output.line("The test split is sealed until somebody opens it on the page Trust.")
    for group in trust.groups:
        counts = group.counts
        name = "all" if group.value is None else f"{by} = {group.value or '(missing)'}"
        output.line()
        output.line(f"{name}: {counts.n:,} compared")
        output.line(f"  caught failures  {share(group.caught_failures)}")
        output.line(f"  kept passes      {share(group.kept_passes)}")
        output.line(f"  agreement        {share(group.agreement)}")
        output.line(f"  kappa            {'—' if group.kappa is None else f'{group.kappa:.2f}'}")
        output.line(
            f"  both pass {counts.both_pass:,}, both fail {counts.both_fail:,}, "
            f"judge too lenient {counts.judge_too_lenient:,}, judge too strict {counts.judge_too_strict:,}"
        )
    left = [f"{n:,} {LEFT_OUT[name]}" for name, n in trust.left_out._asdict().items() if n]
    left += [f"{n:,} {one_line(why)}" for why, n, _ in trust.left_to_people]
    if left:
        output.line()
        output.line(f"Left out: {', '.join(left)}.")


def _print_seal(seal: Seal, output: Output) -> None:
    if seal.of_judge:
        output.line(f"The test split was opened {len(seal.of_judge):,} times for this judge.")
    if seal.already_seen:
        output.line("This version was made after that: test already seen.")


def _print_corrected(estimate: Estimate, output: Output) -> None:
    found = estimate.corrected
    output.line()
    if estimate.refusal:
        output.line(f"Share of {estimate.subject}: no corrected figure. {estimate.refusal}")
        return
    output.line(f"Share of {estimate.subject}: judge says {share(found.raw)}")
    output.line(f"  corrected        {percent(found.rate, found.low, found.high)}")
    if estimate.sample:
        output.line(f"  In the random sample of {estimate.sample} % that it was run on.")
    if estimate.any_split:
        output.line("  It is of all traffic: a split in the slice does not narrow it.")
    if estimate.overall:
        output.line("  This rests on the judge's errors over all traces, not on those of this slice.")


def run_failures(args: Namespace, output: Output) -> int:
    """Failure categories with their counts, most frequent first."""
    primary = not args.any_mention
    with opened(database_path(args), as_of=args.as_of) as store:
        slice_ = slice_of(store, args, output)
        whole = categorising.count_failures(store, slice_, primary=primary)
        groups = [] if args.by is None else _groups(store, slice_, args.by, primary=primary)
    if output.json:
        shape = failures_shape(whole)
        if args.by is not None:
            shape |= {"by": args.by, "groups": [{"value": value} | failures_shape(group) for value, group in groups]}
        output.document(shape)
        return 0
    _print_failures(whole, output)
    for value, group in groups:
        output.line()
        output.line(f"{args.by} = {value or '(missing)'}")
        _print_failures(group, output)
    return 0


def _groups(store: Store, slice_: Slice, by: str, *, primary: bool) -> list[tuple[str, Failures]]:
    """The same for each value of a dimension that a reviewed trace has."""
    values = pivoting.pivot(store, slice_, rows=by)
    return [
        (cell.row, categorising.count_failures(store, cell.all_slice, primary=primary))
        for cell in values.inner
        if cell.row is not None and cell.counts.judged
    ]


def _print_failures(failures: Failures, output: Output) -> None:
    output.line(
        f"{failures.failed:,} failed of {failures.reviewed:,} reviewed, {failures.uncategorised:,} not sorted yet."
    )
    rows = [
        (row.category.name, row.traces, percent(row.share_of_failed.rate), percent(row.share_of_reviewed.rate))
        for row in failures.rows
        if row.category is not None
    ]
    if rows:
        output.table(("category", "traces", "of failed", "of reviewed"), rows, right="lrrr")
