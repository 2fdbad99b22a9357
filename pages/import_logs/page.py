"""Bring log files in: choose them, check what was understood, import, and see what was not read."""

import streamlit as st

from core.workflows.importing import list_imports
from pages.import_logs import check, done, past, running, watched
from pages.import_logs.uploads import chosen_files
from pages.ui import filters
from pages.ui.store import the_store

st.title("Import")
report = filters.remember("import report", None)
if report is not None:
    done.draw(report)
else:
    running.tell_interrupted()
    with st.container(key="only_phone_import"):
        st.info("Import needs a wider screen.")
    with st.container(key="only_wide_import"):
        files = chosen_files(first_time=not list_imports(the_store()))
        if files:
            check.draw(files)
past.draw()
watched.draw()
