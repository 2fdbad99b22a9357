"""Traces: a list and, beside it, the trace that is chosen in it."""

import streamlit as st

from core.slice import Slice
from core.workflows.exploring import SORTS
from core.workflows.exporting import export
from core.workflows.offering import offer_review
from core.workflows.seeing import tells_verdicts
from pages.traces import judge_column, table
from pages.traces.detail import draw_detail
from pages.ui import filters, notices
from pages.ui.export import draw_export
from pages.ui.links import slice_link
from pages.ui.notices import plural
from pages.ui.store import filter_options, listed, the_store

ROWS = 50
LAST_PAGE = 200
KEY = "traces.table"


def draw_head() -> None:
    """Title, order, export, columns and the primary action."""
    n = filters.description().n
    options = filter_options()
    possible, usual = table.possible_fields(options), table.usual_fields(options)
    with st.container(key="head", horizontal=True, vertical_alignment="bottom"):
        st.title("Traces", anchor=False, width="stretch")
        filters.choose("Sort", "sort", list(SORTS), "newest", format_func=str.capitalize, width=150)
        with st.popover("Columns"):
            filters.choose_many("Columns beside the usual ones", "fields", possible, usual)
        here, store = filters.current_slice(), the_store()
        draw_export("traces", lambda form: export(store, "traces", here, form), lambda: notices.exported(n))
        _review(here, n)


def _review(here: Slice, n: int) -> None:
    """The way to a queue from this slice; the link names how many traces it will hold."""
    offer = offer_review(the_store(), here, labeler=filters.person() or "")
    if not offer.amount:
        return
    help_ = "Drawn from these traces and others: what was said of them is left out, so that you judge blind."
    if tells_verdicts(here):
        help_ += " What this list tells of a judge stays noted: labels of the traces in it are not held against it."
    words = f"Review {offer.amount:,}{' unlabelled' if offer.is_whole else ' of these'}"
    if not offer.is_blinded and offer.amount == n:
        words = "Review this trace" if n == 1 else f"Review these {n:,}"
    elif offer.is_blinded:
        words = f"Review {plural(offer.amount, 'trace')}"
    with st.container(key="primary_review", width="content"):
        slice_link(words, "review", here, help=help_ if offer.is_blinded else None)


@st.fragment
def draw_list_and_trace() -> None:
    """Master and detail: a click or an arrow key in the list shows that trace at once."""
    slice_, options, n = filters.current_slice(), filter_options(), filters.description().n
    sort = filters.setting("sort", list(SORTS), "newest", said=True)
    page = min(filters.page_number(), LAST_PAGE, max(1, -(-n // ROWS)))
    found = listed(slice_, sort, ROWS, (page - 1) * ROWS).traces
    asked = filters.text_setting("trace")
    judge = table.judge_in_view(options, slice_.judge or filters.text_setting("judge"))
    fields = filters.many_setting("fields", table.possible_fields(options)) or table.usual_fields(options)
    choice = judge_column.choose(found, judge, slice_)
    found = [trace for trace in found if trace.row.id not in choice.unlisted]
    ids = [trace.row.id for trace in found]
    shown = asked or (ids[0] if ids else None)
    shown = None if shown in choice.unlisted else shown
    left, right = st.columns([6, 5], gap="medium")
    with right, st.container(key="first_on_phone_detail" if asked else "detail"):
        if shown is not None and draw_detail(shown, slice_, listed=shown in ids, judge=judge):
            choice = choice._replace(hidden=choice.hidden - {shown})
    with left, st.container(key="sticky_list"), st.container(key="plain_table_list"):
        judge_column.draw(choice)
        row = ids.index(shown) if shown in ids else None

        def chosen() -> None:
            cell = filters.selected_cell(KEY)
            if cell is not None and cell[0] < len(ids) and ids[cell[0]] != shown:
                filters.put_settings(trace=ids[cell[0]])

        st.dataframe(
            table.frame(found, options, judge, fields, choice.hidden),
            key=filters.select_cell(KEY, row, "Input"),
            on_select=chosen,
            selection_mode="single-cell",
            hide_index=True,
            height=min(table.HEIGHT, 36 * (len(found) + 1) + 3),
            row_height=36,
            column_config=table.column_config(judge, fields),
            alt=f"Traces, {plural(n, 'row')}, sorted by {sort}",
        )
        filters.pager(n, ROWS, most=LAST_PAGE)
        if n > ROWS * LAST_PAGE and page == LAST_PAGE:
            st.caption("Narrow the slice to see more.")


draw_head()
draw_list_and_trace()
