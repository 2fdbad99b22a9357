"""The menu that downloads the alignment spreadsheet: model response, both critiques, both verdicts, agree or not."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from core.workflows.exporting import export_bytes
from core.workflows.trusting import Trust
from pages.ui import notices
from pages.ui.store import the_store

FORMATS: Final = {"CSV": "csv", "Excel": "xlsx", "JSONL": "jsonl", "Parquet": "parquet"}


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


def _made(trust: Trust, extension: str) -> Callable[[], bytes]:
    store, slice_ = the_store(), trust.whole.compared_slice  # made outside the run of the page, which knows the moment
    return lambda: export_bytes(store, "alignment", slice_, extension, judge=trust.judge)[0]
