"""Turn critiques into named failure categories with counts."""

from dataclasses import dataclass, replace
from typing import NamedTuple

from core.errors import NotFoundError
from core.metrics import Rate, rate_of
from core.model import Category, Label
from core.slice import NOT_SORTED, Slice
from core.store import categories, labels, settings
from core.store.categories import Wording
from core.store.connection import Store

__all__ = ["CategoryRow", "Failures", "Notes", "Wording"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryRow:
    """A category with its failed traces: of all failed, and of all reviewed ones. Category None: not sorted yet."""

    category: Category | None
    traces: int
    share_of_failed: Rate
    share_of_reviewed: Rate
    running: float | None
    """Share of failed traces up to this row; None where a trace can count in several rows."""
    slice: Slice


@dataclass(frozen=True, slots=True, kw_only=True)
class Failures:
    """The Pareto of a slice. `primary`: a trace counts once, under its first category; else under each it carries."""

    reviewed: int
    failed: int
    uncategorised: int
    passed_with_category: int
    primary: bool
    rows: list[CategoryRow]
    not_sorted: CategoryRow
    reviewed_slice: Slice
    failed_slice: Slice
    uncategorised_slice: Slice
    passed_with_category_slice: Slice


def count_failures(store: Store, slice_: Slice, *, primary: bool = True) -> Failures:
    """Failure categories of a slice, most frequent first, with both denominators; what is not sorted apart.

    Each row carries the slice that holds exactly its traces. Where every mention counts and the slice itself asks
    for categories, only those have a row: no slice could hold the traces of another one among them.
    """
    with store.read() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        found = categories.count_failures(cursor, slice_, reference)
    failed_slice = _judged(slice_, "fail")
    rows: list[CategoryRow] = []
    running = 0
    counted = [(c.category, c.primary if primary else c.any_mention) for c in found.categories]
    for category, n in sorted(counted, key=lambda pair: (-pair[1], pair[0].id)):
        if not primary and slice_.category and category.id not in slice_.category:
            continue
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
    left = found.uncategorised
    not_sorted = CategoryRow(
        category=None, traces=left, share_of_failed=rate_of(left, found.failed),
        share_of_reviewed=rate_of(left, found.reviewed), running=1.0 if primary and found.failed else None,
        slice=replace(failed_slice, category=(NOT_SORTED,)),
    )  # fmt: skip
    sorted_ids = tuple(i for i in slice_.category if i != NOT_SORTED) or tuple(c.category.id for c in found.categories)
    return Failures(
        reviewed=found.reviewed,
        failed=found.failed,
        uncategorised=found.uncategorised,
        passed_with_category=found.passed_with_category,
        primary=primary,
        rows=rows,
        not_sorted=not_sorted,
        reviewed_slice=_judged(slice_, "pass", "fail"),
        failed_slice=failed_slice,
        uncategorised_slice=not_sorted.slice,
        passed_with_category_slice=replace(_judged(slice_, "pass"), category=sorted_ids),
    )


def _judged(slice_: Slice, *verdicts: str) -> Slice:
    """The part of a slice with one of these verdicts, never more than the slice asks for."""
    wanted = tuple(v for v in verdicts if not slice_.verdict or v in slice_.verdict)
    return replace(slice_, verdict=wanted) if wanted else slice_


def list_categories(store: Store) -> list[Category]:
    """All current categories in the order they were made."""
    with store.read() as cursor:
        return categories.find_categories(cursor)


def category_names(store: Store) -> dict[int, str]:
    """The name of every current category by its number."""
    return {category.id: category.name for category in list_categories(store)}


def category_named(store: Store, name: str) -> Category:
    """The failure category of this name, whatever the case.

    Raises:
        NotFoundError: there is none.
    """
    known = list_categories(store)
    for category in known:
        if category.name.lower() == name.strip().lower():
            return category
    names = ", ".join(category.name for category in known) or "none yet"
    raise NotFoundError(f"There is no failure category «{name[:80]}».", f"Known: {names}.")


def list_critiques(store: Store, slice_: Slice, *, limit: int = 20, offset: int = 0) -> list[Label]:
    """The newest critiques of a slice."""
    with store.read() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        return labels.find_critiques(cursor, slice_, reference=reference, limit=limit, offset=offset)


def count_critiques(store: Store, slice_: Slice) -> int:
    """How many critiques a slice has."""
    with store.read() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        return labels.count_critiques(cursor, slice_, reference=reference)


class Notes(NamedTuple):
    """One page of labels to sort, and how many there are in all."""

    total: int
    labels: list[Label]


def list_unsorted(store: Store, slice_: Slice, *, limit: int = 20, offset: int = 0) -> Notes:
    """Labels of traces in no category, the newest first: of failed ones, or of passes where the slice asks for them."""
    wanted = _judged(slice_, "fail")
    with store.read() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        return Notes(
            *labels.find_deciding(
                cursor, replace(wanted, category=(NOT_SORTED,)), reference=reference, limit=limit, offset=offset
            )
        )


def list_sorted(store: Store, slice_: Slice, category_id: int, *, limit: int = 20, offset: int = 0) -> Notes:
    """Labels of the traces of a slice that are in this category, the newest first."""
    with store.read() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        return Notes(
            *labels.find_deciding(
                cursor, replace(slice_, category=(category_id,)), reference=reference, limit=limit, offset=offset
            )
        )


def list_all_sorted(store: Store, *, limit: int = 2000) -> list[Label]:
    """The newest labels of failed traces that are in a category, each with its categories, the primary one first."""
    with store.read() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        ids = tuple(c.id for c in categories.find_categories(cursor))
        if not ids:
            return []
        wanted = Slice(verdict=("fail",), category=ids)
        return labels.find_deciding(cursor, wanted, reference=reference, limit=limit)[1]


def list_wordings(store: Store, category_id: int) -> list[Wording]:
    """All that a category was called and how it was defined, the newest first."""
    with store.read() as cursor:
        return categories.find_wordings(cursor, category_id)
