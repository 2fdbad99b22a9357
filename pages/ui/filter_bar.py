"""The filter bar: a widget for each kind of condition, bound both ways to the slice of the address."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

import streamlit as st

from core.model import MISSING
from core.slice import NOT_SORTED, Slice
from core.workflows.exploring import FilterOptions, ValueCount
from pages.ui import filters
from pages.ui.notices import cut, escape
from pages.ui.store import filter_options
from pages.ui.words import judge_words

Put = Callable[[Slice, Any], Slice]
ANY = ""
IN_BAR = 3
MOST_IN_BAR = 60
"""A dimension with more values is for looking up one of them: it stands in the popover."""
IN_POPOVER: Final = "stretch"
"""The width of a filter in the popover; in the bar each has one of its own."""
MOST_OFFERED = 300
FIELD_LABELS = {"model": "Model", "source": "Source", "session": "Session", "error": "Error"}
VERDICTS = (ANY, "fail", "pass", "unlabelled", "deferred")
ORIGINS = {ANY: "real and synthetic", "real": "real", "synthetic": "synthetic"}
JUDGE_VERDICTS = {
    ANY: "any",
    "fail": "fail",
    "pass": "pass",
    "failure": "judge failure",
    "none": "not judged",
    "sealed": "sealed",
}


def draw_filter_bar() -> None:
    """Draw the row of filters and the popover with the others."""
    slice_, options = filters.asked_slice(), filter_options()
    first = [name for name, values in options.dimensions.items() if len(values) <= MOST_IN_BAR][:IN_BAR]
    with st.container(key="filterbar", horizontal=True, vertical_alignment="bottom"):
        for name in first:
            _values(name, name, options.dimensions[name], slice_, width=180, help_=options.meanings.get(name))
        _verdict(slice_)
        _search(slice_)
        others = [name for name in options.dimensions if name not in first]
        used = _in_use(slice_, others)
        label = f"More filters ({used})" if used else "More filters"
        with st.popover(label, key="more_filters", width="content"), st.container(width=480):
            _more(slice_, options, others)


def _more(slice_: Slice, options: FilterOptions, others: Sequence[str]) -> None:
    left, right = st.columns(2)
    with left:
        _since(slice_)
    with right:
        _until(slice_)
    _judge(slice_, options.judges)
    left, right = st.columns(2)
    with left:
        _category(slice_, options)
    with right:
        _choice("Origin", "origin", dict(ORIGINS), slice_, _put_field("origin"))
    rest = [(name, name, options.dimensions[name]) for name in others]
    rest += [
        (label, name, options.fields[name])
        for name, label in FIELD_LABELS.items()
        if _worth_offering(options.fields.get(name, []), slice_.values_of(name))
    ]
    for place, (label, name, counts) in enumerate(rest):
        if place % 2 == 0:
            left, right = st.columns(2)
        with right if place % 2 else left:
            _values(label, name, counts, slice_, help_=options.meanings.get(name))
    _conditions(slice_)


def _in_use(slice_: Slice, others: Sequence[str]) -> int:
    """Conditions that no widget of the bar shows."""
    judged = (slice_.judge_verdict, slice_.disagree, slice_.asked_again, slice_.flips)
    kinds = (
        slice_.category_verdict,
        slice_.category,
        slice_.primary,
        slice_.since,
        slice_.until,
        slice_.split,
        slice_.sample,
    )
    rare = (slice_.saw_judge is not None, slice_.import_id is not None, slice_.anchor is not None)
    hidden = [c for c in slice_.dimensions if c.key in others or c.negated]
    return sum(map(bool, (*judged, *kinds, *rare))) + len(hidden) + len(slice_.fields)


def _changed(key: str, put: Put) -> Callable[[], None]:
    """A callback that writes the slice with this widget's value into the address."""

    def changed() -> None:
        filters.put_slice(put(filters.asked_slice(), filters.state_of(key)))

    return changed


_OTHER_WIDGETS = frozenset(
    ("verdict", "judge_verdict", "judge", "disagree", "category", "primary", "q", "since", "until", "split", "labeler")
)
"""Names that a widget of this bar has for itself: a dimension of such a name gets another key."""


def _values(
    label: str, name: str, counts: list[ValueCount], slice_: Slice, *, width: Any = IN_POPOVER, help_: str | None = None
) -> None:
    """Values of a dimension or a built-in field; `help_` says what they mean."""
    key = f"slice.d.{name}" if name in _OTHER_WIDGETS else f"slice.{name}"
    asked = slice_.values_of(name)
    amounts = {c.value: c.traces for c in counts}
    offered = [c.value for c in counts[:MOST_OFFERED]]
    offered += [value for value in asked if value not in offered]
    filters.agree(key, list(asked), hidden=width == IN_POPOVER)
    st.multiselect(
        escape(cut(label, 24)),
        offered,
        default=list(asked),
        key=key,
        help=help_ and escape(help_),
        format_func=lambda value: _with_count(value, amounts.get(value, 0)),
        placeholder="any",
        select_all=False,
        width=width,
        on_change=_changed(key, lambda now, chosen: now.with_values(name, chosen)),
    )


def _with_count(value: str, traces: int) -> str:
    return f"{'(missing)' if value == MISSING else cut(value, 60)} ({traces:,})"


def _worth_offering(counts: list[ValueCount], asked: Sequence[str]) -> bool:
    return len(counts) > 1 or bool(asked)


