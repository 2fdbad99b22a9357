"""Judges, their immutable versions, and what each said of a trace."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

from core.metrics import Rate, rate_of
from core.model import Confusion, JudgeVersion, Judgment, LeftOut, Verdict
from core.slice import Slice
from core.store.connection import Cursor, next_event, one
from core.store.traces import chosen
from core.store.where import Clause, reference_labels, version_ids

VERSIONS = """select v.judge, v.version, v.model, v.settings, v.prompt, v.examples, v.source, v.version_id,
        count(j.trace_key), count(*) filter (j.passed), count(*) filter (not j.passed),
        count(j.trace_key) filter (j.passed is null)
    from judge_versions v left join current_judgments j using (version_id)
    group by all order by v.judge, v.version_id"""

OF_TRACES = """select j.trace_key, v.judge, v.version, j.passed, j.critique, j.failure, j.made_at
    from current_judgments j join judge_versions v using (version_id)
    where j.trace_key in (select unnest(?)) order by v.judge, v.version_id"""


class JudgeSummary(NamedTuple):
    """A judge version with how many traces it judged, and how."""

    version: JudgeVersion
    version_id: int
    judgments: int
    passed: int
    failed: int
    failures: int

    @property
    def pass_rate(self) -> Rate:
        """Passes among its verdicts; judge failures are in no denominator."""
        return rate_of(self.passed, self.passed + self.failed)


class Group(NamedTuple):
    """A confusion table for one value of a dimension; None stands for the whole slice, the empty text for «missing»."""

    value: str | None
    counts: Confusion


def find_judges(cursor: Cursor) -> list[JudgeSummary]:
    """All judge versions, oldest first within each judge."""
    found: list[JudgeSummary] = []
    for judge, version, model, settings, prompt, examples, source, key, *counts in cursor.execute(VERSIONS).fetchall():
        held = JudgeVersion(
            judge=judge, version=version, model=model, settings=orjson.loads(settings), prompt=prompt,
            examples=tuple(examples), source=source,
        )  # fmt: skip
        found.append(JudgeSummary(held, key, *counts))
    return found


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
    ]  # fmt: skip
    cursor.execute("insert into judge_versions values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", values)
    return True


def find_judgments(cursor: Cursor, keys: Sequence[int]) -> dict[int, list[Judgment]]:
    """Per trace what every judge version says of it now."""
    found: dict[int, list[Judgment]] = {}
    for key, judge, version, passed, critique, failure, at in cursor.execute(OF_TRACES, [list(keys)]).fetchall():
        verdict = None if passed is None else Verdict.PASS if passed else Verdict.FAIL
        found.setdefault(key, []).append(
            Judgment(judge=judge, version=version, verdict=verdict, critique=critique, failure=failure, at=at)
        )
    return found


def _compared(ref: str, slice_: Slice, reference: str | None, splits: Sequence[str]) -> Clause:
    """Per trace of a slice: the reference label, the blind one, the judgment, and whether its split is asked for."""
    keys, version = chosen(slice_, reference), version_ids(ref)
    labeler = slice_.labeler or reference
    newest, blind = reference_labels(labeler), reference_labels(labeler, blind_only=True)
    in_split = "true" if not splits else f"s.split in ({', '.join('?' * len(splits))})"
    sql = f"""select k.trace_key, newest.state as newest, blind.state as expert, j.passed,
            j.trace_key is not null as judged, coalesce({in_split}, false) as in_split
        from ({keys.sql}) k
        left join ({newest.sql}) newest using (trace_key)
        left join ({blind.sql}) blind using (trace_key)
        left join (select trace_key, passed from current_judgments where version_id in ({version.sql})) j using (trace_key)
        {"left join splits s using (trace_key)" if splits else ""}"""  # noqa: S608
    return Clause(sql, [*splits, *keys.params, *newest.params, *blind.params, *version.params])


USABLE = "expert in ('pass', 'fail') and passed is not null and in_split"
FOUR = """count(*) filter (expert = 'pass' and passed), count(*) filter (expert = 'fail' and not passed),
    count(*) filter (expert = 'fail' and passed), count(*) filter (expert = 'pass' and not passed)"""


def compare(
    cursor: Cursor, ref: str, slice_: Slice, *, reference: str | None, by: str | None = None, splits: Sequence[str] = ()
) -> tuple[list[Group], LeftOut]:
    """The judge version `ref` against the expert: the whole slice, then one group per value of `by`; and who was left out.

    Only labels given without sight of the judge count. A trace is left out for the first reason that applies.
    """
    base = _compared(ref, slice_, reference, splits)
    total = cursor.execute(f"select {FOUR} from ({base.sql}) where {USABLE}", base.params).fetchone() or (0, 0, 0, 0)  # noqa: S608
    groups = [Group(None, Confusion(*total))]
    if by is not None:
        sql = f"""with compared as ({base.sql})
            select coalesce(d.value, ''), {FOUR}
            from (select * from compared where {USABLE}) c
            left join (select trace_key, value, value_id from trace_dimensions join dimension_values using (value_id)
                       where name = ?) d using (trace_key)
            group by 1 order by count(*) desc, 1"""  # noqa: S608
        found = cursor.execute(sql, [*base.params, by]).fetchall()
        groups += [Group(value, Confusion(*four)) for value, *four in found]
    reasons = f"""select
            count(*) filter (reason = 'unlabelled'), count(*) filter (reason = 'deferred'),
            count(*) filter (reason = 'no_judgment'), count(*) filter (reason = 'judge_failure'),
            count(*) filter (reason = 'saw'), count(*) filter (reason = 'split')
        from (select case
            when not in_split then 'split'
            when newest is null then 'unlabelled'
            when expert is null and newest in ('pass', 'fail') then 'saw'
            when coalesce(expert, newest) = 'deferred' then 'deferred'
            when not judged then 'no_judgment'
            when passed is null then 'judge_failure' end as reason from ({base.sql}))"""  # noqa: S608
    left_out = cursor.execute(reasons, base.params).fetchone() or (0,) * 6
    return groups, LeftOut(*left_out)
