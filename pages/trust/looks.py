"""Whether the judge is taken in by how an answer looks: its two errors by length and by format."""

from typing import Final

import streamlit as st

from core.workflows.biasing import LookRow, LookTable, measure_looks
from core.workflows.trusting import Trust
from pages.ui import filters
from pages.ui.links import slice_link
from pages.ui.notices import escape, plural
from pages.ui.numbers import smallest_n
from pages.ui.rates import rate_text
from pages.ui.store import the_store

HELP: Final = (
    "A judge that goes by fluency or format passes long or tidy answers that are wrong, or fails plain ones that are "
    "right. False passes are of the {}, false alarms of the {}."
)


def draw(trust: Trust) -> None:
    """Draw a line per look, each number a link to its traces."""
    tables = measure_looks(the_store(), trust)
    if not tables:
        return
    with st.expander("Does length or format sway the judge?", key="looks"):
        st.caption(escape(HELP.format(*trust.in_words)))
        for place, table in enumerate(tables):
            if place == 0 or table.title != tables[place - 1].title:
                st.markdown(f"**{table.title}**")
            for row in table.rows:
                _row(row, trust)
            _gap(table)
        n = sum(len(table.gaps) for table in tables)
        st.caption(f"{plural(n, 'difference')} looked at: with more of them, one may look clear by chance.")


def _row(row: LookRow, trust: Trust) -> None:
    name, lenient, strict = st.columns([3, 3, 3], gap="small", vertical_alignment="center")
    name.markdown(row.words)
    for place, words, cell, rate in (
        (lenient, "false passes", "lenient", row.false_passes),
        (strict, "false alarms", "strict", row.false_fails),
    ):
        said = f"{words} {rate_text(rate, min_n=smallest_n())}"
        with place:
            if rate.k:
                slice_link(
                    said, "trust", filters.current_slice(), judge=trust.judge, view="pairs", cell=cell, look=row.name
                )
            else:
                st.markdown(said)


def _gap(table: LookTable) -> None:
    first, last = table.rows[0].words, table.rows[-1].words
    for words in table.clear:
        st.warning(
            f"Its {words} differ between answers {first} and {last}: the interval of the difference leaves out 0."
        )
