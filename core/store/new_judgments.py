"""Judgments of a run as they come: each is stored once, and replaces what the version said before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from core.store.connection import Cursor

KNOWN = """select trace_key, coalesce(repeat, 0), run_id, event, seen_hash, passed is not null, event is not distinct from supersedes
    from judgments where version_id = ? and trace_key in ({keys}) order by event"""
COLUMNS = {
    "trace_key": "bigint", "passed": "boolean", "critique": "varchar", "failure": "varchar", "is_void": "boolean",
    "replaced": "bigint", "content_hash": "ubigint", "seen_hash": "ubigint", "tokens_in": "bigint", "tokens_out": "bigint",
    "dollars": "double", "duration_ms": "double", "repeat": "integer", "flag": "varchar",
}  # fmt: skip
"""What is given of each judgment. One that is void replaces itself."""
ADD_JUDGMENTS = """insert into judgments (event, version_id, run_id, made_at, trace_key, passed, critique, failure,
        supersedes, content_hash, seen_hash, tokens_in, tokens_out, dollars, duration_ms, repeat, flag)
    select event, ?, ?, ?, trace_key, passed, critique, failure, case when is_void then event else replaced end,
        content_hash, seen_hash, tokens_in, tokens_out, dollars, duration_ms, repeat, flag
    from (select nextval('event_number') as event, given.* from {given})"""
GIVEN_FEW = f"(values {{rows}}) given({', '.join(COLUMNS)})"
GIVEN_MANY = f"(select {', '.join(f'unnest(?::{kind}[]) as {name}' for name, kind in COLUMNS.items())}) given"
ROW = f"({', '.join(f'?::{kind}' for kind in COLUMNS.values())})"
FEW = 32
"""Judgments that are named one by one: what a run does for every few answers takes half the time so."""


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
    given: list[Sequence[object]] = []
    for j in new:
        event, seen = (None, None) if j.repeat else held.get(j.trace_key, (None, None))
        is_void = event is not None and j.passed is None and seen == j.seen_hash
        given.append(
            (
                j.trace_key, j.passed, j.critique, j.failure, is_void, event, j.content_hash, j.seen_hash, j.tokens_in,
                j.tokens_out, j.dollars, j.duration_ms, j.repeat, j.flag,
            )
        )  # fmt: skip
    common: list[object] = [version_id, run_id, datetime.now(UTC).replace(tzinfo=None)]
    if len(given) > FEW:
        columns = [list(column) for column in zip(*given, strict=True)]
        cursor.execute(ADD_JUDGMENTS.format(given=GIVEN_MANY), [*common, *columns])
    else:
        listed = GIVEN_FEW.format(rows=", ".join([ROW] * len(given)))
        cursor.execute(ADD_JUDGMENTS.format(given=listed), [*common, *(value for row in given for value in row)])


def _find_known(cursor: Cursor, version_id: int, keys: Sequence[int]) -> list[tuple[Any, ...]]:
    """What a version has said of these traces, oldest first: the columns of `KNOWN`."""
    if len(keys) > FEW:
        return cursor.execute(KNOWN.format(keys="select unnest(?)"), [version_id, keys]).fetchall()
    return cursor.execute(KNOWN.format(keys=", ".join("?" * len(keys)) or "null"), [version_id, *keys]).fetchall()
