"""`passfail record`: bring a spreadsheet of record back."""

from argparse import Namespace

from core.cli.database import database_path, opened
from core.cli.output import Output, one_line
from core.importers import Source
from core.workflows.recording import bring_back

SAID = 20


def run_record(args: Namespace, output: Output) -> int:
    """Take notes and categories from a spreadsheet; in one go, and again adds nothing."""
    with opened(database_path(args)) as store, Source.from_path(args.file) as source:
        taken = bring_back(store, source, by=args.labeler)
    for line, reason in taken.bad[:SAID]:
        output.note(f"Not taken: {'' if line is None else f'line {line:,}: '}{one_line(reason)}")
    if output.json:
        output.document(
            {
                "read": taken.read, "unchanged": taken.unchanged, "notes": taken.notes, "put": taken.put,
                "taken_out": taken.taken_out, "made": taken.made, "bad": len(taken.bad),
                "problems": [{"line": line, "reason": reason} for line, reason in taken.bad],
            }
        )  # fmt: skip
    else:
        output.line(
            f"{taken.read:,} rows read: {taken.notes:,} notes, {taken.put:,} put into a category, "
            f"{taken.taken_out:,} taken out, {len(taken.made):,} categories made, {taken.unchanged:,} rows unchanged, "
            f"{len(taken.bad):,} bad."
        )
    return 1 if args.strict and taken.bad else 0
