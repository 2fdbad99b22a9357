"""Train, dev and test: which traces are twins, and which split each new one goes into; nothing here moves an old one.

Twins share a session, or the tuple of values that a synthetic trace was made from, or nearly all of what was asked, or one is
a variant of the other. Whether two traces are twins depends on these two alone, so it is the same in whatever order they come.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple

SPLITS = ("train", "dev", "test")
ALIKE = 0.7
"""Share of common runs of three words (Jaccard) from which on two texts are the same question."""
RUN = 3
SHORT = 8
"""A question of fewer words says too little: the answer is read with it."""
WORD = re.compile(r"\w+")


class Shares(NamedTuple):
    """How many of a hundred labelled traces go where."""

    train: int = 20
    dev: int = 40
    test: int = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A labelled trace: what makes it a twin of another, the expert's verdict, and its split where it has one."""

    key: int
    id: str
    passed: bool
    session: str | None = None
    made_from: str | None = None
    variant_of: tuple[str, ...] = ()
    """Ids of the traces that it is a variant of."""
    asked: str = ""
    answered: str = ""
    split: str | None = None


class Placing(NamedTuple):
    """New traces by split, and those that stay out because they are twins of traces in two splits."""

    placed: dict[int, str]
    left_out: list[int]


def twins(traces: Sequence[Candidate]) -> list[list[Candidate]]:
    """The traces in groups of which no two have a twin in common; most hold one trace."""
    leader = list(range(len(traces)))

    def find(place: int) -> int:
        while leader[place] != place:
            leader[place] = leader[leader[place]]
            place = leader[place]
        return place

    first: dict[tuple[str, str], int] = {}
    for place, trace in enumerate(traces):
        variants = [("trace", name) for name in (trace.id, *trace.variant_of)]
        for kind, value in (("session", trace.session), ("made from", trace.made_from), *variants):
            if value:
                leader[find(place)] = find(first.setdefault((kind, value), place))
    for one, other in _alike([_runs(trace) for trace in traces]):
        leader[find(one)] = find(other)
    groups: dict[int, list[Candidate]] = defaultdict(list)
    for place, trace in enumerate(traces):
        groups[find(place)].append(trace)
    return list(groups.values())


def place(traces: Sequence[Candidate], shares: Shares) -> Placing:
    """A split for each trace that has none: that of its twins, else the one that most lacks its verdict.

    Among equals the order is that of the hashed ids, so that neither the order of labelling nor that of the log decides.
    """
    held: Counter[tuple[str, bool]] = Counter((t.split, t.passed) for t in traces if t.split)
    placed: dict[int, str] = {}
    left_out: list[int] = []
    for group in sorted(twins(traces), key=lambda group: min(_mark(t.id) for t in group)):
        new = [t for t in group if t.split is None]
        known = {t.split for t in group if t.split}
        if len(known) > 1:
            left_out += [t.key for t in new]
            continue
        split = next(iter(known)) if known else _neediest(new, held, shares)
        for trace in new:
            placed[trace.key] = split or "train"
            held[split or "train", trace.passed] += 1
    return Placing(placed, sorted(left_out))


def crossing(traces: Sequence[Candidate]) -> list[int]:
    """Traces that became twins of one in another split: those outside the split that keeps its own, train before test."""
    found: list[int] = []
    for group in twins([t for t in traces if t.split]):
        known = {t.split for t in group}
        if len(known) > 1:
            kept = next(split for split in ("train", "test", "dev") if split in known)
            found += [t.key for t in group if t.split != kept]
    return sorted(found)


def _neediest(new: Sequence[Candidate], held: Mapping[tuple[str, bool], int], shares: Shares) -> str:
    whole = sum(shares) or 1

    def lack(split: str) -> float:
        share = getattr(shares, split) / whole
        wanting = 0.0
        for passed in {t.passed for t in new}:
            n = sum(held.get((s, passed), 0) for s in SPLITS) + sum(t.passed == passed for t in new)
            wanting += share * n - held.get((split, passed), 0)
        return wanting if share else float("-inf")

    return max(SPLITS, key=lambda split: (lack(split), getattr(shares, split), -SPLITS.index(split)))


def _mark(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _runs(trace: Candidate) -> frozenset[int]:
    words = WORD.findall(trace.asked.lower())
    if len(words) < SHORT:
        words += ["\x1e", *WORD.findall(trace.answered.lower())]
    if not any(word != "\x1e" for word in words):
        return frozenset()
    runs = [" ".join(words[i : i + RUN]) for i in range(max(1, len(words) - RUN + 1))]
    return frozenset(int.from_bytes(_mark(run)) for run in runs)


def _alike(texts: Sequence[frozenset[int]]) -> Iterable[tuple[int, int]]:
    """Every pair whose runs are nearly the same. Two such sets share one of their first runs in any fixed order, so only
    texts that meet there are compared (Chaudhuri, Ganti, Kaushik 2006)."""
    meeting: dict[int, list[int]] = defaultdict(list)
    for place, runs in enumerate(texts):
        if not runs:
            continue
        first = sorted(runs)[: len(runs) - -(-len(runs) * 7 // 10) + 1]
        for other in {other for run in first for other in meeting[run]}:
            common = len(runs & texts[other])
            if common >= ALIKE * (len(runs) + len(texts[other]) - common):
                yield place, other
        for run in first:
            meeting[run].append(place)
