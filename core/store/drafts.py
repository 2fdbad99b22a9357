"""Drafts: what somebody has typed and not yet saved. Kept so that a reload loses nothing; never counted."""

from datetime import UTC, datetime
from typing import NamedTuple

from core.model import LabelState
from core.store.connection import Cursor, next_event
from core.store.labels import Given, find_given

ADD = """insert into drafts (event, trace_key, labeler, verdict, critique, revised_response, first_failure, picked,
        made_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?)"""


class Draft(NamedTuple):
    """An unsaved verdict with its critique; the only list of what a draft holds. `at` (UTC) is set when it is kept."""

    verdict: str | None
    critique: str
    revised_response: str = ""
    first_failure: int | None = None
    picked: tuple[int, ...] = ()
    at: datetime | None = None

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed or chosen."""
        return self._replace(at=None) == NOTHING


NOTHING = Draft(None, "")


def keep_draft(
    cursor: Cursor,
    *,
    trace_key: int,
    labeler: str,
    draft: Draft,
) -> None:
    """Put a draft in place of the former one; an empty one removes it."""
    cursor.execute("delete from drafts where trace_key = ? and labeler = ?", [trace_key, labeler])
    if not draft.is_empty:
        kept = draft._replace(at=datetime.now(UTC).replace(tzinfo=None))
        said = [list(value) if isinstance(value, tuple) else value for value in kept]
        cursor.execute(ADD, [next_event(cursor), trace_key, labeler, *said])


def find_drafts(cursor: Cursor, *, labeler: str, since: int = 0) -> dict[int, Draft]:
    """Per trace the draft of this person, where it was kept after event `since`."""
    sql = """select trace_key, verdict, coalesce(critique, ''), coalesce(revised_response, ''), first_failure,
        coalesce(picked, []), made_at from drafts where labeler = ? and event > ?"""
    found = ((row[0], Draft(*row[1:])) for row in cursor.execute(sql, [labeler, since]).fetchall())
    return {key: draft._replace(picked=tuple(draft.picked)) for key, draft in found}


def give_back(cursor: Cursor, *, trace_key: int, labeler: str, taken: Given) -> None:
    """Make what a label said the draft of its author, unless something was typed since.

    What the taking back of another label left there was not typed: it gives way.
    """
    typed = find_drafts(cursor, labeler=labeler).get(trace_key)
    replaced = find_given(cursor, event=taken.supersedes) if taken.supersedes else None
    if typed is None or (replaced is not None and typed._replace(at=None) == _as_draft(replaced)):
        keep_draft(cursor, trace_key=trace_key, labeler=labeler, draft=_as_draft(taken))


def _as_draft(label: Given) -> Draft:
    verdict = label.state.value if label.state in (LabelState.PASS, LabelState.FAIL) else None
    picked = label.picked if label.state is LabelState.FAIL else ()  # a deferral carries what was picked before it
    return Draft(verdict, label.critique or "", label.revised_response or "", label.first_failure, picked)
