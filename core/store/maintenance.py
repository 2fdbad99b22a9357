"""Looks after a database: is everything in it whole, and what does it hold."""

from dataclasses import dataclass
from typing import NamedTuple

import duckdb
import orjson

from core.errors import StoreDamagedError
from core.store.connection import Cursor, Store, next_event, one, rows
from core.store.encoding import content_hash, decode

SAMPLE = 500

TABLES = (
    *("traces", "trace_history", "trace_dimensions", "dimension_values", "labels", "categories", "assignments"),
    *("judge_versions", "judgments", "splits", "settings", "drafts", "imports", "bad_lines"),
    *("split_removals", "judge_drafts", "judge_runs", "judge_run_items", "judge_run_events"),
    *(
        "openings",
        "reconciliations",
        "queues",
        "queue_items",
        "rubrics",
        "suggestions",
        "recodes",
        "fixes",
        "regression_set",
        "reveals",
        "pair_marks",
    ),
    *("alert_rules", "alerts", "alert_posts", "watched_files", "anchors"),
)
OF_TRACES = (
    *("trace_dimensions", "labels", "assignments", "judgments", "splits", "drafts", "trace_history"),
    *("openings", "reconciliations", "queue_items", "suggestions", "recodes", "regression_set", "pair_marks"),
    *("split_removals", "judge_run_items"),
)
SUPERSEDING = (
    *("labels", "categories", "assignments", "judgments"),
    *("suggestions", "recodes", "fixes", "regression_set", "pair_marks", "alert_rules", "alerts"),
)
NUMBERED = (
    *("imports", "labels", "drafts", "categories", "assignments", "judge_versions", "judgments", "splits", "settings"),
    *("openings", "reconciliations", "queues", "rubrics", "suggestions", "recodes", "fixes", "regression_set"),
    *("reveals", "pair_marks", "alert_rules", "alerts", "alert_posts", "watched_files"),
    *("split_removals", "judge_drafts", "judge_runs", "judge_run_events", "anchors"),
)

OF_RUNS = ("judgments", "judge_run_items", "judge_run_events")


class Check(NamedTuple):
    """One thing that was looked at: how many faults were found, and the first ones in words."""

    name: str
    faults: int
    examples: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """What a database holds and what is wrong with it."""

    storage_version: str
    counts: dict[str, int]
    checks: list[Check]

    @property
    def faults(self) -> int:
        """All faults together; 0 for a healthy database."""
        return sum(check.faults for check in self.checks)


def _without(table: str, column: str, other: str) -> str:
    return f"""select distinct {column} from {table}
        where {column} is not null and {column} not in (select {column} from {other})"""  # noqa: S608 - fixed fragments, bound values


FAULTS: dict[str, str] = {
    "every trace has its own key": "select trace_key from traces group by trace_key having count(*) > 1",
    "every trace has its own id": "select id from traces group by id having count(*) > 1",
    "every trace belongs to an import": _without("traces", "import_id", "imports"),
    **{f"every row of {table} belongs to a trace": _without(table, "trace_key", "traces") for table in OF_TRACES},
    "every dimension of a trace has a value": _without("trace_dimensions", "value_id", "dimension_values"),
    "the dimensions of a trace are the same in both places": """select t.trace_key
        from traces t left join (
            select trace_key, list(value_id order by value_id) as ids from trace_dimensions group by trace_key) d
        using (trace_key) where list_sort(t.value_ids) is distinct from coalesce(d.ids, [])""",
    "the slots of a trace hold its dimensions": """select t.trace_key from traces t left join (
            select trace_key, list(id order by id) as ids, count(*) filter (id = -1) as several from (
                select d.trace_key, case when count(*) = 1 then min(d.value_id) else -1 end as id
                from trace_dimensions d join dimension_values v using (value_id) group by d.trace_key, v.name)
            group by trace_key) d using (trace_key)
        where list_sort(list_filter(t.slots, lambda slot: slot is not null)) is distinct from coalesce(d.ids, [])""",
    "every dimension value is stored once": """select name from dimension_values
        group by name, value having count(*) > 1""",
    "no trace has a dimension value twice": """select trace_key from trace_dimensions
        group by trace_key, value_id having count(*) > 1""",
    "every judgment belongs to a judge version": _without("judgments", "version_id", "judge_versions"),
    "every run belongs to a judge version": _without("judge_runs", "version_id", "judge_versions"),
    **{f"every row of {table} belongs to a run": _without(table, "run_id", "judge_runs") for table in OF_RUNS},
    "every assignment belongs to a category": _without("assignments", "category_id", "categories"),
    "every judge version has its own name": """select judge from judge_versions
        group by judge, version having count(*) > 1""",
    "a judgment has a verdict or the reason why not": """select event from judgments
        where (passed is null) <> (failure is not null)""",
    "one current label for each trace, labeler and sight of the judge": """select min(event) from current_labels
        where state <> 'critique'
        group by trace_key, labeler, saw_judge, origin = 'adjudicated' having count(*) > 1""",
    "one current judgment for each trace and judge version": """select min(event) from current_judgments
        group by trace_key, version_id having count(*) > 1""",
    "a trace is in a category once": """select min(event) from current_assignments
        group by trace_key, category_id having count(*) > 1""",
    "one current wording for each category": """select category_id from categories
        where event not in (select supersedes from categories where supersedes is not null)
        group by category_id having count(*) > 1""",
    "every category has its own name": """select min(name) from current_categories
        group by lower(name) having count(*) > 1""",
    "every trace has one split": "select trace_key from splits group by trace_key having count(distinct split) > 1",
    **{
        f"every replaced event of {table} is there": f"""select event from {table}
        where supersedes is not null and supersedes not in (select event from {table})"""  # noqa: S608 - fixed fragments, bound values
        for table in SUPERSEDING
    },
    "every event has its own number": f"""select event from (
        {" union all ".join(f"select event from {table}" for table in NUMBERED)}) group by event having count(*) > 1""",  # noqa: S608 - fixed fragments, bound values
    "imports add up": """select import_id from imports where traces_read <> added + unchanged + updated + bad
        union all select 0 where (select sum(added) from imports) <> (select count(*) from traces)""",
}
"""What must hold, and the query for what breaks it."""

