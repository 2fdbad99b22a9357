"""The reading side of an import: the importer and mapping of each file, records in batches, what was not taken."""

import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from core.errors import InputError
from core.importers import IMPORTERS, Extractor, Importer, Mapping, Record, Source, detect, find_importer, propose
from core.importers.overlooked import Late, Unfound
from core.model import BadLine
from core.store.ingest import Entry, Ingest

SAMPLE_RECORDS = 500
SAMPLE_BYTES = 16_000_000
"""How much of a file is looked through, after its first records, for a mapping to be proposed."""
BATCH_BYTES = 8_000_000
BATCH_RECORDS = 5_000
MOST_PROBLEMS = 200


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
    mappings: tuple[Mapping, ...] = ()
    """One for each file in their order, where files of one import need different ones."""
    dimensions: dict[str, str] = field(default_factory=dict[str, str])
    dry_run: bool = False


def list_formats() -> list[Format]:
    """The formats that can be read, in the order they are tried."""
    return [Format(importer.name, importer.recognised_by) for importer in IMPORTERS]


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
            f"{source.name} was not recognised. It was compared with {len(IMPORTERS)} formats; none fits.",
            "Choose the format yourself (--format), or write a mapping.",
        )
    return found


class _File(NamedTuple):
    """A file under way: its name as it is stored and as it is shown, and how many traces had an id or none."""

    stored: str
    shown: str
    with_id: Counter[bool]


class Reading:
    """The reading side of one import: which mapping for which file, batches, and what was not taken."""

    def __init__(self, options: ImportOptions, progress: Callable[[Progress], None] | None) -> None:
        self.options = options
        self.progress = progress
        self.formats: dict[str, str] = {}
        """By name of a file, as it is shown."""
        self.problems: list[Problem] = []
        self.notes: list[str] = []
        self.bad_labels = 0
        self.left_empty = 0
        """Times and durations that could not be read; their traces are kept without them."""
        self.of_models: Counter[str] = Counter()
        self.rejoined = 0
        self.unfound = 0
        """Paths of mappings that were given, found in no record of their file."""
        self.beside: list[Mapping] = [options.mapping] if options.mapping else []
        """Mappings that were given, whose outcome and context lines are to be kept."""
        self.used: list[str] = [options.mapping.to_toml()] if options.mapping else []
        """The mapping of each file."""

    def read(self, running: Ingest, source: Source) -> None:
        place = len(self.formats)
        given = self.options.mappings[place] if place < len(self.options.mappings) else self.options.mapping
        if given is not None:
            self.used.append(given.to_toml())
            if given not in self.beside:
                self.beside.append(given)
        importer = recognise(source, self.options.format or (given.format if given else None))
        file = self._named(source)
        at = _File(source.name, file, Counter())
        self.formats[file] = importer.name
        records_path = given.records if given else None
        mapping, overlooked = (given, Unfound(given)) if given else self._proposed(importer, source, file)
        extractor = Extractor(mapping.with_dimensions(self.options.dimensions), file=source.stem, folder=source.folder)
        running.start_file()
        started, seen = time.monotonic(), 0
        for batch in _batches(importer.read(source, records_path)):
            seen += len(batch)
            self._take(running, at, extractor, batch)
            for item in batch:
                if isinstance(item, Record):
                    overlooked.look(item)
            if self.progress is not None:
                rate = seen / max(time.monotonic() - started, 1e-6)
                self.progress(Progress(file, seen, source.bytes_read, source.size, rate))
        if seen == 0:
            self.notes.append(f"{file} has no lines.")
        left = overlooked.notes()
        self.unfound += len(left) if given else 0
        self.notes += [f"{file}: {note}" for note in (*source.notes, *_made_ids(at.with_id), *left)]

    def _named(self, source: Source) -> str:
        """The name of a file as it is shown, with a number where another file of this import has it too."""
        numbers = itertools.count(2)
        name = source.name
        while name in self.formats:
            name = f"{source.name} ({next(numbers)})"
        return name

    def _proposed(self, importer: Importer, source: Source, file: str) -> tuple[Mapping, Late]:
        samples = sample_of(importer.read(source, None))
        proposal = propose(samples, file=source.stem)
        self.notes += [f"{file}: {note}" for note in proposal.notes]
        self.used.append(proposal.mapping.to_toml())
        return proposal.mapping, Late(samples)

    def _take(self, running: Ingest, at: _File, extractor: Extractor, batch: list[Record | BadLine]) -> None:
        entries: list[Entry] = []
        bad: list[BadLine] = []
        refused: list[BadLine] = []
        for item in batch:
            if isinstance(item, BadLine):
                bad.append(item)
                continue
            got = extractor.extract(item)
            if got.bad is not None:
                bad.append(_bad(item, got.bad))
                continue
            if got.problems:
                refused += [_bad(item, problem) for problem in got.problems]
            self.bad_labels += got.bad_labels
            self.left_empty += len(got.problems) - got.bad_labels
            self.of_models.update(got.of_models)
            if got.trace is not None:
                at.with_id[got.trace.id_given] += 1
            if got.trace is not None or got.labels or got.judgments:
                entries.append(Entry(at.stored, item.line, got.trace, got.labels, got.judgments))
        if entries:
            running.add(entries)
        if bad:
            running.add_bad(at.stored, bad)
        if refused:
            running.add_bad(at.stored, refused, records=False)
        room = MOST_PROBLEMS - len(self.problems)
        self.problems += [Problem(at.shown, line.line, line.reason) for line in (*bad, *refused)[: max(room, 0)]]

    def add_models(self) -> None:
        """Say whose labels were kept as judgments."""
        self.notes += [
            f"{n:,} {'label' if n == 1 else 'labels'} by {name[:80]}, a model: kept as verdicts of the judge {name[:80]}, since no "
            "model counts as an expert; its failure categories are not taken."
            for name, n in sorted(self.of_models.items())
        ]

    def add_unknown_ids(self, running: Ingest) -> None:
        room = max(MOST_PROBLEMS - len(self.problems), 0)
        self.problems += [Problem(*row) for row in running.unjoined(room)]


def sample_of(read: Iterator[Record | BadLine]) -> list[Record]:
    """The records that a mapping is proposed from: the first ones, and as many spread over what follows.

    A file may be sorted by its labels, or have them for its last records only. How much is looked through is
    bounded, so that a large file takes hardly longer.
    """
    head = list(itertools.islice(read, SAMPLE_RECORDS))
    spread: list[Record | BadLine] = []
    step, size = 1, 0
    for number, item in enumerate(read):
        if number % step == 0:
            spread.append(item)
        if len(spread) == 2 * SAMPLE_RECORDS:
            spread, step = spread[::2], step * 2
        size += len(item.raw)
        if size >= SAMPLE_BYTES:
            break
    return [item for item in (*head, *spread) if isinstance(item, Record)]


def _bad(record: Record, reason: str) -> BadLine:
    """Why a record or a part of it was not taken; where it stands on no line of its own, the reason has its number."""
    place = f"record {record.position + 1}: " if record.line is None else ""
    return BadLine(record.line, place + reason, record.raw[:10_000])


def _made_ids(with_id: Counter[bool]) -> Iterator[str]:
    without, traces = with_id[False], with_id.total()
    if without:
        which = "the traces have no id" if without == traces else f"{without:,} of {traces:,} traces have no id"
        yield f"{which}: a stable one was made from the content of each."


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
