"""`passfail report`: the current view as one HTML page or as Markdown."""

from argparse import Namespace
from pathlib import Path

from core.cli.database import database_path, opened
from core.cli.output import Output
from core.cli.slicing import slice_of
from core.errors import InputError, UsageError
from core.workflows.counting import CORRECTED, corrected_judge
from core.workflows.opening import Store
from core.workflows.pivoting import EXPERT
from core.workflows.reporting import Asked, View, make_report
from core.workflows.trusting import find_judge

ENDINGS = {".html": "html", ".htm": "html", ".md": "markdown"}


def run_report(args: Namespace, output: Output) -> int:
    """Write a report to a file, by its ending; Markdown to standard output where none is named."""
    out: Path | None = args.out
    if out is None and output.json:
        raise UsageError("A report to standard output is no JSON document.", "Name a file with --out.")
    kind = "markdown" if out is None else ENDINGS.get(out.suffix.lower())
    if kind is None:
        raise UsageError(f"{out} names no format of a report.", "End it in .html or .md.")
    database = database_path(args)
    with opened(database, as_of=args.as_of) as store:
        slice_ = slice_of(store, args, output)
        report = make_report(store, slice_, view=_view(store, args), min_n=max(1, args.min_n), address=args.address)
    text = report.html() if kind == "html" else report.markdown()
    if out is None:
        output.line(text.rstrip("\n"))
        return 0
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise InputError(
            f"{out.name} cannot be written: {problem.strerror}.", "Check the folder and the permissions."
        ) from problem
    if output.json:
        output.document({"file": out.name, "format": kind, "event": report.event})
    else:
        output.line(f"{out.name} written, of event {report.event:,}.")
    return 0


def _view(store: Store, args: Namespace) -> View:
    """The page that shows the same: Pivot for a table, Trust for a judge, Failures for any mention, else Home."""
    if args.rows is None and (args.cols is not None or args.of != EXPERT):
        raise UsageError("A table in a report needs its rows.", "Name them with --rows.")
    judge = None if args.judge is None else find_judge(store, args.judge)
    if args.by is not None and judge is None:
        raise UsageError("--by is of a judge.", "Name one with --judge.")
    table = None if args.rows is None else Asked(args.rows, args.cols, _whose(store, args.of))
    settings: dict[str, list[str]] = {}
    if table is not None:
        path, said = "pivot", {"rows": table.rows, "cols": table.cols or "none", "of": table.of}
        settings = {name: [value] for name, value in said.items()}
    elif judge is not None:
        path, settings = "trust", {} if args.by is None else {"by": [args.by]}
    elif args.any_mention:
        path, settings = "failures", {"tab": ["counts"], "mode": ["any"]}
    else:
        path = ""
    return View(path=path, settings=settings, judge=judge, table=table, by=args.by, any_mention=args.any_mention)


def _whose(store: Store, of: str) -> str:
    """Whose verdicts a table is of, a judge with its version: the page that the report leads to shows the same later."""
    if of == EXPERT:
        return of
    ref = corrected_judge(store, of)
    return find_judge(store, of) if ref is None else f"{CORRECTED}{ref}"
