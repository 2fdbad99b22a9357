"""Does a judge drift, and is it steady: anchors that are judged again and again, and traces it was asked about twice.

The anchors are labelled traces, as many failed as passed where there are enough, chosen once by an order that depends on
nothing they say. A model that is served under the same name can change: the same version then gives other verdicts on them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import NamedTuple

from core.errors import UsageError
from core.metrics import Rate, caught_failures, kept_passes, rate_of
from core.model import Confusion
from core.slice import Slice
from core.store import anchoring, judgments, sealing, settings, traces
from core.store.anchoring import AnchorVerdict
from core.store.connection import Store
from core.workflows.narrowing import judge_ref

__all__ = [
    "ANCHORS",
    "Anchors",
    "Round",
    "Steadiness",
    "choose_anchors",
    "count_anchors",
    "list_rounds",
    "measure_flips",
]

ANCHORS = Slice(anchor=True)
USUAL = 40
MOST = 500


class Anchors(NamedTuple):
    """How many anchors there are, and how many of them the expert failed and passed."""

    traces: int
    failed: int
    passed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Round:
    """One run over the anchors, held against the first verdicts of the version and against the expert's blind labels."""

    run_id: int
    at: datetime
    same: Rate
    """Verdicts that are still the first ones."""
    caught_failures: Rate
    kept_passes: Rate
    changed: list[str]
    """The anchors with another verdict than at first."""
    missed: list[str]
    """Those that the expert failed and this run passed."""
    flagged: list[str]
    """Those that the expert passed and this run failed."""
    left_out: int
    """Anchors of now without a verdict of this run on the text that they had at first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Steadiness:
    """Of the traces that a version was asked about more than once with the same text, those it both passed and failed;
    the anchors' runs apart."""

    flipped: Rate
    fewest: int
    most: int
    """How many verdicts each has."""
    asked_slice: Slice
    flipped_slice: Slice

    @property
    def times(self) -> str:
        """How often it was asked: «twice», «3 times», «2 to 5 times»."""
        if self.fewest < self.most:
            return f"{self.fewest} to {self.most} times"
        return "twice" if self.most == 2 else f"{self.most} times"


def choose_anchors(store: Store, *, by: str, size: int = USUAL) -> Anchors:
    """Choose the anchors anew: of the dev split where splits were assigned, else of all labelled traces.

    Raises:
        UsageError: nobody's name, a size out of range, or no labelled trace to choose.
    """
    if not by.strip():
        raise UsageError("Anchors are chosen by somebody with a name.", "Say who you are, then do it again.")
    if not 1 <= size <= MOST:
        raise UsageError(f"{size} anchors cannot be chosen.", f"Choose 1 to {MOST}.")
    with store.write() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        inside = Slice().with_split("dev") if sealing.count_splits(cursor) else Slice()
        found = anchoring.find_candidates(cursor, inside, reference)
        if not found:
            where = " in the dev split" if inside.split else ""
            raise UsageError(f"There is no trace labelled blind{where} to choose.", "Judge some traces first.")
        anchoring.put_anchors(cursor, _even(found, size), by=by.strip())
    return count_anchors(store)


def _even(found: Sequence[tuple[str, bool]], size: int) -> list[str]:
    """Half of them failed and half passed, as far as there are enough of each."""
    failed, passed = ([name for name, fails in found if fails == kind] for kind in (True, False))
    n = min(len(failed), max(size // 2, size - len(passed)))
    return sorted([*failed[:n], *passed[: size - n]])


def count_anchors(store: Store) -> Anchors:
    """The anchors as they are labelled now."""
    with store.read() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        n, failed, passed = (
            traces.count_traces(cursor, which, reference)
            for which in (ANCHORS, ANCHORS.with_verdict("fail"), ANCHORS.with_verdict("pass"))
        )
    return Anchors(n, failed, passed)


def list_rounds(store: Store, judge: str) -> list[Round]:
    """The runs in which a judge version was asked about the anchors again, oldest first.

    Raises:
        NotFoundError: no such judge version.
    """
    with store.read() as cursor:
        ref = judge_ref(judgments.find_refs(cursor), judge)
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        found = anchoring.find_rounds(cursor, ref, reference)
        anchors = traces.count_traces(cursor, ANCHORS, reference)
    return [_round(list(told), anchors) for _, told in groupby(found, key=lambda one: one.run_id)]


def _round(told: list[AnchorVerdict], anchors: int) -> Round:
    def named(expert: bool, judge: bool) -> list[str]:
        return [one.trace_id for one in told if (one.expert, one.passed) == (expert, judge)]

    missed, flagged = named(False, True), named(True, False)
    counts = Confusion(len(named(True, True)), len(named(False, False)), len(missed), len(flagged))
    changed = [one.trace_id for one in told if one.passed != one.first]
    return Round(
        run_id=told[0].run_id, at=told[0].at, same=rate_of(len(told) - len(changed), len(told)),
        caught_failures=caught_failures(counts), kept_passes=kept_passes(counts), changed=changed, missed=missed,
        flagged=flagged, left_out=anchors - len(told),
    )  # fmt: skip


def measure_flips(store: Store, slice_: Slice, *, judge: str) -> Steadiness:
    """How often a judge version said both pass and fail of the same text, among the traces of a slice.

    Raises:
        NotFoundError: no such judge version.
    """
    with store.read() as cursor:
        ref = judge_ref(judgments.find_refs(cursor), judge)
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        asked, flipped = slice_.asked_more_than_once(ref), slice_.with_flips(ref)
        k, n = (traces.count_traces(cursor, which, reference) for which in (flipped, asked))
        fewest, most = anchoring.find_times_asked(cursor, ref, asked, reference) if n else (0, 0)
    return Steadiness(flipped=rate_of(k, n), fewest=fewest, most=most, asked_slice=asked, flipped_slice=flipped)
