"""Label and judgment sections of a mapping, compiled: one record in, its label or judgment rows out."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from core.importers.base import Record
from core.importers.mapping_fields import JudgmentFields, LabelFields, VerdictFields, Where
from core.importers.paths import AnyOf, Composite, Getter, PathSpec, compile_path, is_empty, parsed_text
from core.importers.texts import scalar_text
from core.importers.values import Words, dimension_values, read_time
from core.model import JudgmentRow, LabelRow, LabelState, Verdict

UNKNOWN = "imported"
"""Who gave a label, and which version a judge has, where the file does not say."""
SHOWN = 80
"""Characters of a value that a problem repeats."""

Condition = Callable[[Any, Record], bool]


class Problem(NamedTuple):
    """Why a label was not taken."""

    reason: str


class Places:
    """Compiles path expressions for one file."""

    def __init__(self, file: str, folder: str) -> None:
        self._file, self._folder = file, folder

    def getter(self, spec: PathSpec | None) -> Getter | None:
        """The function for a path, or None where there is none."""
        return None if spec is None else self.compile(spec)

    def compile(self, spec: PathSpec) -> Getter:
        """The function for a path."""
        return compile_path(spec, file=self._file, folder=self._folder)

    def condition(self, where: Where) -> Condition | None:
        """The function that says whether a row is meant; an empty text asks for a missing value."""
        if not where:
            return None
        tests = [
            (
                self.compile(path),
                Words([v for v in values if v != ""], ()),
                "" in values,
            )
            for path, values in where
        ]

        def meant(value: Any, record: Record) -> bool:
            for getter, words, missing in tests:
                found = getter(value, record)
                if is_empty(found):
                    if not missing:
                        return False
                elif not any(words.read(item) for item in (found if found.__class__ is list else (found,))):
                    return False
            return True

        return meant


class _Section:
    """What both kinds of section share: which rows, which elements, and how values become a verdict."""

    def __init__(self, fields: VerdictFields, places: Places) -> None:
        self._meant = places.condition(fields.where)
        self._each = places.getter(fields.each)
        self._verdict = places.getter(fields.verdict)
        self._words = Words(fields.passes, fields.fails)
        self._rule = fields.rule
        self._critique = places.getter(fields.critique)
        self._at = places.getter(fields.at)
        self._id = places.getter(fields.id)
        self._undecided = fields.undecided
        self._named = _named(fields.verdict)

    def _elements(self, record: Record) -> Iterator[tuple[Any, Record]]:
        if self._undecided:
            return
        value = record.value
        if self._each is None:
            if self._meant is None or self._meant(value, record):
                yield value, record
            return
        for inner, place in elements(self._each, record):
            if self._meant is None or self._meant(inner, place):
                yield inner, place

    def _decide(self, found: Any) -> bool | Problem | None:
        """True, False, None for an empty cell, or why the value says neither."""
        if self._rule is None:
            if is_empty(found):
                return None
            said = self._words.read(found)
            return Problem(f"{shown(found)} in {self._named} means neither") if said is None else said
        values = found if found.__class__ in (list, Composite) else [found]
        given = [value for value in values if not is_empty(value)]
        if not given:
            return None
        votes: list[bool] = []
        for value in given:
            said = self._words.read(value)
            if said is None:
                return Problem(f"{shown(value)} in {self._named} means neither")
            votes.append(said)
        return self._join(votes, len(values))

    def _join(self, votes: list[bool], expected: int) -> bool | Problem:
        passed = sum(votes)
        if self._rule == "majority":
            if passed * 2 == len(votes):
                return Problem(f"a tie of {passed} to {passed} in {self._named}")
            return passed * 2 > len(votes)
        if passed < len(votes):
            return False
        if self._rule == "all_pass" and len(votes) < expected:
            return Problem(f"{expected - len(votes)} of {expected} verdicts are missing in {self._named}")
        return True

    def _trace_id(self, value: Any, place: Record, default: str) -> str:
        return default if self._id is None else id_text(self._id(value, place))


class LabelSection(_Section):
    """A compiled `[[label]]` section."""

    def __init__(self, fields: LabelFields, places: Places) -> None:
        super().__init__(fields, places)
        self._labeler = fields.labeler or UNKNOWN
        self._labeler_path = places.getter(fields.labeler_path)
        self._categories = places.getter(fields.categories)
        self._saw = fields.saw_judge if isinstance(fields.saw_judge, bool) else False
        self._saw_path = places.getter(fields.saw_judge) if isinstance(fields.saw_judge, str) else None
        self._relative = fields.relative_to
        self._relative_path = places.getter(fields.relative_to_path)

    def read(self, record: Record, trace_id: str) -> Iterator[LabelRow | Problem]:
        """The labels that a record brings, and the values that are none."""
        for value, place in self._elements(record):
            critique = text_of(self._critique, value, place)
            categories: tuple[str, ...] = ()
            if self._categories is not None:
                categories = tuple(dimension_values(self._categories(value, place)))
            decided = None if self._verdict is None else self._decide(self._verdict(value, place))
            if isinstance(decided, Problem):
                yield decided
                continue
            relative: str | None = None
            if decided is None:
                if not critique and not categories:
                    continue
                state = LabelState.CRITIQUE_ONLY
            else:
                state = LabelState.PASS if decided else LabelState.FAIL
                relative = text_of(self._relative_path, value, place) if self._relative_path else self._relative
                if self._relative_path and not relative:
                    yield Problem("it accepts or rejects a judge that is not named")
                    continue
            yield LabelRow(
                trace_id=self._trace_id(value, place, trace_id),
                labeler=text_of(self._labeler_path, value, place) or self._labeler,
                state=state,
                critique=critique,
                categories=categories,
                saw_judge=self._saw or (text_of(self._saw_path, value, place) or "").lower() in ("true", "1", "yes"),
                at=read_time(self._at(value, place)) if self._at else None,
                relative_to=relative,
            )


class JudgmentSection(_Section):
    """A compiled `[[judgment]]` section."""

    def __init__(self, fields: JudgmentFields, places: Places) -> None:
        super().__init__(fields, places)
        self._judge = fields.judge or UNKNOWN
        self._judge_path = places.getter(fields.judge_path)
        self._version = fields.version or UNKNOWN
        self._version_path = places.getter(fields.version_path)

    def read(self, record: Record, trace_id: str) -> Iterator[JudgmentRow]:
        """The judgments that a record brings; a value that is neither pass nor fail is a judge failure."""
        assert self._verdict is not None  # noqa: S101 - a mapping without it is refused
        for value, place in self._elements(record):
            found = self._verdict(value, place)
            decided = self._decide(found)
            if decided is None:
                continue
            verdict: Verdict | None = None
            failure: str | None = None
            if isinstance(decided, Problem):
                failure = scalar_text(found) if self._rule is None else f"{decided.reason}: {shown(found)}"
            else:
                verdict = Verdict.PASS if decided else Verdict.FAIL
            yield JudgmentRow(
                trace_id=self._trace_id(value, place, trace_id),
                judge=text_of(self._judge_path, value, place) or self._judge,
                version=text_of(self._version_path, value, place) or self._version,
                verdict=verdict,
                failure=failure,
                critique=text_of(self._critique, value, place),
                at=read_time(self._at(value, place)) if self._at else None,
            )


def elements(each: Getter, record: Record) -> list[tuple[Any, Record]]:
    """The elements that `each` leads to, with the record they stand in; of an object its values under their keys."""
    found = each(record.value, record)
    if found.__class__ is str:
        found = parsed_text(found)
    if found.__class__ is dict:
        return [(inner, record._replace(key=key)) for key, inner in found.items()]
    return [(inner, record) for inner in found] if found.__class__ is list else []


def text_of(getter: Getter | None, value: Any, place: Record) -> str | None:
    """What a getter finds as text, the parts of a composite as paragraphs; None where it is empty."""
    if getter is None:
        return None
    found = getter(value, place)
    if found.__class__ is str:
        return None if not found or found.isspace() else found
    if is_empty(found):
        return None
    if found.__class__ is Composite:
        return "\n\n".join(scalar_text(part) for part in found if not is_empty(part))
    return scalar_text(found)


def id_text(found: Any) -> str:
    """An id as text, the parts of a composite joined by colons; empty where it or one of its parts is missing."""
    if found.__class__ is str:
        return found.strip()
    if found.__class__ is Composite:
        parts = [id_text(part) for part in found]
        return ":".join(parts) if all(parts) else ""
    return "" if is_empty(found) else scalar_text(found)


def shown(value: Any) -> str:
    """A value in quotes as a problem repeats it, cut where it is long."""
    text = scalar_text(value)
    return f'"{text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"}"'


def _named(spec: PathSpec | None) -> str:
    if isinstance(spec, AnyOf):
        return " or ".join(_named(part) for part in spec.paths)
    return ", ".join(_named(part) for part in spec) if isinstance(spec, tuple) else spec or ""
