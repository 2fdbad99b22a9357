"""Run a judge through batches: half the price, up to a day. The id of a batch is stored before it is asked about."""

import secrets
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final, NamedTuple

from core.errors import ModelError
from core.judge.prompt import JudgeSpec
from core.judge.providers.anthropic import Claude
from core.judge.providers.base import BATCH_SHARE, Reply
from core.judge.providers.batches import Batches
from core.model import JudgeVersion
from core.store import judging
from core.store.connection import Store
from core.store.judging import BatchRow, RunRow
from core.store.new_judgments import NewJudgment, add_judgments
from core.workflows.drafting import spec_of
from core.workflows.keeping_judgments import as_judgment, keep_copies, outcome_of
from core.workflows.planning_runs import USUAL_ANSWER, Ask, ready, request_of
from core.workflows.pricing_runs import cost_of, used_up

LARGEST: Final = 2_000
"""Questions in one batch: far under what the provider takes, and what is read into memory at once."""
KEPT_AT_ONCE: Final = 100
POLL = 5.0
"""Seconds between two questions whether a batch has ended."""


CLOCKS: Final = timedelta(minutes=5)
"""By how much the clock of the provider may differ from this one."""


class _Sent(NamedTuple):
    """A batch at the provider, and the mark that its questions carry."""

    batch: str
    mark: str


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


def run_batches(store: Store, row: RunRow, version: JudgeVersion, stop: threading.Event) -> tuple[str, str | None]:
    """Everything that is left of a run, batch after batch; returns the state it ends in and why.

    A batch holds no more than fits the budget if every answer were as long as it may be, so that the cap cannot be passed.

    Raises:
        ModelError: the provider cannot be asked, not even later; the run can be continued, and its batch is not sent again.
    """
    spec = spec_of(version)
    if spec is None:
        return "broken", "a check in code needs no batch"
    job = _Job(store, row, version, spec, stop)
    with Claude() as claude:
        batches = Batches(claude, stop.wait)
        sent = _unfinished(job, batches)
        while True:
            if sent is None:
                asks, why = _fitting(job)
                if not asks:
                    return ("ended", None) if why is None else ("cap", why)
                sent = None if stop.is_set() else _send(job, batches, asks)
                if sent is None:
                    return "stopped", None
            while not batches.ended(sent.batch):
                if stop.wait(POLL):
                    return "stopped", _call_off(batches, sent)
            n = _collect(job, batches, sent)
            if n is None:
                return "stopped", None
            if not n:
                return "broken", "the batch brought no answer; Continue sends its questions again"
            sent = None


def _call_off(batches: Batches, sent: _Sent) -> str:
    try:
        batches.cancel(sent.batch)
    except ModelError as problem:
        return f"the batch goes on at the provider ({problem.message}); Continue collects what was answered"
    return "the batch was called off; Continue collects what was answered"


def _send(job: _Job, batches: Batches, asks: Sequence[Ask]) -> _Sent | None:
    # First that it is about to be sent, and under which mark: a kill before the id is known is found by looking for it.
    mark = secrets.token_hex(6)
    job.note("sending", detail=f"{len(asks)} {mark}")
    requests = {_name(mark, ask.key, ask.repeat): request_of(job.version, job.spec, ask.said) for ask in asks}
    batch = batches.send(requests)
    if batch is None:
        return None
    job.note("batch", batch=batch)
    return _Sent(batch, mark)


def _unfinished(job: _Job, batches: Batches) -> _Sent | None:
    """The batch that was sent and not collected when the run was cut short."""
    with job.store.read() as cursor:
        steps, known = judging.find_batches(cursor, job.row.run_id), judging.find_batch_ids(cursor)
    sending = [step for step in steps if step.state == "sending"]
    if not sending or steps[-1].state == "collected":
        return None
    mark = (sending[-1].detail or "").partition(" ")[2]
    if steps[-1].batch is not None:
        return _Sent(steps[-1].batch, mark)
    found = _look_for(job, batches, sending[-1], known)
    if found is None:
        return None
    job.note("batch", batch=found)
    return _Sent(found, mark)


def _look_for(job: _Job, batches: Batches, sending: BatchRow, known: Collection[str]) -> str | None:
    """The batch whose id was lost when it was sent; None where it never arrived, or the run was stopped.

    Of a batch of the right size it is known whose it is only when it has ended and its questions show their mark: until
    then it may be of another run that is cut short too, or of whoever else uses the key.
    """
    n, _, mark = (sending.detail or "0 ").partition(" ")
    others = set(known)
    while True:
        possible = batches.find(sending.at - CLOCKS, int(n), others)
        for batch in possible:
            names = batches.names(batch)
            if names is not None:
                if any(name.startswith(f"{mark}-") for name in names):
                    return batch
                others.add(batch)
        if others.issuperset(possible) or job.stop.wait(POLL):
            return None


def _fitting(job: _Job) -> tuple[list[Ask], str | None]:
    """The next questions that the budget surely allows; or why there is none although some are left."""
    while True:
        with job.store.snapshot() as cursor:
            row = judging.find_runs(cursor, run_id=job.row.run_id)[0]
            left = judging.find_left(cursor, job.row.run_id)[:LARGEST]
            found = ready(cursor, job.version, [(item.trace_key, item.repeat) for item in left])
        asks = keep_copies(job.store, row, found)
        if asks or not found:
            break
    if row.cap is None:
        return asks, None
    money, fitting = row.cap - row.spent, list[Ask]()
    for ask in asks:
        money -= _most(job, ask)
        if money < 0:
            break
        fitting.append(ask)
    return fitting, used_up(row) if asks and not fitting else None


def _collect(job: _Job, batches: Batches, sent: _Sent) -> int | None:
    """Store every answer of a batch and return how many; questions that were called off stay unasked.

    None where the run was stopped before the answers had come.
    """
    told = batches.replies(sent.batch, job.version.model or "")
    if told is None:
        return None
    with job.store.snapshot() as cursor:
        items = judging.find_items(cursor, job.row.run_id)
    named = {_name(sent.mark, item.trace_key, item.repeat): (item.trace_key, item.repeat) for item in items}
    replies = [(named[name], reply) for name, reply in told.items() if name in named and reply]
    for start in range(0, len(replies), KEPT_AT_ONCE):
        some = replies[start : start + KEPT_AT_ONCE]
        with job.store.read() as cursor:
            asks = {(ask.key, ask.repeat): ask for ask in ready(cursor, job.version, [item for item, _ in some])}
        said = [_judgment(job, asks[item], reply) for item, reply in some if item in asks]
        with job.store.write(by_hand=False) as cursor:
            add_judgments(cursor, job.row.run_id, job.row.version_id, said)
    job.note("collected", batch=sent.batch)
    return len(replies)


def _judgment(job: _Job, ask: Ask, reply: Reply) -> NewJudgment:
    return as_judgment(ask, outcome_of(reply, _most(job, ask), 0.0))


def _most(job: _Job, ask: Ask) -> float:
    """What a question can cost at most inside a batch, in dollars."""
    return cost_of(job.version, job.spec, ask.said, USUAL_ANSWER)[1] * BATCH_SHARE


def _name(mark: str, key: int, repeat: int) -> str:
    """What a question is called inside a batch: nobody else's question is called so."""
    return f"{mark}-{key}-{repeat}"
