"""`passfail record` and `align`: bring a spreadsheet back that was exported and changed."""

from argparse import Namespace

from core.cli.database import database_path, opened
from core.cli.output import Output, one_line
from core.importers import Source
from core.workflows.aligning import align
from core.workflows.recording import bring_back

SAID = 20


def run_record(args: Namespace, output: Output) -> int:
    """Take notes and categories from a spreadsheet; in one go, and again adds nothing."""
    with opened(database_path(args)) as store, Source.from_path(args.file) as source:
        taken = bring_back(store, source, by=args.labeler)
    _say("Not taken", taken.bad, output)
    if output.json:
        output.document(
            {
                "read": taken.read, "unchanged": taken.unchanged, "notes": taken.notes, "put": taken.put,
                "taken_out": taken.taken_out, "made": taken.made, "bad": len(taken.bad),
                "problems": _shape(taken.bad),
            }
        )  # fmt: skip
    else:
        output.line(
            f"{taken.read:,} rows read: {taken.notes:,} notes, {taken.put:,} put into a category, "
            f"{taken.taken_out:,} taken out, {len(taken.made):,} categories made, {taken.unchanged:,} rows unchanged, "
            f"{len(taken.bad):,} bad."
        )
    return 1 if args.strict and taken.bad else 0


def run_align(args: Namespace, output: Output) -> int:
    """Take the expert's columns of an alignment spreadsheet as labels; in one go, and again adds nothing."""
    with opened(database_path(args)) as store, Source.from_path(args.file) as source:
        done = align(store, source, judge=args.judge, by=args.labeler)
    _say("Not taken", done.bad, output)
    _say("Ignored", done.ignored, output)
    if output.json:
        judge, _, version = done.judge.rpartition("@")
        output.document(
            {
                "judge": judge, "version": version, "read": done.read, "labels": done.labels, "saw_judge": True,
                "unchanged": done.unchanged, "empty": done.empty, "bad": len(done.bad), "problems": _shape(done.bad),
                "ignored": _shape(done.ignored),
            }
        )  # fmt: skip
    else:
        output.line(
            f"{done.read:,} rows read: {done.labels:,} labels, {done.unchanged:,} rows unchanged, {done.empty:,} without a "
            f"verdict, {len(done.bad):,} bad."
        )
        if done.labels:
            output.line(
                f"They were given in sight of {one_line(done.judge)}: they count as labels, and in no agreement."
            )
    return 1 if args.strict and done.bad else 0


def _say(what: str, notes: list[tuple[int | None, str]], output: Output) -> None:
    for line, reason in notes[:SAID]:
        output.note(f"{what}: {'' if line is None else f'line {line:,}: '}{one_line(reason)}")
    if (rest := len(notes) - SAID) > 0:
        output.note(f"… and {rest:,} more.")


def _shape(notes: list[tuple[int | None, str]]) -> list[dict[str, int | str | None]]:
    return [{"line": line, "reason": reason} for line, reason in notes]
