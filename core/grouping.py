"""Group short texts by their wording, on this computer: what reads alike, not what means alike.

TF-IDF of character n-grams and of words, and average linkage on cosine distance: both ends of a word and its other
forms count, and so do whole words. What all the texts have in common is taken out first: notes of one product share
much, and would else be one heap. scikit-learn is imported when it is first needed.
"""

import importlib
import itertools
import re
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np

FARTHEST: Final = 0.99
"""Distance up to which two groups are joined: what they share must be a little more than two texts by chance do."""
NEAREST: Final = 0.1
"""Similarity from which on a text is likened to a known one: below it, what is alike is chance."""
FEW: Final = 3
"""Of so few texts the half of what they have in common is taken out, of more of them nearly all."""
NAME_SIZE: Final = 60
TELLING: Final = 3
WORD: Final = r"(?u)\b[^\W\d_]{3,}\b"
SHORTENED: Final = ("didn", "doesn", "don", "isn", "wasn", "did", "does", "just")
"""Words that tell nothing, beside those that scikit-learn knows."""


class TextGroup(NamedTuple):
    """Texts that read alike, by their places in the list, the most central first, and words that tell them apart."""

    members: tuple[int, ...]
    name: str


def group_texts(texts: Sequence[str]) -> list[TextGroup]:
    """Groups of two or more texts that read alike, the largest first; a text like no other is in none."""
    readable = [place for place, text in enumerate(texts) if text.strip()]
    if len(readable) < 2:
        return []
    chosen = [texts[place] for place in readable]
    near = _nearness(chosen)
    linked: Any = (
        _part("cluster")
        .AgglomerativeClustering(n_clusters=None, metric="precomputed", linkage="average", distance_threshold=FARTHEST)
        .fit_predict((1 - near).clip(min=0))
    )
    groups: dict[int, list[int]] = {}
    for place, label in enumerate(linked):
        groups.setdefault(int(label), []).append(place)
    several = [sorted(g, key=lambda i: (-float(near[i, g].sum()), i)) for g in groups.values() if len(g) > 1]
    names = _names(chosen, several)
    found = [
        TextGroup(tuple(readable[i] for i in group), name) for group, name in zip(several, names, strict=True)
    ]  # fmt: skip
    return sorted(found, key=lambda group: (-len(group.members), group.members))


def liken(texts: Sequence[str], known: Sequence[str]) -> list[int | None]:
    """For each text the place of the known one it is nearest to, or None where none is near enough."""
    if not texts or not any(text.strip() for text in known):
        return [None] * len(texts)
    near = _nearness([*texts, *known])[: len(texts), len(texts) :]
    best = [int(row.argmax()) for row in near]
    return [place if near[i, place] >= NEAREST else None for i, place in enumerate(best)]


def alikeness(firsts: Sequence[str], seconds: Sequence[str]) -> list[float]:
    """Cosine similarity, from 0 to 1, of each text with the one in the same place of the other list."""
    if not firsts:
        return []
    vectors = _vectors([*firsts, *seconds])
    near: Any = vectors[: len(firsts)].multiply(vectors[len(firsts) :]).sum(axis=1)
    return [min(1.0, float(value)) for value in np.asarray(near).ravel()]


def _nearness(texts: Sequence[str]) -> Any:
    """How near each text is to each other one, as an array of cosines from -1 to 1 around what is usual among them."""
    vectors, words = _vectors(texts), _words_of(texts)
    near: Any = (vectors @ vectors.T).toarray()
    if words is not None:
        near = near + (words @ words.T).toarray()
    # The mean of all vectors, taken out of each: done on the products, which are fewer than the n-grams.
    n = len(texts)
    means = near.mean(axis=0)
    share = n / (n + FEW)
    near = near - share * (means[:, None] + means[None, :]) + share**2 * means.mean()
    size = np.sqrt(np.clip(np.diag(near), 1e-12, None))
    near = near / size[:, None] / size[None, :]
    np.fill_diagonal(near, 1.0)
    return near


def _words_of(texts: Sequence[str]) -> Any:
    """TF-IDF of words that tell something; None where there is none."""
    try:
        return _counter().fit_transform(texts)
    except ValueError:  # nothing but stop words
        return None


def _counter() -> Any:
    """TF-IDF of words, without those that tell nothing."""
    text = _part("feature_extraction.text")
    stop = [*text.ENGLISH_STOP_WORDS, *SHORTENED]
    return text.TfidfVectorizer(stop_words=stop, token_pattern=WORD, sublinear_tf=True)


def _vectors(texts: Sequence[str]) -> Any:
    return (
        _part("feature_extraction.text")
        .TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), sublinear_tf=True)
        .fit_transform([text.lower() if text.strip() else "-" for text in texts])
    )


def _part(name: str) -> Any:
    """A part of scikit-learn, which takes a second to import."""
    return importlib.import_module(f"sklearn.{name}")


def _names(texts: Sequence[str], groups: Sequence[Sequence[int]]) -> list[str]:
    """For each group the words that most tell it from the others; else how its most central text begins."""
    if not groups:
        return []
    counter = _counter()
    try:
        weights: Any = counter.fit_transform(texts)
    except ValueError:  # nothing but stop words
        return [_beginning(texts[group[0]]) for group in groups]
    terms = [str(term) for term in counter.get_feature_names_out()]
    whole: Any = np.asarray(weights.sum(axis=0)).ravel()
    names: list[str] = []
    for group in groups:
        here: Any = weights[list(group)].toarray()
        held, inside = (here > 0).sum(axis=0), here.sum(axis=0)
        # Said by several of them, by most of them rather than by one at length, and here rather than elsewhere.
        strength: Any = np.where(held > 1, inside * held / len(group) * inside / np.maximum(whole, 1e-12), 0.0)
        best: list[str] = [terms[i] for i in strength.argsort()[::-1][:TELLING] if strength[i] > 0]
        said = ", ".join(_side_by_side(best, [texts[i] for i in group]))
        names.append(said[:NAME_SIZE] if len(best) > 1 else _beginning(texts[group[0]]))
    return [_unlike(name, place, names, texts[groups[place][0]]) for place, name in enumerate(names)]


def _side_by_side(words: Sequence[str], texts: Sequence[str]) -> list[str]:
    """The words, two of them joined as half of the texts join them: «gluten free»."""
    pairs: list[set[tuple[str, str]]] = []
    for text in texts:
        run: list[str] = re.findall(WORD, text.lower())
        pairs.append(set(itertools.pairwise(run)))
    for first, second in itertools.permutations(words, 2):
        if 2 * sum((first, second) in found for found in pairs) >= len(texts):
            return [f"{first} {second}", *(word for word in words if word not in (first, second))]
    return list(words)


def _unlike(name: str, place: int, names: Sequence[str], central: str) -> str:
    """Two groups never go by one name: the second one is called by its most central text."""
    return name if names.index(name) == place else _beginning(central)


def _beginning(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= NAME_SIZE else f"{line[:NAME_SIZE].rsplit(' ', 1)[0]}…"
