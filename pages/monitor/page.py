"""Has quality changed since a day, a version or a fix: windows pooled from their traces, rules, alerts."""

import streamlit as st

from core.slice import Slice
from core.workflows.alerting import Checked, check_rules, list_alerts
from core.workflows.counting import judge_behind
from core.workflows.estimating import estimate
from core.workflows.pivoting import EXPERT
from core.workflows.trending import SPANS, measure_trend
from pages.monitor import ahead, alerts, drift, picture, rules, table
from pages.ui import filters, whose
from pages.ui.left_out import draw_left_out
from pages.ui.links import slice_link
from pages.ui.notices import cut
from pages.ui.numbers import numbers_popover, smallest_n
from pages.ui.rates import rate_text, sample_words
from pages.ui.store import filter_options, known_refs, the_store
from pages.ui.words import source_words


def _words(of: str) -> str:
    return cut(source_words(of), 60)


def draw() -> None:
    """Title and controls, open alerts, the picture with its table, the rules."""
    st.title("Monitor", anchor=False)
    slice_ = filters.current_slice()
    sources, known = whose.sources(whose.refs_to_offer("of")), whose.sources(known_refs())
    whose.say_if_gone("of", known)
    with st.container(horizontal=True, vertical_alignment="bottom", key="monitor_controls"):
        windows = [*SPANS, *filter_options().dimensions]
        by = filters.choose("By", "by", windows, "week", width=200)
        of = whose.choose("Of", "of", sources, EXPERT, known=known, width=260, format_func=_words)
        numbers_popover()
    alerts.draw_open(list_alerts(the_store()))
    if of is None:
        return
    checked = check_rules(the_store())
    _draw_trend(slice_, by, of, [found for found in checked if rules.is_of(found, slice_, of)])
    drift.draw(judge_behind(of) or (None if of == EXPERT else of))
    rules.draw(checked, slice_, of)
    alerts.draw_past(list_alerts(the_store()))


def _draw_trend(slice_: Slice, by: str, of: str, checked: list[Checked]) -> None:
    """The sentence, the picture and the table; where nothing can be corrected the reason, and what the judge says."""
    ref = judge_behind(of)
    if ref is not None and (refusal := estimate(the_store(), slice_, judge=ref).refusal):
        st.info(refusal, title="There is no corrected rate here.")
        slice_link("Trust", "trust", slice_, judge=ref)
        of = ref
    trend = measure_trend(the_store(), slice_, by=by, of=of)
    rests_on = trend.estimate
    speaks_of = "traces here with a verdict" if rests_on is None else f"{rests_on.words} here"
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        said = rate_text(trend.whole.rate, min_n=smallest_n())
        if trend.whole.counts.failed:
            slice_link(said, "traces", trend.whole.failed_slice)
        else:
            st.markdown(f"**{said}**", width="content")
        st.markdown(f"of all {speaks_of} failed.", width="content")
        draw_left_out(trend.left_out)
    if rests_on is not None:
        st.caption("This rests on the judge's errors over all traces and all time, not on those of a window alone.")
        if rests_on.sample:
            st.caption(sample_words(rests_on.sample))
    if trend.windows:
        picture.draw(trend, checked)
        table.draw(trend)
    else:
        st.info("A trace needs a time, or a value of the dimension, to stand in a window.", title="No window here.")
    ahead.draw(trend.ahead, f"Not in any {by}.")


draw()
