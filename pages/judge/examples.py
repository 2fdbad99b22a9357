"""The examples of a judge: train traces with the expert's critiques, whole."""

from typing import Any, Final

import pandas as pd
import streamlit as st

from core.slice import Slice
from core.workflows.choosing_examples import ExampleChoice, list_example_choices
from core.workflows.drafting import Draft, preview
from pages.judge.writing import current, draw_findings, is_drawn, keep, key_of
from pages.ui import filters
from pages.ui.links import slice_link, trace_link
from pages.ui.notices import cut, escape, plural
from pages.ui.store import the_store
from pages.ui.words import SIGNS

SHOWN: Final = 100


def draw(name: str) -> None:
    """Choose examples, see what they are, read each whole."""
    draft, _ = current(name)
    choices = {choice.trace_id: choice for choice in list_example_choices(the_store(), draft.category_id)}
    if not choices:
        st.info(
            "Examples are labelled traces of train with a critique of the expert. Assign splits, or review more traces.",
            title="No trace can be an example yet.",
        )
        slice_link("Labelled traces", "traces", Slice().with_verdict("pass", "fail"))
        return
    _choose(draft, choices)
    made = preview(the_store(), draft, filters.current_slice())
    for example in made.examples:
        choice = choices.get(example.trace_id)
        with st.container(key=f"example_{example.trace_id}", border=True):
            with st.container(horizontal=True, gap="medium"):
                trace_link(example.trace_id, example.trace_id, Slice())
                mark = " · borderline" if example.borderline else ""
                size = f" · {choice.characters:,} characters · {escape(choice.dimensions)}" if choice else ""
                st.markdown(f"{SIGNS[example.verdict.value]}{mark}{size}", width="content")
            st.text(example.critique)
    draw_findings(made)
    _all(list(choices.values()))


def _choose(draft: Draft, choices: dict[str, ExampleChoice]) -> None:
    held = [ref.trace_id for ref in draft.spec.examples]
    border = [ref.trace_id for ref in draft.spec.examples if ref.borderline]
    key, key_border = key_of(draft.judge, "examples"), key_of(draft.judge, "borderline")

    def changed() -> None:
        if is_drawn(draft, "examples", key):
            near = list(filters.state_of(key_border) or [])
            keep(draft, examples=[[name, name in near] for name in filters.state_of(key)])

    def words(trace_id: str) -> str:
        choice = choices.get(trace_id)
        return (
            trace_id if choice is None else f"{SIGNS[choice.verdict.value]} · {trace_id} · {cut(choice.critique, 60)}"
        )

    st.multiselect(
        "Examples", list(dict.fromkeys([*held, *choices])), held, key=key, on_change=changed, format_func=words,
        help="Two to eight, of both verdicts, of different kinds. Nothing of them is shortened.",
    )  # fmt: skip
    st.multiselect(
        "Of these, borderline", held, border, key=key_border, on_change=changed, format_func=words,
        help="Cases that could nearly have gone the other way: they teach most.",
    )  # fmt: skip


def _all(choices: list[ExampleChoice]) -> None:
    fails = sum(choice.verdict == "fail" for choice in choices)
    with st.expander(f"All {plural(len(choices), 'trace')} of train with a critique ({fails} failed)"):
        columns: dict[str, Any] = {
            "Verdict": [SIGNS[c.verdict.value] for c in choices[:SHOWN]], "Trace": [c.trace_id for c in choices[:SHOWN]],
            "Words": [c.words for c in choices[:SHOWN]], "Critique": [c.critique for c in choices[:SHOWN]],
            "Dimensions": [c.dimensions for c in choices[:SHOWN]],
            "Characters": [c.characters for c in choices[:SHOWN]],
        }  # fmt: skip
        st.dataframe(pd.DataFrame(columns), hide_index=True, key="example_choices")
