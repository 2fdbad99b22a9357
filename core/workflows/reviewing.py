"""Judge traces: a label, a draft, an undo. A label is acknowledged after its commit."""

from collections.abc import Collection, Sequence
from typing import NamedTuple, Protocol, Required, TypedDict, Unpack
from uuid import uuid4

from core.errors import AppError, NotFoundError, StoreUnwritableError, UsageError
from core.importers.models import is_model
from core.model import LabelState
from core.store import categories, drafts, labels, openings, picks, rubrics, traces
from core.store.connection import Cursor, Store
from core.store.drafts import Draft
from core.workflows.looking import labelling

MAX_CRITIQUE = 20_000
MAX_NAME = 80


class Spoken(Protocol):
    """One thing that a reviewer did, as the page received it; `client_id` is its idempotency key."""

    @property
    def client_id(self) -> str: ...
    @property
    def action(self) -> str: ...
    @property
    def trace_id(self) -> str: ...
    @property
    def verdict(self) -> str | None: ...
    @property
    def critique(self) -> str: ...
    @property
    def undoes(self) -> str | None: ...
    @property
    def revised_response(self) -> str: ...
    @property
    def first_failure(self) -> int | None: ...
    @property
    def picked(self) -> Sequence[int]: ...
    @property
    def duration_ms(self) -> int | None: ...


class Said(TypedDict, total=False):
    """What a label can say: the arguments of `add_verdict`."""

    trace_id: Required[str]
    state: Required[LabelState]
    labeler: Required[str]
    critique: str | None
    category_names: tuple[str, ...]
    picked: Sequence[int] | None
    saw_judge: bool
    client_id: str | None
    repeat: bool
    revised_response: str
    first_failure: int | None
    duration_ms: int | None
    queue_id: int | None


class Recorded(NamedTuple):
    """The client ids of what is safely stored, and a sentence where something could not be."""

    client_ids: list[str]
    notice: str


def record_label(store: Store, **said: Unpack[Said]) -> int:
    """Add a label and return its event number once it is safely stored: see `add_verdict`."""
    with labelling(store) as cursor:
        return add_verdict(cursor, **said)


def add_verdict(
    cursor: Cursor,
    *,
    trace_id: str,
    state: LabelState,
    labeler: str,
    critique: str | None = None,
    category_names: tuple[str, ...] = (),
    picked: Sequence[int] | None = None,
    saw_judge: bool = False,
    client_id: str | None = None,
    repeat: bool = False,
    revised_response: str = "",
    first_failure: int | None = None,
    duration_ms: int | None = None,
    queue_id: int | None = None,
) -> int:
    """Add a label in a transaction and return its event number; the same `client_id` again adds nothing.

    It carries the rubric that holds now, and that the judge was seen where this person has opened the trace with a
    judge's verdict beside it. The trace goes into the failure categories that are named or `picked` with it, and out of
    those that only the label it replaces picked; where it says nothing of categories, it keeps what that one said. A
    hidden repeat keeps its own with it and moves nothing.

    Raises:
        UsageError: no name or a model's, a failed trace without a word why, or a text over the cap.
        NotFoundError: no such trace, or a category nobody has made.
    """
    name, text = check_labeler(cursor, labeler), (critique or "").strip()
    if state is LabelState.FAIL and not text:
        raise UsageError("Write what went wrong: one sentence is enough.", "A fail is stored with its critique.")
    better = revised_response.strip()
    for what, written in (("critique", text), ("better answer", better)):
        if len(written) > MAX_CRITIQUE:
            raise UsageError(
                f"The {what} has {len(written):,} characters; at most {MAX_CRITIQUE:,} are stored.",
                "Shorten it and save again.",
            )
    known = labels.find_given(cursor, client_id=client_id) if client_id else None
    if known is not None:
        return known.event  # and a draft typed since stays
    key = _key(cursor, trace_id)
    named = [_category_id(cursor, wanted) for wanted in category_names]
    judged = saw_judge or openings.saw_judge(cursor, trace_key=key, labeler=name)
    if picked is None:
        held = labels.find_newest(cursor, trace_key=key, labeler=name, saw_judge=judged, repeat=repeat)
        picked = () if held is None else held.picked
    now = tuple(dict.fromkeys((*picked, *named)))
    event = labels.add_label(
        cursor, client_id=client_id or str(uuid4()), trace_key=key, labeler=name, state=state,
        critique=text or None, repeat=repeat, queue_id=queue_id,
        saw_judge=judged, picked=now,
        rubric_version=rubrics.newest_version(cursor), revised_response=better or None,
        first_failure=first_failure if state is LabelState.FAIL else None, duration_ms=duration_ms,
    )  # fmt: skip
    if not repeat:
        former = labels.picked_before(cursor, event)
        picks.settle(cursor, trace_key=key, labeler=name, former=former, now=now)
    if state is not LabelState.DEFERRED:  # who sets a trace aside goes on with what was typed another time
        drafts.keep_draft(cursor, trace_key=key, labeler=name, draft=drafts.NOTHING)
    return event


