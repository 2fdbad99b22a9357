"""What every importer shares: a source of bytes, the head it is recognised by, and the records it yields."""

import gzip
import io
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import IO, Any, BinaryIO, NamedTuple, Protocol, cast

from core.errors import InputError
from core.importers.encoding import decode_head
from core.model import BadLine

HEAD_BYTES = 256 * 1024
MAX_EXPANSION = 200
"""How many times its own size a compressed file may expand to."""
FREE_EXPANSION = 32 * 1024 * 1024
"""Bytes that any compressed file may expand to, however small it is."""
READ_BYTES = 1 << 20
RAW_CAP = 10_000
"""Characters kept of the raw text of a bad line."""
GZIP_MAGIC = b"\x1f\x8b"


class Record(NamedTuple):
    """One record of a file: its parsed value, its JSON text, and where it stood."""

    line: int | None
    value: Any
    raw: str
    position: int
    """Its number among the file's records, from 0."""
    key: str | None = None
    """The key under which it stands, in an object of records or of lists of records."""


@dataclass(frozen=True, slots=False, kw_only=True)
class Head:
    """The beginning of a file, decompressed: what a format is recognised by."""

    name: str
    data: bytes
    complete: bool
    """True where `data` is the whole file."""

    @cached_property
    def text(self) -> str | None:
        """The beginning as text, or None for a binary file."""
        return decode_head(self.data)

    @cached_property
    def ending(self) -> str:
        """The last ending of the name in small letters without its dot, `.gz` left out."""
        name = self.name.lower().removesuffix(".gz")
        return name.rpartition(".")[2] if "." in name else ""


class Importer(Protocol):
    """A file format: how it is recognised and how its records are read."""

    @property
    def name(self) -> str:
        """What the command line and a mapping file call it."""
        ...

    @property
    def recognised_by(self) -> str:
        """One sentence for users."""
        ...

    def detect(self, head: Head) -> bool:
        """True where the file is of this format and of no other."""
        ...

    def read(self, source: "Source", records_path: str | None = None) -> Iterator[Record | BadLine]:
        """Yield every record in order; what cannot be read comes as a `BadLine` in its place."""
        ...


