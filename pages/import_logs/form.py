"""The mapping as a form: where each field of a trace comes from, the dimensions, and who judged what."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Literal

import streamlit as st

from core.workflows.checking import Check, SeenColumn
from core.workflows.remapping import (
    FIELDS_OF_A_TRACE,
    Form,
    Section,
    changed,
    with_judgment,
    with_label,
    without_section,
)
from pages.ui import filters
from pages.ui.notices import cut, escape, plural

NOTHING = ""
USUAL = ("id", "input", "output", "messages", "started_at", "session", "model")
WORDS = {
    "started_at": "start",
    "duration_ms": "duration in ms",
    "messages": "chat messages",
    "variant": "what was changed",
    "variant_of": "variant of (id of a trace)",
}
Kind = Literal["label", "judgment"]
KINDS: tuple[tuple[Kind, str], ...] = (("label", "Expert labels"), ("judgment", "Judge verdicts"))


def draw(file_id: str, check: Check) -> None:
    """Draw the form; every change is written into the text of the mapping, which is what counts."""
    shown = check.form
    if shown is None:
        return
    edit = _Edit(file_id, check, shown)
    left, right = st.columns([6, 5], gap="large")
    with left:
        _trace(edit)
    with right:
        _dimensions(edit)
        for kind, title in KINDS:
            _sections(edit, kind, title)
    draw_text(file_id, check)


class _Edit:
    """The form of one file, and how a change of it is kept."""

    def __init__(self, file_id: str, check: Check, form: Form) -> None:
        self.file_id, self.check, self.form = file_id, check, form
        self.paths = [column.path for column in check.columns]

    def key(self, *parts: object) -> str:
        return ".".join(("map", self.file_id, *map(str, parts)))

    def widget(self, value: Any, change: Callable[[Any], Form], *parts: object) -> dict[str, Any]:
        """Key and callback of a widget that shows `value` and puts another one into the form."""
        key = filters.agree(self.key(*parts), value, hidden=True)
        return {"key": key, "on_change": lambda: self.put(changed(self.check.toml, change(filters.state_of(key))))}

    def put(self, toml: str) -> None:
        filters.keep(f"mapping {self.file_id}", toml)

    def leave_out(self, kind: Kind, place: int) -> None:
        self.put(without_section(self.check.toml, kind, place))


# ------------------------------------------------------------------------------ trace and dimensions


def _trace(edit: _Edit) -> None:
    st.markdown("**Trace fields**")
    used = [name for name in FIELDS_OF_A_TRACE if name in USUAL or edit.form.trace[name]]
    with st.container(gap="xxsmall"):
        for name in used:
            _field(edit, name)
    rest = [name for name in FIELDS_OF_A_TRACE if name not in used]
    with st.expander("More fields"):
        for name in rest:
            _field(edit, name)


def _field(edit: _Edit, name: str) -> None:
    held = edit.form.trace[name]
    options = list(dict.fromkeys([NOTHING, *([held] if held else []), *edit.paths]))
    label, source, value = st.columns([2, 4, 5], vertical_alignment="center", gap="small")
    label.markdown(WORDS.get(name, name))
    source.selectbox(
        f"{WORDS.get(name, name)} comes from",
        options,
        format_func=lambda path: path or "not in this file",
        filter_mode="contains",
        label_visibility="collapsed",
        **edit.widget(held, lambda path: _with_field(edit.form, name, path), "field", name),
    )
    with value:
        st.text(cut(edit.check.first_values.get(name, ""), 56) or "—")


def _with_field(form: Form, name: str, path: str | None) -> Form:
    return replace(form, trace=form.trace | {name: (path or "").strip()})


def _dimensions(edit: _Edit) -> None:
    columns = {column.path: column for column in edit.check.columns}
    offered = list(dict.fromkeys([*edit.form.dimensions, *columns]))
    st.markdown("**Dimensions**")
    st.multiselect(
        "Dimensions: what you want to compare by",
        offered,
        format_func=lambda path: _with_count(path, columns.get(path)),
        placeholder="none",
        select_all=False,
        label_visibility="collapsed",
        **edit.widget(
            list(edit.form.dimensions),
            lambda paths: replace(edit.form, dimensions=tuple(paths or ())),
            "dimensions",
        ),
    )


def _with_count(path: str, column: SeenColumn | None) -> str:
    if column is None:
        return path
    remark = f": {column.remark}" if column.remark else ""
    return f"{path} ({plural(column.distinct, 'value')}{remark})"


# ------------------------------------------------------------------------------ labels and judgments


def _sections(edit: _Edit, kind: Kind, title: str) -> None:
    held = edit.form.labels if kind == "label" else edit.form.judgments
    st.markdown(f"**{title}**")
    for place, section in enumerate(held):
        with st.container(border=True, gap="xsmall", key=edit.key(kind, place)):
            _plain(edit, kind, place, section) if section.plain else st.code(section.text, language="toml")
            st.button(
                "Leave out",
                key=edit.key(kind, place, "without"),
                type="tertiary",
                on_click=edit.leave_out,
                args=(kind, place),
            )
    free = [column.path for column in edit.check.columns if column.may_be_verdict]
    if free:
        _another(edit, kind, free)


def _another(edit: _Edit, kind: Kind, free: Sequence[str]) -> None:
    key = filters.agree(edit.key(kind, "another"), None)
    add = with_label if kind == "label" else with_judgment

    def chosen() -> None:
        path = filters.state_of(key)
        if path:
            edit.put(add(edit.check.toml, path))

    st.selectbox(
        f"Another column of {'expert' if kind == 'label' else 'judge'} verdicts",
        free,
        key=key,
        placeholder="Add a column of verdicts",
        label_visibility="collapsed",
        on_change=chosen,
    )


def _plain(edit: _Edit, kind: Kind, place: int, section: Section) -> None:
    """One section: the column, what its values mean, the critique, and by whom."""

    def put(**values: Any) -> Form:
        changed_one = replace(section, **values)
        if kind == "label":
            return replace(edit.form, labels=_with(edit.form.labels, place, changed_one))
        return replace(edit.form, judgments=_with(edit.form.judgments, place, changed_one))

    verdicts = list(dict.fromkeys([section.verdict, *(c.path for c in edit.check.columns if c.may_be_verdict)]))
    texts = list(dict.fromkeys([NOTHING, section.critique, *edit.paths]))
    st.selectbox(
        "Verdict from", verdicts, format_func=lambda path: path or "critiques alone, no verdict",
        **edit.widget(section.verdict, lambda path: put(verdict=path or ""), kind, place, "verdict"),
    )  # fmt: skip
    if section.verdict:
        _meanings(edit, kind, place, section, put)
    left, right = st.columns(2)
    left.selectbox(
        "Critique from", texts, format_func=lambda path: path or "none",
        **edit.widget(section.critique, lambda path: put(critique=path or ""), kind, place, "critique"),
    )  # fmt: skip
    with right:
        _by_whom(edit, kind, place, section, put)


def _with(sections: tuple[Section, ...], place: int, section: Section) -> tuple[Section, ...]:
    return (*sections[:place], section, *sections[place + 1 :])


def _meanings(edit: _Edit, kind: Kind, place: int, section: Section, put: Callable[..., Form]) -> None:
    counted = next((c.values for c in edit.check.columns if c.path == section.verdict), {})
    named = (*section.passes, *section.fails)
    values = list(dict.fromkeys([*counted, *named]))

    def with_count(value: str) -> str:
        return f"{cut(value, 40)} ({counted.get(value, 0):,})"

    columns = st.columns(2)
    meanings = (
        ("Pass means", "passes", section.passes, section.fails),
        ("Fail means", "fails", section.fails, section.passes),
    )
    for column, (words, name, held, other) in zip(columns, meanings, strict=True):
        column.multiselect(
            words, [value for value in values if value not in other], format_func=with_count, select_all=False,
            placeholder="choose values",
            **edit.widget(list(held), lambda chosen, name=name: put(**{name: tuple(chosen)}), kind, place, name),
        )  # fmt: skip
    rest = [value for value in counted if value not in named]
    if not named:
        st.warning(
            f"Say which values of {escape(section.verdict)} mean pass and which mean fail. Until then it is not read."
        )
    elif rest:
        outcome = "no label" if kind == "label" else "judge failures"
        listed = ", ".join(escape(with_count(value)) for value in rest)
        st.caption(f"Neither pass nor fail, so {outcome}: {listed}.")


def _by_whom(edit: _Edit, kind: Kind, place: int, section: Section, put: Callable[..., Form]) -> None:
    if section.named_by:
        st.caption(f"{'Given by' if kind == 'label' else 'Judge'}: as {escape(section.named_by)} says.")
        return
    st.text_input(
        "Given by" if kind == "label" else "Judge", max_chars=80, placeholder="imported",
        **edit.widget(section.name, lambda name: put(name=name or ""), kind, place, "name"),
    )  # fmt: skip
    if kind == "judgment":
        st.text_input(
            "Version", max_chars=80, placeholder="imported",
            **edit.widget(section.version, lambda version: put(version=version or ""), kind, place, "version"),
        )  # fmt: skip


# ------------------------------------------------------------------------------ the text of the mapping


def draw_text(file_id: str, check: Check) -> None:
    """The mapping as text; one that cannot be read stays as it was typed, open to be mended."""
    key = filters.agree(f"map.{file_id}.text", check.toml)

    def changed_text() -> None:
        filters.keep(f"mapping {file_id}", str(filters.state_of(key)) or None)

    with st.expander("The mapping as text", expanded=check.form is None):
        st.text_area("Mapping (TOML)", key=key, height=260, on_change=changed_text)


def save_button(check: Check) -> None:
    """The mapping as a file."""
    st.download_button(
        "Save mapping", check.toml, "mapping.toml", "application/toml", on_click="ignore",
        help="For `passfail import FILE --mapping mapping.toml`, and to use again here.",
    )  # fmt: skip
