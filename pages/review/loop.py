"""The loop of one queue: a trace, a verdict, the next trace; only this part is drawn again after each."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.model import LabelState
from core.slice import Slice
from core.workflows.batches import Batch, said_in
from core.workflows.queueing import UNLABELLED, Queue, Session, blind, draw_queue, reviewed_ids, session_of
from core.workflows.review_items import review_items
from core.workflows.reviewing import record_actions
from core.workflows.rubric import current_rubric
from pages.review import reveal, together
from pages.review.items import panel_items
from pages.review.open_queues import remember_queue
from pages.ui import filters, notices
from pages.ui.links import slice_link, trace_link
from pages.ui.opened import note_opened
from pages.ui.rates import of, rate_text
from pages.ui.store import the_store
from pages.ui.trace_view import acknowledge, review_panel, review_place

BEFORE, AFTER = 3, 20
SIGNS = {LabelState.PASS: "✓", LabelState.FAIL: "✗", LabelState.DEFERRED: "◌"}
VERDICTS = {LabelState.PASS: "pass", LabelState.FAIL: "fail"}


def draw(queue: Queue | Batch) -> None:
    """Draw the queue of the address; the name of the reviewer is asked first."""
    asked = filters.asked_slice()
    slice_ = blind(asked)
    if slice_ != asked:
        filters.put_slice(slice_)
    person = filters.person()
    if person is None:
        st.title("Review")
        st.markdown("**Who are you?** Asked once, before the first verdict.")
        person = filters.ask_person()
    if person is None:
        return
    if isinstance(queue, Batch) and person not in queue.made_for:
        together.draw_foreign(queue)
        return
    ids = queue.ids if isinstance(queue, Batch) else _drawn(str(the_store().path), queue, slice_, person)
    if not ids:
        st.title("Review")
        notices.nothing_to_review(0)
        slice_link("Start another queue", "review", slice_)
        return
    if isinstance(queue, Queue):
        remember_queue(queue, slice_)
    if filters.text_setting("view") == reveal.VIEW and _all_done(ids, queue, person):
        reveal.draw(ids, person, slice_, queue.name)
        return
    _loop(ids, queue, slice_, person)


@st.cache_resource(scope="session", max_entries=8, show_spinner=False)
def _drawn(path: str, queue: Queue, slice_: Slice, person: str) -> list[str]:  # noqa: ARG001 - the key of the cache
    """Drawn once: nothing can move a queue."""
    return draw_queue(the_store(), slice_, queue, labeler=person)


def _states(ids: list[str], queue: Queue | Batch, person: str) -> dict[str, LabelState]:
    if isinstance(queue, Batch):
        return said_in(the_store(), queue, labeler=person)
    return reviewed_ids(the_store(), ids, queue, labeler=person)


def _all_done(ids: list[str], queue: Queue | Batch, person: str) -> bool:
    """Nothing of a judge is shown before the last verdict of a queue."""
    return set(ids) <= _states(ids, queue, person).keys()


@st.fragment
def _loop(ids: list[str], queue: Queue | Batch, slice_: Slice, person: str) -> None:
    store, key = the_store(), f"{queue.name}/{person}"
    states = _states(ids, queue, person)
    repeats = queue.repeats if isinstance(queue, Batch) else frozenset[str]()
    filters.hide_from_me(queue.name, (trace_id for trace_id in ids if trace_id not in states))
    session = session_of(ids, states)
    _top(session, key)
    if session.done == session.total:
        _summary(session)
        if isinstance(queue, Batch):
            together.draw_end(queue, person)
        _judge([trace_id for trace_id in ids if trace_id not in repeats], queue, slice_, person)
        _ways_on(ids, states, slice_)
    rubric = current_rubric(store)
    first = max(0, _place(ids, states, key) - BEFORE)
    window = review_items(
        store, ids[first : first + BEFORE + AFTER], labeler=person, deferred_since=queue.event,
        anew=isinstance(queue, Batch), repeats=repeats,
    )  # fmt: skip
    sent = review_panel(
        panel_items(window),
        key=key,
        position=first + 1,
        total=len(ids),
        current=filters.text_setting("trace"),
        earlier=[{"trace_id": trace_id, "verdict": VERDICTS.get(state)} for trace_id, state in states.items()],
        notice=filters.remember(f"notice {key}", ""),
        rubric=rubric and rubric._asdict() | {"made_at": None},
    )
    recorded = record_actions(store, sent.actions, labeler=person, repeats=repeats)
    told = recorded.notice != filters.remember(f"notice {key}", "")
    filters.keep(f"notice {key}", recorded.notice)
    if sent.current in ids:
        filters.keep(f"current {key}", sent.current)
        filters.put_settings(trace=sent.current)
        note_opened(sent.current, saw_judge=False)
    acknowledge(key, recorded.client_ids)
    if told:
        st.rerun(scope="fragment")
    if filters.remember(f"ending {key}", False):
        filters.keep(f"ending {key}", False)
        filters.go("review", _without_draw(slice_))


def _judge(ids: list[str], queue: Queue | Batch, slice_: Slice, person: str) -> None:
    """The judge on these traces, after the last verdict alone, and the way to where it differs."""
    found = reveal.measured(ids, person)
    if found is None or not found.counts.n:
        return
    reveal.draw_numbers(found)
    if found.differences:
        words = f"See where the judge differs: {len(found.differences)}"
        with st.container(key="primary_reveal", width="content"):
            slice_link(words, "review", slice_, queue=queue.name, view=reveal.VIEW)


def _without_draw(slice_: Slice) -> Slice:
    """The slice to go back to: a draw of all that is unlabelled came from the whole project."""
    return Slice() if slice_ == UNLABELLED else slice_


def _place(ids: Sequence[str], states: Mapping[str, LabelState], key: str) -> int:
    """The index of the trace that is or will be on the screen."""
    for wanted in (filters.remember(f"current {key}", ""), filters.text_setting("trace")):
        if wanted in ids:
            return ids.index(wanted)
    place = review_place(key)
    opened = (index for index, trace_id in enumerate(ids) if trace_id not in states)
    return next(opened, 0) if place is None else place - 1


def _top(session: Session, key: str) -> None:
    with st.container(key="queue_line", horizontal=True, vertical_alignment="center", gap="medium"):
        st.title("Review", width="content")
        st.progress(session.done / session.total, f"**{of(session.done, session.total)} done**", width=420)
        st.button("End session", key="end", on_click=lambda: filters.keep(f"ending {key}", True))


def _summary(session: Session) -> None:
    deferred = f", {session.deferred} deferred" if session.deferred else ""
    done = of(session.done, session.total)
    st.success(f"Failed of those labelled: {rate_text(session.failed)}{deferred}.", title=f"{done} done.")


def _ways_on(ids: list[str], states: Mapping[str, LabelState], slice_: Slice) -> None:
    with st.expander(f"These {len(ids)} traces"), st.container(horizontal=True, gap="medium"):
        for trace_id in ids:
            trace_link(f"{SIGNS[states[trace_id]]} {trace_id}", trace_id, Slice())
    with st.container(horizontal=True):
        slice_link("Sort the failures into categories", "failures", Slice(), tab="sort")
        slice_link("Start another queue", "review", _without_draw(slice_))
