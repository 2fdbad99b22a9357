"""`passfail judge split | save | estimate | run | continue | runs | check`: output, JSON and exit codes."""

import json
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from core.workflows import judging
from core.workflows.opening import open_store
from core.workflows.sampling import load_sample
from tests.conftest import ROOT, Cli
from tests.judging import healthy, put_traces
from tests.judging import saved as saved_judge
from tests.key_search import KEY
from tests.messages_server import MessagesServer


@pytest.fixture
def sample(database: Path) -> Path:
    store = open_store(database)
    load_sample(store)
    store.close()
    return database


def slots(folder: Path, **held: object) -> Path:
    path = folder / "judge.json"
    path.write_text(json.dumps(held), "utf-8")
    return path


def test_from_splits_to_a_gate(cli: Cli, sample: Path, provider: MessagesServer, tmp_path: Path) -> None:
    assert cli("judge", "split", "--dry-run", "--json").json["assigned"] == {
        "train": 24,
        "dev": 49,
        "test": 47,
        "left out": 0,
    }
    split = cli("judge", "split", "--json")
    assert (split.code, split.json["splits"]["dev"]) == (0, {"passed": 31, "failed": 18})
    file = slots(tmp_path, role="You know the shop.", pass_means="It did.", fail_means="It did not.")
    saved = cli("judge", "save", "care", file, "--as", "ana", "--json")
    assert (saved.code, saved.json["source"], len(saved.json["examples"])) == (0, "run", 4)
    assert cli("judge", "save", "care", file, "--as", "ana", "--json").json["version"] == saved.json["version"]
    plan = cli("judge", "estimate", "care", "--json").json
    assert (plan["traces"], plan["cached"], plan["questions"], plan["counted"]) == (49, 0, 49, True)
    assert 0 < plan["batch_dollars"] < plan["dollars"] < plan["most_dollars"]
    assert provider.calls == 0
    ran = cli("judge", "run", "care", "--budget", "2", "--json")
    assert (ran.code, ran.json["state"], ran.json["judged"], ran.json["left"]) == (0, "ended", 49, 0)
    assert ran.json["dollars"] == pytest.approx(49 * 0.003)
    again = cli("judge", "run", "care", "--json").json
    assert (again["run"], again["cached"]) == (None, 49)
    junit = tmp_path / "junit.xml"
    check = cli("judge", "check", "care", "--min-caught", "0.9", "--min-kept", "10%", "--junit", junit, "--json")
    assert (check.code, check.json["met"], check.json["kept_passes"]["met"]) == (1, False, True)
    suite = ElementTree.parse(junit).getroot()  # noqa: S314
    assert (suite.attrib["tests"], suite.attrib["failures"]) == ("2", "1")
    assert cli("judge", "check", "care", "--min-kept", "0.1").code == 0
    assert cli("judge", "check", "care", "--min-kept", "0.1", "--split", "test").code == 2, "it stays sealed"
    listed = cli("judge", "runs", "--json").json["runs"]
    assert [(run["run"], run["state"], run["target"]) for run in listed] == [(1, "ended", "dev")]
    everything = b"".join(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())
    assert KEY.encode() not in everything


def test_a_run_that_hits_its_budget_ends_with_1_and_goes_on(
    cli: Cli, sample: Path, provider: MessagesServer, tmp_path: Path
) -> None:
    cli("judge", "split")
    cli("judge", "save", "care", slots(tmp_path, pass_means="a", fail_means="b"), "--as", "ana")
    ran = cli("judge", "run", "care", "--budget", "0.05", "--json")
    assert (ran.code, ran.json["state"]) == (1, "cap")
    assert 0 < ran.json["left"] < 49
    on = cli("judge", "continue", "1", "--budget", "3", "--json")
    assert (on.code, on.json["state"], on.json["left"], provider.calls) == (0, "ended", 0, 49)


def test_a_run_says_how_far_it_is_and_why_it_ended(cli: Cli, provider: MessagesServer, database: Path) -> None:
    store = open_store(database)
    put_traces(store, 24)
    saved_judge(store)
    store.close()
    everything = ("judge", "run", "overall", "--split", "all")
    provider.status = 401
    refused = cli(*everything)
    assert refused.code == 1
    assert refused.err.endswith("It did not end: the key was refused. Check ANTHROPIC_API_KEY on the server.\n")
    provider.status, provider.delay = 200, 0.4
    provider.kinds, provider.faults = ("refusal",), 0.5
    ran = cli(*everything, "--concurrency", "4", "--budget", "0.5")
    assert ran.code == 0
    assert "It stops at $0.50, passed by one answer at most." in ran.out
    told = re.findall(r"^(\d+) of 24: (\d+) judged, (\d+) judge failures?, \$0\.\d\d, about \d+ s left$", ran.err, re.M)
    assert told, ran.err
    assert all(int(done) == int(judged) + int(failed) for done, judged, failed in told)
    assert len(told) == len(set(told)), "the same is said once"


# Where the tests run in the background of a shell, Ctrl+C is ignored, and by what they start too.
HEARS_CTRL_C = """import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
import passfail
sys.exit(passfail.main(sys.argv[1:]))"""


