"""Step 3: what an import did, with a way to each part of it."""

import streamlit as st

from core.slice import Slice
from core.workflows.importing import ImportReport
from pages.import_logs import bad_lines
from pages.ui import filters, notices
from pages.ui.links import slice_link
from pages.ui.notices import escape, plural
from pages.ui.rates import count

MOST_NOTES = 20


def draw(report: ImportReport) -> None:
    """Draw the counts, the bad lines and the next step."""
    st.subheader("3 Done")
    brought = Slice(import_id=report.import_id)
    fresh = report.added + report.updated
    _counts(report, brought, fresh)
    for note in report.notes[:MOST_NOTES]:
        st.caption(escape(note))
    with st.container(horizontal=True, vertical_alignment="center"):
        if fresh and st.button("See them", type="primary", key="see"):
            filters.keep("import report", None)
            filters.go("traces", brought)
        st.button("Import more", key="more", on_click=lambda: filters.keep("import report", None))
    bad = report.bad + report.labels.bad + report.judgments.bad
    if bad and report.import_id is not None:
        bad_lines.draw(report.import_id)


def _counts(report: ImportReport, brought: Slice, fresh: int) -> None:
    if report.read and report.unchanged == report.read and not report.labels.added and not report.judgments.added:
        notices.nothing_new(report.unchanged)
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(f"**{plural(report.read, 'record')} read:**", width="content")
        changed = f", {count(report.updated)} updated" if report.updated else ""
        if fresh:
            slice_link(f"{count(report.added)} new{changed}", "traces", brought)
        else:
            st.markdown("0 new", width="content")
        st.markdown(f"{count(report.unchanged)} unchanged · {count(report.bad)} bad", width="content")
    for noun, joined in (("expert label", report.labels), ("judge verdict", report.judgments)):
        if joined.read:
            failures = f", {count(joined.failures)} of them judge failures" if joined.failures else ""
            st.markdown(
                f"**{plural(joined.read, noun)}:** {count(joined.added)} new{failures}, "
                f"{count(joined.unchanged)} unchanged, {count(joined.bad)} not used"
            )
