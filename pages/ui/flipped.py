"""The traces on which two judge versions differ: those now right, those now wrong, and what was said of the one chosen."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from core.workflows.comparing import FLIPS, Comparison, Flipped, list_flipped
from pages.ui import filters
from pages.ui.links import trace_link
from pages.ui.notices import cut, escape
from pages.ui.opened import note_shown
from pages.ui.store import the_store
from pages.ui.waiting import hidden_from_me, number_hidden
from pages.ui.words import SIGNS, judge_words

KEY: Final = "flipped"
BOTH: Final = "both"
MOST: Final = 200
LONG: Final = 1500
OTHER: Final = {"pass": "fail", "fail": "pass"}


def draw_flipped(found: Comparison) -> None:
    """Choose all flips, those now right or those now wrong (`flip=`), then list them; a row shows all three side by side."""
    asked = filters.text_setting("flip")
    if not found.now_right + found.now_wrong and asked is None:
        return
    words = {
        BOTH: f"All flips ({found.now_right + found.now_wrong:,})",
        "right": f"Now right ({found.now_right:,})",
        "wrong": f"Now wrong ({found.now_wrong:,})",
    }
    flip = filters.choose("Flips", "flip", [BOTH, *FLIPS], BOTH, format_func=words.__getitem__, kind="segments",
                          label_visibility="collapsed")  # fmt: skip
    listed = list_flipped(the_store(), found, None if flip == BOTH else flip, limit=MOST)
    shown = [one for one in listed if not hidden_from_me(one.pair.trace_id)]
    if not listed:
        st.caption("None flipped this way.")
        return
    if len(shown) < len(listed):
        st.caption(number_hidden(len(listed) - len(shown)))
    noted = note_shown([one.pair.trace_id for one in shown])
    shown = [one for one in shown if one.pair.trace_id in noted]
    _table(found, shown)
    if len(listed) == MOST:
        st.caption(f"At most {MOST:,} are listed; the links above open all of them.")
    chosen = filters.selected_cell(KEY)
    if chosen is not None and chosen[0] < len(shown):
        _side_by_side(found, shown[chosen[0]])


def _table(found: Comparison, shown: list[Flipped]) -> None:
    frame = pd.DataFrame(
        {
            "now": ["now right" if one.now_right else "now wrong" for one in shown],
            "trace": [one.pair.trace_id for one in shown],
            "asked": [cut(one.pair.input or "", 160) for one in shown],
            "expert": [SIGNS[one.pair.expert.value] for one in shown],
            "former": [SIGNS[OTHER[one.pair.judge.value]] for one in shown],
            "latter": [SIGNS[one.pair.judge.value] for one in shown],
        }
    )
    config: dict[str, Any] = {
        "now": st.column_config.TextColumn("Flip", width=90),
        "trace": st.column_config.TextColumn("Trace", width=110),
        "asked": st.column_config.TextColumn("Input", width=360),
        "expert": st.column_config.TextColumn("Expert", width=70),
        "former": st.column_config.TextColumn(judge_words(found.former), width=150),
        "latter": st.column_config.TextColumn(judge_words(found.latter), width=150),
    }
    st.dataframe(
        frame, key=KEY, on_select="rerun", selection_mode="single-cell", hide_index=True, row_height=36,
        height="content" if len(frame) <= 10 else 400, column_config=config, alt=f"{len(frame)} traces that flipped",
    )  # fmt: skip
    st.caption("Choose a row to read the three side by side.")


def _side_by_side(found: Comparison, one: Flipped) -> None:
    pair = one.pair
    trace_link(f"Open {pair.trace_id}", pair.trace_id, found.slice)
    said = (
        ("Expert", pair.expert.value, pair.expert_critique),
        (judge_words(found.former), OTHER[pair.judge.value], one.former_critique),
        (judge_words(found.latter), pair.judge.value, pair.judge_critique),
    )
    for column, (who, verdict, critique) in zip(st.columns(3, gap="medium"), said, strict=True):
        with column, st.container(border=True, height="stretch"):
            st.markdown(f"{escape(who)} **{SIGNS[verdict]}**")
            if critique:
                st.markdown(f"\u201c{escape(cut(critique, LONG))}\u201d")
            else:
                st.caption("No critique.")
