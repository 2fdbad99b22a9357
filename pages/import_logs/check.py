"""Step 2: what was understood of each file, and the mapping to confirm or to change."""

from collections.abc import Sequence

import streamlit as st

from core.slice import Slice
from core.workflows.checking import Check, check_file
from core.workflows.importing import list_formats
from core.workflows.remapping import with_format
from pages.import_logs import form, running
from pages.import_logs.uploads import Upload
from pages.ui import filters, notices
from pages.ui.notices import cut, escape, plural
from pages.ui.rates import count
from pages.ui.trace_payload import payload
from pages.ui.trace_view import trace_view

MOST_NAMES = 4
SHOWN_BAD = 50


def draw(files: Sequence[Upload]) -> None:
    """Draw the check of the chosen file, and the button that imports all of them."""
    st.subheader("2 Check")
    groups = _groups(files)
    checks = {group[0].id: _current(group[0]) for group in groups}
    group = groups[0]
    if len(groups) > 1:
        group = groups[_choose(groups)]
    check = checks[group[0].id]
    by_file = {file.id: checks[group[0].id] for group in groups for file in group}
    ready = [file for file in files if by_file[file.id].can_be_imported]
    _what_it_is(group, check)
    with st.container(horizontal=True, vertical_alignment="center", key="import_row"):
        pressed = running.import_button([by_file[file.id] for file in ready])
        if check.form:
            form.save_button(check)
    if pressed:
        running.run_import(ready, by_file)
    if len(ready) < len(files):
        left_out = ", ".join(escape(cut(file.name, 60)) for file in files if file not in ready)
        st.caption(f"Not imported as it is: {left_out}.")
    _findings(check)
    if check.form:
        with st.container(gap="medium"):
            _previews(check)
            form.draw(group[0].id, check)
    elif check.toml:
        form.draw_text(group[0].id, check)


def mapping_key(file_id: str) -> str:
    """Under what name this session keeps the mapping of a file."""
    return f"mapping {file_id}"


def _groups(files: Sequence[Upload]) -> list[list[Upload]]:
    """Files of one format that the same mapping was proposed for are checked together."""
    groups: dict[tuple[str | None, str], list[Upload]] = {}
    for file in files:
        proposed = _checked(file.id, None, None, file)
        alone = file.id if proposed.problem or filters.remember(mapping_key(file.id), None) else ""
        groups.setdefault((proposed.format, proposed.toml + alone), []).append(file)
    return list(groups.values())


def _choose(groups: Sequence[Sequence[Upload]]) -> int:
    names = [_names(group) for group in groups]
    return st.segmented_control(
        "Files with different contents are checked one by one",
        range(len(groups)),
        default=0,
        required=True,
        format_func=lambda place: cut(names[place], 40),
        key=f"group.{len(groups)}",
    )


def _names(group: Sequence[Upload]) -> str:
    names = ", ".join(cut(file.name, 60) for file in group[:MOST_NAMES])
    return names if len(group) <= MOST_NAMES else f"{names} and {len(group) - MOST_NAMES} more"


def _current(file: Upload) -> Check:
    """The check of a file under the mapping and format that were chosen for it."""
    return _checked(
        file.id, filters.remember(f"format {file.id}", None), filters.remember(mapping_key(file.id), None), file
    )


@st.cache_resource(scope="session", max_entries=40, show_spinner="Looking at the file")
def _checked(file_id: str, format_name: str | None, toml: str | None, _file: Upload) -> Check:  # noqa: ARG001 - keys
    return check_file(_file.source(), format_name=format_name, toml=toml)


# ------------------------------------------------------------------------------ what was recognised


def _what_it_is(group: Sequence[Upload], check: Check) -> None:
    left, right = st.columns([5, 1], vertical_alignment="center")
    with left:
        _recognised(group, check)
    with right:
        _format(group[0], check)


def _findings(check: Check) -> None:
    if check.bad:
        _bad_lines(check)
    for note in check.lacking:
        st.warning(escape(note))
    for note in check.notes:
        st.caption(escape(note))


def _recognised(group: Sequence[Upload], check: Check) -> None:
    if check.format is None and check.toml == "":
        notices.not_recognised(check.file, len(list_formats()))
        return
    if check.problem:
        st.error(escape(check.remedy) or "Nothing was imported.", title=escape(check.problem))
        return
    if check.looked_at == 0:
        st.info("There is nothing to import in it.", title=f"{escape(cut(check.file))} has no lines.")
        return
    looked = plural(check.looked_at, "record") if check.complete else f"the first {count(check.looked_at)} records"
    found = [f"{plural(check.traces, 'trace')}"]
    found += [plural(check.labels, "expert label")] if check.labels else []
    found += [plural(check.judgments, "judge verdict")] if check.judgments else []
    st.markdown(f"**{escape(_names(group))}**: {escape(check.format or '')}. In {looked}: {', '.join(found)}.")


def _format(file: Upload, check: Check) -> None:
    names = [form.name for form in list_formats()]
    key = filters.agree(f"format.{file.id}", check.format)

    def chosen() -> None:
        name = filters.state_of(key)
        filters.keep(f"format {file.id}", name)
        held = filters.remember(mapping_key(file.id), None)
        if held and name:
            filters.keep(mapping_key(file.id), with_format(held, name))

    st.selectbox(
        "Format",
        names,
        index=names.index(check.format) if check.format in names else None,
        key=key,
        placeholder="Choose the format",
        on_change=chosen,
        format_func=lambda name: f"Format: {name}",
        label_visibility="collapsed",
    )


def _bad_lines(check: Check) -> None:
    first = check.bad[0]
    notices.lines_not_read(len(check.bad), check.looked_at, first.line, first.reason)
    with st.expander(f"Show the {plural(len(check.bad), 'line')}"):
        rows = [{"line": bad.line, "reason": bad.reason, "raw text": bad.raw[:500]} for bad in check.bad[:SHOWN_BAD]]
        st.dataframe(rows, hide_index=True, alt="Lines that cannot be read")


def _previews(check: Check) -> None:
    if not check.previews:
        return
    with st.expander(f"First {plural(len(check.previews), 'trace')} as they will look"):
        for place, trace in enumerate(check.previews):
            trace_view(payload(trace, Slice()), key=f"preview.{place}")
