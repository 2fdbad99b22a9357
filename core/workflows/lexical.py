"""Group short texts by their wording, offline: what is written alike, not what means the same."""

from collections.abc import Sequence
from typing import Any

PER_GROUP = 12
MOST_GROUPS = 40


def group_by_wording(texts: Sequence[str], *, seed: int) -> list[int]:
    """The group of each text, the same for the same texts and seed.

    TF-IDF of character n-grams, then k-means in small batches: its time grows with the number of texts, not with
    its square.
    """
    words = [text.strip() for text in texts]
    wanted = min(MOST_GROUPS, max(2, len(words) // PER_GROUP), len(set(words)))
    if wanted < 2:
        return [0] * len(words)
    # Loaded here: it takes a second that a start of the app need not wait for.
    from sklearn.cluster import MiniBatchKMeans
    from sklearn.feature_extraction.text import TfidfVectorizer

    vectorizer: Any = TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 5), max_features=8192, sublinear_tf=True)
    try:
        matrix = vectorizer.fit_transform(words)
    except ValueError:  # nothing in them has three characters
        return [0] * len(words)
    clustering: Any = MiniBatchKMeans(wanted, random_state=seed, batch_size=1024)
    return [int(group) for group in clustering.fit_predict(matrix)]
