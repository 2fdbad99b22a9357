"""What people did by hand, as rows of the database and as lines of the journal, and what only one of the two has.

A line names a trace by its id: another database, made of the same files, gives the same trace another key.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, NamedTuple

import orjson
import pyarrow as pa

from core.store.connection import Cursor, next_event
from core.store.journal import Entry, Line

OF_TRACES = (
    *("labels", "assignments", "splits", "openings", "suggestions", "recodes", "regression_set", "reconciliations"),
    *("pair_marks", "split_removals", "queue_items"),
)
KINDS = (
    *("categories", "settings", "rubrics", "fixes", "queues", "reveals", "alert_rules", "alerts", "anchors"),
    *("judge_versions", "judge_drafts", *OF_TRACES),
)

ITEMS = "(select q.event, i.* from queue_items i join queues q using (queue_id))"
WRITTEN = "(select * from judge_versions where source <> 'imported')"
SOURCES = {kind: kind for kind in KINDS} | {"queue_items": ITEMS, "judge_versions": WRITTEN}
EVENTS = tuple(kind for kind in KINDS if kind != "queue_items")
MARKS = dict.fromkeys(KINDS, ("event", "made_at")) | {"labels": ("client_id",), "queue_items": ("event", "place")}
"""What tells a row from any other, in another database too; the rows of a queue need the trace beside it, since all
that a draw hit and does not show have place 0."""

NEW = " union all ".join(f"select '{kind}' as kind from {SOURCES[kind]} where event > $after" for kind in EVENTS)  # noqa: S608 - fixed fragments, bound values
NEW_KINDS = f"select distinct kind from ({NEW})"  # noqa: S608 - fixed fragments, bound values
SIZES = " union all ".join(f"select count(*) as n, max(event) as newest from {source}" for source in SOURCES.values())  # noqa: S608 - fixed fragments, bound values
SIZE = f"select sum(n)::bigint, coalesce(max(newest), 0) from ({SIZES})"  # noqa: S608 - fixed fragments, bound values
# The number of an import means as little in another database as the key of a trace.
ENTRIES = {
    kind: f"""select event, {"trace_key" if kind in OF_TRACES else "null"},
        to_json(struct_pack(*columns(lambda name: name not in ('trace_key', 'import_id')))) from {source} where """  # noqa: S608 - fixed fragments, bound values
    for kind, source in SOURCES.items()
}
AFTER = "event > ?"
THESE = "event in (select unnest(?))"
HELD = {kind: f"select event, {', '.join(MARKS[kind])} from {source}" for kind, source in SOURCES.items()} | {  # noqa: S608 - fixed fragments, bound values
    "queue_items": f"select event, event, place, id from {ITEMS} join traces using (trace_key)"  # noqa: S608 - fixed fragments, bound values
}
ID = "select trace_key, id from traces where trace_key = ?"
IDS = "select trace_key, id from traces where trace_key in (select unnest(?))"
KEYS = "select id, trace_key from traces where id in (select unnest(?))"
SKIP = "select count(nextval('event_number')) from range(?)"

Mark = tuple[Any, ...]


class Difference(NamedTuple):
    """What only the journal, and what only the database has."""

    lines: list[Line]
    entries: list[Entry]
    foreign: bool
    """The database has something else under a number of the journal: they do not belong together."""


def find_size(cursor: Cursor) -> tuple[int, int]:
    """How many rows a journal of this database has a line for, and the highest number among them."""
    n, newest = cursor.execute(SIZE).fetchone() or (0, 0)
    return n or 0, newest


def find_after(cursor: Cursor, number: int) -> list[Entry]:
    """The events after this one."""
    kinds = [row[0] for row in cursor.execute(NEW_KINDS, {"after": number}).fetchall()]
    if "queues" in kinds:
        kinds.append("queue_items")
    return _ordered(entry for kind in kinds for entry in _entries(cursor, kind, AFTER, number))


def find_difference(cursor: Cursor, lines: Sequence[Line]) -> Difference:
    """Hold a whole journal against the database."""
    held: dict[Mark, int] = {}
    taken: dict[int, str] = {}
    for kind, sql in HELD.items():
        for event, *mark in cursor.execute(sql).fetchall():
            held[kind, *mark] = event
            taken.setdefault(event, kind)
    marks = [_mark(line) for line in lines]
    first = dict(zip(reversed(marks), reversed(lines), strict=True))  # a line may stand twice
    lacking = [line for mark, line in reversed(first.items()) if mark not in held]
    foreign = any(
        line.number in taken and (line.kind, taken[line.number]) != ("queue_items", "queues") for line in lacking
    )
    only: dict[str, set[int]] = defaultdict(set)
    known = set(marks)
    for mark, event in held.items():
        if mark not in known:
            only[mark[0]].add(event)
    found = [entry for kind, events in only.items() for entry in _entries(cursor, kind, THESE, list(events))]
    entries = [entry for entry in found if _mark(Line(*entry[:3], orjson.loads(entry[3]))) not in known]
    return Difference(lacking, _ordered(entries), foreign)


def holds(cursor: Cursor, line: Line) -> bool:
    """Whether the database has what this line says."""
    found = cursor.execute(f"select * from ({HELD[line.kind]}) where event = ?", [line.number]).fetchall()  # noqa: S608 - fixed fragments, bound values
    return _mark(line) in {(line.kind, *mark) for _, *mark in found}


def find_keys(cursor: Cursor, ids: Iterable[str]) -> dict[str, int]:
    """The keys of those of these traces that are in the database."""
    return dict(cursor.execute(KEYS, [list(ids)]).fetchall())


def skip_numbers(cursor: Cursor, newest: int) -> None:
    """Let the next event have a higher number than this one."""
    cursor.execute(SKIP, [max(newest - next_event(cursor), 0)])


def insert(cursor: Cursor, lines: Sequence[Line], keys: dict[str, int]) -> None:
    """Add what lines say to the tables; columns that an earlier or a later schema did not have keep their default."""
    groups: dict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for kind, _, trace, row in lines:
        values = row | {"trace_key": keys[trace]} if trace is not None else dict(row)
        groups[kind, *values].append(values)
    for (kind, *given), found in groups.items():
        columns = cursor.execute(f"select * from {kind} limit 0").to_arrow_table().schema  # noqa: S608 - fixed fragments, bound values
        types: list[tuple[str, pa.DataType]] = list(zip(columns.names, columns.types, strict=True))
        shared = [(name, type_) for name, type_ in types if name in given]
        times = [name for name, type_ in shared if pa.types.is_timestamp(type_)]
        for values in found:
            values.update({name: datetime.fromisoformat(values[name]) for name in times if values[name]})
        listed = ", ".join(f'"{name}"' for name, _ in shared)
        cursor.register("joining", pa.Table.from_pylist(found, pa.schema(shared)))
        cursor.execute(f"insert into {kind} ({listed}) select {listed} from joining")  # noqa: S608 - fixed fragments, bound values
        cursor.unregister("joining")


def _entries(cursor: Cursor, kind: str, which: str, param: object) -> list[Entry]:
    found = cursor.execute(ENTRIES[kind] + which, [param]).fetchall()
    keys = list({key for _, key, _ in found})
    ids: dict[object, str] = {}
    if kind in OF_TRACES and keys:
        sql, params = (ID, keys) if len(keys) == 1 else (IDS, [keys])
        ids = dict(cursor.execute(sql, params).fetchall())
    return [(kind, event, None if key is None else ids.get(key, ""), row) for event, key, row in found]


def _ordered(entries: Iterable[Entry]) -> list[Entry]:
    """By number; the traces of a queue stay after the queue."""
    return sorted(entries, key=itemgetter(1))


def _mark(line: Line) -> Mark:
    values = [line.row[name] for name in MARKS[line.kind]]
    mark = (datetime.fromisoformat(x) if n == "made_at" else x for n, x in zip(MARKS[line.kind], values, strict=True))
    return line.kind, *mark, *([line.trace] if line.kind == "queue_items" else [])
