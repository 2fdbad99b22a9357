"""`passfail judge leave`: the traces on which a judge is not used, and why."""

from argparse import Namespace

from core.cli.database import database_path, opened
from core.cli.output import Output, one_line
from core.cli.slicing import split_pair
from core.workflows.leaving import Left, leave_to_people, list_left, use_again


def run_judge_leave(args: Namespace, output: Output) -> int:
    """Leave traces to people, or use the judge on them again; then say what is left to people."""
    with opened(database_path(args)) as store:
        if args.value is not None:
            key, value = split_pair(args.value, "--value")
            leave_to_people(
                store, judge=args.judge, dimension=key, value=value, reason=args.reason, by=args.person
            )  # fmt: skip
        if args.again is not None:
            key, value = split_pair(args.again, "--again")
            use_again(store, judge=args.judge, dimension=key, value=value, by=args.person)
        found = list_left(store, args.judge)
    if output.json:
        output.document({"left_to_people": [_shape(left) for left in found]})
        return 0
    for left in found:
        output.line(f"{one_line(left.words)}, says {one_line(left.by)} on {left.at:%Y-%m-%d}: {one_line(left.reason)}")
    if not found:
        output.line("Nothing is left to people: this judge is used on all traces.")
    return 0


def _shape(left: Left) -> dict[str, str]:
    return {
        "judge": left.judge, "dimension": left.dimension, "value": left.value, "reason": left.reason, "by": left.by,
        "at": f"{left.at.isoformat()}Z",
    }  # fmt: skip
