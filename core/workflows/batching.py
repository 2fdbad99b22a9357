"""Run a judge through batches: half the price, up to a day. The id of a batch is stored before it is asked about."""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from core.judge.prompt import JudgeSpec
from core.judge.providers.anthropic import Claude
from core.judge.providers.base import BATCH_SHARE
from core.model import JudgeVersion
from core.store import judging
from core.store.connection import Store
from core.store.judging import RunRow
from core.workflows.drafting import spec_of
from core.workflows.keeping_judgments import as_judgment, outcome_of
from core.workflows.planning_runs import USUAL_ANSWER, Ask, cost_of, ready, request_of

LARGEST: Final = 2_000
"""Questions in one batch: far under what the provider takes, and what is read into memory at once."""
KEPT_AT_ONCE: Final = 100
POLL = 5.0
"""Seconds between two questions whether a batch has ended."""


@dataclass(frozen=True, slots=True)
class _Job:
    store: Store
    row: RunRow
    version: JudgeVersion
    spec: JudgeSpec
    stop: threading.Event

    def note(self, state: str, *, batch: str | None = None, detail: str | None = None) -> None:
        with self.store.write() as cursor:
            judging.add_run_event(cursor, self.row.run_id, state, batch=batch, detail=detail)


def run_batches(
    store: Store, row: RunRow, version: JudgeVersion, cap: float | None, stop: threading.Event
) -> tuple[str, str | None]:
    """Everything that is left of a run, batch after batch; returns the state it ends in and why.

    A batch holds no more than fits the budget if every answer were as long as it may be, so that the cap cannot be passed.

    Raises:
        ModelError: the provider cannot be asked; the run can be continued, and its batch is not sent again.
    """
    spec = spec_of(version)
    if spec is None:
        return "broken", "a check in code needs no batch"
    job = _Job(store, row, version, spec, stop)
    with Claude() as claude:
        batch = _unfinished(job, claude)
        while True:
            if batch is None:
                asks, why = _fitting(job, cap)
                if not asks:
                    return ("ended", None) if why is None else ("cap", why)
                if stop.is_set():
                    return "stopped", None
                batch = _send(job, claude, asks)
            while not claude.batch_ended(batch):
                if stop.wait(POLL):
                    claude.cancel_batch(batch)
                    return "stopped", "the batch was called off; Continue collects what was answered"
            _collect(job, claude, batch)
            batch = None


def _send(job: _Job, claude: Claude, asks: Sequence[Ask]) -> str:
    # First that it is about to be sent: a kill between sending and knowing the id is found by looking for it.
    job.note("sending", detail=str(len(asks)))
    requests = {_name(job, ask.key, ask.repeat): request_of(job.version, job.spec, ask.said) for ask in asks}
    batch = claude.send_batch(requests)
    job.note("batch", batch=batch)
    return batch


def _unfinished(job: _Job, claude: Claude) -> str | None:
    """The batch that was sent and not collected when the run was cut short."""
    with job.store.read() as cursor:
        steps = judging.find_batches(cursor, job.row.run_id)
    if not steps or steps[-1].state == "collected":
        return None
    last = steps[-1]
    if last.state == "batch":
        return last.batch
    found = claude.find_batch(last.at, int(last.detail or 0))
    if found is not None:
        job.note("batch", batch=found)
    return found


def _fitting(job: _Job, cap: float | None) -> tuple[list[Ask], str | None]:
    """The next questions that the budget surely allows; or why there is none although some are left."""
    with job.store.snapshot() as cursor:
        row = judging.find_runs(cursor, run_id=job.row.run_id)[0]
        left = judging.find_left(cursor, job.row.run_id)[:LARGEST]
        asks = ready(cursor, job.version, [(item.trace_key, item.repeat) for item in left])
    if cap is None:
        return asks, None
    money, fitting = cap - row.dollars, list[Ask]()
    for ask in asks:
        money -= cost_of(job.version, job.spec, ask.said, USUAL_ANSWER)[1] * BATCH_SHARE
        if money < 0:
            break
        fitting.append(ask)
    return fitting, f"the budget of ${cap:.2f} is used up" if asks and not fitting else None


def _collect(job: _Job, claude: Claude, batch: str) -> None:
    """Store every answer of a batch; questions that were called off stay unasked."""
    with job.store.snapshot() as cursor:
        left = judging.find_left(cursor, job.row.run_id)
    named = {_name(job, item.trace_key, item.repeat): (item.trace_key, item.repeat) for item in left}
    replies = list(claude.batch_replies(batch, job.version.model or ""))
    for start in range(0, len(replies), KEPT_AT_ONCE):
        some = [
            (named[name], reply) for name, reply in replies[start : start + KEPT_AT_ONCE] if name in named and reply
        ]
        with job.store.read() as cursor:
            asks = {(ask.key, ask.repeat): ask for ask in ready(cursor, job.version, [item for item, _ in some])}
        said = [as_judgment(asks[item], outcome_of(reply, 0.0, 0.0)) for item, reply in some if item in asks]
        with job.store.write() as cursor:
            judging.add_judgments(cursor, job.row.run_id, job.row.version_id, said)
    job.note("collected", batch=batch)


def _name(job: _Job, key: int, repeat: int) -> str:
    """What a question is called inside a batch: its run, version and trace, so that no other run takes it for its own."""
    return f"r{job.row.run_id}-{job.version.version}-{key}-{repeat}"
