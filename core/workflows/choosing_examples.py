"""Examples for a judge: train traces with the expert's critiques, and whether any of them leaks into dev or test."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from core.judge.lint import ExampleFacts
from core.judge.prompt import Example, ExampleRef
from core.judge.seen import ShownTrace
from core.model import Verdict
from core.store import judging, labels, settings, splits, traces
from core.store.connection import Cursor, Store
from core.store.traces import WholeTrace
from core.store.verdicts import find_states
from core.workflows.splitting import twins_elsewhere

__all__ = ["ExampleChoice", "as_shown", "first_examples", "list_example_choices"]

USUAL_WORDS = 40
"""Of a critique that teaches: long enough to say why, short enough to be about one thing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleChoice:
    """A train trace that may stand as an example: what the expert said, and how much text it brings."""

    trace_id: str
    verdict: Verdict
    critique: str
    words: int
    characters: int
    input: str
    dimensions: str


class _Judged(NamedTuple):
    whole: WholeTrace
    verdict: Verdict
    critique: str


def as_shown(whole: WholeTrace) -> ShownTrace:
    """A stored trace as the judge's side knows it."""
    row = whole.row
    return ShownTrace(whole.messages, row.input, row.output, row.error, whole.dimensions, row.duration_ms)


def list_example_choices(store: Store, category_id: int | None = None) -> list[ExampleChoice]:
    """Train traces with a critique, fails first, the longest critiques first; nothing of them is shortened."""
    with store.read() as cursor:
        found = _judged(cursor, splits.find_split_keys(cursor, "train"), category_id)
    listed = [
        ExampleChoice(
            trace_id=j.whole.row.id, verdict=j.verdict, critique=j.critique, words=len(j.critique.split()),
            characters=sum(len(m.text) for m in j.whole.messages), input=j.whole.row.input or "",
            dimensions=", ".join(value for values in j.whole.dimensions.values() for value in values),
        )
        for j in found
    ]  # fmt: skip
    return sorted(listed, key=lambda c: (c.verdict is not Verdict.FAIL, -c.words, c.trace_id))


def first_examples(choices: Sequence[ExampleChoice]) -> tuple[ExampleRef, ...]:
    """Two of each verdict to begin with: those whose critique is neither terse nor long."""
    ordered = sorted(choices, key=lambda c: (abs(c.words - USUAL_WORDS), c.trace_id))
    kinds = [[c for c in ordered if c.verdict is verdict][:2] for verdict in (Verdict.FAIL, Verdict.PASS)]
    return tuple(ExampleRef(c.trace_id) for kind in kinds for c in kind)


def read_examples(
    cursor: Cursor, refs: Sequence[ExampleRef], category_id: int | None
) -> tuple[list[Example], list[ExampleFacts]]:
    """The examples whole, in their order, those that have a verdict with a critique; and what is known of each."""
    marks = traces.find_marks(cursor, [ref.trace_id for ref in refs])
    keys = [marks[ref.trace_id].key for ref in refs if ref.trace_id in marks]
    found = {j.whole.row.id: j for j in _judged(cursor, keys, category_id)}
    examples = [
        Example(ref.trace_id, as_shown(j.whole), j.verdict, j.critique, ref.borderline)
        for ref in refs
        if (j := found.get(ref.trace_id))
    ]
    held, crossing = splits.find_splits(cursor, keys), twins_elsewhere(cursor, keys)
    facts = [
        ExampleFacts(
            trace_id=j.whole.row.id, split=held.get(j.whole.row.key), twin_elsewhere=j.whole.row.key in crossing,
            values=frozenset(j.whole.row.value_ids),
        )
        for j in found.values()
    ]  # fmt: skip
    return examples, facts


def _judged(cursor: Cursor, keys: Sequence[int], category_id: int | None) -> list[_Judged]:
    """Traces with the verdict that a judge should give: the expert's, or for a failure category whether it is there.

    A failed trace that carries no category yet may have this one: it is no example of a pass, and is left out; so is one that
    was labelled before a later import changed it.
    """
    reference = settings.find_setting(cursor, settings.PRINCIPAL)
    critiques = {
        key: label.critique
        for key, label in (labels.find_reference_labels(cursor, keys, reference) if keys else {}).items()
        if label.critique and label.critique.strip() and label.for_current_content
    }
    states = find_states(cursor, list(critiques), reference, category_id) if critiques else {}
    usable = [key for key in keys if states.get(key) in ("pass", "fail")]
    return [
        _Judged(whole, Verdict(states[whole.row.key]), critiques[whole.row.key])
        for whole in judging.find_shown(cursor, usable)
    ]
