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
def opened(path: Path, *, create: bool = False) -> "Generator[Store]":
    """The database while a command uses it."""
    from core.workflows.opening import open_store, told

    store = open_store(path, create=create)
    for sentence in told(store):
        Output().note(sentence)
    try:
        yield store
    finally:
        store.close()
