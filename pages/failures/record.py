"""The spreadsheet of record and the regression set: out as a file, and the spreadsheet in again."""

import streamlit as st

from core.errors import AppError
from core.slice import Slice
from core.workflows.exporting import export_bytes
from core.workflows.importing import Source
from core.workflows.recording import Taken, bring_back
from pages.failures.done import did
from pages.ui import filters, notices
from pages.ui.notices import escape, plural
from pages.ui.store import the_store

FILES = (
    ("Spreadsheet (CSV)", "record", "csv"),
    ("Spreadsheet (Excel)", "record", "xlsx"),
    ("Regression set (JSONL)", "regression", "jsonl"),
)
SAID = "what a spreadsheet changed"


def draw(slice_: Slice, person: str | None) -> None:
    """Draw the downloads and the way back in."""
    with st.popover("Spreadsheet and regression set", key="record"):
        st.caption("One row per trace with its notes, one column of 0 and 1 per failure category.")
        store = the_store()  # a file is made outside the run of the page, where no address says how the store was
        for label, what, format_name in FILES:
            st.download_button(
                label, data=lambda w=what, f=format_name: export_bytes(store, w, slice_, f)[0],
                file_name=f"passfail-{what}.{format_name}", key=f"download.{what}.{format_name}", on_click="ignore",
            )  # fmt: skip
        file = st.file_uploader(
            "Bring the spreadsheet back", type=["csv", "xlsx"], key="record_file", disabled=person is None
        )
        if (
            file is not None
            and person
            and st.button(f"Take notes and categories from {escape(file.name)}", key="take_record")
        ):
            _take(file.name, file.getvalue(), person)
    said: str = filters.remember(SAID, "")
    if said:
        st.success(said)


def _take(name: str, data: bytes, person: str) -> None:
    try:
        taken = bring_back(the_store(), Source.from_bytes(name, data), by=person)
    except AppError as problem:
        notices.app_error(problem)
        return
    filters.keep(SAID, _words(taken))
    if taken.action is not None and taken.action.traces:
        did(f"Took {plural(taken.action.traces, 'change')} from {escape(name)}.", taken.action)
    st.rerun()


def _words(taken: Taken) -> str:
    said = f"{plural(taken.read, 'row')} read: {plural(taken.notes, 'note')}, {taken.put:,} put into a category, "
    said += f"{taken.taken_out:,} taken out."
    if taken.made:
        said += f" New: {escape(', '.join(taken.made[:8]))}."
    if taken.bad:
        line, reason = taken.bad[0]
        said += f" {plural(len(taken.bad), 'row')} not taken, first: line {line or '?'}, {escape(reason)}."
    return said
