"""Run a judge: in the background of the server, each result stored before it counts, stopped and continued at any time."""

import time
from collections.abc import Callable
from typing import NamedTuple

from core.errors import NotFoundError, UsageError
from core.judge import runner
from core.judge.providers.anthropic import KEY_VARIABLE, has_key, library
from core.judge.providers.base import dollars_for
from core.judge.runner import CONCURRENCY
from core.model import JudgeVersion
from core.store import judging, judgments
from core.store.connection import Cursor, Store
from core.store.judging import RunRow
from core.workflows.conducting import STARTING, Live, begin, check_free, find_all_live, find_live, running_now
from core.workflows.planning_runs import Plan, check_runnable
from core.workflows.pricing_runs import Prices, lost_in, price_of, price_on

__all__ = [
    "CONCURRENCY", "LONGEST_REASON", "Prices", "RunRow", "RunState", "continue_run", "end_runs", "has_key", "list_failures",
    "list_flagged", "list_overrides", "list_runs", "look_at_run", "price_on", "running_now", "start_run", "stop_run", "wait_for",
]  # fmt: skip


LONGEST_REASON = 1000
OVER = ("ended", "stopped", "cap", "broken")


class RunState(NamedTuple):
    """A run as it stands: `live` while it is under way in this process; seconds that are left, where that can be said."""

    row: RunRow
    live: bool
    seconds_left: float | None
    stopping: bool = False
    """Whether somebody stopped it and answers are still under way."""

    @property
    def state(self) -> str:
        """running, ended, stopped, cap, broken (see `row.detail`), or interrupted: the program ended while it ran."""
        if self.live:
            return "running"
        return self.row.state if self.row.state in OVER else "interrupted"


def start_run(
    store: Store,
    plan: Plan,
    *,
    by: str,
    cap: float | None = None,
    batch: bool = False,
    concurrency: int = CONCURRENCY,
    reason: str | None = None,
) -> int:
    """Store a plan as a run and begin it in the background; returns its number. `reason` says why a judge that was never
    checked is used on many traces all the same; it is kept with the run, where the plan asks for one.

    Raises:
        UsageError: nothing to ask, no key, a cap that cannot be kept, no reason, or this version is running already.
    """
    if not plan.items:
        raise UsageError(
            "Nothing is left to judge there.", "Every trace has a verdict of this version for what it now says."
        )
    _check_key(plan.version)
    runner.check_cap(cap, plan.dollars)
    reason = _reason(plan, reason)
    if batch and plan.version.source == "code":
        raise UsageError("A check in code runs here and at once.", "Run it without a batch.")
    with STARTING:
        check_free(store, plan.version_id, plan.version.ref)
        with store.write() as cursor:
            run_id = judging.add_run(
                cursor, version_id=plan.version_id, mode="batch" if batch else "now", target=plan.target, cap=cap,
                repeats=max((repeat for _, repeat in plan.items), default=0), cached=plan.cached,
                estimate=plan.batch_dollars if batch else plan.dollars, by=by, items=plan.items, at_once=concurrency,
                sample=plan.sample, anchors=plan.anchors,
            )  # fmt: skip
            _note_library(cursor, run_id, plan.version, by)
            if reason:
                judging.note_of_run(cursor, run_id, "reason", reason, by=by)
        begin(store, run_id, plan.version, Live(plan.version_id, concurrency))
    return run_id


def continue_run(
    store: Store, run_id: int, *, cap: float | None = None, again: bool = False, concurrency: int = CONCURRENCY
) -> int:
    """Go on where a run was stopped or cut short; `again` asks about its judge failures once more, as a new run.

    Returns the number of the run. What was judged, there or in another run since, is not asked again; where nothing is left
    the run has ended. `cap` is for the whole run, together with those that ask about its failures again: they share one
    budget, of which an answer that was under way when the program ended has spent what it can have cost.

    Raises:
        NotFoundError: no such run.
        UsageError: no failure is left to ask about, or no money for it; no key, this version is running already, or it
            looks for a failure category that is gone.
    """
    before = find_all_live(store)
    state = look_at_run(store, run_id)
    row, cap = state.row, state.row.cap if cap is None else cap
    if not again and not state.live and row.mode == "now" and not row.left:
        _note_ended(store, state)
        return run_id
    with store.snapshot() as cursor:
        version = next(s.version for s in judgments.find_judges(cursor) if s.version.ref == row.ref)
        if again or row.mode == "now":  # what a batch was paid for is fetched all the same
            check_runnable(cursor, version)
        failed = judging.find_failed_keys(cursor, run_id) if again else []
        estimate = price_of(cursor, version, failed)
        shared = [_state(store, other, before) for other in judging.find_runs(cursor, budget=row.budget)]
        lost = {s.row.run_id: lost_in(cursor, version, s.row) for s in shared if s.state == "interrupted"}
    _check_key(version)
    runner.check_cap(cap, 0.0 if version.source == "code" else dollars_for(version.model or "", 1, 1))
    if again:
        _check_left(cap, row.spent + sum(lost.values()), estimate or 0.0, len(failed))
    with STARTING:
        check_free(store, row.version_id, version.ref)
        with store.write() as cursor:
            for cut_short, dollars in lost.items():
                detail = "cut short when the program ended"
                judging.add_run_event(cursor, cut_short, "stopped", detail=detail, lost=dollars)
            if again:
                run_id = judging.add_run(
                    cursor, version_id=row.version_id, mode="now", target=f"judge failures of run {run_id}", cap=cap,
                    repeats=0, cached=0, estimate=estimate, by=row.made_by, items=[(key, 0) for key in failed],
                    at_once=concurrency, budget_of=row.budget,
                )  # fmt: skip
            else:
                judging.add_start(cursor, run_id, cap=cap, at_once=concurrency)
            _note_library(cursor, run_id, version, row.made_by)
        begin(store, run_id, version, Live(row.version_id, concurrency, done_before=0 if again else row.done))
    return run_id


