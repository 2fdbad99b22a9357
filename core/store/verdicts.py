"""The labels that count, one per trace; and what a label says of one failure category.

A judge of one failure category is held against the label as `verdict_on` reads it: here, and nowhere else, it is
decided which labelled traces it should fail, which it should pass, and of which nobody can say yet.
"""

from collections.abc import Sequence
from typing import NamedTuple

from core.slice import Slice
from core.store.connection import Cursor

Params = list[object]


class Clause(NamedTuple):
    """SQL with its parameters, in order."""

    sql: str
    params: Params


COUNTS_FOR = """(labeler = ? or (origin = 'adjudicated'
    and ? in (select value from current_settings where name = 'principal expert')))"""

CARRIED = """select trace_key, list(category_id) as carried from current_assignments
    where category_id in (select category_id from current_categories) group by trace_key"""
"""Per trace the failure categories that it carries."""


def verdict_on(about: str = "about") -> str:
    """What a label of some `state` says of the failure category in the column `about`, of a trace that has `carried`.

    A labelled trace that carries the category is a FAIL, any other a PASS: one that failed otherwise is free of this
    failure. A failed trace without any category may have this one: it is «unsorted». Where `about` is null, the label says
    what it says of the whole trace; of a category that is gone it says nothing.
    """
    return f"""case when {about} is null or state not in ('pass', 'fail') then state
        when {about} not in (select category_id from current_categories) then null
        when list_contains(carried, {about}) then 'fail'
        when state = 'pass' or carried is not null then 'pass'
        else 'unsorted' end"""  # noqa: S608 - the name of a column, never a value


BLIND = "not saw_judge and event not in (select event from bygone_labels)"
"""A label that a verdict can be held against: given without sight of the judge, and for what the trace now says."""
LOOK = "select exists (from splits where split = 'test'), exists (from trace_history)"
EXAMPLES = """select trace_key from traces where id in (
    select unnest(examples) from judge_versions where version_id in ({version}))"""


def reference_labels(labeler: str | None, *, blind_only: bool = False, keys: Sequence[int] | None = None) -> Clause:
    """One label per trace: the newest of `labeler`, or of anybody where nobody is named; critiques alone are no label.

    Among the principal expert's stand the adjudications of disagreements, whoever settled them. With `blind_only`,
    labels given in sight of the judge or for a former text of the trace are passed over; with `keys`, only these traces are looked at.
    """
    wanted, params = _counting(labeler)
    wanted += [BLIND] if blind_only else []
    if keys is not None:
        wanted.append("trace_key in (select unnest(?))")
        params.append(list(keys))
    sql = f"""select * from current_labels where {" and ".join(wanted)}
        qualify row_number() over (partition by trace_key order by event desc) = 1"""  # noqa: S608 - fixed fragments, bound values
    return Clause(sql, params)


class Looked(NamedTuple):
    """What is in the store at all: where something is not, it need not be looked for in every row."""

    test: bool
    """Any trace in the test split."""
    changed: bool
    """Any trace that an import changed."""

    @property
    def shown(self) -> str:
        """Where to read the judgments that may be shown: their view, or what it comes to here."""
        return "shown_judgments" if self.test else "present_judgments" if self.changed else "current_judgments"


def look(cursor: Cursor) -> Looked:
    """Whether there is a test split, and whether any trace was changed."""
    return Looked(*(cursor.execute(LOOK).fetchone() or (True, True)))


def newest_and_blind(labeler: str | None, *, changed: bool) -> Clause:
    """Per trace with a label what its `reference_labels` say: `newest_state`, and `blind_state` of the blind ones alone;
    `changed`: whether any trace was."""
    wanted, params = _counting(labeler)
    sql = f"""select trace_key, arg_max(state, event) as newest_state,
            arg_max(state, event) filter ({BLIND if changed else "not saw_judge"}) as blind_state
        from current_labels where {" and ".join(wanted)} group by trace_key"""  # noqa: S608 - fixed fragments, bound values
    return Clause(sql, params)


def labelled(labeler: str | None) -> Clause:
    """The traces that have a label that counts."""
    wanted, params = _counting(labeler)
    return Clause(f"select trace_key from current_labels where {' and '.join(wanted)}", params)  # noqa: S608 - fixed fragments, bound values


