"""The labelled sets of `../shared/data` in a store each, and the check that every link shows what its number counts."""

import functools
from collections.abc import Iterable

from core.importers import Mapping
from core.slice import Slice
from core.store.connection import IN_MEMORY, Store
from core.workflows.exploring import describe
from core.workflows.importing import ImportOptions, Source, import_sources
from core.workflows.opening import open_store
from core.workflows.pivoting import Pivot
from core.workflows.trusting import Trust
from tests.conftest import ROOT, shared

RECIPES = "data/recipe-chatbot"
RAGAS = "data/ragas-annotated/docs/_static"
SETS: dict[str, tuple[str, str]] = {
    "hw3": (f"{RECIPES}/homeworks/hw3/reference_files/labeled_traces.jsonl", "hw3"),
    "hw5": (f"{RECIPES}/homeworks/hw5/reference_files/labeled_traces.jsonl", "hw5"),
    "nurtureboss": (f"{RECIPES}/lesson-4/nurtureboss_traces_labeled.json", "nurtureboss"),
    "lesson-7": (f"{RECIPES}/lesson-7/data/traces.csv", "lesson-7"),
    "tau-bench": ("data/tau-bench/historical_trajectories/gpt-4o-airline.json", "tau-bench"),
    "code-review": ("data/evidently-code-review/examples/datasets/code_review.csv", "evidently-code-review"),
    "helpfulness": (f"{RAGAS}/annotated_data.json", "ragas-annotated"),
    "answer_correctness": (f"{RAGAS}/edited_chain_runs.json", "ragas-annotated"),
    "summary_accuracy": (f"{RAGAS}/sample_annotated_summary.json", "ragas-annotated"),
}


def real_store(name: str) -> Store:
    """A store with one of the sets, shared by the tests of a run: read it only. Skips where the set is not there."""
    shared(SETS[name][0])
    return _imported(name)


@functools.cache
def _imported(name: str) -> Store:
    path, mapping = SETS[name]
    options = ImportOptions(
        mapping=Mapping.from_toml((ROOT / f"tests/fixtures/mappings/{mapping}.toml").read_text(encoding="utf-8"))
    )
    store = open_store(IN_MEMORY)
    with Source.from_path(shared(path)) as source:
        import_sources(store, [source], options)
    return store


def off_links(store: Store, counted: Iterable[tuple[str, int, Slice]]) -> list[tuple[str, int, int]]:
    """The links that show another number of traces than they promise: what, promised, shown. Zeros have no link."""
    wrong: list[tuple[str, int, int]] = []
    seen: dict[Slice, int] = {}
    for what, n, slice_ in counted:
        if n and slice_ not in seen:
            seen[slice_] = describe(store, slice_).n
        shown = seen[slice_] if n else 0
        if shown != n:
            wrong.append((f"{what}: {slice_.sentence()}", n, shown))
    return wrong


def off_cells(store: Store, found: Pivot) -> list[tuple[str, int, int]]:
    """The same for every cell of a pivot."""
    counted: list[tuple[str, int, Slice]] = []
    for cell in (*found.cells, found.total):
        where = f"{cell.row!r} x {cell.col!r}"
        counted += [
            (f"{where} hits", cell.counts.failed, cell.failed_slice),
            (f"{where} bad", cell.bad.k, cell.bad_slice),
            (f"{where} judged", cell.counts.judged, cell.judged_slice),
            (f"{where} all", cell.counts.traces, cell.all_slice),
        ]
    return off_links(store, counted)


def off_trust(store: Store, trust: Trust) -> list[tuple[str, int, int]]:
    """The same for every number that is said of a judge."""
    counted = [("disagreements", trust.differ, trust.disagreements), *trust.left_out_rows()]
    for group in trust.groups:
        four = group.counts
        counted += [
            (f"{group.value!r} both pass", four.both_pass, group.cell_slice(expert="pass", judge="pass")),
            (f"{group.value!r} both fail", four.both_fail, group.cell_slice(expert="fail", judge="fail")),
            (f"{group.value!r} lenient", four.judge_too_lenient, group.cell_slice(expert="fail", judge="pass")),
            (f"{group.value!r} strict", four.judge_too_strict, group.cell_slice(expert="pass", judge="fail")),
            (f"{group.value!r} compared", four.n, group.compared_slice),
            (f"{group.value!r} failed", group.caught_failures.n, group.expert_slice("fail")),
            (f"{group.value!r} passed", group.kept_passes.n, group.expert_slice("pass")),
            (f"{group.value!r} judge failed", group.fail_precision.n, group.judge_slice("fail")),
        ]
    return off_links(store, counted)
