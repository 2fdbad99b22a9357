"""Log what was done against a failure category, and keep cases to try the next version on."""

from datetime import datetime

from core.errors import NotFoundError, UsageError
from core.store import dimensions, fixes, regression, traces
from core.store.connection import Cursor, Store
from core.store.fixes import Fix
from core.store.regression import Kept
from core.workflows.wording import held_category

__all__ = ["Fix", "Kept", "log_fix"]

MAX_WORDS = 2000


def log_fix(
    store: Store, category_id: int, *, what: str, by: str, since: datetime | None = None,
    dimension: str | None = None, value: str | None = None,
) -> int:  # fmt: skip
    """Note what was done, with the moment from which it holds or the value of a dimension (a version) where it does.

    Raises:
        UsageError: no words, or neither a moment nor a value, or both.
        NotFoundError: no such category, or no such dimension.
    """
    if not what.strip() or len(what) > MAX_WORDS:
        raise UsageError("Say in a sentence what was done.", f"At most {MAX_WORDS} characters.")
    if (since is None) == (not dimension or not value):
        raise UsageError("A fix holds from a date on, or where a dimension has a value.", "Give one of the two.")
    with store.write() as cursor:
        held_category(cursor, category_id)
        if dimension is not None and dimension not in dimensions.find_dimensions(cursor):
            raise NotFoundError(f"There is no dimension «{dimension[:80]}».", "Choose one of the filter bar.")
        return fixes.add_fix(
            cursor, category_id=category_id, what=what.strip(), since=since, dimension=dimension, value=value, by=by
        )  # fmt: skip


def remove_fix(store: Store, event: int, *, by: str) -> None:
    """Take a fix off the log; the history keeps it."""
    with store.write() as cursor:
        fixes.remove_fix(cursor, event, by=by)


def list_fixes(store: Store, category_id: int) -> list[Fix]:
    """What was done against a category, the newest first."""
    with store.read() as cursor:
        return fixes.find_fixes(cursor, category_id)


# ------------------------------------------------------------------------------ regression set


def add_to_regression_set(store: Store, trace_id: str, *, expectation: str, by: str) -> None:
    """Keep a trace to try the next version on, with what a good answer does.

    Raises:
        UsageError: nothing is expected, or more than fits.
        NotFoundError: no such trace.
    """
    said = expectation.strip()
    if not said or len(said) > MAX_WORDS:
        raise UsageError("Say what a good answer does.", f"One sentence is enough; at most {MAX_WORDS} characters.")
    with store.write() as cursor:
        regression.add_to_set(cursor, _key(cursor, trace_id), expectation=said, by=by)


def take_from_regression_set(store: Store, trace_id: str, *, by: str) -> None:
    """Take a trace out of the set; the history keeps that it was in it."""
    with store.write() as cursor:
        regression.take_from_set(cursor, _key(cursor, trace_id), by=by)


def in_regression_set(store: Store, trace_id: str) -> Kept | None:
    """What is kept of a trace in the set, or None where it is not in it."""
    with store.read() as cursor:
        key = traces.key_of(cursor, trace_id)
        return None if key is None else next(iter(regression.find_in_set(cursor, [key])), None)


def _key(cursor: Cursor, trace_id: str) -> int:
    key = traces.key_of(cursor, trace_id)
    if key is None:
        raise NotFoundError(f"Trace {trace_id[:80]} does not exist in this database.", "Open it again from the list.")
    return key
