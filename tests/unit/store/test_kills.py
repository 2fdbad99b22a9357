"""What was acknowledged is there after the process was killed at any moment."""

import signal
import subprocess
import sys
import time
from pathlib import Path

from core.workflows.exploring import read_trace
from core.workflows.maintaining import examine
from core.workflows.opening import open_store
from tests.conftest import ROOT

SAVE = """
import sys
from pathlib import Path
from core.model import LabelState
from core.workflows.opening import open_store
from core.workflows.reviewing import record_label
store = open_store(Path(sys.argv[1]))
for number in range(100_000):
    name = f"{sys.argv[2]}-{number}"
    event = record_label(store, trace_id="t05", state=LabelState.FAIL, labeler=name, critique="said by " + name)
    print(event, name, flush=True)
"""


def test_no_acknowledged_label_is_lost_when_the_process_is_killed(small_database: Path) -> None:
    acknowledged: list[tuple[int, str]] = []
    for turn, wait in enumerate((0.05, 0.1, 0.3, 0.02, 0.6)):
        command = [sys.executable, "-c", SAVE, str(small_database), str(turn)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as saving:
            assert saving.stdout is not None
            first = saving.stdout.readline()
            time.sleep(wait)
            saving.send_signal(signal.SIGKILL)
            lines = [first, *saving.stdout.read().split("\n")[:-1]]
        acknowledged += [(int(event), name.strip()) for event, _, name in (line.partition(" ") for line in lines)]
    store = open_store(small_database)
    kept = {(label.event, label.labeler): label.critique for label in read_trace(store, "t05").history}
    lost = [ack for ack in acknowledged if kept.get(ack) != f"said by {ack[1]}"]
    assert lost == []
    assert len(acknowledged) >= 5
    assert [check for check in examine(store).health.checks if check.faults] == []
    store.close()
