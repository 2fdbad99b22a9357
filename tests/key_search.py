"""After all tests: the API key that they used stands in no database, journal, log, export or report that they left."""

import mmap
from collections.abc import Iterator
from pathlib import Path

KEY = "key-of-a-test-8f3e"
"""What tests put into the environment where a key of the provider belongs."""
SOURCES = (".py", ".pyc", ".whl")
"""Copies of the tests themselves, made where the package is built."""


def files_with_key(folder: Path) -> Iterator[Path]:
    """The files under a folder that hold the key, as it is or with two bytes for each character."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file() or path.suffix in SOURCES or not path.stat().st_size:
            continue
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as held:
            if any(held.find(KEY.encode(encoding)) >= 0 for encoding in ("utf-8", "utf-16-le")):
                yield path
