"""`passfail judge anchors`: the traces that are judged again and again, and what each run over them said."""

from argparse import Namespace
from typing import Any

from core.cli.agreement_shapes import rate_shape
from core.cli.database import database_path, opened
from core.cli.output import Output, share
from core.workflows import anchoring
from core.workflows.anchoring import Anchors, Round


def run_judge_anchors(args: Namespace, output: Output) -> int:
    """The anchors, chosen anew where that is asked for, and the runs of a judge over them."""
    with opened(database_path(args)) as store:
        rounds = None if args.judge is None else anchoring.list_rounds(store, args.judge)
        if args.choose is not None:
            anchoring.choose_anchors(store, by=args.person, size=args.choose)
            rounds = None if args.judge is None else anchoring.list_rounds(store, args.judge)
        held = anchoring.count_anchors(store)
    if output.json:
        output.document({"anchors": held.traces, "failed": held.failed, "passed": held.passed,
                         "runs": [_shape(one) for one in rounds or []]})  # fmt: skip
        return 0
    _print(held, rounds, output)
    return 0


def _shape(one: Round) -> dict[str, Any]:
    return {
        "run": one.run_id, "at": f"{one.at.isoformat()}Z", "same": rate_shape(one.same),
        "caught_failures": rate_shape(one.caught_failures), "kept_passes": rate_shape(one.kept_passes),
        "changed": one.changed, "left_out": one.left_out,
    }  # fmt: skip


def _print(held: Anchors, rounds: list[Round] | None, output: Output) -> None:
    if not held.traces:
        output.line("No anchors were chosen yet: passfail judge anchors --choose 40")
        return
    output.line(f"{held.traces:,} anchors, {held.failed:,} failed and {held.passed:,} passed by the expert.")
    if rounds:
        rows = [(o.run_id, f"{o.at:%Y-%m-%d}", *map(share, (o.same, o.caught_failures, o.kept_passes))) for o in rounds]
        output.table(("run", "day", "same as at first", "caught failures", "kept passes"), rows, right="llrrr")
    elif rounds is not None:
        output.line("Not judged again yet: passfail judge run JUDGE --anchors")
