"""Which database a command works on, and opening it for the time of the command."""

import contextlib
import os
from argparse import Namespace
from collections.abc import Generator
from pathlib import Path
from typing import TYPE_CHECKING

from core.cli.output import Output

if TYPE_CHECKING:
    from core.workflows.opening import Store

DEFAULT = "passfail.duckdb"


def database_path(args: Namespace) -> Path:
    """--db, else PASSFAIL_DB, else ./passfail.duckdb."""
    named: Path | None = args.db
    return named if named is not None else Path(os.environ.get("PASSFAIL_DB") or DEFAULT)


@contextlib.contextmanager
def opened(path: Path, *, create: bool = False, as_of: int | None = None) -> "Generator[Store]":
    """The database while a command uses it; with `as_of` as it was right after that event.

    Raises:
        UsageError: it holds no such event.
    """
    from core.workflows.opening import open_store, told
    from core.workflows.pinning import pin

    store = open_store(path, create=create)
    for sentence in told(store):
        Output().note(sentence)
    try:
        yield store if as_of is None else pin(store, as_of)
    finally:
        store.close()
