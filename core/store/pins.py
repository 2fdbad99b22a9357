"""A store as it was right after one event: every reading of it sees what was there then, and nothing can be written.

A cursor of it looks at another schema, kept in memory: views of the same names as the tables, which hold the rows up to
the event that a variable of the cursor names. Readers of the newest data pay nothing for it. Which rows those are is
told by a column: the number of the event, else of the queue, trace, import or value a row belongs to, all of which are
numbered in the order in which they came. A trace that a later import changed is taken from the history of traces.
"""

import contextlib
import threading
from collections.abc import Generator, Sequence
from datetime import datetime
from typing import NamedTuple, NoReturn

import duckdb

from core.errors import UsageError
from core.store.connection import Cursor, Store, one
from core.store.maintenance import NUMBERED

TABLES = """select table_name, list(column_name) from duckdb_columns() join duckdb_tables() using (database_name, table_name)
    where database_name = 'passfail' group by table_name order by table_name"""
VIEWS = "select view_name, sql from duckdb_views() where database_name = 'passfail' and not internal order by view_name"

LAST_IMPORT = "select max(import_id) from imports where event <= ?"
LAST_TRACE = """select max(trace_key) from (
    select trace_key from traces where import_id <= ? union all select trace_key from trace_history where import_id <= ?)"""
FORMER = """from passfail.main.trace_history
    where value_ids is not null and import_id <= getvariable('import_id') and replaced_by_import > getvariable('import_id')"""
"""The traces that a later import changed, as they were: one row of each."""
UNCHANGED = f"trace_key <= getvariable('trace_key') and trace_key not in (select trace_key {FORMER})"
AS_IT_WAS = {
    "traces": "select {columns} from passfail.main.traces where {unchanged} union all select {columns} {former}",
    "trace_dimensions": """select {columns} from passfail.main.trace_dimensions where {unchanged}
        union all select trace_key, unnest(value_ids) {former}""",
    "trace_history": "select {columns} from passfail.main.trace_history where replaced_by_import <= getvariable('import_id')",
}
"""Tables whose rows an import replaces."""
LAST_VALUE = """with former as (
        select trace_key, value_ids from trace_history
        where value_ids is not null and import_id <= $import and replaced_by_import > $import)
    select max(value_id) from (
        select value_id from trace_dimensions where trace_key <= $trace and trace_key not in (select trace_key from former)
        union all select unnest(value_ids) from former)"""
LAST_QUEUE = "select max(queue_id) from queues where event <= ?"

SCHEMA = "memory.as_it_was"

UNTOUCHED = ("schema_migrations",)
"""Tables that say nothing of traces or people."""

_BUILDING = threading.Lock()

SINCE = """select
    (select count(*) from traces where trace_key > $trace),
    (select count(distinct trace_key) from trace_history where replaced_by_import > $import and trace_key <= $trace),
    (select count(distinct trace_key) from trace_history where value_ids is null
        and import_id <= $import and replaced_by_import > $import),
    (select count(*) from labels where event > $event and state in ('pass', 'fail', 'deferred')),
    (select count(*) from judgments where event > $event)"""

DATED = {"labels": "recorded_at"} | {
    table: "made_at" for table in NUMBERED if table not in ("labels", "judgments", "judge_versions")
}
"""When an event was stored; what a file brings may name an earlier time as that at which it was made."""
NEWEST = f"select max(event) from ({' union all '.join(f'select max(event) as event from {t}' for t in NUMBERED)})"  # noqa: S608 - fixed fragments, bound values
MOMENT = f"""select max(moment) from ({
    " union all ".join(
        f"select max({stored}) as moment from {table} where event <= $event" for table, stored in DATED.items()
    )
})"""  # noqa: S608 - fixed fragments, bound values


class Since(NamedTuple):
    """What came after an event."""

    traces: int
    changed: int
    """Traces of then that a later import changed: they are shown as they were."""
    as_now: int
    """Those of them that are shown as they now are: they were changed before what they had been was kept whole."""
    labels: int
    judgments: int


class Limits(NamedTuple):
    """The highest number of each kind at an event, 0 where there was none; by the first of them that a table has, its
    rows are known."""

    event: int
    queue_id: int
    trace_key: int
    import_id: int
    value_id: int


