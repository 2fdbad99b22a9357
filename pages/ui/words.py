"""Verdicts, times and durations as the pages write them."""

from datetime import UTC, datetime, tzinfo
from typing import Final
from zoneinfo import ZoneInfo

import streamlit as st

from core.model import Judgment, Label
from core.slice import day_text
from core.workflows.counting import judge_behind
from core.workflows.pivoting import EXPERT
from pages.ui.notices import cut, plural

UNLABELLED: Final = "– unlabelled"
SIGNS: Final = {
    "pass": "✓ pass",
    "fail": "✗ fail",
    "deferred": "◌ deferred",
    "critique": "– critique only",
    "withdrawn": UNLABELLED,
}
JUDGE_FAILURE: Final = "! judge failure"
NOTHING: Final = "—"
SEALED: Final = "sealed"
"""In place of what a judge said of the test split before it was opened."""
HIDDEN: Final = "hidden"
"""In place of a verdict on a trace that one has still to judge oneself."""


def label_words(label: Label | None) -> str:
    """«✗ fail»: sign and word of a label; of none «– unlabelled»."""
    return UNLABELLED if label is None else SIGNS[label.state.value]


def judgment_words(judgment: Judgment | None) -> str:
    """«✓ pass», «! judge failure», «sealed», or a dash where the judge said nothing."""
    if judgment is None:
        return NOTHING
    if judgment.sealed:
        return SEALED
    return JUDGE_FAILURE if judgment.verdict is None else SIGNS[judgment.verdict.value]


def judge_words(ref: str) -> str:
    """«overall, version 3» for overall@3."""
    name, _, version = ref.rpartition("@")
    return f"{name}, version {version}"


def source_words(of: str) -> str:
    """Whose verdicts are counted: «expert verdict», «judge overall 3» for overall@3, «judge overall 3, corrected»."""
    behind = judge_behind(of)
    if behind is not None:
        return f"{source_words(behind)}, corrected"
    name, _, version = of.rpartition("@")
    return "expert verdict" if of == EXPERT else f"judge {name} {version}"


def version_words(version: str, size: int = 24) -> str:
    """A version as text: «v4» for a bare number, else as it is named."""
    return cut(f"v{version}" if version.isdigit() else version, size)


def local(moment: datetime) -> datetime:
    """A stored time (naive UTC) in the reader's time zone."""
    return moment.replace(tzinfo=UTC).astimezone(_zone())


def day(moment: datetime | None) -> str:
    """«22 Nov 2026»."""
    return NOTHING if moment is None else day_text(local(moment))


def day_and_time(moment: datetime | None) -> str:
    """«22 Nov 2026 14:05»."""
    return NOTHING if moment is None else f"{day_text(local(moment))} {local(moment):%H:%M}"


def ago(moment: datetime | None, now: datetime) -> str:
    """«today», «12 days ago», by the days of the reader's calendar."""
    if moment is None:
        return NOTHING
    days = (local(now).date() - local(moment).date()).days
    return "today" if days < 1 else f"{plural(days, 'day')} ago"


def duration(milliseconds: float | None) -> str:
    """«640 ms», «4.2 s», «7 min», «2 h 10 min»."""
    if milliseconds is None or milliseconds < 0:
        return NOTHING
    seconds = milliseconds / 1000
    if seconds < 1:
        return f"{milliseconds:.0f} ms"
    if seconds < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def size(bytes_: int) -> str:
    """«2.3 MB», «640 kB»."""
    return f"{bytes_ / 1e6:.1f} MB" if bytes_ >= 1e6 else f"{max(1, bytes_ // 1000)} kB"


def _zone() -> tzinfo:
    try:
        return ZoneInfo(st.context.timezone or "UTC")
    except (ValueError, OSError, KeyError):
        return UTC
