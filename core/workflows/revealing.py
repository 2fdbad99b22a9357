"""After the last verdict of a queue: where a judge differs from the blind labels just given, and a second thought.

Nothing here overwrites a label. A changed verdict is one more label, marked as given in sight of the judge; the
blind one still is what the judge is held against.
"""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from core.errors import NotFoundError, UsageError
from core.metrics import Rate, caught_failures, kept_passes
from core.model import Confusion, Judgment, Label, LabelState, Verdict
from core.store import judgments, labels, openings, reconciliations, rubrics, traces
from core.store.connection import Store
from core.store.reconciliations import Unclear
from core.workflows.looking import labelling
from core.workflows.reviewing import add_verdict

__all__ = ["Difference", "Reveal", "Unclear", "judges_of", "list_unclear", "reconcile", "reveal"]

Decision = Literal["kept", "changed", "unclear"]


class Difference(NamedTuple):
    """A trace on which expert and judge differ: the blind label, the judgment, and what was decided since."""

    trace_id: str
    label: Label
    judgment: Judgment
    decision: str | None


class Reveal(NamedTuple):
    """A judge version against one person's blind verdicts on the traces of a queue."""

    judge: str
    counts: Confusion
    caught_failures: Rate
    kept_passes: Rate
    compared: list[str]
    """The traces that are counted."""
    differences: list[Difference]


def judges_of(store: Store, trace_ids: Sequence[str]) -> list[str]:
    """The judge versions with a verdict on any of these traces, the one with most of them last.

    Those that look for one failure category are not among them: what was just judged is not sorted yet.
    """
    with store.read() as cursor:
        keys = [mark.key for mark in traces.find_marks(cursor, trace_ids).values()]
        found = judgments.find_judgments(cursor, keys)
        order = {ref: place for place, ref in enumerate(judgments.find_refs(cursor, of_the_whole=True))}
    counted: dict[str, int] = {}
    for said in found.values():
        for judgment in said:
            ref = f"{judgment.judge}@{judgment.version}"
            if judgment.verdict is not None and ref in order:
                counted[ref] = counted.get(ref, 0) + 1
    return sorted(counted, key=lambda ref: (counted[ref], order[ref]))


def reveal(store: Store, trace_ids: Sequence[str], *, labeler: str, judge: str) -> Reveal:
    """Hold a judge version against this person's blind verdicts on these traces, in their order."""
    with store.read() as cursor:
        marks = traces.find_marks(cursor, trace_ids)
        keys = [mark.key for mark in marks.values()]
        given = labels.find_labels(cursor, keys)
        judged = judgments.find_judgments(cursor, keys)
        decided = reconciliations.find_decisions(cursor, keys, labeler=labeler, judge=judge)
    cells = {(e, j): 0 for e in Verdict for j in Verdict}
    differences: list[Difference] = []
    compared: list[str] = []
    for trace_id in trace_ids:
        if trace_id not in marks:
            continue
        key = marks[trace_id].key
        label = next((x for x in given.get(key, []) if _is_blind_verdict(x, labeler)), None)
        judgment = next((j for j in judged.get(key, []) if f"{j.judge}@{j.version}" == judge and j.verdict), None)
        if label is None or label.verdict is None or judgment is None or judgment.verdict is None:
            continue
        cells[label.verdict, judgment.verdict] += 1
        compared.append(trace_id)
        if label.verdict is not judgment.verdict:
            differences.append(Difference(trace_id, label, judgment, decided.get(key)))
    counts = Confusion(
        both_pass=cells[Verdict.PASS, Verdict.PASS],
        both_fail=cells[Verdict.FAIL, Verdict.FAIL],
        judge_too_lenient=cells[Verdict.FAIL, Verdict.PASS],
        judge_too_strict=cells[Verdict.PASS, Verdict.FAIL],
    )
    return Reveal(judge, counts, caught_failures(counts), kept_passes(counts), compared, differences)


def _is_blind_verdict(label: Label, labeler: str) -> bool:
    own = label.labeler == labeler and label.origin != "adjudicated"
    return own and label.verdict is not None and not label.saw_judge


def reconcile(
    store: Store, *, trace_id: str, labeler: str, judge: str, decision: Decision, critique: str = ""
) -> int | None:
    """Store what this person decided in sight of the judge. `changed` adds a label with the other verdict, marked so.

    Returns the event of the new label, or None where none was added.

    Raises:
        NotFoundError: no such trace, or no blind verdict of this person on it.
        UsageError: a verdict changed to fail without a word why.
    """
    with store.read() as cursor:
        key = traces.key_of(cursor, trace_id)
        given = [] if key is None else labels.find_labels(cursor, [key]).get(key, [])
    label = next((x for x in given if _is_blind_verdict(x, labeler)), None)
    if key is None or label is None or label.verdict is None:
        raise NotFoundError("There is no blind verdict of yours on this trace.", "Judge it in a queue first.")
    other = LabelState.PASS if label.verdict is Verdict.FAIL else LabelState.FAIL
    if decision == "changed" and not critique.strip():
        raise UsageError(
            "Write what you see now: one sentence is enough.", "A changed verdict is stored with its reason."
        )
    event: int | None = None
    with labelling(store, quiet=decision != "changed") as cursor:
        if decision == "changed":
            event = add_verdict(
                cursor, trace_id=trace_id, state=other, labeler=labeler, critique=critique, saw_judge=True
            )
        openings.add_opening(cursor, trace_key=key, labeler=labeler, saw_judge=True)
        reconciliations.add_reconciliation(
            cursor, trace_key=key, labeler=labeler, judge=judge, decision=decision,
            rubric_version=rubrics.newest_version(cursor),
        )  # fmt: skip
    return event


def list_unclear(store: Store) -> list[Unclear]:
    """Traces on which somebody found that the rubric does not say what is right, the newest first."""
    with store.read() as cursor:
        return reconciliations.find_unclear(cursor)
