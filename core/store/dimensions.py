"""Dimensions as data: which there are, their values, how many traces have each."""

from collections.abc import Sequence
from typing import NamedTuple

from core.model import MISSING
from core.slice import FIELDS, Condition, Slice
from core.store.connection import Cursor, one, rows
from core.store.verdicts import version_ids

NAMES = "select name from dimension_values group by name order by min(value_id)"

VALUES = """select v.name, v.value, d.traces
    from (select value_id, count(*) as traces from trace_dimensions group by value_id) d
    join dimension_values v using (value_id) order by v.name, d.traces desc, v.value"""

FIELD_VALUES = {
    "model": "select coalesce(model, ''), count(*) from traces group by 1 order by 2 desc, 1 limit 200",
    "source": "select source, count(*) from traces group by 1 order by 2 desc, 1 limit 200",
    "session": "select coalesce(session, ''), count(*) from traces group by 1 order by 2 desc, 1 limit 200",
    "error": "select coalesce(error, ''), count(*) from traces group by 1 order by 2 desc, 1 limit 200",
    "origin": "select origin, count(*) from traces group by 1 order by 2 desc, 1 limit 200",
}


class ValueCount(NamedTuple):
    """A value and how many traces have it; the empty value is «missing»."""

    value: str
    traces: int


def find_dimensions(cursor: Cursor) -> list[str]:
    """The names of all dimensions, in the order they were first seen."""
    return [row[0] for row in cursor.execute(NAMES).fetchall()]


def count_values(cursor: Cursor) -> dict[str, list[ValueCount]]:
    """Per dimension its values with counts over all traces, most frequent first, «missing» last."""
    total = one(cursor, "select count(*) from traces")
    found: dict[str, list[ValueCount]] = {name: [] for name in find_dimensions(cursor)}
    for name, value, traces in cursor.execute(VALUES).fetchall():
        found[name].append(ValueCount(value, traces))
    for name, covered in _covered(cursor, list(found)).items():
        if covered < total:
            found[name].append(ValueCount(MISSING, total - covered))
    return found


def find_slots(cursor: Cursor, wanted: Sequence[str]) -> dict[str, int]:
    """Where in `traces.slots` (from 1) the only value of each of these dimensions stands; those of which a trace has several
    values, or that are not here, are left out."""
    slots = {name: slot for slot, name in enumerate(find_dimensions(cursor), 1) if name in wanted}
    if not slots:
        return {}
    several = ", ".join(f"bool_or(slots[{slot}] = -1)" for slot in slots.values())
    found = cursor.execute(f"select {several} from traces").fetchone() or ()  # noqa: S608 - numbers of our own
    return {name: slot for (name, slot), is_several in zip(slots.items(), found, strict=True) if not is_several}


def _covered(cursor: Cursor, names: list[str]) -> dict[str, int]:
    """How many traces have a value of each dimension; the names in the order first seen."""
    if not names:
        return {}
    counted = ", ".join(f"count(slots[{slot}])" for slot in range(1, len(names) + 1))
    return dict(zip(names, cursor.execute(f"select {counted} from traces").fetchone() or (), strict=False))  # noqa: S608 - fixed fragments, bound values


def count_field_values(cursor: Cursor, field: str) -> list[ValueCount]:
    """The most frequent values of a built-in field with their counts."""
    return [ValueCount(value, n) for value, n in cursor.execute(FIELD_VALUES[field]).fetchall()]


class Stale(NamedTuple):
    """A part of a slice that cannot be applied, in words, and the slice parameter it came from."""

    words: str
    param: str
    value: str
    is_readable: bool = True
    """False where the value cannot be one of this condition at all."""


def find_stale(cursor: Cursor, slice_: Slice) -> list[Stale]:
    """What a slice asks for that this database does not hold (any more)."""
    stale = [Stale(f"{name} is {value}", name, value, is_readable=False) for name, value in slice_.unreadable]
    for condition in slice_.dimensions:
        prefix = "not" if condition.negated else "d"
        stale += [
            Stale(
                f"{condition.key} is {'not ' * condition.negated}{value or '(missing)'}",
                f"{prefix}.{condition.key}",
                value,
            )
            for value in _unknown_values(cursor, condition)
        ]
    for condition in slice_.fields:
        prefix = f"not.{condition.key}" if condition.negated else condition.key
        stale += [
            Stale(f"{condition.key} is {'not ' * condition.negated}{value}", prefix, value)
            for value in condition.values
            if value != MISSING and not _field_holds(cursor, condition.key, value)
        ]
    refs = [("judge", slice_.judge)] if slice_.judge_verdict else []
    refs += [("disagree", slice_.disagree)] if slice_.disagree else []
    refs += [("judged", ref) for ref in slice_.judged]
    refs += [(param, ref) for param, ref in (("asked_again", slice_.asked_again), ("flips", slice_.flips)) if ref]
    for param, ref in refs:
        version = version_ids(ref or "")
        if not cursor.execute(version.sql, version.params).fetchone():
            stale.append(Stale(f"judge is {ref or '(not named)'}", param, ref or ""))
    if slice_.labeler and not one(cursor, "select count(*) from labels where labeler = ?", [slice_.labeler]):
        stale.append(Stale(f"labeler is {slice_.labeler}", "labeler", slice_.labeler))
    if slice_.import_id is not None and not one(
        cursor, "select count(*) from imports where import_id = ?", [slice_.import_id]
    ):
        stale.append(Stale(f"import is {slice_.import_id}", "import", str(slice_.import_id)))
    about = (slice_.of_category or None,) if slice_.category_verdict else ()
    asked = (("category", slice_.category), ("primary", slice_.primary), ("of_category", about))
    for param, ids in [(param, ids) for param, ids in asked if ids]:
        known = {row["category_id"] for row in rows(cursor, "select category_id from current_categories")} | {0}
        gone = [(i, "(not named)" if i is None else f"number {i}") for i in ids if i not in known]
        stale += [Stale(f"failure category is {words}", param, str(i or "")) for i, words in gone]
    return stale


def _unknown_values(cursor: Cursor, condition: Condition) -> list[str]:
    known = {row["value"] for row in rows(cursor, "select value from dimension_values where name = ?", [condition.key])}
    if not known:
        return list(condition.values)
    return [value for value in condition.values if value != MISSING and value not in known]


def _field_holds(cursor: Cursor, field: str, value: str) -> bool:
    columns = {name: name for name in FIELDS}
    return one(cursor, f"select count(*) from (select 1 from traces where {columns[field]} = ? limit 1)", [value]) > 0  # noqa: S608 - fixed fragments, bound values
