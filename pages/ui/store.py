"""The one store of this process, and what every page asks of it: asked once for each state of the store."""

import os
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import streamlit as st

from core.slice import Slice
from core.workflows import exploring, outcomes, pinning, sampling, seeing
from core.workflows.exploring import Description, FilterOptions, TraceDetail, TraceList
from core.workflows.looking import look_soon
from core.workflows.opening import DEFAULT_DATABASE, Store, open_store
from core.workflows.outcomes import Beside
from core.workflows.pinning import PinnedView
from core.workflows.trusting import JudgeSummary, list_judges

DATABASE_VARIABLE = "PASSFAIL_DB"


def database_path() -> Path:
    """The database file: named by the environment, else `passfail.duckdb` in the folder of the start."""
    return Path(os.environ.get(DATABASE_VARIABLE) or DEFAULT_DATABASE)


def the_store() -> Store:
    """The store of this process; as it was at a moment, and not to be written, where the address names one.

    Raises:
        StoreBusyError: another process holds the database; the next call tries again.
        StoreUnreadableError: it is newer than this program, damaged, or no database.
    """
    store, event = live_store(), asked_event()
    return store if event is None or event > newest_event() else _pinned(store, event, store.version)


def asked_event() -> int | None:
    """The event to which the address is pinned; None for the newest data, or where it names no number."""
    from pages.ui.filters import text_setting  # filters itself asks this file

    words = text_setting("as_of") or ""
    return int(words) if words.isascii() and words.isdigit() and len(words) <= pinning.LONGEST else None


def live_store() -> Store:
    """The store of this process with the newest data, whatever the address says."""
    return _opened(str(database_path()))


def close_store() -> None:
    """Write everything to the file and let it go; the next use opens it again."""
    _pinned.cache_clear()
    _opened.clear()


def newest_event() -> int:
    """The number of the newest event: what a link copied now is pinned to."""
    store = live_store()
    return _newest_event(store, store.version)


def pinned_view() -> PinnedView | None:
    """The moment that the address names, with what came since; None for the newest data."""
    return _pinned_view(the_store().version)


def described(slice_: Slice) -> Description:
    """How many traces a slice holds, in words."""
    return _described(the_store().version, slice_)


def filter_options() -> FilterOptions:
    """All that a filter bar can offer, with counts."""
    return _filter_options(the_store().version)


def shows_sample() -> bool:
    """Whether the sample is in this database."""
    return _shows_sample(the_store().version)


def known_judges() -> list[JudgeSummary]:
    """All judge versions with their counts, oldest first within each judge."""
    return list(_known_judges(the_store().version))


def known_refs() -> list[str]:
    """All judge versions as NAME@VERSION."""
    return [judge.version.ref for judge in known_judges()]


def listed(slice_: Slice, sort: str, limit: int, offset: int) -> TraceList:
    """A page of the traces of a slice."""
    return _listed(the_store().version, slice_, sort, limit, offset)


def seen_trace(trace_id: str) -> TraceDetail | None:
    """One trace with everything said about it, or None where there is none of this id."""
    return _seen_trace(the_store().version, trace_id)


def lines_beside() -> Beside:
    """What the project shows beside each trace: the lines of outcome and context."""
    return _lines_beside(the_store().version)


def wider(slice_: Slice) -> list[tuple[str, int, Slice]]:
    """For a slice that holds nothing: each condition that could go, how many would match then, and that slice."""
    return _wider(the_store().version, slice_)


def waiting_for(person: str | None) -> frozenset[str]:
    """Traces on which this person, or where nobody is named anybody, has still to speak: now, whatever moment the
    address names."""
    return _waiting_for(live_store().version, person)


def told_of(person: str, keys: tuple[int, ...]) -> frozenset[int]:
    """Those of these traces of which this person knows what a judge says, or gave a verdict of their own."""
    return _told_of(live_store().version, person, keys)


# The number of the store's state is the key of these caches: nobody ever sees a count from before a write. They are
# plain ones, since Streamlit's own take milliseconds to make a key of a slice, on each of a dozen readings a page.


@st.cache_resource(show_spinner=False, max_entries=4, on_release=Store.close)
def _opened(path: str) -> Store:
    store = open_store(Path(path))
    look_soon(store)  # at what came while no server ran, or just before one was killed
    return store


@lru_cache(maxsize=20)
def _pinned(store: Store, event: int, version: int) -> Store:  # noqa: ARG001 - the key of the cache
    """Made anew after each commit: a trace that was changed since is shown as it now is, with its new values."""
    return pinning.pin(store, event)


@lru_cache(maxsize=2)
def _newest_event(store: Store, version: int) -> int:  # noqa: ARG001 - the key of the cache
    return pinning.newest_event(store)


@lru_cache(maxsize=20)
def _pinned_view(version: int) -> PinnedView | None:  # noqa: ARG001 - the key of the cache
    return pinning.what_came_since(the_store())


@lru_cache(maxsize=500)
def _described(version: int, slice_: Slice) -> Description:  # noqa: ARG001 - the key of the cache
    return exploring.describe(the_store(), slice_)


@lru_cache(maxsize=20)
def _waiting_for(version: int, person: str | None) -> frozenset[str]:  # noqa: ARG001 - the key of the cache
    return seeing.waiting_for(live_store(), person)


@lru_cache(maxsize=20)
def _told_of(version: int, person: str, keys: tuple[int, ...]) -> frozenset[int]:  # noqa: ARG001 - the key of the cache
    return seeing.told_of(live_store(), keys, person)


@lru_cache(maxsize=2)
def _lines_beside(version: int) -> Beside:  # noqa: ARG001 - the key of the cache
    return outcomes.beside(the_store())


@lru_cache(maxsize=2)
def _shows_sample(version: int) -> bool:  # noqa: ARG001 - the key of the cache
    return sampling.holds_sample(the_store())


@lru_cache(maxsize=2)
def _filter_options(version: int) -> FilterOptions:  # noqa: ARG001 - the key of the cache
    return exploring.filter_options(the_store())


@lru_cache(maxsize=2)
def _known_judges(version: int) -> list[JudgeSummary]:  # noqa: ARG001 - the key of the cache
    return list_judges(the_store())


@lru_cache(maxsize=50)
def _listed(version: int, slice_: Slice, sort: str, limit: int, offset: int) -> TraceList:  # noqa: ARG001 - the key of the cache
    return exploring.list_traces(the_store(), slice_, sort=sort, limit=limit, offset=offset)


@lru_cache(maxsize=30)
def _seen_trace(version: int, trace_id: str) -> TraceDetail | None:  # noqa: ARG001 - the key of the cache
    found = exploring.look_up_trace(the_store(), trace_id, count_prompt=False)
    if found is None or not found.trace.messages or found.trace.messages[0].role != "system":
        return found
    shared = _shared_beginnings(the_store(), exploring.newest_import(the_store()))
    return replace(found, same_system_prompt=shared.get(exploring.mark_of_beginning(the_store(), trace_id), 1))


@lru_cache(maxsize=1)
def _shared_beginnings(store: Store, newest_import: int) -> dict[int, int]:  # noqa: ARG001 - the key of the cache
    """Read from all traces, so once until the next import."""
    return exploring.shared_beginnings(store)


@lru_cache(maxsize=50)
def _wider(version: int, slice_: Slice) -> list[tuple[str, int, Slice]]:  # noqa: ARG001 - the key of the cache
    return exploring.without_each(the_store(), slice_)
