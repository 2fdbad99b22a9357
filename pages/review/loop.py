"""The loop of one queue: a trace, a verdict, the next trace; only this part is drawn again after each."""

from collections.abc import Mapping, Sequence

import streamlit as st

from core.errors import AppError
from core.model import LabelState
from core.slice import Slice
from core.workflows.queueing import (
    Progress,
    Queue,
    Session,
    blind,
    queue_progress,
    repeated_ids,
    reviewed_ids,
    session_of,
    trace_ids,
)
from core.workflows.review_items import review_items
from core.workflows.reviewing import record_actions
from core.workflows.rubric import current_rubric
from core.workflows.taxonomy import categories_to_pick
from pages.review import reveal, start, together
from pages.review.items import panel_items
from pages.ui import filters, notices
from pages.ui.links import slice_link, trace_link
from pages.ui.notices import escape
from pages.ui.opened import keep_opened
from pages.ui.rates import of, rate_text
from pages.ui.store import the_store
from pages.ui.trace_view import acknowledge, review_panel, review_place, review_sent
from pages.ui.words import duration

BEFORE, AFTER = 3, 20
SIGNS = {LabelState.PASS: "✓", LabelState.FAIL: "✗", LabelState.DEFERRED: "◌"}
VERDICTS = {LabelState.PASS: "pass", LabelState.FAIL: "fail"}


def draw(queue: Queue) -> None:
    """Draw the queue of the address; the name of the reviewer is asked first."""
    asked = filters.asked_slice()
    slice_ = blind(asked)
    if slice_ != asked:
        filters.put_slice(slice_)
    person = filters.person()
    if person is None:
        st.title("Review")
        st.markdown("**Who are you?** Asked once, before the first verdict.")
        person = filters.ask_person("loop")
    if person is None:
        return
    if not queue.is_for(person):
        start.draw_of_others(queue)
        return
    ids, repeats = trace_ids(the_store(), queue), repeated_ids(the_store(), queue)
    if (
        filters.text_setting("view") == reveal.VIEW
        and set(ids) <= reviewed_ids(the_store(), queue, labeler=person).keys()
    ):
        reveal.draw([trace_id for trace_id in ids if trace_id not in repeats], person, queue.address)
        return
    _loop(ids, repeats, queue, person)


@st.fragment
def _loop(ids: list[str], repeats: frozenset[str], queue: Queue, person: str) -> None:
    store, key = the_store(), f"{queue.address}/{person}"
    sent = review_sent(key)
    recorded = record_actions(store, sent.actions, labeler=person, queue_id=queue.id, repeats=repeats)
    acknowledge(key, recorded.client_ids)
    notice = recorded.notice
    if sent.current in ids:
        filters.put_settings(trace=sent.current)
        notice = _noted(sent.current) or notice
    states = reviewed_ids(store, queue, labeler=person)
    session = session_of(ids, states)
    _top(queue, queue_progress(store, queue, labeler=person), key)
    if session.done in (0, session.total) and not queue.by_chance:
        _not_all_count(queue)
    if session.done == session.total:
        _summary(session)
        together.draw_end(queue, person)
        _judge([trace_id for trace_id in ids if trace_id not in repeats], queue, person)
        _ways_on(ids, states)
    rubric = current_rubric(store)
    first = max(0, _place(ids, states, key) - BEFORE)
    shown = ids[first : first + BEFORE + AFTER]
    window = review_items(store, shown, labeler=person, since=queue.event, repeats=repeats)
    review_panel(
        panel_items(window),
        key=key,
        position=first + 1,
        total=len(ids),
        current=filters.text_setting("trace"),
        earlier=[{"trace_id": trace_id, "verdict": VERDICTS.get(state)} for trace_id, state in states.items()],
        notice=notice,
        rubric=rubric and {**rubric._asdict(), "made_at": None},
        categories=[
            {"id": one.id, "name": one.name, "definition": one.definition} for one in categories_to_pick(store)
        ],
    )
    if filters.remember(f"ending {key}", False):
        filters.keep(f"ending {key}", False)
        filters.go("review", filters.asked_slice())


def _noted(trace_id: str) -> str:
    """Note that the trace is open; what refuses it, as a sentence, ends no review: the note is tried again."""
    try:
        keep_opened(trace_id, saw_judge=False)
    except AppError as problem:
        return str(problem)
    return ""


def _place(ids: Sequence[str], states: Mapping[str, LabelState], key: str) -> int:
    """The index of the trace that is or will be on the screen: where the browser says it is, else as the address says."""
    place = review_place(key)
    if place is not None and place <= len(ids):
        return place - 1
    asked = filters.text_setting("trace")
    if asked in ids:
        return ids.index(asked)
    return next((index for index, trace_id in enumerate(ids) if trace_id not in states), 0)


def _not_all_count(queue: Queue) -> None:
    if queue.mixed:
        st.caption("Only the traces of this queue that were drawn by chance count in rates.")
    else:
        notices.picked_for_being_unusual()


def _top(queue: Queue, progress: Progress, key: str) -> None:
    with st.container(key="queue_line", horizontal=True, vertical_alignment="center", gap="medium"):
        st.title("Review", width="content")
        words = f"**{of(progress.done, progress.total)} done**{_pace(progress)}"
        st.progress(progress.done / progress.total, words, width=420)
        st.caption(f"{escape(queue.name)} · draw {queue.seed}", width="content", help=start.SEED_HELP)
        st.button("End session", key="end", on_click=lambda: filters.keep(f"ending {key}", True))


def _pace(progress: Progress) -> str:
    """«· 34 s each, about 7 min left», where the times of this queue are known."""
    left = progress.total - progress.done
    if not progress.usual_ms or not left:
        return ""
    return f" · {duration(progress.usual_ms)} each, about {duration(progress.usual_ms * left)} left"


def _judge(ids: list[str], queue: Queue, person: str) -> None:
    """The judge on these traces, after the last verdict alone, and the way to where it differs."""
    found = reveal.measured(ids, person)
    if found is None or not found.counts.n:
        return
    if reveal.draw_numbers(found) and found.differences:
        words = f"See where the judge differs: {len(found.differences)}"
        with st.container(key="primary_reveal", width="content"):
            slice_link(words, "review", Slice(), queue=queue.address, view=reveal.VIEW)


def _summary(session: Session) -> None:
    deferred = f", {session.deferred} deferred" if session.deferred else ""
    done = of(session.done, session.total)
    st.success(f"Failed of those labelled: {rate_text(session.failed)}{deferred}.", title=f"{done} done.")


def _ways_on(ids: list[str], states: Mapping[str, LabelState]) -> None:
    with st.expander(f"These {len(ids)} traces"), st.container(horizontal=True, gap="medium"):
        for trace_id in ids:
            trace_link(f"{SIGNS[states[trace_id]]} {trace_id}", trace_id, Slice())
    with st.container(horizontal=True):
        slice_link("Sort the failures into categories", "failures", Slice(), tab="sort")
        slice_link("Start another queue", "review", filters.asked_slice())
