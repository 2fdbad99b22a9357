"""Rows to files: one file per format, all of the same shape; imports only the model and the errors.

A new format is a module with a class of the shape of `Exporter` and its line in `EXPORTERS`.
"""

from core.errors import UsageError
from core.exporters.base import Column, Exporter, Kind, Row
from core.exporters.csv_file import CsvFile
from core.exporters.jsonl import Jsonl
from core.exporters.parquet import Parquet
from core.exporters.xlsx import Xlsx

__all__ = ["EXPORTERS", "Column", "Exporter", "Kind", "Row", "find_exporter"]

EXPORTERS: tuple[Exporter, ...] = (CsvFile(), Jsonl(), Parquet(), Xlsx())


def find_exporter(name: str) -> Exporter:
    """The exporter of a name; raises `UsageError` where there is none."""
    for exporter in EXPORTERS:
        if exporter.name == name.lower():
            return exporter
    names = ", ".join(exporter.name for exporter in EXPORTERS)
    raise UsageError(f"Nothing can be written as «{name[:40]}».", f"Choose one of: {names}.")
