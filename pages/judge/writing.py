"""The prompt of a judge: its slots, what was found in them, the exact text, and a version when it is saved."""

from typing import Any, Final

import streamlit as st

from core.errors import UsageError
from core.workflows.drafting import (
    FIELDS,
    MODELS,
    Draft,
    Preview,
    begin_draft,
    changes,
    discard_draft,
    find_draft,
    keep_draft,
    never,
    preview,
    save_version,
    saved_changes,
)
from core.workflows.exploring import list_dimensions
from pages.ui import filters, notices
from pages.ui.notices import escape, quoted
from pages.ui.store import the_store

SLOTS: Final = {
    "criterion": ("Criterion", "Did the assistant do what the user needed?", 68),
    "pass_means": ("Pass means", "The user got what they needed.", 100),
    "fail_means": ("Fail means", "Something the user needed is missing, wrong or made up.", 100),
    "role": (
        "Role and domain knowledge",
        "What the expert knows and the trace does not say: rules, prices, terms.",
        140,
    ),
    "guidelines": ("Guidelines", "Cases near the border, and how they are judged.", 100),
}


def current(name: str) -> tuple[Draft, bool]:
    """What is being written under this name, and whether it differs from what was saved."""
    held = find_draft(the_store(), name)
    return (begin_draft(the_store(), name), False) if held is None else (held, True)


def key_of(name: str, slot: str) -> str:
    """The key of a field: another one after each save and discard, so that it shows what is stored."""
    return f"judge.{name}.{filters.remember('judge revision', 0)}.{slot}"


def is_drawn(draft: Draft, slot: str, key: str) -> bool:
    """Whether this is still the field on the page: of one that a save took away, a browser may yet tell what stood in it."""
    return key == key_of(draft.judge, slot)


def keep(draft: Draft, **slots: Any) -> None:
    """Store a change at once: a reload loses nothing."""
    keep_draft(the_store(), draft._replace(spec=draft.spec.with_slots(slots)), by=filters.person() or "not named")


def draw(name: str) -> None:
    """Everything of the first step."""
    draft, is_changed = current(name)
    made = preview(the_store(), draft, filters.current_slice())
    _status(draft, made, is_changed=is_changed)
    wide, narrow = st.columns([5, 3], gap="large")
    with wide:
        for slot, (title, example, height) in SLOTS.items():
            key = key_of(name, slot)
            st.text_area(
                title, getattr(draft.spec, slot), key=key, placeholder=example, height=height, max_chars=20_000,
                on_change=_changes(draft, slot, key),
            )  # fmt: skip
    with narrow:
        _settings(draft)
        draw_findings(made)
    with st.expander("Exact text sent"):
        st.caption("The same for every trace:")
        st.code(made.system, language=None, wrap_lines=True)
        st.caption("Then, for the newest trace of this slice:")
        st.code(made.said or "no trace in this slice", language=None, wrap_lines=True)
    if draft.parent and (lines := saved_changes(the_store(), draft)):
        with st.expander(f"Changed since version {draft.parent}"):
            st.code("\n".join(lines), language="diff", wrap_lines=True)


def _status(draft: Draft, made: Preview, *, is_changed: bool) -> None:
    """What is written here, whether it is saved, and the two things that can be done about it."""
    since = f"version {draft.parent}"
    state = "not saved yet" if not draft.parent else f"changed since {since}" if is_changed else f"as in {since}"
    said = f"Writing **{quoted(draft.judge, 60)}** · {escape(state)}"
    with st.container(key="judge_status", horizontal=True, gap="medium", vertical_alignment="center"):
        st.markdown(said, width="content")
        saved = st.button(
            f"Save as version {made.version}",
            type="primary",
            key="save_judge",
            disabled=bool(made.leaks) or made.version == draft.parent,
        )
        dropped = is_changed and st.button("Discard", key="discard_judge", type="tertiary")
    if saved:
        filters.keep("judge wants a name", True)
    person = filters.person()
    if filters.remember("judge wants a name", False):
        if person is None:
            st.markdown("**Who are you?** Give your name: it stands beside the version.")
            person = filters.ask_person("save")
        if person is not None:
            filters.keep("judge wants a name", False)
            _save(draft, person)
    if dropped:
        discard_draft(the_store(), draft.judge, by=person or "not named")
        _anew()
        filters.put_settings(draft=None)
        st.rerun()


def _save(draft: Draft, person: str) -> None:
    try:
        version = save_version(the_store(), draft, by=person)
    except UsageError as problem:
        notices.app_error(problem)
        return
    _anew()
    st.toast(f"Saved as {escape(version.ref)}. Saved versions never change.")
    filters.put_settings(judge=version.ref, draft=None, tab="run", **{"with": None})
    st.rerun()


def _anew() -> None:
    filters.keep("judge revision", filters.remember("judge revision", 0) + 1)


def _changes(draft: Draft, slot: str, key: str) -> Any:
    def changed() -> None:
        if is_drawn(draft, slot, key):
            keep(draft, **{slot: filters.state_of(key) or ""})

    return changed


def _settings(draft: Draft) -> None:
    """Model and what of the trace is shown."""
    spec, store = draft.spec, the_store()
    key = key_of(draft.judge, "model")
    models = list(dict.fromkeys([spec.model, *MODELS]))
    st.selectbox(
        "Model", models, key=key, accept_new_options=True, on_change=_changes(draft, "model", key),
        help="A pinned name: an alias can change unseen.",
    )  # fmt: skip
    key_fields = key_of(draft.judge, "fields")
    named = list_dimensions(store)
    dimensions = [f"d.{name}" for name in named if name not in never(named)]
    options = list(dict.fromkeys([*spec.fields, *FIELDS, *dimensions]))

    def fields_changed() -> None:
        if is_drawn(draft, "fields", key_fields):
            keep(draft, fields=list(filters.state_of(key_fields)))

    st.multiselect(
        "What it sees of a trace", options, list(spec.fields), key=key_fields, on_change=fields_changed,
        format_func=_field_words,
        help="Nothing else is sent. Labels, critiques, failure categories and the original record never are.",
    )  # fmt: skip


def _field_words(field: str) -> str:
    return FIELDS.get(field) or f"dimension {field.removeprefix('d.')}"


def draw_findings(made: Preview) -> None:
    """The known mistakes: what was found, then what is well."""
    wrong = [finding for finding in made.findings if not finding.ok]
    for finding in wrong:
        sign = ":red[✗]" if finding.leaks else ":orange[!]"
        st.markdown(f"{sign} {escape(finding.words)}")
    well = [finding.words for finding in made.findings if finding.ok]
    if well:
        st.caption(f"✓ {escape(' · '.join(well))}")


def draw_changes(former: str, latter: str) -> None:
    """What differs between the prompts of two versions."""
    lines = changes(the_store(), former, latter)
    if lines:
        with st.expander("What changed in the prompt"):
            st.code("\n".join(lines), language="diff", wrap_lines=True)
