"""The frame around every page: navigation, who is here, filters, the sentence, and what keeps a page from showing."""

import logging
import os
from typing import NamedTuple

import streamlit as st
from streamlit.errors import FragmentHandledException

from core.errors import AppError, StoreBusyError
from core.slice import Slice
from core.workflows.exploring import Stale
from core.workflows.opening import awaited
from core.workflows.sampling import load_sample
from pages.ui import filters, judge_running, notices, pinned, styles, whose
from pages.ui.filter_bar import draw_filter_bar
from pages.ui.followed import follow_merges
from pages.ui.links import slice_link
from pages.ui.notices import escape
from pages.ui.opened import claim
from pages.ui.store import asked_event, filter_options, newest_event, shows_sample, the_store, wider
from pages.ui.store import described as described_slice
from pages.ui.trace_view import copy_link

log = logging.getLogger(__name__)

RAISE_VARIABLE = "PASSFAIL_RAISE"
"""Set in tests, where an unexpected error must be seen and not be shown politely."""


SAMPLE = "The sample: written for passfail, invented throughout. Its judge verdicts are illustrations and came from no model."


class Place(NamedTuple):
    """A page of the app: its folder, its name in the navigation, its path."""

    folder: str
    title: str
    path: str
    filtered: bool = True
    """Whether the filter bar stands above it."""
    always: bool = False
    """Whether it has something to show where the slice holds no trace."""
    changes: bool = False
    """Whether it is there to change things, which nobody can in the past."""
    rates: bool = False
    """Whether it says how many of the traces failed."""


PLACES = (
    Place("home", "Home", "", rates=True),
    Place("traces", "Traces", "traces"),
    Place("review", "Review", "review", always=True, changes=True),
    Place("failures", "Failures", "failures", always=True, rates=True),
    Place("pivot", "Pivot", "pivot", rates=True),
    Place("coverage", "Coverage", "coverage", rates=True),
    Place("judge", "Judge", "judge", always=True),
    Place("trust", "Trust", "trust", rates=True),
    Place("monitor", "Monitor", "monitor", rates=True),
    Place("import_logs", "Import", "import", filtered=False, always=True, changes=True),
    Place("settings", "Settings", "settings", filtered=False, always=True, changes=True),
)


def draw_frame(place: Place) -> bool:
    """Draw everything above a page; False where the page itself has nothing to show."""
    filters.enter(place.folder)
    styles.draw()
    _top_bar()
    if not _store_opens():
        return False
    claim()
    if sentence := awaited(the_store()):
        notices.labels_wait(sentence)
    if pinned.draw(place.folder) and place.changes:
        notices.only_the_newest(place.title)
        return False
    _gone_judge(place)
    if place.folder != "judge":
        judge_running.draw()
    if not place.filtered:
        return True
    followed = follow_merges()
    described = filters.description()
    if described.total == 0:
        _offer_sample()
        return False
    if place.folder == "review" and filters.text_setting("queue"):
        return True
    draw_filter_bar()
    _sentence(place)
    for former, now in followed:
        notices.category_followed(former, now)
    for part in described.stale:
        _stale(place, part)
    if described.n == 0 and not described.stale:
        _nothing_matches(place)
    elif place.rates:
        _mixed(place)
    return described.n > 0 or place.always


def show_problem(problem: Exception) -> bool:
    """Show what went wrong, once: an `AppError` in its own words, anything else with an id that the log has too."""
    if isinstance(problem, FragmentHandledException):
        return True  # shown where it happened
    if isinstance(problem, AppError):
        notices.app_error(problem)
        return True
    if os.environ.get(RAISE_VARIABLE):
        raise problem
    code = os.urandom(3).hex()
    log.error("code %s: a page could not be shown", code, exc_info=problem)
    notices.page_failed(code)
    return True