def _choice(
    label: str, name: str, options: dict[Any, str], slice_: Slice, put: Put, *, width: Any = IN_POPOVER
) -> None:
    key = f"slice.{name}"
    held = {
        "verdict": slice_.verdict,
        "judge_verdict": slice_.judge_verdict,
        "category": slice_.category,
        "disagree": (slice_.disagree,) if slice_.disagree else (),
        "origin": slice_.values_of("origin"),
    }[name]
    value: Any = held[0] if len(held) == 1 else tuple(held) or ANY
    offered = options if value in options else {**options, value: _several(held, options)}
    filters.agree(key, value, hidden=width == IN_POPOVER)
    st.selectbox(
        label,
        list(offered),
        index=list(offered).index(value),
        key=key,
        format_func=lambda option: offered.get(option, str(option)),
        width=width,
        on_change=_changed(key, put),
    )


def _several(held: Sequence[Any], options: dict[Any, str]) -> str:
    return " or ".join(options.get(value, str(value)) for value in held)


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return () if value == ANY else value if isinstance(value, tuple) else (value,)


def _verdict(slice_: Slice) -> None:
    options = {value: value or "any" for value in VERDICTS}
    _choice("Expert verdict", "verdict", options, slice_, lambda now, v: replace(now, verdict=_as_tuple(v)), width=130)


def _search(slice_: Slice) -> None:
    key = filters.agree("slice.q", slice_.search)
    st.text_input(
        "Search",
        value=slice_.search,
        key=key,
        type="search",
        placeholder="words in the trace",
        max_chars=500,
        width=220,
        on_change=_changed(key, lambda now, text: replace(now, search=(text or "").strip())),
    )


def _since(slice_: Slice) -> None:
    key = filters.agree("slice.since", slice_.since.date() if slice_.since else None, hidden=True)
    st.date_input(
        "Since", value=None, key=key, format="YYYY-MM-DD",
        on_change=_changed(key, lambda now, day: replace(now, since=_midnight(day))),
    )  # fmt: skip


def _until(slice_: Slice) -> None:
    """The last day that is in; the address holds the first that is out."""
    last = (slice_.until - timedelta(microseconds=1)).date() if slice_.until else None
    key = filters.agree("slice.until", last, hidden=True)
    st.date_input(
        "Until (included)", value=None, key=key, format="YYYY-MM-DD",
        on_change=_changed(key, lambda now, day: replace(now, until=_midnight(day, days=1))),
    )  # fmt: skip


def _midnight(day: date | None, *, days: int = 0) -> datetime | None:
    return None if day is None else datetime.combine(day, time(), UTC).replace(tzinfo=None) + timedelta(days=days)


def _judge(slice_: Slice, judges: Sequence[str]) -> None:
    if not judges and not slice_.judge_verdict and not slice_.disagree:
        return
    ref = slice_.judge or filters.text_setting("judge")
    offered = list(dict.fromkeys([*judges, *([ref] if ref else [])]))
    version = filters.agree("slice.judge", ref or offered[-1], hidden=True)
    left, right = st.columns(2)

    def version_changed() -> None:
        chosen = filters.state_of(version)
        now = filters.asked_slice()
        if now.judge_verdict:
            filters.put_slice(replace(now, judge=chosen, disagree=chosen if now.disagree else None))
        else:
            filters.put_slice(replace(now, disagree=chosen if now.disagree else None))
            filters.put_settings(judge=chosen)

    def verdict_put(now: Slice, value: Any) -> Slice:
        verdicts = _as_tuple(value)
        return replace(now, judge_verdict=verdicts, judge=filters.state_of(version) if verdicts else None)

    with left:
        _choice("Judge verdict", "judge_verdict", dict(JUDGE_VERDICTS), slice_, verdict_put)
    with right:
        st.selectbox("of judge version", offered, key=version, on_change=version_changed, format_func=judge_words)
    box = filters.agree("slice.disagree", bool(slice_.disagree), hidden=True)
    st.checkbox(
        "Only where judge and expert disagree",
        key=box,
        on_change=_changed(
            box, lambda now, on: replace(now, disagree=(now.disagree or filters.state_of(version)) if on else None)
        ),
    )


def _category(slice_: Slice, options: FilterOptions) -> None:
    if not options.categories and not slice_.category:
        return
    offered: dict[Any, str] = {ANY: "any", NOT_SORTED: "not sorted yet"}
    offered |= {category.id: cut(category.name, 60) for category in options.categories}
    _choice("Failure category", "category", offered, slice_, lambda now, v: replace(now, category=_as_tuple(v)))


def _put_field(name: str) -> Put:
    return lambda now, value: now.with_values(name, _as_tuple(value))


def _conditions(slice_: Slice) -> None:
    """Every condition with a way to remove it: also those that no widget shows."""
    parts = slice_.parts({category.id: category.name for category in filter_options().categories})
    if not parts:
        return
    st.markdown("**In use**")
    for index, (words, _) in enumerate(parts):
        st.button(
            f"{escape(cut(words, 60))}",
            key=f"remove.{index}",
            icon=":material/close:",
            type="tertiary",
            help="Remove this condition",
            on_click=_remove,
            args=(index,),
        )


def _remove(place: int) -> None:
    parts = filters.asked_slice().parts()
    if place < len(parts):
        filters.put_slice(parts[place][1])
