"""Which columns hold verdicts and critiques, and whose, as far as their names and values tell."""

import re

from core.importers.columns import Column, words_of
from core.importers.words import (
    AGREEING,
    AUTHORS,
    BINARY,
    CAUSES,
    CRITERIA,
    CRITIQUES,
    FAIL_WORDS,
    FINAL,
    HINTS,
    JUDGES,
    MEASURED,
    MEASURES,
    METRICS,
    NO_CRITIQUES,
    OUTPUTS,
    OUTRIGHT,
    PASS_WORDS,
    PEOPLE,
    POSITIVE,
    QUALIFIERS,
    REVIEWS,
    STRONG,
    THUMBS,
    VERDICTS,
)

STEM = 7
"""Letters that two words must share at their beginning to be about the same thing."""
DEEPEST = 3
"""Levels within which a column is said to be one that may hold a verdict."""
_CLEAR = PASS_WORDS | FAIL_WORDS
_SAID = _CLEAR | BINARY
_KNOWN = QUALIFIERS | FINAL | REVIEWS | VERDICTS | STRONG | PEOPLE | AUTHORS | JUDGES | MEASURED


def is_verdict(column: Column, critiques: list[Column]) -> bool:
    """True where both the name and the values of a column speak of a verdict on the answer."""
    if column.several or column.longest > 60 or column.distinct > 12 or column.key in ("error", "model"):
        return False
    values, words = _values(column), set(column.words)
    named = bool(words & STRONG) or (bool(words & VERDICTS) and _of_answer(column))
    if values and values <= _CLEAR:
        return named or (len(values) > 1 and values <= OUTRIGHT and _is_review(column))
    if values and values <= BINARY:
        return (named or is_explained(column, critiques)) and len(values) > 1
    return bool(words & STRONG) and column.distinct > 1 and column.depth <= 2 and column not in critiques


def may_be_verdict(column: Column) -> bool:
    """True for a column whose values may be verdicts though its name does not say on what or which way round."""
    values, words = _values(column), set(column.words)
    if column.several or not 1 < column.distinct <= 12 or column.longest > 60 or column.depth > DEEPEST:
        return False
    if column.key in ("error", "model") or words & MEASURES:
        return False
    if values <= _CLEAR - AGREEING:
        return True
    graded = (
        values <= _CLEAR | BINARY | THUMBS
        or not column.kinds.keys() - {"int", "float"}
        or all(map(str.isdigit, values))
    )
    return graded and bool(words & (HINTS | VERDICTS | REVIEWS) or _is_metric(column))


def meanings(column: Column) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The values that can only mean pass, and those that can only mean fail."""
    sure = _CLEAR if POSITIVE & set(column.words[-1:]) and _of_answer(column) else _CLEAR - AGREEING
    clear = [text for text in column.values if text.lower() in sure]
    return (
        tuple(text for text in clear if text.lower() in PASS_WORDS),
        tuple(text for text in clear if text.lower() in FAIL_WORDS),
    )


def is_critique(column: Column) -> bool:
    """True for a column that explains a verdict by its name; feedback that holds codes is rather a verdict itself."""
    words = set(column.words)
    if not CRITIQUES & set(column.words[-1:]) or words & NO_CRITIQUES or not column.kinds["str"]:
        return False
    return "feedback" not in words or _is_varied(column)


def stands_alone(critique: Column, columns: list[Column]) -> bool:
    """True for a critique that is one of the answer without any verdict to say so."""
    if of_judge(critique):
        return False
    if not set(critique.words) & CAUSES or of_person(critique):
        return True
    if critique.key in CAUSES and _beside_answer(critique, columns):
        # the model's own reasons stand there too
        return False
    return _of_answer(critique) and _is_varied(critique)


def can_explain(critique: Column, verdict: Column, columns: list[Column], *, judged: bool) -> bool:
    """True where a critique may be the one of this verdict, `judged` or a person's: in one object, by the same author."""
    if critique.keys[:-1] != verdict.keys[:-1] or (of_person(critique) if judged else of_judge(critique)):
        return False
    if critique.key == "reasoning" and _beside_answer(critique, columns):
        return columns.index(critique) > columns.index(verdict)
    foreign = set(critique.words) & CAUSES and not _of_answer(critique)
    return not foreign or shared_words(critique, verdict) > 0


def of_judge(column: Column) -> bool:
    """True where a name says that a model or a program wrote what stands under it."""
    words = all_words(column)
    return not words & PEOPLE and (bool(words & (JUDGES | MEASURED)) or _is_metric(column))


def of_person(column: Column) -> bool:
    """True where a name says that a person wrote what stands under it."""
    return bool(all_words(column) & PEOPLE)


