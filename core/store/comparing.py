"""What judge versions say held against the expert's labels: the four counts, who is left out and why, and what flipped."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from core.model import Confusion, LeftOut
from core.slice import NOT_SORTED, Slice
from core.store.connection import Cursor
from core.store.pivots import NO_AXIS, Axis, axes_of, words_of
from core.store.traces import chosen
from core.store.verdicts import (
    CARRIED,
    Clause,
    Looked,
    blind_labels,
    find_about,
    find_examples,
    labelled,
    look,
    newest_and_blind,
    verdict_on,
    version_ids,
)
from core.store.where import where

FOUR = ("both pass", "both fail", "lenient", "strict")
OUTCOME = """case
        when not in_split then 'split'
        when state = 'deferred' then 'deferred'
        when not blind then 'saw'
        when said = 'unsorted' then 'unsorted'
        when example then 'example'
        when sealed then 'sealed'
        when not judged then 'no judgment'
        when passed is null then 'judge failure'
        when said = 'pass' then if(passed, 'both pass', 'strict')
        when said = 'fail' then if(passed, 'lenient', 'both fail') end"""
"""The four counts, or the first reason for which a trace is in none of them."""


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


def _outcomes(
    ref: str,
    about: int | None,
    slice_: Slice,
    axis: Axis,
    reference: str | None,
    splits: Sequence[str],
    *,
    looked: Looked,
    examples: Sequence[int],
) -> Clause:
    """How many labelled traces of a slice have each value of an axis and each outcome, and when the judge said so; a trace
    with several values is counted for each of them.

    `state` is the expert's blind verdict where the trace counts as labelled and was labelled blind once; otherwise what
    the newest label says. `said` is the same of what the judge version looks for, `about`. The slice's own conditions on the
    verdict are held against this state, so that the four counts and what is left out add up to the slice, and each has a
    slice of its own. Where no trace is in the test split (see `looked`), nothing is sealed. `examples` are the judge version's own.
    """
    free = replace(slice_, verdict=(), of_category=None, category_verdict=())
    matched, version = where(free, reference=reference), version_ids(ref)
    asked_about = slice_.of_category or NOT_SORTED
    labels, has_test = newest_and_blind(slice_.labeler or reference, changed=looked.changed), looked.test
    sealed = (
        f"left join (select trace_key from sealed_judgments where version_id in ({version.sql})) z using (trace_key)"  # noqa: S608 - fixed fragments, bound values
    )
    of_categories = about is not None or bool(slice_.category_verdict)
    carried = f"left join ({CARRIED}) h using (trace_key)" if of_categories else ""
    in_split = "true" if not splits else f"coalesce(s.split in ({_marks(splits)}), false)"
    asked = (("state", slice_.verdict), (verdict_on("asked_about"), slice_.category_verdict))
    wanted = " and ".join(f"{said} in ({_marks(verdicts)})" for said, verdicts in asked if verdicts) or "true"
    sql = f"""select value, {OUTCOME} as outcome, count(*), min(made_at), max(made_at)
        from (select *, {"state" if about is None else verdict_on()} as said from (
            select t.trace_key, {axis.value} as value, {in_split} as in_split, j.passed, j.made_at,
                {"t.trace_key in (select unnest(?))" if examples else "false"} as example,
                j.trace_key is not null as judged, {"z.trace_key is not null" if has_test else "false"} as sealed,
                {"h.carried" if of_categories else "null"} as carried, ?::bigint as about, ?::bigint as asked_about,
                newest_state in ('pass', 'fail') and coalesce(blind_state in ('pass', 'fail'), false) as blind,
                case when newest_state in ('pass', 'fail') and blind_state in ('pass', 'fail') then blind_state
                     else newest_state end as state
            from traces t join ({labels.sql}) l using (trace_key) {carried}
            {"left join current_splits s using (trace_key)" if splits else ""}
            left join (select trace_key, passed, made_at from {looked.shown} where version_id in ({version.sql})) j
                using (trace_key)
            {sealed if has_test else ""} {axis.join.sql} where {matched.sql}))
        where {wanted} group by all"""  # noqa: S608 - fixed fragments, bound values
    told = [list(examples)] if examples else []
    params = [
        *splits,
        *told,
        about,
        asked_about,
        *labels.params,
        *version.params,
        *(version.params if has_test else []),
    ]
    return Clause(sql, [*params, *axis.join.params, *matched.params, *slice_.verdict, *slice_.category_verdict])


def _unlabelled(slice_: Slice, reference: str | None, splits: Sequence[str]) -> Clause:
    """How many traces of a slice have no label, and how many of them are in these splits."""
    matched = where(replace(slice_, verdict=()), reference=reference)
    labels = labelled(slice_.labeler or reference)
    in_split = f"filter (s.split in ({_marks(splits)}))" if splits else ""
    sql = f"""select count(*), count(*) {in_split} from traces t
        {"left join current_splits s using (trace_key)" if splits else ""}
        where trace_key not in ({labels.sql}) and {matched.sql}"""  # noqa: S608 - fixed fragments, bound values
    return Clause(sql, [*splits, *labels.params, *matched.params])


def _marks(values: Sequence[str]) -> str:
    return ", ".join("?" * len(values))


def compare(
    cursor: Cursor, ref: str, slice_: Slice, *, reference: str | None, by: str | None = None, splits: Sequence[str] = ()
) -> tuple[list[Group], LeftOut, Judged]:
    """The judge version `ref` against the expert: the whole slice, then each value of `by`; who was left out; and when
    it judged.

    Only labels given without sight of the judge count, and what they say of the one failure category that it looks for,
    where it looks for one. A trace is left out for the first reason that applies.
    """
    (axis,), (about, has_examples) = axes_of(cursor, by), find_about(cursor, ref)
    examples = find_examples(cursor, ref) if has_examples else []
    looked = look(cursor)

    def counted(axis: Axis) -> list[tuple[object, str, int, datetime | None, datetime | None]]:
        asked = _outcomes(ref, about, slice_, axis, reference, splits, looked=looked, examples=examples)
        return cursor.execute(asked.sql, asked.params).fetchall()

    found = counted(axis)
    whole = counted(NO_AXIS) if axis.is_joined else found
    names, groups = words_of(cursor, by), dict[str, dict[str, int]]()
    for value, outcome, n, *_ in found if by is not None else []:
        if outcome in FOUR:
            groups.setdefault("" if value is None else names.get(value, str(value)), {})[outcome] = n
    by_value = [Group(value, _confusion(counts)) for value, counts in groups.items()]
    by_value.sort(key=lambda group: (-group.counts.n, group.value or ""))
    n_of = Counter[str]()
    for _, outcome, n, *_ in whole:
        n_of[outcome] += n
    unlabelled = (0, 0)
    if not slice_.category_verdict and (not slice_.verdict or "unlabelled" in slice_.verdict):
        without = _unlabelled(slice_, reference, splits)
        unlabelled = cursor.execute(without.sql, without.params).fetchall()[0]
    left_out = LeftOut(
        unlabelled=unlabelled[1], deferred=n_of["deferred"], no_judgment=n_of["no judgment"],
        judge_failure=n_of["judge failure"], expert_saw_judge=n_of["saw"],
        other_split=n_of["split"] + unlabelled[0] - unlabelled[1], sealed=n_of["sealed"], unsorted=n_of["unsorted"],
        example=n_of["example"],
    )  # fmt: skip
    moments = [moment for _, outcome, _, *dated in whole if outcome in FOUR for moment in dated if moment]
    judged = Judged(min(moments), max(moments)) if moments else Judged()
    return [Group(None, _confusion(n_of)), *by_value], left_out, judged


def _confusion(counts: Mapping[str, int]) -> Confusion:
    return Confusion(*(counts.get(outcome, 0) for outcome in FOUR))


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
