"""`passfail watch`: import what is put into a folder, until it is told to stop."""

import time
from argparse import Namespace
from pathlib import Path

from core.cli.database import database_path, opened
from core.cli.importing import mapping_of
from core.cli.output import Output, one_line
from core.cli.slicing import split_pair
from core.errors import UsageError
from core.workflows.importing import ImportOptions
from core.workflows.watching import FolderWatch, Taken


def options_of(args: Namespace) -> ImportOptions:
    """What the user said of the files: a format, a mapping, fixed dimensions."""
    return ImportOptions(
        format=args.format,
        mapping=mapping_of(args.mapping),
        dimensions=dict(split_pair(words, "--dimension") for words in args.dimension),
    )


def run_watch(args: Namespace, output: Output) -> int:
    """Look at the folder again and again; with --once a single time, and end with 1 where a file was not taken."""
    if output.json and not args.once:
        raise UsageError("A watch that goes on writes no JSON document.", "Add --once, or leave --json out.")
    folder: Path = args.folder
    watch = FolderWatch(folder, options_of(args))
    with opened(database_path(args), create=True) as store:
        if args.once:
            taken = watch.look(store, all_of_it=True)
            _say(taken, output)
            return 1 if any(one.problem for one in taken) else 0
        output.note(f"Watching {folder.name}, every {args.every:g} s (Ctrl+C ends it).")
        while True:
            _say(watch.look(store), output)
            time.sleep(args.every)


def _say(taken: list[Taken], output: Output) -> None:
    if output.json:
        output.document({"files": [one._asdict() for one in taken]})
        return
    for one in taken:
        said = one.problem or f"{one.added:,} new, {one.updated:,} updated, {one.bad:,} bad"
        output.line(f"{one_line(one.file)}: {one_line(said)}")
