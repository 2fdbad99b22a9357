"""What is asked of traces: conditions that must all hold, and each of them in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.conditions import CHOICES, NOT_SORTED, Condition, moment_text

_CATEGORY_WORDS = {"unsorted": "failed, not sorted yet"}
_JUDGED_WORDS = {"failure": "a judge failure", "none": "no judgment", "sealed": "what is sealed"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Conditions on traces; all must hold. Inside one condition any value will do."""

    dimensions: tuple[Condition, ...] = ()
    fields: tuple[Condition, ...] = ()
    verdict: tuple[str, ...] = ()
    labeler: str | None = None
    """Whose labels `verdict` and `disagree` speak of; None means the reference labels of the project."""
    of_category: int | None = None
    """The failure category that `category_verdict` speaks of; carried only together with it."""
    category_verdict: tuple[str, ...] = ()
    """What the label that `verdict` speaks of says of this one failure category."""
    judge: str | None = None
    """`NAME@VERSION` that `judge_verdict` speaks of; carried only together with it."""
    judge_verdict: tuple[str, ...] = ()
    disagree: str | None = None
    judged: tuple[str, ...] = ()
    """Judge versions (`NAME@VERSION`) that all gave a verdict: for comparing versions on the same traces."""
    told: str | None = None
    """A judge version that is shown the trace as an example, with what the expert said of it."""
    untold: tuple[str, ...] = ()
    """Judge versions that are not."""
    asked_again: str | None = None
    """A judge version that gave several verdicts on the same text."""
    flips: str | None = None
    """A judge version whose verdicts on the same text were not all the same."""
    category: tuple[int, ...] = ()
    primary: tuple[int, ...] = ()
    last_good: tuple[str, ...] = ()
    """Steps before the message that the expert marked as the first failure; the empty text: none was marked."""
    failed_at: tuple[str, ...] = ()
    saw_judge: bool | None = None
    """False: labelled without sight of the judge, and then `verdict` speaks of that blind label."""
    split: tuple[str, ...] = ()
    chosen: tuple[str, ...] = ()
    """How the trace came before whoever gave the label that counts: by chance, picked, or not known."""
    drawn: tuple[int, ...] = ()
    """Queues in which it was drawn by chance."""
    sample: tuple[int, int] | None = None
    """Traces in one fixed shuffled order: those from the first to the second figure of a hundred."""
    anchor: bool | None = None
    """Whether it is one of the anchors: traces that are judged again and again."""
    search: str = ""
    since: datetime | None = None
    until: datetime | None = None
    import_id: int | None = None
    unreadable: tuple[tuple[str, str], ...] = ()
    """Parts of an address that no condition could be made of: such a slice holds no trace."""

    def phrases(self, category_names: Mapping[int, str] | None = None) -> list[str]:
        """Each condition in words, in the order of the sentence."""
        names = category_names or {}
        said: list[str] = [c.sentence() for c in self.dimensions]
        whose = f" of {self.labeler}" if self.labeler else ""
        if self.verdict:
            said.append(f"expert verdict{whose} is {' or '.join(self.verdict)}")
        if self.category_verdict:
            called = names.get(self.of_category or NOT_SORTED, f"number {self.of_category or '(not named)'}")
            words = [_CATEGORY_WORDS.get(verdict, verdict) for verdict in self.category_verdict]
            said.append(f"expert verdict{whose} on failure category {called} is {' or '.join(words)}")
        if self.saw_judge is not None:
            said.append("the expert saw the judge" if self.saw_judge else "the expert was blind to the judge")
        said += self._said_of_judges(whose)
        for word, ids in (("failure category", self.category), ("primary failure category", self.primary)):
            if ids:
                called = (("not sorted yet" if i == NOT_SORTED else names.get(i, f"number {i}")) for i in ids)
                said.append(f"{word} is {' or '.join(called)}")
        listed = (
            ("last good step is", [step or "(not marked)" for step in self.last_good]),
            ("first failure is", [step or "(not marked)" for step in self.failed_at]),
            ("split is", self.split),
            ("labelled traces", [CHOICES[choice] for choice in self.chosen]),
            ("drawn in queue", [str(queue) for queue in self.drawn]),
        )
        said += [f"{words} {' or '.join(values)}" for words, values in listed if values]
        if self.sample:
            said.append(_sampled(*self.sample))
        if self.anchor is not None:
            said.append("among the anchors" if self.anchor else "not among the anchors")
        said += [c.sentence() for c in self.fields]
        if self.search:
            said.append(f"the text contains {self.search}")
        if self.since:
            said.append(f"since {moment_text(self.since)}")
        if self.until:
            said.append(f"before {moment_text(self.until)}")
        if self.import_id is not None:
            said.append(f"brought by import {self.import_id}")
        said += [f"{key} is {value} (cannot be read)" for key, value in self.unreadable]
        return said

    def _said_of_judges(self, whose: str) -> list[str]:
        said: list[str] = []
        if self.judge_verdict:
            words = [_JUDGED_WORDS.get(verdict, verdict) for verdict in self.judge_verdict]
            said.append(f"judge {self.judge or '(not named)'} says {' or '.join(words)}")
        if self.disagree:
            said.append(f"judge {self.disagree} and expert{whose} disagree")
        if self.judged:
            said.append(f"{' and '.join(self.judged)} gave a verdict")
        if self.told:
            said.append(f"it is an example of judge {self.told}")
        if self.untold:
            said.append(f"it is no example of judge {' or '.join(self.untold)}")
        if self.asked_again:
            said.append(f"judge {self.asked_again} was asked again")
        if self.flips:
            said.append(f"judge {self.flips} said pass and fail of the same text")
        return said


def _sampled(first: int, last: int) -> str:
    if first == 0:
        return f"in the random sample of {last} %"
    return f"outside the random sample of {first} %" + ("" if last == 100 else f", in that of {last} %")
