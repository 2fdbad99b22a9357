"""What the judge says of known answers: a table of its own, since no expert labelled them."""

import streamlit as st

from core.metrics import Rate
from core.workflows.knowing import BAD, GOOD, Known, measure_known
from pages.ui.links import slice_link
from pages.ui.rates import count, rate_text
from pages.ui.store import the_store


def draw(ref: str) -> None:
    """Draw two lines, each number a link to its traces; nothing where there are no known answers."""
    found = measure_known(the_store(), ref)
    if found is None:
        return
    with st.container(key="known", gap="xsmall"):
        st.markdown("**Known answers**")
        st.caption(
            "Good and bad without an expert: a judge that fails here is broken. One that does not is not checked yet, since made-up "
            "bad answers are easier than real ones. They are in an agreement only where an expert labelled them."
        )
        _line(found, GOOD, "pass", f"passed {rate_text(found.good)} of the good ones", found.good)
        _line(found, BAD, "fail", f"failed {rate_text(found.bad)} of the bad ones", found.bad)
        left = [
            f"{count(n)} {words}"
            for n, words in (
                (found.failures, "judge failures"),
                (found.without, "not judged yet"),
                (found.sealed, "in the sealed test split"),
            )
            if n
        ]
        if left:
            st.caption(f"Left out: {', '.join(left)}.")


def _line(found: Known, answer: str, right: str, words: str, rate: Rate) -> None:
    wrong = {"pass": "fail", "fail": "pass"}[right]
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if rate.n:
            slice_link(words, "traces", found.slice_of(answer, right))
        else:
            st.markdown(words, width="content")
        if rate.n > rate.k:
            slice_link(f"Open the other {count(rate.n - rate.k)}", "traces", found.slice_of(answer, wrong))
