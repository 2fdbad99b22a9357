"""Which traces a run of a judge is about: a split, a slice, a random sample of it, or the anchors."""

from core.errors import NotFoundError, UsageError
from core.slice import Slice
from core.store import settings, splits, traces
from core.store.connection import Cursor


def inside(cursor: Cursor, slice_: Slice | None, sample: int | None, *, anchors: bool) -> Slice:
    """The traces to judge: anchors that left the dev split are not asked about, since the judge must not see test."""
    if anchors:
        return Slice(anchor=True).with_split("dev") if splits.has_splits(cursor) else Slice(anchor=True)
    if sample is not None and not 1 <= sample <= 99:
        raise UsageError("A sample is 1 to 99 of a hundred traces.", "Leave it out to judge all.")
    return (slice_ or Slice()) if sample is None else (slice_ or Slice()).in_sample(sample)


def declared(asked: Slice) -> int | None:
    """The sample that a run makes known: one that begins where the shuffled order does."""
    first, last = asked.sample or (0, 100)
    return last if first == 0 and last < 100 else None


def find_target(cursor: Cursor, split: str | None, slice_: Slice) -> tuple[list[int], str]:
    """The keys of the traces of a split, or of all of the slice, and which they are in words.

    Raises:
        NotFoundError: there is none.
    """
    reference = settings.find_setting(cursor, settings.PRINCIPAL)
    if split is None:
        keys = traces.find_keys(cursor, slice_, reference=reference)
        said = slice_.sentence()
        words = "the anchors" if slice_.anchor else f"traces: {said}" if said else "all traces"
    else:
        keys, words = traces.find_keys(cursor, slice_.with_split(split), reference=reference), split
        if not slice_.is_all:
            words = f"{split}, {slice_.sentence()}"
        if not keys and not splits.has_splits(cursor):
            raise NotFoundError(
                "No trace has a split yet.",
                "Assign the labelled traces to train, dev and test first (passfail judge split).",
            )
    if not keys and slice_.anchor:
        raise NotFoundError(
            "There are no anchors to judge.",
            "Choose them first, on Monitor or with passfail judge anchors --choose 40.",
        )
    if not keys:
        raise NotFoundError(f"There is no trace in {words[:200]}.", "Choose another split or slice.")
    return keys, words
