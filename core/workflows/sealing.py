"""The test split: closed for a judge version until somebody opens it, once, by name; and which split to speak of."""

from dataclasses import dataclass, replace

from core.errors import UsageError
from core.slice import SPLITS, Slice
from core.store import judgments, sealing
from core.store.connection import Cursor, Store
from core.store.sealing import Opening
from core.workflows.narrowing import judge_ref

__all__ = ["Opening", "Seal", "asked_split", "open_test", "read_seal", "unseen_slice", "usual_split", "whole_slice"]

ALL = "all"
TUNED, UNTUNED = ("train", "dev"), ("test", "none")
"""Splits that a judge is tuned on, and what is left."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """How the test split stands for a judge version."""

    judge: str
    splits: dict[str, int]
    """Traces in each split that has any; empty where none was assigned."""
    opened: Opening | None
    """When it was opened for this version."""
    of_judge: list[Opening]
    """Every opening for a version of this judge, the first one first."""
    came_after: int
    """Traces that were put into the test split after it was opened for this version."""
    of_others: int
    """Openings for other judges: they looked at the same traces."""
    already_seen: bool
    """Whether this version was made after it was opened for a version of the same judge."""

    @property
    def is_sealed(self) -> bool:
        """Whether there are test traces whose judgments are not shown."""
        return bool(self.splits.get("test")) and self.opened is None


def read_seal(store: Store, judge: str) -> Seal:
    """How the test split stands for the judge version NAME@VERSION (or NAME: its newest).

    Raises:
        NotFoundError: no such judge.
    """
    with store.read() as cursor:
        return find_seal(cursor, judge_ref(judgments.find_refs(cursor), judge))


def find_seal(cursor: Cursor, ref: str, splits: dict[str, int] | None = None) -> Seal:
    """As `read_seal`, for a version that is known; `splits` where they are counted already."""
    found, name = sealing.find_openings(cursor), ref.rpartition("@")[0]
    opened = next((opening for opening in found if opening.ref == ref), None)
    return Seal(
        judge=ref,
        splits=sealing.count_splits(cursor) if splits is None else splits,
        opened=opened,
        came_after=0 if opened is None else sealing.count_after(cursor, opened.event),
        of_judge=[opening for opening in found if opening.judge == name],
        of_others=sum(opening.judge != name for opening in found),
        already_seen=ref in sealing.find_already_seen(cursor),
    )


def open_test(store: Store, judge: str, *, by: str) -> int:
    """Open the test split for a judge version, for good; returns the number of the event, the former one where it is open.

    Raises:
        NotFoundError: no such judge.
        UsageError: nobody's name, or there is no test split.
    """
    if not by.strip():
        raise UsageError("Opening the test split needs the name of who does it.", "Give your name first.")
    with store.write() as cursor:
        seal = find_seal(cursor, judge_ref(judgments.find_refs(cursor), judge))
        if not seal.splits.get("test"):
            raise UsageError("There is no test split yet.", "Assign splits on the page Judge first.")
        return seal.opened.event if seal.opened else sealing.add_opening(cursor, seal.judge, by=by.strip())


def asked_split(slice_: Slice) -> str | None:
    """The one split that a slice asks for, «all» where it names every one, None where it says nothing that simple."""
    if set(slice_.split) == set(SPLITS):
        return ALL
    return slice_.split[0] if len(slice_.split) == 1 and slice_.split[0] != "none" else None


def usual_split(seal: Seal) -> str:
    """The split to speak of where nobody asked: traces that nobody tuned on, as far as they are open."""
    if seal.splits.get("test") and seal.opened is not None:
        return "test"
    return "dev" if seal.splits.get("dev") else ALL


def unseen_slice(cursor: Cursor, slice_: Slice, *refs: str, compared: bool) -> Slice:
    """The traces of a slice that nobody tuned these judge versions on; the slice itself where it names splits, or where
    there are none.

    Where verdicts are `compared` with the expert's: those of one split, as `usual_split` says; else all outside train and dev.
    """
    splits = {} if slice_.split else sealing.count_splits(cursor)
    if not splits:
        return slice_
    if not compared:
        return replace(slice_, split=UNTUNED)
    seals = [find_seal(cursor, ref, splits) for ref in refs]
    usual = {usual_split(seal) for seal in seals}
    split = usual.pop() if len(usual) == 1 else "dev" if seals[0].splits.get("dev") else ALL
    return slice_ if split == ALL else slice_.with_split(split)


def whole_slice(slice_: Slice) -> Slice:
    """A slice that names every split, so that an address says «all» where less is usual."""
    return replace(slice_, split=SPLITS)
