"""What a draw looks at: who is in the frame, and what is known of them. Nothing here chooses."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from core.slice import Slice
from core.store.connection import Cursor
from core.store.variants import without_tests
from core.store.verdicts import CARRIED, Params, reference_labels, verdict_on
from core.store.where import CHANCE_OF, where

UNLABELLED = ("unlabelled",)

JUDGED_BY = "select trace_key from current_labels where labeler = ? and state in ('pass', 'fail')"
DEFERRED_BY = "select trace_key from current_labels where labeler = ? and state = 'deferred'"
PICKED_BY = f"""{JUDGED_BY} and sampling is not null and inclusion is null
    and trace_key not in (select trace_key from ({CHANCE_OF}) where labeler = ?)"""  # noqa: S608 - fixed fragments, bound values


class Candidate(NamedTuple):
    """A trace of a frame; `open` is false for one that this person has judged after it was picked, not drawn by chance.

    A draw by chance must be able to hit those too, or it would say nothing of them.
    """

    key: int
    open: bool


def _frame(slice_: Slice, labeler: str, reference: str | None) -> tuple[str, Params]:
    """The condition on traces that a draw may hit. What this person deferred comes back, labelled or not; variants and
    known answers are no traffic and are drawn only where the slice asks for them."""
    clause = where(replace(without_tests(slice_), verdict=()), reference=reference, blind=True)
    if slice_.verdict != UNLABELLED:
        return f"({clause.sql})", clause.params
    said = reference_labels(slice_.labeler or reference)
    sql = f"""({clause.sql}) and (t.trace_key not in (select trace_key from ({said.sql}))
        or t.trace_key in ({DEFERRED_BY}) or t.trace_key in ({PICKED_BY}))"""  # noqa: S608 - fixed fragments, bound values
    return sql, [*clause.params, *said.params, labeler, labeler, labeler]


def find_candidates(cursor: Cursor, slice_: Slice, *, labeler: str, reference: str | None) -> list[Candidate]:
    """The traces of a frame that this person has not judged, and those of them that were picked before."""
    frame, params = _frame(slice_, labeler, reference)
    sql = f"""select t.trace_key, t.trace_key not in ({JUDGED_BY}) as open from traces t
        where {frame} and (open or t.trace_key in ({PICKED_BY})) order by t.trace_key"""  # noqa: S608 - fixed fragments, bound values
    return [Candidate(*row) for row in cursor.execute(sql, [labeler, *params, labeler, labeler]).fetchall()]


def count_open(cursor: Cursor, slice_: Slice, *, labeler: str, reference: str | None) -> int:
    """How many traces of a frame this person has not judged; what they deferred comes back."""
    frame, params = _frame(slice_, labeler, reference)
    sql = f"select count(*) from traces t where {frame} and t.trace_key not in ({JUDGED_BY})"  # noqa: S608 - fixed fragments, bound values
    row = cursor.execute(sql, [*params, labeler]).fetchone()
    return 0 if row is None else int(row[0])


def find_values(cursor: Cursor, dimension: str, keys: Sequence[int] | None = None) -> dict[int, str]:
    """Per trace its first value of a dimension; traces without one are left out."""
    within = "" if keys is None else "and d.trace_key in (select unnest(?))"
    sql = f"""select d.trace_key, arg_min(v.value, v.value_id)
        from trace_dimensions d join dimension_values v using (value_id) where v.name = ? {within} group by d.trace_key"""  # noqa: S608 - fixed fragments, bound values
    return dict(cursor.execute(sql, [dimension, *([] if keys is None else [list(keys)])]).fetchall())


MEASURES = ("longest", "slowest", "most turns", "most tool calls", "most tokens")


def find_measures(cursor: Cursor) -> dict[int, tuple[float | None, ...]]:
    """Per trace its length, latency, turns, tool calls, and tokens where a dimension holds them, as `MEASURES` says."""
    sql = """with tokens as (
            select d.trace_key, max(try_cast(v.value as double)) as n
            from trace_dimensions d join dimension_values v using (value_id)
            where contains(lower(v.name), 'token') group by d.trace_key)
        select t.trace_key, t.text_size, t.duration_ms, t.message_count, t.tool_call_count, k.n
        from traces t left join tokens k using (trace_key)"""
    return {row[0]: row[1:] for row in cursor.execute(sql).fetchall()}


def find_failed_by_judge(cursor: Cursor) -> set[int]:
    """Traces that the newest version of some judge failed."""
    sql = """select j.trace_key from shown_judgments j join judge_versions v using (version_id)
        where j.passed = false and j.version_id in (
            select max(version_id) from judge_versions
            where version_id in (select version_id from judgments) group by judge)"""
    return {row[0] for row in cursor.execute(sql).fetchall()}


SAID = f"""select j.trace_key, j.event as judged, j.passed, l.labeler, l.event, l.saw_judge, {verdict_on("v.category_id")} as said
    from shown_judgments j join judge_versions v using (version_id)
        join current_labels l on l.trace_key = j.trace_key left join ({CARRIED}) c on c.trace_key = j.trace_key
    where j.version_id in (
        select max(version_id) from judge_versions where version_id in (select version_id from judgments) group by judge)"""  # noqa: S608 - fixed fragments, bound values
"""What the newest version of each judge said of a trace, beside what a label says of what it looks for."""

AGAINST = f"""select trace_key, labeler, event, judged, passed from ({SAID})
    where not saw_judge and said in ('pass', 'fail') and passed <> (said = 'pass')"""  # noqa: S608 - fixed fragments, bound values
"""Labels given without sight of the judge from which the newest version of a judge differs."""


def find_disagreements(cursor: Cursor) -> set[int]:
    """Traces on which judge versions that look for the same differ, or the newest version of a judge and what a label given
    without sight of it says of what it looks for."""
    sql = f"""select trace_key from shown_judgments join judge_versions using (version_id) where passed is not null
            group by trace_key, category_id having min(passed) <> max(passed)
        union select trace_key from ({AGAINST})"""  # noqa: S608 - fixed fragments, bound values
    return {row[0] for row in cursor.execute(sql).fetchall()}


def find_disputed(cursor: Cursor, *, labeler: str) -> set[int]:
    """Traces on which the newest version of a judge differs from what this person said last without sight of it.

    A trace is not among them when they came to the judge's verdict since, or were asked again for this very reason
    after the judge had spoken and kept to their word.
    """
    sql = f"""select a.trace_key from ({AGAINST}) a where a.labeler = ?
          and not exists (select 1 from ({SAID}) n where n.judged = a.judged and n.labeler = a.labeler
              and n.event > a.event and n.said in ('pass', 'fail') and (n.said = 'pass') = a.passed)
          and not exists (
              select 1 from queue_items i join queues q using (queue_id)
                  join current_labels n on n.trace_key = i.trace_key and n.labeler = a.labeler
                      and n.state in ('pass', 'fail')
              where i.trace_key = a.trace_key and i.strategy = 'disagreement' and list_contains(q.made_for, a.labeler)
                  and n.event > q.event and a.judged < q.event)"""  # noqa: S608 - fixed fragments, bound values
    return {row[0] for row in cursor.execute(sql, [labeler]).fetchall()}


def find_judged(cursor: Cursor, *, labeler: str) -> set[int]:
    """Traces with a verdict of this person."""
    return {row[0] for row in cursor.execute(JUDGED_BY, [labeler]).fetchall()}


def find_labelled(cursor: Cursor) -> set[int]:
    """Traces with a verdict of anybody."""
    sql = "select distinct trace_key from current_labels where state in ('pass', 'fail')"
    return {row[0] for row in cursor.execute(sql).fetchall()}


def find_texts(cursor: Cursor, keys: Sequence[int], size: int) -> dict[int, str]:
    """The beginning of what was asked, per trace."""
    sql = "select trace_key, left(coalesce(input, text), ?) from traces where trace_key in (select unnest(?))"
    return dict(cursor.execute(sql, [size, list(keys)]).fetchall())


def find_failed_before(cursor: Cursor, *, labeler: str) -> set[int]:
    """Traces that failed and are worth another look: their content is another one now, or their failure was mended.

    A trace is not among them when this person has judged its present content, or gave a verdict after the fix.
    """
    sql = """select distinct l.trace_key from current_labels l join traces t using (trace_key)
        where l.state = 'fail' and (
            l.content_hash <> t.content_hash
            or l.trace_key in (
                select a.trace_key from current_assignments a join current_fixes f using (category_id)
                where f.event > l.event))
          and l.trace_key not in (
            select m.trace_key from current_labels m join traces n using (trace_key)
            where m.labeler = ? and m.state in ('pass', 'fail') and m.event > l.event
              and m.content_hash = n.content_hash)"""
    return {row[0] for row in cursor.execute(sql, [labeler]).fetchall()}


def find_first_seen(cursor: Cursor, keys: Sequence[int]) -> dict[int, int]:
    """Per trace the event of the import that first brought it."""
    sql = """with brought as (
            select trace_key, import_id from traces where trace_key in (select unnest(?))
            union all select trace_key, import_id from trace_history where trace_key in (select unnest(?)))
        select b.trace_key, min(i.event) from brought b join imports i using (import_id) group by b.trace_key"""
    return dict(cursor.execute(sql, [list(keys), list(keys)]).fetchall())
