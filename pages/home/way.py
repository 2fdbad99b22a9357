"""Where one is on the way from reading traces to a judge that is watched: each part with its own count."""

from collections.abc import Callable

import streamlit as st

from core.workflows.orienting import Part, Standing, State, Way
from core.workflows.pinning import present
from pages.ui import words
from pages.ui.links import slice_link
from pages.ui.notices import plural
from pages.ui.store import the_store

SIGNS = {State.DONE: "✓", State.NOW: "▸", State.OPEN: "○", State.LATER: "○"}


def draw(way: Way) -> None:
    """Draw a line for each part: its sign, its name, the word for how it stands, and what is behind that."""
    st.subheader("Where am I?", anchor=False)
    with st.container(key="way", gap="xxsmall"):
        for place, (part, state) in enumerate(way.parts, start=1):
            with st.container(key=f"way_{place}", horizontal=True, gap="xsmall", vertical_alignment="center"):
                name = f"{place} {part.value}"
                named = f"**{name}**" if state is State.NOW else name
                st.markdown(f"{SIGNS[state]} {named} · {state.value}", width="content")
                COUNTS[part](way.standing)


def _labels(at: Standing) -> None:
    if not at.labelled:
        st.caption(f"none of {plural(at.traces, 'trace')} labelled", width="content")
        return
    inside = at.slice.with_verdict("pass", "fail")
    slice_link(f"{at.labelled:,} of {plural(at.traces, 'trace')} labelled", "traces", inside)


def _sorting(at: Standing) -> None:
    failures = at.failures
    if not failures.failed:
        st.caption("no failure so far", width="content")
    elif failures.uncategorised:
        left = f"{failures.uncategorised:,} of {plural(failures.failed, 'failure')} not sorted"
        slice_link(left, "traces", failures.uncategorised_slice)
    else:
        slice_link(f"All {plural(failures.failed, 'failure')} sorted", "traces", failures.failed_slice)


def _fixing(at: Standing) -> None:
    found = at.mending
    if not found.categories:
        st.caption("no failure category yet", width="content")
        return
    noun = "category" if found.categories == 1 else "categories"
    said = f"{found.categories - found.undecided:,} of {found.categories:,} {noun} decided"
    if found.to_fix:
        said += f", {found.fixed:,} of {found.to_fix:,} fixed"
    slice_link(said, "failures", at.slice, tab="counts")


def _judges(at: Standing) -> None:
    if not at.judges:
        st.caption("no judge yet", width="content")
        return
    names = len({judge.version.judge for judge in at.judges})
    slice_link(f"{plural(names, 'judge')}, {plural(len(at.judges), 'version')}", "judge", at.slice)


def _check(at: Standing) -> None:
    if at.trust is None or at.trust.sealed:
        said = "not checked yet" if at.whose else "nobody is the principal expert"
        st.caption(said, width="content")
        return
    counts, split = at.trust.whole.counts, at.trust.split
    if at.stale is not None and at.stale.is_stale:
        said = "out of date"
    elif not at.checked:
        said = "not held against the expert yet"
    elif not counts.n:
        said = "no trace of both here"
    else:
        on = "" if split == "all" else f" on {split}"
        left = f", {at.differ:,} to look at" if at.differ else ""
        said = f"{counts.n:,} compared{on}{left}"
    slice_link(said, "trust", at.slice, judge=at.trust.judge)


def _test(at: Standing) -> None:
    seal = at.seal
    if seal is None or not seal.splits.get("test"):
        st.caption("no traces set aside for it yet", width="content")
        return
    said = f"{plural(seal.splits['test'], 'trace')}, "
    said += f"opened {plural(len(seal.of_judge), 'time')}" if seal.of_judge else "sealed"
    slice_link(said, "trust", at.slice.with_split("test"), judge=seal.judge)


def _watch(at: Standing) -> None:
    if at.due is None:
        st.caption("after the first verdicts", width="content")
        return
    ago = words.ago(at.due.since.at, present(the_store()))
    slice_link(f"last verdict {ago}, {plural(at.due.since.traffic.new, 'trace')} since", "monitor", at.slice)


COUNTS: dict[Part, Callable[[Standing], None]] = {
    Part.LABEL: _labels,
    Part.SORT: _sorting,
    Part.FIX: _fixing,
    Part.WRITE: _judges,
    Part.CHECK: _check,
    Part.TEST: _test,
    Part.WATCH: _watch,
}
