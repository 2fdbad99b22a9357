"""`passfail report`: the current view as one HTML page or as Markdown."""

from argparse import Namespace
from pathlib import Path

from core.cli.database import database_path, opened
from core.cli.output import Output
from core.cli.slicing import slice_of
from core.errors import InputError, UsageError
from core.workflows.reporting import make_report

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
        report = make_report(store, slice_of(store, args, output), min_n=max(1, args.min_n), address=args.address)
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
