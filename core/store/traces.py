"""Reading traces: how many, one page of them, one whole."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from core.model import Message
from core.slice import Slice
from core.store.connection import Cursor, one, rows
from core.store.encoding import decode
from core.store.verdicts import Clause
from core.store.where import where

SORTS = {
    "newest": "started_at desc nulls last, trace_key desc",
    "oldest": "started_at asc nulls last, trace_key asc",
    "longest": "text_size desc, trace_key desc",
    "most messages": "message_count desc, trace_key desc",
    "slowest": "duration_ms desc nulls last, trace_key desc",
}
"""The orders a list of traces can have: fixed words and fixed SQL."""

PREVIEW = 200

NAMED = """select value_id, name, value, place
    from dimension_values join (select name, min(value_id) as place from dimension_values group by name) using (name)
    where value_id in (select unnest(?))"""


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceRow:
    """A trace as a list shows it; `input` and `output` are cut at the preview length unless asked for whole."""

    key: int
    id: str
    started_at: datetime | None
    session: str | None
    model: str | None
    source: str
    error: str | None
    origin: str
    duration_ms: float | None
    message_count: int
    tool_call_count: int
    input: str | None
    output: str | None
    content_hash: int
    value_ids: Sequence[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class WholeTrace:
    """A trace with all that is known of it; `record` is the original as JSON text."""

    row: TraceRow
    messages: tuple[Message, ...]
    dimensions: dict[str, tuple[str, ...]]
    record: str
    import_id: int


class Page(NamedTuple):
    """One page of a list: how many there are in all, and the rows from the offset on."""

    total: int
    rows: list[TraceRow]


ROW = """t.trace_key as key, t.id, t.started_at, t.session, t.model, t.source, t.error, t.origin, t.duration_ms,
    t.message_count, t.tool_call_count, t.content_hash, t.value_ids, {text}"""
CUT = ROW.format(text=f"left(t.input, {PREVIEW}) as input, left(t.output, {PREVIEW}) as output")
WHOLE = ROW.format(text="t.input, t.output")


def chosen(slice_: Slice, reference: str | None) -> Clause:
    """A query for the keys of a slice's traces."""
    clause = where(slice_, reference=reference)
    return Clause(f"select t.trace_key from traces t where {clause.sql}", clause.params)  # noqa: S608 - fixed fragments, bound values


def count_traces(cursor: Cursor, slice_: Slice, reference: str | None = None) -> int:
    """How many traces a slice holds."""
    clause = where(slice_, reference=reference)
    return one(cursor, f"select count(*) from traces t where {clause.sql}", clause.params)  # noqa: S608 - fixed fragments, bound values


def find_page(
    cursor: Cursor,
    slice_: Slice,
    *,
    reference: str | None = None,
    sort: str = "newest",
    limit: int = 50,
    offset: int = 0,
    whole: bool = False,
) -> Page:
    """One page of a slice. Keys are sorted first, the wide columns fetched for this page alone."""
    clause, order = where(slice_, reference=reference), SORTS[sort]
    # Matched once, counted and sorted from there: a search through all text is made a single time.
    keys = f"""with matched as materialized (
            select t.trace_key, t.started_at, t.text_size, t.message_count, t.duration_ms from traces t where {clause.sql})
        select trace_key, (select count(*) from matched) from matched
        order by {order} limit {int(limit)} offset {int(offset)}"""  # noqa: S608 - fixed fragments, bound values
    if limit < 1:
        return Page(count_traces(cursor, slice_, reference), [])
    found = cursor.execute(keys, clause.params).fetchall()
    if not found:
        return Page(count_traces(cursor, slice_, reference) if offset else 0, [])
    listed = find_rows(cursor, [row[0] for row in found], whole=whole)
    return Page(found[0][-1], listed)


def find_rows(cursor: Cursor, keys: Sequence[int], *, whole: bool = False) -> list[TraceRow]:
    """The traces with these keys, in this order."""
    columns = WHOLE if whole else CUT
    sql = f"select {columns} from traces t where t.trace_key in (select unnest(?))"  # noqa: S608 - fixed fragments, bound values
    by_key = {row["key"]: TraceRow(**row) for row in rows(cursor, sql, [list(keys)])}  # type: ignore[arg-type] - the columns are its fields
    return [by_key[key] for key in keys if key in by_key]


