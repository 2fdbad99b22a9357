"""Categories made and traces sorted in a line each, through the very functions that the pages call."""

from core.store.connection import Store
from core.workflows.taxonomy import sort_into, take_out
from core.workflows.wording import Words, make_category, reword


def define_category(
    store: Store,
    *,
    name: str,
    definition: str = "",
    fits_when: str = "",
    not_when: str = "",
    by: str,
    category_id: int | None = None,
) -> int:
    """Make a category, or give one other words; returns its id."""
    words = Words(name=name, definition=definition, fits_when=fits_when, not_when=not_when)
    if category_id is None:
        return make_category(store, words, by=by).category_id or 0
    reword(store, category_id, words, by=by)
    return category_id


def put_into_category(store: Store, *, trace_id: str, category_id: int, by: str) -> bool:
    """Whether the trace was not in it before."""
    return bool(sort_into(store, trace_ids=[trace_id], category_id=category_id, by=by).traces)


def take_out_of_category(store: Store, *, trace_id: str, category_id: int, by: str) -> bool:
    """Whether the trace was in it."""
    return bool(take_out(store, trace_id=trace_id, category_id=category_id, by=by).traces)
