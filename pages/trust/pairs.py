"""The disagreements: expert and judge side by side over the trace, or all in a table."""

from collections.abc import Callable
from typing import Any, Final

import pandas as pd
import streamlit as st

from core.model import Verdict
from core.workflows.biasing import ids_of_look, words_of_look
from core.workflows.exploring import TraceDetail, look_up_trace
from core.workflows.quoting import quotations
from core.workflows.trusting import Pair, Trust, list_pairs
from pages.trust import causes, choices, export
from pages.ui import filters, words
from pages.ui.links import slice_link, trace_link
from pages.ui.notices import cut, escape, plural, quoted, stale_setting
from pages.ui.opened import note_opened, note_shown
from pages.ui.store import lines_beside, the_store
from pages.ui.trace_payload import holds_sealed, is_large, payload
from pages.ui.trace_view import trace_view
from pages.ui.waiting import hidden_from_me, number_hidden, why_hidden

KEY: Final = "trust.table"
KINDS: Final = {"lenient": ("fail", "pass"), "strict": ("pass", "fail")}
LONG: Final = 1500
MOST: Final = 500


@st.fragment
def draw(trust: Trust) -> None:
    """Draw the disagreements of the kind in the address."""
    view = filters.setting("view", list(choices.VIEWS), choices.OVERVIEW, said=True)
    kind = filters.setting("cell", ["all", *KINDS], "all")
    choices.draw_kinds(trust, kind, view)
    of_kind = trust.disagreements
    if kind in KINDS:
        expert, judge = KINDS[kind]
        of_kind = trust.whole.cell_slice(expert=expert, judge=judge)
    causes.draw_counts(trust, of_kind, view)
    found = list_pairs(
        the_store(), of_kind, judge=trust.judge, limit=MOST, mark=causes.chosen(), ids=_of_look(trust, view)
    )
    if not found:
        st.info("Nothing of this kind here.")
    elif view == "table":
        export.draw(trust)
        _table(found, trust)
    else:
        _one(found, trust)


def _of_look(trust: Trust, view: str) -> list[str] | None:
    """The traces of the look that the address asks for, with its words and the way out."""
    look = filters.text_setting("look")
    if look is None:
        return None
    words_ = words_of_look(the_store(), trust, look)
    if words_ is None:
        stale_setting("look", look, "any look")
        return None
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(f"Answers **{words_}** alone.", width="content")
        cell = filters.text_setting("cell")
        slice_link("Any answer", "trust", filters.current_slice(), judge=trust.judge, view=view, cell=cell)
    return ids_of_look(the_store(), trust, look)


def _one(found: list[Pair], trust: Trust) -> None:
    ids = [pair.trace_id for pair in found]
    asked = filters.text_setting("trace")
    place = ids.index(asked) if asked in ids else 0
    if asked is not None and asked not in ids:
        st.info(f"Trace {quoted(asked, 40)} is no disagreement of this kind; the first one is shown.")
    pair = found[place]
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        _step("Previous", "Left", ids[place - 1] if place else None)
        _step("Next", "Right", ids[place + 1] if place + 1 < len(ids) else None)
        st.markdown(f"**{place + 1:,} of {len(ids):,}**", width="content")
        trace_link("Open in Traces", pair.trace_id, trust.disagreements)
    hidden = hidden_from_me(pair.trace_id)
    if not note_opened(pair.trace_id, saw_judge=not hidden):
        return
    if hidden:
        st.caption(why_hidden())
    else:
        left, right = st.columns(2, gap="medium")
        with left, st.container(border=True, key="pair_expert", height="stretch"):
            who = f"{quoted(pair.labeler, 40)} · {words.day(pair.labelled_at)} · blind"
            _said("Expert", pair.expert.value, who, pair.expert_critique)
            if trust.category is not None:
                st.caption(_why_so(pair, quoted(trust.category.name, 60)))
        with right, st.container(border=True, key="pair_judge", height="stretch"):
            _said("Judge", pair.judge.value, escape(words.judge_words(trust.judge)), pair.judge_critique)
        causes.draw_buttons(pair, trust)
        causes.draw_mending(trust)
    seen = look_up_trace(the_store(), pair.trace_id)
    if seen is not None:
        record = not hidden and not holds_sealed(seen)
        shown = payload(
            seen,
            filters.current_slice(),
            whole=not is_large(seen.trace),
            chips=False,
            record=record,
            lines=lines_beside(),
        )
        evidence = [] if hidden else _evidence(pair, seen)
        if evidence:
            st.caption(f"Marked in the trace: {plural(len(evidence), 'passage')} that the judge quotes.")
        trace_view(shown, key="trust.trace", search=[filters.current_slice().search, *evidence])


