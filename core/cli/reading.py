"""`passfail traces` and `passfail judge list | show`."""

from argparse import Namespace

from core.cli.database import database_path, opened
from core.cli.output import Output, cut, one_line, percent
from core.cli.shapes import judge_shape, trace_shape
from core.cli.slicing import slice_of
from core.model import Judgment
from core.workflows import exploring, trusting
from core.workflows.categorising import category_names
from core.workflows.exploring import ListedTrace
from core.workflows.pivoting import judge_ref


def run_traces(args: Namespace, output: Output) -> int:
    """The traces of a slice, newest first."""
    with opened(database_path(args), as_of=args.as_of) as store:
        slice_ = slice_of(store, args, output)
        found = exploring.list_traces(store, slice_, limit=args.limit, offset=args.offset, whole=output.json)
    if output.json:
        output.document({"total": found.total, "traces": [trace_shape(trace) for trace in found.traces]})
        return 0
    output.table(
        ("id", "started", "verdict", "judges", "input", "output"),
        [
            (
                t.row.id,
                t.row.started_at,
                "—" if t.label is None else t.label.state.value,
                _judged(t),
                cut(t.row.input, 40),
                cut(t.row.output, 40),
            )
            for t in found.traces
        ],
    )
    last = args.offset + len(found.traces)
    which = f"{args.offset + 1:,}–{last:,} of " if found.traces and len(found.traces) < found.total else ""
    output.line(f"{which}{found.total:,} {'trace' if found.total == 1 else 'traces'}")
    return 0


def _judged(trace: ListedTrace) -> str:
    words = (f"{j.judge}={_verdict(j)}" for j in trace.judgments)
    return cut(" ".join(words), 40) or "—"


def _verdict(judgment: Judgment) -> str:
    if judgment.sealed:
        return "sealed"
    return "failure" if judgment.verdict is None else judgment.verdict.value


def run_judge_list(args: Namespace, output: Output) -> int:
    """All judge versions with their counts."""
    with opened(database_path(args), as_of=args.as_of) as store:
        known, names = trusting.list_judges(store), category_names(store)
    if output.json:
        counts = [
            {
                "judgments": k.judgments,
                "passed": k.passed,
                "failed": k.failed,
                "failures": k.failures,
                "sealed": k.sealed,
            }
            for k in known
        ]
        shapes = [
            {name: value for name, value in judge_shape(k.version, names).items() if name not in ("prompt", "examples")}
            for k in known
        ]
        output.document({"judges": [shape | count for shape, count in zip(shapes, counts, strict=True)]})
    elif not known:
        output.line("No judge yet. Judgments come with an import, or from the page Judge.")
    else:
        rows = [
            (
                k.version.ref,
                k.version.model,
                k.version.source,
                k.judgments,
                k.passed,
                k.failed,
                k.failures,
                percent(k.pass_rate.rate),
            )
            for k in known
        ]
        headers = ("judge", "model", "source", "judgments", "passed", "failed", "no verdict", "pass rate")
        output.table(headers, rows, right="lllrrrrr")
    return 0


def run_judge_show(args: Namespace, output: Output) -> int:
    """One judge version, whole."""
    with opened(database_path(args), as_of=args.as_of) as store:
        known, names = trusting.list_judges(store), category_names(store)
    ref = judge_ref([summary.version.ref for summary in known], args.judge)
    version = next(summary.version for summary in known if summary.version.ref == ref)
    if output.json:
        output.document(judge_shape(version, names))
        return 0
    settings = ", ".join(f"{name} = {value}" for name, value in version.settings.items())
    for name, value in (
        ("judge", version.judge),
        ("version", version.version),
        ("model", version.model or "—"),
        ("settings", settings or "—"),
        ("source", version.source),
        ("looks for", names.get(version.category_id or 0, "every failure" if version.category_id is None else "—")),
        ("examples", ", ".join(version.examples) or "—"),
    ):
        output.line(f"{name:<9} {one_line(value)}")
    output.line(f"{'prompt':<9} {'—' if version.prompt is None else ''}".rstrip())
    for line in (version.prompt or "").splitlines():
        output.line(f"  {one_line(line)}")
    return 0
