"""The versions of a judge beside each other on one split, with what was changed in the prompt; and what flipped."""

from typing import Final

import streamlit as st

from core.metrics import Rate
from core.workflows.advising import what_helps
from core.workflows.comparing import prompt_changes
from core.workflows.sealing import ALL
from core.workflows.trusting import Trust, TrustGroup, VersionRate
from pages.trust import choices
from pages.ui import filters
from pages.ui.dots import Dot, dots, draw_dots
from pages.ui.links import slice_link
from pages.ui.notices import plural, quoted
from pages.ui.numbers import smallest_n
from pages.ui.rates import count, rate_text
from pages.ui.store import the_store
from pages.ui.styles import ink, verdict_colour

CAUGHT: Final = "caught"
KEPT: Final = "kept"
AGREES: Final = "agrees"
MOST_LINES: Final = 14


def draw(trust: Trust) -> None:
    """Draw both rates and, thin, the agreement per version, and the same numbers as links; dev and test are never in one
    picture."""
    slice_, name = filters.current_slice(), trust.judge.rpartition("@")[0]
    split = _one_split(trust)
    found, min_n = choices.versions_of(slice_, name, split), smallest_n()
    if len(found) < 2:
        dev = choices.versions_of(slice_, name, "dev") if split == "test" else []
        if len(dev) > 1:
            slice_link(
                f"{plural(len(dev), 'version')} side by side on dev", "trust", slice_, judge=trust.judge, split="dev"
            )
        return
    on = "" if split == ALL else f" on the {split} split"
    st.subheader(f"Versions of {quoted(name, 60)}{on}", anchor=False)
    left, right = st.columns([1, 1], gap="large")
    with left:
        for version in found:
            _version(version, min_n)
        st.caption("Each version on the traces it has a verdict on; these can differ between versions.")
        if advice := what_helps(found):
            st.info(advice, title="The last versions are hardly better.")
    with right:
        _picture(found, prompt_changes(the_store(), name), min_n)


def _one_split(trust: Trust) -> str:
    """The split in view; of all splits together, dev: a line through dev and test would compare what cannot be."""
    seal = choices.seal_of(trust.judge)
    return "dev" if trust.split == ALL and seal.splits.get("dev") else trust.split


def _version(found: VersionRate, min_n: int) -> None:
    group = found.group
    with st.container(horizontal=True, gap="small", key=f"version_{group.judge}", vertical_alignment="center"):
        slice_link(f"version {found.version}", "trust", filters.current_slice(), judge=group.judge)
        if choices.seal_of(group.judge).already_seen:
            st.markdown(
                "test already seen", width="content", help="Made after the test split was opened for this judge."
            )
        _rate(f"{CAUGHT} {rate_text(group.caught_failures, min_n=min_n)}", group, group.caught_failures, "fail")
        _rate(f"{KEPT} {rate_text(group.kept_passes, min_n=min_n)}", group, group.kept_passes, "pass")
        said = f"{count(group.agreement.n)} compared: {AGREES} on {rate_text(group.agreement, min_n=min_n)}"
        slice_link(said, "traces", group.compared_slice, help="Opens all that were compared.")


def _rate(words: str, group: TrustGroup, rate: Rate, verdict: str) -> None:
    if rate.k:
        slice_link(words, "traces", group.cell_slice(expert=verdict, judge=verdict))
    else:
        st.markdown(words, width="content")


def _picture(found: list[VersionRate], changes: dict[str, list[str]], min_n: int) -> None:
    shown: list[Dot] = []
    for version, group in found:
        note = _changed(changes.get(version, []))
        shown.append(Dot(f"version {version}: {CAUGHT}", group.caught_failures, CAUGHT, note))
        shown.append(Dot(f"version {version}: {KEPT}", group.kept_passes, KEPT, note))
        shown.append(Dot(f"version {version}: {AGREES}", group.agreement, AGREES, note, thin=True))
    colours = {CAUGHT: verdict_colour("fail"), KEPT: verdict_colour("pass"), AGREES: ink()}
    last = found[-1]
    alt = f"Version {last.version} caught {rate_text(last.group.caught_failures, min_n=min_n)}"
    draw_dots(dots(shown, min_n=min_n, colours=colours), key="trust.versions", alt=alt)
    if any(changes.values()):
        st.caption("Over a dot: what was changed in the prompt since the version before.")


def _changed(lines: list[str]) -> str:
    """The lines of a change as they stand over a dot."""
    rest = len(lines) - MOST_LINES
    return "\n".join([*lines[:MOST_LINES], *([f"and {plural(rest, 'more line')}"] if rest > 0 else [])])
