"""What stands beside a trace: lines of outcome and context, and in how many traces each of them finds something."""

from typing import Final
from zlib import crc32

import pandas as pd
import streamlit as st

from core.errors import UsageError
from core.workflows.setting_outcomes import MOST_LINES, Found, find_uses, set_lines, typed_lines
from pages.ui import filters, notices
from pages.ui.notices import plural
from pages.ui.store import lines_beside, the_store

PARTS: Final = {
    "outcome": (
        "Outcome", "What happened outside of the conversation.",
        "Booking created = result.booking\nCRM record = https://crm.example/records/{id}",
    ),
    "context": (
        "Context", "What one has to know to judge it, folded.",
        "Customer tier = user.tier\nOrder = https://shop.example/orders/{order.id}",
    ),
}  # fmt: skip
WAITS: Final = "after the verdict"


def draw() -> None:
    """Draw the lines to change, and what they find."""
    st.markdown("What stands beside each trace, taken from its record as logged. No judge is ever shown it.")
    st.caption(
        "A line each: a label, an equals sign, then a field such as `user.tier`, or an address that names fields in braces. "
        "`{id}` is the id of the trace. Where a trace has nothing for a line, the line is left out."
    )
    uses, fields = find_uses(the_store())
    _form()
    if uses:
        _table(uses)
    if fields:
        with st.expander(f"Fields of the newest trace ({len(fields)})"):
            st.code("\n".join(fields), language=None)


def _form() -> None:
    held = lines_beside()
    person = filters.person()
    typed: dict[str, str] = {}
    with st.form("outcome", border=False):
        for part, (title, what, example) in PARTS.items():
            text = "\n".join(f"{line.label} = {line.source}" for line in getattr(held, part))
            typed[part] = st.text_area(
                f"{title}, at most {MOST_LINES[part]} lines", text, placeholder=example, height=140, width=820,
                key=f"beside.{part}.{crc32(text.encode())}", help=what, max_chars=8_000,
            )  # fmt: skip
        saved = st.form_submit_button(
            "Save", type="primary", disabled=person is None, help=None if person else "Say who you are first."
        )
    if saved and person is not None:
        _save(typed, person)


def _save(typed: dict[str, str], person: str) -> None:
    try:
        lines = {part: typed_lines(part, text) for part, text in typed.items()}
        changed = set_lines(the_store(), lines, by=person)
    except UsageError as problem:  # what was typed stays where it is
        notices.app_error(problem)
        return
    if changed:
        st.toast("Saved.")
        st.rerun()
    st.toast("Nothing was changed, nothing was saved again.")


def _table(uses: list[Found]) -> None:
    looked_at = uses[0].looked_at
    frame = pd.DataFrame(
        {
            "part": [PARTS[use.part][0] for use in uses],
            "label": [use.line.label for use in uses],
            "source": [use.line.source for use in uses],
            "found": [f"{use.found} of {use.looked_at}" for use in uses],
            "shown": [WAITS if use.tells else "always" for use in uses],
        }
    )
    st.caption(f"Looked at: the newest {plural(looked_at, 'trace')}.")
    with st.container(key="plain_table_outcome"):
        st.dataframe(
            frame, hide_index=True, row_height=36, width="content", height="content",
            alt=f"{plural(len(uses), 'line')} with the traces that have them",
            column_config={
                "part": st.column_config.TextColumn("Part", width=90),
                "label": st.column_config.TextColumn("Label", width=180),
                "source": st.column_config.TextColumn("Field or address", width=320),
                "found": st.column_config.TextColumn("Found in", width=100),
                "shown": st.column_config.TextColumn(
                    "Shown", width=140,
                    help="A field that an import took verdicts from, or whose name says that it may hold one, is hidden "
                    "wherever somebody judges blind.",
                ),
            },
        )  # fmt: skip