def check_labeler(cursor: Cursor, labeler: str) -> str:
    """The name of a person who labels, without spaces around it.

    Raises:
        UsageError: it is no name, too long, or that of a model and has no label yet: what a model says is a judgment.
    """
    name = labeler.strip()
    if not name or len(name) > MAX_NAME:
        raise UsageError("A label needs the name of who gives it.", f"Give a name of at most {MAX_NAME} characters.")
    if is_model(name) and all(name != one.labeler for one in labels.find_labelers(cursor)):
        raise UsageError(
            f"{name} is the name of a model, and a label is a person's word.",
            "Import what a model said as judgments, or give the name of the person who judged.",
        )
    return name


def undo_label(
    store: Store, *, trace_id: str, labeler: str, client_id: str | None = None, undoes: str | None = None
) -> int | None:
    """Take back a label of this person by one more event: what it replaced counts again, what it said is their draft.

    `undoes` is the client id of the label meant, by default the current one. Returns the event, or None where
    there is nothing to take back: no such label, or another one was given since.
    """
    with labelling(store) as cursor:
        known = labels.find_given(cursor, client_id=client_id) if client_id else None
        if known is not None:
            return known.event
        key = _key(cursor, trace_id)
        taken = labels.find_given(cursor, client_id=undoes) if undoes else None
        kind = {} if taken is None else {"saw_judge": taken.saw_judge, "repeat": taken.repeat}
        current = labels.find_newest(cursor, trace_key=key, labeler=labeler, **kind)
        taken = taken if undoes else current
        if current is None or taken is None or (taken.trace_key, taken.labeler) != (key, labeler):
            return None
        # An earlier undo may have given the label meant again, under another number.
        if (current.state, current.critique, current.picked) != (taken.state, taken.critique, taken.picked):
            return None
        former = labels.find_given(cursor, event=taken.supersedes) if taken.supersedes else None
        before = () if former is None else former.picked
        event = labels.add_label(
            cursor, client_id=client_id or str(uuid4()), trace_key=key, labeler=labeler, picked=before,
            state=LabelState.WITHDRAWN if former is None else former.state,
            critique=None if former is None else former.critique, saw_judge=current.saw_judge, repeat=current.repeat,
            revised_response=former and former.revised_response, first_failure=former and former.first_failure,
            rubric_version=former and former.rubric_version, content_hash=former and former.content_hash,
        )  # fmt: skip
        if not current.repeat:
            picks.settle(cursor, trace_key=key, labeler=labeler, former=current.picked, now=before)
        drafts.give_back(cursor, trace_key=key, labeler=labeler, taken=current)
        return event


def keep_draft(store: Store, *, trace_id: str, labeler: str, draft: Draft) -> None:
    """Keep what somebody typed and has not saved; an empty draft removes the former one."""
    with store.write(quiet=True) as cursor:
        cut = draft._replace(
            critique=draft.critique[:MAX_CRITIQUE], revised_response=draft.revised_response[:MAX_CRITIQUE]
        )
        drafts.keep_draft(cursor, trace_key=_key(cursor, trace_id), labeler=labeler, draft=cut)


