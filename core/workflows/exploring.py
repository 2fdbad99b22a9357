"""Look at traces: what a slice holds, a page of it, one trace whole."""

from dataclasses import dataclass
from typing import NamedTuple

from core.errors import NotFoundError
from core.model import Category, Judgment, Label
from core.slice import Slice
from core.store import categories, dimensions, imports, judgments, labels, settings, traces
from core.store.connection import Cursor, Store
from core.store.dimensions import Stale, ValueCount
from core.store.labels import LabelerCount
from core.store.traces import SORTS, TraceRow, WholeTrace
from core.workflows.arranging import in_order, meanings

__all__ = [
    "SORTS",
    "Description",
    "FilterOptions",
    "ListedTrace",
    "Stale",
    "TraceDetail",
    "TraceList",
    "ValueCount",
    "WholeTrace",
]


class Description(NamedTuple):
    """A slice in numbers and words: n of N traces, the conditions, and what could not be applied (then n is 0)."""

    n: int
    total: int
    sentence: str
    phrases: list[str]
    stale: list[Stale]


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedTrace:
    """A trace in a list with the label that counts, what judges said, its dimensions and categories."""

    row: TraceRow
    label: Label | None
    judgments: list[Judgment]
    dimensions: dict[str, tuple[str, ...]]


class TraceList(NamedTuple):
    """One page of a slice."""

    total: int
    traces: list[ListedTrace]


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceDetail:
    """A trace whole, with everything said about it."""

    trace: WholeTrace
    label: Label | None
    labels: list[Label]
    history: list[Label]
    judgments: list[Judgment]
    same_system_prompt: int
    """Traces that begin with the same system prompt, this one included; 0 where it has none."""


class FilterOptions(NamedTuple):
    """All that a filter bar can offer, with counts over all traces; the empty value is «missing»."""

    dimensions: dict[str, list[ValueCount]]
    fields: dict[str, list[ValueCount]]
    categories: list[Category]
    judges: list[str]
    labelers: list[LabelerCount]
    total: int
    meanings: dict[str, str]
    """What the values of a dimension mean, where somebody has said so."""


def reference_labeler(store: Store) -> str | None:
    """Whose labels count by default: the principal expert's; None means everybody's, the newest per trace."""
    with store.read() as cursor:
        return settings.find_setting(cursor, settings.PRINCIPAL)


def describe(store: Store, slice_: Slice) -> Description:
    """How many traces a slice holds, in words. A slice with a part that cannot be applied holds none."""
    with store.read() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        names = {c.id: c.name for c in categories.find_categories(cursor)}
        stale = [] if slice_.is_all else dimensions.find_stale(cursor, slice_)
        total = traces.count_traces(cursor, Slice())
        n = total if slice_.is_all else 0 if stale else traces.count_traces(cursor, slice_, reference)
    return Description(n, total, slice_.sentence(names), slice_.phrases(names), stale)


def list_dimensions(store: Store) -> list[str]:
    """The names of all dimensions, in the order of the project, else in that in which they were first seen."""
    with store.read() as cursor:
        return list(in_order(cursor, dict.fromkeys(dimensions.find_dimensions(cursor))))


def filter_options(store: Store) -> FilterOptions:
    """What the store offers to filter by."""
    with store.read() as cursor:
        return FilterOptions(
            in_order(cursor, dimensions.count_values(cursor)),
            {name: dimensions.count_field_values(cursor, name) for name in dimensions.FIELD_VALUES},
            categories.find_categories(cursor),
            judgments.find_refs(cursor),
            labels.find_labelers(cursor),
            traces.count_traces(cursor, Slice()),
            meanings(cursor),
        )


def list_traces(
    store: Store, slice_: Slice, *, sort: str = "newest", limit: int = 50, offset: int = 0, whole: bool = False
) -> TraceList:
    """One page of a slice with labels, judgments, dimensions; texts are cut at 200 characters unless `whole`."""
    with store.read() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        page = traces.find_page(cursor, slice_, reference=reference, sort=sort, limit=limit, offset=offset, whole=whole)
        return TraceList(page.total, _listed(cursor, page.rows, slice_.labeler or reference))