def test_ctrl_c_stops_a_run_and_keeps_every_answer_that_was_paid(provider: MessagesServer, database: Path) -> None:
    store = open_store(database)
    put_traces(store, 60)
    saved_judge(store)
    store.close()
    provider.delay = 1.5
    words = ("judge", "run", "overall", "--split", "all", "--concurrency", "8", "--db", str(database))
    with subprocess.Popen(
        [sys.executable, "-c", HEARS_CTRL_C, *words],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as running:  # fmt: skip
        while (provider.calls < 16 or provider.at_once < 8) and running.poll() is None:
            time.sleep(0.01)
        running.send_signal(signal.SIGINT)
        _, told = running.communicate(timeout=60)
    assert running.returncode == 130, told
    assert "Stopping: the answers under way are waited for." in told
    assert "Traceback" not in told
    store = open_store(database)
    state = judging.look_at_run(store, 1)
    assert (state.state, state.row.lost) == ("stopped", 0.0)
    assert state.row.verdicts == provider.paid == provider.calls == 16
    assert healthy(store)
    store.close()


def test_a_check_in_code_needs_no_key(cli: Cli, sample: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    saved = cli("judge", "save", "short", slots(tmp_path, check="length", least=1, most=600), "--as", "ana", "--json")
    assert (saved.code, saved.json["source"], saved.json["settings"]["most"]) == (0, "code", 600)
    ran = cli("judge", "run", "short", "--split", "all", "--where", "channel=web chat")
    assert ran.code == 0
    assert "judge failures, $0.0000." in ran.out


def test_a_judge_that_was_never_checked_needs_a_reason_at_scale(
    cli: Cli, sample: Path, provider: MessagesServer, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("core.workflows.planning_runs.MANY", 90)
    cli("judge", "split")
    cli("judge", "save", "short", slots(tmp_path, pass_means="It is short.", fail_means="It is long."), "--as", "ana")
    everything = ("judge", "run", "short", "--split", "all", "--budget", "5")
    assert cli("judge", "estimate", "short", "--split", "all", "--json").json["unchecked"] == 92
    refused = cli(*everything)
    assert refused.code == 2
    assert "would judge 92 traces that nobody labelled" in refused.err
    assert "--reason TEXT" in refused.err
    ran = cli(*everything, "--reason", "to see  how it looks", "--json")
    assert (ran.code, ran.json["reason"]) == (0, "to see how it looks")
    assert "Run 1 began before short@" in cli("judge", "runs").out
    assert cli("judge", "run", "short").code == 0, "dev was judged with the rest, and needs none"
    assert cli("judge", "estimate", "short", "--split", "all", "--json").json["unchecked"] == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("judge", "run", "nobody"), "There is no judge"),
        (("judge", "run", "overall"), "was imported"),
        (("judge", "split", "--shares", "1/2"), "no shares"),
        (("judge", "split", "--shares", "50/60/70"), "make 100"),
        (("judge", "check", "overall"), "Nothing is asked for"),
        (("judge", "continue", "7"), "There is no run 7"),
        (("judge", "run", "overall", "--budget", "-3"), "is not an amount"),
        (("judge", "check", "overall", "--min-caught", "3"), "no share"),
    ],
)  # fmt: skip
def test_mistakes_are_said(cli: Cli, sample: Path, words: tuple[str, ...], told: str) -> None:
    ran = cli(*words)
    assert ran.code == 2
    assert told in ran.err
    assert "Traceback" not in ran.err


