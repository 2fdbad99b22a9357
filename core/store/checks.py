"""When a judge version was last held against an expert, and what came since: the ground on which a check is out of date."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from core.store.connection import Cursor, one
from core.store.pins import find_limits, find_moment
from core.store.variants import TESTS
from core.store.verdicts import blind_labels, reference_labels, version_ids

FEW_VALUES = 50
"""Dimensions with more values than this name single things, such as users: a new value of them says nothing."""

NEW = f"select count(*) from traces where trace_key > ? and trace_key not in ({TESTS})"  # noqa: S608 - fixed fragments, bound values
OLD = f"select count(*) from traces where trace_key <= ? and trace_key not in ({TESTS})"  # noqa: S608 - fixed fragments, bound values
UNSEEN = f"""select count(distinct trace_key) from trace_dimensions join dimension_values using (value_id)
    where trace_key > ? and value_id > ? and trace_key not in ({TESTS})
      and name in (select name from dimension_values group by name having count(*) <= ?)"""  # noqa: S608 - fixed fragments, bound values
NEWER = """select version, model, made_at from judge_versions
    where judge = ? and version_id > (select version_id from judge_versions where judge = ? and version = ?)
    order by version_id desc limit 1"""
MODEL = "select model from judge_versions where judge = ? and version = ?"
RUBRIC = "select version, made_at from rubrics where event > ? order by version desc limit 1"
WHOLE = """select max(event) from imports where import_id in (
    select import_id from labels where event = ? union all select import_id from judgments where event = ?)"""
"""The import that brought a label or a judgment: its number comes after those of all that it brought."""
REVIEWED = "select max(event), max(recorded_at) from labels where state in ('pass', 'fail') and not repeat"


class Newer(NamedTuple):
    """A version of the judge that is newer than the one that was checked."""

    version: str
    model: str | None
    at: datetime


class Traffic(NamedTuple):
    """Traces up to an event, those after it, and how many of those have a value that no trace had before."""

    old: int
    new: int
    unseen: int


def find_last_compared(cursor: Cursor, ref: str, reference: str | None) -> int:
    """The event by which half of what a judge version was compared on had its blind label and its verdict; 0 where there
    is none. One label more does not make an old check a new one."""
    blind, version = blind_labels(ref, reference), version_ids(ref)
    sql = f"""select quantile_disc(greatest(l.event, j.event), 0.5) from ({blind.sql}) l join current_judgments j using (trace_key)
        where l.state in ('pass', 'fail') and j.passed is not null and j.version_id in ({version.sql})"""  # noqa: S608 - fixed fragments, bound values
    return one(cursor, sql, [*blind.params, *version.params])


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


def find_rubric_after(cursor: Cursor, event: int) -> tuple[int, datetime] | None:
    """The newest version of the rubric where it was written after an event, and when."""
    return cursor.execute(RUBRIC, [event]).fetchone()


def count_traffic(cursor: Cursor, event: int) -> Traffic:
    """What was imported after an event."""
    limits = find_limits(cursor, max(event, one(cursor, WHOLE, [event, event])))
    key = limits.trace_key
    return Traffic(
        one(cursor, OLD, [key]), one(cursor, NEW, [key]), one(cursor, UNSEEN, [key, limits.value_id, FEW_VALUES])
    )


def find_last_review(cursor: Cursor) -> tuple[int, datetime] | None:
    """The event of the newest verdict of a person and when it was stored; None before the first."""
    row = cursor.execute(REVIEWED).fetchone()
    return None if row is None or row[0] is None else (row[0], row[1])


def moment_of(cursor: Cursor, event: int) -> datetime | None:
    """When an event was stored."""
    return find_moment(cursor, event)
