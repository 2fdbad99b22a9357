"""Anchors: labelled traces that a judge is asked about again and again; and how often it was asked about the same text."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from core.slice import Slice
from core.store.connection import Cursor, next_event
from core.store.traces import chosen
from core.store.verdicts import blind_labels, reference_labels, version_ids
from core.store.where import SHUFFLED

# In the order that depends on nothing a trace says.
CANDIDATES = """select t.id, l.state = 'fail' from traces t join ({labels}) l using (trace_key)
    where l.state in ('pass', 'fail') and t.trace_key in ({keys}) order by {shuffled}, t.trace_key"""

TIMES = """select min(n), max(n) from (
    select count(*) as n from shown_repeats r
    where not of_anchors and r.version_id in ({version}) and r.trace_key in ({keys}) group by r.trace_key)"""

ROUNDS = """select r.run_id, j.made_at, t.id, r.passed, before.passed, l.state = 'pass'
    from shown_repeats r
    join shown_repeats before on before.trace_key = r.trace_key and before.version_id = r.version_id
        and before.repeat = 0
    join judge_runs j on j.run_id = r.run_id join traces t on t.trace_key = r.trace_key
    left join ({labels}) l on l.trace_key = r.trace_key and l.state in ('pass', 'fail')
    where r.version_id in ({version}) and r.of_anchors and r.trace_key in (select trace_key from current_anchors)
    order by r.run_id, t.id"""


class AnchorVerdict(NamedTuple):
    """What a run said of an anchor, what the first verdict of this version was, and what the expert says, if anything."""

    run_id: int
    at: datetime
    trace_id: str
    passed: bool
    first: bool
    expert: bool | None


def find_candidates(cursor: Cursor, slice_: Slice, reference: str | None) -> list[tuple[str, bool]]:
    """Traces of a slice that the expert passed or failed blind, in shuffled order: id, and whether it is failed."""
    labels, keys = reference_labels(reference, blind_only=True), chosen(slice_, reference)
    sql = CANDIDATES.format(labels=labels.sql, keys=keys.sql, shuffled=SHUFFLED)
    return cursor.execute(sql, [*labels.params, *keys.params]).fetchall()


def put_anchors(cursor: Cursor, ids: Sequence[str], *, by: str) -> int:
    """Make these traces the anchors; the former choice stays in the store. Returns the number of the event."""
    event, now = next_event(cursor), datetime.now(UTC).replace(tzinfo=None)
    cursor.execute("insert into anchors values (?, ?, ?, ?)", [event, list(ids), by, now])
    return event


def find_times_asked(cursor: Cursor, ref: str, slice_: Slice, reference: str | None) -> tuple[int, int]:
    """How many verdicts a judge version gave on the same text, at least and at most, among the traces of a slice."""
    version, keys = version_ids(ref), chosen(slice_, reference)
    sql = TIMES.format(version=version.sql, keys=keys.sql)
    fewest, most = cursor.execute(sql, [*version.params, *keys.params]).fetchone() or (0, 0)
    return fewest or 0, most or 0


def find_rounds(cursor: Cursor, ref: str, reference: str | None) -> list[AnchorVerdict]:
    """Every verdict on an anchor that was asked for again, by run."""
    version, labels = version_ids(ref), blind_labels(ref, reference)
    sql = ROUNDS.format(version=version.sql, labels=labels.sql)
    return [AnchorVerdict(*row) for row in cursor.execute(sql, [*labels.params, *version.params]).fetchall()]
