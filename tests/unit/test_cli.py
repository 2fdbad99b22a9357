"""The command line: its commands, exit codes, and the JSON shapes that scripts rely on."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import pytest

from core import cli as command_line
from core.cli import COMMANDS, main
from core.cli.parser import build_parser
from core.store.connection import Store
from core.workflows.opening import open_store
from tests.conftest import ROOT, Cli

S, N, B, X = (str,), (int,), (bool,), (float, int)
NONE = (type(None),)

RATE = {"k": N, "n": N, "rate": X + NONE, "low": X + NONE, "high": X + NONE}
CELL = {
    "row": S + NONE,
    "col": S + NONE,
    "traces": N,
    "judged": N,
    "failed": N,
    "rate": X + NONE,
    "low": X + NONE,
    "high": X + NONE,
    "weighted_rate": X + NONE,
    "weighted_low": X + NONE,
    "weighted_high": X + NONE,
    "n_eff": X,
}
LABEL = {"verdict": S, "critique": S + NONE, "labeler": S, "at": S, "saw_judge": B, "categories": [S]}
JUDGMENT = {
    "judge": S,
    "version": S,
    "verdict": S + NONE,
    "critique": S + NONE,
    "failure": S + NONE,
    "at": S + NONE,
}
SHAPES: dict[str, Any] = {
    "import": {
        "files": N,
        "format": dict,
        "read": N,
        "added": N,
        "unchanged": N,
        "updated": N,
        "bad": N,
        "labels": {"read": N, "added": N, "unchanged": N, "bad": N},
        "judgments": {"read": N, "added": N, "unchanged": N, "failures": N},
        "problems": [{"file": S, "line": N + NONE, "reason": S}],
    },
    "traces": {
        "total": N,
        "traces": [
            {
                "id": S,
                "started_at": S + NONE,
                "session": S + NONE,
                "input": S,
                "output": S,
                "dimensions": dict,
                "label": (LABEL, None),
                "judgments": [JUDGMENT],
            }
        ],
    },
    "pivot": {"of": S, "rows": S, "cols": S + NONE, "denominator": S, "cells": [CELL], "total": CELL},
    "agreement": {
        "judge": S,
        "version": S,
        "labeler": S + NONE,
        "split": S,
        "groups": [
            {
                "value": S + NONE,
                "both_pass": N,
                "both_fail": N,
                "judge_too_lenient": N,
                "judge_too_strict": N,
                "n": N,
                "kept_passes": RATE,
                "caught_failures": RATE,
                "agreement": RATE,
                "kappa": X + NONE,
            }
        ],
        "left_out": {
            "unlabelled": N,
            "deferred": N,
            "judge_failure": N,
            "no_judgment": N,
            "expert_saw_judge": N,
            "other_split": N,
        },
    },
    "failures": {
        "reviewed": N,
        "failed": N,
        "uncategorised": N,
        "categories": [{"name": S, "traces": N, "share_of_failed": X, "share_of_reviewed": X}],
    },
    "label": {"trace": S, "verdict": S, "event": S},
    "judge show": {
        "judge": S,
        "version": S,
        "model": S + NONE,
        "settings": dict,
        "prompt": S + NONE,
        "examples": [S],
        "source": S,
    },
}


def assert_shape(value: Any, shape: Any, place: str = "$") -> None:
    """Every named field is there with its type; more fields are allowed, nothing else is different."""
    if isinstance(shape, dict):
        assert isinstance(value, dict), place
        assert shape.keys() <= value.keys(), f"{place} lacks {shape.keys() - value.keys()}"
        for name, inner in shape.items():
            assert_shape(value[name], inner, f"{place}.{name}")
    elif isinstance(shape, list):
        assert isinstance(value, list), place
        for number, item in enumerate(value):
            assert_shape(item, shape[0], f"{place}[{number}]")
    elif isinstance(shape, tuple) and isinstance(shape[0], dict):
        if value is not None:
            assert_shape(value, shape[0], place)
    else:
        kinds = shape if isinstance(shape, tuple) else (shape,)
        assert type(value) in kinds, f"{place} is {value!r}"


# --------------------------------------------------------------------------------------------- words and exit codes


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_its_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command.split(), "--help"]) == 0
    told = capsys.readouterr()
    assert f"passfail {command}" in told.out
    assert "--json" in told.out
    assert "--db" in told.out
    assert told.err == ""


def test_every_command_of_the_parser_is_run_by_a_module() -> None:
    def names(parser: ArgumentParser) -> list[str]:
        found: list[str] = []
        for action in parser._actions:
            for name, inner in action.choices.items() if isinstance(action.choices, dict) else ():
                found += [f"{name} {below}" for below in names(inner)] or [name]
        return found

    assert sorted(names(build_parser())) == sorted(COMMANDS)
    for command in COMMANDS:
        assert callable(command_line._command(command))


def test_help_needs_neither_the_database_nor_the_dashboard() -> None:
    heavy = "('duckdb', 'openpyxl', 'pandas', 'pyarrow', 'streamlit')"
    script = f"import sys, passfail; passfail.main(['--help']); print([m for m in sys.modules if m in {heavy}])"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")


@pytest.mark.parametrize(
    "words",
    [
        ["nonsense"],
        ["import"],
        ["traces", "--limit", "-1"],
        ["traces", "--limit", "many"],
        ["traces", "--verdict", "maybe"],
        ["pivot"],
        ["label", "t01", "perhaps", "--as", "ana"],
        ["label", "t01", "pass"],
        ["export", "everything"],
        ["serve", "--port", "100000"],
        ["judge"],
        ["traces", "--unknown"],
    ],
    ids=" ".join,
)
def test_wrong_usage_is_said_on_stderr_and_ends_with_2(words: list[str], cli: Cli, small_database: Path) -> None:
    done = cli(*words)
    assert done.code == 2
    assert done.out == ""
    assert "Traceback" not in done.err
    assert done.err.strip()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["traces", "--where", "feature"], "KEY=VALUE"),
        (["traces", "--where", "=search"], "KEY=VALUE"),
        (["traces", "--where", "colour=red"], "There is no dimension «colour»"),
        (["traces", "--since", "yesterday"], "no date or time"),
        (["traces", "--until", "2026-02-30"], "no date or time"),
        (["traces", "--judge-verdict", "strict=maybe"], "--judge-verdict strict=maybe cannot be read"),
        (["traces", "--judge-verdict", "mild=pass"], "There is no judge «mild»"),
        (["traces", "--disagree", "strict@v9"], "There is no judge «strict@v9»"),
        (["traces", "--category", "slow"], "There is no failure category «slow»"),
        (["pivot", "--rows", "colour"], "colour"),
        (["pivot", "--rows", "feature", "--cols", "feature"], "both"),
        (["pivot", "--rows", "feature", "--of", "mild"], "mild"),
        (["agreement", "--judge", "mild"], "mild"),
        (["agreement", "--judge", "strict", "--by", "colour"], "colour"),
        (["agreement", "--judge", "strict", "--labeler", "bob"], "bob"),
        (["failures", "--by", "colour"], "colour"),
        (["label", "t99", "pass", "--as", "ana"], "Trace t99 does not exist"),
        (["label", "t01", "fail", "--as", "ana"], "Write what went wrong"),
        (["label", "t01", "pass", "--as", " "], "name"),
        (["label", "t01", "fail", "--critique", "x", "--category", "slow", "--as", "ana"], "slow"),
        (["judge", "show", "mild"], "mild"),
        (["import", "gone.jsonl"], "gone.jsonl"),
        (["import", __file__, "--format", "docx"], "docx"),
        (["import", __file__, "--mapping", "gone.toml"], "gone.toml"),
        (["import", __file__, "--dimension", "feature"], "KEY=VALUE"),
        (["export", "traces", "--json"], "--out"),
        (["export", "traces", "--history", "--out", "x.csv"], "history"),
        (["export", "traces", "--rows", "feature", "--out", "x.csv"], "export pivot"),
        (["export", "pivot", "--out", "x.csv"], "--rows"),
        (["backup", "gone/folder/b.duckdb"], "b.duckdb"),
        (["restore", "gone.duckdb"], "gone.duckdb"),
        (["serve"], "dashboard"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_users_mistake_is_a_sentence_with_a_remedy(
    words: list[str], said: str, cli: Cli, small_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(small_database.parent)
    done = cli(*words)
    assert done.code == 2
    assert said in done.err
    assert len(done.err.strip().splitlines()) >= 2, "what happened, and what to do"
    assert "Traceback" not in done.err


def test_an_error_is_one_json_document_too(cli: Cli, small_database: Path) -> None:
    done = cli("pivot", "--rows", "colour", "--json")
    assert done.code == 2
    assert "colour" in done.json["error"]
    assert done.json["remedy"]
    assert cli("import", "gone.jsonl", "--json").json["read"] == 0


def test_a_missing_database_ends_with_3_and_is_not_made(cli: Cli, database: Path) -> None:
    for words in (["traces"], ["failures"], ["export", "labels"], ["doctor"], ["judge", "list"], ["backup", "x"]):
        done = cli(*words)
        assert done.code == 3
        assert "There is no database passfail.duckdb" in done.err
    assert not database.exists()


def test_a_file_that_is_no_database_ends_with_3(cli: Cli, database: Path) -> None:
    database.write_bytes(b"not a database" * 1000)
    done = cli("traces")
    assert (done.code, done.out) == (3, "")
    assert "not a database that this program can read" in done.err
    assert database.read_bytes() == b"not a database" * 1000


HOLD = """
import sys
import time
from pathlib import Path
from core.workflows.opening import open_store
store = open_store(Path(sys.argv[1]))
print("held", flush=True)
sys.stdin.read()
"""


def test_a_database_in_use_ends_with_3_and_says_by_whom(cli: Cli, small_database: Path, tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(small_database)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    ) as holder:  # fmt: skip
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        log = tmp_path / "log.jsonl"
        log.write_text('{"id": "x", "input": "a", "output": "b"}\n')
        for words in (["traces"], ["import", log], ["label", "t01", "pass", "--as", "ana"], ["doctor"]):
            done = cli(*words)
            assert done.code == 3
            assert f"in use by another program (process {holder.pid})" in done.err
            assert "Traceback" not in done.err
        backup = tmp_path / "backup.duckdb"
        backup.write_bytes(small_database.read_bytes())
        assert cli("restore", backup).code == 3
        holder.communicate()
    assert cli("traces", "--json").json["total"] == 12


def test_the_database_is_named_by_the_environment_where_no_option_does(
    small_database: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PASSFAIL_DB", str(small_database))
    assert main(["traces", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["total"] == 12


def test_common_options_stand_before_or_after_the_command(
    small_database: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (
        ["--db", str(small_database), "--json", "failures"],
        ["failures", "--json", "--db", str(small_database)],
    ):
        assert main(words) == 0
        assert json.loads(capsys.readouterr().out)["reviewed"] == 8


def test_serve_is_called_with_what_was_asked_for(database: Path) -> None:
    asked: list[dict[str, Any]] = []

    def serve(**options: Any) -> int:
        asked.append(options)
        return 0

    assert main(["--db", str(database)], serve=serve) == 0
    assert (
        main(
            ["serve", "--host", "127.0.0.2", "--port", "9000", "--no-browser", "--demo", "--db", str(database)],
            serve=serve,
        )
        == 0
    )
    unwatched = {"watch": None, "every": 10.0}
    assert asked == [
        {"host": "127.0.0.1", "port": 8501, "db": database, "open_browser": True, "demo": False, **unwatched},
        {"host": "127.0.0.2", "port": 9000, "db": database, "open_browser": False, "demo": True, **unwatched},
    ]


# --------------------------------------------------------------------------------------------------------- numbers


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        ([], "t11 t10 t09 t08 t07 t06 t05 t04 t03 t02 t01 t12"),
        (["--where", "feature=search"], "t05 t04 t03 t02 t01"),
        (["--where", "feature=search", "--where", "feature=chat"], "t11 t10 t05 t04 t03 t02 t01"),
        (["--where", "feature=search", "--where", "persona=new"], "t05 t02 t01"),
        (["--where", "feature!=search"], "t11 t10 t09 t08 t07 t06 t12"),
        (["--where", "feature!=search", "--where", "feature!=chat"], "t09 t08 t07 t06 t12"),
        (["--where", "feature="], "t12"),
        (["--where", "feature!="], "t11 t10 t09 t08 t07 t06 t05 t04 t03 t02 t01"),
        (["--where", "feature=", "--where", "feature=chat"], "t11 t10 t12"),
        (["--where", "model=m-1"], "t10 t09 t08 t03 t02 t01"),
        (["--where", "session=s1"], "t02 t01"),
        (["--where", "error="], "t10 t09 t08 t07 t06 t05 t04 t03 t02 t01 t12"),
        (["--where", "error!="], "t11"),
        (["--where", "source=small.jsonl", "--where", "feature=chat"], "t11 t10"),
        (["--since", "2026-01-10"], "t11 t10"),
        (["--until", "2026-01-02"], "t01"),
        (["--since", "2026-01-02", "--until", "2026-01-04T00:00:00Z"], "t03 t02"),
        (["--since", "2026-01-02T01:00:00+01:00", "--until", "2026-01-03"], "t02"),
        (["--search", "QUESTION OF T03"], "t03"),
        (["--search", "rude"], "t07"),
        (["--search", "%"], ""),
        (["--verdict", "pass"], "t10 t06 t02 t01"),
        (["--verdict", "fail"], "t11 t07 t04 t03"),
        (["--verdict", "deferred"], "t08"),
        (["--verdict", "unlabelled"], "t09 t05 t12"),
        (["--verdict", "deferred", "--verdict", "unlabelled"], "t09 t08 t05 t12"),
        (["--judge-verdict", "strict=pass"], "t09 t08 t06 t04 t01"),
        (["--judge-verdict", "strict@v1=fail"], "t07 t05 t03 t02"),
        (["--judge-verdict", "strict=failure"], "t10"),
        (["--judge-verdict", "strict=failure", "--judge-verdict", "strict=fail"], "t10 t07 t05 t03 t02"),
        (["--disagree", "strict"], "t04 t02"),
        (["--category", "dates"], "t07 t03"),
        (["--category", "Tone"], "t07"),
        (["--category", "none", "--verdict", "fail"], "t11"),
        (["--limit", "2"], "t11 t10"),
        (["--limit", "2", "--offset", "10"], "t01 t12"),
        (["--offset", "100"], ""),
        (["--limit", "0"], ""),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_slice_holds_just_its_traces(words: list[str], ids: str, cli: Cli, small_database: Path) -> None:
    done = cli("traces", *words, "--json")
    assert (done.code, done.err) == (0, "")
    assert [trace["id"] for trace in done.json["traces"]] == ids.split()
    if not {"--limit", "--offset"} & set(words):
        assert done.json["total"] == len(ids.split())


def test_a_value_that_no_trace_has_is_said(cli: Cli, small_database: Path) -> None:
    done = cli("traces", "--where", "feature=serch", "--json")
    assert (done.code, done.json["total"]) == (0, 0)
    assert "feature is serch" in done.err


@pytest.mark.parametrize(
    "words",
    [
        ["traces"],
        ["pivot", "--rows", "feature"],
        ["pivot", "--rows", "feature", "--cols", "persona", "--of", "strict"],
        ["pivot", "--rows", "category"],
        ["agreement", "--judge", "strict", "--by", "feature"],
        ["failures"],
        ["label", "t12", "pass", "--as", "ana"],
        ["judge", "show", "strict"],
    ],
    ids=" ".join,
)
def test_the_json_shapes_are_those_that_scripts_rely_on(words: list[str], cli: Cli, small_database: Path) -> None:
    done = cli(*words, "--json")
    assert done.code == 0
    assert done.out.count("\n") == 1
    name = next(name for name in SHAPES if " ".join(words).startswith(name))
    assert_shape(done.json, SHAPES[name])


def test_a_trace_brings_its_label_its_judgments_and_its_dimensions(cli: Cli, small_database: Path) -> None:
    found = {trace["id"]: trace for trace in cli("traces", "--json").json["traces"]}
    t07 = found["t07"]
    assert t07["dimensions"] == {"persona": "regular", "feature": "booking"}
    assert t07["started_at"] == "2026-01-07T00:00:00Z"
    assert t07["label"] | {"for_current_content": None} == {
        "verdict": "fail",
        "critique": "wrong date, and rude",
        "labeler": "ana",
        "at": "2026-02-01T00:00:00Z",
        "saw_judge": False,
        "categories": ["dates", "tone"],
        "for_current_content": None,
    }
    assert t07["judgments"] == [
        {
            "judge": "strict",
            "version": "v1",
            "verdict": "fail",
            "critique": "the judge says fail",
            "failure": None,
            "at": None,
            "sealed": False,
        }
    ]
    assert found["t10"]["judgments"][0]["verdict"] is None
    assert found["t10"]["judgments"][0]["failure"] == "timeout"
    assert found["t08"]["label"]["verdict"] == "deferred"
    assert found["t12"]["label"] is None
    assert found["t12"]["started_at"] is None


def test_a_pivot_counts_and_its_cells_add_up(cli: Cli, small_database: Path) -> None:
    table = cli("pivot", "--rows", "feature", "--json").json
    counts = {cell["row"]: (cell["traces"], cell["judged"], cell["failed"]) for cell in table["cells"]}
    assert counts == {"search": (5, 4, 2), "booking": (4, 2, 1), "chat": (2, 2, 1), "": (1, 0, 0)}
    assert [cell["row"] for cell in table["cells"]] == ["search", "booking", "chat", ""]
    assert {cell["row"]: cell["rate"] for cell in table["cells"]} == {
        "search": 0.5,
        "booking": 0.5,
        "chat": 0.5,
        "": None,
    }
    total = table["total"]
    assert (total["traces"], total["judged"], total["failed"], total["rate"]) == (12, 8, 4, 0.5)
    assert (total["row"], total["col"]) == (None, None)
    assert total["low"] == pytest.approx(0.2152, abs=1e-4)
    assert total["high"] == pytest.approx(0.7848, abs=1e-4)


def test_a_pivot_keeps_its_plain_rate_beside_the_weighted_one(cli: Cli, small_database: Path) -> None:
    store = open_store(small_database)
    # One label is said to have been picked for a reason: it counts in `rate` and not in `weighted_rate`.
    with store.write() as cursor:
        cursor.execute("update labels set sampling = 'outliers' where event = (select min(event) from labels)")
    store.close()
    shown = cli("pivot", "--rows", "persona", "--json").json
    total = shown["total"]
    assert (total["judged"], total["failed"], total["rate"]) == (8, 4, 0.5)
    assert (total["weighted_rate"], total["n_eff"]) == (4 / 7, 7)
    assert shown["choice"] == {"unknown": 7, "picked": 1, "narrower": 0}
    said = cli("pivot", "--rows", "persona").out
    assert "The rate is weighted by how likely each trace was drawn" in said
    assert "Left out of the rates: 1 picked for a reason." in said


def test_a_pivot_of_a_judge_counts_its_verdicts_and_not_its_failures(cli: Cli, small_database: Path) -> None:
    table = cli("pivot", "--rows", "feature", "--cols", "persona", "--of", "strict", "--json").json
    assert table["of"] == "strict@v1"
    counts = {(c["row"], c["col"]): (c["traces"], c["judged"], c["failed"]) for c in table["cells"]}
    assert counts == {
        ("search", "new"): (3, 3, 2),
        ("search", "regular"): (2, 2, 1),
        ("booking", "new"): (2, 2, 0),
        ("booking", "regular"): (2, 2, 1),
        ("chat", "new"): (1, 0, 0),
        ("chat", "regular"): (1, 0, 0),
        ("", "regular"): (1, 0, 0),
    }
    assert [table["total"][name] for name in ("traces", "judged", "failed")] == [12, 9, 4]
    assert {c["row"]: c["traces"] for c in table["row_totals"]} == {"search": 5, "booking": 4, "chat": 2, "": 1}
    assert {c["col"]: c["traces"] for c in table["col_totals"]} == {"new": 6, "regular": 6}


def test_agreement_gives_the_four_counts_and_who_was_left_out(cli: Cli, small_database: Path) -> None:
    found = cli("agreement", "--judge", "strict", "--by", "feature", "--json").json
    assert (found["judge"], found["version"], found["labeler"], found["split"]) == ("strict", "v1", "ana", "all")
    names = ("both_pass", "both_fail", "judge_too_lenient", "judge_too_strict", "n")
    assert {g["value"]: [g[name] for name in names] for g in found["groups"]} == {
        None: [2, 2, 1, 1, 6],
        "search": [1, 1, 1, 1, 4],
        "booking": [1, 1, 0, 0, 2],
    }
    whole = found["groups"][0]
    assert whole["value"] is None
    assert [whole["caught_failures"][name] for name in ("k", "n", "rate")] == [2, 3, 2 / 3]
    assert [whole["kept_passes"][name] for name in ("k", "n", "rate")] == [2, 3, 2 / 3]
    assert [whole["agreement"][name] for name in ("k", "n", "rate")] == [4, 6, 4 / 6]
    assert whole["kappa"] == pytest.approx(1 / 3)
    assert found["left_out"] == {
        "unlabelled": 3,
        "deferred": 1,
        "judge_failure": 1,
        "no_judgment": 1,
        "expert_saw_judge": 0,
        "other_split": 0,
        "sealed": 0,
        "unsorted": 0,
        "example": 0,
    }


def test_agreement_of_two_experts_asks_whose_labels_count(cli: Cli, small_database: Path) -> None:
    assert cli("label", "t01", "fail", "--critique", "too long", "--as", "bob").code == 0
    asked = cli("agreement", "--judge", "strict")
    assert asked.code == 2
    assert "--labeler" in asked.err
    assert "ana, bob" in asked.err
    found = cli("agreement", "--judge", "strict", "--labeler", "bob", "--json").json
    assert (found["groups"][0]["judge_too_lenient"], found["groups"][0]["n"]) == (1, 1)
    assert found["left_out"]["unlabelled"] == 11


def test_agreement_on_splits_that_nobody_made_compares_nothing(cli: Cli, small_database: Path) -> None:
    dev = cli("agreement", "--judge", "strict", "--split", "dev", "--json").json
    assert dev["groups"][0]["n"] == 0
    assert dev["groups"][0]["kept_passes"]["rate"] is None
    assert dev["left_out"]["other_split"] == 12
    test = cli("agreement", "--judge", "strict", "--split", "test", "--json").json
    assert test["sealed"] is True
    assert test["groups"] == []


def test_failures_say_both_denominators(cli: Cli, small_database: Path) -> None:
    found = cli("failures", "--json").json
    assert (found["reviewed"], found["failed"], found["uncategorised"]) == (8, 4, 1)
    assert {c["name"]: (c["traces"], c["share_of_failed"], c["share_of_reviewed"]) for c in found["categories"]} == {
        "dates": (2, 0.5, 0.25),
        "invented": (1, 0.25, 0.125),
        "tone": (0, 0.0, 0.0),
    }
    mentioned = cli("failures", "--any-mention", "--json").json
    assert {c["name"]: c["traces"] for c in mentioned["categories"]} == {"dates": 2, "invented": 1, "tone": 1}
    by = cli("failures", "--by", "feature", "--json").json
    assert {g["value"]: (g["reviewed"], g["failed"], g["uncategorised"]) for g in by["groups"]} == {
        "search": (4, 2, 0),
        "booking": (2, 1, 0),
        "chat": (2, 1, 1),
    }


def test_a_label_is_an_event_that_replaces_the_former_one_and_keeps_it(cli: Cli, small_database: Path) -> None:
    first = cli(
        "label", "t05", "fail", "--critique", "wrong year", "--category", "dates", "tone", "--as", "ana", "--json"
    )
    assert (first.json["trace"], first.json["verdict"]) == ("t05", "fail")
    second = cli("label", "t05", "pass", "--as", "ana", "--json").json
    assert int(second["event"]) > int(first.json["event"])
    found = cli("traces", "--search", "t05", "--json").json["traces"][0]["label"]
    assert (found["verdict"], found["critique"], found["categories"]) == ("pass", None, ["dates", "tone"])
    history = [
        json.loads(line)
        for line in cli("export", "labels", "--history", "--format", "jsonl", "--search", "t05").out.splitlines()
    ]
    assert [event["verdict"] for event in history] == ["fail", "pass"]
    assert history[1]["supersedes"] == history[0]["event"]
    assert cli("label", "t06", "defer", "--as", "ana", "--json").json["verdict"] == "deferred"
    assert [t["id"] for t in cli("traces", "--verdict", "deferred", "--json").json["traces"]] == ["t08", "t06"]


def test_the_cells_of_a_pivot_are_exported_with_their_totals(cli: Cli, small_database: Path) -> None:
    shown = cli("pivot", "--rows", "feature", "--cols", "persona", "--json").json
    out = cli("export", "pivot", "--rows", "feature", "--cols", "persona", "--format", "jsonl").out
    lines = [json.loads(line) for line in out.splitlines()]
    cells = [line for line in lines if line["kind"] == "cell"]
    assert [(c["row"], c["column"], c["judged"], c["hits"], c["rate"]) for c in cells] == [
        (c["row"] or None, c["col"] or None, c["judged"], c["failed"], c["rate"]) for c in shown["cells"]
    ]
    assert (lines[-1]["kind"], lines[-1]["traces"], lines[-1]["hits"]) == ("total", 12, shown["total"]["failed"])
    assert {line["denominator"] for line in lines} == {"traces labelled pass or fail"}


def test_judges_are_listed_and_shown(cli: Cli, small_database: Path) -> None:
    listed = cli("judge", "list", "--json").json["judges"]
    assert [(j["judge"], j["version"], j["judgments"], j["passed"], j["failed"], j["failures"]) for j in listed] == [
        ("strict", "v1", 10, 5, 4, 1)
    ]
    shown = cli("judge", "show", "strict@v1", "--json").json
    assert shown == {
        "judge": "strict",
        "version": "v1",
        "category_id": None,
        "category": None,
        "model": None,
        "settings": {},
        "prompt": None,
        "examples": [],
        "source": "imported",
    }


def test_words_for_people_are_aligned_and_hold_the_same_numbers(cli: Cli, small_database: Path) -> None:
    assert cli("pivot", "--rows", "feature").out.splitlines()[1].split()[:4] == ["search", "5", "4", "2"]
    assert "caught failures  2 of 3" in cli("agreement", "--judge", "strict").out
    assert "4 failed of 8 reviewed, 1 not sorted yet." in cli("failures").out
    assert "strict@v1" in cli("judge", "list").out
    assert "imported" in cli("judge", "show", "strict").out
    assert cli("traces", "--limit", "2").out.splitlines()[-1] == "1–2 of 12 traces"
    assert "jsonl" in cli("formats").out


def test_control_characters_of_a_trace_never_reach_the_terminal(cli: Cli, tmp_path: Path) -> None:
    log = tmp_path / "log.jsonl"
    log.write_text(json.dumps({"id": "x\x1b[31m", "input": "a\x1b]0;title\x07b\u202e", "output": "c\rd"}) + "\n")
    assert cli("import", log).code == 0
    shown = cli("traces").out
    assert not {"\x1b", "\x07", "\r", "\u202e"} & set(shown)


# --------------------------------------------------------------------------------------------------------- import


LOG = [
    {"id": "a", "input": "one", "output": "1", "feature": "search"},
    {"id": "b", "input": "two", "output": "2", "feature": "chat"},
]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "log.jsonl"
    path.write_text("".join(f"{json.dumps(record)}\n" for record in LOG))
    return path


def test_an_import_says_what_it_did_and_again_adds_nothing(cli: Cli, log: Path) -> None:
    first = cli("import", log, "--json")
    assert first.code == 0
    assert_shape(first.json, SHAPES["import"])
    assert (first.json["read"], first.json["added"], first.json["format"]) == (2, 2, {"log.jsonl": "jsonl"})
    again = cli("import", log, "--json").json
    assert (again["read"], again["added"], again["unchanged"]) == (2, 0, 2)
    assert cli("traces", "--json").json["total"] == 2
    assert "2 read: 0 new, 2 unchanged" in cli("import", log).out


def test_bad_lines_are_named_and_strict_ends_with_1(cli: Cli, log: Path) -> None:
    log.write_text(log.read_text() + '{"id": "c", "input"\n')
    done = cli("import", log, "--json")
    assert done.code == 0
    assert (done.json["read"], done.json["added"], done.json["bad"]) == (3, 2, 1)
    assert (done.json["problems"][0]["file"], done.json["problems"][0]["line"]) == ("log.jsonl", 3)
    assert "log.jsonl, line 3" in done.err
    assert cli("import", log, "--strict").code == 1


def test_a_dry_run_stores_nothing_and_makes_no_file(cli: Cli, log: Path, database: Path) -> None:
    done = cli("import", log, "--dry-run", "--json")
    assert (done.code, done.json["added"], done.json["import"]) == (0, 2, None)
    assert not database.exists()
    assert "Would store" in cli("import", log, "--dry-run").out
    cli("import", log)
    log.write_text(log.read_text() + '{"id": "c", "input": "three", "output": "3"}\n')
    assert cli("import", log, "--dry-run", "--json").json["added"] == 1
    assert cli("traces", "--json").json["total"] == 2


def test_a_dimension_can_be_given_to_every_trace(cli: Cli, log: Path) -> None:
    cli("import", log, "--dimension", "release=v2", "--dimension", "note=a=b")
    found = cli("traces", "--json").json["traces"][0]["dimensions"]
    assert (found["release"], found["note"]) == ("v2", "a=b")


def test_a_mapping_file_says_what_is_what(cli: Cli, log: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "m.toml"
    mapping.write_text('[trace]\nid = "id"\ninput = "input"\noutput = "output"\n[dimensions]\narea = "feature"\n')
    assert cli("import", log, "--mapping", mapping).code == 0
    assert cli("traces", "--where", "area=chat", "--json").json["total"] == 1
    mapping.write_text("[trace\n")
    broken = cli("import", log, "--mapping", mapping)
    assert broken.code == 2
    assert "Traceback" not in broken.err
    mapping.write_bytes(b"\xff\xfe\x00")
    assert cli("import", log, "--mapping", mapping).code == 2


def test_standard_input_is_read(cli: Cli, log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(log.read_bytes())))
    done = cli("import", "-", "--json")
    assert (done.code, done.json["added"]) == (0, 2)


def test_a_folder_is_read_whole_and_what_is_no_log_is_left_out(cli: Cli, log: Path, tmp_path: Path) -> None:
    folder = tmp_path / "logs" / "inner"
    folder.mkdir(parents=True)
    log.rename(folder / "a.jsonl")
    (folder.parent / "b.jsonl").write_text('{"id": "c", "input": "three", "output": "3"}\n')
    (folder.parent / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    done = cli("import", folder.parent, "--json")
    assert (done.code, done.json["files"], done.json["added"]) == (0, 2, 3)
    assert [problem["file"] for problem in done.json["problems"]] == ["picture.png"]
    assert "picture.png" in done.err
    assert cli("import", folder.parent, "--strict").code == 1
    empty = tmp_path / "empty"
    empty.mkdir()
    assert cli("import", empty).code == 2


def test_many_files_are_not_open_at_once(cli: Cli, tmp_path: Path) -> None:
    import resource

    folder = tmp_path / "many"
    folder.mkdir()
    for number in range(200):
        (folder / f"{number:03}.jsonl").write_text(json.dumps({"id": f"n{number}", "input": "x", "output": "y"}) + "\n")
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, hard))
    try:
        assert cli("import", folder, "--json").json["added"] == 200
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_one_unreadable_file_of_several_stores_nothing(cli: Cli, log: Path, tmp_path: Path) -> None:
    picture = tmp_path / "picture.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    done = cli("import", log, picture)
    assert done.code == 2
    assert "picture.png" in done.err


# Where the tests run in the background of a shell, Ctrl+C is ignored, and by what they start too.
HEARS_CTRL_C = """import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
import passfail
sys.exit(passfail.main(sys.argv[1:]))"""


def test_ctrl_c_stops_an_import_and_nothing_is_stored(tmp_path: Path, database: Path) -> None:
    log, said = tmp_path / "big.jsonl", f'"input": "{"question " * 20}", "output": "{"answer " * 20}"'
    with log.open("w") as stream:
        stream.writelines(f'{{"id": "n{number}", {said}}}\n' for number in range(300_000))
    with subprocess.Popen(
        [sys.executable, "-c", HEARS_CTRL_C, "import", str(log), "--db", str(database)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as importing:  # fmt: skip
        deadline = time.monotonic() + 30
        while not database.exists() and time.monotonic() < deadline:
            time.sleep(0.01)
        time.sleep(0.4)  # of some ten seconds
        importing.send_signal(signal.SIGINT)
        _, told = importing.communicate(timeout=60)
    assert importing.returncode == 130, told
    assert "Nothing was stored" in told
    assert "Traceback" not in told
    store = open_store(database)
    with store.read() as cursor:
        assert cursor.execute("select count(*) from traces").fetchone() == (0,)
    store.close()


# ---------------------------------------------------------------------------------------------------------- export


def test_an_export_goes_to_standard_output_or_to_a_file(cli: Cli, small_database: Path, tmp_path: Path) -> None:
    assert cli("export", "traces", "--where", "feature=chat").out.count("\n") == 3
    out = tmp_path / "out.jsonl"
    done = cli("export", "judgments", "--out", out, "--json")
    assert done.json == {"what": "judgments", "format": "jsonl", "file": "out.jsonl", "rows": 10}
    assert len(out.read_text().splitlines()) == 10
    assert cli("export", "traces", "--out", small_database).code == 2
    assert cli("export", "traces", "--out", tmp_path / "gone" / "x.csv").code == 2
    assert cli("doctor").code == 0
    assert not list(tmp_path.glob("*.partial"))


@pytest.mark.parametrize("format_name", ["xlsx", "parquet"])
def test_a_binary_export_is_not_shown_on_a_terminal(
    format_name: str, cli: Cli, small_database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    done = cli("export", "traces", "--format", format_name)
    assert (done.code, done.out) == (2, "")
    assert "--out" in done.err


def test_a_reader_that_has_read_enough_is_no_error(small_database: Path, fresh_store: Store) -> None:
    command = f"{sys.executable} passfail.py export traces --db {small_database} | head -1"
    done = subprocess.run(["bash", "-c", command], cwd=ROOT, capture_output=True, text=True, check=True, env=os.environ)
    assert done.stdout.startswith("id,")
    assert done.stderr == ""


# ------------------------------------------------------------------------------------------------------ maintenance


def test_the_doctor_notes_twins_in_two_splits_and_finds_nothing_damaged(cli: Cli, small_database: Path) -> None:
    store = open_store(small_database)
    with store.write() as cursor:
        cursor.execute(
            """insert into splits select nextval('event_number'), trace_key, if(id = 't01', 'train', 'dev'), now()::timestamp
                from traces where id in ('t01', 't02')"""
        )
    store.close()
    found = cli("doctor")
    assert (found.code, "NOTE   1 trace is in use though a twin is in another split: t02 in dev" in found.out) == (
        0,
        True,
    )
    told = cli("doctor", "--json").json
    assert (told["ok"], len(told["notes"])) == (True, 1)


def test_backup_restore_and_doctor_through_the_command_line(cli: Cli, small_database: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup.duckdb"
    done = cli("backup", backup, "--json").json
    assert (done["file"], done["counts"]["traces"]) == ("backup.duckdb", 12)
    again = cli("backup", backup)
    assert again.code == 2
    assert "exists already" in again.err
    cli("label", "t12", "pass", "--as", "ana")
    restored = cli("restore", backup, "--json").json
    assert restored["counts"]["labelled traces"] == 8
    assert (tmp_path / restored["kept"]).exists()
    health = cli("doctor", "--json")
    assert health.code == 0
    assert health.json["ok"] is True
    assert health.json["counts"]["traces"] == 12
    assert all(check["ok"] for check in health.json["checks"])


def test_doctor_ends_with_1_where_something_is_wrong(cli: Cli, small_database: Path) -> None:
    store = open_store(small_database)
    with store.write() as cursor:
        cursor.execute("delete from traces where id = 't03'")
    store.close()
    done = cli("doctor")
    assert done.code == 1
    assert "WRONG  every row of labels belongs to a trace" in done.out
    assert cli("doctor", "--json").json["ok"] is False
