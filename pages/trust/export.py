"""The alignment spreadsheet: model response, both critiques, both verdicts, agree or not; out as a file, and in again."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from core.errors import AppError
from core.workflows.aligning import Aligned, align
from core.workflows.exporting import export_bytes
from core.workflows.importing import Source
from core.workflows.trusting import Trust
from pages.ui import filters, notices
from pages.ui.notices import escape, plural, quoted
from pages.ui.store import the_store

FORMATS: Final = {"CSV": "csv", "Excel": "xlsx", "JSONL": "jsonl", "Parquet": "parquet"}
SAID: Final = "what an alignment spreadsheet brought"
SHOWN: Final = 5


def draw(trust: Trust) -> None:
    """Draw the menu; a file is made when it is asked for, of exactly the traces that are compared."""
    n = trust.whole.counts.n
    with st.popover("Export"):
        st.caption(
            "Each compared trace: model response, critiques and verdicts of judge and expert, better answer, agree."
        )
        for label, extension in FORMATS.items():
            st.download_button(
                label, data=_made(trust, extension), file_name=f"passfail-alignment.{extension}",
                key=f"alignment.{extension}", type="tertiary", on_click=notices.exported, args=(n,),
            )  # fmt: skip
        if trust.category is None:
            _draw_way_back(trust)
    said: str = filters.remember(SAID, "")
    if said:
        st.success(said)


def _made(trust: Trust, extension: str) -> Callable[[], bytes]:
    store, slice_ = the_store(), trust.whole.compared_slice  # made outside the run of the page, which knows the moment
    return lambda: export_bytes(store, "alignment", slice_, extension, judge=trust.judge)[0]


def _draw_way_back(trust: Trust) -> None:
    person = filters.person()
    file = st.file_uploader(
        "Bring the spreadsheet back", type=["csv", "xlsx"], key="alignment_file", disabled=person is None,
        help="What you change in the expert's columns becomes labels by you. The sheet shows the judge's verdict, so they "
        "are kept as given in sight of it, and count in no agreement.",
    )  # fmt: skip
    if file is None or not person:
        return
    if st.button(f"Take the labels of {quoted(person, 40)} from {quoted(file.name, 40)}", key="take_alignment"):
        try:
            done = align(the_store(), Source.from_bytes(file.name, file.getvalue()), judge=trust.judge, by=person)
        except AppError as problem:
            notices.app_error(problem)
            return
        filters.keep(SAID, words(done))
        st.rerun()


def words(done: Aligned) -> str:
    """What a spreadsheet brought, with the first of what was not taken."""
    said = f"{plural(done.read, 'row')} read: {plural(done.labels, 'label')}, {done.unchanged:,} unchanged"
    said += f", {done.empty:,} without a verdict." if done.empty else "."
    if done.labels:
        said += " They were given in sight of the judge: they count as labels, and in no agreement."
    for noun, notes in (("not taken", done.bad), ("ignored", done.ignored)):
        if notes:
            first = "; ".join(f"line {line or '?'}, {escape(reason)}" for line, reason in notes[:SHOWN])
            more = f"; and {len(notes) - SHOWN:,} more" if len(notes) > SHOWN else ""
            what = plural(len(notes), "row" if notes is done.bad else "cell")
            said += f" {what} {noun}: {first}{more}."
    return said
