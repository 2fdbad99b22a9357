"""Assign labelled traces to train, dev and test, once; and say in words whether there are enough."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import NamedTuple

from core.errors import UsageError
from core.slice import Slice
from core.splitting import SPLITS, Candidate, Crossing, Former, Placing, Shares, crossing, place, twins
from core.store import settings, splits
from core.store.connection import Cursor, Store

__all__ = [
    "SPLITS",
    "Shares",
    "SplitCount",
    "SplitState",
    "assign_splits",
    "find_crossing",
    "look_at_splits",
    "preview_splits",
    "recheck_import",
]

SHARES = "split shares"
ENOUGH_TO_RUN = 20
"""Labels of each class before a judge is worth its run (METHOD, R40)."""
ENOUGH_TO_IMPROVE = 50
BECAME_TWIN = "an import made it a twin of a trace in another split"


class SplitCount(NamedTuple):
    """A split with its traces by the expert's verdict."""

    split: str
    passed: int
    failed: int
    slice: Slice
    failed_slice: Slice

    @property
    def n(self) -> int:
        """Labelled traces in it."""
        return self.passed + self.failed


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitState:
    """What is in each split, how many labelled traces wait for one, and what there is too little of."""

    splits: list[SplitCount]
    waiting: int
    """Labelled traces without a split."""
    removed: int
    passed: int
    failed: int
    shares: Shares
    gates: list[str]

    @property
    def assigned(self) -> bool:
        """Whether any trace has a split."""
        return any(split.n for split in self.splits)

    def of(self, split: str) -> SplitCount:
        """One of the splits."""
        return next(found for found in self.splits if found.split == split)


def look_at_splits(store: Store) -> SplitState:
    """The splits as they are."""
    with store.snapshot() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        counts = splits.count_splits(cursor, reference)
        labelled = splits.find_states(cursor, reference)
        removed, shares = splits.count_removed(cursor), _shares(cursor)
    found = [
        SplitCount(
            split, counts.get((split, "pass"), 0), counts.get((split, "fail"), 0),
            Slice(split=(split,)).with_verdict("pass", "fail"), Slice(split=(split,)).with_verdict("fail"),
        )
        for split in SPLITS
    ]  # fmt: skip
    passed = sum(n for state, _, n in labelled if state == "pass")
    failed = sum(n for state, _, n in labelled if state == "fail")
    waiting = sum(n for _, has_split, n in labelled if not has_split)
    return SplitState(
        splits=found, waiting=waiting, removed=removed, passed=passed, failed=failed, shares=shares,
        gates=_gates(found, passed, failed),
    )  # fmt: skip


def _gates(found: list[SplitCount], passed: int, failed: int) -> list[str]:
    """What there is too little of, in words; nothing is held back for it."""
    said: list[str] = []
    if passed < ENOUGH_TO_RUN or failed < ENOUGH_TO_RUN:
        said.append(
            "A judge is checked against expert verdicts. "
            f"{ENOUGH_TO_RUN} passes and {ENOUGH_TO_RUN} failures are enough to begin: {passed:,} and {failed:,} so far."
        )
    elif passed + failed < ENOUGH_TO_IMPROVE:
        said.append(
            f"Enough to run a judge. {ENOUGH_TO_IMPROVE} labels are needed to improve one: {passed + failed} so far."
        )
    train, *measured = found
    if any(split.n for split in found):
        if not train.n:
            said.append(
                "Train is empty: no example can be given to a judge. With a share for it, what is labelled next fills it."
            )
        elif not train.failed or not train.passed:
            missing, noun = ("failed", "failure") if not train.failed else ("passed", "pass")
            said.append(f"Train has no {missing} trace: no example of a {noun} can be given to a judge.")
    for split in measured:
        for n, noun in ((split.failed, "failed"), (split.passed, "passed")):
            if split.n and n < ENOUGH_TO_RUN:
                said.append(
                    f"{split.split.capitalize()} has {n:,} {noun} {'trace' if n == 1 else 'traces'}: "
                    f"the interval will be wide. {ENOUGH_TO_RUN - n:,} more would help."
                )
    return said


