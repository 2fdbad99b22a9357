"""Train, dev and test: which traces are twins, and which split each new one goes into; nothing here moves an old one.

Twins share a session, or the tuple of values that a synthetic trace was made from, or what was asked, whole or nearly, or one
is a variant of the other; what a trace was before an import changed it counts too, as it may stand in a prompt as an example.
Whether two traces are twins depends on these two alone, so it is the same in whatever order they come.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import NamedTuple
from unicodedata import normalize

SPLITS = ("train", "dev", "test")
ALIKE = 0.7
"""Share of common pieces (Jaccard) from which on two texts are the same question."""
ENOUGH = 13
"""A question of as many characters is the same question wherever it stands again. Shorter ones open or end any chat («good
morning» has 12): were their traces twins, one group would hold them all, and one split that group. Their answer is read too."""
ALONE = 32
"""A question of as many characters, some eight words, may be nearly the same as another. In a shorter one every word, and every
digit, makes it a question of its own: the answer is read with it."""
LETTERS = 5
"""A text is cut into runs of as many characters: one word more, less or other leaves most of them as they were."""
WORDS = 3
BRIEF, LONG = 160, 240
"""Up to LONG characters two texts are compared by runs of characters. From BRIEF on they are compared by runs of words: these are
far rarer, so fewer texts meet, and of some thirty words one more or less spoils few. Were one text under BRIEF and the other
over LONG, less than ALIKE would be common, save where one only repeats itself."""
WITH = " \x1e "
"""Between a question and its answer."""
WORD = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]|[^\W\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]+")
"""A word, or a sign of Chinese or Japanese, which put no space between words."""


class Shares(NamedTuple):
    """How many of a hundred labelled traces go where."""

    train: int = 20
    dev: int = 40
    test: int = 40


class Former(NamedTuple):
    """What a trace was before a later import changed it."""

    session: str | None
    asked: str
    answered: str


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
    former: tuple[Former, ...] = ()
    split: str | None = None


class Placing(NamedTuple):
    """New traces by split, and those that stay out because they are twins of traces in two splits."""

    placed: dict[int, str]
    left_out: list[int]


class Crossing(NamedTuple):
    """A trace and one of its twins in the split that keeps them."""

    trace: Candidate
    twin: Candidate
    names: frozenset[str]
    """Ids of all their twins, and of what these are variants of."""


def twins(traces: Sequence[Candidate]) -> list[list[Candidate]]:
    """The traces in groups of which no two have a twin in common; most hold one trace."""
    leader = list(range(len(traces)))

    def find(place: int) -> int:
        while leader[place] != place:
            leader[place] = leader[leader[place]]
            place = leader[place]
        return place

    first: dict[Hashable, int] = {}
    texts: dict[str, int] = {}
    for place, trace in enumerate(traces):
        for mark in _marks(trace):
            leader[find(place)] = find(first.setdefault(mark, place))
        for text in _texts(trace):
            leader[find(place)] = find(texts.setdefault(text, place))
    places = list(texts.values())
    for one, other in _alike([*texts]):
        leader[find(places[one])] = find(places[other])
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


def crossing(traces: Sequence[Candidate]) -> list[Crossing]:
    """Traces that are twins of one in another split: those outside the split that keeps its own, train before test."""
    found: list[Crossing] = []
    for group in twins([t for t in traces if t.split]):
        known = {t.split for t in group}
        if len(known) > 1:
            kept = next(split for split in ("train", "test", "dev") if split in known)
            twin = min((t for t in group if t.split == kept), key=lambda t: t.key)
            names = frozenset(name for t in group for name in (t.id, *t.variant_of))
            found += [Crossing(t, twin, names) for t in group if t.split != kept]
    return sorted(found, key=lambda cross: cross.trace.key)


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


def _marks(trace: Candidate) -> Iterable[Hashable]:
    """What a trace shares with each of its twins as it stands."""
    for name in (trace.id, *trace.variant_of):
        yield "trace", name
    if trace.made_from:
        yield "made from", trace.made_from
    for session, asked, _ in _contents(trace):
        if session:
            yield "session", session
        question = _plain(asked)
        if len(question) >= ENOUGH:
            yield "asked", question
        elif question and trace.made_from and not trace.variant_of:
            yield "synthetic", question


def _texts(trace: Candidate) -> Iterable[str]:
    """What is compared of a trace: the question, with the answer where it says too little."""
    for _, asked, answered in _contents(trace):
        question = _plain(asked)
        text = question if len(question) >= ALONE else f"{question}{WITH}{_plain(answered)}"
        if text != WITH:
            yield text


def _contents(trace: Candidate) -> Sequence[Former]:
    return (Former(trace.session, trace.asked, trace.answered), *trace.former)


def _plain(text: str) -> str:
    """The words alone: neither case nor punctuation, nor how a sign is encoded, makes another question."""
    return " ".join(WORD.findall(normalize("NFKC", normalize("NFKC", text).casefold())))


def _alike(texts: Sequence[str]) -> Iterable[tuple[int, int]]:
    """Every pair of texts that are nearly the same. With its answer a question is always read by words: by characters a long
    answer that many were given would outweigh what was asked."""
    yield from _meeting({
        place: {text[i : i + LETTERS] for i in range(max(1, len(text) - LETTERS + 1))}
        for place, text in enumerate(texts)
        if len(text) <= LONG and WITH not in text
    })  # fmt: skip
    long = {place: text.split(" ") for place, text in enumerate(texts) if len(text) >= BRIEF or WITH in text}
    yield from _meeting({
        place: {" ".join(words[i : i + WORDS]) for i in range(max(1, len(words) - WORDS + 1))}
        for place, words in long.items()
    })  # fmt: skip


def _meeting(texts: Mapping[int, set[str]]) -> Iterable[tuple[int, int]]:
    """Every pair with nearly the same pieces. Two such sets share one of their first pieces in any fixed order, so only texts
    that meet there are compared (Chaudhuri, Ganti, Kaushik 2006); with the rarest first few meet (Bayardo, Ma, Srikant 2007)."""
    often = Counter(piece for pieces in texts.values() for piece in pieces)
    rank = {piece: place for place, piece in enumerate(sorted(often, key=lambda piece: (often[piece], piece)))}
    ranked = {place: {rank[piece] for piece in pieces} for place, pieces in texts.items()}
    meeting: dict[int, list[int]] = defaultdict(list)
    for place, pieces in sorted(ranked.items(), key=lambda held: len(held[1])):
        fewest = ALIKE * len(pieces)
        first = sorted(pieces)[: len(pieces) - -(-len(pieces) * 7 // 10) + 1]
        for other in {other for piece in first for other in meeting[piece]}:
            if len(ranked[other]) < fewest:
                continue
            common = len(pieces & ranked[other])
            if common >= ALIKE * (len(pieces) + len(ranked[other]) - common):
                yield place, other
        for piece in first:
            meeting[piece].append(place)
