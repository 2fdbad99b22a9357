"""`passfail serve`: start the dashboard."""

from argparse import Namespace

from core.cli.database import database_path
from core.cli.output import Output
from core.errors import UsageError


def run_serve(args: Namespace, output: Output) -> int:
    """Start the dashboard and stay until it ends."""
    if args.serve_function is None:
        raise UsageError("This program holds no dashboard.", "Start it with `passfail serve`.")
    if output.json:
        raise UsageError("The dashboard writes no JSON document.", "Leave --json out, or see passfail --help.")
    watch = None
    if args.watch is not None:
        from core.workflows.watching import FolderWatch

        watch = FolderWatch(args.watch)
    code: int = args.serve_function(
        host=args.host, port=args.port, db=database_path(args), open_browser=args.open_browser, demo=args.demo,
        watch=watch, every=args.every,
    )  # fmt: skip
    return code
