"""Which judge is being written: that of the version in view, or a new one; and checks in code."""

from typing import Any

import streamlit as st

from core.errors import UsageError
from core.model import Category
from core.workflows.categorising import list_categories
from core.workflows.drafting import CHECKS, OVERALL, begin_draft, keep_draft, save_check
from core.workflows.trusting import JudgeSummary
from pages.judge import asking
from pages.ui import filters, notices
from pages.ui.store import the_store

ALL = "The whole trace"


def written_name(chosen: JudgeSummary | None) -> str:
    """The judge that the first two steps write: the one that was begun, else that of the version in view."""
    begun = filters.text_setting("draft")
    return begun or (chosen.version.judge if chosen is not None else OVERALL)


def draw_new() -> None:
    """Begin another judge, for everything or for one failure category, or a check in code."""
    with st.container(horizontal=True, gap="small"):
        if st.button("New judge", key="new_judge", type="tertiary"):
            asking.ask("new_judge")
        if st.button("New check in code", key="new_check", type="tertiary"):
            asking.ask("new_check")


def draw_asked() -> None:
    """What was asked for with one of these buttons."""
    if asking.asked() == "new_judge":
        with asking.panel("new_judge", "New judge"):
            _new_judge()
    elif asking.asked() == "new_check":
        with asking.panel("new_check", "New check in code"):
            _new_check()


def _new_judge() -> None:
    category = _about("new_judge")
    usual = category.name if category else OVERALL
    name = st.text_input("Name", usual, max_chars=60, key=f"new_judge.name.{usual}")
    if category is not None:
        st.caption("It begins with the definition of this failure category and what the expert wrote of its traces.")
    person = filters.ask_person("judge")
    if st.button("Begin", type="primary", key="new_judge.begin", disabled=person is None) and person:
        try:
            keep_draft(the_store(), begin_draft(the_store(), name, category), by=person)
        except UsageError as problem:
            notices.app_error(problem)
            return
        filters.put_settings(draft=name, tab="prompt")
        asking.settled()


def _new_check() -> None:
    by_words = {check.asks: check for check in CHECKS}
    check = by_words[str(st.selectbox("It asks whether", list(by_words), key="new_check.kind"))]
    category = _about("new_check")
    usual = category.name if category else check.name
    name = st.text_input("Name", usual, max_chars=60, key=f"new_check.name.{usual}")
    if category is not None:
        st.caption("It is held against this failure category alone: a trace that fails otherwise should pass here.")
    given = {setting: _field(check.name, setting, kind, words) for setting, kind, words in check.settings}
    person = filters.ask_person("check")
    if st.button("Save", type="primary", key="new_check.save", disabled=person is None) and person:
        try:
            version = save_check(
                the_store(), name, check.name, {k: v for k, v in given.items() if v is not None}, by=person,
                category_id=category and category.id,
            )  # fmt: skip
        except UsageError as problem:
            notices.app_error(problem)
            return
        filters.put_settings(judge=version.ref, tab="run", draft=None, **{"with": None})
        asking.settled()


def _about(key: str) -> Category | None:
    """What it looks for: one failure category, or everything."""
    categories = {category.name: category for category in list_categories(the_store())}
    return categories.get(str(st.selectbox("It judges", [ALL, *categories], key=f"{key}.about")))


def _field(check: str, setting: str, kind: type, words: str) -> Any:
    key, label = f"new_check.{check}.{setting}", f"{words[:1].upper()}{words[1:]}"
    if kind is bool:
        return st.checkbox(label, key=key)
    if kind is int:
        return st.number_input(label, min_value=0, value=1 if setting == "least" else 1000, key=key)
    if kind is dict:
        return st.text_area(label, "{}", key=key, height=140)
    return st.text_input(label, key=key, max_chars=1000)
