"""Before a run: how many traces, how many tokens, how much money, and that it is wanted (N24)."""

from typing import NamedTuple

import streamlit as st

from core.errors import NotFoundError, UsageError
from core.slice import Slice
from core.workflows.judging import LONGEST_REASON, has_key, start_run
from core.workflows.planning_runs import Plan, plan_run
from pages.judge import asking
from pages.ui import filters, notices
from pages.ui.links import slice_link
from pages.ui.notices import escape, plural
from pages.ui.rates import count
from pages.ui.store import the_store


class Wish(NamedTuple):
    """What shall be run on what; `split` None: on the slice, of which `sample` may name a share in percent."""

    ref: str
    split: str | None
    slice: Slice
    repeats: int
    sample: int | None
    anchors: bool


def ask_first(wish: Wish) -> None:
    """Say what it takes; the button names the amount."""
    try:
        plan = _planned(wish, the_store().version)
    except (UsageError, NotFoundError) as problem:
        asking.ask("")
        notices.app_error(problem)
        return
    noun = "question" if wish.repeats else "trace"
    with asking.panel("run", f"Run judge {escape(wish.ref)} on {plural(plan.n, noun)}?"):
        _agree(plan)


def _planned(wish: Wish, version: int) -> Plan:
    """Planned once for each state of the store: the provider is not asked to count tokens at every touch of the page."""
    held: tuple[tuple[Wish, int], Plan] | None = filters.remember("judge plan", None)
    if held is None or held[0] != (wish, version):
        plan = plan_run(
            the_store(), wish.ref, split=wish.split, slice_=wish.slice, repeats=wish.repeats, sample=wish.sample,
            anchors=wish.anchors,
        )  # fmt: skip
        held = ((wish, version), plan)
        filters.keep("judge plan", held)
    return held[1]


def _agree(plan: Plan) -> None:
    st.markdown(_takes(plan))
    if plan.cached:
        st.markdown(f"{count(plan.cached)} are already judged and cost nothing.")
    if plan.left_to_people:
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            st.markdown(f"{count(plan.left_to_people)} are left to people and not asked about.", width="content")
            slice_link("Which, and why", "trust", Slice(), judge=plan.version.ref)
    if plan.flagged:
        st.warning(
            f"{plan.flagged} of {plan.looked_at} looked at. They are judged as data and are marked in the run.",
            title="Some traces seem to speak to the judge.",
        )
    if not plan.items:
        return
    reason = _ask_reason(plan) if plan.unchecked else None
    cap, batch = _limits(plan)
    if cap is not None:
        st.caption(f"It stops at {dollars(cap)}, passed by one answer at most.")
    person = filters.ask_person("run")
    possible = has_key() or plan.version.source == "code"
    agreed = st.button(
        f"Run on {count(plan.n)}", type="primary", key="run.agreed",
        disabled=not possible or person is None or reason == "",
        help=None if possible else "No API key is set on the server.",
    )  # fmt: skip
    if agreed and person:
        try:
            start_run(the_store(), plan, by=person, cap=cap, batch=batch, reason=reason)
        except UsageError as problem:
            notices.app_error(problem)
            return
        asking.settled()


def _ask_reason(plan: Plan) -> str:
    """A judge that was never checked is used on many traces only with a reason; the empty text while there is none."""
    notices.unchecked_at_scale(plan.unchecked)
    return st.text_input("Why all the same?", key="run.reason", max_chars=LONGEST_REASON, width=620).strip()


def _takes(plan: Plan) -> str:
    if plan.version.source == "code":
        return "A check in code: it runs here, sends nothing and costs nothing."
    how = "from the provider's count of a few" if plan.counted else "estimated from the length"
    tokens = f"About {count(plan.tokens_in + plan.tokens_out)} tokens ({how})"
    if plan.dollars is None or plan.most_dollars is None or plan.batch_dollars is None:
        return f"{tokens}. The price of this model is not known here."
    return (
        f"{tokens}, about {dollars(plan.dollars)}, usually under {dollars(plan.most_dollars).removeprefix('under ')}; "
        f"as a batch about {dollars(plan.batch_dollars)}. The traces are sent to the provider."
    )


def _limits(plan: Plan) -> tuple[float | None, bool]:
    """The cap and whether it goes as a batch; neither for a check in code."""
    if plan.version.source == "code" or plan.most_dollars is None:
        return None, False
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        cap = st.number_input(
            "Cap in dollars", min_value=0.01, value=max(0.01, round(plan.most_dollars, 2)), step=0.1, key="run.cap",
            width=160, help="What is spent never passes it by more than one answer.",
        )  # fmt: skip
        batch = st.checkbox("As a batch: half the price, within a day", key="run.batch")
    return float(cap), bool(batch)


def dollars(amount: float) -> str:
    """«$0.42», or «under $0.01»; escaped, since two dollar signs would be a formula."""
    return f"\\${amount:,.2f}" if amount >= 0.01 or amount == 0 else "under \\$0.01"