def _check_key(version: JudgeVersion) -> None:
    if version.source == "run" and not has_key():
        raise UsageError("No API key is set on the server.", f"Running a judge needs {KEY_VARIABLE}.")


def _reason(plan: Plan, said: str | None) -> str | None:
    """Why a judge that was never checked is used on many traces; None where the plan asks for no reason."""
    if not plan.unchecked:
        return None
    reason = " ".join((said or "").split())
    if not reason:
        raise UsageError(
            f"{plan.version.ref[:80]} was never held against failures and passes of the expert on dev or test, and would "
            f"judge {plan.unchecked:,} traces that nobody labelled.",
            "Run it on dev first, or give a reason (--reason TEXT): it is kept with the run.",
        )
    if len(reason) > LONGEST_REASON:
        raise UsageError(f"A reason has at most {LONGEST_REASON:,} characters.", "Shorten it.")
    return reason


def _note_library(cursor: Cursor, run_id: int, version: JudgeVersion, by: str) -> None:
    if version.source == "run":
        judging.note_of_run(cursor, run_id, "library", library(), by=by)


def _check_left(cap: float | None, spent: float, price: float, n: int) -> None:
    """Refuse to ask about `n` traces where the budget is too small for one of them."""
    if not n:
        raise UsageError("No judge failure is left in this run.")
    if cap is not None and spent + price / n > cap:
        raise UsageError(
            f"Nothing is left of the budget of ${cap:.2f}: ${spent:.2f} of it is spent.", "Raise it to ask again."
        )


def _note_ended(store: Store, state: RunState) -> None:
    if state.state != "ended":
        with store.write() as cursor:
            judging.add_run_event(cursor, state.row.run_id, "ended")


def stop_run(store: Store, run_id: int) -> None:
    """Ask no further question; answers under way are kept."""
    if live := find_live(store, run_id):
        live.stop.set()


def end_runs(store: Store, seconds: float, told: Callable[[str], object] = str) -> bool:
    """Keep what a judge is answering, since it is paid: ask no further question in any run, and wait so long for the answers
    under way; whether all have come. A batch is left to the provider, which goes on with it: Continue collects it."""
    found = find_all_live(store)
    with store.snapshot() as cursor:
        live = [one for run_id, one in found.items() if judging.find_runs(cursor, run_id=run_id)[0].mode == "now"]
    for one in live:
        one.stop.set()
    if live:
        told("Waiting for answers of a judge that are under way (Ctrl+C ends at once).\n")
    until = time.monotonic() + seconds
    return all(one.over.wait(max(0.0, until - time.monotonic())) for one in live)


def wait_for(
    store: Store, run_id: int, heard: Callable[[RunState], None] | None = None, every: float = 0.5
) -> RunState:
    """Wait until a run is over, telling how far it is; whatever ends the waiting stops it first, and waits for the answers
    under way: they are paid."""
    live = find_live(store, run_id)
    if live is None:
        return look_at_run(store, run_id)
    try:
        while not live.over.wait(every):
            if heard is not None:
                heard(look_at_run(store, run_id))
    except BaseException as problem:
        # An interrupt that comes into a query of DuckDB leaves it as a RuntimeError.
        interrupted = isinstance(problem, KeyboardInterrupt) or isinstance(problem.__context__, KeyboardInterrupt)
        live.stop.set()
        try:
            if interrupted and heard is not None:
                heard(look_at_run(store, run_id))
        finally:
            live.over.wait()
        if interrupted:
            raise KeyboardInterrupt from problem
        raise
    return look_at_run(store, run_id)


def look_at_run(store: Store, run_id: int) -> RunState:
    """A run as it stands.

    Raises:
        NotFoundError: no such run.
    """
    before = find_all_live(store)
    with store.snapshot() as cursor:
        found = judging.find_runs(cursor, run_id=run_id)
        if not found:
            raise NotFoundError(f"There is no run {run_id}.")
        return _state(store, found[0], before)


def list_runs(store: Store, limit: int = 20) -> list[RunState]:
    """The newest runs first."""
    before = find_all_live(store)
    with store.snapshot() as cursor:
        return [_state(store, row, before) for row in judging.find_runs(cursor, limit=limit)]


def list_overrides(store: Store, ref: str) -> list[RunRow]:
    """The runs of a judge version (NAME@VERSION) that a person gave a reason for, since it was not checked by then; the
    newest first."""
    with store.snapshot() as cursor:
        return judging.find_reasons(cursor, ref)


def list_failures(store: Store, run_id: int) -> list[tuple[str, int, list[str]]]:
    """The judge failures of a run by reason: how many, and the first twenty traces."""
    with store.read() as cursor:
        return judging.find_failures(cursor, run_id)


def list_flagged(store: Store, run_id: int) -> list[tuple[str, str]]:
    """Traces of a run that look as if they spoke to the judge: id and why."""
    with store.read() as cursor:
        return judging.find_flagged(cursor, run_id)


def _state(store: Store, row: RunRow, before: dict[int, Live]) -> RunState:
    """A run by its row and by what was under way `before` that was read: where it ended in between, the next look says how."""
    live = find_live(store, row.run_id)
    if live is None and row.state not in OVER:
        live = before.get(row.run_id)
    seconds = None
    if live is not None and row.mode == "now" and (done := row.done - live.done_before) > 0:
        seconds = (time.monotonic() - live.began) / done * row.left
    return RunState(row, live is not None, seconds, live is not None and live.stop.is_set())
