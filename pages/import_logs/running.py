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


def import_button(checks: Mapping[str, Check]) -> bool:
    """The button that names the amount; returns whether it was pressed."""
    ready = all(check.form and check.looked_at for check in checks.values())
    elsewhere = _anywhere().get(str(the_store().path))
    if elsewhere:
        st.info(f"An import is running: {plural(elsewhere.records, 'record')} of {escape(cut(elsewhere.file))}.")
    return st.button(_amount(checks), type="primary", disabled=not ready or elsewhere is not None, key="import")


def run_import(files: Sequence[Upload], checks: Mapping[str, Check]) -> None:
    """Import in this run. Cancel, or any other action here, ends it at the next report of progress: nothing is kept."""
    store, known = the_store(), _anywhere()
    filters.keep(_UNDER_WAY, Stopped(files[0].name, 0))
    status = st.status("Importing", expanded=True)
    with status:
        line = st.empty()
        bar = st.progress(0.0)
        st.button("Cancel", key="cancel")

    def heard(progress: Progress) -> None:
        known[str(store.path)] = progress
        filters.keep(_UNDER_WAY, Stopped(progress.file, progress.records))
        line.markdown(_words(progress))
        bar.progress(min(1.0, progress.bytes_read / progress.size) if progress.size else 0.0)

    mappings = {file.name: FileMapping.from_toml(checks[file.id].toml) for file in files}
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
    if stopped is None:
        return
    filters.keep(_UNDER_WAY, None)
    where = f"Stopped at record {count(stopped.records)} of {escape(cut(stopped.file))}."
    st.warning("Nothing was stored. Import again to start over.", title=where)


def _amount(checks: Mapping[str, Check]) -> str:
    whole = [check for check in checks.values() if check.complete]
    if len(whole) < len(checks) or len(checks) > 1:
        return (
            f"Import {plural(len(checks), 'file')}"
            if len(checks) > 1
            else f"Import {cut(next(iter(checks.values())).file, 40)}"
        )
    check = whole[0]
    kinds = ((check.traces, "trace"), (check.labels, "label"), (check.judgments, "judge verdict"))
    return next((f"Import {plural(n, noun)}" for n, noun in kinds if n), f"Import {cut(check.file, 40)}")


def _words(progress: Progress) -> str:
    read = size(progress.bytes_read)
    whole = f" of {size(progress.size)}" if progress.size else ""
    records = plural(progress.records, "record")
    return f"{escape(cut(progress.file))}: {records}, {read}{whole}, {progress.rate:,.0f} a second"
