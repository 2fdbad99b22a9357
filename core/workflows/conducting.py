"""A run of a judge while it is under way in this process: its thread asks, stores each result, and says how it ended."""

import logging
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from core.errors import AppError, UsageError
from core.judge import code, runner
from core.judge.answers import Outcome
from core.judge.providers.anthropic import Claude
from core.judge.runner import Budget, Question
from core.model import JudgeVersion
from core.store import judging
from core.store.connection import Store
from core.store.judging import RunRow
from core.store.new_judgments import add_judgments
from core.workflows import batching
from core.workflows.alerting import watch_after
from core.workflows.drafting import spec_of
from core.workflows.keeping_judgments import as_judgment, keep_copies, outcome_of
from core.workflows.planning_runs import USUAL_ANSWER, Ask, read_ahead, request_of
from core.workflows.pricing_runs import cost_of, used_up

log = logging.getLogger(__name__)

STARTING = threading.Lock()
"""Held from the look whether a version is free until its run has begun."""


@dataclass(slots=True)
class Live:
    """A run under way in this process; `began` by the clock of `time.monotonic`, in seconds."""

    version_id: int
    at_once: int
    stop: threading.Event = field(default_factory=threading.Event)
    over: threading.Event = field(default_factory=threading.Event)
    """Set when its thread has done everything. Whoever waits, waits for this and not for the thread: once an interrupt came
    into a `join`, Python 3.11 takes the thread for ended while it still stores answers."""
    began: float = field(default_factory=time.monotonic)
    done_before: int = 0
    lost: float = 0.0
    """US dollars that were paid for answers that could not be stored."""


_LIVE: dict[tuple[int, int], Live] = {}


def find_live(store: Store, run_id: int) -> Live | None:
    """A run of this store, if it is under way."""
    return _LIVE.get((id(store), run_id))


def find_all_live(store: Store) -> dict[int, Live]:
    """The runs of this store that are under way. Ask before their rows are read: a run that ends in between is none that was
    cut short."""
    return {run_id: live for (held, run_id), live in list(_LIVE.items()) if held == id(store)}


def running_now(store: Store) -> list[int]:
    """The runs under way in this process."""
    return [run_id for (held, run_id) in list(_LIVE) if held == id(store)]


def check_free(store: Store, version_id: int, ref: str) -> None:
    """Refuse a second run of a version at the same time.

    Raises:
        UsageError: it is under way.
    """
    if any(held == id(store) and live.version_id == version_id for (held, _), live in list(_LIVE.items())):
        raise UsageError(
            f"{ref} is running already.", "Wait for it or stop it: two runs would pay for the same traces."
        )


def begin(store: Store, run_id: int, version: JudgeVersion, live: Live) -> None:
    """Let a run that is stored begin, in a thread of its own."""
    thread = threading.Thread(target=_run, args=(store, run_id, version, live), name=f"run-{run_id}", daemon=True)
    _LIVE[id(store), run_id] = live
    thread.start()


def _run(store: Store, run_id: int, version: JudgeVersion, live: Live) -> None:
    try:
        _conduct(store, run_id, version, live)
        watch_after(store, f"run {run_id}")
    finally:
        live.over.set()


def _conduct(store: Store, run_id: int, version: JudgeVersion, live: Live) -> None:
    """The whole of a run; however it ends, the store says how, unless there is no store any more."""
    state, detail = "broken", "a fault of the program; its log says more"
    try:
        with store.snapshot() as cursor:
            row = judging.find_runs(cursor, run_id=run_id)[0]
        if row.mode == "batch":
            state, detail = batching.run_batches(store, row, version, live.stop)
        else:
            state, detail = _ask_all(store, row, version, live)
    except AppError as problem:
        detail = str(problem)
    except Exception as problem:  # noqa: BLE001 - in a thread of its own nobody else would hear of it
        log.error("run %d broke: %s", run_id, type(problem).__name__)
    finally:
        try:
            with store.write() as cursor:
                judging.add_run_event(cursor, run_id, state, detail=detail, lost=live.lost or None)
        except Exception:  # noqa: BLE001 - the store is closed: the run counts as interrupted
            log.warning("run %d ended with its store", run_id)
        _LIVE.pop((id(store), run_id), None)


def _ask_all(store: Store, row: RunRow, version: JudgeVersion, live: Live) -> tuple[str, str | None]:
    spec = spec_of(version)
    with store.snapshot() as cursor:
        left = judging.find_left(cursor, row.run_id)
        usual = judging.mean_tokens_out(cursor, version.judge) or USUAL_ANSWER

    def keep(come: Sequence[tuple[Ask, Outcome]]) -> None:
        try:
            with store.write(by_hand=False) as cursor:
                add_judgments(cursor, row.run_id, row.version_id, [as_judgment(a, o) for a, o in come])
        except BaseException:
            live.lost += sum(outcome.dollars or 0.0 for _, outcome in come)
            raise

    def questions() -> Iterator[Question[Ask]]:
        for asks in read_ahead(store, version, [(item.trace_key, item.repeat) for item in left]):
            if live.stop.is_set():
                return
            for ask in asks if spec is None else keep_copies(store, row, asks):
                yield Question(ask, *cost_of(version, spec, ask.said, usual))

    budget = Budget(row.cap, row.spent)
    if spec is None:
        ending = runner.run(
            questions(),
            lambda ask, _: code.answer(version.settings, ask.shown),
            keep,
            budget=budget,
            stop=live.stop,
            concurrency=live.at_once,
        )
    else:
        with Claude() as claude:

            def answer(ask: Ask, stopped: threading.Event) -> Outcome | None:
                began = time.monotonic()
                reply = claude.ask(request_of(version, spec, ask.said), stopped.wait)
                most = cost_of(version, spec, ask.said, usual)[1]
                return None if reply is None else outcome_of(reply, most, (time.monotonic() - began) * 1000)

            ending = runner.run(questions(), answer, keep, budget=budget, stop=live.stop, concurrency=live.at_once)
    if ending.problem is not None:
        return "broken", str(ending.problem)
    if ending.out_of_money:
        return "cap", used_up(row)
    if not ending.stopped:
        return "ended", None
    with store.snapshot() as cursor:  # where the last answers were under way, there was nothing left to stop
        return ("stopped" if judging.find_left(cursor, row.run_id) else "ended"), None
