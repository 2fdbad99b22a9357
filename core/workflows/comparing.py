"""Two versions of a judge against the expert, on the same traces."""

import difflib
from dataclasses import dataclass, replace
from typing import NamedTuple

from core.correcting import mcnemar
from core.differences import Range, paired_difference
from core.errors import UsageError
from core.metrics import Rate, rate_of
from core.slice import Slice
from core.store import comparing, judgments, pairs, settings
from core.store.connection import Store
from core.store.pairs import Pair
from core.workflows.leaving import used_slice
from core.workflows.narrowing import blind_slice, check_scope, id_of, judge_ref, untold_slice
from core.workflows.sealing import unseen_slice

FLIPS = {"right": slice(0, 2), "wrong": slice(2, 4)}
"""Ways to flip, by their place in `Comparison.flips`: the latter version is right where the former was not, or the reverse."""


class Flipped(NamedTuple):
    """A trace whose verdict flipped: the expert and the latter version, and what the former said of it."""

    pair: Pair
    former_critique: str | None
    now_right: bool


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
    about: int | None
    """The failure category that both look for: then pass and fail are what the expert's label says of that."""

    @property
    def gaps(self) -> tuple[Range, Range]:
        """Caught failures and kept passes of the latter minus those of the former, paired."""
        n = [flip[1] for flip in self.flips]
        return paired_difference(n[0], n[2], self.caught[0].n), paired_difference(n[1], n[3], self.kept[0].n)

    @property
    def chance(self) -> float:
        """The exact two-sided p value of McNemar's test that both versions are right equally often."""
        return mcnemar(self.now_right, self.now_wrong)

    def rate_slice(self, expert: str, judge: str, verdict: str) -> Slice:
        """The traces that the expert gave `expert` and the version `judge` gave `verdict`."""
        return self.slice.with_verdict(expert, about=self.about).with_judge_verdict(judge, verdict)


def compare_versions(
    store: Store, slice_: Slice, *, former: str, latter: str, labeler: str | None = None
) -> Comparison:
    """Two judge versions (NAME@VERSION) against the expert's blind labels, on the traces both gave a verdict for.

    Where the slice names no split: on those that nobody tuned them on.

    Raises:
        NotFoundError: no such judge version.
        UsageError: they are the same or look for different things, the slice asks for a judge's verdicts, or nobody said
            whose labels count.
    """
    if former == latter:
        raise UsageError(f"{former[:80]} is compared with itself.", "Choose two different versions.")
    with store.snapshot() as cursor:
        known = judgments.find_refs(cursor)
        former, latter = judge_ref(known, former), judge_ref(known, latter)
        if slice_.judge_verdict or slice_.disagree:
            raise UsageError(
                "The filter asks what one judge says; two versions cannot be compared in it.",
                "Take the condition on the judge out of the filter.",
            )
        about = id_of(check_scope(cursor, slice_, former, latter))
        base = blind_slice(cursor, replace(slice_, labeler=labeler or slice_.labeler))
        base = unseen_slice(cursor, used_slice(cursor, base, former, latter), former, latter, compared=True)
        base = untold_slice(cursor, base, former, latter)
        base = replace(base, judged=tuple(dict.fromkeys((*slice_.judged, former, latter))))
        if about is not None:
            base = base.with_verdict("pass", "fail", about=about)
        reference = base.labeler or settings.find_setting(cursor, settings.PRINCIPAL)
        counts = comparing.count_flips(cursor, former, latter, base, reference=reference).counts

    def total(*, expert: bool, before: bool | None = None, after: bool | None = None) -> int:
        return sum(n for (e, b, a), n in counts.items() if e == expert and before in (None, b) and after in (None, a))

    expert_failed, expert_passed = (base.with_verdict(verdict, about=about) for verdict in ("fail", "pass"))
    failed, passed = total(expert=False), total(expert=True)
    flips = [
        ("expert fail, now caught", total(expert=False, before=True, after=False),
         expert_failed.with_disagreement(former).with_judge_verdict(latter, "fail")),
        ("expert pass, now kept", total(expert=True, before=False, after=True),
         expert_passed.with_disagreement(former).with_judge_verdict(latter, "pass")),
        ("expert fail, now missed", total(expert=False, before=False, after=True),
         expert_failed.with_disagreement(latter).with_judge_verdict(former, "fail")),
        ("expert pass, now a false alarm", total(expert=True, before=True, after=False),
         expert_passed.with_disagreement(latter).with_judge_verdict(former, "pass")),
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
        about=about,
    )


def list_flipped(store: Store, found: Comparison, flip: str | None = None, *, limit: int = 200) -> list[Flipped]:
    """The traces that flipped to «right» or to «wrong» (None: both, what went wrong before what was mended), newest first
    within each way to flip."""
    listed: list[tuple[str, pairs.Pair]] = []
    with store.read() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        for kind in sorted(FLIPS, reverse=True) if flip is None else (flip,):
            for _, n, slice_ in found.flips[FLIPS[kind]]:
                if n and len(listed) < limit:
                    most = limit - len(listed)
                    latter = pairs.find_pairs(cursor, found.latter, slice_, reference=reference, limit=most)
                    listed += [(kind, pair) for pair in latter]
        said = pairs.find_judge_critiques(cursor, found.former, [pair.trace_id for _, pair in listed])
    return [Flipped(pair, said.get(pair.trace_id), kind == "right") for kind, pair in listed]


def prompt_changes(store: Store, judge: str) -> dict[str, list[str]]:
    """For each version of the judge NAME the lines of its prompt that were added (+) and taken out (-) since the one
    before; empty for the first, and where a prompt is not known."""
    with store.read() as cursor:
        known = [found.version for found in judgments.find_judges(cursor) if found.version.judge == judge]
    changes: dict[str, list[str]] = {}
    for place, version in enumerate(known):
        former = known[place - 1].prompt if place else None
        lines: list[str] = []
        if former is not None and version.prompt is not None:
            found = difflib.unified_diff(former.splitlines(), version.prompt.splitlines(), lineterm="", n=0)
            lines = [line for line in found if not line.startswith(("---", "+++", "@@"))]
        changes[version.version] = lines
    return changes
