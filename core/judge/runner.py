"""Ask many questions at once: each outcome is kept before it counts, money is set aside before a question is sent.

The runner knows neither the store nor a provider: it is given questions, a way to answer one, and a way to keep outcomes.
"""

import queue
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from core.errors import ModelError, UsageError
from core.judge.answers import Outcome

CONCURRENCY = 16
SAME_IN_A_ROW = 20
"""So many failures of the provider for one reason, none between them an answer, and the run stops: the rest would fail as
well. A failure that is of a trace says nothing of the next one."""

Item = TypeVar("Item")


def check_cap(cap: float | None, dollars: float | None) -> None:
    """Refuse a budget that cannot be kept.

    Raises:
        UsageError: it is nothing, or the price of the model is not known.
    """
    if cap is not None and cap <= 0:
        raise UsageError("The budget is more than nothing.")
    if cap is not None and dollars is None:
        raise UsageError(
            "The price of this model is not known here, so no budget in dollars can be kept.",
            "Run it without one on a smaller slice, or choose a model whose price is known.",
        )


class Budget:
    """Dollars that may be spent. What a call can cost at most is set aside before it is sent, so that calls under way
    together cannot pass the cap; the last ones, which their most would not fit, go one by one by what they will cost."""

    def __init__(self, cap: float | None, spent: float = 0.0) -> None:
        self.cap, self.spent = cap, spent
        self._aside, self._calls = 0.0, 0
        self._changed = threading.Condition()

    def take(self, expected: float, most: float, stop: threading.Event) -> bool:
        """Set money aside for a call, waiting for others to end where need be; False where there is none left."""
        with self._changed:
            while self.cap is not None and self.spent + self._aside + most > self.cap and not stop.is_set():
                if not self._calls:
                    if self.spent + expected > self.cap:
                        return False
                    break
                self._changed.wait(0.1)
            if stop.is_set():
                return False
            self._aside += most
            self._calls += 1
            return True

    def settle(self, most: float, dollars: float) -> None:
        """A call came back and cost so much."""
        with self._changed:
            self._aside -= most
            self._calls -= 1
            self.spent += dollars
            self._changed.notify_all()


@dataclass(slots=True)
class Question(Generic[Item]):
    """Something to be asked: `expected` and `most` are dollars."""

    item: Item
    expected: float = 0.0
    most: float = 0.0


@dataclass(slots=True)
class Ending:
    """How a run ended: whole, out of money, stopped, or for a reason that asking further would not change."""

    asked: int = 0
    out_of_money: bool = False
    problem: ModelError | None = None
    stopped: bool = False


def _new_queue() -> "queue.SimpleQueue[Any]":
    return queue.SimpleQueue()


@dataclass(slots=True)
class _Shared(Generic[Item]):
    budget: Budget
    stop: threading.Event
    ending: Ending = field(default_factory=Ending)
    fault: BaseException | None = None
    feeding: threading.Lock = field(default_factory=threading.Lock)
    come: "queue.SimpleQueue[tuple[Item, Outcome, threading.Event] | None]" = field(default_factory=_new_queue)
    halt: threading.Event = field(default_factory=threading.Event)
    """Set where no further question shall be asked, whether or not somebody stopped the run."""
    failure: str | None = None
    in_a_row: int = 0


def run(
    questions: Iterable[Question[Item]],
    answer: Callable[[Item, threading.Event], Outcome | None],
    keep: Callable[[Sequence[tuple[Item, Outcome]]], None],
    *,
    budget: Budget,
    stop: threading.Event,
    concurrency: int = CONCURRENCY,
) -> Ending:
    """Ask everything and keep every outcome, in the calling thread, before the one who asked goes on.

    `answer` gives None where it was called off: that question stays unasked. At most `concurrency` questions are asked
    and not kept at any moment, so a kill loses no more than these.

    Raises:
        whatever `keep`, `answer` or the questions raise, after all threads ended; a `ModelError` is told in the ending.
    """
    shared: _Shared[Item] = _Shared(budget, stop)
    source = iter(questions)
    workers = [
        threading.Thread(target=_work, args=(source, answer, shared), name=f"judge-{i}", daemon=True)
        for i in range(max(1, concurrency))
    ]
    for worker in workers:
        worker.start()
    left = len(workers)
    while left:
        batch, left = _next(shared.come, left)
        if not batch:
            continue
        try:
            keep([(item, outcome) for item, outcome, _ in batch])
        except BaseException as problem:  # noqa: BLE001 - raised again below, when nothing runs any more
            shared.fault = shared.fault or problem
            shared.halt.set()
        shared.ending.asked += len(batch)
        for _, outcome, _ in batch:
            _watch(outcome, shared)
        for _, _, kept in batch:
            kept.set()
    for worker in workers:
        worker.join()
    if shared.fault is not None:
        raise shared.fault
    shared.ending.stopped = stop.is_set()
    return shared.ending


def _next(
    come: "queue.SimpleQueue[tuple[Item, Outcome, threading.Event] | None]", left: int
) -> tuple[list[tuple[Item, Outcome, threading.Event]], int]:
    """All outcomes that are there by now, at least one word of a worker; and how many workers still work."""
    batch: list[tuple[Item, Outcome, threading.Event]] = []
    heard = come.get()
    while True:
        if heard is None:
            left -= 1
        else:
            batch.append(heard)
        try:
            heard = come.get_nowait()
        except queue.Empty:
            return batch, left


def _work(
    source: Iterable[Question[Item]],
    answer: Callable[[Item, threading.Event], Outcome | None],
    shared: _Shared[Item],
) -> None:
    try:
        while not shared.stop.is_set() and not shared.halt.is_set():
            with shared.feeding:
                question = next(source, None)  # type: ignore[call-overload]
            if question is None:
                break
            if not shared.budget.take(question.expected, question.most, shared.stop):
                shared.ending.out_of_money = shared.ending.out_of_money or not shared.stop.is_set()
                shared.halt.set()
                break
            outcome: Outcome | None = None
            try:
                outcome = answer(question.item, shared.stop)
            finally:
                dollars = 0.0 if outcome is None else outcome.dollars or 0.0
                shared.budget.settle(question.most, dollars)
            if outcome is None:
                break
            kept = threading.Event()
            shared.come.put((question.item, outcome, kept))
            kept.wait()
    except ModelError as problem:
        shared.ending.problem = shared.ending.problem or problem
        shared.halt.set()
    except BaseException as problem:  # noqa: BLE001 - raised again in the thread that called
        shared.fault = shared.fault or problem
        shared.halt.set()
    finally:
        shared.come.put(None)


def _watch(outcome: Outcome, shared: _Shared[Item]) -> None:
    """Stop where nothing but one and the same failure of the provider comes back."""
    failure = outcome.failure if outcome.of_provider else None
    shared.in_a_row = shared.in_a_row + 1 if failure == shared.failure else 1
    shared.failure = failure
    if shared.failure is not None and shared.in_a_row >= SAME_IN_A_ROW:
        shared.ending.problem = shared.ending.problem or ModelError(
            f"{SAME_IN_A_ROW} traces in a row: {shared.failure}", "Continue the run when this is mended."
        )
        shared.halt.set()
