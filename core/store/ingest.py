"""One import in one transaction: traces in batches, then the labels and judgments that came with them.

Rows go in as Arrow tables, written by a second thread while the next batch is read. Nothing is visible before
`finish`, and nothing is left when the block is cut short.
"""

import contextlib
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import pyarrow as pa

from core.model import BadLine, JudgmentRow, LabelRow, Trace
from core.store.columns import BAD_LINES, STAGED_JUDGMENTS, STAGED_LABELS, TRACE_COLUMNS, table
from core.store.connection import Cursor, Store, one
from core.store.encoding import content_hash, encode, made_id, record_hash
from core.store.joining import NO_VERDICT, UNKNOWN_ID, JoinCounts, join_judgments, join_labels, stage

ID, RECORD_HASH, VALUE_IDS, SLOTS = 1, 13, 15, 16
SEVERAL = -1
FIND_HELD = "select id, trace_key, record_hash from traces where id in (select unnest(?))"
KEEP_FORMER = """insert into trace_history by name
    select *, ?::bigint as replaced_by_import from traces where trace_key in (select unnest(?))"""

UNJOINED = """select file, line, reason from bad_lines
    where import_id = ? and (starts_with(reason, ?) or starts_with(reason, ?)) order by file, line limit ?"""


class Entry(NamedTuple):
    """One record of a file with all that it brought."""

    file: str
    line: int | None
    trace: Trace | None
    labels: Sequence[LabelRow]
    judgments: Sequence[JudgmentRow]


@dataclass(slots=True, kw_only=True)
class IngestCounts:
    """What an import did; `read == added + unchanged + updated + bad`."""

    read: int = 0
    added: int = 0
    unchanged: int = 0
    updated: int = 0
    bad: int = 0
    labels: JoinCounts = field(default_factory=JoinCounts)
    judgments: JoinCounts = field(default_factory=JoinCounts)
    kept_apart: int = 0
    """Traces whose id stood before another content in the same import and was extended."""
    rejoined: int = 0
    """What people had said of these traces in a database that was lost, back from the journal."""