def note_opening(store: Store, *, trace_id: str, labeler: str | None, saw_judge: bool) -> None:
    """Note that somebody has a whole trace before them; nothing is noted of nobody, or of a trace that is gone."""
    if not labeler:
        return
    with store.write(quiet=True) as cursor:
        key = traces.key_of(cursor, trace_id)
        if key is not None:
            openings.add_opening(cursor, trace_key=key, labeler=labeler, saw_judge=saw_judge)


def record_actions(
    store: Store,
    actions: Sequence[Spoken],
    *,
    labeler: str,
    queue_id: int | None = None,
    repeats: Collection[str] = (),
) -> Recorded:
    """Store what a reviewer did, in its order. What cannot be stored is left out and the notice says why.

    Where there was no room for an action, later ones on the same trace wait with it: an undo never overtakes its label.
    `repeats` are the traces that the queue shows this person once more without saying so.
    """
    stored: list[str] = []
    waiting: set[str] = set()
    notice = ""
    for action in actions:
        if action.trace_id in waiting:
            continue
        try:
            said = _record(store, action, labeler, queue_id, repeat=action.trace_id in repeats)
        except AppError as problem:
            notice = str(problem)
            if isinstance(problem, StoreUnwritableError):
                waiting.add(action.trace_id)
            continue
        stored.append(action.client_id)
        notice = said or notice
    return Recorded(stored, notice)


def _record(store: Store, action: Spoken, labeler: str, queue_id: int | None, *, repeat: bool) -> str:
    """Store one action; returns what the reviewer should know of it, usually nothing."""
    trace_id, client_id = action.trace_id, action.client_id
    if action.action == "label":
        record_label(
            store, trace_id=trace_id, state=LabelState(action.verdict or ""), labeler=labeler, client_id=client_id,
            critique=action.critique, revised_response=action.revised_response, first_failure=action.first_failure,
            duration_ms=action.duration_ms, repeat=repeat, queue_id=queue_id, picked=action.picked,
        )  # fmt: skip
        return _gone(store, action.picked)
    if action.action == "defer":
        record_label(
            store, trace_id=trace_id, state=LabelState.DEFERRED, labeler=labeler, client_id=client_id,
            duration_ms=action.duration_ms, repeat=repeat, queue_id=queue_id,
        )  # fmt: skip
    elif action.action == "draft":
        typed = Draft(
            action.verdict, action.critique, action.revised_response, action.first_failure, tuple(action.picked)
        )
        keep_draft(store, trace_id=trace_id, labeler=labeler, draft=typed)
    elif action.action == "undo":
        undone = undo_label(store, trace_id=trace_id, labeler=labeler, client_id=client_id, undoes=action.undoes)
        if undone is None:
            return "Nothing was taken back: this label was changed in another window. What counts now is shown."
    return ""


def _gone(store: Store, picked: Sequence[int]) -> str:
    """What to say of picked categories that were taken away before the label came."""
    if not picked:
        return ""
    with store.read() as cursor:
        ways = picks.Ways(cursor)
    if all(ways.now([number]) for number in picked):
        return ""
    return "Saved without a failure category that was taken away meanwhile. The page Failures lists those there are."


def _key(cursor: Cursor, trace_id: str) -> int:
    key = traces.key_of(cursor, trace_id)
    if key is None:
        raise NotFoundError(
            f"Trace {trace_id[:80]} does not exist in this database.", "Check the id with `passfail traces`."
        )
    return key


def _category_id(cursor: Cursor, name: str) -> int:
    category = categories.find_category(cursor, name=name)
    if category is None:
        known = ", ".join(c.name for c in categories.find_categories(cursor)) or "none yet"
        raise NotFoundError(
            f"There is no failure category «{name[:80]}».", f"Known: {known}. Make it on the page Failures first."
        )
    return category.id
