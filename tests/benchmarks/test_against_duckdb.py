"""passfail against plain DuckDB on an ideal typed table, as ratios within one run: `make bench`.

Nothing here fails for being slow: machines differ and are noisy. The figures are printed to be read.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.benchmarks.log import TRACES, make_log, run, run_module
from tests.conftest import shared

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(3600)]

ROUNDS = 3
AIMS = {"import": 2.5, "pivot": 2.0, "confusion": 2.0, "filter": 2.0, "search": 2.0, "search_absent": 2.0}


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_log(tmp_path_factory.mktemp("bench"))


def _median(values: list[float]) -> float:
    return sorted(values)[len(values) // 2]


def test_import_and_queries_beside_plain_duckdb(log: Path, tmp_path: Path) -> None:
    floors: list[dict[str, Any]] = []
    ours: list[dict[str, Any]] = []
    for number in range(ROUNDS):  # in turn, so that a slow minute of the machine hits both
        floors.append(json.loads(run(shared("bench/floor_duckdb.py"), log)))
        ours.append(json.loads(run_module("tests.benchmarks.ours", log, tmp_path / f"{number}.duckdb")))
        assert all(ours[-1]["right"].values()), f"a wrong answer: {ours[-1]['right']}"

    def ratio(name: str, floor_name: str | None = None) -> list[float]:
        pairs = zip(ours, floors, strict=True)
        return [a["queries"][name]["median"] / b["queries"][floor_name or name]["median"] for a, b in pairs]

    ratios = {
        "import": [a["import_traces_s"] / b["import_traces_s"] for a, b in zip(ours, floors, strict=True)],
        **{name: ratio(name) for name in ("pivot", "confusion", "filter", "search", "search_absent")},
        "search, any case": ratio("search_absent", "search_any_case"),
        "filter + verdicts": ratio("filter_with_verdicts", "filter"),
    }
    print(f"\n{TRACES:,} traces, {ROUNDS} rounds in turn, ratio passfail / plain DuckDB {floors[0]['duckdb']}")
    for name, values in ratios.items():
        aim = f"aim at most {AIMS[name]}" if name in AIMS else ""
        print(f"  {name:18} median {_median(values):5.2f}   {min(values):5.2f} to {max(values):5.2f}   {aim}")
    seconds = _median([a["import_traces_s"] for a in ours])
    print(f"  import: {seconds:.1f} s, peak memory {max(a['import_peak_rss_mb'] for a in ours)} MB (aim under 1,000)")
    print(f"  database {ours[0]['file_bytes'] / 1e6:.0f} MB for a log of {floors[0]['jsonl_bytes'] / 1e6:.0f} MB")
    for name in ("filter", "filter_with_verdicts", "describe", "pivot", "confusion", "facets", "search", "load"):
        print(f"  {name:20} {1000 * _median([a['queries'][name]['median'] for a in ours]):7.1f} ms")
