"""The rubric: its newest version to read and to change, the labels given under older ones, the versions before."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from core.errors import UsageError
from core.slice import Slice
from core.workflows.revealing import list_unclear
from core.workflows.rubric import Rubric, list_rubrics, save_rubric, second_look_ids
from core.workflows.second_look import start_second_look
from pages.ui import filters, notices, words
from pages.ui.links import trace_link
from pages.ui.notices import plural, quoted
from pages.ui.store import the_store

PARTS: Final = {
    "pass_means": ("Pass means", "The user got what they needed. Small flaws are noted in the critique."),
    "fail_means": ("Fail means", "Something the user needed is missing, wrong or made up."),
    "examples": ("Examples", "Cases near the border, and how they are judged."),
}
MOST = 12
MOST_AGAIN = 50


def draw() -> None:
    """Draw the rubric of the project."""
    versions = list_rubrics(the_store())
    newest = versions[0] if versions else None
    if newest is None:
        st.markdown("What pass and fail mean here, in your own words. It stands beside each trace in Review.")
    else:
        by = f"{quoted(newest.made_by, 40)}, {words.day(newest.made_at)}"
        st.subheader(f"Rubric v{newest.version}", anchor=False)
        st.caption(f"By {by}. Every label carries the version it was given under; saving adds one.")
        _second_look(newest)
    _form(newest)
    _unclear()
    if len(versions) > 1:
        with st.expander(f"Earlier versions ({len(versions) - 1})"):
            for version in versions[1:]:
                _former(version)


def _form(newest: Rubric | None) -> None:
    number = newest.version if newest else 0
    keys = {name: f"rubric.{number}.{name}" for name in (*PARTS, "change_note")}
    with st.form("rubric", border=False):
        for name, (title, example) in PARTS.items():
            held = getattr(newest, name) if newest else ""
            st.text_area(title, held, key=keys[name], placeholder=example, height=110, max_chars=20_000, width=820)
        if newest is not None:
            st.text_input("What changed, and why (optional)", key=keys["change_note"], max_chars=400, width=820)
        person = filters.person()
        saved = st.form_submit_button("Save", type="primary")
    if saved and person is None:
        filters.keep("rubric wants a name", True)
    if person is None and filters.remember("rubric wants a name", False):
        st.markdown("**Who are you?** Give your name, then save again.")
        person = filters.ask_person("rubric")
    if saved and person is not None:
        _save({name: str(filters.state_of(key) or "") for name, key in keys.items()}, number, person)


def _save(said: dict[str, str], number: int, person: str) -> None:
    try:
        version = save_rubric(the_store(), **said, by=person)
    except UsageError as problem:
        notices.app_error(problem)
        return
    if version == number:
        st.toast("Nothing was changed, nothing was saved again.")
        return
    st.toast(f"Saved as rubric v{version}.")
    st.rerun()


def _second_look(newest: Rubric) -> None:
    """Labels from before this version: how many, and a queue of one's own."""
    person = filters.person()
    everybody = second_look_ids(the_store())
    if not everybody:
        return
    mine = second_look_ids(the_store(), person) if person else []
    was = "label was" if len(everybody) == 1 else "labels were"
    st.markdown(f"**{len(everybody):,} {was} given under an older rubric** or before there was one.")
    if not mine:
        st.caption(
            "Each person looks again at their own: none of these is yours."
            if person
            else "Say who you are to look at yours again."
        )
        return
    st.button(
        f"Look again at {min(len(mine), MOST_AGAIN):,} of yours", key="second_look", on_click=_starts(person or ""),
        help=f"A queue of your labels from before rubric v{newest.version}. The old verdict is hidden until you have "
        "judged again, then both stand side by side.",
    )  # fmt: skip
    if filters.remember("second look", ""):
        name = filters.remember("second look", "")
        filters.keep("second look", "")
        filters.go("review", Slice(), queue=name)


def _starts(person: str) -> Callable[[], None]:
    return lambda: filters.keep("second look", str(start_second_look(the_store(), person=person, most=MOST_AGAIN)))


def _unclear() -> None:
    found = list_unclear(the_store())
    if not found:
        return
    st.subheader("Where the rubric was found unclear", anchor=False)
    st.caption(f"On {plural(len(found), 'trace')}, said after a queue in sight of the judge.")
    with st.container(horizontal=True, gap="medium"):
        for one in found[:MOST]:
            trace_link(one.trace_id, one.trace_id, Slice())
    if len(found) > MOST:
        st.caption(f"The newest {MOST} are shown.")


def _former(version: Rubric) -> None:
    st.markdown(f"**v{version.version}** · {quoted(version.made_by, 40)}, {words.day(version.made_at)}")
    if version.change_note:
        st.caption(notices.escape(version.change_note))
    for name, (title, _) in PARTS.items():
        if text := getattr(version, name):
            st.caption(title)
            st.text(text)
