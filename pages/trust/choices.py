"""Which judge version, which part of the page; and the trust in it, measured once per state of the store."""

from typing import Final

import streamlit as st

from core.slice import Slice
from core.workflows import sealing, trusting
from core.workflows.sealing import Seal
from core.workflows.staling import Staleness, staleness
from core.workflows.trusting import JudgeSummary, Trust, VersionRate
from pages.ui import filters, whose
from pages.ui.links import slice_link
from pages.ui.store import described, known_judges, known_refs, the_store
from pages.ui.words import judge_words

OVERVIEW: Final = "overview"
VIEWS: Final = {
    OVERVIEW: "Overview",
    "pairs": "Disagreements one by one",
    "table": "Disagreements in a table",
    "reasons": "Same verdict, other reason?",
    "variants": "Variants",
}


def judges(slice_: Slice) -> list[str]:
    """Judge versions with judgments, and the one that the address names; the newest first, those of one failure category
    last. A slice that asks about one judge leaves that one alone."""
    asked = slice_.judge if slice_.judge_verdict else slice_.disagree
    return [judge.version.ref for judge in _offered() if asked in (None, judge.version.ref)]


def comparable(slice_: Slice, ref: str) -> list[str]:
    """The other judge versions that look for the same: every failure, or the same failure category."""
    looks_for = {judge.version.ref: judge.version.category_id for judge in _offered()}
    return [other for other in judges(slice_) if other != ref and looks_for[other] == looks_for.get(ref)]


def _offered() -> list[JudgeSummary]:
    offered = whose.refs_to_offer("judge")
    known = [judge for judge in known_judges() if judge.version.ref in offered]
    return sorted(known, key=lambda judge: (judge.version.category_id is not None, -judge.version_id))


def choose_judge(refs: list[str]) -> str | None:
    """The judge version in view; None where the address names one that is not here."""
    with st.container(width="content"):
        return whose.choose(
            "Judge",
            "judge",
            refs,
            refs[0],
            known=known_refs(),
            format_func=judge_words,
            label_visibility="collapsed",
            width=220,
        )


def summary_of(ref: str) -> JudgeSummary | None:
    """What is known of a judge version."""
    return next((judge for judge in known_judges() if judge.version.ref == ref), None)


def draw_view(trust: Trust) -> None:
    """Choose between the overview and the disagreements; the list of variants is offered where it is open."""
    offered = [name for name in VIEWS if name != "variants" or filters.text_setting("view") == name]
    if trust.whole.counts.n or len(offered) == len(VIEWS):
        filters.choose("View", "view", offered, OVERVIEW, format_func=VIEWS.__getitem__, kind="segments",
                       label_visibility="collapsed")  # fmt: skip


def draw_kinds(trust: Trust, kind: str, view: str) -> None:
    """Choose among all disagreements and the two ways to differ; each is a link of its own."""
    counts = trust.whole.counts
    kinds = (("all", "All", trust.differ), ("lenient", "Judge too lenient", counts.judge_too_lenient),
             ("strict", "Judge too strict", counts.judge_too_strict))  # fmt: skip
    with st.container(key="kinds", horizontal=True, gap="medium", vertical_alignment="center"):
        for name, words, n in kinds:
            if name == kind:
                st.markdown(f"**{words} ({n:,})**", width="content")
            else:
                cell = None if name == "all" else name
                slice_link(
                    f"{words} ({n:,})", "trust", filters.current_slice(), judge=trust.judge, view=view, cell=cell
                )


def overlap(trust: Trust) -> tuple[int, int]:
    """How many traces of the slice the judge has verdicts on, and how many the expert."""
    slice_ = filters.current_slice()
    judged = described(slice_.with_judge_verdict(trust.judge, "pass", "fail")).n
    return judged, described(slice_.with_verdict("pass", "fail")).n


def measured(slice_: Slice, ref: str, by: str | None = None) -> Trust:
    """The judge version against the expert, on the split asked for, else on traces nobody tuned on."""
    return _measured(the_store().version, slice_, ref, by)


def versions_of(slice_: Slice, name: str, split: str) -> list[VersionRate]:
    """Each version of a judge against the expert, on one split."""
    return _versions(the_store().version, slice_, name, split)


def seal_of(ref: str) -> Seal:
    """How the test split stands for a judge version."""
    return _seal(the_store().version, ref)


def stale(ref: str) -> Staleness | None:
    """What changed since a judge version was checked."""
    return _stale(the_store().version, ref)


# The number of the store's state is the key of these caches: nobody ever sees a count from before a write.


@st.cache_resource(show_spinner=False, max_entries=60)
def _measured(version: int, slice_: Slice, ref: str, by: str | None) -> Trust:  # noqa: ARG001 - the key of the cache
    return trusting.measure_unseen(the_store(), slice_, judge=ref, by=by)


@st.cache_resource(show_spinner=False, max_entries=20)
def _versions(version: int, slice_: Slice, name: str, split: str) -> list[VersionRate]:  # noqa: ARG001 - the key of the cache
    return trusting.compare_to_expert(the_store(), slice_, judge=name, split=split)


@st.cache_resource(show_spinner=False, max_entries=20)
def _seal(version: int, ref: str) -> Seal:  # noqa: ARG001 - the key of the cache
    return sealing.read_seal(the_store(), ref)


@st.cache_resource(show_spinner=False, max_entries=20)
def _stale(version: int, ref: str) -> Staleness | None:  # noqa: ARG001 - the key of the cache
    return staleness(the_store(), ref)
