"""The dashboard: draws the frame, runs the page of the address inside it, and shows an error once."""

from pathlib import Path

import streamlit as st

from pages.ui.frame import PLACES, draw_frame, show_problem

# Each page is a script of its own folder: pages/home/page.py, pages/traces/page.py, pages/review/page.py,
# pages/failures/page.py, pages/pivot/page.py, pages/coverage/page.py, pages/judge/page.py, pages/trust/page.py,
# pages/monitor/page.py, pages/import_logs/page.py, pages/settings/page.py.
PAGES = {
    place: st.Page(
        f"pages/{place.folder}/page.py",
        title=f"{place.title} · passfail",
        url_path=place.path,
        default=place.path == "",
    )
    for place in PLACES
}

st.set_page_config(page_icon=str(Path(__file__).with_name("pages") / "ui" / "icon.svg"), layout="wide")
page = st.navigation(list(PAGES.values()), position="hidden")
place = next(place for place, known in PAGES.items() if known == page)
try:
    if draw_frame(place):
        page.run()
except Exception as problem:  # noqa: BLE001 - the one place where an error becomes a notice
    show_problem(problem)
