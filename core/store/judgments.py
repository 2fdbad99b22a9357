"""Judges, their immutable versions, and what each said of a trace."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

import orjson

from core.metrics import Rate, rate_of
from core.model import Confusion, JudgeVersion, Judgment, LeftOut, Verdict
from core.slice import NOT_SORTED, Slice
from core.store.connection import Cursor, next_event, one
from core.store.pivots import NO_AXIS, Axis, axis_of, words_of
from core.store.traces import chosen
from core.store.verdicts import (
    CARRIED,
    Clause,
    about_judge,
    blind_labels,
    reference_labels,
    verdict_on,
    version_ids,
)
from core.store.where import where

VERSIONS = """select v.judge, v.version, v.model, v.settings, v.prompt, v.examples, v.source,
        v.parent, v.category_id, v.spec, v.made_by, v.version_id,
        count(c.trace_key), count(*) filter (j.passed), count(*) filter (not j.passed),
        count(j.trace_key) filter (j.passed is null), max(c.made_at), count(c.trace_key) - count(j.trace_key)
    from judge_versions v left join current_judgments c using (version_id)
    left join shown_judgments j on j.event = c.event
    group by all order by v.judge, v.version_id"""

ADD_VERSION = """insert into judge_versions (version_id, event, judge, version, model, settings, prompt, examples, source,
    made_at, parent, category_id, spec, made_by) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"""

OF_TRACES = """with asked as (select unnest(?) as trace_key),
    given as (from current_judgments where trace_key in (from asked)),
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


class Judged(NamedTuple):
    """When the judgments that were compared were made, where that is known: the first of them and the last."""

    first: datetime | None = None
    last: datetime | None = None

    def words(self, day: Callable[[datetime], str]) -> str:
        """«on 9 Nov 2026», «from 1 Sep 2026 to 9 Nov 2026»; empty where it is not known."""
        if self.first is None or self.last is None:
            return ""
        days = (day(self.first), day(self.last))
        return f"on {days[1]}" if days[0] == days[1] else f"from {days[0]} to {days[1]}"


class Group(NamedTuple):
    """A confusion table for one value of a dimension; None stands for the whole slice, the empty text for «missing»."""

    value: str | None
    counts: Confusion


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


def _compared(ref: str, slice_: Slice, axis: Axis, reference: str | None, splits: Sequence[str]) -> Clause:
    """Tables `chosen`, the traces of a slice, and `compared`, those of them with a label: its state, the judgment,
    whether its split is asked for.

    `state` is the expert's blind verdict where the trace counts as labelled and was labelled blind once; otherwise what
    the newest label says. `said` is the same of what the judge version looks for. The slice's own conditions on the
    verdict are held against this state, so that the four counts and what is left out add up to the slice, and each has a
    slice of its own.
    """
    free = replace(slice_, verdict=(), of_category=None, category_verdict=())
    matched, version, about = where(free, reference=reference), version_ids(ref), about_judge(ref)
    asked_about = slice_.of_category or NOT_SORTED
    labeler = slice_.labeler or reference
    newest, blind = reference_labels(labeler), reference_labels(labeler, blind_only=True)
    in_split = "true" if not splits else f"coalesce(s.split in ({_marks(splits)}), false)"
    asked = (("state", slice_.verdict), (verdict_on("asked_about"), slice_.category_verdict))
    wanted = " and ".join(f"{said} in ({_marks(verdicts)})" for said, verdicts in asked if verdicts) or "true"
    sql = f"""with chosen as materialized (
            select t.trace_key, {in_split} as in_split, {axis.value} as value from traces t
            {"left join current_splits s using (trace_key)" if splits else ""} {axis.join.sql} where {matched.sql}),
        one_each as (select {"distinct" if axis.is_joined else ""} trace_key, in_split from chosen),
        labelled as materialized (
            select c.*, newest.state as newest_state, blind.state as blind_state, j.passed, j.made_at,
                j.trace_key as judged, z.trace_key is not null as sealed, h.carried, about, ?::bigint as asked_about
            from one_each c cross join ({about.sql})
            join ({newest.sql}) newest using (trace_key)
            left join ({blind.sql}) blind using (trace_key)
            left join ({CARRIED}) h using (trace_key)
            left join (select trace_key, passed, made_at from shown_judgments where version_id in ({version.sql})) j
                using (trace_key)
            left join (select trace_key from sealed_judgments where version_id in ({version.sql})) z
                using (trace_key)),
        compared as materialized (select *, {verdict_on()} as said from (
            select trace_key, in_split, passed, made_at, sealed, judged is not null as judged, carried, about, asked_about,
                newest_state in ('pass', 'fail') and coalesce(blind_state in ('pass', 'fail'), false) as blind,
                case when newest_state in ('pass', 'fail') and blind_state in ('pass', 'fail') then blind_state
                     else newest_state end as state
            from labelled) where {wanted}),
        usable as (select * from compared where in_split and blind and passed is not null and said in ('pass', 'fail'))"""  # noqa: S608 - fixed fragments, bound values
    params = [*splits, *axis.join.params, *matched.params, asked_about, *about.params, *newest.params, *blind.params]
    return Clause(sql, [*params, *version.params, *version.params, *slice_.verdict, *slice_.category_verdict])


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))


