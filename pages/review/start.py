"""What can be reviewed: open queues to go on with, and ways to draw another one."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Final, NamedTuple

import streamlit as st

from core.errors import AppError
from core.slice import Slice
from core.workflows.offering import USUAL_SIZE, Offer, drawn_from, offer_review
from core.workflows.pivoting import Axis, axes
from core.workflows.planning import CHECK_JUDGE, RANDOM, UNUSUAL, Part, Plan
from core.workflows.putting_aside import open_and_aside, put_aside
from core.workflows.queueing import (
    QUEUE_SIZES,
    UNLABELLED,
    OpenQueue,
    Queue,
    blind,
    count_open,
    queue_progress,
    start_queue,
)
from core.workflows.rubric import second_look_ids
from core.workflows.second_look import SECOND_LOOK, start_second_look
from pages.review import mix
from pages.ui import filters, notices
from pages.ui.links import slice_link
from pages.ui.notices import escape, plural, quoted
from pages.ui.rates import count, of
from pages.ui.store import described, known_judges, the_store
from pages.ui.words import judge_words

MOST_OPEN: Final = 5
"""Open queues that stand there at once; older ones are folded."""
SEED_HELP: Final = "The same number draws the same traces again from the same data."


class Starting(NamedTuple):
    """A queue that waits for the name of its reviewer."""

    slice: Slice
    plan: Plan | None
    """None: a second look at labels of one's own."""
    size: int
    seed: int | None


def draw() -> None:
    """Draw the offers; the first that can be used is the primary one."""
    if _starts():
        return
    st.markdown("Read a trace, say pass or fail, write why. You judge blind: nothing shows what anybody else thinks.")
    person = filters.person() or ""
    going, aside = open_and_aside(the_store(), person) if person else ([], [])
    for place, queue in enumerate(going[:MOST_OPEN]):
        _open_queue(queue, primary=place == 0, alone=len(going) == 1)
    _more_open(going[MOST_OPEN:])
    if going:
        st.markdown("Or start another:")
    asked = filters.current_slice()
    size = _size()
    offer = offer_review(the_store(), asked, labeler=person, size=size)
    random_left = offer.left if offer.is_whole else count_open(the_store(), UNLABELLED, labeler=person)
    here = UNLABELLED if offer.is_whole else asked
    if random_left or offer.is_whole:
        _random(random_left, size, primary=not going)
    if not offer.is_whole:
        _of_the_slice(offer, primary=not going and not random_left)
    _others(here, offer.amount, "" if offer.is_whole else " From the current slice.")
    if all(one.queue.kind != SECOND_LOOK for one in (*going, *aside)):
        _second_look(person, size)
    _aside(aside)
    mix.draw(lambda plan, seed: _start(here, offer.amount or size, "mix", plan=plan, seed=seed))


def draw_of_others(queue: Queue) -> None:
    """Whose queue this is and how far it is; nothing of its traces."""
    st.title("Review")
    for person in queue.people:
        progress = queue_progress(the_store(), queue, labeler=person)
        st.markdown(f"**This queue is {quoted(person)}'s: {of(progress.done, progress.total)} done.**")
        st.progress(progress.done / progress.total if progress.total else 0.0, width=420)
    st.caption(f"{escape(queue.name)}: {_frame_words(queue.frame)}. Only the people it was made for can judge in it.")
    slice_link("Start one of your own", "review", queue.frame, icon=":material/arrow_forward:")


def _frame_words(frame: Slice) -> str:
    if frame == UNLABELLED:
        return "unlabelled traces of the whole project"
    return escape(described(frame).sentence) or "all traces"


def _starts() -> bool:
    """Draw and open the queue that was asked for, once it is known who reviews it."""
    waiting: Starting | None = filters.remember("starting", None)
    if waiting is None:
        return False
    person = filters.person()
    if person is None:
        st.markdown("**Who are you?** Asked once, before the first verdict.")
        person = filters.ask_person("queue")
    if person is None:
        return True
    filters.keep("starting", None)
    try:
        address = _drawn(waiting, person)
    except AppError as problem:
        notices.app_error(problem)
        return False
    shown = blind(filters.asked_slice())
    filters.go("review", Slice() if shown == UNLABELLED else shown, queue=address)
    return True


def _drawn(wanted: Starting, person: str) -> str:
    """The address of the new queue."""
    if wanted.plan is None:
        return str(start_second_look(the_store(), person=person, most=wanted.size))
    return start_queue(
        the_store(), wanted.slice, size=wanted.size, labeler=person, plan=wanted.plan, seed=wanted.seed
    ).address


def _open_queue(going: OpenQueue, *, primary: bool, alone: bool) -> None:
    queue, progress = going.queue, going.progress
    name = queue.address
    with _row(f"open_queue_{name}"):
        with st.container(gap="xxsmall"):
            many = "You have 1 open queue: " if alone else ""
            st.markdown(f"**{many}{escape(queue.name)}, {of(progress.done, progress.total)} done.**")
            st.caption(_frame_words(queue.frame))
        words = f"Continue: {going.left} left"
        if st.button(words, key=f"continue.{name}", type="primary" if primary else "secondary"):
            filters.go("review", blind(filters.asked_slice()), queue=name)
        st.button(
            "Put aside", key=f"aside.{name}", type="tertiary", on_click=_puts(queue, aside=True),
            help="Out of sight until it is taken up again; nothing of it is lost.",
        )  # fmt: skip


