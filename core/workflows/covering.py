"""Which combinations of two dimensions have no trace, and which too few that somebody judged."""

from typing import NamedTuple

from core.model import MISSING
from core.workflows.pivoting import Pivot


class Coverage(NamedTuple):
    """Combinations of two values, missing ones aside: all, those without a trace, those with too few judged ones."""

    combinations: int
    empty: int
    thin: int


def coverage_of(found: Pivot, *, min_n: int) -> Coverage:
    """How well the combinations of a pivot are covered; fewer than `min_n` judged traces are thin."""
    held = found.by_place()
    named = [(row, col) for row in found.row_values if row != MISSING for col in found.col_values if col != MISSING]
    empty = sum(place not in held for place in named)
    thin = sum(place in held and held[place].counts.judged < min_n for place in named)
    return Coverage(len(named), empty, thin)
