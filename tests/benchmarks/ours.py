"""Runs in a process of its own: imports the generated log, asks the questions of the pages, prints seconds as JSON.

usage: python -m tests.benchmarks.ours FOLDER DATABASE [--runs 7]
"""

import argparse
import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from core.slice import Condition, Slice, parse_moment
from core.store import traces
from core.store.comparing import compare
from core.store.connection import Store
from core.workflows.exploring import describe, filter_options, list_traces, read_trace
from core.workflows.importing import ImportOptions, Mapping, Source, import_sources
from core.workflows.opening import open_store
from core.workflows.pivoting import pivot

JUDGE = "judge-1@1"
RSS_UNIT = 1024 if sys.platform == "linux" else 1024 * 1024


def _timed(runs: int, call: Callable[[], object]) -> dict[str, float]:
    call()
    took: list[float] = []
    for _ in range(runs):
        started = time.perf_counter()
        call()
        took.append(time.perf_counter() - started)
    return {"median": statistics.median(took), "min": min(took), "max": max(took)}


def _import(store: Store, path: Path, mapping: Mapping | None = None) -> float:
    started = time.perf_counter()
    with Source.from_path(path) as source:
        import_sources(store, [source], ImportOptions(mapping=mapping))
    return time.perf_counter() - started


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser()
    options.add_argument("folder", type=Path)
    options.add_argument("database", type=Path)
    options.add_argument("--runs", type=int, default=7)
    asked = options.parse_args()
    truth: dict[str, Any] = json.loads((asked.folder / "truth.json").read_text())
    store = open_store(asked.database)
    out: dict[str, Any] = {"import_traces_s": _import(store, asked.folder / "traces.jsonl")}
    out["import_peak_rss_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // RSS_UNIT
    mapping = Mapping.from_toml((Path(__file__).parent / "labels.toml").read_text())
    out["import_labels_s"] = _import(store, asked.folder / "labels.jsonl", mapping)
    filters = truth["filter"]
    filtered = Slice(
        dimensions=tuple(Condition(key=k, values=(filters[k],)) for k in ("prompt_version", "persona")),
        fields=(Condition(key="model", values=(filters["model"],)),),
        since=parse_moment(truth["from"]),
        until=parse_moment(truth["to"]),
    )
    page = list_traces(store, filtered)
    found = list_traces(store, Slice(search=truth["needle"]))
    cells = pivot(store, Slice(), rows="feature", cols="scenario", of=JUDGE)
    out["right"] = {
        "filter": page.total == truth["filter_total"] and [t.row.id for t in page.traces] == truth["filter_ids"],
        "search": found.total == truth["search_total"] and [t.row.id for t in found.traces] == truth["search_ids"],
        "pivot": {f"{c.row}|{c.col}": [c.counts.traces, c.counts.failed] for c in cells.inner} == truth["pivot"],
    }

    def confusion() -> object:
        with store.read() as cursor:
            return compare(cursor, JUDGE, Slice(), reference=None, by="feature")

    def first_page() -> object:
        """What the hand-written query gives: the rows with their dimensions, and how many there are in all."""
        with store.read() as cursor:
            found = traces.find_page(cursor, filtered)
            return found, traces.dimensions_of(cursor, found.rows)

    calls: dict[str, Callable[[], object]] = {
        "filter": first_page,
        "filter_with_verdicts": lambda: list_traces(store, filtered),
        "describe": lambda: describe(store, filtered),
        "pivot": lambda: pivot(store, Slice(), rows="feature", cols="scenario", of=JUDGE),
        "pivot_filtered": lambda: pivot(
            store, replace(filtered, since=None), rows="feature", cols="scenario", of=JUDGE
        ),
        "confusion": confusion,
        "facets": lambda: filter_options(store),
        "search": lambda: list_traces(store, Slice(search=truth["needle"])),
        "search_absent": lambda: list_traces(store, Slice(search=truth["absent"])),
        "load": lambda: read_trace(store, truth["load_id"]),
    }
    out["queries"] = {name: _timed(asked.runs, call) for name, call in calls.items()}
    store.close()
    out["file_bytes"] = asked.database.stat().st_size
    json.dump(out, sys.stdout, indent=1)


if __name__ == "__main__":
    main()
