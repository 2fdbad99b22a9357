"""The team: whose labels are the truth, how consistent each is, and how far two of them agree."""

import pandas as pd
import streamlit as st

from core.slice import Slice
from core.workflows.agreeing import Team, list_overlaps, read_team, start_overlap
from core.workflows.exploring import set_principal_expert
from core.workflows.queueing import QUEUE_SIZES
from pages.settings import overlap
from pages.ui import filters, notices, words
from pages.ui.notices import quoted
from pages.ui.rates import rate_text
from pages.ui.store import the_store

NOBODY = ""


def draw() -> None:
    """Draw who labelled, the principal expert, and the overlap batches."""
    team = read_team(the_store())
    if not team.members:
        st.info("Whoever judges a trace in Review stands here.", title="Nobody has labelled yet.")
    else:
        _principal(team)
        _members(team)
    st.subheader("Do two people agree?", anchor=False)
    st.caption("An overlap batch gives the same traces to two people. Neither sees what the other says.")
    _start(team)
    batches = list_overlaps(the_store())
    for number, batch in enumerate(batches):
        overlap.draw(batch, first=number == 0)


def _principal(team: Team) -> None:
    names = [member.labeler.labeler for member in team.members]
    options = [NOBODY, *names, *({team.principal} - {*names, None} if team.principal else ())]
    key = filters.agree("principal.choice", team.principal or NOBODY)

    def changed() -> None:
        set_principal_expert(the_store(), str(filters.state_of(key)), by=filters.person() or "")

    person = filters.person()
    st.selectbox(
        "Principal expert", options, options.index(team.principal or NOBODY), key=key, width=360, on_change=changed,
        disabled=person is None,
        format_func=lambda name: name or "nobody yet: the newest label of each trace counts",
        help="Whose labels are the truth everywhere. Those of others are second opinions."
        if person
        else "Say who you are first, in the box at the top.",
    )  # fmt: skip


def _members(team: Team) -> None:
    frame = pd.DataFrame(
        {
            "name": [member.labeler.labeler for member in team.members],
            "traces": [member.labeler.traces for member in team.members],
            "last": [words.day(member.labeler.last) for member in team.members],
            "self": [rate_text(member.with_self) for member in team.members],
        }
    )
    with st.container(key="plain_table_team"):
        _table(frame)


def _table(frame: pd.DataFrame) -> None:
    st.dataframe(
        frame, hide_index=True, row_height=36, width="content", key="team",
        alt=f"{len(frame)} people with their labels",
        column_config={
            "name": st.column_config.TextColumn("Name", width=180),
            "traces": st.column_config.NumberColumn("Traces labelled", width=120),
            "last": st.column_config.TextColumn("Last", width=110),
            "self": st.column_config.TextColumn(
                "Agreed with themselves", width=230,
                help="On traces shown again without saying so. No judge can agree with somebody more than they do "
                "with themselves.",
            ),
        },
    )  # fmt: skip


def _start(team: Team) -> None:
    person = filters.person()
    known = team.principal or person or ""
    with st.form("overlap", border=False), st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        first = st.text_input("First person", known, max_chars=80, width=200, key=f"overlap.1.{known}")
        second = st.text_input("Second person", max_chars=80, width=200, key="overlap.2")
        size = st.number_input("Traces", *QUEUE_SIZES, 20, step=5, width=120, key="overlap.size")
        asked = st.form_submit_button("Make the batch")
    if not asked:
        return
    if not first.strip() or not second.strip() or first.strip() == second.strip():
        st.warning("Name two different people.")
        return
    start_overlap(the_store(), Slice(), people=(first, second), size=int(size))
    st.toast(f"Both find the batch on the page Review: {quoted(first, 40)} and {notices.quoted(second, 40)}.")
    st.rerun()
