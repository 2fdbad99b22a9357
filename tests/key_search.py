"""After all tests: the API key that they used stands in no database, journal, log, export or report that they left."""

import contextlib
import gzip
import mmap
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

KEY = "key-of-a-test-8f3e"
"""What tests put into the environment where a key of the provider belongs."""
MOST = 50_000_000
"""Bytes of what is packed that are looked through: a test file may be a bomb."""
SOURCES = (".py", ".pyc", ".whl")
"""Copies of the tests themselves, made where the package is built."""


def files_with_key(folder: Path) -> Iterator[Path]:
    """The files under a folder that hold the key, as it is or with two bytes for each character, also packed as gzip or zip."""
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file() or path.suffix in SOURCES or not path.stat().st_size:
            continue
        with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as held:
            if _has_key(held) or any(_has_key(part) for part in _unpacked(path, held[:2])):
                yield path


def _has_key(held: mmap.mmap | bytes) -> bool:
    return any(held.find(KEY.encode(encoding)) >= 0 for encoding in ("utf-8", "utf-16-le"))


def _unpacked(path: Path, begin: bytes) -> Iterator[bytes]:
    """What a packed file holds, such as a gzipped export or the sheets of a workbook; of a damaged one what can be read."""
    with contextlib.suppress(
        OSError, EOFError, ValueError, RuntimeError, zlib.error, zipfile.BadZipFile, NotImplementedError
    ):
        if begin == b"\x1f\x8b":
            with gzip.open(path) as whole:
                yield whole.read(MOST)
        elif begin == b"PK":
            with zipfile.ZipFile(path) as packed:
                for name in packed.namelist():
                    with packed.open(name) as member:
                        yield member.read(MOST)
