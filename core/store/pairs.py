"""Expert and judge on the same trace: what both said, and why a person thinks that they differ or agree."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from core.model import Verdict
from core.slice import Slice
from core.store.connection import Cursor, next_event, rows
from core.store.traces import PREVIEW, chosen
from core.store.verdicts import Clause, blind_labels, version_ids

CAUSES = ("judge wrong", "label wrong", "rubric unclear", "context missing")
"""Why expert and judge differ."""
REASONS = ("same reason", "other reason")
"""Whether they agree for the same reason."""
UNMARKED = "none"

MARKS_OF = "select * from current_pair_marks where judge = ? and version = ?"
HELD = f"{MARKS_OF} and trace_key = ?"
FORMER = "select mark, removed from pair_marks where event = ?"
ADD = "insert into pair_marks values (?, ?, ?, ?, ?, ?, ?, ?, ?)"

ANSWER = "coalesce(t.output, '')"
SHAPES = {
    "list": f"regexp_matches({ANSWER}, '(?m)^\\s*([-*•]|\\d+[.)])\\s+\\S')",
    "code": f"contains({ANSWER}, '```')",
    "markdown": f"regexp_matches({ANSWER}, '(?m)^#{{1,6}}\\s|\\*\\*[^*\\n]+\\*\\*|^\\|.*\\|')",
    "link": f"regexp_matches({ANSWER}, 'https?://')",
}
"""What an answer can look like, whatever it says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A trace with what the expert said blind and what one judge version said."""

    trace_id: str
    input: str | None
    output: str | None
    expert: Verdict
    """What the label says of what the judge version looks for."""
    overall: Verdict
    """What it says of the whole trace."""
    labeler: str
    labelled_at: datetime
    expert_critique: str | None
    revised_response: str | None
    judge: Verdict
    judge_critique: str | None
    mark: str | None
    """One of `CAUSES` or `REASONS`, where a person said it."""
    marked_by: str | None


class Shaped(NamedTuple):
    """A compared trace with the look of its answer: characters, and which of `SHAPES` it has."""

    trace_id: str
    expert_passed: bool
    judge_passed: bool
    size: int
    shapes: tuple[bool, ...]


def _compared(ref: str, slice_: Slice, reference: str | None) -> Clause:
    """From: traces t, blind labels l, judgments j, marks m, of the traces of a slice that have both verdicts."""
    keys, version = chosen(slice_, reference), version_ids(ref)
    blind = blind_labels(ref, slice_.labeler or reference)
    judge, _, named = ref.rpartition("@")
    sql = f"""from traces t join ({blind.sql}) l using (trace_key)
        join shown_judgments j on j.trace_key = t.trace_key and j.version_id in ({version.sql})
        left join ({MARKS_OF}) m on m.trace_key = t.trace_key
        where l.state in ('pass', 'fail') and j.passed is not null and t.trace_key in ({keys.sql})"""
    return Clause(sql, [*blind.params, *version.params, judge, named, *keys.params])


def find_pairs(
    cursor: Cursor,
    ref: str,
    slice_: Slice,
    *,
    reference: str | None,
    limit: int,
    mark: str | None = None,
    ids: Sequence[str] | None = None,
) -> list[Pair]:
    """The traces of a slice with both verdicts, newest first; texts of the traces are cut.

    With `mark` those that carry it (`UNMARKED`: none), with `ids` those among them.
    """
    base = _compared(ref, slice_, reference)
    wanted, params = "", list(base.params)
    if mark is not None:
        wanted += " and coalesce(m.mark, 'none') = ?"
        params.append(mark)
    if ids is not None:
        wanted += " and t.id in (select unnest(?))"
        params.append(list(ids))
    sql = f"""select t.id as trace_id, left(t.input, {PREVIEW}) as input, left(t.output, {PREVIEW}) as output,
            l.state as expert, l.overall, l.labeler, l.made_at as labelled_at, l.critique as expert_critique, l.revised_response,
            j.passed as judge, j.critique as judge_critique, m.mark, m.made_by as marked_by
        {base.sql} {wanted}
        order by t.started_at desc nulls last, t.trace_key desc limit {int(limit)}"""
    return [_pair(row) for row in rows(cursor, sql, params)]


def find_judge_critiques(cursor: Cursor, ref: str, ids: Sequence[str]) -> dict[str, str | None]:
    """What a judge version wrote about these traces, by trace."""
    version = version_ids(ref)
    sql = f"""select t.id, j.critique from shown_judgments j join traces t using (trace_key)
        where j.version_id in ({version.sql}) and t.id in (select unnest(?))"""  # noqa: S608 - fixed fragments, bound values
    return dict(cursor.execute(sql, [*version.params, list(ids)]).fetchall())


def _pair(row: dict[str, Any]) -> Pair:
    judge = Verdict.PASS if row.pop("judge") else Verdict.FAIL
    return Pair(expert=Verdict(row.pop("expert")), overall=Verdict(row.pop("overall")), judge=judge, **row)


def count_marks(cursor: Cursor, ref: str, slice_: Slice, *, reference: str | None) -> dict[str, int]:
    """How many of the traces of a slice with both verdicts carry each mark; `UNMARKED` counts the others."""
    base = _compared(ref, slice_, reference)
    sql = f"select coalesce(m.mark, 'none'), count(*) {base.sql} group by all"
    return dict(cursor.execute(sql, base.params).fetchall())


def find_shaped(cursor: Cursor, ref: str, slice_: Slice, *, reference: str | None) -> list[Shaped]:
    """The traces of a slice with both verdicts, with what their answers look like."""
    base = _compared(ref, slice_, reference)
    sql = f"""select t.id, l.state = 'pass', j.passed, length({ANSWER}), {", ".join(SHAPES.values())}
        {base.sql} order by t.trace_key"""
    return [
        Shaped(row[0], row[1], row[2], row[3], tuple(row[4:])) for row in cursor.execute(sql, base.params).fetchall()
    ]


def add_mark(cursor: Cursor, *, trace_key: int, ref: str, mark: str | None, by: str) -> int:
    """Add what a person says of a pair (None: nothing any more) in place of what was said; returns the event."""
    judge, _, version = ref.rpartition("@")
    held = cursor.execute(HELD, [judge, version, trace_key]).fetchone()
    event, now = next_event(cursor), datetime.now(UTC).replace(tzinfo=None)
    said = mark or (held[4] if held else CAUSES[0])
    cursor.execute(ADD, [event, trace_key, judge, version, said, mark is None, by, now, held[0] if held else None])
    return event


def find_former(cursor: Cursor, *, trace_key: int, ref: str) -> tuple[str, str | None] | None:
    """The mark of a pair and the one that it replaced, or None where there is none."""
    judge, _, version = ref.rpartition("@")
    held = cursor.execute(HELD, [judge, version, trace_key]).fetchone()
    if held is None:
        return None
    former = None if held[8] is None else cursor.execute(FORMER, [held[8]]).fetchone()
    return held[4], None if former is None or former[1] else former[0]
