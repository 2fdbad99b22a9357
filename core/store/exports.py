"""What an export reads: the rows of a slice in the order they came in, a part at a time.

Use it on one `snapshot`: the parts then belong together, whatever is written meanwhile.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from core.model import Message
from core.slice import Slice
from core.store.connection import Cursor
from core.store.encoding import decode
from core.store.labels import find_reference_labels
from core.store.traces import chosen
from core.store.verdicts import blind_labels, version_ids

PART = 1000
"""Traces read at once: few enough to hold, enough to make the query worth it."""

# Keys ascend with time, so a range of keys names few row groups; the list picks the slice's own.
OF_PART = "trace_key between ? and ? and {table}.trace_key in (select unnest(?))"

TRACES = f"""select t.trace_key, t.id, t.session, t.started_at, t.model, t.source, t.error, t.origin, t.duration_ms,
        t.message_count, t.tool_call_count, t.input, t.output, s.split, t.text, t.layout, {{record}}
    from traces t
    left join (select trace_key, arg_max(split, event) as split from current_splits group by trace_key) s using (trace_key)
    where t.{OF_PART.format(table="t")} order by t.trace_key"""  # noqa: S608 - fixed fragments, bound values

RECORD = "case when t.trace_key in (select trace_key from sealed_judgments) then null else t.record end"

DIMENSIONS = f"""select d.trace_key, v.name, list(v.value order by v.value_id)
    from trace_dimensions d join dimension_values v using (value_id)
    where d.{OF_PART.format(table="d")} group by d.trace_key, v.name"""  # noqa: S608 - fixed fragments, bound values

CATEGORIES_OF = """left join (
        select a.trace_key, list(c.name order by a.position, a.event) as names
        from current_assignments a join current_categories c using (category_id)
        group by a.trace_key) c using (trace_key)"""

LABELS = f"""select t.id, l.labeler, nullif(l.state, 'critique'), l.critique, coalesce(c.names, []), l.made_at,
        l.saw_judge, l.content_hash = t.content_hash
    from current_labels l join traces t using (trace_key) {CATEGORIES_OF}
    where l.{OF_PART.format(table="l")}
    qualify row_number() over (partition by l.trace_key, l.labeler
                               order by (l.state = 'critique')::int, l.event desc) = 1
    order by l.trace_key, l.event"""  # noqa: S608 - fixed fragments, bound values

LABEL_HISTORY = f"""select t.id, l.labeler, nullif(l.state, 'critique'), l.critique, coalesce(c.names, []), l.made_at,
        l.saw_judge, l.content_hash = t.content_hash, l.event, l.supersedes, l.recorded_at, l.origin
    from labels l join traces t using (trace_key) {CATEGORIES_OF}
    where l.{OF_PART.format(table="l")} order by l.trace_key, l.event"""  # noqa: S608 - fixed fragments, bound values

JUDGMENTS = f"""select t.id, v.judge, v.version,
        case when j.passed is null then null when j.passed then 'pass' else 'fail' end,
        j.critique, j.failure, j.made_at
    from shown_judgments j join traces t using (trace_key) join judge_versions v using (version_id)
    where j.{OF_PART.format(table="j")} order by j.trace_key, v.judge, v.version_id"""  # noqa: S608 - fixed fragments, bound values

ASSIGNMENTS = f"""select t.id, c.name,
        row_number() over (partition by a.trace_key order by a.position, a.event) = 1, a.made_by, a.made_at
    from current_assignments a join current_categories c using (category_id) join traces t using (trace_key)
    where a.{OF_PART.format(table="a")} order by a.trace_key, a.position, a.event"""  # noqa: S608 - fixed fragments, bound values

CATEGORIES = """select c.category_id, c.name, c.definition, c.fits_when, c.not_when, c.made_by, c.made_at,
        count(a.trace_key)
    from current_categories c left join (
        select category_id, trace_key from current_assignments where trace_key in ({keys})) a using (category_id)
    group by all order by c.category_id"""

NOTED = """select trace_key from current_labels union
    select trace_key from current_assignments where category_id in (select category_id from current_categories)"""
NOTES = f"""select trace_key, arg_max(critique, event) from current_labels l
    where critique is not null and critique <> '' and l.{OF_PART.format(table="l")} group by trace_key"""  # noqa: S608 - fixed fragments, bound values
HELD = f"""select trace_key, list(category_id) from current_assignments a
    where a.{OF_PART.format(table="a")} group by trace_key"""  # noqa: S608 - fixed fragments, bound values
REGRESSION = f"""select trace_key, expectation, made_by, made_at from current_regression_set r
    where r.{OF_PART.format(table="r")}"""  # noqa: S608 - fixed fragments, bound values

ALIGNMENT = f"""select t.id, t.input, t.output, j.critique, case when j.passed then 'pass' else 'fail' end,
        l.critique, l.state, l.revised_response, j.passed = (l.state = 'pass'), l.labeler, m.mark, s.split
    from traces t join ({{labels}}) l using (trace_key)
    join shown_judgments j on j.trace_key = t.trace_key and j.version_id in ({{version}})
    left join (select trace_key, mark from current_pair_marks where judge = ? and version = ?) m
        on m.trace_key = t.trace_key
    left join (select trace_key, arg_max(split, event) as split from splits group by trace_key) s
        on s.trace_key = t.trace_key
    where l.state in ('pass', 'fail') and j.passed is not null and t.{OF_PART.format(table="t")}
    order by t.trace_key"""  # noqa: S608 - fixed fragments, bound values

SEVERAL_VALUES = """select distinct name from (
    select v.name from trace_dimensions d join dimension_values v using (value_id)
    group by d.trace_key, v.name having count(*) > 1)"""

Row = tuple[object, ...]


class ExportedTrace(NamedTuple):
    """A trace with all that an export writes of it."""

    id: str
    session: str | None
    started_at: datetime | None
    model: str | None
    source: str
    error: str | None
    origin: str
    duration_ms: float | None
    message_count: int
    tool_call_count: int
    input: str | None
    output: str | None
    split: str | None
    messages: tuple[Message, ...]
    dimensions: dict[str, tuple[str, ...]]
    record: str | None
    """The untouched original as JSON text, where it was asked for."""


def slice_keys(cursor: Cursor, slice_: Slice, reference: str | None) -> list[int]:
    """The keys of a slice's traces, ascending."""
    clause = chosen(slice_, reference)
    return [row[0] for row in cursor.execute(f"{clause.sql} order by t.trace_key", clause.params).fetchall()]


