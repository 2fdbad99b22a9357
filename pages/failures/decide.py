"""What is to be done about a category, what was done, and whether it helped."""

from datetime import UTC, datetime
from functools import lru_cache

import streamlit as st

from core.differences import Range
from core.model import DECISIONS, IMPACTS, Category
from core.slice import Slice
from core.workflows.before_after import Effect, Shift, measure_fix
from core.workflows.exploring import list_dimensions
from core.workflows.fixing import Fix, list_fixes, log_fix, remove_fix
from core.workflows.wording import decide
from pages.ui import filters, words
from pages.ui.left_out import draw_left_out
from pages.ui.links import slice_link
from pages.ui.notices import cut, escape, plural
from pages.ui.rates import count, points, rate_text
from pages.ui.store import filter_options, the_store

SAME = "as they are"
FROM_DATE = "from a date on"


def draw(category: Category, slice_: Slice, person: str | None) -> None:
    """Decision, impact and owner; then the fixes with their rates before and after."""
    _decisions(category, person)
    fixes = list_fixes(the_store(), category.id)
    mix = _mix() if fixes else None
    for fix in fixes:
        _fix(fix, slice_, mix, person)
    if person is not None:
        with st.popover("Log a fix", key="log_fix"):
            _form(category, person)


def _decisions(category: Category, person: str | None) -> None:
    keys = {
        part: filters.agree(f"{part}.{category.id}", getattr(category, part)) for part in ("status", "impact", "owner")
    }

    def changed(part: str) -> None:
        if person is not None:
            decide(the_store(), category.id, by=person, **{part: str(filters.state_of(keys[part]))})

    help_ = None if person else "Your name first: it will stand beside the decision."
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Decision", DECISIONS, DECISIONS.index(category.status), key=keys["status"], on_change=changed, args=("status",), width=150,
            disabled=person is None, help=help_,
        )  # fmt: skip
        st.selectbox(
            "Impact", IMPACTS, IMPACTS.index(category.impact), key=keys["impact"], on_change=changed, args=("impact",), width=150,
            format_func=lambda word: word or "not said", disabled=person is None,
        )  # fmt: skip
        st.text_input(
            "Owner", category.owner, key=keys["owner"], on_change=changed, args=("owner",), width=200, max_chars=80,
            disabled=person is None,
        )  # fmt: skip


def _mix() -> str | None:
    names = list_dimensions(the_store())
    if not names:
        return None
    chosen = filters.choose(
        "Before and after in the same mix of", "mix", [SAME, *names], SAME, width=260, format_func=str
    )
    return None if chosen == SAME else chosen


@lru_cache(maxsize=50)
def _measured(version: int, fix: Fix, slice_: Slice, mix: str | None) -> Effect:  # noqa: ARG001 - the key of the cache
    return measure_fix(the_store(), fix, slice_, mix=mix)


def _fix(fix: Fix, slice_: Slice, mix: str | None, person: str | None) -> None:
    effect = _measured(the_store().version, fix, slice_, mix)
    when = (
        f"since {words.day(fix.since)}"
        if fix.since
        else f"where {escape(fix.dimension or '')} is {escape(fix.value or '')}"
    )
    with st.container(border=True, gap="xsmall", key=f"fix_{fix.event}"):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(f"**{escape(cut(fix.what, 200))}**, {when}, by {escape(fix.by)}", width="content")
            if (
                st.button("Take off the log", key=f"remove_fix.{fix.event}", type="tertiary", disabled=person is None)
                and person
            ):
                remove_fix(the_store(), fix.event, by=person)
                st.rerun()
        for side, name in ((effect.before, "Before"), (effect.after, "After")):
            with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
                st.markdown(f"{name}: {rate_text(side.rate)} of reviewed traces", width="content")
                if side.rate.k:
                    slice_link(f"Open {plural(side.rate.k, 'trace')}", "traces", side.failed)
                if side.rate.n:
                    slice_link(f"All {count(side.rate.n)} reviewed", "traces", side.reviewed)
        st.markdown(f"{_finding(effect.change, effect.mix)}{_not_enough(effect)}")
        if effect.shift is not None:
            _shift(effect.shift)
        picked = [("picked for a reason", effect.picked, effect.picked_slice)] if effect.picked else []
        draw_left_out([*picked, *effect.narrower], key=f"left_out_{fix.event}")
        weighted = "Weighted by how likely each trace was drawn." if effect.is_weighted else ""
        st.caption(" ".join(filter(None, ("Any mention of the category counts.", weighted, _left_out(effect)))))


def _finding(change: Range, mix: str | None) -> str:
    """«Better by 23 points (7 to 37), different traces», or that it cannot be told yet."""
    value, low, high = change
    if value is None or low is None or high is None:
        return "**Not enough yet**: one side has no reviewed trace that a rate may rest on."
    mixed = f", same mix of {escape(mix)}" if mix else ""
    if change.is_clear:
        better = value < 0
        near, far = sorted((abs(low), abs(high)))
        word = "Better" if better else "Worse"
        return f"**{word} by {abs(value) * 100:.0f} points** ({near * 100:.0f} to {far * 100:.0f}), different traces{mixed}."
    return f"**No clear difference** ({points(-high)} to {points(-low)} points better), different traces{mixed}."


def _not_enough(effect: Effect) -> str:
    if effect.change.is_clear or effect.change.value is None:
        return ""
    if effect.needed is None:
        return " Not enough yet: with so few failures before, no number of traces afterwards would tell."
    more, verb = plural(max(1, effect.needed), "more trace"), "is" if effect.needed == 1 else "are"
    return f" Not enough yet: about {more} {verb} needed to tell."


def _shift(shift: Shift) -> None:
    """That the traces before and after are of another kind, with the two counts, and the change without that."""
    value = f"{shift.dimension} is {shift.value}"
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center"):
        st.markdown(f"**Other traces came after it**: {escape(cut(value, 80))} in", width="content")
        slice_link(f"{rate_text(shift.before)} before", "traces", shift.before_slice)
        st.markdown("and", width="content")
        slice_link(f"{rate_text(shift.after)} after", "traces", shift.after_slice)
    st.markdown(_finding(shift.change, shift.dimension))


def _left_out(effect: Effect) -> str:
    said: list[str] = []
    if effect.outside:
        said.append(f"{plural(effect.outside, 'reviewed trace')} on neither side (no time, or no value)")
    if effect.unmatched:
        said.append(f"{plural(effect.unmatched, 'trace')} without a counterpart in the mix")
    return f"Left out: {', '.join(said)}." if said else ""


def _form(category: Category, person: str) -> None:
    what = st.text_area("What was done", max_chars=500, height=80, placeholder="The prompt now names today's date.")
    options = filter_options().dimensions
    where = st.selectbox(
        "It holds", [FROM_DATE, *options], format_func=lambda name: name if name == FROM_DATE else f"where {name} is"
    )
    since: datetime | None = None
    value: str | None = None
    if where == FROM_DATE:
        day = st.date_input("From (UTC)", value="today")
        since = datetime(day.year, day.month, day.day, tzinfo=UTC).replace(tzinfo=None)
    else:
        value = st.selectbox("Value", [v.value for v in options[where] if v.value])
    if st.button("Log it", type="primary", disabled=not what.strip()):
        log_fix(
            the_store(), category.id, what=what, by=person, since=since,
            dimension=None if where == FROM_DATE else where, value=value,
        )  # fmt: skip
        st.rerun()
