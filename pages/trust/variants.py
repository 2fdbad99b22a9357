"""Does a change that must not matter sway the judge: how many verdicts flip between a trace and a variant of it."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from core.workflows.trusting import Trust
from core.workflows.varying import Change, VariantPair, list_variants, measure_variants
from pages.trust import choices
from pages.ui import filters
from pages.ui.links import slice_link, trace_link
from pages.ui.notices import cut, escape, plural, quoted, stale_setting
from pages.ui.numbers import smallest_n
from pages.ui.opened import note_shown
from pages.ui.rates import rate_text
from pages.ui.store import the_store
from pages.ui.waiting import hidden_from_me, number_hidden
from pages.ui.words import NOTHING, SIGNS, judge_words

KEY: Final = "trust.variants"
VIEW: Final = "variants"
NO_NAME: Final = "no change named"
MOST: Final = 500
LONG: Final = 1500
HELP: Final = (
    "A variant is a trace made from another one by a change that must not change the verdict: another name or locale, an "
    "answer made longer or shorter but no better. It is synthetic: it counts in no corrected share, and in a rate of "
    "agreement only where an expert labelled it. It is never in another split than the trace it was made from, and is drawn "
    "for review only where the filter asks for it. Pairs of all splits are counted, since no label is needed for them."
)


def draw(trust: Trust) -> None:
    """Draw a line per kind of change, each number a link to its pairs; nothing where no trace is a variant."""
    slice_ = filters.current_slice()
    found = measure_variants(the_store(), slice_, judge=trust.judge)
    if not (found.changes or found.orphans or found.examples):
        return
    st.subheader("Where a change must not matter", anchor=False, help=HELP)
    with st.container(key="variants", gap="xsmall"):
        for change in found.changes:
            _line(change, trust)
        left: list[str] = []
        if found.unjudged:
            left.append(f"{plural(found.unjudged, 'pair')} without a verdict on both that may be shown")
        if found.examples:
            left.append(f"{plural(found.examples, 'pair')} of which the judge was shown one as an example")
        if found.orphans:
            left.append(f"{plural(found.orphans, 'variant')} of traces that are not here")
        with st.container(horizontal=True, gap="small", vertical_alignment="center"):
            if left:
                st.caption(f"Left out: {', '.join(left)}.", width="content")
            judge = choices.summary_of(trust.judge)
            if found.unjudged and judge is not None and judge.version.source != "imported":
                slice_link(
                    "Run the judge on all variants",
                    "judge",
                    found.any_variant,
                    judge=trust.judge,
                    tab="run",
                    on="slice",
                )


def _line(change: Change, trust: Trust) -> None:
    slice_, named = filters.current_slice(), {"judge": trust.judge, "view": VIEW, "change": change.name or NO_NAME}
    with st.container(horizontal=True, gap="small", vertical_alignment="center", key=f"change_{change.name}"):
        st.markdown(f"**{quoted(change.name or NO_NAME, 60)}**", width="content")
        slice_link(plural(change.pairs, "pair"), "trust", slice_, **named)
        said = f"flipped {rate_text(change.flipped, min_n=smallest_n())}"
        if change.flipped.k:
            slice_link(said, "trust", slice_, only="flipped", **named)
            st.markdown(f"({change.to_pass:,} to pass, {change.to_fail:,} to fail)", width="content")
        else:
            st.markdown(said, width="content")


def draw_list(trust: Trust) -> None:
    """The pairs of the kind in the address, those that flipped first; a row shows both side by side."""
    slice_ = filters.current_slice()
    kinds = {
        change.name or NO_NAME: change for change in measure_variants(the_store(), slice_, judge=trust.judge).changes
    }
    if not kinds:
        st.info("No trace of this slice has a variant. README says how a log names them.", title="No variants here.")
        return
    change = filters.text_setting("change")
    if change is not None and change not in kinds:
        stale_setting("change", change, "every change")
        change = None
    only = filters.setting("only", ["flipped"], "")
    asked = None if change is None else kinds[change].name
    pairs = list_variants(the_store(), slice_, judge=trust.judge, change=asked, only_flipped=bool(only))
    with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
        what = "flipped" if only else "with what the judge says of both"
        kind = f": {quoted(change, 60)}" if change else ""
        st.markdown(f"**{plural(len(pairs), 'pair')}**, {what}{kind}", width="content")
        if only or change:
            slice_link("Every pair", "trust", slice_, judge=trust.judge, view=VIEW)
    if pairs:
        _table(pairs[:MOST], trust)
    if len(pairs) > MOST:
        st.caption(f"The first {MOST:,} are shown.")


def _table(pairs: list[VariantPair], trust: Trust) -> None:
    shown = [pair for pair in pairs if not (hidden_from_me(pair.base_id) or hidden_from_me(pair.variant_id))]
    if len(shown) < len(pairs):
        st.caption(number_hidden(len(pairs) - len(shown)))
    noted = note_shown([name for pair in shown for name in (pair.base_id, pair.variant_id)])
    shown = [pair for pair in shown if {pair.base_id, pair.variant_id} <= noted]
    frame = pd.DataFrame(
        {
            "flip": ["flipped" if pair.is_flipped else "" for pair in shown],
            "change": [pair.change or NO_NAME for pair in shown],
            "base": [pair.base_id for pair in shown],
            "base_judge": [_sign(pair.base_passed) for pair in shown],
            "variant": [pair.variant_id for pair in shown],
            "variant_judge": [_sign(pair.variant_passed) for pair in shown],
        }
    )
    config: dict[str, Any] = {
        "flip": st.column_config.TextColumn("Flip", width=80),
        "change": st.column_config.TextColumn("Change", width=180),
        "base": st.column_config.TextColumn("Trace", width=160),
        "base_judge": st.column_config.TextColumn("Judge", width=80),
        "variant": st.column_config.TextColumn("Variant", width=160),
        "variant_judge": st.column_config.TextColumn("Judge of variant", width=120),
    }
    st.dataframe(
        frame, key=KEY, on_select="rerun", selection_mode="single-cell", hide_index=True, row_height=36,
        height="content" if len(frame) <= 15 else 560, column_config=config, alt=f"{len(frame)} pairs of trace and variant",
    )  # fmt: skip
    chosen = filters.selected_cell(KEY)
    if chosen is None or chosen[0] >= len(shown):
        st.caption("Choose a row to read both side by side.")
        return
    _side_by_side(shown[chosen[0]], trust)


def _side_by_side(pair: VariantPair, trust: Trust) -> None:
    slice_ = filters.current_slice()
    sides = (
        ("Trace", pair.base_id, pair.base_input, pair.base_passed, pair.base_critique),
        ("Variant", pair.variant_id, pair.variant_input, pair.variant_passed, pair.variant_critique),
    )
    for column, (who, name, asked, passed, critique) in zip(st.columns(2, gap="medium"), sides, strict=True):
        with column, st.container(border=True, height="stretch"):
            trace_link(f"{who} {name}", name, slice_)
            if asked:
                st.text(cut(asked, LONG))
            st.markdown(f"{escape(judge_words(trust.judge))} **{_sign(passed)}**")
            if critique:
                st.markdown(f"\u201c{escape(cut(critique, LONG))}\u201d")


def _sign(passed: bool | None) -> str:
    return NOTHING if passed is None else SIGNS["pass" if passed else "fail"]