def _top_bar() -> None:
    here = filters.asked_slice()
    with st.container(key="topbar", horizontal=True, wrap=False):
        with st.container(key="brand", width="content"):
            st.markdown("passfail")
        with st.container(key="nav", horizontal=True, gap="xxsmall", vertical_alignment="center"):
            for place in PLACES:
                slice_link(place.title, place.folder, here)
        with st.container(key="who", horizontal=True, width="content", vertical_alignment="center"):
            name = filters.person()
            with st.popover(escape(notices.cut(name, 24)) if name else "Who are you?", type="tertiary"):
                filters.person_box()
            filters.adopt_person(copy_link(key="copy_link", as_of=_event_here(), person=name or ""))


def _event_here() -> int | None:
    """What a link copied here is pinned to; nothing where no database can be read."""
    try:
        return asked_event() or newest_event() or None
    except AppError:
        return None


def _store_opens() -> bool:
    try:
        the_store()
    except StoreBusyError as problem:
        notices.database_busy(problem)
        _try_again()
        return False
    except AppError as problem:
        notices.app_error(problem)
        return False
    return True


@st.fragment(run_every="5s")
def _try_again() -> None:
    try:
        the_store()
    except AppError:
        return
    st.rerun()


def _offer_sample() -> None:
    st.title("Welcome")
    notices.no_traces_yet()
    with st.container(horizontal=True, vertical_alignment="center"):
        if st.button("Look at the sample", key="sample", type="primary"):
            with st.spinner("Loading the sample"):
                load_sample(the_store())
            st.rerun()
        slice_link("Import traces", "import_logs", Slice())


def _sentence(place: Place) -> None:
    described = filters.description()
    with st.container(key="sentence", horizontal=True, gap="medium", vertical_alignment="center"):
        if filters.asked_slice().is_all:
            st.markdown(f"**All {notices.plural(described.total, 'trace')}.**", width="content")
        else:
            counted = f"**{described.n:,} of {notices.plural(described.total, 'trace')}**"
            st.markdown(f"{counted}: {escape(described.sentence)}.", width="content")
            _link(place, "Clear all", Slice())
        if shows_sample():
            st.caption(SAMPLE, width="content")


def _stale(place: Place, part: Stale) -> None:
    (notices.cannot_be_applied if part.is_readable else notices.cannot_be_read)(part.words)
    params = filters.address()
    params[part.param] = [kept for kept in params.get(part.param, []) if kept != part.value]
    left = Slice.from_params({name: values for name, values in params.items() if values})
    _link(place, "Remove this condition", left)


def _gone_judge(place: Place) -> None:
    """Say that the judge in view is not here; one that a condition names is named with that condition."""
    asked = filters.asked_slice()
    if whose.judge_is_gone() and not asked.judge:
        notices.judge_is_gone(whose.JUDGE, filters.text_setting(whose.JUDGE) or "")
        _link(place, "Show this page without it", asked, without=whose.JUDGE)


def _mixed(place: Place) -> None:
    """Say above all rates that they are of real and synthetic traces together, and offer either alone."""
    here = filters.current_slice()
    if len(filter_options().fields["origin"]) < 2 or here.values_of("origin"):
        return
    n = filters.description().n
    synthetic = described_slice(here.with_value("origin", "synthetic")).n
    if 0 < synthetic < n:
        notices.mixed_origin(n - synthetic, synthetic)
        with st.container(key="mixed", horizontal=True):
            _link(place, f"Real only ({n - synthetic:,})", here.with_value("origin", "real"))
            _link(place, f"Synthetic only ({synthetic:,})", here.with_value("origin", "synthetic"))


def _nothing_matches(place: Place) -> None:
    slice_ = filters.asked_slice()
    offers = wider(slice_)
    best = offers[0] if offers else None
    notices.nothing_matches(filters.description().total, (best[0], best[1]) if best else None)
    with st.container(horizontal=True):
        if best:
            _link(place, "Remove it", best[2])
        _link(place, "Clear all", Slice())


def _link(place: Place, label: str, slice_: Slice, *, without: str | None = None) -> None:
    """A link to this very page with another slice; its settings stay, but for one."""
    params = filters.settings_here() | slice_.to_params()
    params.pop(without or "", None)
    st.page_link(f"pages/{place.folder}/page.py", label=label, query_params=params)
