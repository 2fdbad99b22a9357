"""Bring logs in: recognise the file, read it record by record, store traces, labels and judgments in one transaction."""

import contextlib
import gc
import itertools
import time
from collections.abc import Callable, Generator, Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import NamedTuple

from core.errors import InputError
from core.importers import (
    Extractor,
    Importer,
    Mapping,
    Proposal,
    Record,
    Source,
    detect,
    find_importer,
    propose,
    sources_in,
)
from core.importers import IMPORTERS as FORMATS
from core.model import BadLine, Dimension, Trace
from core.slice import FIELDS
from core.store import imports
from core.store.connection import Store
from core.store.imports import Import, KeptLine
from core.store.ingest import Entry, Ingest, ingest
from core.store.joining import JoinCounts

SAMPLE_RECORDS = 500
BATCH_BYTES = 8_000_000
BATCH_RECORDS = 5_000
MOST_PROBLEMS = 200

__all__ = [
    *("Format", "Import", "ImportOptions", "ImportReport", "Inspection", "KeptLine", "Mapping", "Problem", "Progress"),
    *("Source", "import_sources", "inspect", "list_bad_lines", "list_formats", "list_imports", "recognise", "sources_in"),
]


class Format(NamedTuple):
    """A format that can be read, and what it is recognised by."""

    name: str
    recognised_by: str


class Progress(NamedTuple):
    """How far an import is: records and bytes of this file, and records a second."""

    file: str
    records: int
    bytes_read: int
    size: int | None
    rate: float


class Problem(NamedTuple):
    """Something that was not taken, and why."""

    file: str
    line: int | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """What the user said: a format and mapping in place of the proposed ones, fixed dimensions, or to store nothing."""

    format: str | None = None
    mapping: Mapping | None = None
    mappings: dict[str, Mapping] = field(default_factory=dict[str, Mapping])
    """By name of a file, where files of one import need different ones."""
    dimensions: dict[str, str] = field(default_factory=dict[str, str])
    dry_run: bool = False


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Inspection:
    """What was understood of a file before anything is stored."""

    file: str
    format: str
    proposal: Proposal
    records: int
    """Records looked at, from the beginning of the file."""
    complete: bool
    """True where that was the whole file."""
    bad: list[BadLine]
    traces: list[Trace]
    """The first few as they would be stored."""
    labels: int
    judgments: int


class _DryRunOverError(Exception):
    """Rolls the transaction of a dry run back."""


def list_formats() -> list[Format]:
    """The formats that can be read, in the order they are tried."""
    return [Format(importer.name, importer.recognised_by) for importer in FORMATS]


def recognise(source: Source, format_name: str | None = None) -> Importer:
    """The importer for a file: the named one, or the one that recognises it.

    Raises:
        InputError: the format is not known, or no format fits.
    """
    if format_name:
        return find_importer(format_name)
    found = detect(source.head())
    if found is None:
        raise InputError(
            f"{source.name} was not recognised. It was compared with {len(FORMATS)} formats; none fits.",
            "Choose the format yourself (--format), or write a mapping.",
        )
    return found


def inspect(source: Source, options: ImportOptions | None = None) -> Inspection:
    """Read the beginning of a file, propose a mapping (or apply the given one) and show the first traces."""
    options = options or ImportOptions()
    importer = recognise(source, options.format or (options.mapping.format if options.mapping else None))
    records_path = options.mapping.records if options.mapping else None
    samples, bad, complete = _sample(importer.read(source, records_path))
    proposal = propose(samples, file=source.stem)
    if options.mapping is not None:
        proposal = replace(proposal, mapping=options.mapping)
    mapping = proposal.mapping.with_dimensions(options.dimensions)
    extractor = Extractor(mapping, file=source.stem, folder=source.folder)
    traces: list[Trace] = []
    labels = judgments = 0
    for record in samples:
        got = extractor.extract(record)
        if got.bad:
            bad.append(BadLine(record.line, got.bad, record.raw[:2000]))
        if got.trace is not None:
            traces.append(got.trace)
        labels, judgments = labels + len(got.labels), judgments + len(got.judgments)
    return Inspection(
        file=source.name, format=importer.name, proposal=proposal, records=len(samples) + len(bad), complete=complete,
        bad=bad, traces=traces[:3], labels=labels, judgments=judgments,
    )  # fmt: skip


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
    run = _Run(options, progress)
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
                mapping=run.mapping_text,
                now=datetime.now(UTC).replace(tzinfo=None),
            )
            report = ImportReport(
                import_id=None if options.dry_run else running.import_id,
                files=len(files), formats=run.formats, read=counts.read, added=counts.added,
                unchanged=counts.unchanged, updated=counts.updated, bad=counts.bad, kept_apart=counts.kept_apart,
                labels=_with_bad(counts.labels, run.bad_labels), judgments=counts.judgments,
                problems=run.problems, notes=run.notes,
            )  # fmt: skip
            run.add_unknown_ids(running)
            if options.dry_run:
                raise _DryRunOverError
    except _DryRunOverError:
        pass
    if report is None:
        raise RuntimeError("an import ended without its report")
    if report.kept_apart:
        run.notes.append(
            f"{report.kept_apart} traces had an id that another trace of this import has too; they were kept apart under an extended id."
        )
    return report