class Source:
    """A file to read: named as users may see it, decompressed where it is gzipped, and counted while read."""

    def __init__(self, name: str, raw: BinaryIO, *, folder: str = "", size: int | None = None) -> None:
        # A name of bytes that are no UTF-8 is read with surrogates, which no database takes.
        self.name, self.folder = storable(bare_name(name)), storable(folder)
        self.size = size
        self.damage: str | None = None
        """Why the compressed data ended early, once it did."""
        self.notes: list[str] = []
        """What there is to say of how it was read, once it was: which of its parts were left out."""
        self._raw = raw
        self._unpacked: IO[bytes] | None = None

    @classmethod
    def from_path(cls, path: str | Path) -> "Source":
        """Open a file on disk; raises `InputError` where that is not possible."""
        path = Path(path)
        try:
            raw = path.open("rb", buffering=READ_BYTES)
            size = path.stat().st_size
        except OSError as error:
            reason = (error.strerror or "it cannot be opened").lower()
            raise InputError(f"{path.name} cannot be read: {reason}.", "Check the name and the permissions.") from error
        return cls(path.name, raw, folder=path.absolute().parent.name, size=size)

    @classmethod
    def from_bytes(cls, name: str, data: bytes, *, folder: str = "") -> "Source":
        """A file that is already in memory, such as an upload."""
        return cls(name, io.BytesIO(data), folder=folder, size=len(data))

    @classmethod
    def from_stream(cls, name: str, stream: BinaryIO, *, folder: str = "") -> "Source":
        """An open binary stream; one that cannot seek (standard input) is first copied to a temporary file."""
        if not stream.seekable():
            spool = tempfile.SpooledTemporaryFile(max_size=FREE_EXPANSION)  # noqa: SIM115 - closed by `close`
            while block := stream.read(1 << 20):
                spool.write(block)
            stream = cast(BinaryIO, spool)
        size = stream.seek(0, io.SEEK_END)
        return cls(name, stream, folder=folder, size=size)

    @property
    def stem(self) -> str:
        """The name without its endings: what `@file` stands for."""
        name = self.name[:-3] if self.name.lower().endswith(".gz") else self.name
        return name.rpartition(".")[0] or name

    @property
    def bytes_read(self) -> int:
        """How far the file was read, in its own (compressed) bytes: progress towards `size`."""
        return self._raw.tell() if not self._raw.closed else self.size or 0

    def open(self) -> BinaryIO:
        """The decompressed bytes from the beginning."""
        self.damage = None
        self._raw.seek(0)
        compressed = self._raw.read(2) == GZIP_MAGIC
        self._raw.seek(0)
        if not compressed:
            return self._raw
        return cast(BinaryIO, io.BufferedReader(_Gunzip(self, self._raw), 1 << 17))

    def open_seekable(self) -> BinaryIO:
        """The decompressed bytes as a stream that can seek, for formats that need it."""
        stream = self.open()
        if stream is self._raw:
            return stream
        if self._unpacked is None:
            self._unpacked = tempfile.SpooledTemporaryFile(max_size=FREE_EXPANSION)  # noqa: SIM115 - see `close`
            while block := stream.read(1 << 20):
                self._unpacked.write(block)
        self._unpacked.seek(0)
        return cast(BinaryIO, self._unpacked)

    def head(self) -> Head:
        """The first bytes, for detection; reading starts anew afterwards."""
        data = self.open().read(HEAD_BYTES + 1)
        return Head(name=self.name, data=data[:HEAD_BYTES], complete=len(data) <= HEAD_BYTES)

    def close(self) -> None:
        """Close the file and what was unpacked from it."""
        if self._unpacked is not None:
            self._unpacked.close()
        self._raw.close()

    def __enter__(self) -> "Source":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Gunzip(io.RawIOBase):
    """Decompressed bytes: refuses a bomb, ends where the data is damaged and says so in `source.damage`."""

    def __init__(self, source: Source, raw: BinaryIO) -> None:
        self._source, self._raw = source, raw
        self._gzip = gzip.GzipFile(fileobj=raw, mode="rb")
        self._written = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self._source.damage:
            return 0
        try:
            data = self._gzip.read1(len(buffer))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            early = isinstance(error, EOFError)
            self._source.damage = "the compressed data ends early" if early else "the compressed data is damaged"
            return 0
        self._written += len(data)
        if self._written > FREE_EXPANSION and self._written > MAX_EXPANSION * self._raw.tell():
            raise InputError(
                f"{self._source.name} expands to more than {MAX_EXPANSION} times its size and was refused.",
                "Decompress it first if you trust it, then import the result.",
            )
        buffer[: len(data)] = data
        return len(data)


def storable(name: str) -> str:
    """A name that a database takes: what of it is no UTF-8 becomes a question mark."""
    return name.encode("utf-8", "replace").decode()


def bare_name(name: str) -> str:
    """The last part of a name: no folder is ever shown."""
    return name.replace("\\", "/").rstrip("/").rpartition("/")[2] or "data"


def sources_in(path: str | Path) -> list[Path]:
    """The files under a path: itself, or for a folder every visible file below it in the order of names."""
    path = Path(path)
    if not path.is_dir():
        return [path]
    inside = (p for p in path.rglob("*") if p.is_file())
    return sorted(p for p in inside if not any(part.startswith(".") for part in p.relative_to(path).parts))


def bad_line(line: int | None, reason: str, raw: str | bytes = "") -> BadLine:
    """A `BadLine` whose raw text is readable and cut at `RAW_CAP`."""
    if isinstance(raw, bytes):
        raw = raw[: RAW_CAP * 4].decode("utf-8", "replace")
    elif not raw.isascii():
        raw = raw[:RAW_CAP].encode("utf-8", "replace").decode("utf-8")
    return BadLine(line, reason, raw[:RAW_CAP])
