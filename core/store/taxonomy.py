"""The shape of the failure categories: where one went that was merged or split, and taking an action back."""

from datetime import UTC, datetime
from typing import NamedTuple

from core.errors import UsageError
from core.store import categories, recodes
from core.store.connection import Cursor, next_event, one

LATEST = """select category_id, retired, merged_into, split_from, name from categories
    where event not in (select supersedes from categories where supersedes is not null)"""
TWINS = "select count(*) - count(distinct lower(name)) from current_categories"
LEFT_BEHIND = """select count(*) from current_assignments
    where category_id in (select category_id from categories where event between ? and ?)
      and category_id not in (select category_id from current_categories)"""


class _Events(NamedTuple):
    """How the rows of a table of events are copied, and what a copy says of something that never was."""

    table: str
    columns: str
    never: str


TABLES = (
    _Events(
        "categories",
        "category_id, name, definition, fits_when, not_when, status, owner, impact, split_from, merged_into, retired",
        "category_id, name, definition, fits_when, not_when, status, owner, impact, split_from, merged_into, true",
    ),
    _Events(
        "assignments", "trace_key, category_id, position, removed", "trace_key, category_id, position, true"
    ),
    _Events("recodes", "trace_key, category_id, reason, done", "trace_key, category_id, reason, true"),
    _Events(
        "suggestions",
        "suggestion_id, run_id, trace_key, label_event, category_id, name, definition, source, state",
        "suggestion_id, run_id, trace_key, label_event, category_id, name, definition, source, 'refused'",
    ),
)  # fmt: skip


def find_heads(cursor: Cursor) -> dict[int, tuple[int, ...]]:
    """For every category that is gone, the current ones that hold what was in it: merged into, or split into."""
    latest = {row[0]: row[1:] for row in cursor.execute(LATEST).fetchall()}
    parts: dict[int, list[int]] = {}
    for category_id, (_, _, split_from, _) in latest.items():
        if split_from is not None:
            parts.setdefault(split_from, []).append(category_id)

    def heads(category_id: int, seen: frozenset[int]) -> tuple[int, ...]:
        retired, merged_into, _, _ = latest[category_id]
        if not retired:
            return (category_id,)
        followers = parts.get(category_id, []) if merged_into is None else [merged_into]
        following = [f for f in followers if f in latest and f not in seen]
        found = (head for f in following for head in heads(f, seen | {category_id}))
        return tuple(dict.fromkeys(found))

    return {i: heads(i, frozenset()) for i, (retired, *_) in latest.items() if retired}


def find_last_names(cursor: Cursor) -> dict[int, str]:
    """What every category, current or gone, was called last."""
    return {row[0]: row[4] for row in cursor.execute(LATEST).fetchall()}


def merge(cursor: Cursor, category_id: int, *, into: int, by: str) -> int:
    """Put all traces of a category into another one and take the first away; returns how many traces moved.

    Where a trace carries both, the other one takes the earlier place, so that a primary category stays primary.
    """
    for waiting in recodes.find_recodes(cursor):
        if waiting.category_id == category_id:
            recodes.end_recode(cursor, waiting.event, by=by)
            recodes.add_recode(cursor, trace_key=waiting.trace_key, category_id=into, reason=waiting.reason, by=by)
    keys = categories.keys_in(cursor, category_id)
    for key in keys:
        held = categories.held_at(cursor, trace_key=key, category_id=category_id)
        other = categories.held_at(cursor, trace_key=key, category_id=into)
        categories.unassign(cursor, trace_key=key, category_id=category_id, by=by)
        if held and other and held[1] < other[1]:
            categories.unassign(cursor, trace_key=key, category_id=into, by=by)
        if held:
            categories.assign(cursor, trace_key=key, category_id=into, by=by, position=held[1])
    categories.change_category(cursor, category_id, by=by, retired=True, merged_into=into)
    return len(keys)


def undo(cursor: Cursor, first: int, last: int, *, by: str) -> None:
    """Take back everything that the events from `first` to `last` said, by further events.

    Raises:
        UsageError: some of it was changed since, so that taking it back would lose what came later.
    """
    began = next_event(cursor)
    for kind in TABLES:
        _take_back(cursor, kind, first, last, by)
    ended = next_event(cursor)
    if one(cursor, TWINS) or one(cursor, LEFT_BEHIND, [began, ended]):
        raise _changed_since()


def _take_back(cursor: Cursor, kind: _Events, first: int, last: int, by: str) -> None:
    table = kind.table
    said = f"select event, supersedes from {table} where event between ? and ? order by event desc"  # noqa: S608 - fixed fragments, bound values
    found: dict[int, int | None] = dict(cursor.execute(said, [first, last]).fetchall())
    newer = f"select count(*) from {table} where event > ? and supersedes between ? and ?"  # noqa: S608 - fixed fragments, bound values
    if one(cursor, newer, [last, first, last]):
        raise _changed_since()
    replaced = set(found.values())
    now = datetime.now(UTC).replace(tzinfo=None)
    for event in found:
        if event in replaced:
            continue  # only the end of a chain is replaced, by what stood before its beginning
        former = found[event]
        while former in found:
            former = found[former]
        source, columns = (event, kind.never) if former is None else (former, kind.columns)
        cursor.execute(
            f"""insert into {table} (event, made_by, made_at, supersedes, {kind.columns})
                select ?, ?, ?, ?, {columns} from {table} where event = ?""",  # noqa: S608 - fixed fragments, bound values
            [next_event(cursor), by, now, event, source],
        )


def _changed_since() -> UsageError:
    return UsageError(
        "This cannot be taken back: some of it was changed since.",
        "The history shows what came later; change it there.",
    )
