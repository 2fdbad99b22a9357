"""The report of what a page shows: one click, one file that needs nothing else."""

from collections.abc import Callable, Sequence
from typing import Any, Final

import streamlit as st

from core.workflows.reporting import View, make_report
from pages.ui import filters, whose
from pages.ui.links import site
from pages.ui.numbers import smallest_n
from pages.ui.store import the_store

HELP: Final = "Failure modes, worst slices, trust in the judge and examples of this view, pinned to this moment."
NOT_OF_A_VIEW: Final = ("as_of", "min_n")
"""Settings that the link of a report sets itself."""


FORMS: Final = {"html": ("Report", "text/html"), "md": ("Report (Markdown)", "text/markdown")}


def draw_report(path: str, *, forms: Sequence[str] = tuple(FORMS), **shown: Any) -> None:
    """Draw the downloads of the page at `path`; `shown` is what it shows beside its slice, as in `View`. Without a judge of
    its own a page reports the one in view; where that one is not here, there is no report."""
    if whose.judge_is_gone():
        return
    shown["judge"] = shown.get("judge") or filters.text_setting(whose.JUDGE)
    settings = {name: held for name, held in filters.settings_here().items() if name not in NOT_OF_A_VIEW}
    view = View(path=path, settings=settings, **shown)
    width = "stretch" if len(forms) > 1 else "content"
    with st.container(
        horizontal=True, wrap=False, gap="small", horizontal_alignment="right", key=f"report_{forms[0]}", width=width
    ):
        for ending in forms:
            label, mime = FORMS[ending]
            st.download_button(
                label, data=_made(view, ending), file_name=f"passfail-report.{ending}", mime=mime, on_click="ignore",
                key=f"report.{ending}", type="secondary" if ending == "html" else "tertiary", help=HELP,
            )  # fmt: skip


def _made(view: View, ending: str) -> Callable[[], str]:
    # A file is made outside the run of the page, where no address says what it shows.
    store, slice_, min_n, address = the_store(), filters.current_slice(), smallest_n(), site()

    def made() -> str:
        report = make_report(store, slice_, view=view, min_n=min_n, address=address)
        return report.html() if ending == "html" else report.markdown()

    return made
