"""Judge one trace after the other: the start of the page, and the loop of an open queue."""

import streamlit as st

from core.workflows.queueing import find_queue
from pages.review import loop, start
from pages.ui import filters, notices
from pages.ui.store import the_store

name = filters.text_setting("queue")
queue = find_queue(the_store(), name) if name else None
if name and queue is None:
    notices.stale_setting("queue", name, "the start of the page")
if queue is None:
    st.title("Review")
    start.draw()
else:
    loop.draw(queue)
