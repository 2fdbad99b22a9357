"""What is stored and where, whether it is sound, and a copy of it."""

import pandas as pd
import streamlit as st

from core.slice import Slice
from core.workflows.backing_up import LARGEST, backup_file, size_of
from core.workflows.maintaining import Examination, examine
from core.workflows.opening import told
from pages.ui import filters, words
from pages.ui.notices import escape, plural
from pages.ui.rates import count
from pages.ui.store import database_path, described, the_store

EXAMINED = "what the doctor found"


def draw() -> None:
    """Draw the name and size of the database, the copy, and what an examination says."""
    store, name = the_store(), database_path().name
    size = size_of(store)
    st.markdown(
        f"**{escape(name)}** · {words.size(size)} · {plural(described(Slice()).total, 'trace')}. "
        "It lies where `passfail` was started, or where it was told to."
    )
    for sentence in told(store):
        st.warning(escape(sentence))
    with st.container(horizontal=True, vertical_alignment="center"):
        if size <= LARGEST:
            st.download_button(
                "Download a backup", data=lambda: backup_file(store), file_name=f"{database_path().stem}-backup.zip",
                mime="application/zip", on_click="ignore",
                help="The database and its journal in a ZIP file. `passfail restore` brings it back.",
            )  # fmt: skip
        asked = st.button("Check the database", help="Reads all of it, as `passfail doctor` does.")
    if size > LARGEST:
        st.caption(f"Too large for a browser: copy it with `passfail backup FILE` ({words.size(size)}).")
    if asked:
        with st.spinner("Reading the whole database"):
            filters.keep(EXAMINED, examine(store))
    found: Examination | None = filters.remember(EXAMINED, None)
    if found is not None:
        _found(found)


def _found(found: Examination) -> None:
    wrong = [check for check in found.health.checks if check.faults]
    if not wrong:
        st.success(f"{plural(len(found.health.checks), 'check')} passed.", title="The database is sound.")
    for check in wrong:
        st.error(f"{plural(check.faults, 'fault')}. {escape(check.examples)}", title=f"Not so: {check.name}.")
    if found.twins:
        st.info(escape(found.twins), title="Twins stand in two splits.")
    journal = found.journal
    if journal is not None:
        st.markdown(
            f"The journal **{escape(journal.file)}** holds {plural(journal.lines, 'line')}: "
            f"{count(journal.only_in_database)} events of the database are not in it, "
            f"{count(len(journal.only_in_journal))} of its events are not in the database."
        )
    st.caption(f"Schema {found.schema} of {found.newest_schema}, storage {escape(found.health.storage_version)}.")
    held = {table.replace("_", " "): n for table, n in found.health.counts.items()}
    with st.container(key="plain_table_stored"):
        st.dataframe(
            pd.DataFrame({"Stored": list(held), "Rows": list(held.values())}), hide_index=True, width="content",
            height="content", alt=f"What is stored: {len(held)} kinds",
            column_config={"Stored": st.column_config.TextColumn(width=200)},
        )  # fmt: skip
