"""The four counts of a judge against the expert, each a link to its traces."""

from typing import Final

import streamlit as st

from core.workflows.trusting import TrustGroup
from pages.ui.links import slice_link
from pages.ui.notices import quoted
from pages.ui.rates import count

_TINT: Final = {"light": "#FFF4D6", "dark": "#332A10"}
_STYLE: Final = """<style>
[class*="st-key-four_"] { padding: .5rem .75rem; border-radius: .375rem;
  border: 1px solid color-mix(in srgb, currentColor 16%, transparent); }
[class*="st-key-four_warn"] { background: TINT; }
[class*="st-key-four_"] p { margin: 0; }
[class*="st-key-four_"] [data-testid="stMarkdownContainer"] { margin-bottom: 0; }
[class*="st-key-four_"] a :is(p, span) { white-space: normal !important; overflow: visible !important; }
</style>"""


def draw(group: TrustGroup) -> None:
    """Draw the table in words; the two ways to differ carry the warning tint."""
    theme = "dark" if st.context.theme.type == "dark" else "light"
    st.html(_STYLE.replace("TINT", _TINT[theme]))
    counts = group.counts
    with st.container(key="only_wide_four"):
        _, left, right = st.columns([2, 3, 3], vertical_alignment="bottom")
        left.markdown("Judge: **pass**")
        right.markdown("Judge: **fail**")
    passed = (("pass", "both pass", counts.both_pass), ("fail", "judge too strict", counts.judge_too_strict))
    failed = (("pass", "judge too lenient", counts.judge_too_lenient), ("fail", "both fail", counts.both_fail))
    sorted_into = None if group.category is None else f"Sorted into “{quoted(group.category.name, 40)}”"
    in_words = ("Expert: **pass**", "Expert: **fail**") if sorted_into is None else ("All others", sorted_into)
    rows = (("pass", group.passed, passed), ("fail", group.failed, failed))
    for said, (expert, n, cells) in zip(in_words, rows, strict=True):
        name, *places = st.columns([2, 3, 3], vertical_alignment="center")
        with name:
            st.markdown(f"{said} ({count(n)})")
        for place, (judge, words, k) in zip(places, cells, strict=True):
            with place:
                _cell(group, expert, judge, words, k)


def _cell(group: TrustGroup, expert: str, judge: str, words: str, n: int) -> None:
    key = f"four_{'same' if expert == judge else 'warn'}_{expert}_{judge}"
    with st.container(key=key):
        said = f"{count(n)} {words}"
        if n == 0:
            st.markdown(said)
            return
        help_ = f"Expert {expert}, judge {judge}: {count(n)} traces, {words}"
        slice_link(said, "traces", group.cell_slice(expert=expert, judge=judge), help=help_)
