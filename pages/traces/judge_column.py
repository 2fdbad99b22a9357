"""Which verdicts of a judge stand in the list: on a trace that one might still judge blind only when one asks for them."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import streamlit as st

from core.slice import Slice
from core.workflows.exploring import ListedTrace
from core.workflows.seeing import tells_verdicts
from pages.traces import table
from pages.ui import filters, store
from pages.ui.notices import plural
from pages.ui.opened import note_shown, was_shown
from pages.ui.waiting import hidden_from_me

SETTING: Final = "show"
ASKED: Final = "judge"
HELP: Final = "Labels that you give these traces afterwards say that you saw the judge: it is not held against them."


class Choice(NamedTuple):
    """The traces of a page whose judge's verdict is hidden though it could be asked for, whether it was, and the traces
    that may not even be listed: that they are in this slice would tell it."""

    hidden: frozenset[str]
    asked: bool
    unlisted: frozenset[str] = frozenset()


def choose(found: Sequence[ListedTrace], judge: str | None, slice_: Slice) -> Choice:
    """What the list hides from whoever is here; what it shows them of a trace that they have not judged is noted."""
    asked, told = filters.setting(SETTING, [ASKED], "") == ASKED, tells_verdicts(slice_)
    said = [t for t in found if judge and _has_verdict(t, judge) and not hidden_from_me(t.row.id)]
    if asked or told:
        wanted = [t.row.id for t in (found if told else said)]
        left = frozenset(wanted) - note_shown(wanted)
        return Choice(left, asked, left if told else frozenset())
    return Choice(frozenset(t.row.id for t in said) - _no_news(said), asked)


def _has_verdict(trace: ListedTrace, judge: str) -> bool:
    said = table.judgment_of(trace.judgments, judge)
    return said is not None and said.verdict is not None and not said.sealed


def _no_news(said: Sequence[ListedTrace]) -> frozenset[str]:
    """Traces that whoever is here has judged, or has seen the judge's verdict on; of nobody known, that anybody judged."""
    person = filters.person()
    if person is None:
        return frozenset(t.row.id for t in said if t.label is not None and t.label.verdict is not None)
    keys = store.told_of(person, tuple(t.row.key for t in said))
    return frozenset(t.row.id for t in said if t.row.key in keys or was_shown(t.row.id))


def draw(choice: Choice) -> None:
    """Draw what of the judge the list hides, with the way to see it, or that it was asked for."""
    if not (choice.hidden or choice.asked):
        return
    with st.container(key="judge_column", horizontal=True, gap="small", vertical_alignment="center"):
        if choice.asked:
            st.caption(
                "The judge's verdicts are shown: labels you give these traces from now on are not blind.",
                width="content",
            )
            _button("Hide them", None)
        else:
            who = "you have judged or opened them" if filters.person() else "somebody has judged them"
            hidden = plural(len(choice.hidden), "trace")
            st.caption(f"What the judge says of {hidden} is hidden until {who}.", width="content")
            _button("Show it", ASKED)


def _button(words: str, value: str | None) -> None:
    def put() -> None:
        filters.put_settings(**{SETTING: value})

    st.button(words, key="judge_column.choice", type="tertiary", on_click=put, help=HELP if value else None)