def test_without_a_key_a_run_says_so(cli: Cli, sample: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    cli("judge", "split")
    cli("judge", "save", "care", slots(tmp_path, pass_means="a", fail_means="b"), "--as", "ana")
    assert cli("judge", "estimate", "care", "--json").json["counted"] is False
    ran = cli("judge", "run", "care")
    assert (ran.code, "No API key is set" in ran.err) == (2, True)


def test_anchors_are_chosen_judged_again_and_shown(
    cli: Cli, sample: Path, provider: MessagesServer, tmp_path: Path
) -> None:
    cli("judge", "save", "care", slots(tmp_path, pass_means="a", fail_means="b"), "--as", "ana")
    assert cli("judge", "run", "care", "--anchors").code == 2, "none was chosen"
    assert "No anchors were chosen yet" in cli("judge", "anchors").out
    assert cli("judge", "anchors", "nobody", "--choose", "10").code == 2
    assert cli("judge", "anchors", "--json").json["anchors"] == 0, "a wrong name chooses nothing"
    assert cli("judge", "anchors", "--choose", "10", "--as", "ana", "--json").json == {
        "anchors": 10, "failed": 5, "passed": 5, "runs": [],
    }  # fmt: skip
    assert cli("judge", "run", "care", "--anchors", "--sample", "10").code == 2
    assert "Not judged again yet" in cli("judge", "anchors", "care").out
    assert cli("judge", "run", "care", "--anchors", "--json").json["judged"] == 10
    plan = cli("judge", "estimate", "care", "--anchors", "--json").json
    assert (plan["questions"], plan["cached"]) == (10, 0), "each is asked about and paid once more"
    assert cli("judge", "run", "care", "--anchors", "--json").json["judged"] == 10
    shown = cli("judge", "anchors", "care", "--json").json["runs"]
    assert [(run["run"], run["same"]["k"], run["same"]["n"], run["left_out"]) for run in shown] == [(2, 10, 10, 0)]
    assert "10 of 10" in cli("judge", "anchors", "care").out
    assert provider.calls == 20


def test_a_sample_is_judged_and_declared(cli: Cli, sample: Path, provider: MessagesServer, tmp_path: Path) -> None:
    cli("judge", "save", "care", slots(tmp_path, pass_means="a", fail_means="b"), "--as", "ana")
    asked = ("judge", "run", "care", "--split", "all", "--sample")
    assert cli(*asked, "100").code == 2
    ran = cli(*asked, "10", "--json").json
    assert ran["target"] == "traces: in the random sample of 10 %"
    assert 8 <= ran["judged"] == provider.calls <= 36
    assert cli(*asked, "20", "--json").json["cached"] == ran["judged"], "a larger sample holds the smaller one"
    assert cli(*asked, "10", "--json").json["run"] is None
    again = cli(*asked, "10", "--repeat", "1", "--json").json
    assert again["judged"] == ran["judged"]
    flips = cli("agreement", "--judge", "care", "--json").json["flips"]
    assert (flips["k"], flips["n"], flips["fewest"], flips["most"]) == (0, ran["judged"], 2, 2)
    assert "Asked twice about the same text" in cli("agreement", "--judge", "care").out


def test_a_check_for_one_failure_category_is_saved_run_and_held_against_it(
    cli: Cli, small_database: Path, tmp_path: Path
) -> None:
    file = slots(tmp_path, check="contains", text="t03", absent=True, category="Dates")
    saved = cli("judge", "save", "days", file, "--as", "ana", "--json").json
    assert (saved["category"], saved["source"], "category" in saved["settings"]) == ("dates", "code", False)
    assert cli("judge", "run", "days", "--split", "all").code == 0
    found = cli("agreement", "--judge", "days", "--json").json
    (whole,) = found["groups"]
    four = ("both_pass", "both_fail", "judge_too_lenient", "judge_too_strict")
    assert [whole[name] for name in four] == [5, 1, 1, 0], "t03 is caught, t07 is missed, what failed otherwise is kept"
    assert (found["category"], found["left_out"]["unsorted"], found["left_out"]["unlabelled"]) == ("dates", 1, 3)
    assert "1 of 8 labelled traces failed and is not sorted" in found["corrected"]["refused"]
    told = cli("agreement", "--judge", "days").out
    assert "caught failures are of the traces the expert sorted into dates" in told
    assert "1 failed, not sorted into a category yet" in told
    assert "Share of real traces without a label that are free of dates: no corrected figure." in told
    gate = ("judge", "check", "days", "--split", "all", "--min-kept", "0.5", "--min-caught")
    assert cli(*gate, "0.2").code == 1, "the lower bound of 1 of 2 is 9 %"
    met = cli(*gate, "0.05", "--json")
    assert (met.code, met.json["category"], met.json["unsorted"]) == (0, "dates", 1)
    assert (met.json["caught_failures"]["n"], met.json["kept_passes"]["k"]) == (2, 5)
    assert "Left out: 1 failed, not sorted into a category yet." in cli(*gate, "0.05").out
    assert [j["category"] for j in cli("judge", "list", "--json").json["judges"]] == ["dates", None]
    assert "looks for dates" in cli("judge", "show", "days").out
    assert cli("traces", "--disagree", "days", "--json").json["total"] == 1
    assert cli("label", "t11", "fail", "--critique", "rude", "--category", "tone", "--as", "ana").code == 0
    corrected = cli("agreement", "--judge", "days", "--json").json["corrected"]
    assert (corrected["judged"]["k"], corrected["judged"]["n"], corrected["rate"]) == (3, 3, 1.0)


def test_a_judge_for_one_failure_category_is_written_from_slots(cli: Cli, small_database: Path, tmp_path: Path) -> None:
    saved = cli(
        "judge", "save", "made up", slots(tmp_path, category="invented", role="You know."), "--as", "ana", "--json"
    )
    assert (saved.code, saved.json["category"], saved.json["source"]) == (0, "invented", "run")
    assert "Is the trace free of this failure: invented?" in saved.json["prompt"]
    again = cli("judge", "save", "made up", slots(tmp_path, role="You know it."), "--as", "ana", "--json").json
    assert (again["category"], again["version"] != saved.json["version"]) == ("invented", True), "it looks for the same"
    for held, told in (
        ({"category": "nothing"}, "Known: dates, invented, tone."),
        ({"category": "tone"}, "is there already and looks for something else"),
        ({"check": "contains", "text": "x"}, "is there already and looks for something else"),
    ):
        ran = cli("judge", "save", "made up", slots(tmp_path, **held), "--as", "ana")
        assert ran.code == 2
        assert told in ran.err
