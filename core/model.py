"""The values passfail works with: frozen, and free of any library.

Times are naive `datetime` in UTC. A verdict is PASS or FAIL and nothing else: a deferred trace has no
verdict, and a judge that gave none has a `failure` in its place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple

MISSING = ""
"""How the absence of a dimension value is written in an address and on the command line."""
KNOWN, GOOD, BAD = "known", "good", "bad"
"""The dimension of traces whose answer is known to be good or bad without an expert, and its two values."""


VARIANT, VARIANT_OF = "variant", "variant_of"
"""Dimensions of a trace made from another one by a change that must not change the verdict: what was changed, and the id of
the other trace. No judge is shown them."""
OF_TESTS = (KNOWN, VARIANT, VARIANT_OF)
"""Dimensions that say of a trace that it is there to test judges."""


class Verdict(StrEnum):
    """An expert's or a judge's answer to «did it achieve what the user needed?»"""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"


class LabelState(StrEnum):
    """What an expert's event says of a trace; only `PASS` and `FAIL` are verdicts."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    FAIL = "fail"
    DEFERRED = "deferred"
    CRITIQUE_ONLY = "critique"
    WITHDRAWN = "withdrawn"


class ToolCall(NamedTuple):
    """A call of a tool inside a message; `arguments` is text as the model wrote it, usually JSON."""

    id: str
    name: str
    arguments: str


class Message(NamedTuple):
    """One turn of a trace. A tool's result is a message of role `tool` tied to its call by `tool_call_id`."""

    role: str
    text: str
    name: str | None = None
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str | None = None
    error: bool = False


class Dimension(NamedTuple):
    """A named attribute of a trace with one value; a trace may have several values of one name."""

    name: str
    value: str


@dataclass(slots=True, kw_only=True)
class Trace:
    """One recorded unit of work, as an importer read it; `record` is the untouched original as JSON text."""

    id: str
    record: str
    input: str | None = None
    output: str | None = None
    messages: tuple[Message, ...] = ()
    session: str | None = None
    started_at: datetime | None = None
    model: str | None = None
    error: str | None = None
    duration_ms: float | None = None
    origin: str = "real"
    dimensions: tuple[Dimension, ...] = ()
    id_given: bool = True
    """False where the record brought no id: the store then makes one from the content."""


class BadLine(NamedTuple):
    """A part of a file that could not be read: where, why, and its raw text (cut at a cap)."""

    line: int | None
    reason: str
    raw: str


@dataclass(slots=True, kw_only=True)
class LabelRow:
    """An expert's label as a file brings it, not yet joined to a stored trace."""

    trace_id: str
    labeler: str
    state: LabelState
    critique: str | None = None
    categories: tuple[str, ...] = ()
    saw_judge: bool = False
    at: datetime | None = None
    relative_to: str | None = None
    """The judge (NAME or NAME@VERSION) whose verdict this accepts (`PASS`) or rejects (`FAIL`), if it is relative."""


@dataclass(slots=True, kw_only=True)
class JudgmentRow:
    """A judge's verdict as a file brings it; exactly one of `verdict` and `failure` is set."""

    trace_id: str
    judge: str
    version: str
    verdict: Verdict | None = None
    failure: str | None = None
    critique: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """An expert's current or former word on a stored trace."""

    event: int
    trace_id: str
    labeler: str
    state: LabelState
    critique: str | None
    categories: tuple[str, ...]
    saw_judge: bool
    at: datetime
    for_current_content: bool = True
    """False where the trace was updated after the label was given."""
    origin: str = "given"
    """«given», «imported», or «adjudicated» by whoever settled a disagreement of others."""
    repeat: bool = False
    """True for a trace judged again without being told so: it measures consistency and replaces nothing."""
    rubric_version: int | None = None
    revised_response: str | None = None
    first_failure: int | None = None
    """Place (from 0) of the message where it first went wrong."""
    duration_ms: int | None = None
    picked: tuple[int, ...] = ()
    """Numbers of the failure categories picked with the verdict, the primary one first."""

    @property
    def verdict(self) -> Verdict | None:
        """The verdict, or None for a deferred, withdrawn or critique-only event."""
        return Verdict(self.state.value) if self.state in (LabelState.PASS, LabelState.FAIL) else None


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeVersion:
    """An immutable snapshot of a judge: its prompt, model and settings as imported or saved."""

    judge: str
    version: str
    model: str | None = None
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    prompt: str | None = None
    examples: tuple[str, ...] = ()
    source: str = "imported"
    parent: str | None = None
    """The version of the same judge that it was made from."""
    category_id: int | None = None
    """The failure category that it looks for; None for an overall judge."""
    spec: str | None = None
    """JSON: the slots that its prompt was rendered from."""
    made_by: str | None = None

    @property
    def ref(self) -> str:
        """How addresses and the command line name it: `NAME@VERSION`."""
        return f"{self.judge}@{self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgment:
    """One judge version's word on one stored trace."""

    judge: str
    version: str
    verdict: Verdict | None
    critique: str | None
    failure: str | None
    at: datetime | None
    sealed: bool = False
    """True in the test split before it was opened for this version: what it says is not told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Category:
    """A named, defined kind of failure. Its `id` never changes, its name may."""

    id: int
    name: str
    definition: str = ""
    fits_when: str = ""
    not_when: str = ""
    status: str = "new"
    """What was decided about it: one of `DECISIONS`."""
    owner: str = ""
    impact: str = ""
    """One of `IMPACTS`."""
    split_from: int | None = None


DECISIONS = ("new", "fix now", "code check", "judge", "watch")
"""What can be decided about a failure category, in the order in which one would ask."""

IMPACTS = ("", "low", "medium", "high")
"""How much a failure of a category harms; the empty text: nobody said."""


class Counts(NamedTuple):
    """How a set of traces splits: all, those with a verdict from the chosen source, and those of them that failed."""

    traces: int
    judged: int
    failed: int


class Confusion(NamedTuple):
    """A judge version against an expert, in words; PASS is the positive class."""

    both_pass: int
    both_fail: int
    judge_too_lenient: int
    """expert FAIL, judge PASS"""
    judge_too_strict: int
    """expert PASS, judge FAIL"""

    @property
    def n(self) -> int:
        """Traces with a verdict from both."""
        return sum(self)


class LeftOut(NamedTuple):
    """Traces of a slice that are in no cell of a confusion table, by the first reason that applies."""

    unlabelled: int
    deferred: int
    no_judgment: int
    judge_failure: int
    expert_saw_judge: int
    other_split: int
    sealed: int = 0
    unsorted: int = 0
    """For a judge of one failure category: failed, and not sorted into any yet"""
    example: int = 0
    """Told to the judge version as an example, with what the expert said of it"""
