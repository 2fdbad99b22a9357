"""The judges that a log brought: their versions, what they said, and two versions on the same traces."""

import streamlit as st

from core.workflows.trusting import JudgeSummary, list_judges
from pages.judge import compare, version
from pages.ui import filters
from pages.ui.links import slice_link
from pages.ui.store import the_store

NONE = "none"


def words_of(ref: str) -> str:
    """«overall, version 3» for overall@3."""
    if ref == NONE:
        return "nothing"
    name, _, number = ref.rpartition("@")
    return f"{name}, version {number}"


def draw_choice(judges: list[JudgeSummary]) -> tuple[JudgeSummary, str | None]:
    """Choose a version and what it is compared with."""
    by_ref = {judge.version.ref: judge for judge in sorted(judges, key=lambda judge: -judge.version_id)}
    refs = list(by_ref)
    with st.container(key="judge_choice", horizontal=True, vertical_alignment="bottom"):
        asked = filters.current_slice().judge
        ref = filters.choose(
            "Judge", "judge", refs, asked if asked in refs else refs[0], format_func=words_of, width=240
        )
        others = [other for other in refs if other != ref]
        with_ = filters.choose(
            "Compared with", "with", [NONE, *refs], _former(ref, others), format_func=words_of, width=240
        )
    return by_ref[ref], None if with_ in (NONE, ref) else with_


def _former(ref: str, others: list[str]) -> str:
    """The version before this one, of the same judge."""
    name = ref.rpartition("@")[0]
    return next((other for other in others if other.rpartition("@")[0] == name), NONE)


with st.container(key="head", horizontal=True):
    st.title("Judge", anchor=False)
known = list_judges(the_store())
if not known:
    st.info(
        "A judge is a prompt and a model that gives verdicts. Import a log that brings the verdicts of one: "
        "a column with its verdict, and one with its reason if there is one.",
        title="No judge yet.",
    )
    slice_link("Import traces", "import_logs", filters.current_slice())
else:
    chosen, other = draw_choice(known)
    version.draw(chosen)
    if other is not None:
        compare.draw(former=other, latter=chosen.version.ref)
    version.draw_all(known)
