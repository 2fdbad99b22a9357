"""What questions of a judge cost: one, all that a run still has to ask, and those whose answers were lost."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from core.judge.prompt import JudgeSpec
from core.judge.providers.base import BATCH_SHARE, dollars_for
from core.judge.runner import CONCURRENCY
from core.model import JudgeVersion
from core.store import judging
from core.store.connection import Cursor, Store
from core.store.judging import RunRow
from core.workflows.drafting import spec_of
from core.workflows.planning_runs import CHARACTERS_PER_TOKEN, USUAL_ANSWER, ready

LOOKED_AT: Final = 50
"""Traces whose length gives the price of going on; of more, the others are taken to be like them."""


class Prices(NamedTuple):
    """About how many dollars it takes to go on with a run; None where the price of the model is not known."""

    left: float | None
    failed: float | None
    """To ask about its judge failures again."""


def cost_of(version: JudgeVersion, spec: JudgeSpec | None, said: str, usual_out: float) -> tuple[float, float]:
    """What one question will cost and what it can cost at most, in dollars; 0 for a check, or an unknown price."""
    if spec is None:
        return 0.0, 0.0
    text = len(version.prompt or "") + len(said)
    size = len((version.prompt or "").encode()) + len(said.encode())
    expected = dollars_for(version.model or "", text / CHARACTERS_PER_TOKEN, usual_out)
    # No text has as many tokens as half its bytes; putting the prompt into the cache costs a quarter more.
    most = dollars_for(version.model or "", size / 2 * 1.25 + 100, spec.max_tokens)
    return expected or 0.0, most or 0.0


def price_of(cursor: Cursor, version: JudgeVersion, keys: Sequence[int]) -> float | None:
    """What asking about these traces once will cost, by the length of some of them; None where no price is known."""
    if version.source == "code" or not keys:
        return 0.0
    if dollars_for(version.model or "", 1, 1) is None:
        return None
    some = keys[:: max(1, len(keys) // LOOKED_AT)][:LOOKED_AT]
    costs = _costs(cursor, version, some)
    return sum(expected for expected, _ in costs) / max(1, len(costs)) * len(keys)


def price_on(store: Store, version: JudgeVersion, row: RunRow) -> Prices:
    """What going on with a run of this version will cost."""
    share = BATCH_SHARE if row.mode == "batch" else 1.0
    with store.snapshot() as cursor:
        keys = [item.trace_key for item in judging.find_left(cursor, row.run_id)] if row.left else []
        failed = judging.find_failed_keys(cursor, row.run_id) if row.failed else []
        left = price_of(cursor, version, keys)
        return Prices(None if left is None else left * share, price_of(cursor, version, failed))


def lost_in(cursor: Cursor, version: JudgeVersion, row: RunRow) -> float:
    """What a run that was cut short may have paid, in dollars, for answers that were never stored.

    Questions are asked in their order, and an answer is stored before the one who asked goes on: only the first ones that
    are left can have been under way. They count as the most they can cost, as far as the budget let them cost it.
    """
    if row.mode == "batch":  # a batch that was sent is found again
        return 0.0
    under_way = judging.find_left(cursor, row.run_id)[: row.at_once or CONCURRENCY]
    most = [most for _, most in _costs(cursor, version, [item.trace_key for item in under_way])]
    whole = sum(most)
    return whole if row.cap is None else min(whole, max(row.cap - row.spent, *most, 0.0))


def used_up(row: RunRow) -> str:
    """That the budget of a run is spent, in words."""
    lost = f", ${row.lost:.2f} of it set aside for answers that were lost when the program ended" if row.lost else ""
    return f"the budget of ${row.cap or 0:.2f} is used up{lost}"


def _costs(cursor: Cursor, version: JudgeVersion, keys: Sequence[int]) -> list[tuple[float, float]]:
    spec, usual = spec_of(version), judging.mean_tokens_out(cursor, version.judge) or USUAL_ANSWER
    return [cost_of(version, spec, ask.said, usual) for ask in ready(cursor, version, [(key, 0) for key in keys])]
