"""When a judge version was last held against an expert, and what came since: the ground on which a check is out of date."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from core.metrics import Rate, rate_of
from core.store.connection import Cursor, one
from core.store.pins import find_limits, find_moment
from core.store.variants import TESTS
from core.store.verdicts import blind_labels, reference_labels, version_ids

FEW_VALUES = 50
"""Dimensions with more values than this name single things, such as users: a new value of them says nothing."""
SURE = 4.0
"""Standard errors: of 1,000 values one differs so much by chance in 16 looks."""

NEW = f"select count(*) from traces where trace_key > ? and trace_key not in ({TESTS})"  # noqa: S608 - fixed fragments, bound values
OLD = f"select count(*) from traces where trace_key <= ? and trace_key not in ({TESTS})"  # noqa: S608 - fixed fragments, bound values
UNSEEN = f"""select count(distinct trace_key) from trace_dimensions join dimension_values using (value_id)
    where trace_key > ? and value_id > ? and trace_key not in ({TESTS})
      and name in (select name from dimension_values group by name having count(*) <= ?)"""  # noqa: S608 - fixed fragments, bound values
MIX = f"""select name, value, count(*) filter (trace_key <= ?), count(*) filter (trace_key > ?)
    from trace_dimensions join dimension_values using (value_id) where trace_key not in ({TESTS})
      and name in (select name from dimension_values group by name having count(*) <= ?) group by all order by name, value"""  # noqa: S608 - fixed fragments, bound values
NEWER = """select version, model, made_at from judge_versions
    where judge = ? and version_id > (select version_id from judge_versions where judge = ? and version = ?)
    order by version_id desc limit 1"""
MODEL = "select model from judge_versions where judge = ? and version = ?"
RUBRIC = "select version, made_at, event from rubrics where event > ? order by version desc limit 1"
ARRIVED = "select max(import_id), min(event) from imports where added > 0 and event > ?"
WHOLE = """select max(event) from imports where import_id in (
    select import_id from labels where event = ? union all select import_id from judgments where event = ?)"""
"""The import that brought a label or a judgment: its number comes after those of all that it brought."""
REVIEWED = "select max(event), max(recorded_at) from labels where state in ('pass', 'fail') and not repeat"


class Newer(NamedTuple):
    """A version of the judge that is newer than the one that was checked."""

    version: str
    model: str | None
    at: datetime


class Shift(NamedTuple):
    """A value of a dimension with its share of the traces before and after an event."""

    name: str
    value: str
    before: Rate
    after: Rate


class Traffic(NamedTuple):
    """Traces up to an event, those after it, and how many of those have a value that no trace had before."""

    old: int
    new: int
    unseen: int


class Compared(NamedTuple):
    """The events up to which a judge version counts as checked: one label more does not make an old check a new one."""

    event: int
    """By then enough of what it was compared on had its blind label and its verdict."""
    labels: int
    """By then enough of them had their label."""
    n: int
    """How many traces it was compared on."""


def find_last_compared(cursor: Cursor, ref: str, reference: str | None, *, enough: int) -> Compared | None:
    """When a judge version was last held against the expert, on half of what it was compared on or on `enough` traces; None
    where it never was."""
    blind, version = blind_labels(ref, reference), version_ids(ref)
    sql = f"""with compared as (
            select greatest(l.event, j.event) as event, l.event as labelled
            from ({blind.sql}) l join present_judgments j using (trace_key)
            where l.state in ('pass', 'fail') and j.passed is not null and j.version_id in ({version.sql})),
        ranked as (select *, row_number() over (order by event desc) as place, count(*) over () as n,
            row_number() over (order by labelled desc) as label_place from compared)
        select max(event) filter (place = least(n // 2 + 1, ?)),
            max(labelled) filter (label_place = least(n // 2 + 1, ?)), max(n) from ranked"""  # noqa: S608 - fixed fragments, bound values
    found = cursor.execute(sql, [*blind.params, *version.params, enough, enough]).fetchone()
    return None if found is None or found[0] is None else Compared(*found)


def count_compared_since(cursor: Cursor, ref: str, reference: str | None, event: int) -> tuple[int, int]:
    """Of the blind labels given after an event: on how many traces this judge version has a verdict, and none."""
    blind, version = blind_labels(ref, reference), version_ids(ref)
    sql = f"""select count(*) filter (j.passed is not null), count(*) filter (j.trace_key is null)
        from ({blind.sql}) l left join (select * from present_judgments where version_id in ({version.sql})) j using (trace_key)
        where l.state in ('pass', 'fail') and l.event > ?"""  # noqa: S608 - fixed fragments, bound values
    compared, waiting = cursor.execute(sql, [*blind.params, *version.params, event]).fetchone() or (0, 0)
    return compared, waiting


def find_unchecked(cursor: Cursor, reference: str | None) -> set[str]:
    """The judge versions (NAME@VERSION) of which no verdict that may be shown meets a blind label."""
    blind = reference_labels(reference, blind_only=True)
    sql = f"""select judge || '@' || version from judge_versions where version_id not in (
        select j.version_id from shown_judgments j join ({blind.sql}) l using (trace_key)
        where j.passed is not null and l.state in ('pass', 'fail'))"""  # noqa: S608 - fixed fragments, bound values
    return {row[0] for row in cursor.execute(sql, blind.params).fetchall()}


def count_checked(cursor: Cursor, ref: str, reference: str | None) -> tuple[int, int]:
    """On how many failures and passes of the expert a judge version was held against blind labels: in dev and in test, as
    far as it may be shown; in all traces where none has a split."""
    blind, version = blind_labels(ref, reference), version_ids(ref)
    sql = f"""select count(*) filter (l.state = 'fail'), count(*) filter (l.state = 'pass')
        from ({blind.sql}) l join shown_judgments j using (trace_key)
        where j.passed is not null and j.version_id in ({version.sql})
          and (not exists (from splits) or trace_key in (select trace_key from current_splits where split in ('dev', 'test')))"""  # noqa: S608 - fixed fragments, bound values
    failed, passed = cursor.execute(sql, [*blind.params, *version.params]).fetchone() or (0, 0)
    return failed, passed


def count_unlabelled(cursor: Cursor, keys: Sequence[int]) -> int:
    """How many of these traces carry no verdict of any person."""
    sql = """select count(*) from (select distinct unnest(?) as trace_key)
        where trace_key not in (select trace_key from current_labels where state in ('pass', 'fail'))"""
    return one(cursor, sql, [list(keys)])


def find_newer(cursor: Cursor, judge: str, version: str) -> Newer | None:
    """The newest version of this judge where it is newer than this one."""
    row = cursor.execute(NEWER, [judge, judge, version]).fetchone()
    return None if row is None else Newer(*row)


def find_model(cursor: Cursor, judge: str, version: str) -> str | None:
    """The model of a judge version."""
    row = cursor.execute(MODEL, [judge, version]).fetchone()
    return row[0] if row else None


def find_rubric_after(cursor: Cursor, event: int) -> tuple[int, datetime, int] | None:
    """The newest version of the rubric where it was written after an event, when, and by which event."""
    return cursor.execute(RUBRIC, [event]).fetchone()


def find_arrivals(cursor: Cursor, event: int) -> tuple[int, int] | None:
    """The last import that brought traces after an event, and the event of the first one."""
    found = cursor.execute(ARRIVED, [max(event, one(cursor, WHOLE, [event, event]))]).fetchone()
    return None if found is None or found[0] is None else found


def count_traffic(cursor: Cursor, event: int) -> Traffic:
    """What was imported after an event."""
    limits = find_limits(cursor, max(event, one(cursor, WHOLE, [event, event])))
    key = limits.trace_key
    return Traffic(
        one(cursor, OLD, [key]), one(cursor, NEW, [key]), one(cursor, UNSEEN, [key, limits.value_id, FEW_VALUES])
    )


def find_shift(cursor: Cursor, event: int, traffic: Traffic, *, least: float) -> Shift | None:
    """The value of a dimension whose share of what was imported after an event is most unlike its share before, by `least` or
    more and so clearly that it is none of many values that differ by chance: four standard errors of the difference of two
    independent shares. A trace with several values counts for each."""
    key = find_limits(cursor, max(event, one(cursor, WHOLE, [event, event]))).trace_key
    found: list[tuple[float, float, Shift]] = []
    for name, value, before, after in cursor.execute(MIX, [key, key, FEW_VALUES]).fetchall():
        was, now = before / traffic.old, after / traffic.new
        pooled = (before + after) / (traffic.old + traffic.new)
        error = (pooled * (1 - pooled) * (1 / traffic.old + 1 / traffic.new)) ** 0.5
        if abs(now - was) >= least and abs(now - was) > SURE * error:
            shift = Shift(name, value, rate_of(before, traffic.old), rate_of(after, traffic.new))
            found.append((round(abs(now - was), 9), now - was, shift))
    return max(found, key=lambda one: one[:2])[2] if found else None


def find_last_review(cursor: Cursor) -> tuple[int, datetime] | None:
    """The event of the newest verdict of a person and when it was stored; None before the first."""
    row = cursor.execute(REVIEWED).fetchone()
    return None if row is None or row[0] is None else (row[0], row[1])


def moment_of(cursor: Cursor, event: int) -> datetime | None:
    """When an event was stored."""
    return find_moment(cursor, event)
