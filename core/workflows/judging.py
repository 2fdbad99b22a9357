"""Run a judge: in the background of the server, each result stored before it counts, stopped and continued at any time."""

import logging
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from core.errors import AppError, NotFoundError, UsageError
from core.judge import code, runner
from core.judge.answers import Outcome
from core.judge.providers.anthropic import KEY_VARIABLE, Claude, has_key
from core.judge.providers.base import dollars_for
from core.judge.runner import CONCURRENCY, Budget, Question
from core.model import JudgeVersion
from core.store import judging, judgments
from core.store.connection import Store
from core.store.judging import RunRow
from core.store.new_judgments import add_judgments
from core.workflows import batching
from core.workflows.alerting import watch_after
from core.workflows.drafting import spec_of
from core.workflows.keeping_judgments import as_judgment, outcome_of
from core.workflows.planning_runs import USUAL_ANSWER, Ask, Plan, cost_of, price_again, read_ahead, request_of

__all__ = [
    "CONCURRENCY", "RunState", "continue_run", "has_key", "list_failures", "list_flagged", "list_runs", "look_at_run",
    "running_now", "start_run", "stop_run", "wait_for",
]  # fmt: skip

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Live:
    """A run under way in this process."""

    version_id: int
    stop: threading.Event
    thread: threading.Thread | None = None
    began: float = field(default_factory=time.monotonic)
    done_before: int = 0


_LIVE: dict[tuple[int, int], _Live] = {}
_STARTING = threading.Lock()


class RunState(NamedTuple):
    """A run as it stands: `live` while it is under way in this process; seconds that are left, where that can be said."""

    row: RunRow
    live: bool
    cap: float | None
    seconds_left: float | None

    @property
    def state(self) -> str:
        """running, ended, stopped, cap, broken (see `row.detail`), or interrupted: the program ended while it ran."""
        if self.live:
            return "running"
        return self.row.state if self.row.state in ("ended", "stopped", "cap", "broken") else "interrupted"


def start_run(
    store: Store, plan: Plan, *, by: str, cap: float | None = None, batch: bool = False, concurrency: int = CONCURRENCY
) -> int:
    """Store a plan as a run and begin it in the background; returns its number.

    Raises:
        UsageError: nothing to ask, no key, a cap that cannot be kept, or this version is running already.
    """
    if not plan.items:
        raise UsageError(
            "Nothing is left to judge there.", "Every trace has a verdict of this version for what it now says."
        )
    if plan.version.source == "run" and not has_key():
        raise UsageError("No API key is set on the server.", f"Running a judge needs {KEY_VARIABLE}.")
    runner.check_cap(cap, plan.dollars)
    if batch and plan.version.source == "code":
        raise UsageError("A check in code runs here and at once.", "Run it without a batch.")
    with _STARTING:
        _check_free(store, plan.version_id, plan.version.ref)
        with store.write() as cursor:
            run_id = judging.add_run(
                cursor, version_id=plan.version_id, mode="batch" if batch else "now", target=plan.target, cap=cap,
                repeats=max((repeat for _, repeat in plan.items), default=0), cached=plan.cached,
                estimate=plan.batch_dollars if batch else plan.dollars, by=by, items=plan.items, sample=plan.sample,
                anchors=plan.anchors,
            )  # fmt: skip
        _begin(store, run_id, plan.version, plan.version_id, 0, concurrency)
    return run_id


