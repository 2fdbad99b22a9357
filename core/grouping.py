"""Group short texts by their wording, on this computer: what reads alike, not what means alike.

TF-IDF of character n-grams, and average linkage on cosine distance: both ends of a word and its other forms count.
scikit-learn is imported when it is first needed.
"""

import importlib
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

FARTHEST = 0.86
"""Cosine distance up to which two groups are joined: on the sample's 44 critiques it makes small groups and no heap."""
NEAREST = 0.25
"""Cosine similarity from which on a text is likened to a known one: below it, what is alike is chance."""
NAME_SIZE = 60
TELLING = 3
WORD = r"(?u)\b[^\W\d_]{3,}\b"
SHORTENED = ("didn", "doesn", "don", "isn", "wasn", "did", "does", "just")
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
    vectors = _vectors(chosen)
    near: Any = (vectors @ vectors.T).toarray()
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
    vectors = _vectors([*texts, *known])
    near: Any = (vectors[: len(texts)] @ vectors[len(texts) :].T).toarray()
    best = [int(row.argmax()) for row in near]
    return [place if near[i, place] >= NEAREST else None for i, place in enumerate(best)]


def alikeness(firsts: Sequence[str], seconds: Sequence[str]) -> list[float]:
    """Cosine similarity, from 0 to 1, of each text with the one in the same place of the other list."""
    if not firsts:
        return []
    vectors = _vectors([*firsts, *seconds])
    near: Any = vectors[: len(firsts)].multiply(vectors[len(firsts) :]).sum(axis=1)
    return [min(1.0, float(value)) for value in np.asarray(near).ravel()]


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
    text = _part("feature_extraction.text")
    stop = [*text.ENGLISH_STOP_WORDS, *SHORTENED]
    counter = text.TfidfVectorizer(stop_words=stop, token_pattern=WORD)
    try:
        weights: Any = counter.fit_transform(texts)
    except ValueError:  # nothing but stop words
        return [_beginning(texts[group[0]]) for group in groups]
    terms = list(counter.get_feature_names_out())
    names: list[str] = []
    for group in groups:
        here: Any = weights[list(group)].toarray()
        strength: Any = here.sum(axis=0) * ((here > 0).sum(axis=0) > 1)
        best = [terms[i] for i in strength.argsort()[::-1][:TELLING] if strength[i] > 0]
        names.append(", ".join(best)[:NAME_SIZE] if len(best) > 1 else _beginning(texts[group[0]]))
    return [_unlike(name, place, names, texts[groups[place][0]]) for place, name in enumerate(names)]


def _unlike(name: str, place: int, names: Sequence[str], central: str) -> str:
    """Two groups never go by one name: the second one is called by its most central text."""
    return name if names.index(name) == place else _beginning(central)


def _beginning(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= NAME_SIZE else f"{line[:NAME_SIZE].rsplit(' ', 1)[0]}…"
