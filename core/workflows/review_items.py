"""What the review loop may know of a trace: what this person said or typed of it, and nothing of anybody else."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from core.errors import NotFoundError
from core.model import Label, LabelState
from core.store import drafts, labels, picks, traces
from core.store.connection import Store
from core.store.drafts import Draft
from core.store.traces import Mark, WholeTrace


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewItem:
    """What this person has said or typed about a trace, and nothing of anybody else. `mark` tells its content apart."""

    trace_id: str
    mark: Mark
    label: Label | None
    deferred: bool
    history: list[Label]
    """Former verdicts and deferrals, newest first."""
    draft: Draft | None


def review_items(
    store: Store,
    trace_ids: Sequence[str],
    *,
    labeler: str,
    since: int = 0,
    repeats: Collection[str] = (),
) -> list[ReviewItem]:
    """What this person has said of these traces, in their order; ids that are gone are left out.

    `since` is the event a queue was made at: what was said or set aside before it is open again, and not shown until a
    new word stands. Of `repeats`, which are shown once more without saying so, nothing from before is ever shown.
    """
    with store.read() as cursor:
        marks = traces.find_marks(cursor, trace_ids)
        keys = [mark.key for mark in marks.values()]
        current = labels.find_labels(cursor, keys)
        events = labels.find_labels(cursor, keys, history=True)
        again = labels.find_repeats(cursor, keys, labeler=labeler)
        typed = drafts.find_drafts(cursor, labeler=labeler)
        typed_since = drafts.find_drafts(cursor, labeler=labeler, since=since) if repeats else {}
    items: list[ReviewItem] = []
    for trace_id in trace_ids:
        mark = marks.get(trace_id)
        if mark is None:
            continue
        hidden = trace_id in repeats
        now = again.get(mark.key, []) if hidden else _mine(current.get(mark.key, []), labeler)
        newest = max((x for x in now if x.event > since), key=lambda label: label.event, default=None)
        former: list[Label] = []
        if newest is not None and not hidden:
            former = [x for x in _mine(events.get(mark.key, []), labeler) if x.event != newest.event]
        items.append(
            ReviewItem(
                trace_id=trace_id,
                mark=mark,
                label=newest if newest is not None and newest.verdict else None,
                deferred=newest is not None and newest.state is LabelState.DEFERRED,
                history=[label for label in reversed(former) if label.state is not LabelState.WITHDRAWN],
                draft=(typed_since if hidden else typed).get(mark.key),
            )
        )
    return _with_picks_of_now(store, items, repeats)


def _with_picks_of_now(store: Store, items: list[ReviewItem], repeats: Collection[str]) -> list[ReviewItem]:
    """The items with the categories that the picked ones are now; of a label those that the trace is still in.

    Only a number that this person picked is asked about: what others put the trace into is never said.
    """
    if not any((item.label and item.label.picked) or (item.draft and item.draft.picked) for item in items):
        return items
    with store.read() as cursor:
        ways, held = picks.Ways(cursor), picks.find_held(cursor, [item.mark.key for item in items])

    def of_now(item: ReviewItem) -> ReviewItem:
        label, draft = item.label, item.draft
        if label is not None and label.picked:
            kept = [
                number for number in ways.now(label.picked)
                if item.trace_id in repeats or number in held.get(item.mark.key, ())
            ]  # fmt: skip
            label = replace(label, picked=tuple(kept))
        return replace(item, label=label, draft=draft and draft._replace(picked=tuple(ways.now(draft.picked))))

    return [of_now(item) for item in items]


def read_for_review(store: Store, items: Sequence[ReviewItem]) -> list[WholeTrace]:
    """The traces of these items, whole, in their order.

    Raises:
        NotFoundError: one of them is gone.
    """
    with store.read() as cursor:
        whole = traces.find_traces(cursor, [item.mark.key for item in items])
    gone = next((item for item in items if item.mark.key not in whole), None)
    if gone is not None:
        raise NotFoundError(f"Trace {gone.trace_id[:80]} does not exist in this database.", "Start another queue.")
    return [whole[item.mark.key] for item in items]


def _mine(found: list[Label], labeler: str) -> list[Label]:
    return [
        label
        for label in found
        if label.labeler == labeler and label.state is not LabelState.CRITIQUE_ONLY
        if label.origin != "adjudicated" and not label.repeat
    ]