def preview_splits(store: Store, shares: Shares | None = None) -> dict[str, int]:
    """How many traces an assignment would put into each split; `left out` for twins of traces in two splits."""
    with store.snapshot() as cursor:
        placing = _place(cursor, shares or _shares(cursor))
    counted = {split: sum(s == split for s in placing.placed.values()) for split in SPLITS}
    return counted | {"left out": len(placing.left_out)}


def assign_splits(store: Store, *, by: str, shares: Shares | None = None) -> dict[str, int]:
    """Give each labelled trace that has none its split; what has one keeps it. Returns what `preview_splits` does.

    Raises:
        UsageError: shares that are no shares of a hundred.
    """
    if shares is not None and (sum(shares) != 100 or min(shares) < 0 or not shares.dev):
        raise UsageError(
            "The shares of train, dev and test make 100 together, and dev has some.", "For example: 20/40/40."
        )
    with store.write() as cursor:
        if shares is not None and shares != _shares(cursor):
            settings.put_setting(cursor, SHARES, "/".join(map(str, shares)), by=by)
        placing = _place(cursor, shares or _shares(cursor))
        splits.add_splits(cursor, placing.placed)
    counted = {split: sum(s == split for s in placing.placed.values()) for split in SPLITS}
    return counted | {"left out": len(placing.left_out)}


def recheck_import(cursor: Cursor, newest: Cursor, import_id: int) -> int:
    """In the transaction of an import: take traces out of use that it made twins of a trace in another split; how many.

    Only groups of twins with a trace that it added or changed are looked at, so that no import takes out others, whatever
    rule they were assigned by. Splits are given while an import runs: `newest` sees them, its own transaction does not.
    """
    (given, removed), (meanwhile, removed_meanwhile) = splits.find_given(cursor), splits.find_given(newest)
    held = {k: split for k, split in (given | meanwhile).items() if k not in removed and k not in removed_meanwhile}
    if not held or not (changed := splits.find_changed(cursor, import_id)):
        return 0
    candidates = [replace(t, split=held.get(t.key)) for t in _candidates(cursor, also=held)]
    found = [cross.trace.key for cross in crossing(candidates) if cross.names & changed]
    if found:
        splits.remove_from_splits(cursor, found, BECAME_TWIN)
    return len(found)


def find_crossing(cursor: Cursor) -> list[Crossing]:
    """Traces in use that are twins of one in another split, each with one of them."""
    return crossing(_candidates(cursor)) if splits.has_splits(cursor) else []


def twins_elsewhere(cursor: Cursor, keys: Collection[int]) -> set[int]:
    """Those of these traces that have a twin in dev or test."""
    wanted = set(keys)
    found: set[int] = set()
    for group in twins(_candidates(cursor, also=wanted)) if wanted else ():
        here = {t.key for t in group} & wanted
        if here and any(t.split in ("dev", "test") and t.key not in here for t in group):
            found |= here
    return found


def read_shares(words: str) -> Shares:
    """20/40/40 as shares.

    Raises:
        UsageError: it has another form.
    """
    parts = words.split("/")
    if len(parts) != 3 or not all(part.strip().isdigit() and len(part) < 4 for part in parts):
        raise UsageError(f"{words[:40]} are no shares of train, dev and test.", "For example: 20/40/40.")
    return Shares(*map(int, parts))


def _shares(cursor: Cursor) -> Shares:
    held = settings.find_setting(cursor, SHARES)
    return Shares() if held is None else read_shares(held)


def _place(cursor: Cursor, shares: Shares) -> Placing:
    return place(_candidates(cursor), shares)


def _candidates(cursor: Cursor, also: Collection[int] = ()) -> list[Candidate]:
    reference = settings.find_setting(cursor, settings.PRINCIPAL)
    return [
        Candidate(
            key=t.key, id=t.id, passed=t.state != "fail", session=t.session, made_from=t.made_from,
            variant_of=t.variant_of, asked=t.asked, answered=t.answered, split=t.split,
            former=tuple(Former(*content) for content in t.former),
        )
        for t in splits.find_labelled(cursor, reference, also)
    ]  # fmt: skip
