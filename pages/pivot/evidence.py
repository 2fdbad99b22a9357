"""The chosen cell: its number, the links to exactly its traces, and what was said of the newest of them."""

import streamlit as st

from core.workflows.pivoting import EXPERT, FAILED, PivotCell
from pages.pivot.choice import Choice
from pages.pivot.table import value_words
from pages.ui.evidence import draw_evidence
from pages.ui.links import slice_link
from pages.ui.notices import escape, plural
from pages.ui.rates import count, few_help, interval, of, percent, weighted

COMPARED = {"disagreements": "compared", "caught": "failures of the expert", "kept": "passes of the expert"}
VERBS = {"disagreements": "differ", "caught": "caught", "kept": "kept"}


def draw(cell: PivotCell, choice: Choice, min_n: int) -> None:
    """Draw the evidence block of a cell."""
    name = value_words(choice.rows, cell.row)
    if choice.cols:
        name += f" × {value_words(choice.cols, cell.col)}"
    with st.container(key="first_on_phone_evidence", border=True):
        with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
            st.markdown(f"**{escape(name)}**: {_number(cell, choice, min_n)}", width="content")
            _links(cell, choice)
        if choice.only_traces:
            return
        rests_on = cell.bad_slice if cell.bad.k else cell.judged_slice
        if cell.bad.n:
            draw_evidence(rests_on, of=(choice.corrected or choice.of) if choice.measure == FAILED else EXPERT)


def _number(cell: PivotCell, choice: Choice, min_n: int) -> str:
    rate = cell.rate
    if choice.only_traces:
        return f"{count(cell.counts.traces)} traces"
    if rate.n == 0:
        return "nothing to count here"
    said = f"{of(rate.k, rate.n)} {VERBS.get(choice.measure, 'failed')}"
    return (
        f"{said} · {few_help(rate)}"
        if rate.strength < min_n
        else f"{said} · {percent(rate.rate)}{weighted(rate)} ({interval(rate)})"
    )


def _bad_words(n: int, choice: Choice) -> str:
    if choice.measure == "caught":
        return f"Open {plural(n, 'failure')} it missed"
    if choice.measure == FAILED:
        return f"Open these {count(n)} failed traces" if n > 1 else "Open this failed trace"
    return f"Open {plural(n, 'disagreement' if choice.measure == 'disagreements' else 'false alarm')}"


def _links(cell: PivotCell, choice: Choice) -> None:
    if choice.only_traces:
        slice_link(f"Open all {count(cell.counts.traces)}", "traces", cell.all_slice, icon=":material/arrow_forward:")
        return
    if cell.bad.k:
        slice_link(_bad_words(cell.bad.k, choice), "traces", cell.bad_slice, icon=":material/arrow_forward:")
    if cell.rate.n:
        compared = COMPARED.get(choice.measure, "labelled" if choice.of == EXPERT else "judged")
        slice_link(f"Open all {count(cell.rate.n)} {compared}", "traces", cell.judged_slice)
    if cell.counts.traces != cell.rate.n and choice.measure == FAILED:
        slice_link(f"All {count(cell.counts.traces)} traces here", "traces", cell.all_slice)