def _listed(cursor: Cursor, found: list[TraceRow], reference: str | None) -> list[ListedTrace]:
    keys = [row.key for row in found]
    given = labels.find_labels_of(cursor, found, reference)
    judged = judgments.find_judgments(cursor, keys)
    named = traces.dimensions_of(cursor, found)
    return [
        ListedTrace(
            row=row, label=given.get(row.key), judgments=judged.get(row.key, []), dimensions=named.get(row.key, {})
        )
        for row in found
    ]


def read_trace(store: Store, trace_id: str) -> TraceDetail:
    """One trace with everything said about it.

    Raises:
        NotFoundError: the database holds no trace of this id.
    """
    found = look_up_trace(store, trace_id)
    if found is None:
        raise NotFoundError(
            f"Trace {trace_id[:80]} does not exist in this database.", "The link may come from another database."
        )
    return found


def look_up_trace(store: Store, trace_id: str, *, count_prompt: bool = True) -> TraceDetail | None:
    """One trace with everything said about it, or None where the database holds none of this id.

    Counting equal system prompts reads all traces: leave it out where the count is known.
    """
    with store.read() as cursor:
        key = traces.key_of(cursor, trace_id)
        whole = None if key is None else traces.find_trace(cursor, key)
        if key is None or whole is None:
            return None
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        has_prompt = count_prompt and bool(whole.messages) and whole.messages[0].role == "system"
        return TraceDetail(
            trace=whole,
            label=labels.find_labels_of(cursor, [whole.row], reference).get(key),
            labels=labels.find_labels(cursor, [key]).get(key, []),
            history=labels.find_labels(cursor, [key], history=True).get(key, []),
            judgments=judgments.find_judgments(cursor, [key]).get(key, []),
            same_system_prompt=traces.count_same_system_prompt(cursor, key) if has_prompt else 0,
        )


def shared_beginnings(store: Store) -> dict[int, int]:
    """How many traces begin with one and the same message, by its mark; messages of one trace alone are left out."""
    with store.read() as cursor:
        return traces.count_beginnings(cursor)


def mark_of_beginning(store: Store, trace_id: str) -> int:
    """The mark of a trace's first message in `shared_beginnings`."""
    with store.read() as cursor:
        key = traces.key_of(cursor, trace_id)
        return 0 if key is None else traces.mark_of_beginning(cursor, key)


def newest_import(store: Store) -> int:
    """The number of the newest import: another one whenever traces were added or changed."""
    with store.read() as cursor:
        return max((held.id for held in imports.find_imports(cursor, limit=1)), default=0)


def is_in_slice(store: Store, slice_: Slice, trace_id: str) -> bool:
    """Whether a slice holds this trace."""
    with store.read() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        key = traces.key_of(cursor, trace_id)
        clause = traces.chosen(slice_, reference)
        sql = f"select count(*) from ({clause.sql}) where trace_key = ?"  # noqa: S608 - fixed fragments, bound values
        return bool((cursor.execute(sql, [*clause.params, key]).fetchone() or (0,))[0])


def without_each(store: Store, slice_: Slice) -> list[tuple[str, int, Slice]]:
    """For a slice that holds nothing: each single condition that could go, and how many would then match, most first."""
    with store.read() as cursor:
        names = {c.id: c.name for c in categories.find_categories(cursor)}
    offers = [(words, describe(store, left).n, left) for words, left in slice_.parts(names)]
    return sorted((offer for offer in offers if offer[1]), key=lambda offer: -offer[1])


def set_principal_expert(store: Store, name: str, *, by: str) -> None:
    """Say whose labels are the truth; an empty name means everybody's."""
    with store.write() as cursor:
        settings.put_setting(cursor, settings.PRINCIPAL, name, by=by)
