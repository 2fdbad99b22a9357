"""A backup as one file for a download, for those who have no command line at hand."""

import tempfile
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Final

from core.store.connection import Store
from core.workflows.maintaining import back_up

LARGEST: Final = 200_000_000
"""Bytes of a database that is still handed to a browser; a larger one is copied by `passfail backup`."""


def backup_file(store: Store) -> bytes:
    """The database and its journal in a ZIP file, as `passfail backup` would write them.

    Raises:
        UsageError: the database is in memory only.
        InputError: there is no room for the copy.
    """
    held = BytesIO()
    with tempfile.TemporaryDirectory() as folder:
        back_up(store, Path(folder) / store.path.name)
        with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
            for part in sorted(Path(folder).iterdir()):
                packed.write(part, part.name)
    return held.getvalue()


def size_of(store: Store) -> int:
    """Bytes of the database on the disk, with what was written since it was last put in order; 0 in memory."""
    parts = (store.path, store.path.with_name(f"{store.path.name}.wal"))
    return sum(part.stat().st_size for part in parts if part.is_file())
