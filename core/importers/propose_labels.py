"""Verdicts, critiques and categories found in a sample.

Pass and fail are proposed for words that cannot be mistaken. What 1, 0, true and false mean is never guessed:
some files count failures, others passes.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from core.importers.columns import Column, words_of
from core.importers.mapping_fields import JudgmentFields, LabelFields, Where
from core.importers.words import (
    AUTHORS,
    BINARY,
    CATEGORIES,
    CRITIQUES,
    EXPERT_VALUES,
    FAIL_WORDS,
    JUDGE_VALUES,
    JUDGES,
    KINDS,
    MEASURED,
    OUTRIGHT,
    PASS_WORDS,
    PEOPLE,
    SOURCES,
    STRONG,
    VERDICTS,
)

STEM = 7
"""Letters that two words must share at their beginning to be about the same thing."""


@dataclass(slots=True, kw_only=True)
class Labels:
    """Label and judgment sections to propose."""

    labels: list[LabelFields] = field(default_factory=list[LabelFields])
    judgments: list[JudgmentFields] = field(default_factory=list[JudgmentFields])
    values: dict[str, Counter[str]] = field(default_factory=dict[str, Counter[str]])
    notes: list[str] = field(default_factory=list[str])

    @property
    def found(self) -> bool:
        """True where the file seems to hold labels or judgments."""
        return bool(self.labels or self.judgments)

    def timed(self, path: str | None) -> "Labels":
        """These sections with the time of a file that holds nothing but labels."""
        if path is None:
            return self
        return replace(
            self,
            labels=[replace(label, at=path) for label in self.labels],
            judgments=[replace(judgment, at=path) for judgment in self.judgments],
        )

    @staticmethod
    def judged_by_id(columns: list[Column]) -> bool:
        """True where an id column stands beside the labels."""
        return any(c.key in ("trace_id", "id", "run_id", "record_id", "example_id") and c.depth == 1 for c in columns)


def propose_labels(columns: list[Column], taken: set[str], *, keyed: bool = False) -> Labels:
    """Find verdict columns with the critique that belongs to each; what is used is added to `taken`.

    `keyed` says that records stand under keys: a judge without a better name is then called by the key.
    """
    out = Labels()
    open_columns = [c for c in columns if c.filled and c.path not in taken and not c.is_chat]
    critiques = [c for c in open_columns if _is_critique(c)]
    verdicts = _once([c for c in open_columns if _is_verdict(c, critiques)])
    critiques = [c for c in critiques if c not in verdicts]
    categories = next((c for c in open_columns if c.key in CATEGORIES), None)
    author = next((c for c in open_columns if c.key in AUTHORS and c.depth == 1), None)
    used: set[str] = set()
    for verdict in verdicts:
        critique = _belonging(verdict, critiques, verdicts)
        if critique is not None:
            used.add(critique.path)
        _add_verdict(out, verdict, critique, categories, author, open_columns, taken, keyed)
    left = [c for c in critiques if c.path not in used]
    if not out.labels and (left or categories):
        _add_critiques(out, left, categories, author)
        used.update(c.path for c in left)
    repeated = (c.path for c in open_columns if any(c.key == v.key and c.path != v.path for v in verdicts))
    taken.update(used, (c.path for c in verdicts), repeated)
    if out.found:
        taken.update(c.path for c in (categories, author) if c is not None)
    return out


def _once(verdicts: list[Column]) -> list[Column]:
    """Without those that only repeat, deeper in the record, a verdict of the same name."""
    top = {column.key for column in verdicts if column.depth == 1}
    return [column for column in verdicts if column.depth == 1 or column.key not in top]


def _explained(column: Column, critiques: list[Column]) -> bool:
    """True where a critique beside a column of two values is named after it: `grounded`, `grounding_reason`."""
    return any(
        critique.keys[:-1] == column.keys[:-1]
        and any(_same_stem(word, other) for word in column.words for other in critique.words)
        for critique in critiques
    )


def _same_stem(word: str, other: str) -> bool:
    return len(word) >= STEM and word[:STEM] == other[:STEM]


def _is_verdict(column: Column, critiques: list[Column]) -> bool:
    if column.several or column.longest > 60 or column.distinct > 12 or column.key in ("error", "model"):
        return False
    values = {text.lower() for text in column.values}
    words = set(column.words)
    named = column.key in VERDICTS or bool(words & STRONG) or (bool(words & VERDICTS) and len(words) <= 3)
    if values <= PASS_WORDS | FAIL_WORDS and (values & PASS_WORDS or values & FAIL_WORDS):
        return named or (len(values) > 1 and values <= OUTRIGHT)
    if values and values <= BINARY:
        return (named or _explained(column, critiques)) and len(values) > 1
    return bool(words & STRONG) and column.distinct > 1 and column.depth <= 2


def _is_critique(column: Column) -> bool:
    return bool(CRITIQUES & {column.key, *column.words[-1:]}) and column.longest > 0 and bool(column.kinds["str"])


def _belonging(verdict: Column, critiques: list[Column], verdicts: list[Column]) -> Column | None:
    """The critique that stands nearest to a verdict: in the same object, sharing words, not nearer to another."""
    near = [c for c in critiques if c.keys[:-1] == verdict.keys[:-1]]
    if not near:
        return None
    best = max(near, key=lambda c: (_shared(c, verdict), -near.index(c)))
    beside = [v for v in verdicts if v.keys[:-1] == verdict.keys[:-1]]
    owner = max(beside, key=lambda v: (_shared(v, best), -beside.index(v)))
    return best if owner is verdict else None


def _shared(one: Column, other: Column) -> int:
    return sum(word in other.words or any(_same_stem(word, o) for o in other.words) for word in one.words)


def _add_verdict(
    out: Labels,
    verdict: Column,
    critique: Column | None,
    categories: Column | None,
    author: Column | None,
    columns: list[Column],
    taken: set[str],
    keyed: bool,
) -> None:
    passes = tuple(text for text in verdict.values if text.lower() in PASS_WORDS)
    fails = tuple(text for text in verdict.values if text.lower() in FAIL_WORDS)
    others = [text for text in verdict.values if text not in passes and text not in fails]
    out.values[verdict.path] = Counter(dict(verdict.values))
    if not passes and not fails:
        shown = ", ".join(others[:6])
        out.notes.append(f"{verdict.path} holds {shown}: say which means pass. Until then it is not read.")
    elif others:
        shown = ", ".join(f"{text} ({verdict.values[text]})" for text in others[:6])
        out.notes.append(f"{verdict.path} also holds {shown}: neither pass nor fail.")
    common: dict[str, Any] = {"verdict": verdict.path, "passes": passes, "fails": fails}
    common["critique"] = critique.path if critique else None
    source = next((c for c in columns if c.key in SOURCES and c.depth == 1 and (_splits(c) or _of_models(c))), None)
    if source is not None:
        taken.add(source.path)
        people, judges = _values_in(source, EXPERT_VALUES), _values_in(source, JUDGE_VALUES)
        if people:
            _label(out, common, categories, author, ((source.path, people),))
        named: dict[str, Any] = {"judge_path": author.path} if author else {"judge": judges[0]}
        out.judgments.append(JudgmentFields(**common, **named, where=((source.path, judges),)))
    elif _by_judge(verdict, critique):
        named = {"judge_path": "@key"} if keyed and verdict.depth > 1 else {"judge": _judge_name(verdict)}
        out.judgments.append(JudgmentFields(**common, **named))
    else:
        _label(out, common, categories, author, ())


def _by_judge(verdict: Column, critique: Column | None) -> bool:
    """True where a verdict seems to come from a model or a program rather than from a person."""
    words = {word for key in verdict.keys for word in words_of(key)}
    if words & PEOPLE:
        return False
    explained = critique is not None and verdict.key not in STRONG and _explained(verdict, [critique])
    return bool(words & (JUDGES | MEASURED)) or explained


def _label(out: Labels, common: dict[str, Any], categories: Column | None, author: Column | None, where: Where) -> None:
    out.labels.append(
        LabelFields(
            **common,
            labeler_path=author.path if author else None,
            categories=categories.path if categories else None,
            where=where,
        )
    )


def _add_critiques(out: Labels, critiques: list[Column], categories: Column | None, author: Column | None) -> None:
    paths = tuple(c.path for c in critiques)
    out.labels.append(
        LabelFields(
            critique=None if not paths else paths[0] if len(paths) == 1 else paths,
            labeler_path=author.path if author else None,
            categories=categories.path if categories else None,
        )
    )
    named = ", ".join((*paths, *((categories.path,) if categories else ())))
    out.notes.append(f"{named}: kept as critiques without a verdict.")


def _splits(column: Column) -> bool:
    values = {text.lower() for text in column.values}
    return bool(values & EXPERT_VALUES) and bool(values & JUDGE_VALUES)


def _of_models(column: Column) -> bool:
    """True where every row says that a model or a program gave it."""
    return column.key in KINDS and bool(column.values) and {text.lower() for text in column.values} <= JUDGE_VALUES


def _values_in(column: Column, words: frozenset[str]) -> tuple[str, ...]:
    return tuple(text for text in column.values if text.lower() in words)


def _judge_name(verdict: Column) -> str:
    """The judge's name: the column's name without the word for its verdict."""
    for ending in ("_label", "_verdict", "_judgment", "_grade", "_score", " label", " verdict"):
        if verdict.name.lower().endswith(ending) and len(verdict.name) > len(ending):
            return verdict.name[: -len(ending)]
    return verdict.name if verdict.depth == 1 else verdict.keys[-2]
