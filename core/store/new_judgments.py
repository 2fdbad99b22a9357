"""Judgments of a run as they come: each is stored once, and replaces what the version said before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.store.connection import Cursor

KNOWN = """select trace_key, coalesce(repeat, 0), run_id, event, seen_hash, passed is not null, event is not distinct from supersedes
    from judgments where version_id = ? and trace_key in ({keys}) order by event"""
ADD_JUDGMENTS = """insert into judgments (event, version_id, run_id, made_at, trace_key, passed, critique, failure,
        supersedes, content_hash, seen_hash, tokens_in, tokens_out, dollars, duration_ms, repeat, flag)
    select event, ?, ?, ?, trace_key, passed, critique, failure, case when is_void then event else replaced end,
        content_hash, seen_hash, tokens_in, tokens_out, dollars, duration_ms, repeat, flag
    from (select nextval('event_number') as event, unnest(?::bigint[]) as trace_key, unnest(?::boolean[]) as passed,
        unnest(?::varchar[]) as critique, unnest(?::varchar[]) as failure, unnest(?::boolean[]) as is_void,
        unnest(?::bigint[]) as replaced, unnest(?::ubigint[]) as content_hash, unnest(?::ubigint[]) as seen_hash,
        unnest(?::bigint[]) as tokens_in, unnest(?::bigint[]) as tokens_out, unnest(?::double[]) as dollars,
        unnest(?::double[]) as duration_ms, unnest(?::integer[]) as repeat, unnest(?::varchar[]) as flag)"""
FEW = 64
"""Traces that are named one by one: a query that a run makes for every few answers is planned faster so."""


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
    known = _find_known(cursor, version_id, keys)
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
    counting = [None if j.repeat else held.get(j.trace_key) for j in new]
    void: list[object] = [
        h is not None and j.passed is None and h[1] == j.seen_hash for j, h in zip(new, counting, strict=True)
    ]
    replaced: list[object] = [None if h is None else h[0] for h in counting]
    now = datetime.now(UTC).replace(tzinfo=None)
    columns: list[list[object]] = [
        [j.trace_key for j in new], [j.passed for j in new], [j.critique for j in new], [j.failure for j in new],
        void, replaced, [j.content_hash for j in new],
        [j.seen_hash for j in new], [j.tokens_in for j in new], [j.tokens_out for j in new], [j.dollars for j in new],
        [j.duration_ms for j in new], [j.repeat for j in new], [j.flag for j in new],
    ]  # fmt: skip
    cursor.execute(ADD_JUDGMENTS, [version_id, run_id, now, *columns])


def _find_known(cursor: Cursor, version_id: int, keys: Sequence[int]) -> list[tuple[Any, ...]]:
    """What a version has said of these traces, oldest first: the columns of `KNOWN`."""
    if len(keys) > FEW:
        return cursor.execute(KNOWN.format(keys="select unnest(?)"), [version_id, keys]).fetchall()
    return cursor.execute(KNOWN.format(keys=", ".join("?" * len(keys)) or "null"), [version_id, *keys]).fetchall()
