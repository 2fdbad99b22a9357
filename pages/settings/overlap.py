"""One overlap batch: how far the two are, then how far they agree, and what is to be settled."""

from collections.abc import Callable

import streamlit as st

from core.model import Confusion, LabelState
from core.slice import Slice
from core.workflows.agreeing import Disagreement, Opinion, Overlap, adjudicate
from core.workflows.exploring import look_up_trace
from pages.ui import filters, words
from pages.ui.links import slice_link
from pages.ui.notices import cut, escape, plural, quoted
from pages.ui.opened import note_opened
from pages.ui.rates import NB, of, rate_text
from pages.ui.store import lines_beside, the_store
from pages.ui.trace_payload import is_large, payload
from pages.ui.trace_view import trace_view

KAPPA = (
    "Cohen's kappa: agreement beyond chance, at most 1. Both must have used both verdicts. What counts is what each said"
    " until both had judged a trace; what they changed later does not."
)


def draw(batch: Overlap, *, first: bool) -> None:
    """Draw a batch; the newest one is open."""
    one, other = (quoted(name, 40) for name in batch.people)
    with st.expander(f"{one} and {other}: {plural(batch.total, 'trace')}", expanded=first):
        if not batch.is_done:
            _progress(batch)
            return
        counts = batch.counts
        if counts is None or batch.agreement is None or counts.n == 0:
            st.caption(f"No trace has a verdict of both, given blind. {_left_out(batch)}")
            return
        kappa = "—" if batch.kappa is None else f"{batch.kappa:.2f}"
        st.markdown(f"The same verdict on {rate_text(batch.agreement)} · kappa {kappa}", help=KAPPA)
        st.markdown(_two_by_two(counts, batch.people))
        if left_out := _left_out(batch):
            st.caption(left_out)
        if batch.disagreements:
            _disagreements(batch)


def _progress(batch: Overlap) -> None:
    said = [
        f"{quoted(name, 40)} {of(done, batch.total)} done" for name, done in zip(batch.people, batch.done, strict=True)
    ]
    st.markdown(f"{' · '.join(said)}. What they said is shown when both are through.")
    if filters.person() in batch.people:
        slice_link("Open the batch in Review", "review", Slice(), queue=str(batch.queue_id))


def _left_out(batch: Overlap) -> str:
    said = [f"{batch.deferred:,} deferred by one of them"] if batch.deferred else []
    if batch.in_sight:
        said.append(f"{batch.in_sight:,} on which one of them had seen a judge's verdict")
    return f"Left out: {', '.join(said)}." if said else ""


def _two_by_two(counts: Confusion, people: tuple[str, str]) -> str:
    """Four counts with their words, as a table of markdown; the names are escaped."""
    one, other = (quoted(name, 30).replace("|", "") for name in people)
    return "\n".join(
        (
            f"| | {other}: ✓{NB}pass | {other}: ✗{NB}fail |",
            "|:--|--:|--:|",
            f"| {one}: ✓{NB}pass | {counts.both_pass:,} both pass | {counts.judge_too_strict:,} only {other} fails |",
            f"| {one}: ✗{NB}fail | {counts.judge_too_lenient:,} only {one} fails | {counts.both_fail:,} both fail |",
        )
    )


def _disagreements(batch: Overlap) -> None:
    found = batch.disagreements
    open_ones = [one for one in found if one.settled is None]
    st.markdown(f"**{plural(len(found), 'disagreement')}**, {len(open_ones):,} to settle")
    ids = [one.trace_id for one in found]
    key = f"disagreement.{batch.queue_id}"
    asked = filters.text_setting("trace")
    start = asked if asked in ids else (open_ones or found)[0].trace_id
    signs = {one.trace_id: "to settle" if one.settled is None else words.SIGNS[one.settled.value] for one in found}

    def opened() -> None:
        filters.put_settings(trace=str(filters.state_of(key)))

    st.selectbox(
        "Trace", ids, index=ids.index(start), key=filters.agree(key, start), on_change=opened, width=360,
        format_func=lambda trace_id: f"{cut(trace_id, 60)} · {signs[trace_id]}",
    )  # fmt: skip
    _one(next(one for one in found if one.trace_id == start), batch)


def _one(shown: Disagreement, batch: Overlap) -> None:
    note_opened(shown.trace_id, saw_judge=False)
    left, right = st.columns(2, gap="medium")
    for place, said in ((left, shown.first), (right, shown.second)):
        with place, st.container(border=True, height="stretch"):
            _opinion(said)
    if shown.settled is not None:
        by = quoted(shown.settled_by or "", 40)
        st.markdown(f"Settled as **{words.SIGNS[shown.settled.value]}** by {by}. Both former labels are kept.")
    _settle(shown, batch)
    seen = look_up_trace(the_store(), shown.trace_id, count_prompt=False)
    if seen is not None:
        drawn = payload(seen, Slice(), whole=not is_large(seen.trace), chips=False, record=False, lines=lines_beside())
        trace_view(drawn, key=f"overlap.trace.{batch.queue_id}")


def _opinion(said: Opinion) -> None:
    colour = "red" if said.state is LabelState.FAIL else "green"
    st.markdown(f"{quoted(said.labeler, 40)} :{colour}[**{words.SIGNS[said.state.value]}**]")
    if said.critique:
        st.markdown(f"\u201c{escape(cut(said.critique, 1500))}\u201d")
    else:
        st.caption("No critique.")


def _settle(shown: Disagreement, batch: Overlap) -> None:
    with st.popover("Settle it again" if shown.settled else "Settle it"):
        person = filters.ask_person("settle")
        key = f"settle.{batch.queue_id}.{shown.trace_id}"
        st.text_area("Why?", key=key, max_chars=20_000)
        if filters.remember("settle wants a reason", False):
            st.markdown(":red[**Write why: one sentence is enough.**]")
        with st.container(horizontal=True):
            for state in (LabelState.PASS, LabelState.FAIL):
                st.button(
                    words.SIGNS[state.value], key=f"{key}.{state.value}", disabled=person is None,
                    on_click=_settled(shown.trace_id, batch.queue_id, state, key, person or ""),
                )  # fmt: skip
        st.caption("This third label is the one that counts from now on. Both others are kept.")


def _settled(trace_id: str, queue_id: int, state: LabelState, key: str, person: str) -> Callable[[], None]:
    def store_it() -> None:
        critique = str(filters.state_of(key) or "")
        filters.keep("settle wants a reason", not critique.strip())
        if critique.strip():
            adjudicate(the_store(), queue_id=queue_id, trace_id=trace_id, state=state, critique=critique, by=person)
            filters.put_settings(trace=None)

    return store_it
