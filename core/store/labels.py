"""Labels: what experts said, as events that are only ever added."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from core.errors import NotFoundError
from core.model import Label, LabelState
from core.slice import Slice
from core.store.connection import Cursor, next_event, one, rows
from core.store.queues import Choice, find_choice
from core.store.traces import TraceRow, chosen
from core.store.verdicts import labels_of, reference_labels

OF_LABEL = """l.event, l.labeler, l.state, l.critique, l.saw_judge, l.made_at as at, l.trace_key, l.origin, l.repeat,
    l.rubric_version, l.revised_response, l.first_failure, l.duration_ms, l.picked"""
LABEL = f"select {OF_LABEL}, t.id as trace_id, l.content_hash = t.content_hash as for_current_content"

ASSIGNED = """select trace_key, name from current_assignments a join current_categories using (category_id)
    where trace_key in (select unnest(?)) order by trace_key, position, a.event"""

# Blind labels, labels in sight of the judge, adjudications and hidden repeats each replace their own kind alone.
HELD = """select event from labels
    where trace_key = ? and labeler = ? and saw_judge = ? and (origin = 'adjudicated') = ? and repeat = ?
        and state not in ('critique', 'withdrawn')
        and event not in (select supersedes from labels where supersedes is not null)
    order by event desc limit 1"""

ADD = """insert into labels (
        event, client_id, trace_key, labeler, state, critique, saw_judge, content_hash, origin,
        made_at, recorded_at, supersedes, rubric_version, revised_response, first_failure, duration_ms, repeat,
        queue_id, sampling, inclusion, picked)
    select ?, ?, trace_key, ?, ?, ?, ?, coalesce(?, content_hash), ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? from traces where trace_key = ?"""

CHOSEN = """select queue_id, sampling, inclusion from current_labels
    where trace_key = ? and labeler = ? and state in ('pass', 'fail') order by event desc limit 1"""


class LabelerCount(NamedTuple):
    """Somebody who labelled, and how many traces they have a current verdict or deferral on."""

    labeler: str
    traces: int
    last: datetime


def add_label(
    cursor: Cursor,
    *,
    client_id: str,
    trace_key: int,
    labeler: str,
    state: LabelState,
    critique: str | None,
    saw_judge: bool = False,
    origin: str = "given",
    repeat: bool = False,
    rubric_version: int | None = None,
    revised_response: str | None = None,
    first_failure: int | None = None,
    duration_ms: int | None = None,
    queue_id: int | None = None,
    content_hash: int | None = None,
    picked: Sequence[int] = (),
) -> int:
    """Add an event and return its number; the same `client_id` again returns the number it had.

    `content_hash` is that of the content which was judged, where it is not the present one.

    `queue_id` says how the trace was chosen, once: a later verdict of the same person keeps what the first one said.
    """
    known = cursor.execute("select event from labels where client_id = ?", [client_id]).fetchone()
    if known is not None:
        return int(known[0])
    now = datetime.now(UTC).replace(tzinfo=None)
    event = next_event(cursor)
    held = one(cursor, HELD, [trace_key, labeler, saw_judge, origin == "adjudicated", repeat]) or None
    chosen_before = cursor.execute(CHOSEN, [trace_key, labeler]).fetchone()
    choice = find_choice(cursor, queue_id, trace_key) if chosen_before is None else Choice(*chosen_before)
    said = [event, client_id, labeler, state.value, critique, saw_judge, content_hash, origin, now, now, held]
    more = [rubric_version, revised_response, first_failure, duration_ms, repeat, *choice]
    cursor.execute(ADD, [*said, *more, list(picked) or None, trace_key])
    if one(cursor, "select count(*) from labels where event = ?", [event]) != 1:
        raise NotFoundError("The trace is not in this database any more.", "Open it again from the list of traces.")
    return event


def find_labels(cursor: Cursor, keys: Sequence[int], *, history: bool = False) -> dict[int, list[Label]]:
    """Per trace its labels by everybody, oldest first: the current ones, or with `history` every event."""
    source = "labels" if history else "current_labels"
    sql = f"""{LABEL} from {source} l join traces t using (trace_key)
        where l.trace_key in (select unnest(?)) order by l.event"""
    return _labels(cursor, rows(cursor, sql, [list(keys)]))


def find_repeats(cursor: Cursor, keys: Sequence[int], *, labeler: str) -> dict[int, list[Label]]:
    """Per trace what this person said when it was shown again without a word: what no later one replaced."""
    sql = f"""{LABEL} from labels l join traces t using (trace_key)
        where l.repeat and l.labeler = ? and l.state <> 'withdrawn' and l.trace_key in (select unnest(?))
          and l.event not in (select supersedes from labels where supersedes is not null) order by l.event"""  # noqa: S608 - fixed fragments, bound values
    return _labels(cursor, rows(cursor, sql, [labeler, list(keys)]))


def find_reference_labels(cursor: Cursor, keys: Sequence[int], reference: str | None) -> dict[int, Label]:
    """Per trace the one label that counts."""
    clause = reference_labels(reference, keys=keys)
    found = _labels(
        cursor, rows(cursor, f"{LABEL} from ({clause.sql}) l join traces t using (trace_key)", clause.params)
    )
    return {key: labels[-1] for key, labels in found.items()}


def find_labels_of(cursor: Cursor, listed: Sequence[TraceRow], reference: str | None) -> dict[int, Label]:
    """As `find_reference_labels`, for traces already read."""
    held = {row.key: row for row in listed}
    clause = reference_labels(reference, keys=list(held))
    found = rows(cursor, f"select {OF_LABEL}, l.content_hash from ({clause.sql}) l", clause.params)  # noqa: S608 - fixed fragments, bound values
    for row in found:
        trace = held[int(str(row["trace_key"]))]
        row |= {"trace_id": trace.id, "for_current_content": row.pop("content_hash") == trace.content_hash}
    return {key: labels[-1] for key, labels in _labels(cursor, found).items()}


def find_critiques(
    cursor: Cursor,
    slice_: Slice,
    *,
    reference: str | None,
    limit: int = 10,
    offset: int = 0,
    only_critiqued: bool = True,
) -> list[Label]:
    """The newest labels of a slice that have a critique, one per trace and labeler."""
    clause = chosen(slice_, reference)
    wanted = "and l.critique is not null and l.critique <> ''" if only_critiqued else ""
    sql = f"""{LABEL} from current_labels l join traces t using (trace_key)
        where l.trace_key in ({clause.sql}) {wanted} order by l.made_at desc, l.event desc
        limit {int(limit)} offset {int(offset)}"""
    found = rows(cursor, sql, clause.params)
    order = [row["event"] for row in found]
    by_event = {label.event: label for labels in _labels(cursor, found).values() for label in labels}
    return [by_event[event] for event in order if event in by_event]  # type: ignore[index]


def count_critiques(cursor: Cursor, slice_: Slice, *, reference: str | None) -> int:
    """How many labels with a critique a slice has: what `find_critiques` pages through."""
    clause = chosen(slice_, reference)
    sql = f"""select count(*) from current_labels where trace_key in ({clause.sql})
        and critique is not null and critique <> ''"""  # noqa: S608 - fixed fragments, bound values
    return one(cursor, sql, clause.params)


def find_deciding(
    cursor: Cursor, slice_: Slice, *, reference: str | None, limit: int, offset: int = 0
) -> tuple[int, list[Label]]:
    """The label that counts of each trace of a slice, the newest first: how many there are, and one page of them."""
    clause, deciding = chosen(slice_, reference), labels_of(slice_, reference)
    matched = f"select * from ({deciding.sql}) where trace_key in ({clause.sql})"  # noqa: S608 - fixed fragments, bound values
    params = [*deciding.params, *clause.params]
    total = one(cursor, f"select count(*) from ({matched})", params)  # noqa: S608 - fixed fragments, bound values
    sql = f"""{LABEL} from ({matched}) l join traces t using (trace_key)
        order by l.event desc limit {int(limit)} offset {int(offset)}"""
    found = _labels(cursor, rows(cursor, sql, params))
    return total, sorted((x for listed in found.values() for x in listed), key=lambda label: -label.event)


class Given(NamedTuple):
    """A label as an event, with what it took the place of."""

    event: int
    trace_key: int
    labeler: str
    state: LabelState
    critique: str | None
    saw_judge: bool
    supersedes: int | None
    repeat: bool
    rubric_version: int | None
    revised_response: str | None
    first_failure: int | None
    content_hash: int
    picked: tuple[int, ...]


GIVEN = """select event, trace_key, labeler, state, critique, saw_judge, supersedes, repeat, rubric_version,
    revised_response, first_failure, content_hash, coalesce(picked, []) from labels where """


def find_given(cursor: Cursor, *, client_id: str | None = None, event: int | None = None) -> Given | None:
    """The event that a client sent under this id, or the one with this number."""
    column, value = ("client_id", client_id) if client_id is not None else ("event", event)
    return _given(cursor.execute(f"{GIVEN} {column} = ?", [value]).fetchone())


def find_newest(
    cursor: Cursor, *, trace_key: int, labeler: str, saw_judge: bool | None = None, repeat: bool = False
) -> Given | None:
    """The newest word of this person on a trace that nothing replaced: of its kind where one is said."""
    sql = f"""{GIVEN} trace_key = ? and labeler = ? and repeat = ? and (? is null or saw_judge = ?)
        and state not in ('critique', 'withdrawn') and origin <> 'adjudicated'
        and event not in (select supersedes from labels where supersedes is not null)
        order by event desc limit 1"""  # noqa: S608 - fixed fragments, bound values
    return _given(cursor.execute(sql, [trace_key, labeler, repeat, saw_judge, saw_judge]).fetchone())


def find_picked(cursor: Cursor, *, trace_key: int, labeler: str, repeat: bool = False) -> tuple[int, ...]:
    """The failure categories that the newest word of this person picks, whether or not they had seen the judge."""
    newest = find_newest(cursor, trace_key=trace_key, labeler=labeler, repeat=repeat)
    return () if newest is None else newest.picked


def _given(row: tuple[Any, ...] | None) -> Given | None:
    return None if row is None else Given(*row)._replace(state=LabelState(row[3]), picked=tuple(row[-1]))


def find_older(cursor: Cursor, *, labeler: str | None, rubric_version: int) -> list[str]:
    """The traces whose blind verdict by this person (None: by anybody) is from before a version of the rubric."""
    sql = """select t.id from current_labels l join traces t using (trace_key)
        where l.state in ('pass', 'fail') and not l.saw_judge and l.origin <> 'adjudicated'
          and coalesce(l.rubric_version, 0) < ? and (? is null or l.labeler = ?)
          and not exists (select 1 from current_labels n where n.trace_key = l.trace_key and n.labeler = l.labeler
              and n.state in ('pass', 'fail') and coalesce(n.rubric_version, 0) >= ?)
        group by t.id order by min(l.event)"""
    return [row[0] for row in cursor.execute(sql, [rubric_version, labeler, labeler, rubric_version]).fetchall()]


def find_labelers(cursor: Cursor) -> list[LabelerCount]:
    """Everybody with a current label, most traces first."""
    sql = """select labeler, count(distinct trace_key), max(made_at) from current_labels
        where state <> 'critique' group by labeler order by 2 desc, 1"""
    return [LabelerCount(*row) for row in cursor.execute(sql).fetchall()]


def _labels(cursor: Cursor, found: list[dict[str, object]]) -> dict[int, list[Label]]:
    if not found:
        return {}
    assigned = cursor.execute(ASSIGNED, [list({row["trace_key"] for row in found})]).fetchall()
    names: dict[int, tuple[str, ...]] = {}
    for key, name in assigned:
        names[key] = (*names.get(key, ()), name)
    labels: dict[int, list[Label]] = {}
    for row in found:
        key = int(str(row.pop("trace_key")))
        row |= {"state": LabelState(str(row["state"])), "picked": tuple(row["picked"] or ())}  # type: ignore[arg-type] - a list
        labels.setdefault(key, []).append(Label(categories=names.get(key, ()), **row))  # type: ignore[arg-type] - the columns are its fields
    return labels
