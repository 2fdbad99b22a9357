"""Where it fails, by any two dimensions; and where judge and expert part."""

from functools import partial

import streamlit as st

from core.workflows.exporting_pivot import export_pivot
from core.workflows.pivoting import EXPERT, FAILED
from core.workflows.reporting import Asked
from pages.pivot import controls, evidence, picture, place, table
from pages.pivot.choice import Choice
from pages.pivot.counted import counted, left_out_of, refusal_of
from pages.ui import filters, notices, whose
from pages.ui.export import draw_export
from pages.ui.left_out import draw_choice, draw_left_out
from pages.ui.links import slice_link
from pages.ui.numbers import numbers_popover, smallest_n
from pages.ui.rates import count
from pages.ui.report import draw_report
from pages.ui.store import the_store


def draw_controls() -> Choice | None:
    """Title and what to count; None where there is nothing to count, or nobody to count it of."""
    if not controls.has_axes():
        st.title("Pivot", anchor=False)
        st.info(
            "A dimension is a column of the log, such as feature or persona. Name some when importing, "
            "or sort failures into categories.",
            title="These traces have no dimensions yet.",
        )
        slice_link("Import traces", "import_logs", filters.current_slice())
        return None
    whose.say_if_gone("of", controls.all_sources())
    with st.container(key="controls_pivot", horizontal=True, vertical_alignment="bottom"):
        st.title("Pivot", anchor=False, width="content")
        choice = controls.draw()
        if choice is None:
            return None
        numbers_popover()
        here, store = filters.current_slice(), the_store()
        report = partial(draw_report, "pivot", judge=choice.judge, table=Asked(*choice[:5]))
        if refusal_of(here, choice) is None:
            draw_export(
                "pivot",
                lambda form: export_pivot(
                    store, here, form, rows=choice.rows, cols=choice.cols, of=choice.of, measure=choice.measure
                ),
                notices.exported_cells,
                more=lambda: report(forms=["md"]),
            )
        report(forms=["html"])
    return choice


@st.fragment
def draw_counts(choice: Choice) -> None:
    """The sentence, the table with the evidence of the chosen cell, then the same cells worst first."""
    slice_, min_n = filters.current_slice(), smallest_n()
    refusal = refusal_of(slice_, choice)
    if refusal is not None:
        st.info(refusal, title="There is no corrected rate here.")
        slice_link("Trust", "trust", slice_, judge=choice.corrected)
        return
    found = counted(slice_, choice)
    with st.container(key="pivot_sentence", horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(controls.sentence(choice, found), width="content")
        draw_left_out(left_out_of(slice_, choice))
        if found.choice is not None and not choice.only_traces:
            draw_choice(found.choice, weighted=any(cell.rate.n_eff is not None for cell in found.by_place().values()))
    if choice.measure == FAILED and not choice.only_traces and found.total.counts.judged == 0:
        if choice.of == EXPERT:
            notices.no_verdicts(found.total.counts.traces)
        else:
            st.info(f"None of the {count(found.total.counts.traces)} traces has a verdict of this judge version.")
    ranked = [] if choice.only_traces else found.worst_first(min_n)
    chosen = place.chosen(found)
    with st.container(key="pivot_body"):
        table.draw(found, choice, chosen, min_n)
        if chosen is not None:
            evidence.draw(chosen, choice, min_n)
        if ranked:
            picture.draw(ranked, choice, chosen, min_n)
    if not ranked or ranked[0].bad.strength >= min_n:
        return
    st.info(f"Every cell has fewer than {min_n} traces to count. Choose one dimension, or review more.")
    slice_link("Review 25 traces", "review", slice_)


choice_ = draw_controls()
if choice_ is not None:
    draw_counts(choice_)
