"""The import itself: its progress, its end, and how it is cancelled."""

from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from typing import NamedTuple

import streamlit as st

from core.workflows.checking import Check
from core.workflows.importing import ImportOptions, Progress, import_sources
from core.workflows.importing import Mapping as FileMapping
from pages.import_logs.uploads import Upload, forget_files
from pages.ui import filters
from pages.ui.notices import cut, escape, plural
from pages.ui.rates import count
from pages.ui.store import the_store
from pages.ui.words import size

_UNDER_WAY = "import under way"


class Stopped(NamedTuple):
    """Where an import of this session was when it was last heard of."""

    file: str
    records: int


@st.cache_resource(show_spinner=False)
def _anywhere() -> dict[str, Progress]:
    """The import that runs in this process, by database."""
    return {}


def import_button(ready: Sequence[Check]) -> bool:
    """The button that names the amount; returns whether it was pressed."""
    busy = bool(_anywhere().get(str(the_store().path)))
    pressed = st.button(_amount(ready), type="primary", disabled=busy or not ready, key="import")
    if busy:
        _until_it_ends()
    return pressed


@st.fragment(run_every="1s")
def _until_it_ends() -> None:
    progress = _anywhere().get(str(the_store().path))
    if progress is None:
        st.rerun()
    st.markdown(f"An import is running: {plural(progress.records, 'record')} of {escape(cut(progress.file))}.")


def run_import(files: Sequence[Upload], checks: Mapping[str, Check]) -> None:
    """Import in this run. Cancel, or any other action here, ends it at the next report of progress: nothing is kept."""
    store, known = the_store(), _anywhere()
    filters.keep(_UNDER_WAY, Stopped(files[0].name, 0))
    status = st.status("Importing", expanded=True)
    line, bar = status.empty(), status.progress(0.0)
    status.button("Cancel", key="cancel")

    def heard(progress: Progress) -> None:
        line.markdown(_words(progress))
        known[str(store.path)] = progress
        filters.keep(_UNDER_WAY, Stopped(progress.file, progress.records))
        bar.progress(min(1.0, progress.bytes_read / progress.size) if progress.size else 0.0)

    mappings = tuple(FileMapping.from_toml(checks[file.id].toml) for file in files)
    with ExitStack() as at_the_end:
        at_the_end.callback(known.pop, str(store.path), None)
        options = ImportOptions(mappings=mappings)
        report = import_sources(store, [file.source() for file in files], options, progress=heard)
    filters.keep(_UNDER_WAY, None)
    filters.keep("import report", report)
    forget_files()
    st.rerun()


def tell_interrupted() -> None:
    """Say it when the last import of this session did not end: it was cancelled, or its page was left."""
    stopped: Stopped | None = filters.remember(_UNDER_WAY, None)
    if stopped is None or filters.state_of("import"):
        return
    where = f"Stopped at record {count(stopped.records)} of {escape(cut(stopped.file))}."
    st.warning("Nothing was stored. Import again to start over.", title=where)


def _amount(ready: Sequence[Check]) -> str:
    if len(ready) != 1:
        return f"Import {plural(len(ready), 'file')}" if ready else "Import"
    check = ready[0]
    kinds = ((check.traces, "trace"), (check.labels, "label"), (check.judgments, "judge verdict"))
    amounts = [f"Import {plural(n, noun)}" for n, noun in kinds if n and check.complete]
    return amounts[0] if amounts else f"Import {cut(check.file, 40)}"


def _words(progress: Progress) -> str:
    read = size(progress.bytes_read)
    whole = f" of {size(progress.size)}" if progress.size else ""
    records = plural(progress.records, "record")
    return f"{escape(cut(progress.file))}: {records}, {read}{whole}, {progress.rate:,.0f} a second"
