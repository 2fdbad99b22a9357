"""Hold a judge version against the expert: four counts, rates with intervals, who was left out, the disagreements."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from core.errors import NotFoundError, UsageError
from core.model import MISSING
from core.slice import NOT_SORTED, SPLITS, Slice
from core.store import categories, judgments, labels, pairs, sealing, settings
from core.store.comparing import Judged, compare
from core.store.connection import Cursor, Store
from core.store.judgments import JudgeSummary
from core.store.pairs import Pair
from core.store.pivots import CATEGORY, dimension_of
from core.workflows.leaving import left_rows, used_slice
from core.workflows.narrowing import (
    blind_slice,
    check_axes,
    check_judge,
    check_scope,
    id_of,
    judge_ref,
    untold_slice,
)
from core.workflows.sealing import asked_split, read_seal, usual_split
from core.workflows.trust import Trust, TrustGroup, group_of

__all__ = [
    "JudgeSummary",
    "Labelers",
    "Pair",
    "Trust",
    "TrustGroup",
    "VersionRate",
    "compare_to_expert",
    "find_judge",
    "list_judges",
    "list_labelers",
    "list_pairs",
    "measure_trust",
    "measure_unseen",
]


class Labelers(NamedTuple):
    """Who labelled, and whose labels count unless another is named (None: it must be said)."""

    names: list[str]
    default: str | None


class VersionRate(NamedTuple):
    """One version on what it was compared on, and its place in the order of versions."""

    version: str
    group: TrustGroup


def scope_refusal(store: Store, slice_: Slice, *refs: str) -> UsageError | None:
    """Why these judge versions cannot be held against the expert in this slice, and each other; None where they can."""
    with store.read() as cursor:
        try:
            check_scope(cursor, slice_, *refs)
        except UsageError as refused:
            return refused
    return None


def list_judges(store: Store) -> list[JudgeSummary]:
    """All judge versions with their counts, oldest first within each judge."""
    with store.read() as cursor:
        return judgments.find_judges(cursor)


def find_judge(store: Store, judge: str) -> str:
    """NAME@VERSION of a judge as it is named, NAME alone meaning its newest version.

    Raises:
        NotFoundError: no such judge.
    """
    with store.read() as cursor:
        return judge_ref(judgments.find_refs(cursor), judge)


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
    """The judge `judge` (NAME@VERSION, or NAME for its newest version) against one expert's blind labels, where it is used.

    Of the test split nothing is told before it was opened for this version. A judge of one failure category is held
    against what the labels say of that category.

    Raises:
        NotFoundError: no such judge, dimension or labeler.
        UsageError: several people labelled, none is the principal expert and none was named; the slice asks for the
            verdicts of another judge or of another failure category; or the judge's own one is gone.
    """
    with store.snapshot() as cursor:
        return trust_at(cursor, slice_, judge=judge, by=by, labeler=labeler, split=split)


def trust_at(
    cursor: Cursor, slice_: Slice, *, judge: str, by: str | None = None, labeler: str | None = None, split: str = "all"
) -> Trust:
    """As `measure_trust`, of the state that the cursor sees."""
    if split not in ("all", "train", "dev", "test"):
        raise UsageError(f"There is no split «{split[:40]}».", "Use train, dev, test or all.")
    ref = judge_ref(judgments.find_refs(cursor), judge)
    check_judge(slice_, ref, compared=True)
    category = check_scope(cursor, slice_, ref)
    check_axes(cursor, by)
    known = _labelers(cursor)
    if labeler is not None and labeler not in known.names:
        raise NotFoundError(
            f"Nobody called «{labeler[:80]}» has labelled.", f"Known: {', '.join(known.names) or 'nobody yet'}."
        )
    slice_ = replace(slice_, labeler=labeler or slice_.labeler)
    reference = slice_.labeler or known.default
    people = left_rows(cursor, slice_, ref, reference=reference)
    slice_ = used_slice(cursor, slice_, ref)
    blind = untold_slice(cursor, blind_slice(cursor, slice_), ref)
    splits = () if split == "all" else (split,)
    found, left_out, judged = compare(cursor, ref, slice_, reference=reference, by=by, splits=splits)
    names = {c.name: c.id for c in categories.find_categories(cursor)} if by == CATEGORY else {}
    sealed = split == "test" and not sealing.is_open(cursor, ref)
    base = _in_split(blind, splits)
    groups = [group_of(g.value, g.counts, _of_value(base, by, g.value, names), ref, category) for g in found]
    return Trust(
        judge=ref,
        labeler=reference,
        split=split,
        sealed=sealed,
        groups=[] if sealed else [g for g in groups if not g.slice.unreadable or g.value is None],
        left_out=left_out,
        judged=Judged() if sealed else judged,
        left_to_people=people,
        left_out_slices=_left_out_slices(slice_, ref, id_of(category), splits, blind.untold),
        disagreements=base.with_disagreement(ref),
        category=category,
    )


def measure_unseen(
    store: Store, slice_: Slice, *, judge: str, by: str | None = None, labeler: str | None = None
) -> Trust:
    """As `measure_trust`, on the split that the slice asks for, else on what nobody tuned on, as far as it is open."""
    split = asked_split(slice_)
    if split is None and not slice_.split:
        split = usual_split(read_seal(store, judge))
    free = slice_ if split is None else replace(slice_, split=())
    return measure_trust(store, free, judge=judge, by=by, labeler=labeler, split=split or "all")


def compare_to_expert(
    store: Store, slice_: Slice, *, judge: str, labeler: str | None = None, split: str = "all", most: int = 8
) -> list[VersionRate]:
    """The newest versions of the judge NAME that look for the same, oldest first, each on all it can be compared on in this
    slice and split.

    A version for which the test split was not opened is not among those of the split «test».
    """
    refs = [s.version for s in list_judges(store) if s.version.judge == judge]
    refs = [v for v in refs if v.category_id == refs[-1].category_id]
    if slice_.judge_verdict or slice_.disagree:
        refs = [v for v in refs if v.ref == (slice_.judge if slice_.judge_verdict else slice_.disagree)]
    measured = [
        (v.version, measure_trust(store, slice_, judge=v.ref, labeler=labeler, split=split).groups)
        for v in refs[-most:]
    ]
    return [VersionRate(version, groups[0]) for version, groups in measured if groups and groups[0].counts.n]


def list_pairs(
    store: Store,
    slice_: Slice,
    *,
    judge: str,
    limit: int = 500,
    mark: str | None = None,
    ids: Sequence[str] | None = None,
) -> list[Pair]:
    """The traces of a slice with both verdicts and both critiques, newest first; those with a mark, or among `ids`."""
    with store.read() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        return pairs.find_pairs(cursor, judge, slice_, reference=reference, limit=limit, mark=mark, ids=ids)


def _of_value(base: Slice, by: str | None, value: str | None, category_ids: dict[str, int]) -> Slice:
    """A slice that names values of an axis is grouped by those alone, even where traces have several."""
    if by is None or value is None:
        return base
    if by == CATEGORY:
        return base.with_category(NOT_SORTED if value == MISSING else category_ids[value])
    named = base.values_of(dimension_of(by))
    if named and value not in named:
        return replace(base, unreadable=(*base.unreadable, (by, value)))
    return base.with_value(dimension_of(by), value)


def _in_split(slice_: Slice, splits: tuple[str, ...]) -> Slice:
    if not splits:
        return slice_
    kept = tuple(s for s in splits if not slice_.split or s in slice_.split)
    return (
        replace(slice_, split=kept) if kept else replace(slice_, unreadable=(*slice_.unreadable, ("split", splits[0])))
    )


def _left_out_slices(
    slice_: Slice, ref: str, about: int | None, splits: tuple[str, ...], untold: tuple[str, ...]
) -> dict[str, Slice]:
    inside = _in_split(slice_, splits)
    labelled = inside.blind().with_verdict("pass", "fail", about=about)
    blind = labelled.not_told_to(*untold)
    unsorted = {} if about is None else {"unsorted": inside.blind().with_verdict("unsorted", about=about)}
    return unsorted | {
        "unlabelled": inside.with_verdict("unlabelled"),
        "deferred": inside.with_verdict("deferred"),
        "no_judgment": blind.with_judge_verdict(ref, "none"),
        "judge_failure": blind.with_judge_verdict(ref, "failure"),
        "sealed": blind.with_judge_verdict(ref, "sealed"),
        "expert_saw_judge": replace(inside.with_verdict("pass", "fail"), saw_judge=True),
        "example": labelled.told_to(ref),
        "other_split": _in_split(slice_, tuple(s for s in SPLITS if s not in splits)) if splits else slice_,
    }
