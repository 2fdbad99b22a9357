"""The step after the last verdict of a queue: where the judge differs, one trace after the other, with a second look."""

from collections.abc import Callable, Sequence

import streamlit as st

from core.model import Judgment, Label, Verdict
from core.slice import Slice
from core.workflows.exploring import look_up_trace
from core.workflows.revealing import Decision, Difference, Reveal, judges_of, reconcile, reveal
from pages.ui import filters, whose, words
from pages.ui.links import slice_link
from pages.ui.notices import cut, escape, plural, quoted
from pages.ui.opened import note_opened, note_shown
from pages.ui.rates import running_text
from pages.ui.store import lines_beside, the_store
from pages.ui.trace_payload import holds_sealed, is_large, payload
from pages.ui.trace_view import trace_view

VIEW = "judge"
DECIDED = {
    "kept": "You kept your verdict.",
    "changed": "You changed your verdict; the blind one still counts against the judge.",
    "unclear": "You noted that the rubric is unclear here.",
}
LONG = 1500


def measured(ids: Sequence[str], person: str) -> Reveal | None:
    """The judge of the address, or the one that judged most of these traces; None where none did, or that one is not here."""
    known = judges_of(the_store(), ids)
    if not known or whose.judge_is_gone():
        return None
    asked = filters.text_setting("judge")
    return reveal(the_store(), ids, labeler=person, judge=asked if asked in known else known[-1])


def draw_numbers(found: Reveal) -> bool:
    """What the judge caught and kept on these traces. With one's own verdicts beside it, that tells what it said: what
    cannot be noted is not shown, and then it is False."""
    if note_shown(found.compared, judged=True) < frozenset(found.compared):
        return False
    caught, kept = found.caught_failures, found.kept_passes
    said = [f"caught {running_text(caught, 'failures')}" if caught.n else "no failure to catch"]
    said.append(f"kept {running_text(kept, 'passes')}" if kept.n else "no pass to keep")
    st.markdown(f"Judge {_named(found.judge)} on these {found.counts.n:,}: {' · '.join(said)}.")
    return True


def draw(ids: Sequence[str], person: str, queue: str) -> None:
    """Draw the differences of a finished queue."""
    st.title("Where the judge differs")
    found = measured(ids, person)
    if found is None:
        st.info("No judge of the whole trace has a verdict on a trace of this queue.")
    elif draw_numbers(found):
        if found.differences:
            _one(found, person)
        else:
            st.info("The judge says what you said on every trace that both judged.")
    slice_link("Back to the end of the queue", "review", Slice(), queue=queue)


def _one(found: Reveal, person: str) -> None:
    ids = [one.trace_id for one in found.differences]
    asked = filters.text_setting("trace")
    undecided = (place for place, one in enumerate(found.differences) if one.decision is None)
    place = ids.index(asked) if asked in ids else next(undecided, 0)
    shown = found.differences[place]
    if not note_opened(shown.trace_id, saw_judge=True):
        return
    with st.container(key="differences", horizontal=True, gap="small", vertical_alignment="center"):
        _step("Previous", "Left", ids[place - 1] if place else None)
        _step("Next", "Right", ids[place + 1] if place + 1 < len(ids) else None)
        left = sum(one.decision is None for one in found.differences)
        st.markdown(f"**{place + 1:,} of {plural(len(ids), 'difference')}**, {left:,} not looked at", width="content")
    mine, theirs = st.columns(2, gap="medium")
    with mine, st.container(border=True, key="mine", height="stretch"):
        _label(shown.label)
    with theirs, st.container(border=True, key="theirs", height="stretch"):
        _judgment(shown.judgment, found.judge)
    _decide(shown, found.judge, person)
    seen = look_up_trace(the_store(), shown.trace_id, count_prompt=False)
    if seen is not None:
        whole, record = not is_large(seen.trace), not holds_sealed(seen)
        drawn = payload(seen, Slice(), whole=whole, chips=False, record=record, lines=lines_beside())
        trace_view(drawn, key="reveal.trace", first_failure=shown.label.first_failure)


def _step(label: str, shortcut: str, target: str | None) -> None:
    def opens() -> None:
        filters.put_settings(trace=target)

    st.button(label, shortcut=shortcut, disabled=target is None, on_click=opens, key=f"step_{shortcut}")


def _label(label: Label) -> None:
    verdict = label.state.value
    colour = "red" if label.verdict is Verdict.FAIL else "green"
    st.markdown(f"You :{colour}[**{words.SIGNS[verdict]}**] · {words.day(label.at)} · blind")
    _critique(label.critique)


def _judgment(judgment: Judgment, judge: str) -> None:
    colour = "red" if judgment.verdict is Verdict.FAIL else "green"
    st.markdown(f"Judge :{colour}[**{words.judgment_words(judgment)}**] · {_named(judge)}")
    _critique(judgment.critique)


def _critique(text: str | None) -> None:
    if text:
        st.markdown(f"\u201c{escape(cut(text, LONG))}\u201d")
    else:
        st.caption("No critique.")


def _named(ref: str) -> str:
    judge, _, version = ref.rpartition("@")
    return f"{quoted(judge, 30)} {escape(words.version_words(version))}"


def _decide(shown: Difference, judge: str, person: str) -> None:
    if shown.decision is not None:
        st.caption(DECIDED[shown.decision])
    key = f"second_thought.{shown.trace_id}"

    def decided(decision: Decision) -> Callable[[], None]:
        def store_it() -> None:
            critique = str(filters.state_of(key) or "") if decision == "changed" else ""
            filters.keep("wants a reason", decision == "changed" and not critique.strip())
            if filters.remember("wants a reason", False):
                return
            reconcile(
                the_store(), trace_id=shown.trace_id, labeler=person, judge=judge, decision=decision, critique=critique
            )
            filters.put_settings(trace=None)

        return store_it

    other = "pass" if shown.label.verdict is Verdict.FAIL else "fail"
    with st.container(key="decide", horizontal=True, gap="small", vertical_alignment="center"):
        st.button("Keep my verdict", key=f"keep.{shown.trace_id}", on_click=decided("kept"))
        with st.popover(f"Change my verdict to {other}"):
            st.text_area("What do you see now?", key=key, max_chars=20_000)
            st.button(f"Save as {other}", key=f"change.{shown.trace_id}", type="primary", on_click=decided("changed"))
            if filters.remember("wants a reason", False):
                st.markdown(":red[**Write what you see now: one sentence is enough.**]")
            st.caption("The new label is marked as given in sight of the judge. The blind one stays.")
        st.button("The rubric is unclear", key=f"unclear.{shown.trace_id}", on_click=decided("unclear"))
