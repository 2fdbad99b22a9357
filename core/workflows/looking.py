"""Look at the rules after labels came: in the background, and nobody who labels waits for it or hears of a fault.

The first label after a look makes the next one due in `SECONDS`: there is at most one look in that time, and the last label
is looked at too. A store that is closed before is looked at once more.
"""

import contextlib
import logging
import threading
from collections.abc import Generator

from core.store import alerts
from core.store.connection import Cursor, Store
from core.workflows.alerting import watch_after

log = logging.getLogger(__name__)

SECONDS = 10.0
_DUE: dict[Store, threading.Timer] = {}
_CHANGING = threading.Lock()
_LOOKING = threading.Lock()


@contextlib.contextmanager
def labelling(store: Store, *, quiet: bool = False) -> Generator[Cursor]:
    """As `Store.write`, for labels: after it the rules are looked at soon. A quiet one adds no label."""
    with store.write(quiet=quiet) as cursor:
        yield cursor
    if not quiet:
        look_soon(store)


def look_soon(store: Store) -> None:
    """Let the rules be looked at within `SECONDS`; where a look is due already, or there is no rule, nothing is done."""
    if store in _DUE:
        return
    try:
        with store.read() as cursor:
            if not alerts.has_rules(cursor):
                return
        with _CHANGING:
            if store not in _DUE:
                store.before_closing = _look
                _DUE[store] = timer = threading.Timer(SECONDS, _look, [store])
                timer.daemon = True
                timer.start()
    except Exception as problem:  # noqa: BLE001 - the labels are stored all the same
        log.warning("no look at the rules could be planned: %s", type(problem).__name__)


def _look(store: Store) -> None:
    """Look at the rules if that is due. A look under way ends first; labels that come from now on make another one due."""
    with _LOOKING:
        with _CHANGING:
            timer = _DUE.pop(store, None)
        if timer is not None:
            timer.cancel()
            watch_after(store, "labels")
