"""Turn critiques into named failure categories with counts."""

from dataclasses import dataclass, replace

from core.errors import NotFoundError, UsageError
from core.metrics import Rate, rate_of
from core.model import Category, Label
from core.slice import NOT_SORTED, Slice
from core.store import categories, labels, settings, traces
from core.store.connection import Cursor, Store

MAX_WORDS = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryRow:
    """A category with its failed traces: of all failed ones, and of all reviewed ones. Category None is «not sorted yet»."""

    category: Category | None
    traces: int
    share_of_failed: Rate
    share_of_reviewed: Rate
    running: float | None
    """Share of failed traces up to this row; None where a trace can count in several rows."""
    slice: Slice


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """The Pareto of a slice. `primary`: each trace counts once, under its first category; else under each it carries."""

    reviewed: int
    failed: int
    uncategorised: int
    passed_with_category: int
    primary: bool
    rows: list[CategoryRow]
    reviewed_slice: Slice
    failed_slice: Slice
    uncategorised_slice: Slice


def count_failures(store: Store, slice_: Slice, *, primary: bool = True) -> Failures:
    """Failure categories of a slice with both denominators, most frequent first, «not sorted yet» left to the caller."""
    with store.read() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        found = categories.count_failures(cursor, slice_, reference)
    failed_slice = replace(slice_, verdict=("fail",))
    rows: list[CategoryRow] = []
    running = 0
    counted = [(c.category, c.primary if primary else c.any_mention) for c in found.categories]
    for category, n in sorted(counted, key=lambda pair: (-pair[1], pair[0].id)):
        running += n
        ids = (category.id,)
        narrowed = replace(failed_slice, primary=ids) if primary else replace(failed_slice, category=ids)
        share = running / found.failed if primary and found.failed else None
        rows.append(
            CategoryRow(
                category=category, traces=n, share_of_failed=rate_of(n, found.failed),
                share_of_reviewed=rate_of(n, found.reviewed), running=share, slice=narrowed,
            )
        )  # fmt: skip
    return Failures(
        reviewed=found.reviewed,
        failed=found.failed,
        uncategorised=found.uncategorised,
        passed_with_category=found.passed_with_category,
        primary=primary,
        rows=rows,
        reviewed_slice=replace(slice_, verdict=("pass", "fail")),
        failed_slice=failed_slice,
        uncategorised_slice=replace(failed_slice, category=(NOT_SORTED,)),
    )


def list_categories(store: Store) -> list[Category]:
    """All current categories in the order they were made."""
    with store.read() as cursor:
        return categories.find_categories(cursor)


def list_critiques(store: Store, slice_: Slice, *, limit: int = 20, offset: int = 0) -> list[Label]:
    """The newest critiques of a slice."""
    with store.read() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        return labels.find_critiques(cursor, slice_, reference=reference, limit=limit, offset=offset)


def define_category(
    store: Store, *, name: str, definition: str = "", fits_when: str = "", not_when: str = "", by: str, category_id: int | None = None
) -> int:
    """Make a category, or with `category_id` give one other words; returns its id.

    Raises:
        UsageError: no name or definition, a text over the cap, or a name that another category has.
        NotFoundError: no category of this id.
    """
    if not name.strip():
        raise UsageError("A failure category needs a name.", "Write a short name for what goes wrong.")
    if max(map(len, (name, definition, fits_when, not_when))) > MAX_WORDS:
        raise UsageError(f"A text of a failure category has at most {MAX_WORDS} characters.", "Shorten it and save again.")
    with store.write() as cursor:
        twin = categories.find_category(cursor, name=name)
        if twin is not None and twin.id != category_id:
            raise UsageError(f"There is already a failure category «{twin.name}».", "Choose another name, or use that one.")
        if category_id is None:
            return categories.add_category(
                cursor, name=name, definition=definition, fits_when=fits_when, not_when=not_when, by=by
            )
        if categories.find_category(cursor, category_id=category_id) is None:
            raise NotFoundError(f"There is no failure category number {category_id}.", "It may have been removed.")
        categories.change_category(
            cursor, category_id, name=name, definition=definition, fits_when=fits_when, not_when=not_when, by=by
        )
        return category_id


def put_into_category(store: Store, *, trace_id: str, category_id: int, by: str) -> int | None:
    """Put a trace into a category; returns the event, or None where it was in it already."""
    with store.write() as cursor:
        return categories.assign(cursor, trace_key=_key(cursor, trace_id, category_id), category_id=category_id, by=by)


def take_out_of_category(store: Store, *, trace_id: str, category_id: int, by: str) -> int | None:
    """Take a trace out of a category by one more event; None where it was not in it."""
    with store.write() as cursor:
        return categories.unassign(cursor, trace_key=_key(cursor, trace_id, category_id), category_id=category_id, by=by)


def _key(cursor: Cursor, trace_id: str, category_id: int) -> int:
    key = traces.key_of(cursor, trace_id)
    if key is None:
        raise NotFoundError(f"Trace {trace_id[:80]} does not exist in this database.", "Open it again from the list of traces.")
    if categories.find_category(cursor, category_id=category_id) is None:
        raise NotFoundError(f"There is no failure category number {category_id}.", "It may have been removed.")
    return key
