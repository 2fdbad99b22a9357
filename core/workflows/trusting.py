"""Hold a judge version against the expert: the four counts, rates with intervals, who was left out, and the disagreements."""

from dataclasses import dataclass, replace
from typing import NamedTuple

from core.errors import NotFoundError, UsageError
from core.metrics import Rate, agreement, caught_failures, fail_precision, false_alarms, kappa, kept_passes
from core.model import Confusion, LeftOut
from core.slice import Slice
from core.store import dimensions, judgments, labels, settings
from core.store.connection import Cursor, Store
from core.store.judgments import JudgeSummary
from core.workflows.pivoting import judge_ref


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustGroup:
    """One confusion table with its rates; `value` None is the whole slice, the empty text «missing»."""

    value: str | None
    counts: Confusion
    kept_passes: Rate
    caught_failures: Rate
    false_alarms: Rate
    fail_precision: Rate
    agreement: Rate
    kappa: float | None
    slice: Slice
    """The compared traces of this group; the four cells narrow it by `cell_slice`."""
    judge: str

    def cell_slice(self, *, expert: str, judge: str) -> Slice:
        """The traces of one of the four cells: `expert` and `judge` are «pass» or «fail»."""
        return replace(self.slice, verdict=(expert,), judge=self.judge, judge_verdict=(judge,))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """A judge version against the expert on a slice."""

    judge: str
    labeler: str | None
    split: str
    sealed: bool
    groups: list[TrustGroup]
    left_out: LeftOut
    left_out_slices: dict[str, Slice]
    disagreements: Slice


class Labelers(NamedTuple):
    """Who labelled, and whose labels count unless another is named (None: it must be said)."""

    names: list[str]
    default: str | None


def list_judges(store: Store) -> list[JudgeSummary]:
    """All judge versions with their counts, oldest first within each judge."""
    with store.read() as cursor:
        return judgments.find_judges(cursor)


def list_labelers(store: Store) -> Labelers:
    """Everybody with labels; the default is the principal expert, else the only labeler."""
    with store.read() as cursor:
        return _labelers(cursor)


def _labelers(cursor: Cursor) -> Labelers:
    names = [labeler.labeler for labeler in labels.find_labelers(cursor)]
    principal = settings.find_setting(cursor, settings.PRINCIPAL)
    return Labelers(names, principal or (names[0] if len(names) == 1 else None))


def measure_trust(
    store: Store, slice_: Slice, *, judge: str, by: str | None = None, labeler: str | None = None, split: str = "all"
) -> Trust:
    """The judge `judge` (NAME@VERSION, or NAME for its newest version) against one expert's blind labels.

    The test split stays sealed until it is opened, which no step before the judge's own page can do.

    Raises:
        NotFoundError: no such judge, dimension or labeler.
        UsageError: several people labelled, none is the principal expert and none was named.
    """
    if split not in ("all", "train", "dev", "test"):
        raise UsageError(f"There is no split «{split[:40]}».", "Use train, dev, test or all.")
    with store.read() as cursor:
        ref = judge_ref(judgments.find_judges(cursor), judge)
        known = _labelers(cursor)
        wanted = labeler or slice_.labeler or known.default
        if wanted is None and known.names:
            raise UsageError(
                f"{len(known.names)} people labelled: {', '.join(known.names)}.",
                "Say whose labels count with --labeler, or choose the principal expert.",
            )
        if wanted is not None and wanted not in known.names and labeler is not None:
            raise NotFoundError(f"Nobody called «{wanted[:80]}» has labelled.", f"Known: {', '.join(known.names) or 'nobody yet'}.")
        if by is not None and by not in dimensions.find_dimensions(cursor):
            raise NotFoundError(f"There is no dimension «{by[:80]}».", f"Known: {', '.join(dimensions.find_dimensions(cursor))}.")
        slice_ = replace(slice_, labeler=wanted)
        sealed = split == "test"
        splits = () if split == "all" else (split,)
        groups, left_out = judgments.compare(cursor, ref, slice_, reference=wanted, by=by, splits=splits)
    base = replace(slice_, saw_judge=False, split=splits or slice_.split)
    return Trust(
        judge=ref,
        labeler=wanted,
        split=split,
        sealed=sealed,
        groups=[] if sealed else [_group(g.value, g.counts, base, by, ref) for g in groups],
        left_out=left_out,
        left_out_slices=_left_out_slices(slice_, ref),
        disagreements=replace(base, disagree=ref),
    )


def _group(value: str | None, counts: Confusion, base: Slice, by: str | None, ref: str) -> TrustGroup:
    inside = base if value is None or by is None else base.with_value(by, value)
    return TrustGroup(
        value=value,
        counts=counts,
        kept_passes=kept_passes(counts),
        caught_failures=caught_failures(counts),
        false_alarms=false_alarms(counts),
        fail_precision=fail_precision(counts),
        agreement=agreement(counts),
        kappa=kappa(counts),
        slice=inside,
        judge=ref,
    )


def _left_out_slices(slice_: Slice, ref: str) -> dict[str, Slice]:
    blind = replace(slice_, saw_judge=False, verdict=slice_.verdict or ("pass", "fail"))
    return {
        "unlabelled": replace(slice_, verdict=("unlabelled",)),
        "deferred": replace(slice_, verdict=("deferred",)),
        "no_judgment": replace(blind, judge=ref, judge_verdict=("none",)),
        "judge_failure": replace(blind, judge=ref, judge_verdict=("failure",)),
        "expert_saw_judge": replace(slice_, saw_judge=True),
    }
