"""A menu that downloads what a page shows, in each format that can be written."""

import io
from collections.abc import Callable
from typing import Final

import streamlit as st

from core.workflows.exporting import Export

FORMATS: Final = {"CSV": "csv", "JSONL": "jsonl", "Parquet": "parquet", "Excel": "xlsx"}


def draw_export(
    what: str, ready: Callable[[str], Export], said: Callable[[], None], more: Callable[[], None] | None = None
) -> None:
    """Draw the menu, with `more` at its end; a file is made when it is asked for, and `said` confirms it.

    That is outside the run of the page, where no address says how the store was: `ready` brings its store along.
    """
    with st.popover("Export"):
        for label, extension in FORMATS.items():
            st.download_button(
                label,
                data=_made(ready, extension),
                file_name=f"passfail-{what}.{extension}",
                key=f"export.{extension}",
                type="tertiary",
                on_click=said,
            )
        if more is not None:
            more()


def _made(ready: Callable[[str], Export], extension: str) -> Callable[[], bytes]:
    def file() -> bytes:
        stream = io.BytesIO()
        ready(extension).write(stream)
        return stream.getvalue()

    return file
