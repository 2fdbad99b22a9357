"""What a slice says in words: one phrase for each condition."""

from collections.abc import Mapping
from typing import Any

from core.conditions import CHOICES, NOT_SORTED, moment_text

_JUDGED_WORDS = {"failure": "a judge failure", "none": "no judgment", "sealed": "what is sealed"}


def phrases(slice_: Any, category_names: Mapping[int, str] | None = None) -> list[str]:
    """Each condition in words, in the order of the sentence."""
    names = category_names or {}
    said: list[str] = [c.sentence() for c in slice_.dimensions]
    whose = f" of {slice_.labeler}" if slice_.labeler else ""
    if slice_.verdict:
        said.append(f"expert verdict{whose} is {' or '.join(slice_.verdict)}")
    if slice_.saw_judge is not None:
        said.append("the expert saw the judge" if slice_.saw_judge else "the expert was blind to the judge")
    said += _said_of_judges(slice_, whose)
    for word, ids in (("failure category", slice_.category), ("primary failure category", slice_.primary)):
        if ids:
            called = (("not sorted yet" if i == NOT_SORTED else names.get(i, f"number {i}")) for i in ids)
            said.append(f"{word} is {' or '.join(called)}")
    listed = (
        ("last good step is", [step or "(not marked)" for step in slice_.last_good]),
        ("first failure is", [step or "(not marked)" for step in slice_.failed_at]),
        ("split is", slice_.split),
        ("labelled traces", [CHOICES[choice] for choice in slice_.chosen]),
        ("drawn in queue", [str(queue) for queue in slice_.drawn]),
    )
    said += [f"{words} {' or '.join(values)}" for words, values in listed if values]
    if slice_.sample:
        said.append(_sampled(*slice_.sample))
    if slice_.anchor is not None:
        said.append("among the anchors" if slice_.anchor else "not among the anchors")
    said += [c.sentence() for c in slice_.fields]
    if slice_.search:
        said.append(f"the text contains {slice_.search}")
    if slice_.since:
        said.append(f"since {moment_text(slice_.since)}")
    if slice_.until:
        said.append(f"before {moment_text(slice_.until)}")
    if slice_.import_id is not None:
        said.append(f"brought by import {slice_.import_id}")
    said += [f"{key} is {value} (cannot be read)" for key, value in slice_.unreadable]
    return said


def _said_of_judges(slice_: Any, whose: str) -> list[str]:
    said: list[str] = []
    if slice_.judge_verdict:
        words = [_JUDGED_WORDS.get(str(verdict), str(verdict)) for verdict in slice_.judge_verdict]
        said.append(f"judge {slice_.judge or '(not named)'} says {' or '.join(words)}")
    if slice_.disagree:
        said.append(f"judge {slice_.disagree} and expert{whose} disagree")
    if slice_.judged:
        said.append(f"{' and '.join(slice_.judged)} gave a verdict")
    if slice_.asked_again:
        said.append(f"judge {slice_.asked_again} was asked again")
    if slice_.flips:
        said.append(f"judge {slice_.flips} said pass and fail of the same text")
    return said


def _sampled(first: int, last: int) -> str:
    if first == 0:
        return f"in the random sample of {last} %"
    return f"outside the random sample of {first} %" + ("" if last == 100 else f", in that of {last} %")