def find_keys(
    cursor: Cursor,
    slice_: Slice,
    *,
    reference: str | None = None,
    sort: str = "newest",
    limit: int | None = None,
    blind: bool = False,
) -> list[int]:
    """The keys of a slice's traces in the order of a list; `blind` as in `where`."""
    clause = where(slice_, reference=reference, blind=blind)
    cut = "" if limit is None else f" limit {int(limit)}"
    sql = f"select t.trace_key from traces t where {clause.sql} order by {SORTS[sort]}{cut}"  # noqa: S608 - fixed fragments, bound values
    return [row[0] for row in cursor.execute(sql, clause.params).fetchall()]


def key_of(cursor: Cursor, trace_id: str) -> int | None:
    """The key of the trace with this id, or None."""
    row = cursor.execute("select trace_key from traces where id = ?", [trace_id]).fetchone()
    return None if row is None else int(row[0])


def keys_of(cursor: Cursor, trace_ids: Sequence[str]) -> dict[str, int]:
    """The keys of those of these traces that are here, by their ids."""
    sql = "select id, trace_key from traces where id in (select unnest(?))"
    return dict(cursor.execute(sql, [list(trace_ids)]).fetchall())


class Mark(NamedTuple):
    """Where a trace is kept and what it now says: another content, another mark."""

    key: int
    content_hash: int


def find_marks(cursor: Cursor, trace_ids: Sequence[str]) -> dict[str, Mark]:
    """The key and content mark of each of these traces that is here."""
    sql = "select id, trace_key, content_hash from traces where id in (select unnest(?))"
    return {row[0]: Mark(*row[1:]) for row in cursor.execute(sql, [list(trace_ids)]).fetchall()}


def find_trace(cursor: Cursor, key: int) -> WholeTrace | None:
    """One trace whole, or None."""
    return find_traces(cursor, [key]).get(key)


def find_traces(cursor: Cursor, keys: Sequence[int]) -> dict[int, WholeTrace]:
    """Traces whole, by key."""
    columns = f"{WHOLE}, t.text, t.layout, t.record, t.import_id"
    whole: dict[int, WholeTrace] = {}
    for key in keys:  # one by one: a search for several reads the wide columns of all traces between them
        sql = f"select {columns} from traces t where t.trace_key = ?"  # noqa: S608 - fixed fragments, bound values
        for row in rows(cursor, sql, [key]):
            text, layout, record, import_id = (row.pop(name) for name in ("text", "layout", "record", "import_id"))
            shown = TraceRow(**row)  # type: ignore[arg-type] - the columns are its fields
            whole[key] = WholeTrace(
                row=shown,
                messages=decode(str(text), str(layout)),
                dimensions=dimensions_of(cursor, [shown])[key],
                record=str(record),
                import_id=int(str(import_id)),
            )
    return whole


def dimensions_of(cursor: Cursor, listed: Sequence[TraceRow]) -> dict[int, dict[str, tuple[str, ...]]]:
    """Per trace its dimensions with their values, in the order the dimensions were first seen."""
    wanted = sorted({value_id for row in listed for value_id in row.value_ids})
    values = {row[0]: row[1:] for row in cursor.execute(NAMED, [wanted]).fetchall()}
    found: dict[int, dict[str, tuple[str, ...]]] = {}
    for row in listed:
        named = found[row.key] = {}
        for value_id in sorted(row.value_ids, key=lambda i: (values[i][2], i)):
            name, value, _ = values[value_id]
            named[name] = (*named.get(name, ()), value)
    return found


def count_same_system_prompt(cursor: Cursor, key: int) -> int:
    """How many traces begin with the very same first message as this one."""
    sql = """with mine as (select split_part(text, chr(30), 1) as first from traces where trace_key = ?)
        select count(*) from traces t, mine where starts_with(t.text, mine.first || chr(30))"""
    return one(cursor, sql, [key])


def count_beginnings(cursor: Cursor) -> dict[int, int]:
    """By the hash of their first message, how many traces begin the same; of two traces at least."""
    sql = """select hash(split_part(text, chr(30), 1)) as mark, count(*) from traces
        where message_count > 0 group by mark having count(*) > 1"""
    return dict(cursor.execute(sql).fetchall())


def mark_of_beginning(cursor: Cursor, key: int) -> int:
    """The hash of a trace's first message."""
    return one(cursor, "select hash(split_part(text, chr(30), 1)) from traces where trace_key = ?", [key])