def several_values(cursor: Cursor) -> set[str]:
    """The dimensions of which some trace has more than one value."""
    return {row[0] for row in cursor.execute(SEVERAL_VALUES).fetchall()}


def trace_parts(cursor: Cursor, keys: Sequence[int], *, records: bool = True) -> Iterator[list[ExportedTrace]]:
    """The traces with these ascending keys, whole; without `records` their originals stay unread.

    Where a verdict is sealed the original is left out: as logged it may hold that verdict.
    """
    sql = TRACES.format(record=RECORD if records else "null")
    for part in _parts(keys):
        found = cursor.execute(sql, [part[0], part[-1], part]).fetchall()
        named: dict[int, dict[str, tuple[str, ...]]] = {}
        for key, name, values in cursor.execute(DIMENSIONS, [part[0], part[-1], part]).fetchall():
            named.setdefault(key, {})[name] = tuple(values)
        yield [
            ExportedTrace._make((*row[1:14], decode(row[14], row[15]), named.get(row[0], {}), row[16])) for row in found
        ]


class NotedTrace(NamedTuple):
    """A trace with its notes, its failure categories, and what the regression set says of it."""

    trace: ExportedTrace
    notes: str | None
    category_ids: tuple[int, ...]
    expectation: tuple[str, str, datetime] | None


def noted_keys(cursor: Cursor) -> set[int]:
    """The keys of all traces that somebody labelled, wrote about or put into a category."""
    return {row[0] for row in cursor.execute(NOTED).fetchall()}


def regression_keys(cursor: Cursor) -> set[int]:
    """The keys of the regression set."""
    return {row[0] for row in cursor.execute("select trace_key from current_regression_set").fetchall()}


def noted_parts(cursor: Cursor, keys: Sequence[int], reference: str | None) -> Iterator[list[NotedTrace]]:
    """The traces with these ascending keys, with what was written about them: the label that counts before others."""
    for part in _parts(keys):
        bounds = [part[0], part[-1], part]
        counting = find_reference_labels(cursor, part, reference)
        notes = dict(cursor.execute(NOTES, bounds).fetchall())
        notes |= {key: label.critique for key, label in counting.items() if label.critique}
        held = dict(cursor.execute(HELD, bounds).fetchall())
        expected = {row[0]: tuple(row[1:]) for row in cursor.execute(REGRESSION, bounds).fetchall()}
        (whole,) = trace_parts(cursor, part, records=False)
        yield [
            NotedTrace(trace, notes.get(key), tuple(held.get(key, ())), expected.get(key))
            for key, trace in zip(part, whole, strict=True)
        ]


def label_parts(cursor: Cursor, keys: Sequence[int], *, history: bool) -> Iterator[list[Row]]:
    """The current label of each labeler on these traces, or with `history` every event."""
    return _row_parts(cursor, LABEL_HISTORY if history else LABELS, keys)


def judgment_parts(cursor: Cursor, keys: Sequence[int]) -> Iterator[list[Row]]:
    """What each judge version says of these traces now."""
    return _row_parts(cursor, JUDGMENTS, keys)


def assignment_parts(cursor: Cursor, keys: Sequence[int]) -> Iterator[list[Row]]:
    """Which failure categories these traces carry now, the primary one first."""
    return _row_parts(cursor, ASSIGNMENTS, keys)


def alignment_parts(cursor: Cursor, keys: Sequence[int], ref: str, labeler: str | None) -> Iterator[list[Row]]:
    """What a judge version and the expert said of these traces, where both gave a verdict and the expert was blind."""
    blind, version = blind_labels(ref, labeler), version_ids(ref)
    judge, _, named = ref.rpartition("@")
    sql = ALIGNMENT.format(labels=blind.sql, version=version.sql)
    for part in _parts(keys):
        params = [*blind.params, *version.params, judge, named, part[0], part[-1], part]
        yield cursor.execute(sql, params).fetchall()


def category_rows(cursor: Cursor, slice_: Slice, reference: str | None) -> list[Row]:
    """All failure categories with the traces of a slice that carry them."""
    clause = chosen(slice_, reference)
    return cursor.execute(CATEGORIES.format(keys=clause.sql), clause.params).fetchall()


def _row_parts(cursor: Cursor, sql: str, keys: Sequence[int]) -> Iterator[list[Row]]:
    for part in _parts(keys, PART * 10):
        yield cursor.execute(sql, [part[0], part[-1], part]).fetchall()


def _parts(keys: Sequence[int], size: int = PART) -> Iterator[list[int]]:
    for start in range(0, len(keys), size):
        yield list(keys[start : start + size])
