"""The most frequent failure categories and the worst combinations of values."""

import pandas as pd
import streamlit as st

from core.workflows.summarising import Summary, WorstSlice
from pages.ui import filters
from pages.ui.evidence import draw_evidence
from pages.ui.links import slice_link
from pages.ui.notices import escape, plural
from pages.ui.numbers import smallest_n
from pages.ui.rates import rate_text
from pages.ui.tables import coloured

MOST = 5
KEY = "home.categories"
MISSING_WORD = "(missing)"


def draw_categories(summary: Summary) -> None:
    """The five most frequent categories of the failed traces, those not sorted yet last; a row opens its evidence."""
    failures, min_n = summary.failures, smallest_n()
    if failures.failed == 0:
        return
    st.subheader(f"Most frequent failures (of {failures.failed:,} failed)", anchor=False)
    listed = [row for row in failures.rows if row.traces]
    named = [(row.category.name if row.category else "", row.share_of_failed, row.slice) for row in listed]
    rows = named[:MOST]
    if failures.uncategorised:
        rows.append(("Not sorted yet", failures.not_sorted.share_of_failed, failures.uncategorised_slice))
    table = pd.DataFrame(
        {
            "Failure category": [name for name, _, _ in rows],
            "Failed traces": [rate_text(rate, min_n=min_n) for _, rate, _ in rows],
            "Share": [rate.rate for _, rate, _ in rows],
        }
    )
    with st.container(key="plain_table_categories"):
        st.dataframe(
            coloured(table, {}, name="Failure category"),
            key=KEY,
            on_select="rerun",
            selection_mode="single-cell",
            hide_index=True,
            row_height=34,
            column_config={
                "Failure category": st.column_config.TextColumn(width="medium"),
                "Share": st.column_config.ProgressColumn(" ", min_value=0, max_value=1, format=" ", width="small"),
                "Failed traces": st.column_config.TextColumn(width="medium"),
            },
            alt=f"Failure categories of {failures.failed} failed traces, most frequent first",
        )
    chosen = filters.selected_cell(KEY)
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if (hidden := len(named) - MOST) > 0:
            slice_link(f"and {hidden} more", "failures", filters.current_slice(), tab="counts")
        uneven = summary.labelled.n_eff is not None or bool(summary.choice.left_out())
        plain = " Plain counts of what was labelled, not weighted." if uneven else ""
        st.caption(
            f"Each trace counts once, under its first category.{plain} Choose a row to see its newest critiques."
        )
    if chosen is None or chosen[0] >= len(rows):
        return
    name, rate, inside = rows[chosen[0]]
    slice_link(f"Open {plural(rate.k, 'trace')}: {name}", "traces", inside, icon=":material/arrow_forward:")
    draw_evidence(inside, limit=3)


def draw_worst(summary: Summary) -> None:
    """Combinations of two values by the lower end of the interval of their failure rate."""
    min_n = smallest_n()
    if summary.labelled.n == 0:
        st.markdown("No verdicts yet. The first 25 take about 15 minutes.")
        return
    st.subheader(f"Worst slices (smallest n {min_n})", anchor=False)
    if not summary.worst:
        why = "none of them failed" if summary.looked_at else f"none has {min_n} labelled traces yet"
        st.caption(f"Combinations of two values of your dimensions, worst first: {why}.")
        return
    with st.container(key="worst", gap="xsmall"):
        for place, worst in enumerate(summary.worst):
            _worst(worst, place, min_n)
    st.caption(f"Sorted by the lower end of the interval. {plural(summary.looked_at, 'slice')} looked at.")


def _worst(worst: WorstSlice, place: int, min_n: int) -> None:
    name = " × ".join(value or MISSING_WORD for _, value in worst.values)
    said = ", ".join(f"{dimension}: {value or MISSING_WORD}" for dimension, value in worst.values)
    dimensions = " × ".join(dimension for dimension, _ in worst.values)
    with st.container(horizontal=True, wrap=False, gap="small", key=f"worst_{place}", vertical_alignment="center"):
        slice_link(name, "traces", worst.failed_slice, help=f"{said}. Opens the failed traces.")
        with st.container(key=f"only_wide_named_{place}"):
            st.caption(escape(dimensions))
        slice_link(rate_text(worst.rate, min_n=min_n), "traces", worst.failed_slice, help="Opens the failed traces.")
