"""Has quality changed since a day, a version or a fix: windows pooled from their traces, rules, alerts."""

import streamlit as st

from core.workflows.alerting import check_rules, list_alerts
from core.workflows.trending import SPANS, judge_refs, measure_trend
from pages.monitor import alerts, picture, rules, table
from pages.ui import filters
from pages.ui.notices import cut
from pages.ui.numbers import numbers_popover, smallest_n
from pages.ui.rates import rate_text
from pages.ui.store import filter_options, the_store

EXPERT = "expert"


def draw() -> None:
    """Title and controls, open alerts, the picture with its table, the rules."""
    st.title("Monitor", anchor=False)
    slice_ = filters.current_slice()
    with st.container(horizontal=True, vertical_alignment="bottom", key="monitor_controls"):
        windows = [*SPANS, *filter_options().dimensions]
        by = filters.choose("By", "by", windows, "week", width=200)
        sources = [EXPERT, *judge_refs(the_store())]
        of = filters.choose("Of", "of", sources, EXPERT, width=260, format_func=lambda ref: cut(_source(ref), 60))
        numbers_popover()
    alerts.draw_open(list_alerts(the_store()))
    trend, checked = measure_trend(the_store(), slice_, by=by, of=of), check_rules(the_store())
    st.markdown(f"**{rate_text(trend.whole.rate, min_n=smallest_n())}** of all traces here with a verdict failed.")
    if trend.windows:
        picture.draw(trend, [found for found in checked if rules.is_of(found, slice_, of)])
        table.draw(trend)
    else:
        st.info("A trace needs a time, or a value of the dimension, to stand in a window.", title="No window here.")
    rules.draw(checked, slice_, of)
    alerts.draw_past(list_alerts(the_store()))


def _source(ref: str) -> str:
    return "expert" if ref == EXPERT else f"judge {ref}"


draw()