def continue_run(
    store: Store, run_id: int, *, cap: float | None = None, again: bool = False, concurrency: int = CONCURRENCY
) -> int:
    """Go on where a run was stopped or cut short; `again` asks about its judge failures once more, as a new run.

    Returns the number of the run. What was judged, there or in another run since, is not asked again; where nothing is left
    the run has ended. `cap` is for the whole run.

    Raises:
        NotFoundError: no such run.
        UsageError: no failure is left to ask about, no key, or this version is running already.
    """
    state = look_at_run(store, run_id)
    with store.snapshot() as cursor:
        version = next(s.version for s in judgments.find_judges(cursor) if s.version.ref == state.row.ref)
        failed = judging.find_failed_keys(cursor, run_id) if again else []
        estimate = price_again(cursor, version, failed) if again else None
    cap = state.cap if cap is None else cap
    if not again and not state.live and state.row.mode == "now" and not state.row.left:
        _note_ended(store, state)
        return run_id
    if version.source == "run" and not has_key():
        raise UsageError("No API key is set on the server.", f"Running a judge needs {KEY_VARIABLE}.")
    runner.check_cap(cap, 0.0 if version.source == "code" else dollars_for(version.model or "", 1, 1))
    with _STARTING:
        _check_free(store, state.row.version_id, version.ref)
        if again:
            if not failed:
                raise UsageError("No judge failure is left in this run.")
            with store.write() as cursor:
                run_id = judging.add_run(
                    cursor, version_id=state.row.version_id, mode="now", target=f"judge failures of run {run_id}", cap=cap,
                    repeats=0, cached=0, estimate=estimate, by=state.row.made_by, items=[(key, 0) for key in failed],
                )  # fmt: skip
        else:
            with store.write() as cursor:
                judging.add_run_event(cursor, run_id, "started", detail=None if cap is None else str(cap))
        _begin(store, run_id, version, state.row.version_id, state.row.done if not again else 0, concurrency)
    return run_id


def _note_ended(store: Store, state: RunState) -> None:
    if state.state != "ended":
        with store.write() as cursor:
            judging.add_run_event(cursor, state.row.run_id, "ended")


def stop_run(store: Store, run_id: int) -> None:
    """Ask no further question; answers under way are kept."""
    if live := _LIVE.get((id(store), run_id)):
        live.stop.set()


def wait_for(
    store: Store, run_id: int, heard: Callable[[RunState], None] | None = None, every: float = 0.5
) -> RunState:
    """Wait until a run is over, telling how far it is; an interrupt stops it and waits for the answers under way."""
    live = _LIVE.get((id(store), run_id))
    try:
        while live is not None and live.thread is not None and live.thread.is_alive():
            live.thread.join(every)
            if heard is not None and live.thread.is_alive():
                heard(look_at_run(store, run_id))
    except KeyboardInterrupt:
        stop_run(store, run_id)
        if live is not None and live.thread is not None:
            live.thread.join()
        raise
    return look_at_run(store, run_id)


def look_at_run(store: Store, run_id: int) -> RunState:
    """A run as it stands.

    Raises:
        NotFoundError: no such run.
    """
    with store.snapshot() as cursor:
        found = judging.find_runs(cursor, run_id=run_id)
        if not found:
            raise NotFoundError(f"There is no run {run_id}.")
        return _state(store, found[0], judging.find_cap(cursor, run_id))


def list_runs(store: Store, limit: int = 20) -> list[RunState]:
    """The newest runs first."""
    with store.snapshot() as cursor:
        return [
            _state(store, row, judging.find_cap(cursor, row.run_id)) for row in judging.find_runs(cursor, limit=limit)
        ]


def running_now(store: Store) -> list[int]:
    """The runs under way in this process."""
    return [run_id for (held, run_id) in list(_LIVE) if held == id(store)]


def list_failures(store: Store, run_id: int) -> list[tuple[str, int, list[str]]]:
    """The judge failures of a run by reason: how many, and the first twenty traces."""
    with store.read() as cursor:
        return judging.find_failures(cursor, run_id)


def list_flagged(store: Store, run_id: int) -> list[tuple[str, str]]:
    """Traces of a run that look as if they spoke to the judge: id and why."""
    with store.read() as cursor:
        return judging.find_flagged(cursor, run_id)


