"""A queue of one's own making: by chance, plainly or by strata, and a part that looks for something."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from core.workflows.exploring import list_dimensions
from core.workflows.planning import LEAST_MIXED_IN, Plan, mixed_plan
from core.workflows.strategies import STRATEGIES
from pages.ui.store import the_store

EQUAL: Final = "the same number from each value"
PROPORTIONAL: Final = "in proportion to its size"
WORDS: Final = {strategy.name: strategy.words for strategy in STRATEGIES}


def draw(start: Callable[[Plan, int | None], None]) -> None:
    """Draw the form, folded; `start` draws what begins the queue it asks for, with its seed."""
    with st.expander("A mix of your own", width=820):
        marked = [strategy for strategy in STRATEGIES if not strategy.by_chance]
        looked_for = st.multiselect(
            "Look for", [strategy.name for strategy in marked], key="mix.for", format_func=WORDS.__getitem__
        )
        share = 100
        if looked_for:
            share = st.slider("Of it drawn by chance, in %", 0, 100, 60, step=10, key="mix.share")
        dimensions = list_dimensions(the_store())
        by: tuple[str, ...] = ()
        equal = True
        strata: str | None = None
        if dimensions and share:
            strata = st.selectbox(
                "Draw by chance from each value of",
                dimensions,
                index=None,
                placeholder="all traces alike",
                key="mix.by",
            )
            if strata:
                equal = st.radio("How many", [EQUAL, PROPORTIONAL], key="mix.how") == EQUAL
                by = (strata,)
        if "thin cells" in looked_for:
            others = [name for name in dimensions if name != strata]
            pair = [*by, *others][:2]
            by = tuple(st.multiselect("Combinations of", dimensions, pair, max_selections=2, key="mix.cells"))
            strata = strata if strata in by else None
        seed = st.text_input("Draw number", key="mix.seed", max_chars=6, width=160, help="Empty: a new one.").strip()
        number = int(seed) if seed.isascii() and seed.isdigit() else None
        st.caption("Only what is drawn by chance counts in rates. Traces are shown in random order, blind.")
        plan = mixed_plan(list(looked_for), share=share, by=by, strata=strata, equal=equal)
        if plan is None:
            st.caption(f"With a judge's verdict at least {LEAST_MIXED_IN} % must be drawn by chance, or it would show.")
            return
        start(plan, number)
