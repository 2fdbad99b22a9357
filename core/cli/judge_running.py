"""`passfail judge estimate`, `run`, `continue` and `runs`."""

import json
from argparse import Namespace
from typing import Any

from core.cli.database import database_path, opened
from core.cli.output import Output, cut, one_line
from core.cli.slicing import slice_of
from core.model import BAD, GOOD, KNOWN
from core.workflows import judging
from core.workflows.judging import RunState
from core.workflows.opening import Store
from core.workflows.planning_runs import Plan, plan_run

FELL_SHORT = ("cap", "broken", "stopped", "interrupted")


def run_judge_estimate(args: Namespace, output: Output) -> int:
    """What a run would take; nothing is sent but a question for the number of tokens, where there is a key."""
    with opened(database_path(args)) as store:
        plan = _plan(store, args, output)
    if output.json:
        output.document(plan_shape(plan))
        return 0
    _say_plan(plan, output)
    return 0


def run_judge_run(args: Namespace, output: Output) -> int:
    """Run and wait; Ctrl+C stops it, and what was judged is kept."""
    with opened(database_path(args)) as store:
        plan = _plan(store, args, output)
        if not output.json:
            _say_plan(plan, output, args.budget)
        if not plan.items:
            if output.json:
                output.document(
                    {"run": None, "total": 0, "cached": plan.cached, "judged": 0, "failures": 0, "state": "ended"}
                )
            return 0
        run_id = judging.start_run(
            store, plan, by=args.person, cap=args.budget, batch=args.batch, concurrency=args.concurrency,
            reason=args.reason,
        )  # fmt: skip
        return _finish(store, run_id, output)


def run_judge_continue(args: Namespace, output: Output) -> int:
    """Go on with a run and wait for it."""
    with opened(database_path(args)) as store:
        run_id = judging.continue_run(store, args.run, cap=args.budget, again=args.again, concurrency=args.concurrency)
        return _finish(store, run_id, output)


def run_judge_runs(args: Namespace, output: Output) -> int:
    """The newest runs."""
    with opened(database_path(args)) as store:
        found = judging.list_runs(store)
    if output.json:
        output.document({"runs": [run_shape(state, []) for state in found]})
        return 0
    headers = ("run", "judge", "on", "state", "judged", "failures", "left", "dollars")
    rows = [
        (
            s.row.run_id,
            s.row.ref,
            cut(s.row.target, 40),
            s.state,
            s.row.verdicts,
            s.row.failures,
            s.row.left,
            f"{s.row.dollars:.4f}",
        )
        for s in found
    ]
    output.table(headers, rows, right="rlllrrrr")
    for row in (state.row for state in found if state.row.reason):
        output.line(
            f"Run {row.run_id} began before {row.ref} was checked, says {one_line(row.made_by)}: {one_line(row.reason or '')}"
        )
    return 0


def _plan(store: Store, args: Namespace, output: Output) -> Plan:
    split, slice_ = None if args.split == "all" else args.split, slice_of(store, args, output)
    if args.known:
        split, slice_ = None, slice_.with_values(KNOWN, (GOOD, BAD))
    return plan_run(
        store, args.judge, split=split, slice_=slice_, repeats=args.repeat, sample=args.sample,
        anchors=args.anchors,
    )  # fmt: skip


def _finish(store: Store, run_id: int, output: Output) -> int:
    heard = ""

    def hear(state: RunState) -> None:
        nonlocal heard
        row = state.row
        words = (
            f"{row.done:,} of {row.total:,}: {row.verdicts:,} judged, {_failures(row.failures)}, ${row.dollars:.2f}"
            if not state.stopping else "Stopping: the answers under way are waited for."
        )  # fmt: skip
        if words != heard:
            left = state.seconds_left is not None and not state.stopping
            output.note(f"{words}, about {state.seconds_left:,.0f} s left" if left else words)
            heard = words

    state = judging.wait_for(store, run_id, hear, every=1.0)
    reasons = judging.list_failures(store, run_id)
    if output.json:
        output.document(run_shape(state, reasons))
    else:
        row = state.row
        output.line(
            f"Run {row.run_id}, {row.ref} on {row.target}: {row.verdicts:,} judged, {_failures(row.failures)}, "
            f"${row.dollars:.4f}."
        )
        for reason, n, _ in reasons:
            output.line(f"  {n:,} × {reason}")
        if row.left:
            output.line(f"{row.left:,} are left: passfail judge continue {row.run_id}")
    if state.state in FELL_SHORT:
        output.note(f"It did not end: {(state.row.detail or state.state).rstrip('.')}.")
    return 1 if state.state in FELL_SHORT else 0


def _failures(n: int) -> str:
    return f"{n:,} judge failure{'' if n == 1 else 's'}"


def _say_plan(plan: Plan, output: Output, cap: float | None = None) -> None:
    most = "" if cap is None or not plan.dollars else f" It stops at ${cap:.2f}, passed by one answer at most."
    how = "counted by the provider on a few" if plan.counted else "estimated from the length"
    price = (
        "the price of this model is not known here" if plan.dollars is None or plan.batch_dollars is None else
        f"about ${plan.dollars:.4f}, usually under ${plan.most_dollars or 0:.4f}, as a batch about ${plan.batch_dollars:.4f}"
    )  # fmt: skip
    output.line(f"{plan.version.ref} on {plan.target}: {plan.n:,} to judge, {plan.cached:,} judged before.")
    output.line(f"About {plan.tokens_in + plan.tokens_out:,} tokens ({how}); {price}.{most}")
    if plan.left_to_people:
        output.line(f"{plan.left_to_people:,} are left to people and not asked about (passfail judge leave).")
    if plan.unchecked:
        output.line(
            f"It was never checked on dev or test and would judge {plan.unchecked:,} traces that nobody labelled: "
            "run it on dev first, or give --reason."
        )
    if plan.flagged:
        output.line(f"{plan.flagged:,} of {plan.looked_at:,} traces looked at seem to speak to the judge.")


def plan_shape(plan: Plan) -> dict[str, Any]:
    """A plan as JSON."""
    return {
        "judge": plan.version.judge, "version": plan.version.version, "target": plan.target, "sample": plan.sample,
        "traces": plan.traces, "left_to_people": plan.left_to_people,
        "cached": plan.cached, "questions": plan.n, "tokens_in": plan.tokens_in, "tokens_out": plan.tokens_out,
        "counted": plan.counted, "dollars": plan.dollars, "batch_dollars": plan.batch_dollars,
        "most_dollars": plan.most_dollars, "unchecked": plan.unchecked, "flagged": plan.flagged,
        "looked_at": plan.looked_at,
    }  # fmt: skip


def run_shape(state: RunState, reasons: list[tuple[str, int, list[str]]]) -> dict[str, Any]:
    """A run as JSON; it says how many were judged, and not what: a test split stays sealed."""
    row = state.row
    return {
        "run": row.run_id, "judge": row.judge, "version": row.version, "model": row.model,
        "settings": json.loads(row.settings), "library": row.library, "reason": row.reason, "target": row.target, "mode": row.mode,
        "state": state.state, "detail": row.detail, "total": row.total, "cached": row.cached, "judged": row.verdicts,
        "failures": row.failures, "left": row.left, "dollars": row.dollars, "estimate": row.estimate, "cap": row.cap,
        "spent": row.spent, "lost": row.lost, "flagged": row.flagged,
        "reasons": [{"reason": r, "n": n, "traces": ids} for r, n, ids in reasons],
    }  # fmt: skip
