"""Verdicts, critiques and categories found in a sample.

Pass and fail are proposed for words that cannot be mistaken. What 1, 0, true and false mean is never guessed:
some files count failures, others passes.
"""

from collections import Counter
from dataclasses import dataclass, field, replace
from typing import Any

from core.importers.columns import Column
from core.importers.mapping_fields import JudgmentFields, LabelFields, Where
from core.importers.verdict_columns import (
    best_verdict,
    by_judge,
    by_person,
    can_explain,
    is_critique,
    is_one_verdict,
    is_verdict,
    may_be_verdict,
    meanings,
    of_judge,
    of_person,
    shared_words,
    stands_alone,
)
from core.importers.words import (
    AUTHORS,
    CATEGORIES,
    EXPERT_VALUES,
    JUDGE_VALUES,
    KINDS,
    NAMED_JUDGES,
    SOURCES,
    VERDICTS,
)

SHOWN = 6
"""Columns or values that a note names."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class _Beside:
    """Columns that say more of the verdicts of a record."""

    categories: Column | None
    author: Column | None
    source: Column | None
    judge: Column | None
    version: Column | None


def propose_labels(columns: list[Column], taken: set[str], *, keyed: bool = False) -> Labels:
    """Find verdict columns with the critique that belongs to each; what is used is added to `taken`.

    `keyed` says that records stand under keys: a judge without a better name is then called by the key.
    """
    out = Labels()
    open_columns = [c for c in columns if c.filled and c.path not in taken and not c.is_chat]
    critiques = [c for c in open_columns if is_critique(c)]
    found, repeated = _once([c for c in open_columns if is_verdict(c, critiques)])
    critiques = [c for c in critiques if c not in found]
    beside = _beside(open_columns, found)
    judged = [] if beside.source else [c for c in found if beside.judge or by_judge(c, critiques)]
    asked = [c for c in found if c not in judged]
    people = {} if beside.author or beside.source else by_person(asked)
    one = best_verdict([c for c in asked if c not in people])
    if one is not None and people and not is_one_verdict(one):
        one = None
    verdicts = [c for c in found if c in judged or c in people or c is one]
    used: set[str] = set()
    fits = {
        verdict: [c for c in critiques if can_explain(c, verdict, columns, judged=verdict in judged)]
        for verdict in verdicts
    }
    for verdict in verdicts:
        critique = _belonging(verdict, fits, named=verdict in people)
        if critique is not None:
            used.add(critique.path)
        _add_verdict(out, verdict, critique, beside, people.get(verdict), verdict in judged, keyed)
    if people:
        named = ", ".join(f"{column.path} by {name}" for column, name in people.items())
        out.notes.append(
            f"{named}: taken as labels of several people. If they are not, say in a mapping who gave them."
        )
    left = [c for c in critiques if c.path not in used]
    alone = [c for c in left if stands_alone(c, columns)]
    if not out.labels and (alone or beside.categories):
        _add_critiques(out, alone, beside)
        used.update(c.path for c in alone)
    same = [c for c in repeated if any(c.key == v.key and c.values == v.values for v in verdicts)]
    maybe = [c for c in open_columns if c in found or c in repeated or may_be_verdict(c)]
    maybe = [c for c in maybe if c not in verdicts and c not in same and c.path not in used]
    _say_what_is_not_taken(out, [c for c in left if c.path not in used], maybe, several=bool(people))
    taken.update(used, (c.path for c in (*verdicts, *repeated)))
    if verdicts:
        taken.update(c.path for c in (beside.source, beside.judge, beside.version) if c is not None)
    if out.found:
        taken.update(c.path for c in (beside.categories, beside.author) if c is not None)
    return out


def _beside(columns: list[Column], verdicts: list[Column]) -> _Beside:
    top = [c for c in columns if c.depth == 1]
    author = next((c for c in top if c.key in AUTHORS), None)
    judge = next((c for c in top if c.key in NAMED_JUDGES and c.kinds["str"] and not may_be_verdict(c)), None)
    if author is not None or len(verdicts) != 1 or verdicts[0] is judge or of_person(verdicts[0]):
        judge = None
    return _Beside(
        categories=next((c for c in columns if c.key in CATEGORIES and not of_judge(c)), None),
        author=author,
        source=next((c for c in top if c.key in SOURCES and (_splits(c) or _of_models(c))), None),
        judge=judge,
        version=next((c for c in top if c.key in ("judge_version", "version")), None) if judge else None,
    )


def _once(verdicts: list[Column]) -> tuple[list[Column], list[Column]]:
    """Without those that have, deeper in the record, the name of another one; and these."""
    top = {column.key for column in verdicts if column.depth == 1}
    deeper = [column for column in verdicts if column.depth > 1 and column.key in top]
    return [column for column in verdicts if column not in deeper], deeper


def _belonging(verdict: Column, fits: dict[Column, list[Column]], *, named: bool) -> Column | None:
    """The critique that stands nearest to a verdict: of those that fit it, sharing words, not nearer to another.

    Of a verdict `named` after a person it must be named so too.
    """
    near = [c for c in fits[verdict] if not named or shared_words(c, verdict)]
    if not near:
        return None
    best = max(near, key=lambda c: (shared_words(c, verdict), -near.index(c)))
    beside = [v for v in fits if best in fits[v]]
    owner = max(beside, key=lambda v: (shared_words(best, v), -beside.index(v)))
    return best if owner is verdict else None


def _add_verdict(
    out: Labels,
    verdict: Column,
    critique: Column | None,
    beside: _Beside,
    labeler: str | None,
    judged: bool,
    keyed: bool,
) -> None:
    passes, fails = meanings(verdict)
    others = [text for text in verdict.values if text not in passes and text not in fails]
    out.values[verdict.path] = Counter(dict(verdict.values))
    if not passes and not fails:
        shown = ", ".join(others[:SHOWN])
        out.notes.append(f"{verdict.path} holds {shown}: say which means pass. Until then it is not read.")
    elif others:
        shown = ", ".join(f"{text} ({verdict.values[text]})" for text in others[:SHOWN])
        out.notes.append(f"{verdict.path} also holds {shown}: neither pass nor fail.")
    common: dict[str, Any] = {"verdict": verdict.path, "passes": passes, "fails": fails}
    common["critique"] = critique.path if critique else None
    if beside.source is not None:
        people, judges = _values_in(beside.source, EXPERT_VALUES), _values_in(beside.source, JUDGE_VALUES)
        if people:
            _label(out, common, beside, None, ((beside.source.path, people),))
        named: dict[str, Any] = {"judge_path": beside.author.path} if beside.author else {"judge": judges[0]}
        out.judgments.append(JudgmentFields(**common, **named, where=((beside.source.path, judges),)))
    elif judged:
        out.judgments.append(JudgmentFields(**common, **_judge(out, verdict, beside, keyed)))
    else:
        _label(out, common, beside, labeler, ())


def _label(out: Labels, common: dict[str, Any], beside: _Beside, labeler: str | None, where: Where) -> None:
    out.labels.append(
        LabelFields(
            **common,
            labeler=labeler,
            labeler_path=beside.author.path if beside.author else None,
            categories=beside.categories.path if beside.categories else None,
            where=where,
        )
    )


def _judge(out: Labels, verdict: Column, beside: _Beside, keyed: bool) -> dict[str, Any]:
    """Whose verdict it is; two columns never share a judge."""
    if beside.judge is not None:
        out.notes.append(f"{verdict.path}: taken as verdicts of the judges that {beside.judge.path} names.")
        return {"judge_path": beside.judge.path, "version_path": beside.version.path if beside.version else None}
    if keyed and verdict.depth > 1 and not any(judgment.judge_path for judgment in out.judgments):
        return {"judge_path": "@key"}
    name = _judge_name(verdict)
    return {"judge": verdict.path if any(judgment.judge == name for judgment in out.judgments) else name}


def _judge_name(verdict: Column) -> str:
    """The judge's name: the column's name without the word for its verdict."""
    for ending in ("_label", "_verdict", "_judgment", "_grade", "_score", " label", " verdict"):
        if verdict.name.lower().endswith(ending) and len(verdict.name) > len(ending):
            return verdict.name[: -len(ending)]
    return verdict.keys[-2] if verdict.depth > 1 and verdict.key in VERDICTS else verdict.name


def _add_critiques(out: Labels, critiques: list[Column], beside: _Beside) -> None:
    paths = tuple(c.path for c in critiques)
    out.labels.append(
        LabelFields(
            critique=None if not paths else paths[0] if len(paths) == 1 else paths,
            labeler_path=beside.author.path if beside.author else None,
            categories=beside.categories.path if beside.categories else None,
        )
    )
    named = ", ".join((*paths, *((beside.categories.path,) if beside.categories else ())))
    out.notes.append(f"{named}: kept as critiques without a verdict.")


def _say_what_is_not_taken(out: Labels, critiques: list[Column], maybe: list[Column], *, several: bool) -> None:
    if said := _shown([c for c in critiques if of_judge(c)]):
        out.notes.append(f"{said}: seems to be written by a judge whose verdict is not read: not kept as a critique.")
    if several and (said := _shown([c for c in critiques if not of_judge(c)])):
        out.notes.append(f"{said}: does not say whose verdict it explains: not kept as a critique.")
    if said := _shown(maybe):
        out.notes.append(
            f"{said}: may hold a verdict, not read as one. Name it under [[label]] in a mapping if it does."
        )


def _shown(columns: list[Column]) -> str:
    more = f" and {len(columns) - SHOWN} more" if len(columns) > SHOWN else ""
    return ", ".join(column.path for column in columns[:SHOWN]) + more


def _splits(column: Column) -> bool:
    values = {text.lower() for text in column.values}
    return bool(values & EXPERT_VALUES) and bool(values & JUDGE_VALUES)


def _of_models(column: Column) -> bool:
    """True where every row says that a model or a program gave it."""
    return column.key in KINDS and bool(column.values) and {text.lower() for text in column.values} <= JUDGE_VALUES


def _values_in(column: Column, words: frozenset[str]) -> tuple[str, ...]:
    return tuple(text for text in column.values if text.lower() in words)
