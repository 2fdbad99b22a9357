"""Hold a judge version against the expert: four counts, rates with intervals, who was left out, the disagreements."""

from dataclasses import dataclass, replace
from typing import NamedTuple

from core.errors import NotFoundError, UsageError
from core.metrics import Rate, agreement, caught_failures, fail_precision, false_alarms, kappa, kept_passes, rate_of
from core.model import MISSING, Confusion, LeftOut
from core.slice import NOT_SORTED, SPLITS, Slice
from core.store import categories, judgments, labels, settings
from core.store.connection import Cursor, Store
from core.store.judgments import JudgeSummary, Pair
from core.store.pivots import CATEGORY, dimension_of
from core.workflows.narrowing import blind_slice, check_axis, check_judge, judge_ref

__all__ = [
    "Comparison",
    "JudgeSummary",
    "Labelers",
    "Pair",
    "Trust",
    "TrustGroup",
    "VersionRate",
    "compare_to_expert",
    "compare_versions",
    "list_judges",
    "list_labelers",
    "list_pairs",
    "measure_trust",
]


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
    """The traces labelled blind in this group; `compared_slice` and the four cells narrow it."""
    judge: str

    @property
    def compared_slice(self) -> Slice:
        """The traces with a blind verdict of the expert and a verdict of the judge."""
        return self.slice.with_verdict("pass", "fail").with_judge_verdict(self.judge, "pass", "fail")

    def cell_slice(self, *, expert: str, judge: str) -> Slice:
        """The traces of one of the four cells: `expert` and `judge` are «pass» or «fail»."""
        return self.slice.with_verdict(expert).with_judge_verdict(self.judge, judge)

    def expert_slice(self, verdict: str) -> Slice:
        """The compared traces that the expert passed or failed."""
        return self.slice.with_verdict(verdict).with_judge_verdict(self.judge, "pass", "fail")

    def judge_slice(self, verdict: str) -> Slice:
        """The compared traces that the judge passed or failed."""
        return self.slice.with_verdict("pass", "fail").with_judge_verdict(self.judge, verdict)


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
    """Traces where the two differ: too lenient and too strict together."""


    def left_out_rows(self) -> list[tuple[str, int, Slice]]:
        """Why traces were left out, in words, how many, and which."""
        counted = self.left_out._asdict()
        rows = [(words, counted[name], self.left_out_slices[name]) for name, words in _LEFT_OUT_WORDS.items()]
        return [row for row in rows if row[1]]


_LEFT_OUT_WORDS = {
    "unlabelled": "unlabelled",
    "deferred": "deferred",
    "expert_saw_judge": "where the expert saw the judge",
    "no_judgment": "without a judgment",
    "judge_failure": "judge failures",
    "other_split": "in another split",
}


class Labelers(NamedTuple):
    """Who labelled, and whose labels count unless another is named (None: it must be said)."""

    names: list[str]
    default: str | None


class VersionRate(NamedTuple):
    """One version on what it was compared on, and its place in the order of versions."""

    version: str
    group: TrustGroup


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two judge versions on the same traces: those labelled blind that both gave a verdict for."""

    former: str
    latter: str
    n: int
    slice: Slice
    caught: tuple[Rate, Rate]
    kept: tuple[Rate, Rate]
    now_right: int
    now_wrong: int
    flips: list[tuple[str, int, Slice]]
    """Each way to flip in words, how many traces, and which."""

    def rate_slice(self, expert: str, judge: str, verdict: str) -> Slice:
        """The traces that the expert gave `expert` and the version `judge` gave `verdict`."""
        return self.slice.with_verdict(expert).with_judge_verdict(judge, verdict)


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
        UsageError: several people labelled, none is the principal expert and none was named; or the slice asks for the
            verdicts of another judge.
    """
    if split not in ("all", "train", "dev", "test"):
        raise UsageError(f"There is no split «{split[:40]}».", "Use train, dev, test or all.")
    with store.read() as cursor:
        ref = judge_ref(judgments.find_judges(cursor), judge)
        check_judge(slice_, ref, compared=True)
        check_axis(cursor, by)
        known = _labelers(cursor)
        if labeler is not None and labeler not in known.names:
            raise NotFoundError(
                f"Nobody called «{labeler[:80]}» has labelled.", f"Known: {', '.join(known.names) or 'nobody yet'}."
            )
        slice_ = replace(slice_, labeler=labeler or slice_.labeler)
        reference = slice_.labeler or known.default
        blind = blind_slice(cursor, slice_)
        splits = () if split == "all" else (split,)
        found, left_out = judgments.compare(cursor, ref, slice_, reference=reference, by=by, splits=splits)
        names = {c.name: c.id for c in categories.find_categories(cursor)} if by == CATEGORY else {}
    base = _in_split(blind, splits)
    groups = [_group(g.value, g.counts, _of_value(base, by, g.value, names), ref) for g in found]
    return Trust(
        judge=ref,
        labeler=reference,
        split=split,
        sealed=split == "test",
        groups=[] if split == "test" else [g for g in groups if not g.slice.unreadable or g.value is None],
        left_out=left_out,
        left_out_slices=_left_out_slices(slice_, ref, splits),
        disagreements=base.with_disagreement(ref),
    )


