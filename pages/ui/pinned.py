"""What a page says that shows the data as it was at a moment, and the way to the newest."""

import streamlit as st

from core.workflows.pinning import Since
from pages.ui import filters, notices, words
from pages.ui.notices import plural, stale_setting
from pages.ui.store import pinned_view


def draw(folder: str) -> bool:
    """Draw N13 with its link on a pinned page; whether it is one. A number that is no event here is named."""
    asked = filters.text_setting("as_of")
    if asked is None:
        return False
    view = pinned_view()
    if view is None:
        stale_setting("as_of", asked, "the newest data")
        return False
    notices.pinned(words.day_and_time(view.at), _what_came(view.since))
    params = {name: values for name, values in filters.address().items() if name != "as_of"}
    st.page_link(f"pages/{folder}/page.py", label="Show the newest data", query_params=params)
    return True


def _what_came(since: Since) -> str:
    parts = [(since.traces, "trace"), (since.labels, "label"), (since.judgments, "judgment")]
    named = [plural(n, noun) for n, noun in parts if n]
    listed = " and ".join(filter(None, [", ".join(named[:-1]), *named[-1:]]))
    said = (
        f"Since then {listed} {'was' if listed.startswith('1 ') and len(named) == 1 else 'were'} added."
        if named
        else ""
    )
    if since.changed:
        one = since.changed == 1
        said += f" {plural(since.changed, 'trace')} of then {'was' if one else 'were'} changed by a later import and"
        said += f" {'is shown as it was' if one else 'are shown as they were'}."
    if since.as_now:
        said += f" {plural(since.as_now, 'trace')} of them can only be shown as {'it now is' if since.as_now == 1 else 'they now are'}."
    return said.strip() or "No trace, label or judgment was added since."