def _evidence(pair: Pair, seen: TraceDetail) -> list[str]:
    row = seen.trace.row
    return quotations(pair.judge_critique, (*(message.text for message in seen.trace.messages), row.input, row.output))


def _why_so(pair: Pair, name: str) -> str:
    """What the verdict of a label rests on where only one failure category is looked for."""
    passed = pair.overall is Verdict.PASS
    if pair.expert is Verdict.FAIL:
        return f"Sorted into “{name}”" + (", though it passed as a whole." if passed else ".")
    return f"Not sorted into “{name}”" + ("." if passed else ": it failed for another reason.")


def _step(label: str, shortcut: str, target: str | None) -> None:
    st.button(label, shortcut=shortcut, disabled=target is None, on_click=_opens(target), key=f"step_{shortcut}")


def _opens(trace_id: str | None) -> Callable[[], None]:
    return lambda: filters.put_settings(trace=trace_id)


def _said(who: str, verdict: str, by: str, critique: str | None) -> None:
    colour = "red" if verdict == "fail" else "green"
    st.markdown(f"{who} :{colour}[**{words.SIGNS[verdict]}**] · {by}")
    if critique:
        st.markdown(f"\u201c{escape(cut(critique, LONG))}\u201d")
    else:
        st.caption("No critique.")


def _table(found: list[Pair], trust: Trust) -> None:
    frame = pd.DataFrame(
        {
            "trace": [pair.trace_id for pair in found],
            "response": [cut(pair.output or "", 160) for pair in found],
            "judge": [words.SIGNS[pair.judge.value] for pair in found],
            "judge_critique": [pair.judge_critique or "" for pair in found],
            "expert": [words.SIGNS[pair.expert.value] for pair in found],
            "expert_critique": [pair.expert_critique or "" for pair in found],
            "better": [pair.revised_response or "" for pair in found],
            "cause": [causes.WORDS.get(pair.mark or "", "") for pair in found],
        }
    )
    frame = frame.drop(columns=[name for name in ("better", "cause") if not frame[name].any()])
    config: dict[str, Any] = {
        "trace": st.column_config.TextColumn("Trace", width=110),
        "response": st.column_config.TextColumn("Response", width=220),
        "judge": st.column_config.TextColumn("Judge", width=70),
        "judge_critique": st.column_config.TextColumn("Judge's critique", width=300),
        "expert": st.column_config.TextColumn("Expert", width=70),
        "expert_critique": st.column_config.TextColumn("Expert's critique", width=300),
        "better": st.column_config.TextColumn("Better answer", width=160),
        "cause": st.column_config.TextColumn("Cause", width=120),
    }
    hidden = [pair.trace_id for pair in found if hidden_from_me(pair.trace_id)]
    if hidden:
        st.caption(number_hidden(len(hidden)))
    noted = note_shown([pair.trace_id for pair in found if pair.trace_id not in hidden])
    frame = frame[frame["trace"].isin(noted)]
    st.dataframe(
        frame, key=KEY, on_select="rerun", selection_mode="single-cell", hide_index=True, row_height=36,
        height="content" if len(frame) <= 15 else 600, column_config=config,
        alt=f"{len(frame)} disagreements of judge and expert",
    )  # fmt: skip
    chosen = filters.selected_cell(KEY)
    if chosen is not None and chosen[0] < len(frame):
        trace_id = str(frame.iloc[chosen[0]]["trace"])
        slice_link(
            f"See {cut(trace_id, 30)} side by side", "trust", filters.current_slice(), judge=trust.judge, view="pairs",
            trace=trace_id, cell=filters.text_setting("cell"), icon=":material/arrow_forward:",
        )  # fmt: skip
    if trust.differ > MOST:
        st.caption(f"The newest {MOST:,} are shown.")
