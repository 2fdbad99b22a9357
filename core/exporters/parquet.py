"""Parquet: typed columns, written in row groups as the rows come."""

from collections.abc import Iterable, Sequence
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

from core.exporters.base import Column, Kind, Row, flat_columns

_TYPES: dict[Kind, pa.DataType] = {
    Kind.TEXT: pa.string(),
    Kind.INTEGER: pa.int64(),
    Kind.NUMBER: pa.float64(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.MOMENT: pa.timestamp("us", tz="UTC"),
    Kind.LIST: pa.list_(pa.string()),
    Kind.JSON: pa.string(),
}


class Parquet:
    """Columns with types: times are timestamps in UTC, several values a list."""

    name = "parquet"
    is_text = False
    takes_originals = True

    def write(self, stream: BinaryIO, columns: Sequence[Column], parts: Iterable[Sequence[Row]]) -> int:
        """Write all rows."""
        flat = flat_columns(columns)
        schema = pa.schema([(name, _TYPES[kind]) for _, name, kind in flat])
        written = 0
        with pq.ParquetWriter(stream, schema, compression="zstd") as writer:
            for part in parts:
                arrays = [pa.array([row[position] for row in part], _TYPES[kind]) for position, _, kind in flat]
                writer.write_table(pa.Table.from_arrays(arrays, schema=schema))
                written += len(part)
        return written
