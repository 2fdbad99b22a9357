"""What the address says, as a slice and as settings: the only file that touches the address and the session.

The address is the source. At the top of each run a widget's state is set to what the address says where the
two differ, and a change of the widget writes the address. So links, Back and widgets always agree.

A state that is set is told to the browser in that run alone. A widget whose code is still on its way then, or that stands in a
popover which is closed, is drawn by a later run: so each is given its value as its default too, and what stands in a
popover is told again in every run.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, TypeVar

import streamlit as st

from core.slice import FIELDS, Slice
from core.workflows.exploring import Description
from pages.ui import store
from pages.ui.notices import stale_setting

T = TypeVar("T")

_SLICE_PARAMS = frozenset(
    (
        *FIELDS,
        *("verdict", "of_category", "category_verdict", "labeler", "judge_verdict", "disagree", "judged"),
        *("category", "primary", "last_good", "failed_at", "saw_judge", "split", "chosen", "drawn", "sample", "anchor"),
        *("q", "since", "until", "asked_again", "flips", "import"),
    )
)
_OF_ONE_SLICE = ("p", "trace", "cell")
"""Settings that point into the rows of one slice: another slice starts without them."""
_CARRIED = ("judge", "min_n", "as_of")
"""Settings that say what the numbers mean: they go along to other pages."""
_PERSON = "person"


def address() -> dict[str, list[str]]:
    """Every parameter of the address with all its values."""
    return {name: st.query_params.get_all(name) for name in st.query_params}


def is_slice_param(name: str) -> bool:
    """Whether a parameter of the address is a condition on traces."""
    return name in _SLICE_PARAMS or name.startswith(("d.", "not."))


def asked_slice() -> Slice:
    """The slice of the address, whether or not it can be applied."""
    return Slice.from_params(address())


def description() -> Description:
    """The current slice in numbers and words; the frame draws it as the sentence."""
    return store.described(asked_slice())


def current_slice() -> Slice:
    """The slice of the address. One that cannot be applied holds no trace at all, never more than was asked."""
    asked = asked_slice()
    stale = store.described(asked).stale
    if not stale:
        return asked
    return replace(asked, unreadable=(*asked.unreadable, *((part.param, part.value) for part in stale)))


def carried() -> dict[str, str]:
    """The settings that links to other pages keep: the judge version in view, the smallest n."""
    return {name: st.query_params[name] for name in _CARRIED if name in st.query_params}


def settings_here() -> dict[str, list[str]]:
    """The settings of this page that hold for any slice."""
    return {
        name: values for name, values in address().items() if not is_slice_param(name) and name not in _OF_ONE_SLICE
    }


def put_slice(slice_: Slice) -> None:
    """Write a slice into the address; the settings of the page stay, those of the former slice's rows go."""
    wanted = settings_here() | slice_.to_params()
    if wanted != address():
        st.query_params.from_dict(wanted)


def put_settings(**values: str | Sequence[str] | None) -> None:
    """Write page settings into the address; None removes one, several values repeat it."""
    wanted = address()
    for name, value in values.items():
        wanted.pop(name, None)
        if value:
            wanted[name] = [value] if isinstance(value, str) else list(value)
    if wanted != address():
        st.query_params.from_dict(wanted)


def text_setting(name: str) -> str | None:
    """A setting of the address that may be any text, such as `trace`; None where it is not set."""
    return st.query_params.get(name) or None


def many_setting(name: str, options: Sequence[str]) -> list[str]:
    """The values of a setting that may be repeated, such as `fields`; those that are no option are left out."""
    return [value for value in dict.fromkeys(st.query_params.get_all(name)) if value in options]


def setting(name: str, options: Sequence[str], default: str, *, said: bool = False) -> str:
    """A setting of the address; a value that is no option (any more) is named on the page, and `default` holds.

    `said` is for a second reading of a setting: the notice stands there already.
    """
    value = text_setting(name)
    if value is None or value in options:
        return default if value is None else value
    if not said:
        stale_setting(name, value, default)
    return default


def choose(
    label: str,
    name: str,
    options: Sequence[str],
    default: str,
    *,
    format_func: Callable[[str], str] = str,
    kind: Literal["select", "segments", "radio"] = "select",
    **widget: Any,
) -> str:
    """A widget bound both ways to the setting `name`; the default stands in no address."""
    key = f"set.{name}"
    now = setting(name, options, default)
    agree(key, now)

    def changed() -> None:
        value = st.session_state[key]
        put_settings(**{name: None if value == default else value, **_reset(name)})

    common: dict[str, Any] = {"key": key, "on_change": changed, "format_func": format_func, **widget}
    if kind == "segments":
        chosen = st.segmented_control(label, list(options), required=True, default=now, **common)
    elif kind == "radio":
        chosen = st.radio(label, list(options), index=list(options).index(now), **common)
    else:
        chosen = st.selectbox(label, list(options), index=list(options).index(now), **common)
    return default if chosen is None else str(chosen)


