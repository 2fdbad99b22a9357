"""The command line: parse, call one workflow, print. It may import all of core; only `passfail.py` imports it.

Exit codes: 0 done; 1 done, but something was refused or fell short; 2 wrong usage or unreadable input; 3 the database
is in use or cannot be opened; 130 stopped with Ctrl+C.
"""

import importlib
import logging
import os
import sys
from argparse import Namespace
from collections.abc import Callable

from core.cli.output import Output
from core.cli.parser import build_parser
from core.errors import AppError

__all__ = ["main"]

STOPPED = 130

COMMANDS = {
    "serve": "serving",
    "import": "importing",
    "formats": "importing",
    "watch": "watching",
    "traces": "reading",
    "pivot": "counting",
    "agreement": "counting",
    "failures": "counting",
    "monitor": "monitoring",
    "report": "reporting",
    "judge list": "reading",
    "judge show": "reading",
    "judge split": "judge_writing",
    "judge save": "judge_writing",
    "judge estimate": "judge_running",
    "judge run": "judge_running",
    "judge continue": "judge_running",
    "judge runs": "judge_running",
    "judge anchors": "judge_anchors",
    "judge leave": "judge_leaving",
    "judge check": "judge_checking",
    "label": "keeping",
    "export": "keeping",
    "record": "recording",
    "align": "recording",
    "backup": "keeping",
    "restore": "keeping",
    "doctor": "keeping",
}
"""Which module of this package runs a command, in its function `run_COMMAND`; imported only when asked for."""


def main(argv: list[str] | None = None, *, serve: Callable[..., int] | None = None) -> int:
    """Run one command and return its exit code; `serve` starts the dashboard."""
    words = sys.argv[1:] if argv is None else list(argv)
    logging.getLogger("core").addHandler(logging.NullHandler())
    output = Output(json="--json" in words)
    try:
        args = build_parser().parse_args(words)
    except AppError as problem:
        return output.refuse(problem)
    except SystemExit as told:  # help and version
        return told.code if isinstance(told.code, int) else 0
    args.serve_function = serve
    output = Output(json=args.json)
    try:
        code = _command(args.command)(args, output)
        sys.stdout.flush()
    except AppError as problem:
        return output.refuse(problem)
    except KeyboardInterrupt:
        output.note("Stopped.")
        return STOPPED
    except BrokenPipeError:  # whoever read our output has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return code


def _command(name: str) -> Callable[[Namespace, Output], int]:
    module = importlib.import_module(f"core.cli.{COMMANDS[name]}")
    run: Callable[[Namespace, Output], int] = getattr(module, f"run_{name.replace(' ', '_')}")
    return run
