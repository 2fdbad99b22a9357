"""What people did by hand, as rows of the database and as lines of the journal, and what only one of the two has.

A line names a trace by its id: another database, made of the same files, gives the same trace another key.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import pyarrow as pa

from core.store.connection import Cursor, next_event, rows
from core.store.journal import Line

OF_TRACES = ("labels", "assignments", "splits", "recodes", "regression_set", "queue_items")
KINDS = ("categories", "settings", "rubrics", "fixes", "queues", *OF_TRACES)

ITEMS = "(select q.event, i.* from queue_items i join queues q using (queue_id))"
SOURCES = {kind: ITEMS if kind == "queue_items" else kind for kind in KINDS}
MARKS = dict.fromkeys(KINDS, ("event", "made_at")) | {"labels": ("client_id",), "queue_items": ("event", "place")}
"""What tells a row from any other, in another database too."""

LEFT_OUT = "import_id"
"""The number of an import means nothing in another database."""

NEW_KINDS = " union all ".join(
    f"select '{kind}' from {source} where event > $after having count(*) > 0"  # noqa: S608
    for kind, source in SOURCES.items()
)
SIZES = " union all ".join(f"select count(*) as n, max(event) as newest from {source}" for source in SOURCES.values())  # noqa: S608
SIZE = f"select sum(n)::bigint, coalesce(max(newest), 0) from ({SIZES})"  # noqa: S608
AFTER = {kind: f"select * from {source} where event > ?" for kind, source in SOURCES.items()}  # noqa: S608
THESE = {kind: f"select * from {source} where event in (select unnest(?))" for kind, source in SOURCES.items()}  # noqa: S608
HELD = {kind: f"select event, {', '.join(MARKS[kind])} from {source}" for kind, source in SOURCES.items()}  # noqa: S608
IDS = "select trace_key, id from traces where trace_key in (select unnest(?))"
KEYS = "select id, trace_key from traces where id in (select unnest(?))"
SKIP = "select count(nextval('event_number')) from range(?)"

Mark = tuple[str, ...]


class Difference(NamedTuple):
    """What only the journal, and what only the database has."""

    lines: list[Line]
    rows: list[Line]
    foreign: bool
    """The database has something else under a number of the journal: they do not belong together."""


def find_size(cursor: Cursor) -> tuple[int, int]:
    """How many rows a journal of this database has a line for, and the highest number among them."""
    n, newest = cursor.execute(SIZE).fetchone() or (0, 0)
    return n or 0, newest


def find_after(cursor: Cursor, number: int) -> list[Line]:
    """The events after this one."""
    kinds = [row[0] for row in cursor.execute(NEW_KINDS, {"after": number}).fetchall()]
    return _ordered(line for kind in kinds for line in _lines(cursor, kind, AFTER[kind], number))


def find_difference(cursor: Cursor, lines: Sequence[Line]) -> Difference:
    """Hold a whole journal against the database."""
    held: dict[Mark, int] = {}
    taken: dict[int, str] = {}
    for kind, sql in HELD.items():
        for event, *mark in cursor.execute(sql).fetchall():
            held[_mark(kind, mark)] = event
            taken.setdefault(event, kind)
    marks = [_mark_of(line) for line in lines]
    lacking = [line for line, mark in zip(lines, marks, strict=True) if mark not in held]
    foreign = any(
        line.number in taken and (line.kind, taken[line.number]) != ("queue_items", "queues") for line in lacking
    )
    only: dict[str, list[int]] = defaultdict(list)
    known = set(marks)
    for mark, event in held.items():
        if mark not in known:
            only[mark[0]].append(event)
    extra = [line for kind, events in only.items() for line in _lines(cursor, kind, THESE[kind], events)]
    extra = [line for line in extra if _mark_of(line) not in known]
    return Difference(lacking, _ordered(extra), foreign)


def find_keys(cursor: Cursor, ids: Iterable[str]) -> dict[str, int]:
    """The keys of those of these traces that are in the database."""
    return dict(cursor.execute(KEYS, [list(ids)]).fetchall())


def skip_numbers(cursor: Cursor, newest: int) -> None:
    """Let the next event have a higher number than this one."""
    cursor.execute(SKIP, [max(newest - next_event(cursor), 0)])


def insert(cursor: Cursor, lines: Sequence[Line], keys: dict[str, int]) -> None:
    """Add what lines say to the tables; columns that an earlier or a later schema did not have keep their default."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for kind, _, row in lines:
        values = {name: value for name, value in row.items() if name != "trace"}
        if kind in OF_TRACES:
            values["trace_key"] = keys[row["trace"]]
        groups[kind, *values].append(values)
    for (kind, *given), found in groups.items():
        columns = cursor.execute(f"select * from {kind} limit 0").to_arrow_table().schema  # noqa: S608
        types: list[tuple[str, pa.DataType]] = list(zip(columns.names, columns.types, strict=True))
        shared = [(name, type_) for name, type_ in types if name in given]
        times = [name for name, type_ in shared if pa.types.is_timestamp(type_)]
        for values in found:
            values.update({name: datetime.fromisoformat(values[name]) for name in times if values[name]})
        listed = ", ".join(f'"{name}"' for name, _ in shared)
        cursor.register("joining", pa.Table.from_pylist(found, pa.schema(shared)))
        cursor.execute(f"insert into {kind} ({listed}) select {listed} from joining")  # noqa: S608
        cursor.unregister("joining")


def _lines(cursor: Cursor, kind: str, sql: str, param: object) -> list[Line]:
    found = rows(cursor, sql, [param])
    if kind in OF_TRACES and found:
        ids: dict[object, str] = dict(cursor.execute(IDS, [list({row["trace_key"] for row in found})]).fetchall())
        for row in found:
            row["trace"] = ids.get(row.pop("trace_key"), "")
            row.pop(LEFT_OUT, None)
    return [Line(kind, int(str(row["event"])), row) for row in found]


def _ordered(lines: Iterable[Line]) -> list[Line]:
    return sorted(lines, key=lambda line: (line.number, line.kind == "queue_items"))


def _mark_of(line: Line) -> Mark:
    return _mark(line.kind, [line.row.get(name) for name in MARKS[line.kind]])


def _mark(kind: str, values: Sequence[object]) -> Mark:
    return (kind, *(x.isoformat() if isinstance(x, datetime) else str(x) for x in values))
