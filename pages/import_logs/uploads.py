"""Step 1: the files to import."""

from typing import BinaryIO, Final, NamedTuple, cast

import streamlit as st

from core.workflows.importing import Source, list_formats
from core.workflows.sampling import load_sample
from pages.ui import filters
from pages.ui.store import the_store

_UPLOADS: Final = "uploads"


class Upload(NamedTuple):
    """A file that was dropped here, held in memory until it is imported or removed."""

    id: str
    name: str
    stream: BinaryIO

    def source(self) -> Source:
        """The file, to be read from its beginning."""
        return Source.from_stream(self.name, self.stream)


def chosen_files(*, first_time: bool) -> list[Upload]:
    """Draw the place to drop files; beside it, in an empty database, the sample."""
    st.subheader("1 File")
    limit = int(st.get_option("server.maxUploadSize"))
    dropped = st.file_uploader(
        f"Drop files here: JSONL, JSON, CSV, Excel or Parquet, also gzipped, up to {limit} MB",
        accept_multiple_files=True,
        key=f"{_UPLOADS}.{filters.remember('upload round', 0)}",
        help="\n".join(f"- **{form.name}**: {form.recognised_by}" for form in list_formats()),
    )
    with st.container(horizontal=True, vertical_alignment="center", key="muted_upload"):
        st.markdown("Larger files: `passfail import FILE` on the server.", width="content")
        if first_time and not dropped:
            st.button("Look at the sample", on_click=_load_sample)
    return [Upload(file.file_id, file.name, cast("BinaryIO", file)) for file in dropped]


def forget_files() -> None:
    """Empty the place to drop files."""
    filters.keep("upload round", filters.remember("upload round", 0) + 1)


def _load_sample() -> None:
    load_sample(the_store())
    filters.keep("sample loaded", True)
