"""Known answers: traces whose answer is known to be good or bad without an expert. They show at once whether a judge can tell
the two apart, and are no check of it: a made-up bad answer is easier than a real one, and nobody labelled them.

They are traces with the dimension `known` = good or bad, are taken for synthetic, and count in an agreement only where an
expert labelled them.
"""

from typing import Final, NamedTuple

from core.metrics import Rate, rate_of
from core.model import BAD, GOOD, KNOWN
from core.slice import Slice
from core.store import judgments, traces
from core.store.connection import Cursor, Store
from core.store.verdicts import find_category_of
from core.workflows.narrowing import judge_ref

ALL_KNOWN: Final = Slice().with_values(KNOWN, (GOOD, BAD))


class Known(NamedTuple):
    """What a judge version says of known answers; of those, some are judge failures, have no judgment, or are in the sealed test split."""

    judge: str
    good: Rate
    """Passed, of the good ones that have a verdict."""
    bad: Rate
    """Failed, of the bad ones that have a verdict."""
    failures: int
    without: int
    sealed: int
    """Labelled, and in a test split that was not opened for this version."""

    def slice_of(self, answer: str, *verdicts: str) -> Slice:
        """The known answers of which it says one of these: pass, fail, failure, none, sealed."""
        return Slice().with_value(KNOWN, answer).with_judge_verdict(self.judge, *verdicts)


def count_known(store: Store) -> int:
    """How many known answers there are."""
    with store.read() as cursor:
        return traces.count_traces(cursor, ALL_KNOWN)


def measure_known(store: Store, judge: str) -> Known | None:
    """A judge version (NAME@VERSION, or NAME: its newest) on the known answers; None where there are none, or where it looks for
    one failure category, of which a known answer says nothing.

    Raises:
        NotFoundError: no such judge.
    """
    with store.snapshot() as cursor:
        ref = judge_ref(judgments.find_refs(cursor), judge)
        if find_category_of(cursor, ref) is not None or not traces.count_traces(cursor, ALL_KNOWN):
            return None
        found = Known(ref, rate_of(0, 0), rate_of(0, 0), 0, 0, 0)
        return found._replace(
            good=_rate(cursor, found, GOOD, "pass"), bad=_rate(cursor, found, BAD, "fail"),
            failures=_count(cursor, found, "failure"), without=_count(cursor, found, "none"),
            sealed=_count(cursor, found, "sealed"),
        )  # fmt: skip


def _count(cursor: Cursor, found: Known, said: str) -> int:
    return sum(traces.count_traces(cursor, found.slice_of(answer, said)) for answer in (GOOD, BAD))


def _rate(cursor: Cursor, found: Known, answer: str, right: str) -> Rate:
    k, n = (traces.count_traces(cursor, found.slice_of(answer, *said)) for said in ((right,), ("pass", "fail")))
    return rate_of(k, n)