def compare_to_expert(
    store: Store, slice_: Slice, *, judge: str, labeler: str | None = None, most: int = 8
) -> list[VersionRate]:
    """The newest versions of the judge NAME, oldest first, each on all it can be compared on in this slice."""
    refs = [s.version for s in list_judges(store) if s.version.judge == judge]
    if slice_.judge_verdict or slice_.disagree:
        refs = [v for v in refs if v.ref == (slice_.judge if slice_.judge_verdict else slice_.disagree)]
    measured = [(v.version, measure_trust(store, slice_, judge=v.ref, labeler=labeler).groups[0]) for v in refs[-most:]]
    return [VersionRate(version, group) for version, group in measured if group.counts.n]


def compare_versions(
    store: Store, slice_: Slice, *, former: str, latter: str, labeler: str | None = None
) -> Comparison:
    """Two judge versions (NAME@VERSION) against the expert's blind labels, on the traces both gave a verdict for.

    Raises:
        NotFoundError: no such judge version.
        UsageError: they are the same, the slice asks for a judge's verdicts, or nobody said whose labels count.
    """
    if former == latter:
        raise UsageError(f"{former[:80]} is compared with itself.", "Choose two different versions.")
    with store.read() as cursor:
        known = judgments.find_judges(cursor)
        former, latter = judge_ref(known, former), judge_ref(known, latter)
        if slice_.judge_verdict or slice_.disagree:
            raise UsageError(
                "The filter asks what one judge says; two versions cannot be compared in it.",
                "Take the condition on the judge out of the filter.",
            )
        base = blind_slice(cursor, replace(slice_, labeler=labeler or slice_.labeler))
        base = replace(base, judged=tuple(dict.fromkeys((*slice_.judged, former, latter))))
        reference = base.labeler or _labelers(cursor).default
        counts = judgments.count_flips(cursor, former, latter, base, reference=reference).counts

    def total(*, expert: bool, before: bool | None = None, after: bool | None = None) -> int:
        return sum(n for (e, b, a), n in counts.items() if e == expert and before in (None, b) and after in (None, a))

    failed, passed = total(expert=False), total(expert=True)
    flips = [
        ("expert fail, now caught", total(expert=False, before=True, after=False),
         base.with_verdict("fail").with_disagreement(former).with_judge_verdict(latter, "fail")),
        ("expert pass, now kept", total(expert=True, before=False, after=True),
         base.with_verdict("pass").with_disagreement(former).with_judge_verdict(latter, "pass")),
        ("expert fail, now missed", total(expert=False, before=False, after=True),
         base.with_verdict("fail").with_disagreement(latter).with_judge_verdict(former, "fail")),
        ("expert pass, now a false alarm", total(expert=True, before=True, after=False),
         base.with_verdict("pass").with_disagreement(latter).with_judge_verdict(former, "pass")),
    ]  # fmt: skip
    return Comparison(
        former=former,
        latter=latter,
        n=failed + passed,
        slice=base,
        caught=(
            rate_of(total(expert=False, before=False), failed),
            rate_of(total(expert=False, after=False), failed),
        ),
        kept=(rate_of(total(expert=True, before=True), passed), rate_of(total(expert=True, after=True), passed)),
        now_right=flips[0][1] + flips[1][1],
        now_wrong=flips[2][1] + flips[3][1],
        flips=flips,
    )


def list_pairs(store: Store, slice_: Slice, *, judge: str, limit: int = 500) -> list[Pair]:
    """The traces of a slice with both verdicts and both critiques, newest first."""
    with store.read() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        return judgments.find_pairs(cursor, judge, slice_, reference=reference, limit=limit)


def _group(value: str | None, counts: Confusion, inside: Slice, ref: str) -> TrustGroup:
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


def _left_out_slices(slice_: Slice, ref: str, splits: tuple[str, ...]) -> dict[str, Slice]:
    inside = _in_split(slice_, splits)
    blind = inside.blind().with_verdict("pass", "fail")
    return {
        "unlabelled": inside.with_verdict("unlabelled"),
        "deferred": inside.with_verdict("deferred"),
        "no_judgment": blind.with_judge_verdict(ref, "none"),
        "judge_failure": blind.with_judge_verdict(ref, "failure"),
        "expert_saw_judge": replace(inside.with_verdict("pass", "fail"), saw_judge=True),
        "other_split": _in_split(slice_, tuple(s for s in SPLITS if s not in splits)) if splits else slice_,
    }
