"""Runs of a judge: what was planned, what became of it, and each judgment as it comes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, NamedTuple

from core.store.connection import Cursor, next_event, one, rows
from core.store.encoding import decode
from core.store.settings import find_setting, put_setting
from core.store.traces import WHOLE, TraceRow, WholeTrace, dimensions_of
from core.store.verdicts import version_ids

VERDICTS = """select trace_key, seen_hash, content_hash, passed is not null as has_verdict
    from current_judgments where version_id = ? and trace_key in (select unnest(?))"""
COPIED = """select a.trace_key, arg_max({'passed': j.passed, 'critique': j.critique}, j.event)
    from (select unnest(?::bigint[]) as trace_key, unnest(?::ubigint[]) as seen_hash) a join judgments j on j.seen_hash = a.seen_hash
        and (j.trace_key <> a.trace_key or j.event in (select supersedes from judgments where supersedes is not null))
    where j.version_id = ? and j.passed is not null and j.repeat = 0 group by 1"""
# What another run has judged meanwhile is left to nobody: it would be paid twice.
OPEN = """from judge_run_items i join judge_runs r using (run_id)
    left join (select run_id, trace_key, repeat, true as told from judgments where run_id is not null) j
        on j.run_id = i.run_id and j.trace_key = i.trace_key and j.repeat = i.repeat
    left join (select version_id, trace_key, max(event) as event from current_judgments where passed is not null group by all) c
        on c.version_id = r.version_id and c.trace_key = i.trace_key
    where j.told is null and not (i.repeat = 0 and coalesce(c.event > r.event, false))"""
LEFT = f"select i.place, i.trace_key, i.repeat {OPEN} and i.run_id = ? order by i.place"
ITEMS = "select place, trace_key, repeat from judge_run_items where run_id = ? order by place"
# A run goes by its event here: after a database was made anew from its journal, another run may have its number.
NOTE = "run at event {event}: {what}"
NOTED = """(select string_agg(value, ', then ' order by event) from settings
    where name = 'run at event ' || r.event || ': {what}')"""
FAILED = "from current_judgments where run_id is not null and passed is null"
# A cap is what was last said of it, in any of the runs that share it.
RUNS = f"""with runs as (select *, coalesce(budget_of, run_id) as budget from judge_runs),
    done as (select run_id, count(passed) as verdicts, count(*) filter (passed) as passed,
            count(*) filter (passed is null) as failures, sum(dollars) as dollars, count(flag) as flagged
        from judgments where run_id is not null group by run_id),
    heard as (select run_id, arg_max(state, event) as state, arg_max({{'said': detail}}, event).said as detail,
            max(made_at) as made_at, arg_max(at_once, event) as at_once, coalesce(sum(lost), 0) as lost
        from judge_run_events group by run_id),
    budgets as (select budget, sum(coalesce(done.dollars, 0) + heard.lost) as spent, sum(heard.lost) as lost
        from runs join heard using (run_id) left join done using (run_id) group by budget),
    caps as (select budget, arg_max({{'said': e.detail}}, e.event).said::double as cap
        from runs join judge_run_events e using (run_id) where e.state = 'started' group by budget)
    select r.run_id, r.version_id, v.judge, v.version, v.model, v.settings, {NOTED.format(what="library")} as library,
        {NOTED.format(what="reason")} as reason, r.mode, r.target, r.repeats, r.cached, r.dollars as estimate,
        r.made_by, r.made_at, r.budget, caps.cap, budgets.spent, budgets.lost, items.n as total, coalesce(done.verdicts, 0) as verdicts,
        coalesce(done.passed, 0) as passed, coalesce(done.failures, 0) as failures,
        coalesce(done.dollars, 0) as dollars, coalesce(done.flagged, 0) as flagged,
        coalesce(open.n, 0) as left, coalesce(failed.n, 0) as failed,
        heard.state, heard.detail, heard.at_once
    from runs r join judge_versions v using (version_id) join heard using (run_id)
    join budgets using (budget) join caps using (budget)
    join (select run_id, count(*) as n from judge_run_items group by run_id) items using (run_id)
    left join done using (run_id)
    left join (select i.run_id, count(*) as n {OPEN} group by i.run_id) open using (run_id)
    left join (select run_id, count(*) as n {FAILED} group by run_id) failed using (run_id)"""  # noqa: S608 - fixed fragments, bound values
FAILURES = """select j.failure, count(*), list(t.id order by t.id)[:20]
    from judgments j join traces t using (trace_key) where j.run_id = ? and j.passed is null group by 1 order by 2 desc, 1"""
FLAGGED = """select t.id, j.flag from judgments j join traces t using (trace_key)
    where j.run_id = ? and j.flag is not null and j.repeat = 0 order by t.id limit ?"""
BATCHES = """select state, batch, detail, made_at from judge_run_events
    where run_id = ? and state in ('sending', 'batch', 'collected') order by event"""
TRACES = f"""select {WHOLE}, t.text, t.layout from traces t
    where t.trace_key between ? and ? and t.trace_key in (select unnest(?))"""  # noqa: S608 - fixed fragments, bound values


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRow:
    """A run with what became of it so far; `state` is what was last heard of it."""

    run_id: int
    version_id: int
    judge: str
    version: str
    model: str | None
    settings: str
    """JSON: what was sent beside the prompt; what is not in it was left to the provider."""
    library: str | None
    """The library that asked, with its version; several where it went on with another one; None where nobody wrote it down."""
    reason: str | None
    """Why it was run on many traces before its judge was checked, in words of a person."""
    mode: str
    target: str
    repeats: int
    cached: int
    estimate: float | None
    made_by: str
    made_at: datetime
    budget: int
    """The run whose budget it spends: its own, or the one whose judge failures it asks about again."""
    cap: float | None
    """US dollars that may be spent of this budget; None: any number."""
    spent: float
    """US dollars that were spent of this budget by all runs that share it, with what was lost."""
    lost: float
    """Of them: dollars that may have been paid for answers that were never stored."""
    total: int
    verdicts: int
    passed: int
    failures: int
    dollars: float
    flagged: int
    left: int
    """Questions that were planned, not asked yet, and answered by no other run since."""
    failed: int
    """Traces whose judge failure of this run still stands."""
    state: str
    detail: str | None
    at_once: int | None
    """Questions asked at once since it was last started; None where nobody wrote it down."""

    @property
    def ref(self) -> str:
        """The judge version, as NAME@VERSION."""
        return f"{self.judge}@{self.version}"

    @property
    def done(self) -> int:
        """Traces that have a verdict or a judge failure."""
        return self.verdicts + self.failures

    @property
    def elsewhere(self) -> int:
        """Traces that were planned and have got their verdict in another run since."""
        return self.total - self.done - self.left


class ItemRow(NamedTuple):
    """One question of a run."""

    place: int
    trace_key: int
    repeat: int


class Held(NamedTuple):
    """What a version has for a trace: of which content, and whether it is a verdict."""

    seen_hash: int | None
    content_hash: int | None
    has_verdict: bool


class BatchRow(NamedTuple):
    """A step of a batch: about to be sent, sent (with its id), or collected."""

    state: str
    batch: str | None
    detail: str | None
    at: datetime


def find_version_id(cursor: Cursor, ref: str) -> int | None:
    """The number of a judge version, or None."""
    judge, _, version = ref.rpartition("@")
    sql = "select version_id from judge_versions where judge = ? and version = ?"
    row = cursor.execute(sql, [judge, version]).fetchone()
    return None if row is None else int(row[0])


def find_held(cursor: Cursor, version_id: int, keys: Sequence[int]) -> dict[int, Held]:
    """Per trace what this version says of it now."""
    return {row[0]: Held(*row[1:]) for row in cursor.execute(VERDICTS, [version_id, list(keys)]).fetchall()}


def find_copied(cursor: Cursor, version_id: int, shown: Sequence[tuple[int, int]]) -> dict[int, dict[str, Any]]:
    """Per trace (key, and hash of what is shown of it) the newest verdict of this version on another one that shows the same:
    `passed` and `critique`."""
    keys, hashes = [key for key, _ in shown], [seen for _, seen in shown]
    return dict(cursor.execute(COPIED, [keys, hashes, version_id]).fetchall())


def find_shown(cursor: Cursor, keys: Sequence[int]) -> list[WholeTrace]:
    """Traces with all that can be shown of them, without their records, in this order."""
    if not keys:
        return []
    found: dict[int, WholeTrace] = {}
    for row in rows(cursor, TRACES, [min(keys), max(keys), list(keys)]):
        messages = decode(str(row.pop("text")), str(row.pop("layout")))
        shown = TraceRow(**row)  # type: ignore[arg-type] - the columns are its fields
        found[shown.key] = WholeTrace(row=shown, messages=messages, dimensions={}, record="", import_id=0)
    named = dimensions_of(cursor, [whole.row for whole in found.values()])
    return [
        WholeTrace(row=w.row, messages=w.messages, dimensions=named[w.row.key], record="", import_id=0)
        for w in (found[key] for key in keys if key in found)
    ]


def add_run(
    cursor: Cursor, *, version_id: int, mode: str, target: str, cap: float | None, repeats: int, cached: int,
    estimate: float | None, by: str, items: Sequence[tuple[int, int]], at_once: int | None = None,
    sample: int | None = None, anchors: bool = False, budget_of: int | None = None,
) -> int:  # fmt: skip
    """Store a plan with its items (trace, repeat) and return its number; `budget_of` names the run whose cap it shares."""
    run_id = one(cursor, "select coalesce(max(run_id), 0) + 1 from judge_runs")
    now = datetime.now(UTC).replace(tzinfo=None)
    said = [
        run_id, next_event(cursor), version_id, mode, target, cap, repeats, cached, estimate, by, now, sample, anchors,
        budget_of,
    ]  # fmt: skip
    cursor.execute("insert into judge_runs values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", said)
    cursor.execute(
        "insert into judge_run_items select ?, unnest(?), unnest(?), unnest(?)",
        [run_id, list(range(len(items))), [key for key, _ in items], [repeat for _, repeat in items]],
    )
    add_start(cursor, run_id, cap=cap, at_once=at_once)
    return run_id


def note_of_run(cursor: Cursor, run_id: int, what: str, value: str, *, by: str) -> None:
    """Keep the `library` that asks, or the `reason` of a run; the same again adds nothing."""
    event = one(cursor, "select event from judge_runs where run_id = ?", [run_id])
    name = NOTE.format(event=event, what=what)
    if find_setting(cursor, name) != value:
        put_setting(cursor, name, value, by=by)


def find_reasons(cursor: Cursor, ref: str) -> list[RunRow]:
    """The runs of a judge version on many traces before it was checked, the newest first."""
    judge, _, version = ref.rpartition("@")
    sql = f"select * from ({RUNS}) where judge = ? and version = ? and reason is not null order by run_id desc"  # noqa: S608 - fixed fragments, bound values
    return [RunRow(**row) for row in rows(cursor, sql, [judge, version])]  # type: ignore[arg-type] - the columns are its fields


def add_start(cursor: Cursor, run_id: int, *, cap: float | None, at_once: int | None) -> None:
    """Say that a run begins or goes on: for how many dollars in all, and with how many questions at once."""
    add_run_event(cursor, run_id, "started", detail=None if cap is None else str(cap), at_once=at_once)


def add_run_event(
    cursor: Cursor, run_id: int, state: str, *, batch: str | None = None, detail: str | None = None,
    at_once: int | None = None, lost: float | None = None,
) -> None:  # fmt: skip
    """Say that a run came into another state; `lost` dollars may have been paid for answers that were never stored."""
    now = datetime.now(UTC).replace(tzinfo=None)
    cursor.execute(
        "insert into judge_run_events values (?, ?, ?, ?, ?, ?, ?, ?)",
        [next_event(cursor), run_id, state, batch, detail, now, at_once, lost],
    )


def find_runs(cursor: Cursor, *, run_id: int | None = None, budget: int | None = None, limit: int = 20) -> list[RunRow]:
    """The newest runs, the one with this number, or those that share a budget."""
    sql = f"{RUNS} where r.run_id = coalesce(?, r.run_id) and r.budget = coalesce(?, r.budget) order by r.run_id desc limit ?"
    return [RunRow(**row) for row in rows(cursor, sql, [run_id, budget, limit])]  # type: ignore[arg-type] - the columns are its fields


def find_samples(cursor: Cursor, ref: str) -> list[int]:
    """The random samples that a judge version was run on, in percent, the largest first."""
    version = version_ids(ref)
    sql = f"""select distinct sample from judge_runs
        where sample is not null and version_id in ({version.sql}) order by sample desc"""  # noqa: S608 - fixed fragments, bound values
    return [row[0] for row in cursor.execute(sql, version.params).fetchall()]


def find_left(cursor: Cursor, run_id: int) -> list[ItemRow]:
    """The items of a run that have neither verdict nor failure yet, nor a verdict of another run since it was planned."""
    return [ItemRow(*row) for row in cursor.execute(LEFT, [run_id]).fetchall()]


def find_items(cursor: Cursor, run_id: int) -> list[ItemRow]:
    """Everything that a run planned to ask."""
    return [ItemRow(*row) for row in cursor.execute(ITEMS, [run_id]).fetchall()]


def find_failures(cursor: Cursor, run_id: int) -> list[tuple[str, int, list[str]]]:
    """The judge failures of a run: reason, how many, the first twenty traces."""
    return cursor.execute(FAILURES, [run_id]).fetchall()


def find_failed_keys(cursor: Cursor, run_id: int) -> list[int]:
    """Traces that got no verdict in a run and none since."""
    sql = f"select trace_key {FAILED} and run_id = ? order by 1"
    return [row[0] for row in cursor.execute(sql, [run_id]).fetchall()]


def find_flagged(cursor: Cursor, run_id: int, limit: int = 20) -> list[tuple[str, str]]:
    """Traces of a run that look as if they spoke to the judge, with why."""
    return cursor.execute(FLAGGED, [run_id, limit]).fetchall()


def find_batches(cursor: Cursor, run_id: int) -> list[BatchRow]:
    """The steps of the batches of a run, oldest first."""
    return [BatchRow(*row) for row in cursor.execute(BATCHES, [run_id]).fetchall()]


def find_batch_ids(cursor: Cursor) -> set[str]:
    """The ids of all batches that a run is known to have sent."""
    sql = "select distinct batch from judge_run_events where batch is not null"
    return {row[0] for row in cursor.execute(sql).fetchall()}


def mean_tokens_out(cursor: Cursor, judge: str) -> float | None:
    """How long the answers of a judge were so far, in tokens; None where nothing is known."""
    sql = """select avg(tokens_out) from judgments join judge_versions using (version_id)
        where judge = ? and passed is not null and tokens_out > 0"""
    row = cursor.execute(sql, [judge]).fetchone()
    return None if row is None or row[0] is None else float(row[0])
