"""That the check of a judge is out of date."""

import streamlit as st

from core.slice import Slice
from core.workflows.staling import Staleness
from pages.ui import filters, notices
from pages.ui.links import slice_link
from pages.ui.notices import escape, quoted
from pages.ui.store import described


def draw_stale(stale: Staleness | None) -> None:
    """Draw N28 where something changed since a judge version was checked, with the way to check it again."""
    if stale is None or not stale.is_stale:
        return
    said = "; ".join(stale.reasons())
    notices.check_out_of_date(escape(said[:1].upper() + said[1:]), f"version {quoted(stale.version, 40)}")
    with st.container(key="stale", horizontal=True, gap="medium", vertical_alignment="center"):
        if stale.newer is not None:
            newer = f"{stale.judge}@{stale.newer.version}"
            slice_link(f"See version {quoted(stale.newer.version, 40)}", "trust", filters.current_slice(), judge=newer)
        if stale.rubric is not None or stale.traffic_changed:
            _check_again(stale)


def _check_again(stale: Staleness) -> None:
    """What is missing for a new check: labels given since, then verdicts of the judge on them."""
    ref = f"{stale.judge}@{stale.version}"
    st.markdown(
        f"{stale.enough} labels given since, with its verdicts, make a new check: {stale.labelled + stale.waiting} so far.",
        width="content",
    )
    if stale.missing:
        newest = Slice(import_id=stale.last_import).with_verdict("unlabelled")
        if stale.traffic_changed and described(newest).n >= stale.missing:
            slice_link(f"Label {stale.missing} of the new traces", "review", newest)
        elif stale.traffic_changed:
            slice_link(f"Label {stale.missing} more traces", "review", Slice().with_verdict("unlabelled"))
        else:
            slice_link(f"Label {stale.missing}, or look at older labels again", "review", Slice())
    if stale.waiting:
        waiting = Slice().with_verdict("pass", "fail").with_judge_verdict(ref, "none")
        words = f"Run it on the {described(waiting).n:,} labelled traces that it has not judged"
        slice_link(words, "judge", waiting, judge=ref, tab="run", on="slice")
