"""Other people's labelled sets through the command line, with the numbers that are known of them."""

import json
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Cli, shared

MAPPINGS = Path(__file__).resolve().parents[1] / "fixtures" / "mappings"

SETS: dict[str, tuple[str, ...]] = {
    "evidently-code-review": ("data/evidently-code-review/examples/datasets/code_review.csv",),
    "hw3": ("data/recipe-chatbot/homeworks/hw3/reference_files/labeled_traces.jsonl",),
    "hw5": ("data/recipe-chatbot/homeworks/hw5/reference_files/labeled_traces.jsonl",),
    "nurtureboss": ("data/recipe-chatbot/lesson-4/nurtureboss_traces_labeled.json",),
    "nurtureboss_logs": ("data/recipe-chatbot/lesson-4/nurtureboss_logs.csv",),
    "lesson-7": ("data/recipe-chatbot/lesson-7/data/traces.csv",),
    "ragas-annotated": tuple(
        f"data/ragas-annotated/docs/_static/{name}.json"
        for name in ("annotated_data", "edited_chain_runs", "sample_annotated_summary")
    ),
    "tau-bench": ("data/tau-bench/historical_trajectories/gpt-4o-airline.json",),
}
TRACES = {
    "evidently-code-review": 50,
    "hw3": 101,
    "hw5": 96,
    "nurtureboss": 100,
    "nurtureboss_logs": 100,
    "lesson-7": 118,
    "ragas-annotated": 58,
    "tau-bench": 200,
}


@cache
def facts() -> dict[str, Any]:
    return json.loads(shared("data/facts.json").read_text(encoding="utf-8"))


def import_set(cli: Cli, name: str, *, mapped: bool = True) -> dict[str, Any]:
    files = [shared(path) for path in SETS[name]]
    mapping = ["--mapping", MAPPINGS / f"{name}.toml"] if mapped else []
    done = cli("import", *files, *mapping, "--json")
    assert done.code == 0, done.err
    found = done.json
    assert found["read"] == found["added"] + found["unchanged"] + found["updated"] + found["bad"]
    return found


def total(cli: Cli, *slice_: object) -> int:
    return cli("traces", *slice_, "--limit", "0", "--json").json["total"]


def exported(cli: Cli, what: str, *slice_: object) -> list[dict[str, Any]]:
    return [json.loads(line) for line in cli("export", what, "--format", "jsonl", *slice_).out.splitlines()]


@pytest.mark.parametrize("name", SETS)
def test_a_set_imported_twice_is_there_once(name: str, cli: Cli) -> None:
    first = import_set(cli, name)
    assert (first["read"], first["added"], first["bad"]) == (TRACES[name], TRACES[name], 0)
    assert first["labels"]["bad"] == 0
    before = [exported(cli, what) for what in ("traces", "labels", "judgments", "assignments")]
    again = import_set(cli, name)
    assert (again["added"], again["unchanged"], again["updated"]) == (0, TRACES[name], 0)
    assert again["labels"]["added"] == again["judgments"]["added"] == 0
    assert [exported(cli, what) for what in ("traces", "labels", "judgments", "assignments")] == before
    assert cli("doctor").code == 0


@pytest.mark.parametrize("name", SETS)
def test_a_set_without_a_mapping_gives_the_same_traces_twice(name: str, cli: Cli) -> None:
    first = import_set(cli, name, mapped=False)
    assert (first["read"], first["bad"]) == (TRACES[name], 0)
    again = import_set(cli, name, mapped=False)
    assert (again["added"], again["updated"]) == (0, 0)
    assert total(cli) == TRACES[name]
    assert cli("doctor").code == 0


def test_evidently_code_review_keeps_verdicts_and_comments(cli: Cli) -> None:
    import_set(cli, "evidently-code-review")
    known = facts()["evidently-code-review"]
    assert (total(cli), total(cli, "--verdict", "pass"), total(cli, "--verdict", "fail")) == (50, 23, 27)
    assert (known["label"]["good"], known["label"]["bad"]) == (23, 27)
    labels = exported(cli, "labels")
    assert sum(bool(label["critique"]) for label in labels) == known["comments"] == 38
    bad = [label for label in labels if label["verdict"] == "fail" and label["critique"]]
    assert len(bad) == known["bad_with_comment"]


