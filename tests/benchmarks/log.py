"""The generated log that every measurement reads."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT, shared

TRACES = int(os.environ.get("PASSFAIL_BENCH_TRACES", "100000"))


def make_log(folder: Path) -> Path:
    """The folder of the log; made once per machine where PASSFAIL_BENCH_FOLDER names a place to keep it."""
    kept = os.environ.get("PASSFAIL_BENCH_FOLDER")
    folder = Path(kept) if kept else folder
    if not (folder / "truth.json").exists():
        run(shared("bench/gen.py"), TRACES, folder)
    return folder


def run(*words: object) -> str:
    """What a Python program prints."""
    command = [sys.executable, *(str(word) for word in words)]
    return subprocess.run(command, check=True, cwd=ROOT, capture_output=True, text=True).stdout


def run_module(*words: object) -> str:
    """What a module of ours prints."""
    return run("-m", *words)
