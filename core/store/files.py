"""Copying a database file that this process has open."""

import subprocess
import sys
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
