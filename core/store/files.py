"""The files of a database: their names, and copying one that this process has open."""

import contextlib
import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

from core.errors import InputError

COPY = """import os, shutil, sys
with open(sys.argv[1], "rb") as source, open(sys.argv[2], "wb") as target:
    shutil.copyfileobj(source, target, 1 << 20)
    target.flush()
    os.fsync(target.fileno())
"""


def copy_file(source: Path, target: Path) -> None:
    """Copy a file safely to disk, in a process of its own.

    A POSIX lock goes with the first file handle that its process closes: to read an open database here would
    silently let other programs in.

    Raises:
        InputError: the copy could not be written; nothing of it is left.
    """
    command = [sys.executable, "-I", "-c", COPY, str(source), str(target)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        target.unlink(missing_ok=True)
        reason = done.stderr.strip().rpartition("\n")[2].partition(": ")[2][:200] or "the copy failed"
        raise InputError(
            f"{target.name} cannot be written: {reason}.", "Check the folder, the permissions and the free space."
        )


def wal_of(database: Path) -> Path:
    """The write-ahead log that DuckDB keeps beside a file."""
    return database.with_name(f"{database.name}.wal")


def journal_of(database: Path) -> Path:
    """The journal that passfail keeps beside a database."""
    return database.with_name(f"{database.name}.journal")


def aside(database: Path, why: str) -> Path:
    """A free name beside a database for what is moved out of the way."""
    return database.with_name(f"{database.stem}.{why}-{datetime.now(UTC):%Y%m%dT%H%M%S%f}{database.suffix}")


def to_disk(folder: Path) -> None:
    """Make new names in a folder last through a power cut, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
