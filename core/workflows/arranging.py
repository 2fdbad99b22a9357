"""The order of dimensions and what their values mean: settings of the project, each change one more event."""

from collections.abc import Mapping
from typing import Final, NamedTuple, TypeVar

import orjson

from core.errors import NotFoundError, UsageError
from core.model import OF_TESTS
from core.store import dimensions, settings
from core.store.connection import Cursor, Store

ORDER: Final = "dimension order"
MEANING: Final = "dimension meaning"
MOST_CHARACTERS: Final = 1000

T = TypeVar("T")


class Arranged(NamedTuple):
    """A dimension, how many values it has, and what they mean in the words of the project."""

    name: str
    values: int
    meaning: str


def in_order(cursor: Cursor, named: Mapping[str, T]) -> dict[str, T]:
    """What goes by the names of dimensions, in the order of the project; those without a place come last, and of them those
    that say what is a test of judges."""
    stored = settings.find_setting(cursor, ORDER)
    order: list[str] = orjson.loads(stored) if stored else []
    first = [name for name in order if name in named]
    return {name: named[name] for name in dict.fromkeys((*first, *sorted(named, key=lambda name: name in OF_TESTS)))}


def meanings(cursor: Cursor) -> dict[str, str]:
    """What the values of each dimension mean, where somebody has said so."""
    stored = settings.find_setting(cursor, MEANING)
    return {} if not stored else {name: text for name, text in orjson.loads(stored).items() if text}


def list_arranged(store: Store) -> list[Arranged]:
    """All dimensions in the order of the project."""
    with store.read() as cursor:
        known = in_order(cursor, dimensions.count_values(cursor))
        said = meanings(cursor)
    return [Arranged(name, sum(bool(v.value) for v in values), said.get(name, "")) for name, values in known.items()]


def moved(names: list[str], places: Mapping[str, int]) -> list[str]:
    """The names in the order of their wished places, from 1: one that was moved up stands before the one whose place
    it takes, one that was moved down after it.
    """
    was = {name: place for place, name in enumerate(names, 1)}
    return sorted(names, key=lambda name: (places[name], places[name] - was[name]))


def arrange(store: Store, order: list[str], meaning: Mapping[str, str], *, by: str) -> bool:
    """Keep the order of dimensions and what their values mean; returns whether anything was another than before.

    Raises:
        UsageError: nobody's name, or a text over the cap.
        NotFoundError: no such dimension.
    """
    if not by.strip():
        raise UsageError("A change of settings needs a name.", "Give your name first.")
    for name, text in meaning.items():
        if len(text) > MOST_CHARACTERS:
            raise UsageError(f"What {name[:40]} means is too long.", f"Use at most {MOST_CHARACTERS:,} characters.")
    with store.write() as cursor:
        known = dict.fromkeys(dimensions.find_dimensions(cursor))
        unknown = next((name for name in (*order, *meaning) if name not in known), None)
        if unknown is not None:
            raise NotFoundError(f"There is no dimension {unknown[:80]}.", f"Known: {', '.join(known)[:400] or 'none'}.")
        former, said = list(in_order(cursor, known)), meanings(cursor)
        wanted = {name: text.strip() for name, text in (said | dict(meaning)).items() if text.strip()}
        changed = False
        for key, old, new in ((ORDER, former, order), (MEANING, said, wanted)):
            if old != new:
                settings.put_setting(cursor, key, orjson.dumps(new).decode(), by=by)
                changed = True
    return changed
