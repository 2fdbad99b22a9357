"""The one store of this process, and what every page asks of it: asked once for each state of the store."""

import os
from pathlib import Path

import streamlit as st

from core.slice import Slice
from core.workflows import exploring
from core.workflows.exploring import Description, FilterOptions, TraceList
from core.workflows.opening import DEFAULT_DATABASE, Store, open_store

DATABASE_VARIABLE = "PASSFAIL_DB"


def database_path() -> Path:
    """The database file: named by the environment, else `passfail.duckdb` in the folder of the start."""
    return Path(os.environ.get(DATABASE_VARIABLE) or DEFAULT_DATABASE)


def the_store() -> Store:
    """The store of this process.

    Raises:
        StoreBusyError: another process holds the database; the next call tries again.
        StoreUnreadableError: it is newer than this program, damaged, or no database.
    """
    return _opened(str(database_path()))


def close_store() -> None:
    """Write everything to the file and let it go; the next use opens it again."""
    _opened.clear()


def described(slice_: Slice) -> Description:
    """How many traces a slice holds, in words."""
    return _described(the_store().version, slice_)


def filter_options() -> FilterOptions:
    """All that a filter bar can offer, with counts."""
    return _filter_options(the_store().version)


def listed(slice_: Slice, sort: str, limit: int, offset: int) -> TraceList:
    """A page of the traces of a slice."""
    return _listed(the_store().version, slice_, sort, limit, offset)


def wider(slice_: Slice) -> list[tuple[str, int, Slice]]:
    """For a slice that holds nothing: each condition that could go, how many would match then, and that slice."""
    return _wider(the_store().version, slice_)


# The number of the store's state is the key of these caches: nobody ever sees a count from before a write.


@st.cache_resource(show_spinner=False, max_entries=4, on_release=Store.close)
def _opened(path: str) -> Store:
    return open_store(Path(path))


@st.cache_resource(show_spinner=False, max_entries=500)
def _described(version: int, slice_: Slice) -> Description:  # noqa: ARG001
    return exploring.describe(the_store(), slice_)


@st.cache_resource(show_spinner=False, max_entries=2)
def _filter_options(version: int) -> FilterOptions:  # noqa: ARG001
    return exploring.filter_options(the_store())


@st.cache_resource(show_spinner=False, max_entries=50)
def _listed(version: int, slice_: Slice, sort: str, limit: int, offset: int) -> TraceList:  # noqa: ARG001
    return exploring.list_traces(the_store(), slice_, sort=sort, limit=limit, offset=offset)


@st.cache_resource(show_spinner=False, max_entries=50)
def _wider(version: int, slice_: Slice) -> list[tuple[str, int, Slice]]:  # noqa: ARG001
    return exploring.without_each(the_store(), slice_)