class Ingest:
    """The import under way; use it through `ingest(store)`."""

    def __init__(self, store: Store, cursor: Cursor, held: contextlib.ExitStack) -> None:
        self._store, self._cursor, self._held = store, cursor, held
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="ingest")
        self._pending: Future[None] | None = None
        with store.read() as reader:
            self.import_id = one(reader, "select coalesce(max(import_id), 0) + 1 from imports")
            self._next_key = one(reader, "select coalesce(max(trace_key), 0) + 1 from traces")
            self._holds_traces = self._next_key > 1
            known = reader.execute("select name, value, value_id from dimension_values").fetchall()
        self._values: dict[tuple[str, str], int] = {(name, value): i for name, value, i in known}
        self._slots: dict[str, int] = {}
        for name, _, _ in sorted(known, key=lambda held: held[2]):
            self._slots.setdefault(name, len(self._slots))
        self._new_values: list[tuple[int, str, str]] = []
        self._seen: dict[str, int] = {}
        self._made: dict[str, int] = {}
        self._order = 0
        self.counts = IngestCounts()

    @property
    def cursor(self) -> Cursor:
        """The transaction that everything of this import is written in."""
        return self._cursor

    def start_file(self) -> None:
        """Occurrence numbers of records without an id begin anew with each file."""
        self._made.clear()

    def add(self, entries: Sequence[Entry]) -> None:
        """Take a batch of records; it is written while the caller reads the next one."""
        rows: list[tuple[Any, ...]] = []
        dimensions: list[tuple[tuple[str, str], ...]] = []
        for entry in entries:
            if entry.trace is not None and (row := self._row(entry, entry.trace)) is not None:
                rows.append(row)
                dimensions.append(entry.trace.dimensions)
        replaced = self._settle(rows, dimensions)
        for row, named in zip(rows, dimensions, strict=True):
            self._place(named, row[VALUE_IDS], row[SLOTS])
        traces = table(rows, TRACE_COLUMNS)
        values, self._new_values = self._new_values, []
        labels, judgments = self._staged(entries)
        self._wait()
        self._pending = self._writer.submit(self._write, traces, values, labels, judgments, replaced)

    def add_bad(self, file: str, lines: Sequence[BadLine], *, records: bool = True) -> None:
        """Keep what could not be read, with its raw text; not `records`: labels whose traces are counted elsewhere."""
        if records:
            self.counts.read += len(lines)
            self.counts.bad += len(lines)
        lines_table = table([(self.import_id, file, *line) for line in lines], BAD_LINES)
        self._wait()
        self._pending = self._writer.submit(self._append, lines_table, "bad_lines")

    def finish(self, *, files: list[str], format_name: str | None, mapping: str | None, now: datetime) -> IngestCounts:
        """Join labels and judgments to their traces and record the import; the caller's block then commits."""
        self._wait()
        self._held.enter_context(self._store.writing())  # let go after the commit
        counts = self.counts
        if self._store.journal is not None:
            counts.rejoined = self._store.journal.rejoin(self._cursor)
        with self._store.read() as newest:
            counts.judgments = join_judgments(self._cursor, self.import_id, newest)
            counts.labels = join_labels(self._cursor, self.import_id, now, newest)
        self._cursor.execute(
            "insert into imports values (?, nextval('event_number'), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [self.import_id, now, files, format_name, mapping, counts.read, counts.added, counts.unchanged,
             counts.updated, counts.bad, counts.labels.added, counts.judgments.added],
        )  # fmt: skip
        return counts

    def unjoined(self, most: int) -> list[tuple[str, int | None, str]]:
        """The file, line and reason of labels and judgments that found no trace or no verdict to refer to."""
        return self._cursor.execute(UNJOINED, [self.import_id, UNKNOWN_ID, NO_VERDICT, most]).fetchall()

    def close(self) -> None:
        """Let the writing thread end, whatever became of its last batch."""
        if self._pending is not None:
            with contextlib.suppress(Exception):
                self._pending.result()
        self._writer.shutdown()

    def _row(self, entry: Entry, trace: Trace) -> tuple[Any, ...] | None:
        self.counts.read += 1
        if not trace.id_given:
            made = made_id(trace)
            again = self._made[made] = self._made.get(made, 0) + 1
            trace.id = made if again == 1 else f"{made}-{again}"
        text, layout = encode(trace)
        content = content_hash(text, layout)
        mark = record_hash(trace, content)
        first = self._seen.get(trace.id)
        repeated = first == mark
        if first is not None and not repeated:
            trace.id = f"{trace.id}~{mark:016x}"
            repeated = trace.id in self._seen
            self.counts.kept_apart += not repeated
        self._seen[trace.id] = mark
        for row in (*entry.labels, *entry.judgments):
            row.trace_id = trace.id
        if repeated:
            self.counts.unchanged += 1
            return None
        calls = sum(len(message.tool_calls) for message in trace.messages)
        return (
            0, trace.id, trace.session, trace.started_at, trace.model, entry.file, trace.error, trace.origin,
            trace.duration_ms, len(trace.messages), calls, len(text), content, mark,
            self.import_id, [], [], trace.input, trace.output, layout, text, trace.record,
        )  # fmt: skip

    def _settle(self, rows: list[tuple[Any, ...]], dimensions: list[tuple[Any, ...]]) -> list[int]:
        """Give each row its key, drop what is unchanged, and return the keys of what is replaced."""
        held: dict[str, tuple[int, int]] = {}
        if self._holds_traces and rows:
            with self._store.read() as reader:
                found = reader.execute(FIND_HELD, [[row[ID] for row in rows]]).fetchall()
            held = {trace_id: (key, mark) for trace_id, key, mark in found}
        replaced: list[int] = []
        kept = 0
        for row, pairs in zip(list(rows), list(dimensions), strict=True):
            key, mark = held.get(row[ID], (None, None))
            if key is not None and mark == row[RECORD_HASH]:
                self.counts.unchanged += 1
                continue
            if key is None:
                key, self._next_key = self._next_key, self._next_key + 1
                self.counts.added += 1
            else:
                replaced.append(key)
                self.counts.updated += 1
            rows[kept], dimensions[kept] = (key, *row[1:]), pairs
            kept += 1
        del rows[kept:], dimensions[kept:]
        return replaced

    def _place(self, named: Sequence[tuple[str, str]], value_ids: list[int], slots: list[int | None]) -> None:
        for pair in dict.fromkeys(named):
            known = self._values.get(pair)
            if known is None:
                known = self._values[pair] = len(self._values) + 1
                self._new_values.append((known, *pair))
            value_ids.append(known)
            slot = self._slots.setdefault(pair[0], len(self._slots))
            slots.extend([None] * (slot + 1 - len(slots)))
            slots[slot] = known if slots[slot] is None else SEVERAL

    def _staged(self, entries: Sequence[Entry]) -> tuple[pa.Table, pa.Table]:
        labels: list[tuple[Any, ...]] = []
        judgments: list[tuple[Any, ...]] = []
        for file, line, trace, label_rows, judgment_rows in entries:
            whole = trace is not None
            for x in label_rows:
                self._order += 1
                labels.append((self._order, file, line, x.trace_id, x.labeler, x.state.value, x.critique,
                               list(x.categories), x.saw_judge, x.at, x.relative_to, whole))  # fmt: skip
            for x in judgment_rows:
                self._order += 1
                passed = None if x.verdict is None else x.verdict.value == "pass"
                judgments.append(
                    (
                        self._order,
                        file,
                        line,
                        x.trace_id,
                        x.judge,
                        x.version,
                        passed,
                        x.failure,
                        x.critique,
                        x.at,
                        whole,
                    )
                )
        return table(labels, STAGED_LABELS), table(judgments, STAGED_JUDGMENTS)

    def _wait(self) -> None:
        if self._pending is not None:
            self._pending.result()
            self._pending = None

    def _append(self, added: pa.Table, name: str) -> None:
        if added.num_rows:
            self._cursor.from_arrow(added).insert_into(name)

    def _write(
        self,
        traces: pa.Table,
        values: list[tuple[int, str, str]],
        labels: pa.Table,
        judgments: pa.Table,
        replaced: list[int],
    ) -> None:
        if replaced:
            self._cursor.execute(KEEP_FORMER, [self.import_id, replaced])
            self._cursor.execute("delete from trace_dimensions where trace_key in (select unnest(?))", [replaced])
            self._cursor.execute("delete from traces where trace_key in (select unnest(?))", [replaced])
        self._append(traces, "traces")
        if traces.num_rows:
            named = self._cursor.from_arrow(traces.select(["trace_key", "value_ids"]))
            named.project("trace_key, unnest(value_ids)").insert_into("trace_dimensions")
        if values:
            self._cursor.executemany("insert into dimension_values values (?, ?, ?)", values)
        self._append(labels, "staged_labels")
        self._append(judgments, "staged_judgments")


@contextlib.contextmanager
def ingest(store: Store) -> Generator[Ingest]:
    """An import in one transaction: committed when the block ends, gone without a trace when it raises."""
    with store.import_lock, contextlib.ExitStack() as held, store.transaction() as cursor:
        stage(cursor)
        running = Ingest(store, cursor, held)
        try:
            yield running
        finally:
            running.close()
