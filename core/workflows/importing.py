"""Bring logs in: files are read record by record; traces, labels and judgments are stored in one transaction."""

import contextlib
import gc
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from core.importers import Mapping, Source, sources_in
from core.store import imports
from core.store.connection import Store
from core.store.imports import Import, KeptLine
from core.store.ingest import ingest
from core.store.joining import JoinCounts
from core.workflows.alerting import watch
from core.workflows.reading import Format, ImportOptions, Problem, Progress, Reading, list_formats, recognise
from core.workflows.setting_outcomes import keep_mapped
from core.workflows.splitting import recheck_import

__all__ = [
    "Format",
    "Import",
    "ImportOptions",
    "ImportReport",
    "KeptLine",
    "Mapping",
    "Problem",
    "Progress",
    "Source",
    "import_sources",
    "list_bad_lines",
    "list_formats",
    "list_imports",
    "recognise",
    "sources_in",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did; `read == added + unchanged + updated + bad`, always."""

    import_id: int | None
    """None for a dry run."""
    files: int
    formats: dict[str, str]
    read: int
    added: int
    unchanged: int
    updated: int
    bad: int
    kept_apart: int
    labels: JoinCounts
    judgments: JoinCounts
    problems: list[Problem]
    notes: list[str]
    left_empty: int
    """Times and durations that could not be read; their traces are kept without them."""
    unfound: int
    """Paths of the mapping that were given and found in no record of a file."""


class _DryRunOverError(Exception):
    """Rolls the transaction of a dry run back."""


def import_sources(
    store: Store,
    sources: Iterable[Source],
    options: ImportOptions | None = None,
    *,
    progress: Callable[[Progress], None] | None = None,
) -> ImportReport:
    """Import files in one transaction; a progress callback that raises cancels the import and nothing is stored.

    Each source is read before the next one is asked for, so that an iterator may open one file at a time.

    Raises:
        InputError: a file cannot be opened or is not recognised; nothing was stored.
    """
    options = options or ImportOptions()
    run = Reading(options, progress)
    report: ImportReport | None = None
    try:
        with _rare_collections(), ingest(store) as running:
            files: list[str] = []
            for source in sources:
                run.read(running, source)
                files.append(source.name)
            counts = running.finish(
                files=files,
                format_name=", ".join(dict.fromkeys(run.formats.values())) or None,
                mapping=imports.joined(run.used),
                now=datetime.now(UTC).replace(tzinfo=None),
            )
            report = ImportReport(
                import_id=None if options.dry_run else running.import_id,
                files=len(files), formats=run.formats, read=counts.read, added=counts.added,
                unchanged=counts.unchanged, updated=counts.updated, bad=counts.bad, kept_apart=counts.kept_apart,
                labels=_with_bad(counts.labels, run.bad_labels), judgments=counts.judgments,
                problems=run.problems, notes=run.notes, left_empty=run.left_empty,
                unfound=run.unfound,
            )  # fmt: skip
            run.rejoined = counts.rejoined
            if counts.rejoined:
                run.notes.append(
                    f"{counts.rejoined} labels and other events of these traces are back from the journal."
                )
            run.add_models()
            run.add_unknown_ids(running)
            if options.dry_run:
                raise _DryRunOverError
            with store.read() as newest:
                twins = recheck_import(running.cursor, newest, running.import_id)
            if twins:
                run.notes.append(
                    f"{twins} labelled traces became twins of traces in another split; they are used in no split any more."
                )
    except _DryRunOverError:
        pass
    if report is None:
        raise RuntimeError("an import ended without its report")
    if report.kept_apart:
        run.notes.append(
            f"{report.kept_apart} traces had an id that another trace of this import has too;"
            " they were kept apart under an extended id."
        )
    if not options.dry_run:
        run.notes += keep_mapped(store, run.beside)
        run.notes += [
            f"Alert: {alert.rule.broken_words}; {alert.rate.k} of {alert.rate.n} failed." for alert in watch(store)
        ]
    return report


def list_imports(store: Store) -> list[Import]:
    """Past imports, newest first."""
    with store.read() as cursor:
        return imports.find_imports(cursor)


def list_bad_lines(store: Store, import_id: int) -> list[KeptLine]:
    """What an import could not read."""
    with store.read() as cursor:
        return imports.find_bad_lines(cursor, import_id)


@contextlib.contextmanager
def _rare_collections() -> Generator[None]:
    """Half the time of reading a log goes into looking for garbage among records that hold no cycles."""
    usual = gc.get_threshold()
    gc.set_threshold(200_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _with_bad(labels: JoinCounts, refused: int) -> JoinCounts:
    return JoinCounts(labels.read + refused, labels.added, labels.unchanged, labels.bad + refused)
