"""Is the judge taken in by how an answer looks: its errors by length and format, whatever was said."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from core.differences import Range, difference, range_of
from core.metrics import Rate, rate_of
from core.slice import Slice
from core.store import pairs, settings
from core.store.connection import Store
from core.store.pairs import SHAPES, Shaped
from core.workflows.trusting import Trust, TrustGroup

SIZES = ("shortest", "middle", "longest")


FEWEST = 5
"""Compared traces that two looks at least must have before they are held against each other."""


class LookRow(NamedTuple):
    """Answers that look alike: how often the judge passed what the expert failed, and failed what the expert passed."""

    name: str
    """What an address calls it."""
    words: str
    false_passes: Rate
    false_fails: Rate


class LookTable(NamedTuple):
    """Answers by one property of their look; `gaps` are the first row's rates minus the last row's."""

    title: str
    rows: list[LookRow]
    gaps: tuple[Range, Range]

    @property
    def clear(self) -> list[str]:
        """Which of the two errors clearly depends on the look, in words."""
        found = (("false passes", self.gaps[0]), ("false alarms", self.gaps[1]))
        return [words for words, gap in found if gap.is_clear]


class Unlike(NamedTuple):
    """A value of a dimension on which the judge does clearly other than on all the rest; `slice` holds the k of its rate."""

    value: str
    words: str
    rate: Rate
    rest: Rate
    slice: Slice


class Unlikes(NamedTuple):
    """Those found, and how many values' rates were held against the rest."""

    found: list[Unlike]
    looked_at: int


def values_unlike_the_rest(whole: TrustGroup, groups: Sequence[TrustGroup], *, min_n: int) -> Unlikes:
    """The values whose caught failures or kept passes differ from those of all other compared traces: the interval of the
    difference leaves out 0. Where either side has fewer than `min_n` traces nothing is held against the other."""
    found: list[Unlike] = []
    looked_at = 0
    for group in groups:
        for words, verdict, rate, all_ in (
            ("caught failures", "fail", group.caught_failures, whole.caught_failures),
            ("kept passes", "pass", group.kept_passes, whole.kept_passes),
        ):
            rest = rate_of(all_.k - rate.k, all_.n - rate.n)
            if min(rate.n, rest.n) < min_n:
                continue
            looked_at += 1
            if difference(range_of(rate), range_of(rest)).is_clear:
                hits = group.cell_slice(expert=verdict, judge=verdict)
                found.append(Unlike(group.value or "", words, rate, rest, hits))
    return Unlikes(found, looked_at)


FORMATS = {
    "list": ("with a list", "without a list"),
    "code": ("with code", "without code"),
    "markdown": ("with headings, bold text or a table", "without headings, bold text or a table"),
    "link": ("with a link", "without a link"),
}


def measure_looks(store: Store, trust: Trust) -> list[LookTable]:
    """The judge's two errors by tertile of answer length, and with and without each format that some answers have."""
    found = _shaped(store, trust)
    looks = _looks(found)
    by_size = [_row(name, words, [s for s in found if fits(s)]) for name, words, fits in looks[: len(SIZES)]]
    tables = [_table("By length of the answer", by_size)]
    rest = looks[len(SIZES) :]
    for (name, words, has), (no_name, no_words, lacks) in zip(rest[::2], rest[1::2], strict=True):
        pair = [
            _row(name, words, [s for s in found if has(s)]),
            _row(no_name, no_words, [s for s in found if lacks(s)]),
        ]
        tables.append(_table("By format of the answer", pair))
    return [
        table for table in tables if sum(row.false_passes.n + row.false_fails.n >= FEWEST for row in table.rows) > 1
    ]


def ids_of_look(store: Store, trust: Trust, name: str) -> list[str] | None:
    """The compared traces whose answers look so; None where there is no such look."""
    found = _shaped(store, trust)
    fits = next((fits for known, _, fits in _looks(found) if known == name), None)
    return None if fits is None else [shaped.trace_id for shaped in found if fits(shaped)]


def words_of_look(store: Store, trust: Trust, name: str) -> str | None:
    """A look in words; None where there is no such look."""
    return next((words for known, words, _ in _looks(_shaped(store, trust)) if known == name), None)


def _shaped(store: Store, trust: Trust) -> list[Shaped]:
    with store.read() as cursor:
        reference = settings.find_setting(cursor, settings.PRINCIPAL)
        return pairs.find_shaped(cursor, trust.judge, trust.whole.compared_slice, reference=reference)


Look = tuple[str, str, Callable[[Shaped], bool]]


def _looks(found: list[Shaped]) -> list[Look]:
    """The thirds by length, then every format with its opposite."""
    sizes = sorted(shaped.size for shaped in found)
    low, high = (sizes[len(sizes) * third // 3] for third in (1, 2)) if sizes else (0, 0)
    looks: list[Look] = [
        ("shortest", f"shortest third (under {low:,} characters)", lambda s: s.size < low),
        ("middle", f"middle third ({low:,} to {max(low, high - 1):,})", lambda s: low <= s.size < high),
        ("longest", f"longest third ({high:,} and more)", lambda s: s.size >= high),
    ]
    for place, name in enumerate(SHAPES):
        has, lacks = FORMATS[name]
        looks.append((name, has, lambda s, place=place: s.shapes[place]))
        looks.append((f"no {name}", lacks, lambda s, place=place: not s.shapes[place]))
    return looks


def _row(name: str, words: str, found: list[Shaped]) -> LookRow:
    failed = [s for s in found if not s.expert_passed]
    passed = [s for s in found if s.expert_passed]
    return LookRow(
        name,
        words,
        rate_of(sum(s.judge_passed for s in failed), len(failed)),
        rate_of(sum(not s.judge_passed for s in passed), len(passed)),
    )


def _table(title: str, rows: list[LookRow]) -> LookTable:
    first, last = rows[0], rows[-1]
    gaps = (
        difference(range_of(first.false_passes), range_of(last.false_passes)),
        difference(range_of(first.false_fails), range_of(last.false_fails)),
    )
    return LookTable(title, rows, gaps)
