"""Why expert and judge differ: said by a person with a key, counted, filtered, taken back; a second look at labels."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from core.slice import Slice
from core.workflows.explaining import CAUSES, UNMARKED, ask_again, count_marks, mark, undo_mark
from core.workflows.splitting import look_at_splits
from core.workflows.trusting import Pair, Trust
from pages.ui import filters
from pages.ui.links import slice_link
from pages.ui.notices import plural, quoted
from pages.ui.store import known_judges, the_store

WORDS: Final = {
    "judge wrong": "Judge is wrong",
    "label wrong": "Label is wrong",
    "rubric unclear": "Rubric is unclear",
    "context missing": "Context is missing",
    UNMARKED: "no cause yet",
}
QUEUED: Final = "asked to look again"


def chosen() -> str | None:
    """The cause that the address asks for."""
    cause = filters.setting("cause", ["all", *CAUSES, UNMARKED], "all")
    return None if cause == "all" else cause


def draw_counts(trust: Trust, of_kind: Slice, view: str) -> None:
    """How many of these disagreements have which cause, each a link; and the queue of labels to look at again."""
    counts = count_marks(the_store(), of_kind, judge=trust.judge)
    if set(counts) <= {UNMARKED}:
        return
    now = chosen()
    with st.container(key="causes", horizontal=True, gap="medium", vertical_alignment="center"):
        for cause in ("all", *CAUSES, UNMARKED):
            n = sum(counts.values()) if cause == "all" else counts.get(cause, 0)
            words = f"{WORDS.get(cause, 'Any cause')} ({n:,})"
            if cause == (now or "all"):
                st.markdown(f"**{words}**", width="content")
            elif n:
                slice_link(
                    words, "trust", filters.current_slice(), judge=trust.judge, view=view,
                    cell=filters.text_setting("cell"), cause=None if cause == "all" else cause,
                )  # fmt: skip
        if counts.get("label wrong") and trust.category is not None:
            slice_link("Sort these traces again", "failures", of_kind)
        elif counts.get("label wrong") and trust.labeler:
            _offer_second_look(trust, of_kind, counts["label wrong"])


def _offer_second_look(trust: Trust, of_kind: Slice, n: int) -> None:
    me, whose = filters.person(), trust.labeler or ""
    words = f"Look again at {plural(n, 'label')}" if me == whose else f"Ask {quoted(whose, 30)} to look again at {n:,}"
    st.button(
        words, key="ask_again", type="tertiary", disabled=me is None, on_click=_asks(trust, of_kind, whose, me or ""),
        help="Makes a queue in Review; the old verdict is hidden until it is judged again." if me else "Your name first.",
    )  # fmt: skip
    said: str = filters.remember(QUEUED, "")
    if said:
        filters.keep(QUEUED, "")
        if me == whose:
            filters.go("review", Slice(), queue=said)
        st.toast(f"A queue waits for {quoted(whose, 40)} in Review.")


def _asks(trust: Trust, of_kind: Slice, whose: str, me: str) -> Callable[[], None]:
    return lambda: filters.keep(QUEUED, str(ask_again(the_store(), of_kind, judge=trust.judge, person=whose, by=me)))


def draw_buttons(pair: Pair, trust: Trust) -> None:
    """The four causes, each with its key, the one that was said with its author, and undo."""
    me = filters.person()
    with st.container(key="why", horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown("Why do they differ?", width="content")
        if me is None:
            with st.popover("Who are you?"):
                filters.ask_person("cause")
        for number, cause in enumerate(CAUSES, start=1):
            st.button(
                WORDS[cause], key=f"cause_{number}", shortcut=str(number), disabled=me is None,
                type="primary" if pair.mark == cause else "secondary", on_click=_says(pair, trust, cause, me or ""),
            )  # fmt: skip
        st.button(
            "Undo", key="cause_undo", shortcut="U", type="tertiary", disabled=me is None or pair.mark is None,
            on_click=_takes_back(pair, trust, me or ""),
        )  # fmt: skip
        if pair.mark in CAUSES:
            st.caption(f"{WORDS[pair.mark]}, says {quoted(pair.marked_by or '', 40)}")


def draw_mending(trust: Trust) -> None:
    """From a disagreement to what can be done about it: for a judge written here, and on dev alone, since whoever mends it for
    the traces of test has no test any more."""
    judge = next((s.version for s in known_judges() if s.version.ref == trust.judge), None)
    if judge is None or judge.source != "run" or trust.split == "test":
        return
    ref = trust.judge
    if trust.split != "dev" and look_at_splits(the_store()).assigned:
        slice_link("Go through those of dev to mend the prompt", "trust", Slice(), judge=ref, view="pairs", split="dev")
        return
    with st.container(key="mend", horizontal=True, gap="medium", vertical_alignment="center"):
        st.markdown("What to do about it:", width="content")
        for words, tab in (("Edit the prompt", "prompt"), ("Swap an example", "examples")):
            slice_link(words, "judge", Slice(), judge=ref, tab=tab)
        slice_link("Run on dev again", "judge", Slice(), judge=ref, tab="run", on="dev")


def _says(pair: Pair, trust: Trust, cause: str, me: str) -> Callable[[], None]:
    return lambda: _say(pair, trust, cause, me)


def _say(pair: Pair, trust: Trust, cause: str, me: str) -> None:
    mark(the_store(), trace_id=pair.trace_id, judge=trust.judge, mark=cause, by=me)
    filters.put_settings(trace=pair.trace_id if chosen() is None else None)


def _takes_back(pair: Pair, trust: Trust, me: str) -> Callable[[], None]:
    def undo() -> None:
        undo_mark(the_store(), trace_id=pair.trace_id, judge=trust.judge, by=me)
        filters.put_settings(trace=pair.trace_id)

    return undo
