"""`passfail import` and `passfail formats`."""

import contextlib
import signal
import sys
import threading
import time
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.cli.database import database_path, opened
from core.cli.output import Output, one_line
from core.cli.shapes import empty_import_shape, import_shape
from core.cli.slicing import split_pair
from core.errors import AppError, InputError
from core.workflows import importing
from core.workflows.importing import ImportOptions, ImportReport, Mapping, Progress, Source
from core.workflows.opening import IN_MEMORY

STOPPED = 130
STANDARD_INPUT = "-"
SAID = 20
"""Problems that are written out; the rest is counted."""


def run_formats(_: Namespace, output: Output) -> int:
    """The formats that can be read."""
    formats = importing.list_formats()
    if output.json:
        output.document({"formats": [{"name": f.name, "recognised_by": f.recognised_by} for f in formats]})
    else:
        output.table(("format", "recognised by"), formats)
    return 0


def run_import(args: Namespace, output: Output) -> int:
    """Bring files in; in one transaction, so that an import is whole or did not happen."""
    try:
        return _import(args, output)
    except AppError as problem:
        return output.refuse(problem, **empty_import_shape(len(args.files)))


def _import(args: Namespace, output: Output) -> int:
    options = ImportOptions(
        format=args.format,
        mapping=mapping_of(args.mapping),
        dimensions=dict(split_pair(words, "--dimension") for words in args.dimension),
        dry_run=args.dry_run,
    )
    paths, skipped = _paths(args.files, options, output)
    path = database_path(args)
    dry_on_nothing = options.dry_run and not path.exists()
    with contextlib.ExitStack() as held:
        sources = _sources(paths, held)
        progress = held.enter_context(_Progress(output))
        store = held.enter_context(opened(IN_MEMORY if dry_on_nothing else path, create=True))
        try:
            report = importing.import_sources(store, sources, options, progress=progress)
        except StoppedError:
            output.note("Stopped. Nothing was stored.")
            return STOPPED
    _say(report, skipped, options, output)
    refused = report.bad or report.labels.bad or report.judgments.bad or report.left_empty or report.unfound or skipped
    return 1 if args.strict and refused else 0


def mapping_of(path: Path | None) -> Mapping | None:
    """The mapping in a file, or None where none is named.

    Raises:
        InputError: it cannot be read, or is no mapping.
    """
    if path is None:
        return None
    try:
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as problem:
        reason = problem.strerror if isinstance(problem, OSError) else "it is no UTF-8 text"
        raise InputError(
            f"The mapping {path.name} cannot be read: {reason}.", "Check the name and the permissions."
        ) from problem
    return Mapping.from_toml(text)


def _paths(files: list[str], options: ImportOptions, output: Output) -> tuple[list[str | Path], list[str]]:
    """What to read, each recognised before anything is stored; in a folder, what no format fits is left out."""
    found: list[str | Path] = []
    skipped: list[str] = []
    for name in dict.fromkeys(files):
        if name == STANDARD_INPUT:
            found.append(name)
            continue
        path = Path(name)
        for inside in importing.sources_in(path):
            try:
                with Source.from_path(inside) as source:
                    importing.recognise(source, options.format or (options.mapping.format if options.mapping else None))
                found.append(inside)
            except InputError as problem:
                if not path.is_dir():
                    raise
                skipped.append(inside.name)
                output.note(f"Left out: {one_line(problem.message)}")
    if not found:
        raise InputError("There is no file to import.", "Name files, or a folder that holds logs.")
    return found, skipped


def _sources(paths: list[str | Path], held: contextlib.ExitStack) -> Iterator[Source]:
    """One open file at a time; standard input is read to its end first."""
    if STANDARD_INPUT not in paths:
        return _opened(paths, {})
    source = held.enter_context(Source.from_stream("standard input", sys.stdin.buffer))
    return _opened(paths, {STANDARD_INPUT: source})


def _opened(paths: list[str | Path], ready: dict[str | Path, Source]) -> Iterator[Source]:
    for path in paths:
        if path in ready:
            yield ready[path]
            continue
        with Source.from_path(path) as source:
            yield source


class StoppedError(Exception):
    """Ctrl+C was pressed; raised between two batches, where an import can be cut short."""


class _Progress:
    """One line on stderr, rewritten on a terminal, else repeated every few seconds; stops the import at Ctrl+C.

    DuckDB and Arrow import pandas when they first need it and swallow an interrupt there, with the interpreter's
    import lock still held. The first Ctrl+C therefore only asks to stop; the second one ends the process, which is
    as safe as any crash.
    """

    def __init__(self, output: Output) -> None:
        self._output = output
        self._terminal = sys.stderr.isatty()
        self._every = 0.2 if self._terminal else 5.0
        self._last = time.monotonic()
        self._stopping = False
        self._former: Any = None

    def __enter__(self) -> "_Progress":
        if threading.current_thread() is threading.main_thread() and signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
            self._former = signal.signal(signal.SIGINT, self._stop)
        return self

    def __exit__(self, *_: object) -> None:
        if self._former is not None:
            signal.signal(signal.SIGINT, self._former)
        if self._terminal:
            sys.stderr.write("\r\x1b[K")

    def __call__(self, at: Progress) -> None:
        if self._stopping:
            raise StoppedError
        now = time.monotonic()
        if now - self._last < self._every:
            return
        self._last = now
        of = "" if at.size is None else f" of {at.size / 1e6:,.1f}"
        words = f"{one_line(at.file)}: {at.records:,} rows, {at.bytes_read / 1e6:,.1f}{of} MB, {at.rate:,.0f} rows/s"
        if self._terminal:
            sys.stderr.write(f"\r\x1b[K{words}")
            sys.stderr.flush()
        else:
            self._output.note(words)

    def _stop(self, *_: object) -> None:
        self._stopping = True
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def _say(report: ImportReport, skipped: list[str], options: ImportOptions, output: Output) -> None:
    for problem in report.problems[:SAID]:
        place = "" if problem.line is None else f", line {problem.line:,}"
        output.note(f"Not taken: {one_line(problem.file)}{place}: {one_line(problem.reason)}")
    if (rest := len(report.problems) - SAID) > 0:
        output.note(f"… and at least {rest:,} more; they are kept with their reasons in the database.")
    for note in report.notes:
        output.note(one_line(note))
    if output.json:
        shape = import_shape(report)
        reason = "not recognised, left out"
        shape["problems"] += [{"file": name, "line": None, "reason": reason} for name in skipped]
        output.document(shape)
        return
    formats = ", ".join(dict.fromkeys(report.formats.values()))
    files = f"{report.files:,} {'file' if report.files == 1 else 'files'} ({formats})"
    taken = report.added + report.updated + report.labels.added + report.judgments.added
    if taken:
        output.line(f"{'Would store' if options.dry_run else 'Stored'} {files}.")
    else:
        output.line(f"Nothing new in {files}." if report.unchanged else f"Nothing could be stored of {files}.")
    output.line(
        f"traces     {report.read:,} read: {report.added:,} new, {report.unchanged:,} unchanged, "
        f"{report.updated:,} updated, {report.bad:,} bad"
    )
    for name, counts in (("labels", report.labels), ("judgments", report.judgments)):
        if counts.read:
            failures = f", {counts.failures:,} judge failures" if counts.failures else ""
            output.line(
                f"{name:<9}  {counts.read:,} read: {counts.added:,} new, {counts.unchanged:,} unchanged, "
                f"{counts.bad:,} bad{failures}"
            )
