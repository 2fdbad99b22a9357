"""Turn critiques into a short list of named failure categories with counts."""

from collections.abc import Callable

import streamlit as st

from core.slice import Slice
from core.workflows.categorising import count_critiques, list_unsorted
from pages.failures import breaks, counts, notes, sort
from pages.ui import filters, notices
from pages.ui.links import slice_link
from pages.ui.report import draw_report
from pages.ui.store import the_store

PARTS: dict[str, tuple[str, Callable[[Slice], None]]] = {
    "notes": ("1 Notes", notes.draw),
    "sort": ("2 Sort into categories", sort.draw),
    "counts": ("3 Counts", counts.draw),
    "breaks": ("4 Where it breaks", breaks.draw),
}

slice_ = filters.current_slice()
with st.container(key="head", horizontal=True):
    st.title("Failures", anchor=False)
    draw_report("failures", any_mention=filters.setting("mode", list(counts.MODES), "primary", said=True) == "any")
critiques = count_critiques(the_store(), slice_)
unsorted = list_unsorted(the_store(), slice_, limit=0).total
with_work = "sort" if unsorted else "counts" if critiques else "notes"
part = filters.choose(
    "Part",
    "tab",
    list(PARTS),
    filters.remember("part of failures", with_work),
    format_func=lambda name: PARTS[name][0],
    kind="segments",
    label_visibility="collapsed",
)
if critiques or unsorted or part in ("counts", "breaks"):
    PARTS[part][1](slice_)
else:
    notices.no_critiques()
    slice_link("Review 25 traces", "review", slice_)
