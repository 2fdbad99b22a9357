"""From what a provider said to what is stored: a verdict, or a judge failure with its reason, and what it cost."""

from collections.abc import Sequence

from core.judge.answers import Outcome, read_answer
from core.judge.providers.base import Reply
from core.model import Verdict
from core.store import judging
from core.store.connection import Store
from core.store.judging import RunRow
from core.store.new_judgments import NewJudgment, add_judgments
from core.workflows.planning_runs import Ask


def outcome_of(reply: Reply, most: float, milliseconds: float) -> Outcome:
    """What a reply says; one that broke off on its way counts as paid the `most` that it can have cost, in dollars.

    By less, many answers that come too late and are paid all the same would pass the cap together.
    """
    read = reply.failure if reply.failure is not None else read_answer(reply.text, reply.stop_reason)
    said = (None, None, read) if isinstance(read, str) else (*read, None)
    return Outcome(
        verdict=said[0], critique=said[1], failure=said[2], tokens_in=reply.tokens_in, tokens_out=reply.tokens_out,
        dollars=most if reply.may_be_paid else reply.dollars, duration_ms=milliseconds,
        of_provider=reply.failure is not None,
    )  # fmt: skip


def as_judgment(ask: Ask, outcome: Outcome) -> NewJudgment:
    """An outcome as it is stored."""
    return NewJudgment(
        trace_key=ask.key, passed=None if outcome.verdict is None else outcome.verdict is Verdict.PASS,
        critique=outcome.critique, failure=outcome.failure, content_hash=ask.content_hash, seen_hash=ask.seen_hash,
        tokens_in=outcome.tokens_in, tokens_out=outcome.tokens_out, dollars=outcome.dollars,
        duration_ms=outcome.duration_ms, repeat=ask.repeat, flag=ask.flag,
    )  # fmt: skip


def keep_copies(store: Store, row: RunRow, asks: Sequence[Ask]) -> list[Ask]:
    """Give a trace that shows exactly what another one shows the verdict that this version gave of that one, for nothing;
    returns the questions that are left to ask.

    A judge failure is no verdict to be copied, and a repeat is asked to see whether the verdict holds.
    """
    with store.read() as cursor:
        first = [(ask.key, ask.seen_hash) for ask in asks if not ask.repeat]
        said = judging.find_copied(cursor, row.version_id, first)
    copies = [ask for ask in asks if not ask.repeat and ask.key in said]
    if not copies:
        return list(asks)
    with store.write(by_hand=False) as cursor:
        add_judgments(cursor, row.run_id, row.version_id, [_copied(ask, **said[ask.key]) for ask in copies])
    return [ask for ask in asks if ask.repeat or ask.key not in said]


def _copied(ask: Ask, passed: bool, critique: str | None) -> NewJudgment:
    return as_judgment(ask, Outcome(verdict=Verdict.PASS if passed else Verdict.FAIL, critique=critique, dollars=0.0))
