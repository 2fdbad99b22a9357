"""Where the judge is weak: caught failures and kept passes for each value of a dimension."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from core.workflows.biasing import values_unlike_the_rest
from core.workflows.pivoting import CATEGORY, axes
from core.workflows.trusting import Trust, TrustGroup
from pages.trust import choices, people
from pages.ui import filters
from pages.ui.links import slice_link
from pages.ui.notices import escape, plural
from pages.ui.numbers import smallest_n
from pages.ui.rates import count, heat_text, rate_text
from pages.ui.store import the_store
from pages.ui.tables import coloured, grey

KEY: Final = "trust.by"
NONE: Final = "none"
MOST: Final = 40
MOST_UNLIKE: Final = 3
PREFERRED: Final = ("scenario", "feature")


def chosen() -> str | None:
    """The dimension in view; None where there is none."""
    known = _known()
    return filters.setting("by", list(known), _usual(known), said=True) if known else None


def _known() -> dict[str, str]:
    return {axis.name: axis.words for axis in axes(the_store())}


def _usual(known: dict[str, str]) -> str:
    return next((name for name in PREFERRED if name in known), next(iter(known)))


def draw(trust: Trust) -> None:
    """Choose a dimension and draw one row per value; a cell opens its links below."""
    known = _known()
    if not known:
        return
    usual = _usual(known)
    by = filters.choose("Where it is weak, by", "by", list(known), usual, format_func=known.__getitem__, width=220)
    groups = choices.measured(filters.current_slice(), trust.judge, by).groups[1:]
    shown = sorted(groups, key=lambda group: (group.value == "", -group.counts.n))[:MOST]
    min_n = smallest_n()
    frame = pd.DataFrame(
        {
            "value": [_name(by, group) for group in shown],
            "caught": [heat_text(group.caught_failures, min_n=min_n) for group in shown],
            "kept": [heat_text(group.kept_passes, min_n=min_n) for group in shown],
        }
    )
    styles = {
        "caught": [grey(few=group.caught_failures.n < min_n) for group in shown],
        "kept": [grey(few=group.kept_passes.n < min_n) for group in shown],
    }
    failures, passes = map(escape, trust.in_words)
    config: dict[str, Any] = {
        "value": st.column_config.TextColumn(known[by]),
        "caught": st.column_config.TextColumn("caught failures", help=f"Of the {failures}"),
        "kept": st.column_config.TextColumn("kept passes", help=f"Of the {passes}"),
    }
    with st.container(key="plain_table_by"):
        st.dataframe(
            coloured(frame, styles, name="value"), key=KEY, on_select="rerun", selection_mode="single-cell",
            hide_index=True, row_height=32, height=420 if len(shown) > 12 else "content", column_config=config,
            alt=f"Caught failures and kept passes by {known[by]}, {len(shown)} rows",
        )  # fmt: skip
    _draw_unlike(by, trust, groups)
    chosen = filters.selected_cell(KEY)
    if chosen is None or chosen[0] >= len(shown):
        st.caption("Choose a row to open its traces.")
        return
    _links(by, shown[chosen[0]])


def _draw_unlike(by: str, trust: Trust, groups: list[TrustGroup]) -> None:
    """The values on which the judge does clearly worse or better than on the rest, and among how many."""
    unlike = values_unlike_the_rest(trust.whole, groups, min_n=smallest_n())
    for one in unlike.found[:MOST_UNLIKE]:
        with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
            st.markdown(f"**{escape(_words(by, one.value))}** is not like the rest: {one.words}", width="content")
            if one.rate.k:
                slice_link(rate_text(one.rate), "traces", one.slice)
            else:
                st.markdown(rate_text(one.rate), width="content")
            st.markdown(f"against {rate_text(one.rest)} of all others.", width="content")
    if unlike.found:
        st.caption(
            f"{plural(unlike.looked_at, 'difference')} looked at: with more of them, one may look clear by chance."
        )


def _name(by: str, group: TrustGroup) -> str:
    return _words(by, group.value or "")


def _words(by: str, value: str) -> str:
    return value or ("not sorted yet" if by == CATEGORY else "(missing)")


def _links(by: str, group: TrustGroup) -> None:
    counts = group.counts
    st.markdown(f"**{escape(_name(by, group))}**: {count(counts.n)} compared")
    with st.container(horizontal=True, gap="medium"):
        for words, n, expert, judge in (
            ("caught", counts.both_fail, "fail", "fail"),
            ("missed", counts.judge_too_lenient, "fail", "pass"),
            ("kept", counts.both_pass, "pass", "pass"),
            ("false alarms", counts.judge_too_strict, "pass", "fail"),
        ):
            if n:
                slice_link(f"Open {count(n)} {words}", "traces", group.cell_slice(expert=expert, judge=judge))
        if by != CATEGORY:
            people.offer(group.judge, by, group.value or "", f"{by}: {_name(by, group)}")