def test_hw3_fails_by_diet_as_known(cli: Cli) -> None:
    import_set(cli, "hw3")
    known = facts()["hw3"]
    assert (total(cli), total(cli, "--verdict", "pass"), total(cli, "--verdict", "fail")) == (101, 75, 26)
    table = cli("pivot", "--rows", "dietary_restriction", "--json").json
    assert {cell["row"]: [cell["failed"], cell["traces"]] for cell in table["cells"]} == known["fail_by_diet"]
    assert (table["total"]["failed"], table["total"]["judged"]) == (26, 101)
    for diet, (failed, traces) in known["fail_by_diet"].items():
        inside = ("--where", f"dietary_restriction={diet}")
        assert (total(cli, *inside, "--verdict", "fail"), total(cli, *inside)) == (failed, traces)


def test_ragas_holds_the_expert_against_the_judge_by_file(cli: Cli) -> None:
    import_set(cli, "ragas-annotated")
    assert total(cli) == 58
    for file, known in facts()["ragas-annotated"].items():
        metric, crossed = known["metric"], known["human_x_judge"]
        assert total(cli, "--where", f"source={file}") == known["items"]
        found = cli("agreement", "--judge", metric, "--where", f"source={file}", "--json").json["groups"][0]
        counts = [found[name] for name in ("both_pass", "both_fail", "judge_too_lenient", "judge_too_strict")]
        assert counts == [crossed.get(cell, 0) for cell in ("h1j1", "h0j0", "h0j1", "h1j0")], file
        assert found["n"] == known["items"]
        human = known["human_verdict_if_reject_means_flip"]
        assert total(cli, "--where", f"source={file}", "--verdict", "pass") == human["1"]
        assert total(cli, "--where", f"source={file}", "--verdict", "fail") == human["0"]


def test_nurtureboss_keeps_every_trace_and_invents_no_verdict(cli: Cli) -> None:
    import_set(cli, "nurtureboss")
    known = facts()["nurtureboss"]
    assert known["id_values"] == {"root": 100}
    traces = exported(cli, "traces")
    assert len({trace["id"] for trace in traces}) == 100
    assert sum(trace["message_count"] for trace in traces) == known["messages"] == 1198
    assert sum(len(trace["messages"]) for trace in traces) == 1198
    (judge,) = cli("judge", "list", "--json").json["judges"]
    assert (judge["passed"], judge["failed"], judge["failures"]) == (83, 17, 0)
    labels = exported(cli, "labels")
    assert len(labels) == known["with_any_human_note"] == 43
    assert {label["verdict"] for label in labels} == {None}
    assert all(label["critique"] for label in labels)
    assert total(cli, "--verdict", "unlabelled") == 100
    assert cli("failures", "--json").json["reviewed"] == 0


def test_tau_bench_shows_each_tool_call_with_its_result(cli: Cli) -> None:
    import_set(cli, "tau-bench")
    known = facts()["tau-bench"]
    traces = exported(cli, "traces")
    assert (len(traces), sum(trace["message_count"] for trace in traces)) == (200, known["messages"])
    assert sum(trace["tool_call_count"] for trace in traces) == known["tool_calls"] == 1164
    names: Counter[str] = Counter()
    for trace in traces:
        results = {message["tool_call_id"] for message in trace["messages"] if message["role"] == "tool"}
        for message in trace["messages"]:
            for call in message.get("tool_calls", ()):
                assert call["id"] in results, trace["id"]
                names[call["function"]["name"]] += 1
                json.loads(call["function"]["arguments"])
    assert names == known["tools"]
    table = cli("pivot", "--rows", "trial", "--of", "program", "--json").json
    assert {cell["row"]: cell["failed"] for cell in table["cells"]} == known["fail_by_trial"]
    assert table["total"]["rate"] == known["fail_rate"]


def test_categories_from_a_file_of_labels_join_their_traces(cli: Cli) -> None:
    labels = shared("data/recipe-chatbot/lesson-7/data/labeled_traces_latest.jsonl")
    mapping = MAPPINGS / "lesson-7-labels.toml"
    alone = cli("import", labels, "--mapping", mapping, "--json")
    assert (alone.json["read"], alone.json["labels"]["bad"]) == (0, 1)
    assert "no trace with the id" in alone.json["problems"][0]["reason"]
    import_set(cli, "lesson-7")
    joined = cli("import", labels, "--mapping", mapping, "--json").json
    assert (joined["labels"]["added"], joined["labels"]["bad"]) == (1, 0)
    again = cli("import", labels, "--mapping", mapping, "--json").json
    assert (again["labels"]["added"], again["labels"]["unchanged"]) == (0, 1)


def test_a_folder_of_sets_is_read_without_its_papers(cli: Cli) -> None:
    done = cli("import", shared("data/otel-agents"), "--json")
    assert done.code == 0, done.err
    left_out = {problem["file"] for problem in done.json["problems"] if problem["reason"].startswith("not recognised")}
    assert {"LICENSE", "SOURCE.md"} <= left_out
