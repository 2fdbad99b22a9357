"""A slice: the conditions that choose traces, what the address carries and what the sentence says.

One `Slice` is read from an address or the command line, asked for its traces by the store, and written
back into links. `from_params(slice.to_params()) == slice` for every slice.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import cast

from core.asked import Asked
from core.conditions import (
    CATEGORY_VERDICTS,
    CHOICES,
    FIELDS,
    JUDGE_VERDICTS,
    NOT_SORTED,
    SPLITS,
    VERDICTS,
    AddressReader,
    Condition,
    day_text,
    iso_text,
    parse_moment,
)

__all__ = [
    "CATEGORY_VERDICTS",
    "CHOICES",
    "FIELDS",
    "JUDGE_VERDICTS",
    "NOT_SORTED",
    "SPLITS",
    "VERDICTS",
    "Condition",
    "Slice",
    "day_text",
    "parse_moment",
]

_SHOWN = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice(Asked):
    """What is asked of traces, with ways to narrow it, its sentence, and the address that carries it."""

    @property
    def is_all(self) -> bool:
        """True where nothing is asked, so every trace is in."""
        return self == Slice(labeler=self.labeler)

    def with_value(self, key: str, value: str) -> "Slice":
        """This slice where `key` (a dimension or built-in field) has just `value`."""
        return self._put(Condition(key=key, values=(value,)))

    def with_verdict(self, *verdicts: str, about: int | None = None) -> "Slice":
        """This slice where the expert's verdict, or what it says `about` one failure category, is also one of `verdicts`."""
        asked = self.verdict if about is None else self.category_verdict
        kept = tuple(v for v in verdicts if not asked or v in asked)
        if about is None:
            return replace(self, verdict=kept) if kept else self._nothing("verdict")
        asks_other = bool(asked) and self.of_category != about
        found = replace(self, of_category=about, category_verdict=kept)
        return self._nothing("category_verdict") if asks_other or not kept else found

    def with_judge_verdict(self, judge: str, *verdicts: str) -> "Slice":
        """This slice where the judge version `judge` also says one of `verdicts`."""
        kept = tuple(v for v in verdicts if not self.judge_verdict or v in self.judge_verdict)
        asks_other = bool(self.judge_verdict) and self.judge != judge
        return (
            self._nothing("judge_verdict") if asks_other or not kept else replace(self, judge=judge, judge_verdict=kept)
        )

    def with_disagreement(self, judge: str) -> "Slice":
        """This slice where the judge version `judge` and the expert's blind label also differ."""
        return replace(self, disagree=judge) if self.disagree in (None, judge) else self._nothing("disagree")

    def told_to(self, judge: str) -> "Slice":
        """This slice where the judge version `judge` is also shown the trace as an example."""
        fits = self.told in (None, judge) and judge not in self.untold
        return replace(self, told=judge) if fits else self._nothing("told")

    def not_told_to(self, *judges: str) -> "Slice":
        """This slice where none of these judge versions is shown the trace as an example."""
        return replace(self, untold=tuple(dict.fromkeys((*self.untold, *judges))))

    def asked_more_than_once(self, judge: str) -> "Slice":
        """This slice where the judge version `judge` was also asked more than once about the same text."""
        fits = self.asked_again in (None, judge)
        return replace(self, asked_again=judge) if fits else self._nothing("asked_again")

    def with_flips(self, judge: str) -> "Slice":
        """This slice where the judge version `judge` also both passed and failed the same text."""
        return replace(self, flips=judge) if self.flips in (None, judge) else self._nothing("flips")

    def with_split(self, split: str) -> "Slice":
        """This slice where the split is also this one."""
        return replace(self, split=(split,)) if split in (self.split or (split,)) else self._nothing("split")

    def in_sample(self, percent: int) -> "Slice":
        """This slice in the fixed random sample of so many of a hundred traces, as far as it is asked for."""
        first, last = self.sample or (0, 100)
        last = min(last, percent)
        return replace(self, sample=(first, last)) if first < last else self._nothing("sample")

    def outside_sample(self, percent: int) -> "Slice":
        """The rest of this slice."""
        first, last = self.sample or (0, 100)
        first = max(first, percent)
        return replace(self, sample=(first, last)) if first < last else self._nothing("sample")

    def with_category(self, category_id: int) -> "Slice":
        """This slice where the failure category is also this one (`NOT_SORTED`: none)."""
        fits = not self.category or category_id in self.category
        return replace(self, category=(category_id,)) if fits else self._nothing("category")

    def blind(self) -> "Slice":
        """This slice where the expert labelled without sight of the judge; `verdict` then speaks of that label."""
        return self._nothing("saw_judge") if self.saw_judge else replace(self, saw_judge=False)

    def _nothing(self, param: str) -> "Slice":
        return replace(self, unreadable=(*self.unreadable, (param, "contradicts another condition")))

    def without(self, key: str) -> "Slice":
        """This slice without any condition on the dimension or field `key`."""
        return replace(
            self,
            dimensions=tuple(c for c in self.dimensions if c.key != key),
            fields=tuple(c for c in self.fields if c.key != key),
        )

    def values_of(self, key: str, *, negated: bool = False) -> tuple[str, ...]:
        """The values that a condition names for `key`, or nothing."""
        found = (c.values for c in (*self.dimensions, *self.fields) if c.key == key and c.negated == negated)
        return next(found, ())

    def with_values(self, key: str, values: Sequence[str], *, negated: bool = False) -> "Slice":
        """This slice where the condition on `key` is just `values`; none of them removes it."""
        if values:
            return self._put(Condition(key=key, values=tuple(values), negated=negated))
        return replace(
            self,
            dimensions=tuple(c for c in self.dimensions if (c.key, c.negated) != (key, negated)),
            fields=tuple(c for c in self.fields if (c.key, c.negated) != (key, negated)),
        )

    def _put(self, condition: Condition) -> "Slice":
        name = "fields" if condition.key in FIELDS else "dimensions"
        same = (condition.key, condition.negated)
        held: tuple[Condition, ...] = getattr(self, name)
        if any((c.key, c.negated) == same for c in held):
            merged = tuple(condition if (c.key, c.negated) == same else c for c in held)
        else:
            merged = (*held, condition)
        return replace(self, dimensions=merged) if name == "dimensions" else replace(self, fields=merged)

    def parts(self, category_names: Mapping[int, str] | None = None) -> list[tuple[str, "Slice"]]:
        """Each condition in words, with the slice that is left when it goes."""
        found: list[tuple[str, Slice]] = []
        for name in _PARTS:
            value: object = getattr(self, name)
            if not value and value is not False:
                continue
            parts: list[tuple[object, object]]
            if isinstance(value, tuple) and name in _LISTED:
                listed = cast("tuple[object, ...]", value)
                parts = [((one,), tuple(other for other in listed if other != one)) for one in listed]
            else:
                parts = [(value, getattr(_ALL, name))]
            for part, rest in parts:
                spoken_of = {"judge": self.judge, "labeler": self.labeler, "of_category": self.of_category}
                said = replace(_ALL, **(spoken_of | {name: part})).phrases(category_names)
                goes_along = {"judge_verdict": {"judge": None}, "category_verdict": {"of_category": None}}
                found.append((said[0], replace(self, **({name: rest} | goes_along.get(name, {})))))
        return found

    def sentence(self, category_names: Mapping[int, str] | None = None) -> str:
        """The conditions in words, at most four in full; the empty text for the slice of all traces."""
        said = self.phrases(category_names)
        rest = len(said) - _SHOWN
        if rest > 1:
            said = [*said[:_SHOWN], f"and {rest} more conditions"]
        return ", ".join(said)

    def to_params(self) -> dict[str, list[str]]:
        """The slice as query parameters, each with all its values."""
        params: dict[str, list[str]] = {}
        for c in self.dimensions:
            params[f"{'not' if c.negated else 'd'}.{c.key}"] = list(c.values)
        for c in self.fields:
            params[f"not.{c.key}" if c.negated else c.key] = list(c.values)
        many: tuple[tuple[str, Iterable[object]], ...] = (
            ("verdict", self.verdict),
            ("category_verdict", self.category_verdict),
            ("judge_verdict", self.judge_verdict),
            ("judged", self.judged),
            ("untold", self.untold),
            ("category", ("none" if i == NOT_SORTED else i for i in self.category)),
            ("primary", ("none" if i == NOT_SORTED else i for i in self.primary)),
            ("last_good", self.last_good),
            ("failed_at", self.failed_at),
            ("split", self.split),
            ("chosen", self.chosen),
            ("drawn", self.drawn),
        )
        for name, values in many:
            if listed := [str(v) for v in values]:
                params[name] = listed
        one = {
            "labeler": self.labeler,
            "of_category": str(self.of_category) if self.category_verdict else None,
            "judge": self.judge if self.judge_verdict else None,
            "disagree": self.disagree,
            "told": self.told,
            "asked_again": self.asked_again,
            "flips": self.flips,
            "sample": None if self.sample is None else "-".join(map(str, self.sample)),
            "anchor": None if self.anchor is None else str(int(self.anchor)),
            "saw_judge": None if self.saw_judge is None else str(int(self.saw_judge)),
            "q": self.search or None,
            "since": iso_text(self.since),
            "until": iso_text(self.until),
            "import": None if self.import_id is None else str(self.import_id),
        }
        params |= {name: [value] for name, value in one.items() if value is not None}
        for key, value in self.unreadable:
            params.setdefault(key, []).append(value)
        return params

    @classmethod
    def from_params(cls, params: Mapping[str, Sequence[str]]) -> "Slice":
        """The slice an address carries; what cannot be read of it is kept in `unreadable`."""
        read = AddressReader(params)
        judge_verdict = read.among("judge_verdict", JUDGE_VERDICTS)
        category_verdict = read.among("category_verdict", CATEGORY_VERDICTS)
        return cls(
            dimensions=read.conditions(fields=False),
            fields=read.conditions(fields=True),
            verdict=read.among("verdict", VERDICTS),
            labeler=read.one("labeler"),
            of_category=read.count("of_category") if category_verdict else None,
            category_verdict=category_verdict,
            judge=read.one("judge") if judge_verdict else None,
            judge_verdict=judge_verdict,
            disagree=read.one("disagree"),
            judged=read.many("judged"),
            told=read.one("told"),
            untold=read.many("untold"),
            asked_again=read.one("asked_again"),
            flips=read.one("flips"),
            category=read.categories("category"),
            primary=read.categories("primary"),
            last_good=read.steps("last_good"),
            failed_at=read.steps("failed_at"),
            saw_judge=read.flag("saw_judge"),
            split=read.among("split", SPLITS),
            chosen=read.among("chosen", tuple(CHOICES)),
            drawn=read.counts("drawn"),
            sample=read.part("sample"),
            anchor=read.flag("anchor"),
            search=read.one("q") or "",
            since=read.moment("since"),
            until=read.moment("until"),
            import_id=read.count("import"),
            unreadable=tuple(read.unreadable),
        )


_PARTS = (
    "dimensions", "verdict", "category_verdict", "saw_judge", "judge_verdict", "disagree", "judged", "told", "untold",
    "asked_again", "flips", "category", "primary", "last_good", "failed_at", "split", "chosen", "drawn", "sample", "anchor",
    "fields", "search", "since", "until", "import_id", "unreadable",
)  # fmt: skip
_LISTED = ("dimensions", "fields", "unreadable")
_ALL = Slice()