def _counting(labeler: str | None) -> tuple[list[str], Params]:
    """Which labels count, as conditions with their parameters."""
    if labeler is None:
        return ["state <> 'critique'"], []
    return ["state <> 'critique'", COUNTS_FOR], [labeler, labeler]


def labels_of(slice_: Slice, reference: str | None) -> Clause:
    """The labels that `verdict` speaks of in a slice: one per trace; the blind ones where it asks for blind labels."""
    return reference_labels(slice_.labeler or reference, blind_only=slice_.saw_judge is False)


def version_ids(ref: str) -> Clause:
    """The id of the judge version `NAME@VERSION`."""
    judge, _, version = ref.rpartition("@")
    return Clause("select version_id from judge_versions where judge = ? and version = ?", [judge, version])


def about_judge(ref: str) -> Clause:
    """One row with `about`: the failure category that the judge version looks for, null where it judges the whole."""
    judge, _, version = ref.rpartition("@")
    sql = "select max(category_id) as about from judge_versions where judge = ? and version = ?"
    return Clause(sql, [judge, version])


def find_about(cursor: Cursor, ref: str) -> tuple[int | None, bool]:
    """The number of the failure category that the judge version looks for, None where it judges the whole; and whether it is
    shown examples."""
    judge, _, version = ref.rpartition("@")
    sql = "select max(category_id), coalesce(max(len(examples)), 0) > 0 from judge_versions where judge = ? and version = ?"
    return cursor.execute(sql, [judge, version]).fetchall()[0]


def labels_about(labels: Clause, about: Clause) -> Clause:
    """These labels with what they say of `about` as their `state`; `overall` is what they say of the whole trace."""
    sql = f"""select l.* replace ({verdict_on()} as state), l.state as overall
        from ({labels.sql}) l left join ({CARRIED}) c on c.trace_key = l.trace_key cross join ({about.sql})"""  # noqa: S608 - fixed fragments, bound values
    return Clause(sql, [*labels.params, *about.params])


def about_category(category_id: int | None) -> Clause:
    """The same for a failure category that is known."""
    return Clause("select ?::bigint as about", [category_id])


def examples_of(ref: str) -> Clause:
    """The traces that the judge version `ref` is shown as examples, with what the expert said of them."""
    version = version_ids(ref)
    return Clause(EXAMPLES.format(version=version.sql), version.params)


def find_examples(cursor: Cursor, ref: str) -> list[int]:
    """The keys of these traces."""
    examples = examples_of(ref)
    return [row[0] for row in cursor.execute(examples.sql, examples.params).fetchall()]


def blind_labels(ref: str, labeler: str | None) -> Clause:
    """What the judge version `ref` is held against: one label per trace, given without sight of it for what the trace now says,
    not told to it as an example; and in `state` what it says of what this version looks for."""
    labels, examples = reference_labels(labeler, blind_only=True), examples_of(ref)
    sql = f"select * from ({labels.sql}) where trace_key not in ({examples.sql})"  # noqa: S608 - fixed fragments, bound values
    return labels_about(Clause(sql, [*labels.params, *examples.params]), about_judge(ref))


def find_states(cursor: Cursor, keys: Sequence[int], reference: str | None, category_id: int | None) -> dict[int, str]:
    """Per trace what the label that counts says of a failure category, or with None of the whole."""
    labels = labels_about(reference_labels(reference, keys=keys), about_category(category_id))
    return dict(cursor.execute(f"select trace_key, state from ({labels.sql})", labels.params).fetchall())  # noqa: S608 - fixed fragments, bound values


class CategoryOf(NamedTuple):
    """The failure category that a judge version looks for; `name` is the empty text where it was merged or removed since."""

    id: int
    name: str


def find_category_of(cursor: Cursor, ref: str) -> CategoryOf | None:
    """The one failure category that a judge version looks for; None where it judges the whole."""
    about = about_judge(ref)
    sql = f"""select about, coalesce((select name from current_categories where category_id = about), '')
        from ({about.sql}) where about is not null"""  # noqa: S608 - fixed fragments, bound values
    row = cursor.execute(sql, about.params).fetchone()
    return None if row is None else CategoryOf(*row)
