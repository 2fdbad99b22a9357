"""The list of traces as a table: which columns it can have, and what stands in them."""

from collections.abc import Collection, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import pandas as pd
import streamlit as st

from core.model import Judgment
from core.workflows.exploring import FilterOptions, ListedTrace
from pages.ui import words
from pages.ui.notices import cut
from pages.ui.store import known_refs
from pages.ui.styles import verdict_colour
from pages.ui.waiting import hidden_from_me

HEIGHT: Final = 560
EXTRAS: Final = ("Output", "Messages", "Duration", "Model", "Source", "Session", "Id")
"""Columns beside the usual ones and the dimensions."""


def judge_in_view(options: FilterOptions, wanted: str | None) -> str | None:
    """The judge version whose verdicts the list shows: the one the address names, none where that one is not here; where
    it names none, the newest."""
    if wanted is not None:
        return wanted if wanted in known_refs() else None
    return options.judges[-1] if options.judges else None


def possible_fields(options: FilterOptions) -> list[str]:
    """What `fields=` can add."""
    return [*options.dimensions, *EXTRAS]


def usual_fields(options: FilterOptions) -> list[str]:
    """What the list shows beside the fixed columns unless the address says otherwise."""
    return list(options.dimensions)[:1]


def frame(
    traces: Sequence[ListedTrace], options: FilterOptions, judge: str | None, fields: Sequence[str],
    unseen: Collection[str],
) -> Any:  # fmt: skip
    """The rows of a page; columns that would be empty throughout the database are left out.

    `unseen` are traces whose judge's verdict is not shown here.
    """
    columns: dict[str, list[Any]] = {}
    if any(t.row.started_at for t in traces):
        columns["When"] = [_when(t) for t in traces]
    columns["Input"] = [cut(t.row.input or words.NOTHING, 200) for t in traces]
    columns["Expert"] = [words.HIDDEN if hidden(t) else words.label_words(t.label) for t in traces]
    verdicts = ["Expert"]
    if judge is not None:
        name = judge_column(judge)
        verdicts.append(name)
        columns[name] = [
            words.HIDDEN if t.row.id in unseen or hidden(t) else words.judgment_words(judgment_of(t.judgments, judge))
            for t in traces
        ]
    if options.categories:
        columns["Category"] = [
            ", ".join(t.label.categories if t.label and not hidden(t) else ()) or words.NOTHING for t in traces
        ]
    for field in fields:
        columns[field if field not in columns else f"{field} "] = [_value(t, field) for t in traces]
    painted: Any = pd.DataFrame(columns).style  # its stubs know no list of column names
    return painted.map(_colour, subset=verdicts)


def hidden(trace: ListedTrace) -> bool:
    """Whether nobody's verdict may be seen here: the trace waits in an open queue."""
    return hidden_from_me(trace.row.id)


def column_config(judge: str | None, fields: Sequence[str]) -> dict[str, Any]:
    """Widths, and what a header means; at 1280 pixels the usual columns stand side by side without scrolling."""
    config: dict[str, Any] = {
        "When": st.column_config.TextColumn(width=60, help="Start of the trace in your time zone"),
        "Input": st.column_config.TextColumn(width=156),
        "Expert": st.column_config.TextColumn(width=84, help="The label that counts"),
        "Category": st.column_config.TextColumn(width=116),
        "Messages": st.column_config.NumberColumn(width=86),
        "Duration": st.column_config.TextColumn(width=80),
    }
    if judge is not None:
        config[judge_column(judge)] = st.column_config.TextColumn(width=94, help=f"Verdict of judge {judge}")
    return config | {field: st.column_config.TextColumn(width=96) for field in fields if field not in config}


def judge_column(judge: str) -> str:
    """The header of the judge's verdicts: «Judge v4»."""
    return f"Judge {words.version_words(judge.rpartition('@')[2], 12)}".strip()


def judgment_of(judgments: Sequence[Judgment], ref: str) -> Judgment | None:
    """What this judge version said, or None."""
    return next((j for j in judgments if f"{j.judge}@{j.version}" == ref), None)


def _when(trace: ListedTrace) -> str:
    """«22 Nov», with the year where it is another one."""
    day = words.day(trace.row.started_at)
    return day.removesuffix(f" {datetime.now(UTC).year}")


def _value(trace: ListedTrace, field: str) -> Any:
    row = trace.row
    held: dict[str, Any] = {
        "Output": cut(row.output or words.NOTHING, 200),
        "Messages": row.message_count,
        "Duration": words.duration(row.duration_ms),
        "Model": row.model or words.NOTHING,
        "Source": row.source,
        "Session": row.session or words.NOTHING,
        "Id": row.id,
    }
    if field in trace.dimensions:
        return cut(", ".join(trace.dimensions[field]), 200)
    return held.get(field, words.NOTHING)


def _colour(cell: str) -> str:
    word = cell.split(" ")[-1]
    kind = "warning" if cell == words.JUDGE_FAILURE else word
    return f"color: {verdict_colour(kind)}"
