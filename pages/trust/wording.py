"""The sentences about a judge: what it catches, what it was checked on, and the small print."""

from typing import Final

import streamlit as st

from core.metrics import half_width
from core.workflows.agreeing import agreement_with_self, list_overlaps
from core.workflows.anchoring import measure_flips
from core.workflows.pinning import present
from core.workflows.trusting import Trust, TrustGroup
from pages.trust import choices, splits
from pages.ui import filters, words
from pages.ui.links import slice_link
from pages.ui.notices import plural, quoted
from pages.ui.rates import count, percent, rate_text, running_text
from pages.ui.store import the_store

FEW: Final = 10
NARROW: Final = 30
NAMES: Final = (
    "Caught failures is the true negative rate (specificity) and kept passes the true positive rate (sensitivity), "
    "with pass as the positive class; what is right when the judge says fail is the precision of fail. Agreement is "
    "high by itself where nearly all traces pass; Cohen's kappa is agreement beyond chance, at most 1. Intervals are "
    "Wilson 95 % score intervals."
)


def sentence(group: TrustGroup) -> str:
    """All that a lead needs to know."""
    caught, alarms = group.caught_failures, group.false_alarms
    if group.category is not None:
        return _of_category(group, quoted(group.category.name, 60))
    says_caught = f"catches **{running_text(caught, 'failures')}**" if caught.n else "has no failure to catch here"
    on = f"**{running_text(alarms, 'passes')}**"
    says_alarms = f"raises a false alarm on {on}" if alarms.n else "has no pass to keep here"
    return f"The judge {says_caught} and {says_alarms}."


def _of_category(group: TrustGroup, name: str) -> str:
    """The same of a judge of one failure category: what counts as failed and as passed is said with it."""
    caught, kept = group.caught_failures, group.kept_passes
    says_caught = f"Of the traces that the expert sorted into “{name}”, the judge caught **{running_text(caught)}**"
    says_kept = f"of the others it kept **{running_text(kept)}**, those that failed for another reason among them"
    return (
        f"{says_caught if caught.n else f'The expert sorted no trace here into “{name}”'}; "
        f"{says_kept if kept.n else 'there is no other trace to keep'}."
    )


def checked(trust: Trust) -> str:
    """Whose labels and which judgments this rests on."""
    judge = choices.summary_of(trust.judge)
    by = f"{quoted(trust.labeler, 40)} gave" if trust.labeler else "were given"
    who = f"the labels that {by} without sight of the judge"
    on = "" if trust.split == "all" else f" on the {trust.split} split"
    said = f"Held against {who}{on}."
    if judge is not None:
        model = f" with {quoted(judge.version.model, 60)}" if judge.version.model else ""
        when = trust.judged.words(words.day)
        when = f" {when} ({words.ago(trust.judged.last, present(the_store()))})" if trust.judged.last else ""
        version = f"version {quoted(judge.version.version, 40)}"
        said += f" Judged{when}{model}, {version}." if model or when else f" Judge {version}."
    return f"{said} {splits.counted(trust)}".strip()


def draw_advice(group: TrustGroup) -> None:
    """What makes the numbers uncertain."""
    said: list[str] = []
    wide: list[str] = []
    nouns = ("failed trace", "passed trace") if group.category is None else ("sorted trace", "other trace")
    for rate, noun in zip((group.caught_failures, group.kept_passes), nouns, strict=True):
        if 0 < rate.n < FEW:
            said.append(f"Only {plural(rate.n, noun)}: too few to read.")
        elif FEW <= rate.n < NARROW:
            now, then = (100 * half_width(rate.rate or 0.0, n) for n in (rate.n, NARROW))
            more = f"{NARROW - rate.n} more: ±{then:.0f} points in place of ±{now:.0f}"
            wide.append(f"{plural(rate.n, noun)} ({more})")
    if wide:
        said.append(f"Wide interval: {' and '.join(wide)}.")
    if group.agreement.k == group.agreement.n:
        share = percent(group.kept_passes.n / group.agreement.n)
        said.append(
            f"No disagreements in {plural(group.agreement.n, 'trace')}. "
            f"Check that some are hard: {share} of them are passes."
        )
    if said:
        st.caption(" ".join(said))


def draw_small_print(group: TrustGroup, labeler: str | None = None) -> None:
    """Further rates, for those who know them by name, and how far the expert agrees with themselves: on the whole trace, so
    it is not said of a judge of one failure category."""
    labeler = labeler if group.category is None else None
    precision, agreement = group.fail_precision, group.agreement
    kappa = "—" if group.kappa is None else f"{group.kappa:.2f}"
    right = f"When the judge says fail, it is right in {running_text(precision)}. " if precision.n else ""
    with st.container(key="muted_small_print", gap="xsmall"):
        st.markdown(f"Small print: {right}Agreement {rate_text(agreement)} · kappa {kappa}.", help=NAMES)
        same = agreement_with_self(the_store(), labeler) if labeler else None
        who = quoted(labeler or "", 40)
        if same is not None and same.n:
            st.markdown(f"{who} agreed with themselves on {rate_text(same)}: no judge can be expected to do better.")
        for overlap in list_overlaps(the_store()) if labeler else []:
            if labeler in overlap.people and overlap.agreement is not None and overlap.agreement.n:
                other = quoted(next(name for name in overlap.people if name != labeler), 40)
                of_two = "—" if overlap.kappa is None else f"{overlap.kappa:.2f}"
                st.markdown(
                    f"{who} and {other}, each blind, agreed on {rate_text(overlap.agreement)} · kappa {of_two}."
                )
        with st.container(horizontal=True, gap="medium"):
            if precision.n:
                slice_link(f"Open the {count(precision.n)} the judge failed", "traces", group.judge_slice("fail"))
            slice_link(f"Open all {count(agreement.n)} compared", "traces", group.compared_slice)


def draw_flips(trust: Trust) -> None:
    """How steady the judge is: of the traces it was asked about again, those it both passed and failed."""
    here = filters.current_slice()
    inside = here if trust.split == "all" else here.with_split(trust.split)
    found = measure_flips(the_store(), inside, judge=trust.judge)
    if not found.flipped.n:
        return
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        st.markdown(f"Asked {found.times} about the same text, it said both pass and fail of", width="content")
        if found.flipped.k:
            slice_link(rate_text(found.flipped), "traces", found.flipped_slice)
        else:
            st.markdown(f"**{rate_text(found.flipped)}**.", width="content")
        slice_link(f"Open the {count(found.flipped.n)} asked again", "traces", found.asked_slice)