def choose_many(label: str, name: str, options: Sequence[str], default: Sequence[str], **widget: Any) -> list[str]:
    """A choice of several values in a popover, bound both ways to the setting `name`; the default stands in no address."""
    key = f"set.{name}"
    for value in dict.fromkeys(st.query_params.get_all(name)):
        if value not in options:
            stale_setting(name, value, "what is usual")
    asked = many_setting(name, options) or list(default)
    agree(key, asked, hidden=True)

    def changed() -> None:
        chosen = list(st.session_state[key])
        put_settings(**{name: None if chosen == list(default) else chosen})

    return st.multiselect(label, list(options), key=key, on_change=changed, select_all=False, **widget)


def _reset(name: str) -> dict[str, None]:
    """A new order or another part of a page begins on its first page."""
    return {} if name == "p" else {"p": None}


def page_number() -> int:
    """The page of the list the address asks for, from 1."""
    value = text_setting("p") or "1"
    return max(1, int(value)) if value.isascii() and value.isdigit() and len(value) < 7 else 1


def pager(total: int, size: int, *, most: int = 200) -> None:
    """Draw the pages of a list of `total` rows, bound to `p=`; nothing for a single page."""
    pages = max(1, min(most, -(-total // size)))
    shown = min(page_number(), pages)
    asked = text_setting("p")
    if asked is not None and asked != str(shown):
        stale_setting("p", asked, f"page {shown}")
    if pages < 2:
        return
    key = f"set.p.{shown}"  # a page of its own: this widget warns about a state that is set beside its default

    def changed() -> None:
        number = st.session_state[key]
        put_settings(p=None if number == 1 else str(number), trace=None)

    st.pagination(pages, default=shown, key=key, on_change=changed)


def agree(key: str, value: object, *, hidden: bool = False) -> str:
    """Set a widget's state to what the address says where the two differ, and always where it stands `hidden` in a popover;
    returns the key."""
    if hidden or key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value
    return key


def state_of(key: str) -> Any:
    """What a widget holds now; for callbacks."""
    return st.session_state.get(key)


def selected_cell(key: str) -> tuple[int, str] | None:
    """Row and column of the cell chosen in a table with `selection_mode="single-cell"`."""
    cells = (st.session_state.get(key) or {}).get("selection", {}).get("cells", [])
    return (int(cells[0][0]), str(cells[0][1])) if cells else None


def select_cell(key: str, row: int | None, column: str) -> str:
    """Choose a cell of a table before it is drawn, unless one of that row is chosen already; returns the key."""
    held = selected_cell(key)
    if row is None and held is not None:
        st.session_state[key] = {"selection": {"cells": []}}
    elif row is not None and (held is None or held[0] != row):
        st.session_state[key] = {"selection": {"cells": [(row, column)]}}
    return key


def go(page: str, slice_: Slice, **settings: str | None) -> None:
    """Open another page: only after an action that created something; everything else is a link."""
    st.switch_page(f"pages/{page}/page.py", query_params=link_params(slice_, settings))


def link_params(slice_: Slice, settings: Mapping[str, str | None]) -> dict[str, list[str]]:
    """The parameters of a link: the slice, the settings, and what the numbers mean unless it is said otherwise."""
    given = {name: [value] for name, value in settings.items() if value is not None}
    kept = {name: [value] for name, value in carried().items() if name not in settings}
    return kept | slice_.to_params() | given


def enter(page: str) -> None:
    """Begin a run of this page. After a link to the page one is on, the browser is told its new address: Streamlit
    reads it from such a link, but shows the former one.
    """
    now = (page, address())
    former = st.session_state.get("kept.entered")
    if former is not None and former[0] == page and former != now:
        st.query_params.from_dict(now[1])
    st.session_state["kept.entered"] = now


def remember(key: str, default: T) -> T:
    """A value of this session that is in no address, such as an open queue."""
    return st.session_state.setdefault(f"kept.{key}", default)


def keep(key: str, value: object) -> None:
    """Set a value of this session."""
    st.session_state[f"kept.{key}"] = value


def person() -> str | None:
    """The name given in this session, or None."""
    return remember(_PERSON, "") or None


def adopt_person(name: str) -> None:
    """Take the name that this browser kept from an earlier visit, once, where none was given in this session."""
    if name and not person() and not remember("person adopted", False):
        keep("person adopted", True)
        keep(_PERSON, name)
        st.rerun()


def ask_person(why: str) -> str | None:
    """The name of who works here; asked for on the spot, where it is not known yet. `why` tells this place from others."""
    if name := person():
        return name
    key = f"ask.person.{why}"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_input(
            "Your name, as it will stand beside your labels",
            key=key,
            max_chars=80,
            on_change=lambda: keep(_PERSON, str(st.session_state[key]).strip()),
            width=360,
        )
        st.button("Continue", key=f"{key}.go")  # leaving the field is what gives the name
    return person()


def person_box() -> None:
    """The field of the frame where the name can be given or changed."""
    key = agree("frame.person", person() or "", hidden=True)
    st.text_input(
        "Your name, as it will stand beside your labels",
        key=key,
        max_chars=80,
        on_change=lambda: keep(_PERSON, str(st.session_state[key]).strip()),
    )
