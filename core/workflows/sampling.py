"""Look at the sample: a log written for passfail, with labels, categories and three illustrative judge versions."""

from pathlib import Path
from typing import Any

import orjson

from core.importers import Mapping, Source
from core.model import JudgeVersion
from core.store import categories, judgments, settings
from core.store.connection import Store
from core.workflows.importing import ImportOptions, import_sources

FOLDER = Path(__file__).parents[2] / "data"
PARTS = ("traces", "judgments", "labels")
IS_SAMPLE = "sample"
"""The setting that marks a database as holding the sample, so that the pages can say so."""


def load_sample(store: Store) -> int:
    """Import the sample with its categories and judge versions; again adds nothing. Returns the traces read."""
    with store.write() as cursor:
        for known in _read("categories.json"):
            if categories.find_category(cursor, name=known["name"]) is None:
                categories.add_category(cursor, **known, by="Sample expert")
        for version in _read("judges.json"):
            judgments.add_judge_version(cursor, JudgeVersion(**version))
    counted = 0
    for part in PARTS:
        mapping = Mapping.from_toml((FOLDER / f"{part}.toml").read_text(encoding="utf-8"))
        with Source.from_path(FOLDER / f"{part}.jsonl") as source:
            counted += import_sources(store, [source], ImportOptions(mapping=mapping)).read
    with store.write() as cursor:
        if settings.find_setting(cursor, IS_SAMPLE) is None:
            settings.put_setting(cursor, IS_SAMPLE, "loaded", by="passfail")
    return counted


def holds_sample(store: Store) -> bool:
    """Whether the sample was loaded into this database."""
    with store.read() as cursor:
        return settings.find_setting(cursor, IS_SAMPLE) is not None


def _read(name: str) -> list[dict[str, Any]]:
    return orjson.loads((FOLDER / name).read_bytes())
