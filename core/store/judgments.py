"""Judges, their immutable versions, and what each said of a trace."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

from core.metrics import Rate, rate_of
from core.model import JudgeVersion, Judgment, Verdict
from core.slice import Slice
from core.store.connection import Cursor, next_event, one
from core.store.traces import chosen
from core.store.verdicts import (
    version_ids,
)

VERSIONS = """select v.judge, v.version, v.model, v.settings, v.prompt, v.examples, v.source,
        v.parent, v.category_id, v.spec, v.made_by, v.version_id,
        count(c.trace_key), count(*) filter (j.passed), count(*) filter (not j.passed),
        count(j.trace_key) filter (j.passed is null), max(c.made_at), count(c.trace_key) - count(j.trace_key)
    from judge_versions v left join present_judgments c using (version_id)
    left join shown_judgments j on j.event = c.event
    group by all order by v.judge, v.version_id"""

ADD_VERSION = """insert into judge_versions (version_id, event, judge, version, model, settings, prompt, examples, source,
    made_at, parent, category_id, spec, made_by) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""

OF_TRACES = """with asked as (select unnest(?) as trace_key),
    given as (from present_judgments where trace_key in (from asked)),
    shown as (from shown_judgments where trace_key in (from asked))
    select g.trace_key, v.judge, v.version, s.passed, s.critique, s.failure, g.made_at, s.event is null
    from given g join judge_versions v using (version_id) left join shown s on s.event = g.event
    order by v.judge, v.version_id"""


class JudgeSummary(NamedTuple):
    """A judge version with how many traces it judged, and how."""

    version: JudgeVersion
    version_id: int
    judgments: int
    passed: int
    failed: int
    failures: int
    last: datetime | None = None
    """When the newest judgment was made, where that is known."""
    sealed: int = 0
    """Judgments of the test split, which is not open: they are among `judgments` and nowhere else."""

    @property
    def pass_rate(self) -> Rate:
        """Passes among its verdicts; judge failures are in no denominator."""
        return rate_of(self.passed, self.passed + self.failed)


def find_judges(cursor: Cursor) -> list[JudgeSummary]:
    """All judge versions, oldest first within each judge."""
    found: list[JudgeSummary] = []
    for judge, version, model, settings, prompt, examples, source, *rest in cursor.execute(VERSIONS).fetchall():
        parent, category_id, spec, made_by, key, *counts = rest
        held = JudgeVersion(
            judge=judge, version=version, model=model, settings=orjson.loads(settings), prompt=prompt,
            examples=tuple(examples), source=source, parent=parent, category_id=category_id, spec=spec, made_by=made_by,
        )  # fmt: skip
        found.append(JudgeSummary(held, key, *counts))
    return found


def find_refs(cursor: Cursor, *, of_the_whole: bool = False) -> list[str]:
    """All judge versions as NAME@VERSION, oldest first within each judge, without counting what they said; or those alone
    that judge the whole trace."""
    wanted = "where category_id is null" if of_the_whole else ""
    sql = f"select judge || '@' || version from judge_versions {wanted} order by judge, version_id"  # noqa: S608 - fixed fragments, bound values
    return [row[0] for row in cursor.execute(sql).fetchall()]


def find_looked_for(cursor: Cursor, judge: str) -> set[int | None]:
    """What the versions of the judge NAME that were made here look for: failure categories, None for every failure."""
    sql = "select distinct category_id from judge_versions where judge = ? and source <> 'imported'"
    return {row[0] for row in cursor.execute(sql, [judge]).fetchall()}


def add_judge_version(cursor: Cursor, version: JudgeVersion) -> bool:
    """Store a version; False where one of this name is here already (versions never change)."""
    known = version_ids(version.ref)
    if cursor.execute(known.sql, known.params).fetchone():
        return False
    number = one(cursor, "select coalesce(max(version_id), 0) + 1 from judge_versions")
    now = datetime.now(UTC).replace(tzinfo=None)
    values: list[Any] = [
        number, next_event(cursor), version.judge, version.version, version.model,
        orjson.dumps(dict(version.settings)).decode(), version.prompt, list(version.examples), version.source, now,
        version.parent, version.category_id, version.spec, version.made_by,
    ]  # fmt: skip
    cursor.execute(ADD_VERSION, values)
    return True


def find_judgments(cursor: Cursor, keys: Sequence[int]) -> dict[int, list[Judgment]]:
    """Per trace what every judge version says of it now."""
    found: dict[int, list[Judgment]] = {}
    for key, judge, version, passed, critique, failure, at, sealed in cursor.execute(
        OF_TRACES, [list(keys)]
    ).fetchall():
        verdict = None if passed is None else Verdict.PASS if passed else Verdict.FAIL
        found.setdefault(key, []).append(
            Judgment(
                judge=judge, version=version, verdict=verdict, critique=critique, failure=failure, at=at, sealed=sealed
            )
        )
    return found


def find_critiqued(
    cursor: Cursor, ref: str, slice_: Slice, *, reference: str | None, limit: int
) -> list[tuple[str, bool | None, str]]:
    """The newest traces of a slice: id, verdict (None: a judge failure) and critique of a judge version."""
    keys, version = chosen(slice_, reference), version_ids(ref)
    sql = f"""select t.id, j.passed, coalesce(j.critique, j.failure, '')
        from traces t join shown_judgments j using (trace_key)
        where j.version_id in ({version.sql}) and t.trace_key in ({keys.sql})
        order by t.started_at desc nulls last, t.trace_key desc limit {int(limit)}"""  # noqa: S608 - fixed fragments, bound values
    return cursor.execute(sql, [*version.params, *keys.params]).fetchall()
