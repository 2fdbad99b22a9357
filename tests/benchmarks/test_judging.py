"""How fast a judge runs: 16 questions at once, each answered after 200 ms by a server in a process of its own."""

import subprocess
import sys
import time
from pathlib import Path

import pytest

from core.workflows.judging import start_run, wait_for
from core.workflows.opening import open_store
from core.workflows.planning_runs import plan_run
from tests.browser.product import ROOT
from tests.judging import put_traces, saved
from tests.key_search import KEY

N, AT_ONCE, SECONDS = 800, 16, 0.2


@pytest.mark.benchmark
@pytest.mark.timeout(300)
def test_throughput_with_16_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    command = [sys.executable, "-m", "tests.messages_server", "0", str(SECONDS)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        monkeypatch.setenv("ANTHROPIC_BASE_URL", server.stdout.readline().strip())
        monkeypatch.setenv("ANTHROPIC_API_KEY", KEY)
        store = open_store(tmp_path / "passfail.duckdb")
        put_traces(store, N)
        saved(store)
        plan = plan_run(store, "overall", split=None)
        began = time.monotonic()
        state = wait_for(store, start_run(store, plan, by="ana", reason="a test", concurrency=AT_ONCE), every=10)
        took = time.monotonic() - began
        store.close()
        server.terminate()
    ideal = N / AT_ONCE * SECONDS
    print(f"\n{N} traces in {took:.1f} s, ideal {ideal:.1f} s: {ideal / took:.0%}")
    assert state.row.verdicts == N
