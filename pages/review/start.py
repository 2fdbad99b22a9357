"""What can be reviewed: an open queue to go on with, and draws to start another one from."""

from contextlib import AbstractContextManager

import streamlit as st

from core.slice import Slice
from core.workflows.batches import Batch, open_batches
from core.workflows.queueing import QUEUE_SIZES, UNLABELLED, blind, count_open, start_queue
from pages.review.open_queues import OpenQueue, open_queues, remember_queue
from pages.ui import filters, notices
from pages.ui.links import slice_link
from pages.ui.notices import escape
from pages.ui.rates import count, of
from pages.ui.store import described, the_store

USUAL_SIZE = 25


def draw() -> None:
    """Draw the offers; the first that can be used is the primary one."""
    st.markdown("Read a trace, say pass or fail, write why. You judge blind: nothing shows what anybody else thinks.")
    batches = open_batches(the_store(), filters.person() or "")
    for place, (batch, done) in enumerate(batches):
        _open_batch(batch, done, primary=place == 0)
    going = [queue for queue in open_queues() if queue.left]
    for place, queue in enumerate(going):
        _open_queue(queue, primary=place == 0 and not batches)
    if going or batches:
        st.markdown("Or start another:")
    asked = filters.current_slice()
    person = filters.person() or ""
    random_left = count_open(the_store(), UNLABELLED, labeler=person)
    whole = asked.is_all or asked == UNLABELLED
    slice_left = 0 if whole else count_open(the_store(), asked, labeler=person)
    size = _size()
    if random_left or whole:
        _random(random_left, size, primary=not going and not batches)
    if not whole:
        _of_the_slice(asked, slice_left, size, primary=not going and not batches and not random_left)


def _open_batch(batch: Batch, done: int, *, primary: bool) -> None:
    with _row(f"open_batch_{batch.name}"):
        with st.container(gap="xxsmall"):
            st.markdown(f"**{escape(batch.words)}: {of(done, len(batch.ids))} done.**")
            st.caption("Made for you; you judge blind.")
        words = f"Continue: {len(batch.ids) - done} left" if done else f"Start {len(batch.ids)}"
        if st.button(words, key=f"batch.{batch.name}", type="primary" if primary else "secondary"):
            filters.go("review", Slice(), queue=batch.name)


def _open_queue(going: OpenQueue, *, primary: bool) -> None:
    name = going.queue.name
    with _row(f"open_queue_{name}"):
        with st.container(gap="xxsmall"):
            st.markdown(f"**You have an open queue: {of(going.done, going.total)} done.**")
            st.caption(escape(going.words) or "all traces")
        words = f"Continue: {going.left} left"
        if st.button(words, key=f"continue.{name}", type="primary" if primary else "secondary"):
            filters.go("review", going.slice, queue=name)


def _size() -> int:
    smallest, largest = QUEUE_SIZES
    kept = filters.remember("queue size", USUAL_SIZE)
    size = st.number_input("Size", smallest, largest, kept, step=5, width=120, help="How many traces a queue holds.")
    filters.keep("queue size", size)
    return int(size)


def _random(left: int, size: int, *, primary: bool) -> None:
    if left == 0:
        notices.nothing_to_review(described(Slice()).total)
        return
    with _row("offer_random"):
        with st.container(gap="xxsmall"):
            st.markdown(f"**{min(size, left)} random unlabelled traces** of the whole project")
            st.caption("Recommended: drawn by chance, so rates stay honest.")
            _unlabelled()
        _start(UNLABELLED, min(size, left), "random", primary=primary)


def _unlabelled() -> None:
    n = described(UNLABELLED).n
    slice_link(f"{count(n)} unlabelled in all", "traces", UNLABELLED)


def _of_the_slice(asked: Slice, left: int, size: int, *, primary: bool) -> None:
    drawn = blind(asked)
    here = described(drawn)
    if left == 0:
        notices.nothing_to_review(here.n) if here.n else notices.nothing_matches(here.total, None)
        return
    with _row("offer_slice"):
        with st.container(gap="xxsmall"):
            words = escape(here.sentence) or "all traces"
            st.markdown(f"**{min(size, left)} from the current slice**: {words}")
            st.caption("Random within the slice, without those you have judged.")
            if drawn != asked:
                st.caption("Conditions on verdicts, judges and categories are left out, so that you judge blind.")
            slice_link(f"{count(here.n)} in the slice", "traces", drawn)
        _start(drawn, min(size, left), "slice", primary=primary)


def _start(slice_: Slice, amount: int, key: str, *, primary: bool) -> None:
    size = filters.remember("queue size", USUAL_SIZE)
    if st.button(f"Start {amount}", key=f"start.{key}", type="primary" if primary else "secondary"):
        queue = start_queue(the_store(), size=int(size))
        remember_queue(queue, slice_)
        filters.go("review", slice_, queue=queue.name)


def _row(key: str) -> AbstractContextManager[object]:
    return st.container(key=key, border=True, horizontal=True, vertical_alignment="center", width=820)
