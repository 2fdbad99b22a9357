"""Apache Parquet, read in batches."""

from collections.abc import Iterator
from typing import Any, cast

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from core.importers.base import Head, Record, Source, bad_line
from core.importers.delimited import column_names
from core.importers.lines import UnreadableError, check_limits
from core.importers.texts import json_text
from core.model import BadLine

BATCH = 1_000
_BROKEN: tuple[type[Exception], ...] = (
    cast(Any, pa).ArrowException,
    OSError,
    ValueError,
    OverflowError,
    MemoryError,
)


class Parquet:
    """Parquet files."""

    name = "parquet"
    recognised_by = "Apache Parquet: the file begins with PAR1."

    def detect(self, head: Head) -> bool:
        """True where the file begins with the mark of Parquet."""
        return head.data.startswith(b"PAR1")

    def read(self, source: Source, records_path: str | None = None) -> Iterator[Record | BadLine]:  # noqa: ARG002
        """Yield a record per row; where the file is damaged, a `BadLine` says so after the rows before it."""
        position = 0
        try:
            file: Any = pq.ParquetFile(source.open_seekable())
            for batch in file.iter_batches(batch_size=BATCH):
                for row in _rows(batch):
                    raw = json_text(row)
                    value = orjson.loads(raw)
                    try:
                        check_limits(value)
                    except UnreadableError as error:
                        yield bad_line(None, f"record {position + 1}: {error}", raw)
                    else:
                        yield Record(None, value, raw, position)
                    position += 1
        except _BROKEN as error:
            reason = str(error).split("\n", 1)[0][:200] or type(error).__name__
            yield bad_line(None, f"not readable as Parquet after {position} rows: {source.damage or reason}")


def _rows(batch: Any) -> list[dict[str, Any]]:
    if len(set(batch.schema.names)) < len(batch.schema.names):
        batch = batch.rename_columns(column_names(batch.schema.names))
    try:
        return batch.to_pylist(maps_as_pydicts="lossy")
    except TypeError:
        return batch.to_pylist()