class PinnedStore(Store):
    """A view of an open store as it was at an event. It owns nothing: closing it does nothing."""

    def __init__(self, base: Store, event: int) -> None:
        # The connection is that of `base`; `Store.__init__` would open a second one.
        self.base, self.event = base, event
        self.path, self.import_lock, self.journal = base.path, base.import_lock, base.journal
        with base.read() as cursor:
            self.limits = find_limits(cursor, event)

    @property
    def version(self) -> int:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Another number for each state of the store and each event; no other store has it."""
        return -(self.base.version << 40) - self.event

    def close(self) -> None:
        """Nothing: the store it looks at stays open."""

    @contextlib.contextmanager
    def read(self) -> Generator[Cursor]:
        """A cursor that sees the store as it was."""
        with self.base.read() as cursor:
            _look_at_schema(cursor)
            cursor.execute(
                ";".join(f"set variable {name} = {number}" for name, number in self.limits._asdict().items())
            )
            yield cursor

    @contextlib.contextmanager
    def write(self, *, quiet: bool = False, by_hand: bool = True) -> Generator[Cursor]:  # noqa: ARG002
        """Refused."""
        _refuse()
        yield

    @contextlib.contextmanager
    def transaction(self, *, quiet: bool = False, by_hand: bool = True) -> Generator[Cursor]:  # noqa: ARG002
        """Refused."""
        _refuse()
        yield

    @contextlib.contextmanager
    def writing(self) -> Generator[None]:
        """Refused."""
        _refuse()
        yield

    def checkpoint(self) -> None:
        """Refused."""
        _refuse()


def find_newest(cursor: Cursor) -> int:
    """The number of the newest event; 0 in an empty store."""
    return one(cursor, NEWEST)


def find_moment(cursor: Cursor, event: int) -> datetime | None:
    """When the newest thing up to this event was stored; None where there was nothing."""
    row = cursor.execute(MOMENT, {"event": event}).fetchone()
    return row[0] if row else None


def count_since(cursor: Cursor, limits: Limits) -> Since:
    """What came after; ask a cursor of the store itself."""
    asked = {"trace": limits.trace_key, "import": limits.import_id, "event": limits.event}
    return Since(*(cursor.execute(SINCE, asked).fetchone() or (0, 0, 0, 0, 0)))


def find_limits(cursor: Cursor, event: int) -> Limits:
    """How far the numbers of each kind had come at this event."""
    import_id = one(cursor, LAST_IMPORT, [event])
    trace_key = one(cursor, LAST_TRACE, [import_id, import_id])
    value_id = one(cursor, LAST_VALUE, {"import": import_id, "trace": trace_key})
    return Limits(event, one(cursor, LAST_QUEUE, [event]), trace_key, import_id, value_id)


def limit_of(columns: Sequence[str]) -> str:
    """The column that tells when a row came.

    Raises:
        LookupError: the table has none of them: give it one, or name it in `UNTOUCHED`.
    """
    for column in Limits._fields:
        if column in columns:
            return column
    raise LookupError(f"no column of {columns} tells when a row came")


def _look_at_schema(cursor: Cursor) -> None:
    """Let the cursor see the views; they are made when first asked for in a process."""
    try:
        cursor.execute(f"use {SCHEMA}")
    except duckdb.CatalogException:
        with _BUILDING:
            _build(cursor)
        cursor.execute(f"use {SCHEMA}")


def _build(cursor: Cursor) -> None:
    """Make the views in one transaction, unless another thread did meanwhile."""
    tables = cursor.execute(TABLES).fetchall()
    views = cursor.execute(VIEWS).fetchall()
    with contextlib.suppress(duckdb.CatalogException):
        cursor.execute(f"use {SCHEMA}")
        return
    cursor.execute("begin")
    cursor.execute(f"create schema {SCHEMA}")
    cursor.execute(f"use {SCHEMA}")
    for table, columns in tables:
        if table not in UNTOUCHED:
            column = limit_of(columns)
            known = f"select * from passfail.main.{table} where {column} <= getvariable('{column}')"  # noqa: S608 - fixed fragments
            was = AS_IT_WAS.get(table, known).format(columns=", ".join(columns), unchanged=UNCHANGED, former=FORMER)
            cursor.execute(f"create view {table} as {was}")
    for _, sql in views:
        cursor.execute(sql)
    cursor.execute("commit")


def _refuse() -> NoReturn:
    raise UsageError(
        "This link shows the data as it was at a moment; nothing can be changed there.",
        "Show the newest data, then do it again.",
    )
