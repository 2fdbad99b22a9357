"""`passfail label`, `passfail export`, `passfail backup`, `passfail restore` and `passfail doctor`."""

import sys
from argparse import Namespace
from pathlib import Path
from typing import BinaryIO

from core.cli.database import database_path, opened
from core.cli.output import Output, one_line
from core.cli.parser import PIVOT
from core.cli.slicing import slice_of
from core.errors import InputError, UsageError
from core.model import LabelState
from core.slice import Slice
from core.workflows import exporting, maintaining, opening, reviewing
from core.workflows.exporting import Export
from core.workflows.exporting_pivot import export_pivot
from core.workflows.opening import Store
from core.workflows.pivoting import EXPERT

STATES = {"pass": LabelState.PASS, "fail": LabelState.FAIL, "defer": LabelState.DEFERRED}


def run_label(args: Namespace, output: Output) -> int:
    """Judge one trace."""
    state = STATES[args.label]
    with opened(database_path(args)) as store:
        event = reviewing.record_label(
            store,
            trace_id=args.trace_id,
            state=state,
            labeler=args.labeler,
            critique=args.critique,
            category_names=tuple(args.category),
        )
    if output.json:
        output.document({"trace": args.trace_id, "verdict": state.value, "event": str(event)})
    else:
        output.line(f"{one_line(args.trace_id)}: {state.value} by {one_line(args.labeler)}, event {event}.")
    return 0


def run_export(args: Namespace, output: Output) -> int:
    """Write a slice to a file or to standard output."""
    out: Path | None = args.out
    format_name: str = args.format or _by_ending(out)
    if out is None:
        _check_standard_output(format_name, output)
    database = database_path(args)
    if out is not None and out.exists() and database.exists() and out.samefile(database):
        raise UsageError(f"{out.name} is the database itself.", "Name another file with --out.")
    with opened(database, as_of=args.as_of) as store:
        ready = _ready(store, args, slice_of(store, args, output), format_name)
        if out is None:
            ready.write(sys.stdout.buffer)
            return 0
        rows = _write_file(ready, out)
    if output.json:
        output.document({"what": args.what, "format": format_name, "file": out.name, "rows": rows})
    else:
        output.line(f"{rows:,} {args.what} written to {out.name}.")
    return 0


def _ready(store: Store, args: Namespace, slice_: Slice, format_name: str) -> Export:
    """What is written; a pivot has options of its own.

    Raises:
        UsageError: an option that belongs to another export, or a pivot without rows.
    """
    if args.what != PIVOT:
        if args.rows or args.cols or args.of:
            raise UsageError("--rows, --cols and --of are for `export pivot`.", f"Leave them out for {args.what}.")
        return exporting.export(store, args.what, slice_, format_name, history=args.history, judge=args.judge)
    if not args.rows or args.history or args.judge:
        raise UsageError(
            "A pivot is exported by its rows.", "Give --rows DIM; --history is for labels, --judge for the alignment."
        )
    return export_pivot(store, slice_, format_name, rows=args.rows, cols=args.cols, of=args.of or EXPERT)


def _by_ending(out: Path | None) -> str:
    ending = "" if out is None else out.suffix.lower().removeprefix(".")
    return ending if ending in exporting.FORMATS else "csv"


def _check_standard_output(format_name: str, output: Output) -> None:
    if output.json:
        raise UsageError(
            "An export to standard output is no JSON document.", "Name a file with --out, or leave --json out."
        )
    if format_name not in exporting.TEXT_FORMATS and sys.stdout.isatty():
        raise UsageError(f"A file of format {format_name} cannot be shown on a terminal.", "Name a file with --out.")


def _write_file(ready: Export, out: Path) -> int:
    """Under another name first, so that a file is whole or not there."""
    partial = out.with_name(f"{out.name}.partial")
    try:
        with partial.open("wb") as stream:
            rows = _written(ready, stream)
        partial.replace(out)
    except OSError as problem:
        raise InputError(
            f"{out.name} cannot be written: {problem.strerror or problem}.",
            "Check the folder, the permissions and the free space.",
        ) from problem
    finally:
        partial.unlink(missing_ok=True)
    return rows


def _written(ready: Export, stream: BinaryIO) -> int:
    rows = ready.write(stream)
    stream.flush()
    return rows


def run_backup(args: Namespace, output: Output) -> int:
    """Copy the database to a new file."""
    with opened(database_path(args)) as store:
        backup = maintaining.back_up(store, args.file)
    if output.json:
        output.document({"file": backup.file, "bytes": backup.size, "counts": backup.counts})
    else:
        output.line(f"{backup.file} written ({backup.size / 1e6:,.1f} MB, {backup.counts.get('traces', 0):,} traces).")
    return 0


def run_restore(args: Namespace, output: Output) -> int:
    """Bring a backup back."""
    database = database_path(args)
    restored = maintaining.restore(database, args.file)
    if output.json:
        kept = None if restored.kept is None else restored.kept.name
        output.document({"file": args.file.name, "database": database.name, "kept": kept, "counts": restored.counts})
        return 0
    output.line(f"{database.name} now holds {restored.counts.get('traces', 0):,} traces from {args.file.name}.")
    if restored.kept is not None:
        output.line(f"What was there is kept in {restored.kept.name}.")
    return 0


def run_doctor(args: Namespace, output: Output) -> int:
    """Check the database; ends with 1 where something is wrong."""
    path = database_path(args)
    with opened(path) as store:
        found = maintaining.examine(store)
        notes = [*opening.told(store), *([found.twins] if found.twins else [])]
    journal = found.journal
    kept = None if journal is None else {"file": journal.file, "lines": journal.lines, "head": journal.head}
    health = found.health
    if output.json:
        output.document(
            {
                "database": path.name,
                "ok": health.faults == 0,
                "schema": found.schema,
                "newest_schema": found.newest_schema,
                "storage_version": health.storage_version,
                "counts": health.counts,
                "journal": kept,
                "notes": notes,
                "checks": [
                    {"name": check.name, "ok": check.faults == 0, "faults": check.faults, "examples": check.examples}
                    for check in health.checks
                ],
            }
        )
        return 1 if health.faults else 0
    storage = health.storage_version or "unknown"
    output.line(f"{path.name}: schema {found.schema} of {found.newest_schema}, DuckDB storage {storage}")
    output.table(("", ""), [(name, n) for name, n in health.counts.items()], right="lr")
    if journal is not None:
        output.line(f"{journal.file}: {journal.lines:,} lines, the last one {journal.head[:12]}")
    for check in health.checks:
        if check.faults:
            output.line(f"WRONG  {check.name}: {check.faults:,} faults, for example {one_line(check.examples)}")
    if found.twins:
        output.line(f"NOTE   {one_line(found.twins)}")
    good = sum(check.faults == 0 for check in health.checks)
    output.line(f"{good} of {len(health.checks)} checks passed.")
    return 1 if health.faults else 0
