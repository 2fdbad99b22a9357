"""The first page: what fails most, where, whether the judge can be trusted, and what to do next."""

import streamlit as st

from core.workflows.summarising import Summary, summarise
from pages.home import due, failing, next_step, trust, way
from pages.ui import filters, whose, words
from pages.ui.left_out import draw_choice
from pages.ui.links import slice_link
from pages.ui.notices import quoted
from pages.ui.numbers import smallest_n
from pages.ui.rates import NO_CHANCE, interval, of, percent, weighted
from pages.ui.report import draw_report
from pages.ui.stale import draw_stale
from pages.ui.store import the_store

FEW_LABELS = 30


def draw_headline(summary: Summary) -> None:
    """The failure rate of the slice, whose labels it rests on, and how fresh they are."""
    rate = summary.labelled
    if rate.n == 0:
        st.markdown(f"None of {summary.traces:,} traces is labelled yet.")
        return
    with st.container(key="headline", horizontal=True, gap="xsmall", vertical_alignment="center"):
        target = summary.failed_slice if rate.k else summary.labelled_slice
        slice_link(f"{of(rate.k, rate.n)} labelled traces failed", "traces", target)
        with st.container(key="only_wide_dot", width="content"):
            st.markdown("·")
        few = " Few labels yet." if rate.strength < FEW_LABELS else ""
        who = summary.labelers.default
        many = f"{len(summary.labelers.names)} people, the newest of each trace"
        by = f"Labels by {quoted(who, 40) if who else many}, last on {words.day(summary.last_label)}."
        if rate.rate is None:
            st.markdown(f"{NO_CHANCE.capitalize()}: no share of all traces can be said.{few} {by}", width="content")
        else:
            st.markdown(f"**{percent(rate.rate)}**{weighted(rate)} ({interval(rate)}).{few} {by}", width="content")
    draw_choice(summary.choice, weighted=rate.n_eff is not None)


judge = filters.text_setting("judge")
gone = whose.judge_is_gone()
summary_ = summarise(the_store(), filters.current_slice(), min_n=smallest_n(), judge=None if gone else judge)
with st.container(key="head", horizontal=True):
    st.title("What is failing, and where", anchor=False)
    draw_report("", judge=judge)
due.draw_alerts()
draw_headline(summary_)
wide, narrow = st.columns([5, 3], gap="large")
with wide:
    failing.draw_categories(summary_)
    failing.draw_worst(summary_)
with narrow:
    if gone:
        trust.draw_none()
    else:
        next_step.draw(summary_.way)
        st.space("small")
        trust.draw(summary_)
        draw_stale(summary_.stale)
        due.draw_due(summary_.way.standing.due)
        way.draw(summary_.way)
