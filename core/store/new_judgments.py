"""Judgments of a run as they come: each is stored once, and replaces what the version said before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from core.store.connection import Cursor

KNOWN = """select trace_key, coalesce(repeat, 0), run_id, event, seen_hash, passed is not null, event is not distinct from supersedes
    from judgments where version_id = ? and trace_key in (select unnest(?)) order by event"""
ADD_JUDGMENTS = """insert into judgments (event, version_id, run_id, made_at, trace_key, passed, critique, failure,
        supersedes, content_hash, seen_hash, tokens_in, tokens_out, dollars, duration_ms, repeat, flag)
    select unnest(?::bigint[]), ?, ?, ?, unnest(?::bigint[]), unnest(?::boolean[]), unnest(?::varchar[]),
        unnest(?::varchar[]), unnest(?::bigint[]), unnest(?::ubigint[]), unnest(?::ubigint[]), unnest(?::bigint[]),
        unnest(?::bigint[]), unnest(?::double[]), unnest(?::double[]), unnest(?::integer[]), unnest(?::varchar[])"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewJudgment:
    """A judgment as it is stored: exactly one of `passed` and `failure` is None."""

    trace_key: int
    passed: bool | None
    critique: str | None
    failure: str | None
    content_hash: int
    seen_hash: int
    tokens_in: int
    tokens_out: int
    dollars: float | None
    duration_ms: float
    repeat: int
    flag: str | None


def add_judgments(cursor: Cursor, run_id: int, version_id: int, said: Sequence[NewJudgment]) -> None:
    """Store what came back; what this run has said of a trace already is not said twice.

    A judge failure replaces no verdict for the same text: it names itself as replaced, and counts in its run alone.
    """
    keys = [j.trace_key for j in said]
    known = cursor.execute(KNOWN, [version_id, keys]).fetchall()
    told = {(key, repeat) for key, repeat, of_run, *_ in known if of_run == run_id}
    new = [j for j in said if (j.trace_key, j.repeat) not in told]
    if not new:
        return
    # Each judgment replaced the one before it, so the newest is the one that counts.
    held = {
        key: (event, seen if has_verdict else None)
        for key, repeat, _, event, seen, has_verdict, is_void in known
        if not repeat and not is_void
    }
    numbers = cursor.execute("select nextval('event_number') from range(?)", [len(new)]).fetchall()
    events = [number[0] for number in numbers]
    replaced: list[object] = [
        None if j.repeat or j.trace_key not in held else
        event if j.passed is None and held[j.trace_key][1] == j.seen_hash else held[j.trace_key][0]
        for event, j in zip(events, new, strict=True)
    ]  # fmt: skip
    now = datetime.now(UTC).replace(tzinfo=None)
    columns: list[list[object]] = [
        [j.trace_key for j in new], [j.passed for j in new], [j.critique for j in new], [j.failure for j in new],
        replaced, [j.content_hash for j in new],
        [j.seen_hash for j in new], [j.tokens_in for j in new], [j.tokens_out for j in new], [j.dollars for j in new],
        [j.duration_ms for j in new], [j.repeat for j in new], [j.flag for j in new],
    ]  # fmt: skip
    cursor.execute(ADD_JUDGMENTS, [events, version_id, run_id, now, *columns])
