"""The right pane: what the expert and the judge said of a trace, then the trace."""

from collections.abc import Callable

import streamlit as st

from core.model import Judgment, Label, Verdict
from core.slice import Slice
from core.workflows.exploring import TraceDetail, is_in_slice
from pages.ui import filters, notices, words
from pages.ui.links import slice_link
from pages.ui.notices import cut, escape, quoted
from pages.ui.opened import note_opened
from pages.ui.regression import draw_regression
from pages.ui.store import lines_beside, seen_trace, the_store
from pages.ui.trace_payload import FIRST_MESSAGES, holds_sealed, is_large, payload
from pages.ui.trace_view import trace_view
from pages.ui.waiting import hidden_from_me, why_hidden

LONG = 420
"""Characters of a critique shown before it is folded."""


def draw_detail(trace_id: str, slice_: Slice, *, listed: bool, judge: str | None) -> bool:
    """Draw one trace with everything said about it; `listed`: the list beside shows it, so the slice holds it.

    Returns whether what is said of it was shown.
    """
    seen = seen_trace(trace_id)
    if seen is None:
        notices.no_such_trace(trace_id)
        slice_link("All traces", "traces", Slice())
        return False
    with st.container(key="only_phone_back"):
        slice_link("Back to the list", "traces", slice_, p=filters.text_setting("p"), sort=filters.text_setting("sort"))
    if not listed and not is_in_slice(the_store(), slice_, trace_id):
        notices.not_in_slice(trace_id)
    waits = hidden_from_me(trace_id)
    noted = note_opened(trace_id, saw_judge=any(not j.sealed for j in seen.judgments) and not waits)
    hidden = waits or not noted
    if waits:
        st.caption(why_hidden())
    elif noted:
        _said(seen, judge)
        if seen.label is not None and seen.label.verdict is Verdict.FAIL:
            draw_regression(trace_id)
    failure = None if hidden or seen.label is None else seen.label.first_failure
    whole = not is_large(seen.trace) or filters.remember("whole", "") == trace_id
    record = not hidden and not holds_sealed(seen)
    if not whole:
        _large(seen, trace_id, record=record)
    if not record and not hidden:
        st.caption("The record as logged is not shown: it may hold the verdict, which is sealed.")
    shown = payload(seen, slice_, whole=whole, record=record, lines=lines_beside())
    trace_view(shown, key="trace_view", search=slice_.search, first_failure=failure)
    return not hidden


def _said(seen: TraceDetail, judge: str | None) -> None:
    """The label that counts first, other people's labels as second opinions, then the judges, the one in view first."""
    with st.container(key="said", gap="xsmall"):
        if seen.label is None:
            st.markdown("**Expert:** – unlabelled")
        else:
            _label("Expert", seen.label)
        for other in seen.labels:
            if seen.label is None or other.event != seen.label.event:
                _label("Second opinion", other)
        in_view = [j for j in seen.judgments if f"{j.judge}@{j.version}" == judge]
        others = [j for j in seen.judgments if j not in in_view]
        for judgment in in_view:
            _judgment(judgment)
        if others:
            said = " · ".join(f"{_judge(j)} {words.judgment_words(j)}" for j in others[:4])
            with st.expander(f"Also: {said}" if len(others) <= 4 else f"Also: {said} · {len(others) - 4} more"):
                for judgment in others:
                    _judgment(judgment)


def _label(what: str, label: Label) -> None:
    marks = [words.day(label.at)]
    if label.origin == "adjudicated":
        marks.append("settled a disagreement")
    if label.saw_judge:
        marks.append("saw the judge")
    if not label.for_current_content:
        marks.append("given for a former version of this trace")
    said = ", ".join((quoted(label.labeler, 40), *marks))
    st.markdown(f"**{what}:** {_coloured(words.label_words(label))}, {said}")
    if label.critique:
        _critique(label.critique)
    if label.revised_response:
        with st.expander("Better answer"):
            st.text(label.revised_response)
    if label.categories:
        st.markdown(f"Failure category: {', '.join(f'**{quoted(name, 60)}**' for name in label.categories)}")


def _judgment(judgment: Judgment) -> None:
    st.markdown(f"**Judge {_judge(judgment)}:** {_coloured(words.judgment_words(judgment))}")
    if judgment.failure:
        st.caption(f"No verdict: {quoted(judgment.failure, 200)}")
    if judgment.critique:
        _critique(judgment.critique)


def _judge(judgment: Judgment) -> str:
    return f"{quoted(judgment.judge, 30)} {escape(words.version_words(judgment.version))}"


def _coloured(verdict: str) -> str:
    word = verdict.split(" ")[-1]
    colour = {"pass": "green", "fail": "red"}.get(word)
    return f":{colour}[**{verdict}**]" if colour else f"**{escape(verdict)}**"


def _critique(text: str) -> None:
    if len(text) <= LONG:
        st.markdown(_quote(text))
        return
    st.markdown(_quote(cut(text, LONG)))
    with st.expander("The whole critique"):
        st.text(text)


def _quote(text: str) -> str:
    return f"\u201c{escape(cut(text, LONG))}\u201d"


def _large(seen: TraceDetail, trace_id: str, *, record: bool) -> None:
    bytes_ = len(seen.trace.record.encode())
    notices.trace_large(words.size(bytes_), min(FIRST_MESSAGES, len(seen.trace.messages)))
    with st.container(horizontal=True):
        st.button("Show all", key="show_all", on_click=_show_all(trace_id))
        if record:
            st.download_button(
                "Download the record", data=seen.trace.record.encode, file_name="trace.json", mime="application/json",
                on_click="ignore",
            )  # fmt: skip


def _show_all(trace_id: str) -> Callable[[], None]:
    return lambda: filters.keep("whole", trace_id)
