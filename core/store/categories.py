"""Failure categories and which traces carry them, as events; renaming keeps the id and so every link and count."""

from datetime import UTC, datetime
from typing import NamedTuple

from core.model import Category
from core.slice import Slice
from core.store.connection import Cursor, next_event, one
from core.store.traces import chosen
from core.store.verdicts import labels_of

CURRENT = """select category_id, name, definition, fits_when, not_when, status, owner, impact, split_from
    from current_categories order by category_id"""
NEWEST = "select max(event) from categories where category_id = ?"
ADD = """insert into categories (
    event, category_id, name, definition, fits_when, not_when, retired, made_by, made_at, supersedes, split_from)
    values (?, ?, ?, ?, ?, ?, false, ?, ?, null, ?)"""
CHANGE = """insert into categories (
        event, category_id, name, definition, fits_when, not_when, retired, made_by, made_at, supersedes,
        status, owner, impact, merged_into, split_from)
    select ?, category_id, coalesce(?, name), coalesce(?, definition), coalesce(?, fits_when), coalesce(?, not_when),
        ?, ?, ?, event, coalesce(?, status), coalesce(?, owner), coalesce(?, impact), ?, split_from
    from categories where event = ?"""
ASSIGN = "insert into assignments values (?, ?, ?, ?, false, ?, ?, null)"
UNASSIGN = "insert into assignments values (?, ?, ?, ?, true, ?, ?, ?)"


class CategoryCount(NamedTuple):
    """Failed traces of a slice that carry a category: as their primary one, and at all."""

    category: Category
    primary: int
    any_mention: int


class FailureCounts(NamedTuple):
    """The two denominators, what is not sorted, and the categories."""

    reviewed: int
    failed: int
    uncategorised: int
    categories: list[CategoryCount]
    passed_with_category: int
    """Passes that carry a category: minor issues, in no count of failures."""


class Wording(NamedTuple):
    """One state of a category: its words, what was decided, and who said so when."""

    event: int
    name: str
    definition: str
    fits_when: str
    not_when: str
    by: str
    at: datetime
    status: str
    owner: str
    impact: str
    retired: bool
    merged_into: int | None


def find_wordings(cursor: Cursor, category_id: int) -> list[Wording]:
    """All that a category was called and what became of it, the newest first."""
    sql = """select event, name, definition, fits_when, not_when, made_by, made_at, status, owner, impact, retired,
        merged_into from categories where category_id = ? order by event desc"""
    return [Wording(*row) for row in cursor.execute(sql, [category_id]).fetchall()]


def find_categories(cursor: Cursor) -> list[Category]:
    """All current categories in the order they were made."""
    names = ("id", "name", "definition", "fits_when", "not_when", "status", "owner", "impact", "split_from")
    return [Category(**dict(zip(names, row, strict=True))) for row in cursor.execute(CURRENT).fetchall()]


def find_category(cursor: Cursor, *, category_id: int | None = None, name: str | None = None) -> Category | None:
    """A current category by id, or by name whatever its case."""
    for category in find_categories(cursor):
        if category.id == category_id or (name is not None and category.name.lower() == name.strip().lower()):
            return category
    return None


def add_category(
    cursor: Cursor,
    *,
    name: str,
    definition: str,
    fits_when: str,
    not_when: str,
    by: str,
    split_from: int | None = None,
) -> int:
    """Make a category and return its id."""
    category_id = one(cursor, "select coalesce(max(category_id), 0) + 1 from categories")
    words = [name.strip(), definition, fits_when, not_when]
    cursor.execute(ADD, [next_event(cursor), category_id, *words, by, _now(), split_from])
    return category_id


def change_category(
    cursor: Cursor,
    category_id: int,
    *,
    by: str,
    name: str | None = None,
    definition: str | None = None,
    fits_when: str | None = None,
    not_when: str | None = None,
    status: str | None = None,
    owner: str | None = None,
    impact: str | None = None,
    retired: bool = False,
    merged_into: int | None = None,
) -> int:
    """Give a category other words, or take it away; what is not named stays, and all of it stays in the history."""
    event, held = next_event(cursor), one(cursor, NEWEST, [category_id])
    words = [None if name is None else name.strip(), definition, fits_when, not_when]
    cursor.execute(CHANGE, [event, *words, retired, by, _now(), status, owner, impact, merged_into, held])
    return event


def assign(cursor: Cursor, *, trace_key: int, category_id: int, by: str, position: int | None = None) -> int | None:
    """Put a trace into a category, by default behind those it has; None where it is in it already."""
    if held_at(cursor, trace_key=trace_key, category_id=category_id) is not None:
        return None
    place = position or one(
        cursor, "select coalesce(max(position), 0) + 1 from current_assignments where trace_key = ?", [trace_key]
    )
    event = next_event(cursor)
    cursor.execute(ASSIGN, [event, trace_key, category_id, place, by, _now()])
    return event


def unassign(cursor: Cursor, *, trace_key: int, category_id: int, by: str) -> int | None:
    """Take a trace out of a category by one more event; None where it is not in it."""
    held = held_at(cursor, trace_key=trace_key, category_id=category_id)
    if held is None:
        return None
    event = next_event(cursor)
    cursor.execute(UNASSIGN, [event, trace_key, category_id, held[1], by, _now(), held[0]])
    return event


def held_at(cursor: Cursor, *, trace_key: int, category_id: int) -> tuple[int, int] | None:
    """The event that put a trace into a category and its place there; None where it is not in it."""
    sql = "select event, position from current_assignments where trace_key = ? and category_id = ?"
    return cursor.execute(sql, [trace_key, category_id]).fetchone()


def keys_in(cursor: Cursor, category_id: int) -> list[int]:
    """The keys of all traces in a category."""
    sql = "select trace_key from current_assignments where category_id = ? order by trace_key"
    return [row[0] for row in cursor.execute(sql, [category_id]).fetchall()]


def _now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def count_failures(cursor: Cursor, slice_: Slice, reference: str | None) -> FailureCounts:
    """Categories of the failed traces of a slice, each trace counted once per category, most frequent primary first."""
    clause, labels = chosen(slice_, reference), labels_of(slice_, reference)
    verdicts = f"""with verdicts as (
            select trace_key, state from ({labels.sql}) where state in ('pass', 'fail') and trace_key in ({clause.sql})),
        sorted as (
            select a.trace_key, a.category_id, v.state,
                   row_number() over (partition by a.trace_key order by a.position, a.event) as place
            from current_assignments a join verdicts v using (trace_key)
            where a.category_id in (select category_id from current_categories))"""  # noqa: S608 - fixed fragments, bound values
    params = [*labels.params, *clause.params]
    totals = f"""{verdicts} select count(*), count(*) filter (state = 'fail'),
            count(*) filter (state = 'fail' and trace_key not in (select trace_key from sorted)),
            count(*) filter (state = 'pass' and trace_key in (select trace_key from sorted)) from verdicts"""  # noqa: S608 - fixed fragments, bound values
    reviewed, failed, uncategorised, minor = cursor.execute(totals, params).fetchone() or (0, 0, 0, 0)
    per_category = f"""{verdicts} select category_id, count(*) filter (place = 1), count(*)
        from sorted where state = 'fail' group by category_id"""  # noqa: S608 - fixed fragments, bound values
    found = {row[0]: row[1:] for row in cursor.execute(per_category, params).fetchall()}
    counts = [CategoryCount(c, *found.get(c.id, (0, 0))) for c in find_categories(cursor)]
    counts.sort(key=lambda c: (-c.primary, -c.any_mention, c.category.id))
    return FailureCounts(reviewed, failed, uncategorised, counts, minor)
