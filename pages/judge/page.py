"""The judges: write one from the expert's critiques, run it for a known price, compare its versions."""

import streamlit as st

from core.workflows.trusting import JudgeSummary
from pages.judge import choosing, compare, examples, running, strip, version, writing
from pages.ui import filters, whose
from pages.ui.links import slice_link
from pages.ui.store import known_judges
from pages.ui.words import judge_words

NONE = "none"
TABS = {"prompt": "1 Prompt", "examples": "2 Examples", "run": "3 Run", "compare": "4 Compare"}


def words_of(ref: str) -> str:
    """«overall, version 3» for overall@3."""
    return "nothing" if ref == NONE else judge_words(ref)


def draw_choice(judges: list[JudgeSummary]) -> tuple[JudgeSummary | None, str | None]:
    """Choose a version and what it is compared with; no version where the address names one that is not here."""
    by_ref = {judge.version.ref: judge for judge in sorted(judges, key=lambda judge: -judge.version_id)}
    refs = list(by_ref)
    whose.say_if_gone("with", [NONE, *refs])
    with st.container(key="judge_choice", horizontal=True, vertical_alignment="bottom"):
        asked = filters.current_slice().judge
        ref = whose.choose(
            "Judge", "judge", refs, asked if asked in refs else refs[0], known=refs, format_func=words_of, width=240
        )
        if ref is None:
            return None, None
        others = [other for other in refs if other != ref]
        with_ = whose.choose(
            "Compared with",
            "with",
            [NONE, *refs],
            _former(ref, others),
            known=[NONE, *refs],
            format_func=words_of,
            width=240,
        )
        choosing.draw_new()
    return by_ref[ref], None if with_ in (None, NONE, ref) else with_


def _former(ref: str, others: list[str]) -> str:
    """The version before this one, of the same judge."""
    name = ref.rpartition("@")[0]
    return next((other for other in others if other.rpartition("@")[0] == name), NONE)


def draw_compare(chosen: JudgeSummary, other: str | None, judges: list[JudgeSummary]) -> None:
    """What a version said, beside another one, and all versions."""
    version.draw(chosen)
    if other is not None:
        compare.draw(former=other, latter=chosen.version.ref)
        writing.draw_changes(other, chosen.version.ref)
    version.draw_all(judges)


def draw_steps(chosen: JudgeSummary | None, other: str | None, known: list[JudgeSummary]) -> None:
    """The splits, and the step in view; without a version the first two alone."""
    name = choosing.written_name(chosen)
    strip.draw(chosen.version.ref if chosen else None)
    tabs = list(TABS) if chosen else ["prompt", "examples"]
    tab = filters.choose(
        "Step", "tab", tabs, "compare" if chosen else "prompt", format_func=TABS.__getitem__, kind="segments",
        label_visibility="collapsed",
    )  # fmt: skip
    if tab == "prompt":
        writing.draw(name)
    elif tab == "examples":
        examples.draw(name)
    elif chosen is not None and tab == "run":
        running.draw(chosen)
    elif chosen is not None:
        draw_compare(chosen, other, known)


with st.container(key="head", horizontal=True):
    st.title("Judge", anchor=False)
known_ = known_judges()
chosen_, other_ = draw_choice(known_) if known_ else (None, None)
if not known_:
    st.info(
        "A judge is a prompt and a model that gives verdicts. Write one here from what the expert wrote, or import a log "
        "that brings the verdicts of one.",
        title="No judge yet.",
    )
    with st.container(horizontal=True, vertical_alignment="center"):
        choosing.draw_new()
        slice_link("Import traces", "import_logs", filters.current_slice())
choosing.draw_asked()
if chosen_ is not None or not known_ or filters.text_setting("draft"):
    draw_steps(chosen_, other_, known_)
