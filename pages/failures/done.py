"""What was done last to the categories, in a sentence, and the way to take it back."""

import streamlit as st

from core.workflows.acting import Action, take_back
from core.workflows.taxonomy import look_again
from pages.ui import filters
from pages.ui.notices import plural
from pages.ui.store import the_store

KEY = "last action on categories"


def did(words: str, action: Action, *, redefined: int = 0) -> None:
    """Keep what was done, as a sentence whose names are escaped; `redefined`: traces whose category reads otherwise now."""
    filters.keep(KEY, (words, action, redefined))


def draw_last(person: str | None) -> None:
    """Draw the sentence with its button, which U presses too."""
    last: tuple[str, Action, int] | None = filters.remember(KEY, None)
    if last is None or person is None:
        return
    words, action, redefined = last
    with st.container(horizontal=True, vertical_alignment="center", key="last_action"):
        st.markdown(words, width="content")
        undone = st.button("Undo", key="undo_sorting", shortcut="u", type="tertiary")
        again = redefined > 0 and st.button(f"Look again at its {plural(redefined, 'trace')}", key="look_again_last")
    if undone:
        filters.keep(KEY, None)
        take_back(the_store(), action, by=person)
        st.rerun()
    if again and action.category_id is not None:
        asked = look_again(the_store(), action.category_id, by=person)
        did(f"{plural(asked.traces, 'trace')} wait for a second look.", asked)
        st.rerun()
