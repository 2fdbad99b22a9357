"""Does a change that must not matter change the verdict: pairs of a trace and a variant of it, by kind of change.

Counterfactual pairs (the same text with another name or locale) show bias; answers made longer or shorter but no better show a
judge that goes by fluency.
"""

from dataclasses import dataclass

from core.metrics import Rate, rate_of
from core.model import MISSING, VARIANT_OF
from core.slice import Slice
from core.store import judgments, settings, variants
from core.store.connection import Store
from core.store.variants import VariantPair
from core.workflows.narrowing import judge_ref

__all__ = ["Change", "VariantPair", "Variants", "list_variants", "measure_variants"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One kind of change: how many pairs, and of those with a verdict on both how many flipped."""

    name: str
    """The empty text where no kind was named."""
    pairs: int
    flipped: Rate
    to_pass: int
    """Flipped from fail to pass."""
    to_fail: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Variants:
    """Every kind of change with what a judge version makes of it."""

    changes: list[Change]
    unjudged: int
    """Pairs of which one has no verdict that may be shown."""
    orphans: int
    """Variants of traces that are not here."""
    examples: int
    """Pairs of which the judge was shown one, with what the expert said of it: they are in no count."""
    any_variant: Slice
    """All variants: what the judge has to be run on."""


def measure_variants(store: Store, slice_: Slice, *, judge: str) -> Variants:
    """How often the judge version NAME@VERSION says another thing of a variant than of its trace, which is in the slice.

    Raises:
        NotFoundError: no such judge.
    """
    pairs, orphans = _pairs(store, slice_, judge)
    found = [pair for pair in pairs if not pair.is_example]
    by_change: dict[str, list[VariantPair]] = {}
    for pair in found:
        by_change.setdefault(pair.change, []).append(pair)
    changes = [_change(name, pairs) for name, pairs in by_change.items()]
    changes.sort(key=lambda change: (change.name == MISSING, -(change.flipped.low or 0.0), -change.pairs, change.name))
    return Variants(
        changes=changes,
        unjudged=sum(not pair.is_judged for pair in found),
        orphans=orphans,
        examples=len(pairs) - len(found),
        any_variant=Slice().with_values(VARIANT_OF, (MISSING,), negated=True),
    )


def list_variants(
    store: Store, slice_: Slice, *, judge: str, change: str | None = None, only_flipped: bool = False
) -> list[VariantPair]:
    """The pairs that are counted, those that flipped first; of one kind of change, or only those with a verdict on both that
    differ."""
    found = [pair for pair in _pairs(store, slice_, judge)[0] if not pair.is_example]
    kept = [pair for pair in found if change in (None, pair.change) and (pair.is_flipped or not only_flipped)]
    return sorted(kept, key=lambda pair: (not pair.is_flipped, not pair.is_judged))


def _pairs(store: Store, slice_: Slice, judge: str) -> tuple[list[VariantPair], int]:
    """Every pair, and how many variants are of traces that are not here."""
    with store.snapshot() as cursor:
        if not variants.has_variants(cursor):
            return [], 0
        ref = judge_ref(judgments.find_refs(cursor), judge)
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        return variants.find_variants(cursor, ref, slice_, reference=reference), variants.count_orphans(cursor)


def _change(name: str, pairs: list[VariantPair]) -> Change:
    flipped = [pair for pair in pairs if pair.is_flipped]
    to_pass = sum(bool(pair.variant_passed) for pair in flipped)
    return Change(
        name=name,
        pairs=len(pairs),
        flipped=rate_of(len(flipped), sum(pair.is_judged for pair in pairs)),
        to_pass=to_pass,
        to_fail=len(flipped) - to_pass,
    )
