"""The menu that downloads exactly the traces of the slice."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from core.slice import Slice
from core.workflows.exporting import export_bytes
from pages.ui import notices
from pages.ui.store import the_store

FORMATS: Final = {"CSV": "csv", "JSONL": "jsonl", "Parquet": "parquet", "Excel": "xlsx"}


def draw_export(slice_: Slice, n: int) -> None:
    """Draw the menu; a file is made when it is asked for."""
    with st.popover("Export"):
        for label, extension in FORMATS.items():
            st.download_button(
                label,
                data=_made(slice_, extension),
                file_name=f"passfail-traces.{extension}",
                key=f"export.{extension}",
                type="tertiary",
                on_click=notices.exported,
                args=(n,),
            )


def _made(slice_: Slice, extension: str) -> Callable[[], bytes]:
    store = the_store()  # a file is made outside the run of the page, where no address says how the store was
    return lambda: export_bytes(store, "traces", slice_, extension)[0]