FOUR = """count(*) filter (said = 'pass' and passed), count(*) filter (said = 'fail' and not passed),
    count(*) filter (said = 'fail' and passed), count(*) filter (said = 'pass' and not passed)"""
REASONS = """select
        count(*) filter (reason = 'deferred'), count(*) filter (reason = 'no_judgment'),
        count(*) filter (reason = 'judge_failure'), count(*) filter (reason = 'saw'), count(*) filter (reason = 'split'),
        count(*) filter (reason = 'sealed'), count(*) filter (reason = 'unsorted')
    from (select case
        when not in_split then 'split'
        when state = 'deferred' then state
        when not blind then 'saw'
        when said = 'unsorted' then said
        when sealed then 'sealed'
        when not judged then 'no_judgment'
        when passed is null then 'judge_failure' end as reason from compared)"""
UNLABELLED = """select sum(n * in_split::int), sum(n * (not in_split)::int), 0, 0, 0, 0, 0 from (
    select count(*) as n, in_split from one_each group by 2
    union all select -count(*), in_split from labelled group by 2)"""


def compare(
    cursor: Cursor, ref: str, slice_: Slice, *, reference: str | None, by: str | None = None, splits: Sequence[str] = ()
) -> tuple[list[Group], LeftOut, Judged]:
    """The judge version `ref` against the expert: the whole slice, then each value of `by`; who was left out; and when
    it judged.

    Only labels given without sight of the judge count, and what they say of the one failure category that it looks for,
    where it looks for one. A trace is left out for the first reason that applies.
    """
    axis = NO_AXIS if by is None else axis_of(cursor, by, "r")
    base = _compared(ref, slice_, axis, reference, splits)
    sql = f"""{base.sql}
        select 'whole', null, {FOUR}, 0, 0, 0, min(made_at), max(made_at) from usable
        union all select 'group', c.value::varchar, {FOUR}, 0, 0, 0, null, null
            from usable join chosen c using (trace_key) group by 2
        union all select 'left out', null, *, null, null from ({REASONS})
        union all select 'unlabelled', null, *, null, null from ({UNLABELLED})"""  # noqa: S608 - fixed fragments, bound values
    found = cursor.execute(sql, base.params).fetchall()
    told = {kind: [row[1:] for row in found if row[0] == kind] for kind in ("whole", "group", "left out", "unlabelled")}
    names = {str(number): word for number, word in words_of(cursor, by).items()}
    groups = [
        Group(names.get(value, value or ""), Confusion(*numbers[:4]))
        for value, *numbers in (told["group"] if by is not None else [])
    ]
    groups.sort(key=lambda group: (-group.counts.n, group.value or ""))
    deferred, no_judgment, judge_failure, saw, elsewhere, sealed, unsorted = told["left out"][0][1:8]
    counts_unlabelled = not slice_.category_verdict and (not slice_.verdict or "unlabelled" in slice_.verdict)
    unlabelled, unlabelled_elsewhere = told["unlabelled"][0][1:3] if counts_unlabelled else (0, 0)
    left_out = LeftOut(
        unlabelled=int(unlabelled or 0), deferred=deferred, no_judgment=no_judgment, judge_failure=judge_failure,
        expert_saw_judge=saw, other_split=int(elsewhere + (unlabelled_elsewhere or 0)),
        sealed=sealed, unsorted=unsorted,
    )  # fmt: skip
    whole = told["whole"][0]
    return [Group(None, Confusion(*whole[1:5])), *groups], left_out, Judged(*whole[8:])


class Flips(NamedTuple):
    """Two versions of a judge on the traces that both gave a verdict for and the expert labelled blind.

    Counts of (expert passed what they look for?, former version passed?, latter version passed?).
    """

    counts: dict[tuple[bool, bool, bool], int]


def count_flips(cursor: Cursor, former: str, latter: str, slice_: Slice, *, reference: str | None) -> Flips:
    """How two judge versions that look for the same differ on a slice that asks for blind labels and for a verdict of
    both."""
    keys = chosen(slice_, reference)
    blind = blind_labels(former, slice_.labeler or reference)
    one_of, other = version_ids(former), version_ids(latter)
    sql = f"""select l.state = 'pass', a.passed, b.passed, count(*)
        from ({keys.sql}) k join ({blind.sql}) l using (trace_key)
        join (select trace_key, passed from shown_judgments where version_id in ({one_of.sql})) a using (trace_key)
        join (select trace_key, passed from shown_judgments where version_id in ({other.sql})) b using (trace_key)
        group by all"""  # noqa: S608 - fixed fragments, bound values
    found = cursor.execute(sql, [*keys.params, *blind.params, *one_of.params, *other.params]).fetchall()
    return Flips({(expert, before, after): n for expert, before, after, n in found})


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
