"""From what a provider said to what is stored: a verdict, or a judge failure with its reason, and what it cost."""

from core.judge.answers import Outcome, read_answer
from core.judge.providers.base import Reply
from core.model import Verdict
from core.store.new_judgments import NewJudgment
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
