"""Links inside the app: real addresses that carry the slice, so that a middle click and Back work."""

from urllib.parse import urlsplit

import streamlit as st

from core.slice import Slice
from pages.ui.filters import link_params
from pages.ui.notices import cut, escape


def slice_link(
    label: str,
    page: str,
    slice_: Slice,
    *,
    help: str | None = None,
    icon: str | None = None,
    **settings: str | None,
) -> None:
    """A link to `page` that shows exactly `slice_`; `label` may be text of a user."""
    st.page_link(
        f"pages/{page}/page.py",
        label=escape(label),
        help=help,
        icon=icon,
        query_params=link_params(slice_, settings),
    )


def site() -> str:
    """The address of the dashboard without any page, as this browser knows it; empty where it is not known."""
    parts = urlsplit(st.context.url or "")
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") and parts.netloc else ""


def trace_link(label: str, trace_id: str, slice_: Slice, *, help: str | None = None) -> None:
    """A link that opens one trace among those of `slice_`."""
    slice_link(cut(label, 120), "traces", slice_, help=help, trace=trace_id)
