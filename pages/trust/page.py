"""Can the judge be trusted, and where not."""

import streamlit as st

from core.workflows.trusting import Trust, scope_refusal
from pages.trust import (
    by_value,
    choices,
    grid,
    known,
    labelers,
    looks,
    no_overlap,
    overrides,
    pairs,
    people,
    reasons,
    share,
    splits,
    two,
    variants,
    versions,
    wording,
)
from pages.ui import filters, notices
from pages.ui.left_out import draw_left_out
from pages.ui.links import slice_link
from pages.ui.notices import plural
from pages.ui.report import draw_report
from pages.ui.stale import draw_stale
from pages.ui.store import the_store


def draw_head() -> Trust | None:
    """Title, the choice of judge and of whose labels count, and the primary action; None where nothing can be said."""
    slice_ = filters.current_slice()
    refs = choices.judges(slice_)
    if not refs:
        return no_overlap.draw_no_judge()
    with st.container(key="head", horizontal=True, vertical_alignment="center"):
        st.title("Trust", anchor=False, width="content")
        ref = choices.choose_judge(refs)
        if ref is None or labelers.choose_labeler(slice_) is None:
            return None
        if refused := scope_refusal(the_store(), slice_, ref):
            notices.not_comparable(refused)
            return None
        trust = choices.measured(slice_, ref)
        splits.choose(trust)
        if trust.differ and filters.text_setting("view") is None:
            with st.container(key="primary_pairs", width="content"):
                slice_link(
                    f"Go through {plural(trust.differ, 'disagreement')}", "trust", slice_, view="pairs", judge=ref
                )
        draw_report("trust", judge=ref, by=by_value.chosen())
    return trust


def draw_overview(trust: Trust) -> None:
    """The sentence, the four counts, the rates by a dimension, the versions, and the small print."""
    whole = trust.whole
    if trust.sealed:
        overrides.draw(trust.judge)
        people.draw(trust.judge)
        known.draw(trust.judge)
        splits.draw_seal(trust)
        draw_left_out(trust.left_out_rows())
        return
    if whole.counts.n == 0:
        no_overlap.draw(trust)
        draw_left_out(trust.left_out_rows())
        overrides.draw(trust.judge)
        people.draw(trust.judge)
        known.draw(trust.judge)
        wording.draw_flips(trust)
        share.draw(trust.judge)
        variants.draw(trust)
        return
    st.markdown(wording.sentence(whole), width=900)
    st.caption(wording.checked(trust))
    draw_stale(choices.stale(trust.judge))
    overrides.draw(trust.judge)
    people.draw(trust.judge)
    left, right = st.columns([1, 1], gap="large")
    with left:
        grid.draw(whole)
        draw_left_out(trust.left_out_rows())
        wording.draw_advice(whole)
        wording.draw_small_print(whole, trust.labeler)
        wording.draw_flips(trust)
        known.draw(trust.judge)
    with right:
        by_value.draw(trust)
    share.draw(trust.judge)
    looks.draw(trust)
    variants.draw(trust)
    versions.draw(trust)
    two.draw(trust)


found = draw_head()
labelers.draw_choice(filters.current_slice())
if found is not None:
    choices.draw_view(found)
    view = filters.setting("view", list(choices.VIEWS), choices.OVERVIEW, said=True)
    if view == choices.OVERVIEW or not (found.whole.counts.n or view == variants.VIEW):
        draw_overview(found)
    elif view == "reasons":
        reasons.draw(found)
    elif view == variants.VIEW:
        variants.draw_list(found)
    else:
        pairs.draw(found)
