"""The sections of a mapping as values."""

from dataclasses import dataclass
from typing import TypeAlias

from core.importers.paths import PathSpec

Scalar: TypeAlias = str | int | float | bool
Where: TypeAlias = tuple[tuple[str, tuple[Scalar, ...]], ...]
"""Paths with the values of which one must stand there; an empty text asks for a missing value."""
RULES = ("majority", "all_pass", "any_fail")


@dataclass(frozen=True, slots=True, kw_only=True)
class TraceFields:
    """Where the fields of a trace are found; a field that is None is not read."""

    id: PathSpec | None = None
    session: PathSpec | None = None
    started_at: PathSpec | None = None
    input: PathSpec | None = None
    output: PathSpec | None = None
    messages: PathSpec | None = None
    model: PathSpec | None = None
    error: PathSpec | None = None
    duration_ms: PathSpec | None = None
    origin: PathSpec | None = None
    variant: PathSpec | None = None
    """Of a trace that `variant_of` names another one for: what was changed."""
    variant_of: PathSpec | None = None
    where: Where = ()

    @property
    def holds_traces(self) -> bool:
        """False for a file of labels or judgments that joins traces by id."""
        return not (self.input is None and self.output is None and self.messages is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictFields:
    """What a label section and a judgment section have in common."""

    verdict: PathSpec | None = None
    """One path, or a list of paths whose values `rule` joins into one verdict."""
    passes: tuple[Scalar, ...] = ()
    fails: tuple[Scalar, ...] = ()
    rule: str | None = None
    critique: PathSpec | None = None
    at: PathSpec | None = None
    where: Where = ()
    each: str | None = None
    id: PathSpec | None = None
    """The trace meant, where that is not the id of `[trace]`."""

    @property
    def undecided(self) -> bool:
        """True where nobody said yet which values mean pass or fail: nothing is read then."""
        return self.verdict is not None and not self.passes and not self.fails


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelFields(VerdictFields):
    """One `[[label]]` section; with `relative_to`, `passes` holds `same` and `fails` holds `opposite`."""

    labeler: str | None = None
    labeler_path: PathSpec | None = None
    categories: PathSpec | None = None
    saw_judge: bool | str = False
    relative_to: str | None = None
    relative_to_path: PathSpec | None = None

    @property
    def relative(self) -> bool:
        """True where the section accepts or rejects a judge's verdict."""
        return self.relative_to is not None or self.relative_to_path is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgmentFields(VerdictFields):
    """One `[[judgment]]` section."""

    judge: str | None = None
    judge_path: PathSpec | None = None
    version: str | None = None
    version_path: PathSpec | None = None
