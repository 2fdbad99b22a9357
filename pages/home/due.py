"""What keeps watch: open alerts, and a review that is due."""

import streamlit as st

from core.slice import Slice
from core.workflows.alerting import list_alerts
from core.workflows.pinning import present
from core.workflows.queueing import UNLABELLED, start_queue
from core.workflows.staling import Due
from pages.ui import filters, words
from pages.ui.links import slice_link
from pages.ui.notices import escape, plural
from pages.ui.rates import interval, of, percent
from pages.ui.store import the_store

MOST_ALERTS = 3


def draw_alerts() -> None:
    """Draw the alerts that nobody has acknowledged, each with its way to Monitor."""
    waiting = [alert for alert in list_alerts(the_store()) if alert.is_open]
    for alert in waiting[:MOST_ALERTS]:
        rate = alert.rate
        st.warning(
            f"{of(rate.k, rate.n)} failed · {percent(rate.rate)} ({interval(rate)}), on {words.day(alert.raised_at)}.",
            title=f"Alert: {escape(alert.rule.broken_words)}.",
        )
    if waiting:
        label = "See the alert" if len(waiting) == 1 else f"See all {len(waiting)} alerts"
        slice_link(label, "monitor", Slice(), icon=":material/arrow_forward:")


def draw_due(due: Due | None) -> None:
    """Draw, where a review is due, how long the last one is ago and the button that draws this week's traces."""
    if due is None or not due.is_due:
        return
    st.subheader("A review is due", anchor=False)
    ago = words.ago(due.since.at, present(the_store()))
    st.markdown(f"Last verdict {ago}; {plural(due.since.traffic.new, 'trace')} came since.")
    person = filters.person()
    why = None if person else "Your name first: a queue is drawn for somebody."
    if st.button(f"Start the weekly {due.size}", key="weekly", disabled=person is None, help=why) and person:
        queue = start_queue(the_store(), UNLABELLED, size=due.size, labeler=person)
        filters.go("review", Slice(), queue=queue.address)
    st.caption("Drawn at random from all unlabelled traces.")
