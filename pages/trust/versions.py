"""The versions of a judge beside each other, each on all it can be compared on."""

from typing import Final

import streamlit as st

from core.workflows.trusting import Trust
from pages.trust import choices
from pages.ui import filters
from pages.ui.dots import Dot, dots, draw_dots
from pages.ui.links import slice_link
from pages.ui.notices import quoted
from pages.ui.numbers import smallest_n
from pages.ui.rates import rate_text
from pages.ui.styles import verdict_colour

CAUGHT: Final = "caught"
KEPT: Final = "kept"


def draw(trust: Trust) -> None:
    """Draw two dots per version and the same numbers in words."""
    slice_, name = filters.current_slice(), trust.judge.rpartition("@")[0]
    found, min_n = choices.versions_of(slice_, name), smallest_n()
    if len(found) < 2:
        return
    st.subheader(f"Versions of {quoted(name, 60)}", anchor=False)
    shown: list[Dot] = []
    for version, group in found:
        shown.append(Dot(f"version {version}: {CAUGHT}", group.caught_failures, CAUGHT))
        shown.append(Dot(f"version {version}: {KEPT}", group.kept_passes, KEPT))
    left, right = st.columns([1, 1], gap="large")
    with left:
        for version, group in found:
            with st.container(horizontal=True, gap="small", key=f"version_{group.judge}"):
                slice_link(f"version {version}", "trust", slice_, judge=group.judge)
                st.markdown(
                    f"caught {rate_text(group.caught_failures, min_n=min_n)}, "
                    f"kept {rate_text(group.kept_passes, min_n=min_n)}"
                )
        st.caption("Each version on the traces it has a verdict on; these can differ between versions.")
        other = next(group.judge for _, group in reversed(found) if group.judge != trust.judge)
        slice_link("Compare two on the same traces", "judge", slice_, judge=trust.judge, **{"with": other})
    with right:
        colours = {CAUGHT: verdict_colour("fail"), KEPT: verdict_colour("pass")}
        last = found[-1]
        alt = f"Version {last.version} caught {rate_text(last.group.caught_failures, min_n=min_n)}"
        draw_dots(dots(shown, min_n=min_n, colours=colours), key="trust.versions", alt=alt)