def _more_open(queues: list[OpenQueue]) -> None:
    """The open queues for which there is no room above, the way to each of them folded."""
    if not queues:
        return
    with st.expander(plural(len(queues), "more open queue"), width=860):
        for queue in queues:
            _open_queue(queue, primary=False, alone=False)


def _aside(queues: list[OpenQueue]) -> None:
    """Queues out of sight, with the way back."""
    if not queues:
        return
    with st.expander(f"Put aside ({len(queues)})", width=820):
        for one in queues:
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"{escape(one.queue.name)}, {of(one.progress.done, one.progress.total)} done")
                st.button("Take up again", key=f"take_up.{one.queue.address}", on_click=_puts(one.queue, aside=False))


def _puts(queue: Queue, *, aside: bool) -> Callable[[], None]:
    return lambda: put_aside(the_store(), queue, person=filters.person() or "", aside=aside)


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
            drawn = drawn_from(the_store(), UNLABELLED)
            all_of_them = "in all" if drawn == UNLABELLED else "without variants"
            slice_link(f"{count(described(drawn).n)} unlabelled {all_of_them}", "traces", drawn)
        _start(UNLABELLED, min(size, left), "random", primary=primary)


def _of_the_slice(offer: Offer, *, primary: bool) -> None:
    drawn = offer.slice
    here = described(drawn)
    if offer.left == 0:
        notices.nothing_to_review(here.n) if here.n else notices.nothing_matches(here.total, None)
        return
    with _row("offer_slice"):
        with st.container(gap="xxsmall"):
            words = escape(here.sentence) or "all traces"
            st.markdown(f"**{offer.amount} from the current slice**: {words}")
            st.caption("Random within the slice, without those you have judged.")
            if offer.is_blinded:
                st.caption("Conditions on verdicts, judges and categories are left out, so that you judge blind.")
            slice_link(f"{count(here.n)} in the slice", "traces", drawn)
        _start(drawn, offer.amount, "slice", primary=primary)


def _others(here: Slice, amount: int, whence: str) -> None:
    """Ways that look for something; what of the slice cannot be told to a reviewer is left out of them too."""
    if not amount:
        return
    judged = [judge for judge in known_judges() if judge.judgments]
    if judged:
        ref = max(judged, key=lambda judge: judge.version_id).version.ref
        inside = replace(here if here == UNLABELLED else blind(here), judged=(ref,))
        with _row("offer_judge"):
            with st.container(gap="xxsmall"):
                st.markdown(f"**{plural(amount, 'trace')} to check the judge**, mixed, shown blind")
                half = "Half of them traces the judge failed, half at random; only the random half counts in rates."
                st.caption(half + whence)
                slice_link(f"{count(described(inside).n)} with a verdict of {judge_words(ref)}", "traces", inside)
            _start(here, amount, "judge", plan=CHECK_JUDGE)
    with _row("offer_unusual"):
        with st.container(gap="xxsmall"):
            st.markdown(f"**{plural(amount, 'unusual trace')}**: longest, slowest, most turns, most tool calls")
            st.caption(f"Not counted in rates.{whence}")
        _start(here, amount, "unusual", plan=UNUSUAL)
    if pair := _two_dimensions():
        with _row("offer_thin"):
            with st.container(gap="xxsmall"):
                by = (pair[0].words, pair[1].words)
                cells = f"combinations of {escape(' × '.join(by))} with the fewest labels"
                st.markdown(f"**{plural(amount, 'trace')} from thin cells**: {cells}")
                st.caption(f"Not counted in rates.{whence}")
                whole = Slice() if here == UNLABELLED else here
                slice_link("See them on Coverage", "coverage", whole, rows=pair[0].name, cols=pair[1].name)
            _start(here, amount, "thin", plan=Plan(parts=(Part("thin cells", 100),), by=by))


def _two_dimensions() -> tuple[Axis, Axis] | None:
    """Those that Coverage begins with: the first two that have several values."""
    found = [axis for axis in axes(the_store()) if axis.is_dimension and axis.values > 1]
    return (found[0], found[1]) if len(found) > 1 else None


def _second_look(person: str, size: int) -> None:
    """One's own labels from before the rubric that holds now."""
    mine = second_look_ids(the_store(), person) if person else []
    if not mine:
        return
    with _row("offer_second_look"):
        with st.container(gap="xxsmall"):
            st.markdown(f"**Second look: {plural(len(mine), 'label')} given under an older rubric**")
            st.caption("The old verdict is hidden until you have judged again, then both stand side by side.")
        _start(Slice(), min(len(mine), size), "second_look", plan=None)


def _start(
    slice_: Slice, amount: int, key: str, *, plan: Plan | None = RANDOM, primary: bool = False, seed: int | None = None
) -> None:
    size = int(filters.remember("queue size", USUAL_SIZE))

    def begin() -> None:
        filters.keep("starting", Starting(slice_, plan, size, seed))

    st.button(f"Start {amount}", key=f"start.{key}", type="primary" if primary else "secondary", on_click=begin)


def _row(key: str) -> AbstractContextManager[object]:
    return st.container(key=key, border=True, horizontal=True, vertical_alignment="center", width=820)