def list_imports(store: Store) -> list[Import]:
    """Past imports, newest first."""
    with store.read() as cursor:
        return imports.find_imports(cursor)


def list_bad_lines(store: Store, import_id: int) -> list[KeptLine]:
    """What an import could not read."""
    with store.read() as cursor:
        return imports.find_bad_lines(cursor, import_id)


class _Run:
    """The reading side of one import: which mapping for which file, batches, and what was not taken."""

    def __init__(self, options: ImportOptions, progress: Callable[[Progress], None] | None) -> None:
        self.options = options
        self.progress = progress
        self.formats: dict[str, str] = {}
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self.bad_labels = 0
        self.mapping_text: str | None = options.mapping.to_toml() if options.mapping else None

    def read(self, running: Ingest, source: Source) -> None:
        given = self.options.mappings.get(source.name, self.options.mapping)
        if given is not None:
            self.mapping_text = given.to_toml()
        importer = recognise(source, self.options.format or (given.format if given else None))
        self.formats[source.name] = importer.name
        records_path = given.records if given else None
        mapping = given or self._proposed(importer, source)
        extractor = Extractor(mapping.with_dimensions(self.options.dimensions), file=source.stem, folder=source.folder)
        running.start_file()
        started, seen = time.monotonic(), 0
        for batch in _batches(importer.read(source, records_path)):
            seen += len(batch)
            self._take(running, source.name, extractor, batch)
            if self.progress is not None:
                rate = seen / max(time.monotonic() - started, 1e-6)
                self.progress(Progress(source.name, seen, source.bytes_read, source.size, rate))
        if seen == 0:
            self.notes.append(f"{source.name} has no lines.")

    def _proposed(self, importer: Importer, source: Source) -> Mapping:
        samples, _, _ = _sample(importer.read(source, None))
        proposal = propose(samples, file=source.stem)
        self.notes += [f"{source.name}: {note}" for note in proposal.notes]
        self.mapping_text = proposal.mapping.to_toml()
        return proposal.mapping

    def _take(self, running: Ingest, file: str, extractor: Extractor, batch: list[Record | BadLine]) -> None:
        entries: list[Entry] = []
        bad: list[BadLine] = []
        refused: list[BadLine] = []
        for item in batch:
            if isinstance(item, BadLine):
                bad.append(item)
                continue
            got = extractor.extract(item)
            if got.bad is not None:
                bad.append(BadLine(item.line, got.bad, item.raw[:10_000]))
                continue
            if got.problems:
                refused += [BadLine(item.line, problem, item.raw[:10_000]) for problem in got.problems]
            self.bad_labels += got.bad_labels
            if got.trace is not None:
                got.trace.dimensions = _apart_from_fields(got.trace.dimensions)
            if got.trace is not None or got.labels or got.judgments:
                entries.append(Entry(file, item.line, got.trace, got.labels, got.judgments))
        if entries:
            running.add(entries)
        if bad:
            running.add_bad(file, bad)
        if refused:
            running.add_bad(file, refused, records=False)
        room = MOST_PROBLEMS - len(self.problems)
        self.problems += [Problem(file, line.line, line.reason) for line in (*bad, *refused)[: max(room, 0)]]

    def add_unknown_ids(self, running: Ingest) -> None:
        room = max(MOST_PROBLEMS - len(self.problems), 0)
        self.problems += [Problem(*row) for row in running.unjoined(room)]


@contextlib.contextmanager
def _rare_collections() -> Generator[None]:
    """Half the time of reading a log goes into looking for garbage among records that hold no cycles."""
    usual = gc.get_threshold()
    gc.set_threshold(200_000, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _apart_from_fields(dimensions: tuple[Dimension, ...]) -> tuple[Dimension, ...]:
    """A dimension with the name of a built-in field gets another, since an address could not tell them apart."""
    if not any(name in FIELDS for name, _ in dimensions):
        return dimensions
    return tuple(Dimension(f"{name} (logged)" if name in FIELDS else name, value) for name, value in dimensions)


def _sample(read: Iterator[Record | BadLine]) -> tuple[list[Record], list[BadLine], bool]:
    taken = list(itertools.islice(read, SAMPLE_RECORDS))
    complete = next(read, None) is None
    return [x for x in taken if isinstance(x, Record)], [x for x in taken if isinstance(x, BadLine)], complete


def _batches(read: Iterator[Record | BadLine]) -> Iterator[list[Record | BadLine]]:
    batch: list[Record | BadLine] = []
    size = 0
    for item in read:
        batch.append(item)
        size += len(item.raw)
        if size >= BATCH_BYTES or len(batch) >= BATCH_RECORDS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _with_bad(labels: JoinCounts, refused: int) -> JoinCounts:
    return JoinCounts(labels.read + refused, labels.added, labels.unchanged, labels.bad + refused)
