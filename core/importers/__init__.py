"""Log files to traces: one file per format, all of the same shape; imports only the model and the errors.

    source -> detect -> Importer.read -> Record | BadLine -> Extractor(mapping).extract -> trace, labels, judgments

A new format is a module with a class of the shape of `Importer`, its line in `IMPORTERS`, and its files in
`tests/fixtures/logs/`.
"""

from core.errors import InputError
from core.importers.base import Head, Importer, Record, Source, bare_name, sources_in
from core.importers.delimited import Delimited
from core.importers.extract import Extract, Extractor
from core.importers.json_file import JsonFile
from core.importers.jsonl import Jsonl
from core.importers.mapping import Mapping
from core.importers.parquet import Parquet
from core.importers.propose import Proposal, propose
from core.importers.xlsx import Xlsx

__all__ = [
    "IMPORTERS",
    "Extract",
    "Extractor",
    "Head",
    "Importer",
    "Mapping",
    "Proposal",
    "Record",
    "Source",
    "bare_name",
    "detect",
    "find_importer",
    "propose",
    "sources_in",
]

IMPORTERS: tuple[Importer, ...] = (Parquet(), Xlsx(), Jsonl(), JsonFile(), Delimited())
_OTHER_NAMES = {"tsv": "csv", "ndjson": "jsonl", "excel": "xlsx"}


def detect(head: Head) -> Importer | None:
    """The importer that recognises a file by its beginning, or None."""
    return next((importer for importer in IMPORTERS if importer.detect(head)), None)


def find_importer(name: str) -> Importer:
    """The importer of a name; raises `InputError` where there is none."""
    wanted = _OTHER_NAMES.get(name.lower(), name.lower())
    for importer in IMPORTERS:
        if importer.name == wanted:
            return importer
    names = ", ".join(importer.name for importer in IMPORTERS)
    raise InputError(f'There is no format "{name}".', f"Choose one of: {names}.")
