"""Alerts: those that nobody has acknowledged with a way to do so, and those of the past."""

from collections.abc import Sequence

import streamlit as st

from core.workflows.alerting import Alert, acknowledge
from pages.ui import filters, words
from pages.ui.links import slice_link
from pages.ui.notices import escape
from pages.ui.rates import interval, of, percent, weighted
from pages.ui.store import asked_event, the_store


def draw_open(alerts: Sequence[Alert]) -> None:
    """Draw each alert that waits for somebody."""
    for alert in alerts:
        if alert.is_open:
            _open(alert)


def draw_past(alerts: Sequence[Alert]) -> None:
    """Draw those that were acknowledged: by whom, when, and what they said."""
    past = [alert for alert in alerts if not alert.is_open]
    if not past:
        return
    st.subheader("Acknowledged alerts", anchor=False)
    for alert in past:
        with st.container(horizontal=True, gap="small", key=f"past_alert_{alert.id}"):
            note = f": {escape(alert.note)}" if alert.note else ""
            when, who = words.day(alert.acknowledged_at), escape(alert.acknowledged_by or "")
            st.markdown(
                f"{words.day(alert.raised_at)}, {_numbers(alert)}. {escape(alert.rule.broken_words)}.", width="content"
            )
            st.caption(f"{who}, {when}{note}", width="content")


def _open(alert: Alert) -> None:
    with st.container(border=True, gap="xsmall", key=f"alert_{alert.id}"):
        st.warning(
            f"{_numbers(alert)}, from {words.day(alert.since)} to {words.day(alert.until)}.",
            title=f"Alert: {escape(alert.rule.broken_words)}.",
        )
        with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
            # As it was when the alert was raised: later labels change how many failed.
            raised = min(alert.event, asked_event() or alert.event)
            slice_link(f"Open {alert.rate.k:,} failed", "traces", alert.failed_slice, as_of=str(raised))
            person = filters.person()
            why = None if person else "Your name first: it will stand beside the alert."
            key = f"alert.note.{alert.id}"
            st.text_input("What is done about it", key=key, max_chars=500, width=360)
            if st.button("Acknowledge", key=f"acknowledge.{alert.id}", disabled=person is None, help=why) and person:
                acknowledge(the_store(), alert.event, by=person, note=str(filters.state_of(key) or ""))
                st.rerun()
        if alert.post:
            st.caption(f"Webhook: {escape(alert.post)}.")


def _numbers(alert: Alert) -> str:
    return f"{of(alert.rate.k, alert.rate.n)} failed · {percent(alert.rate.rate)}{weighted(alert.rate)} ({interval(alert.rate)})"