def by_judge(verdict: Column, critiques: list[Column]) -> bool:
    """True where a verdict seems to come from a model or a program rather than from a person."""
    if of_person(verdict) or of_judge(verdict):
        return of_judge(verdict)
    reasons = [critique for critique in critiques if CAUSES & set(critique.words)]
    return not set(verdict.words) & (STRONG | FINAL) and is_explained(verdict, reasons)


def by_person(verdicts: list[Column]) -> dict[Column, str]:
    """The people after whom several verdict columns are named: `alice_label` and `bob_label`, `rater1` and `rater2`."""
    groups: dict[tuple[tuple[str, ...], str], list[Column]] = {}
    for column in verdicts:
        if stem := _stem(column):
            groups.setdefault((column.keys[:-1], stem), []).append(column)
    found: dict[Column, str] = {}
    for (_, stem), group in groups.items():
        rests = {column: set(column.words) - {stem} for column in group}
        if any(rest & (CRITERIA | VERDICTS) for rest in rests.values()):
            continue
        # a number tells people apart only where every name has one: a repeated header gets one too
        numbered = all(rests.values())
        people = {
            column: _person(column, stem)
            for column, rest in rests.items()
            if rest and not rest & FINAL and (numbered or not all(map(str.isdigit, rest))) and _values(column) & _SAID
        }
        if len({name.lower() for name in people.values()}) == len(people) > 1:
            found |= people
    return found


def best_verdict(verdicts: list[Column]) -> Column | None:
    """The one of several verdict columns that is the verdict on the whole; None where two are named as well."""
    ranked = sorted(verdicts, key=_rank)
    return ranked[0] if len(ranked) == 1 or (ranked and _rank(ranked[0]) < _rank(ranked[1])) else None


def is_one_verdict(column: Column) -> bool:
    """True where a name says that its verdict is the one that counts."""
    return column.key in STRONG or bool(set(column.words) & FINAL)


def is_explained(column: Column, critiques: list[Column]) -> bool:
    """True where a critique beside a column of two values is named after it: `substantiated`, `substantiation_reason`."""
    return any(
        critique.keys[:-1] == column.keys[:-1]
        and any(_same_stem(word, other) for word in column.words for other in critique.words)
        for critique in critiques
    )


def shared_words(one: Column, other: Column) -> int:
    """How many words of a name are in another one, or begin as one of them does."""
    return sum(word in other.words or any(_same_stem(word, o) for o in other.words) for word in one.words)


def all_words(column: Column) -> set[str]:
    """The words of a name and of the objects that it stands in."""
    return {word for key in column.keys for word in words_of(key)}


def _rank(column: Column) -> tuple[bool, int, int]:
    """What can be read comes first, then the better name, then what lies nearer to the top."""
    words = set(column.words)
    strong, final = bool(words & STRONG), bool(words & FINAL)
    names = (strong and final, strong and bool(words & PEOPLE), column.key in STRONG, final, strong, True)
    return not any(meanings(column)), names.index(True), column.depth


def _stem(column: Column) -> str | None:
    """The word that the verdicts of several people share: of a verdict at either end, else of a person at the beginning."""
    ends = (column.words[0], column.words[-1]) if column.words else ()
    return next((w for w in ends if w in STRONG), next((w for w in ends[:1] if w in PEOPLE | AUTHORS), None))


def _person(column: Column, stem: str) -> str:
    """The name without the word for its verdict; all of it where nothing but a number would be left."""
    rest = re.sub(rf"^{stem}[\W_]*|[\W_]*{stem}\W*$", "", column.name, flags=re.IGNORECASE).strip(" _-.:()[]")
    return column.name if stem not in STRONG or not rest or rest.isdigit() else rest


def _same_stem(word: str, other: str) -> bool:
    return len(word) >= STEM and word[:STEM] == other[:STEM]


def _values(column: Column) -> set[str]:
    return {text.lower() for text in column.values}


def _is_varied(column: Column) -> bool:
    """True for sentences, and for short texts that differ from record to record: not for codes."""
    return column.is_text or (column.distinct > 2 and column.distinct * 2 > sum(column.values.values()))


def _of_answer(column: Column) -> bool:
    """True where no word of a name speaks of anything but an answer and who looked at it: not `payment_success`."""
    return all(word in _KNOWN or word in CRITIQUES or word.isdigit() for word in column.words)


def _is_review(column: Column) -> bool:
    words = set(column.words)
    if bool(words & (REVIEWS | PEOPLE | AUTHORS)) and all(w in _KNOWN or len(w) == 1 or w.isdigit() for w in words):
        return True
    return not words & PEOPLE and (bool(all_words(column) & JUDGES) or _is_metric(column))


def _is_metric(column: Column) -> bool:
    name = "_".join(("", *(word for key in column.keys for word in words_of(key)), ""))
    return any(f"_{metric}_" in name for metric in METRICS)


def _beside_answer(column: Column, columns: list[Column]) -> bool:
    return any(c.keys[:-1] == column.keys[:-1] and (c.is_chat or c.key in OUTPUTS) for c in columns)