COUNTS: dict[str, str] = {
    "traces": "select count(*) from traces",
    "traces without any dimension": """select count(*) from traces
        where trace_key not in (select trace_key from trace_dimensions)""",
    "dimensions": "select count(distinct name) from dimension_values",
    "labelled traces": "select count(distinct trace_key) from current_labels where state in ('pass', 'fail')",
    "label events": "select count(*) from labels",
    "failure categories": "select count(*) from current_categories",
    "judge versions": "select count(*) from judge_versions",
    "judgments": "select count(*) from current_judgments",
    "imports": "select count(*) from imports",
    "bad lines": "select count(*) from bad_lines",
}

STORAGE = "select tags['storage_version'] as storage from duckdb_databases() where database_name = 'passfail'"


def examine(store: Store) -> Health:
    """Read everything once and check what must hold. Changes nothing."""
    checks = [_readable(store, table) for table in TABLES]
    counts: dict[str, int] = {}
    storage = ""
    if not any(check.faults for check in checks):
        with store.read() as cursor:
            counts = {name: one(cursor, sql) for name, sql in COUNTS.items()}
            checks += [_check(cursor, name, sql) for name, sql in FAULTS.items()]
            checks.append(_decodable(cursor))
            storage = str((rows(cursor, STORAGE) or [{"storage": ""}])[0]["storage"] or "")
        checks.append(_new_number(store))
    return Health(storage_version=storage, counts=counts, checks=checks)


def _readable(store: Store, table: str) -> Check:
    """Every block of a table is read, so that its checksum is compared."""
    name = f"{table} can be read"
    try:
        with store.read() as cursor:
            cursor.execute(f"select bit_xor(hash(t)) from {table} t").fetchone()  # noqa: S608 - fixed fragments, bound values
    except (duckdb.Error, StoreDamagedError) as problem:
        problem = problem.__cause__ or problem
        return Check(name, 1, str(problem).splitlines()[0][:200])
    return Check(name, 0)


def _check(cursor: Cursor, name: str, sql: str) -> Check:
    found = [str(row[0]) for row in cursor.execute(sql).fetchall()]
    return Check(name, len(found), ", ".join(found[:5]))


def _new_number(store: Store) -> Check:
    """A number is taken and let go: what DuckDB tells of a sequence is stale after it replayed its log."""
    newest = " union all ".join(f"select max(event) as event from {table}" for table in NUMBERED)  # noqa: S608 - fixed fragments, bound values
    with store.snapshot() as cursor:
        last = one(cursor, f"select max(event) from ({newest})")  # noqa: S608 - fixed fragments, bound values
        number = next_event(cursor)
    return Check("the next event has a new number", int(number <= last), f"{number} after {last}")


def _decodable(cursor: Cursor) -> Check:
    """A sample of traces whose text, layout and record are what was stored."""
    keys = "select trace_key from traces order by hash(trace_key) limit ?"
    sql = f"select id, text, layout, content_hash, record from traces where trace_key in ({keys})"  # noqa: S608 - fixed fragments, bound values
    found = [row[0] for row in cursor.execute(sql, [SAMPLE]).fetchall() if not _is_whole(*row[1:])]
    return Check(f"{SAMPLE} traces chosen at random can be shown", len(found), ", ".join(found[:5]))


def _is_whole(text: str, layout: str, mark: int, record: str) -> bool:
    try:
        decode(text, layout)
        orjson.loads(record)
    except (ValueError, KeyError, TypeError, StopIteration, RuntimeError):
        return False
    return content_hash(text, layout) == mark
