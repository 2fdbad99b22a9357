"""A queue of one's own making: by chance, plainly or by strata, and a part that looks for something."""

from typing import Final

import streamlit as st

from core.workflows.exploring import list_dimensions
from core.workflows.planning import LEAST_MIXED_IN, Part, Plan
from core.workflows.strategies import STRATEGIES
from pages.ui.store import the_store

EQUAL: Final = "the same number from each value"
PROPORTIONAL: Final = "in proportion to its size"
WORDS: Final = {strategy.name: strategy.words for strategy in STRATEGIES}


def draw() -> tuple[Plan, int | None] | None:
    """Draw the form, folded; what it asks for with its seed, or None while it cannot be drawn."""
    with st.expander("A mix of your own"):
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
        plan = _plan(list(looked_for), share, by, strata, equal=equal)
        if plan is None:
            st.caption(f"With a judge's verdict at least {LEAST_MIXED_IN} % must be drawn by chance, or it would show.")
    return None if plan is None else (plan, number)


def _plan(looked_for: list[str], share: int, by: tuple[str, ...], strata: str | None, *, equal: bool) -> Plan | None:
    chance = [Part("stratified" if strata else "random", share)] if share else []
    each = (100 - share) / len(looked_for) if looked_for else 0
    rest = [Part(name, round(each)) for name in looked_for] if share < 100 else []
    # The first dimension is that of the strata.
    ordered = (strata, *(name for name in by if name != strata)) if strata else by
    by_judge = any(strategy.by_judge for strategy in STRATEGIES if strategy.name in looked_for)
    if (by_judge and share < LEAST_MIXED_IN) or ("thin cells" in looked_for and len(by) < 1):
        return None
    return Plan(parts=(*chance, *rest), by=ordered, equal=equal)