def _state(store: Store, row: RunRow, cap: float | None) -> RunState:
    live = _LIVE.get((id(store), row.run_id))
    seconds = None
    if live is not None and row.mode == "now" and (done := row.done - live.done_before) > 0:
        seconds = (time.monotonic() - live.began) / done * row.left
    return RunState(row, live is not None, cap, seconds)


def _check_free(store: Store, version_id: int, ref: str) -> None:
    if any(held == id(store) and live.version_id == version_id for (held, _), live in list(_LIVE.items())):
        raise UsageError(
            f"{ref} is running already.", "Wait for it or stop it: two runs would pay for the same traces."
        )


def _begin(store: Store, run_id: int, version: JudgeVersion, version_id: int, done: int, concurrency: int) -> None:
    live = _Live(version_id, threading.Event(), done_before=done)
    live.thread = threading.Thread(
        target=_conduct, args=(store, run_id, version, live, concurrency), name=f"run-{run_id}", daemon=True
    )
    _LIVE[id(store), run_id] = live
    live.thread.start()


def _conduct(store: Store, run_id: int, version: JudgeVersion, live: _Live, concurrency: int) -> None:
    """The whole of a run; however it ends, the store says how, unless there is no store any more."""
    state, detail = "broken", "a fault of the program; its log says more"
    try:
        with store.snapshot() as cursor:
            row, cap = judging.find_runs(cursor, run_id=run_id)[0], judging.find_cap(cursor, run_id)
        if row.mode == "batch":
            state, detail = batching.run_batches(store, row, version, cap, live.stop)
        else:
            state, detail = _ask_all(store, row, version, cap, live.stop, concurrency)
    except AppError as problem:
        detail = str(problem)
    except Exception as problem:  # noqa: BLE001 - in a thread of its own nobody else would hear of it
        log.error("run %d broke: %s", run_id, type(problem).__name__)
    finally:
        try:
            with store.write() as cursor:
                judging.add_run_event(cursor, run_id, state, detail=detail)
        except Exception:  # noqa: BLE001 - the store is closed: the run counts as interrupted
            log.warning("run %d ended with its store", run_id)
        _LIVE.pop((id(store), run_id), None)
    watch_after(store, f"run {run_id}")


def _ask_all(
    store: Store, row: RunRow, version: JudgeVersion, cap: float | None, stop: threading.Event, concurrency: int
) -> tuple[str, str | None]:
    spec = spec_of(version)
    with store.snapshot() as cursor:
        left = judging.find_left(cursor, row.run_id)
        usual = judging.mean_tokens_out(cursor, version.judge) or USUAL_ANSWER

    def keep(come: Sequence[tuple[Ask, Outcome]]) -> None:
        with store.write() as cursor:
            add_judgments(cursor, row.run_id, row.version_id, [as_judgment(a, o) for a, o in come])

    def questions() -> Iterator[Question[Ask]]:
        for asks in read_ahead(store, version, [(item.trace_key, item.repeat) for item in left]):
            for ask in asks:
                yield Question(ask, *cost_of(version, spec, ask.said, usual))

    budget = Budget(cap, row.dollars)
    if spec is None:
        ending = runner.run(
            questions(),
            lambda ask, _: code.answer(version.settings, ask.shown),
            keep,
            budget=budget,
            stop=stop,
            concurrency=concurrency,
        )
    else:
        with Claude() as claude:

            def answer(ask: Ask, stopped: threading.Event) -> Outcome | None:
                began = time.monotonic()
                reply = claude.ask(request_of(version, spec, ask.said), stopped.wait)
                expected = cost_of(version, spec, ask.said, usual)[0]
                return None if reply is None else outcome_of(reply, expected, (time.monotonic() - began) * 1000)

            ending = runner.run(questions(), answer, keep, budget=budget, stop=stop, concurrency=concurrency)
    if ending.problem is not None:
        return "broken", str(ending.problem)
    if ending.out_of_money:
        return "cap", f"the budget of ${cap:.2f} is used up"
    return ("stopped", None) if ending.stopped else ("ended", None)
