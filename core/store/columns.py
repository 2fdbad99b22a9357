"""The Arrow shapes of the rows that an import appends, column by column as in the tables they go to."""

from collections.abc import Sequence
from typing import Any

import pyarrow as pa

TRACE_COLUMNS = pa.schema(
    [
        ("trace_key", pa.int64()),
        ("id", pa.string()),
        ("session", pa.string()),
        ("started_at", pa.timestamp("us")),
        ("model", pa.string()),
        ("source", pa.string()),
        ("error", pa.string()),
        ("origin", pa.string()),
        ("duration_ms", pa.float64()),
        ("message_count", pa.int32()),
        ("tool_call_count", pa.int32()),
        ("text_size", pa.int64()),
        ("content_hash", pa.uint64()),
        ("record_hash", pa.uint64()),
        ("import_id", pa.int64()),
        ("value_ids", pa.list_(pa.int32())),
        ("slots", pa.list_(pa.int32())),
        ("input", pa.string()),
        ("output", pa.string()),
        ("layout", pa.string()),
        ("text", pa.string()),
        ("record", pa.string()),
    ]
)
STAGED_LABELS = pa.schema(
    [
        ("n", pa.int64()),
        ("file", pa.string()),
        ("line", pa.int64()),
        ("trace_id", pa.string()),
        ("labeler", pa.string()),
        ("state", pa.string()),
        ("critique", pa.string()),
        ("categories", pa.list_(pa.string())),
        ("saw_judge", pa.bool_()),
        ("made_at", pa.timestamp("us")),
        ("relative_to", pa.string()),
        ("with_text", pa.bool_()),
    ]
)
STAGED_JUDGMENTS = pa.schema(
    [
        ("n", pa.int64()),
        ("file", pa.string()),
        ("line", pa.int64()),
        ("trace_id", pa.string()),
        ("judge", pa.string()),
        ("version", pa.string()),
        ("passed", pa.bool_()),
        ("failure", pa.string()),
        ("critique", pa.string()),
        ("made_at", pa.timestamp("us")),
        ("with_text", pa.bool_()),
    ]
)
BAD_LINES = pa.schema(
    [
        ("import_id", pa.int64()),
        ("file", pa.string()),
        ("line", pa.int64()),
        ("reason", pa.string()),
        ("raw", pa.string()),
    ]
)


def table(rows: Sequence[tuple[Any, ...]], schema: pa.Schema) -> pa.Table:
    """Rows as an Arrow table; no rows make an empty one."""
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    arrays = [pa.array(column, kind) for column, kind in zip(columns, schema.types, strict=True)]
    return pa.Table.from_arrays(arrays, schema=schema)
