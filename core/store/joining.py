"""Joins the labels and judgments that an import staged to the traces they speak of; what was here before adds nothing.

Runs inside the import's transaction, on its temporary tables `staged_labels` and `staged_judgments`.
"""

from dataclasses import dataclass
from datetime import datetime

from core.store.connection import Cursor, one

UNKNOWN_ID = "no trace with the id "
NO_VERDICT = "no verdict of the judge "


@dataclass(slots=True)
class JoinCounts:
    """Rows a file brought: how many, how many are new, how many were here, how many could not be used."""

    read: int = 0
    added: int = 0
    unchanged: int = 0
    bad: int = 0
    failures: int = 0


KEEP_UNKNOWN = """insert into bad_lines
    select ?, file, line, ? || trace_id, coalesce(critique, '')
    from {staged} where trace_id not in (select id from traces)"""
UNKNOWN_LABELS = KEEP_UNKNOWN.replace("{staged}", "staged_labels")
UNKNOWN_JUDGMENTS = KEEP_UNKNOWN.replace("{staged}", "staged_judgments")

NEW_VERSIONS = """insert into judge_versions (
        version_id, event, judge, version, model, settings, prompt, examples, source, made_at)
    select $last + row_number() over (order by min(n)),
           nextval('event_number'), judge, version, null, '{}', null, [], 'imported', now() at time zone 'UTC'
    from staged_judgments s
    where not exists (select 1 from known_versions v where v.judge = s.judge and v.version = s.version)
    group by judge, version"""
VERSIONS = "select version_id, judge, version from judge_versions"
KNOWN_TABLE = "create or replace temp table known_versions (version_id integer, judge varchar, version varchar)"
NEWLY_KNOWN = f"insert into known_versions {VERSIONS} where version_id > ?"

# What a record says together with its text is of that text: where the one that counts is of a former text, it is said anew.
NEW_JUDGMENTS = """create or replace temp table new_judgments as
    select nextval('event_number') as event, * from (
        select t.trace_key, v.version_id, s.passed, s.critique, s.failure, s.made_at, s.n, t.content_hash
        from staged_judgments s
        join traces t on t.id = s.trace_id
        join known_versions v on v.judge = s.judge and v.version = s.version
        left join current_judgments h on h.trace_key = t.trace_key and h.version_id = v.version_id
        where (s.with_text and h.content_hash <> t.content_hash) or not exists (
            select 1 from judgments j
            where j.trace_key = t.trace_key and j.version_id = v.version_id
              and j.passed is not distinct from s.passed and j.critique is not distinct from s.critique
              and j.failure is not distinct from s.failure and j.made_at is not distinct from s.made_at)
        qualify row_number() over (
            partition by t.trace_key, v.version_id, s.passed, s.critique, s.failure, s.made_at order by s.n) = 1
        order by s.n)"""

ADD_JUDGMENTS = """insert into judgments (
        event, trace_key, version_id, passed, critique, failure, made_at, content_hash, import_id, supersedes)
    select n.event, n.trace_key, n.version_id, n.passed, n.critique, n.failure, n.made_at, n.content_hash, ?,
           coalesce(lag(n.event) over (partition by n.trace_key, n.version_id order by n.event), held.event)
    from new_judgments n
    left join current_judgments held on held.trace_key = n.trace_key and held.version_id = n.version_id"""

# A label that accepts or rejects a judge's verdict takes it from that judge's newest version in the store. Where the verdict
# is sealed, a new label would tell it; one that is here already is as it was.
SETTLED_LABELS = """create or replace temp table settled_labels as
    with settled as (select s.* replace (
        case when s.relative_to is null then s.state
             when j.passed is null then null
             when (s.state = 'pass') = j.passed then 'pass' else 'fail' end as state),
        t.trace_key, t.content_hash, s.relative_to is not null and coalesce(j.sealed, false) as sealed
    from staged_labels s
    join traces t on t.id = s.trace_id
    left join (
        select c.trace_key, c.passed, c.event in (select event from sealed_judgments) as sealed, unnest(names) as name
        from current_judgments c
        join (select version_id, case when version_id = max(version_id) over (partition by judge)
                     then [judge || '@' || version, judge] else [judge || '@' || version] end as names
              from judge_versions) v using (version_id)) j
      on j.trace_key = t.trace_key and j.name = s.relative_to),
    named as (select *, md5(concat_ws(chr(31), trace_id, labeler, state, coalesce(critique, chr(30)), saw_judge,
                                      coalesce(made_at::varchar, ''))) as given_id from settled),
    held as (select trace_key, labeler, saw_judge, max(event) as event, arg_max(content_hash, event) as content_hash
        from current_labels where state <> 'critique' and origin <> 'adjudicated' group by all),
    anew as (select n.*, case when n.with_text and h.content_hash <> n.content_hash
                 and n.given_id in (select client_id from labels)
            then md5(concat_ws(chr(31), n.given_id, n.content_hash, h.event)) else n.given_id end as client_id
        from named n left join held h
            on h.trace_key = n.trace_key and h.labeler = n.labeler and h.saw_judge = n.saw_judge and n.state <> 'critique')
    select * replace (case when sealed and client_id not in (select client_id from labels) then null else state end as state)
    from anew"""

UNSETTLED = """insert into bad_lines
    select ?, file, line, ? || relative_to || ' to accept or reject' || if(sealed, ': it is sealed', ''), coalesce(critique, '')
    from settled_labels where state is null"""

NEW_LABELS = """create or replace temp table new_labels as
    select nextval('event_number') as event, * from (
        select * from settled_labels
        where state is not null
        qualify row_number() over (partition by client_id order by n) = 1
        order by n)
    where client_id not in (select client_id from labels)"""

ADD_LABELS = """insert into labels (
        event, client_id, trace_key, labeler, state, critique, saw_judge, content_hash, origin, sampling, rubric_version,
        made_at, recorded_at, import_id, supersedes)
    select n.event, n.client_id, n.trace_key, n.labeler, n.state, n.critique, n.saw_judge, n.content_hash, 'imported',
           null, null, coalesce(n.made_at, $now), $now, $import_id,
           case when n.state = 'critique' then null
                else coalesce(lag(n.event) over (
                    partition by n.trace_key, n.labeler, n.saw_judge, n.state = 'critique' order by n.event), held.event) end
    from new_labels n
    left join (select trace_key, labeler, saw_judge, max(event) as event from current_labels
               where state <> 'critique' and origin <> 'adjudicated' group by all) held
      on held.trace_key = n.trace_key and held.labeler = n.labeler and held.saw_judge = n.saw_judge"""

# A file names a category as it was once called: renamed, merged or split since, it is not made again.
CALLED = """with recursive followed as (
        select distinct lower(name) as name, category_id from categories
        union select f.name, c.merged_into from followed f join categories c using (category_id)
            where c.merged_into is not null)
    select f.name, c.category_id from followed f left join current_categories c using (category_id)
    qualify row_number() over (
        partition by f.name order by c.category_id is null, lower(c.name) <> f.name, c.category_id desc) = 1"""
CALLED_TABLE = "create or replace temp table called_categories (name varchar, category_id integer)"
NEWLY_CALLED = "insert into called_categories select lower(name), category_id from categories where category_id > ?"

NEW_CATEGORIES = """insert into categories (
        event, category_id, name, definition, fits_when, not_when, retired, made_by, made_at, supersedes)
    select nextval('event_number'),
           $last + row_number() over (order by first_n),
           name, '', '', '', false, labeler, $now, null
    from (select trim(name) as name, min(n) as first_n, arg_min(labeler, n) as labeler
          from (select n, labeler, unnest(categories) as name from settled_labels where state is not null)
          where trim(name) <> '' group by trim(name))
    where lower(name) not in (select name from called_categories)"""

ADD_ASSIGNMENTS = """insert into assignments
    select nextval('event_number'), trace_key, category_id, position, false, labeler, coalesce(made_at, $now), null
    from (
        select s.trace_key, c.category_id, min(s.position) as position, arg_min(s.labeler, s.n) as labeler,
               min(s.made_at) as made_at
        from (select n, trace_key, labeler, made_at, unnest(categories) as name,
                     generate_subscripts(categories, 1) as position
              from settled_labels where state is not null) s
        join called_categories c on c.name = lower(trim(s.name)) and c.category_id is not null
        group by s.trace_key, c.category_id)
    where (trace_key, category_id) not in (select (trace_key, category_id) from assignments)
    order by trace_key, position"""


STAGES = (
    """create or replace temp table staged_labels (n bigint, file varchar, line bigint, trace_id varchar,
        labeler varchar, state varchar, critique varchar, categories varchar[], saw_judge boolean,
        made_at timestamp, relative_to varchar, with_text boolean)""",
    """create or replace temp table staged_judgments (n bigint, file varchar, line bigint, trace_id varchar,
        judge varchar, version varchar, passed boolean, failure varchar, critique varchar, made_at timestamp,
        with_text boolean)""",
)


def stage(cursor: Cursor) -> None:
    """Make the empty tables that labels and judgments wait in until their traces are stored."""
    for table in STAGES:
        cursor.execute(table)


def join_judgments(cursor: Cursor, import_id: int, newest: Cursor) -> JoinCounts:
    """Store the staged judgments; a judge version not seen before is made of its name alone.

    `newest` sees what was committed since the import began: no number of a version saved meanwhile is given twice.
    """
    read = one(cursor, "select count(*) from staged_judgments")
    if read == 0:
        return JoinCounts()
    cursor.execute(UNKNOWN_JUDGMENTS, [import_id, UNKNOWN_ID])
    bad = one(cursor, "select count(*) from staged_judgments where trace_id not in (select id from traces)")
    known = newest.execute(VERSIONS).fetchall()
    last = max((version_id for version_id, _, _ in known), default=0)
    cursor.execute(KNOWN_TABLE)
    if known:
        cursor.executemany("insert into known_versions values (?, ?, ?)", known)
    cursor.execute(NEW_VERSIONS, {"last": last})
    cursor.execute(NEWLY_KNOWN, [last])
    cursor.execute(NEW_JUDGMENTS)
    added = one(cursor, "select count(*) from new_judgments")
    failures = one(cursor, "select count(*) from new_judgments where passed is null")
    cursor.execute(ADD_JUDGMENTS, [import_id])
    return JoinCounts(read, added, read - added - bad, bad, failures)


def join_labels(cursor: Cursor, import_id: int, now: datetime, newest: Cursor) -> JoinCounts:
    """Store the staged labels with their categories; the judge verdicts they refer to must be joined before.

    `newest` sees what was committed since the import began: categories made meanwhile are not made again.
    """
    read = one(cursor, "select count(*) from staged_labels")
    if read == 0:
        return JoinCounts()
    cursor.execute(UNKNOWN_LABELS, [import_id, UNKNOWN_ID])
    bad = one(cursor, "select count(*) from staged_labels where trace_id not in (select id from traces)")
    cursor.execute(SETTLED_LABELS)
    cursor.execute(UNSETTLED, [import_id, NO_VERDICT])
    bad += one(cursor, "select count(*) from settled_labels where state is null")
    cursor.execute(NEW_LABELS)
    added = one(cursor, "select count(*) from new_labels")
    cursor.execute(ADD_LABELS, {"now": now, "import_id": import_id})
    last = one(newest, "select max(category_id) from categories")
    cursor.execute(CALLED_TABLE)
    if called := newest.execute(CALLED).fetchall():
        cursor.executemany("insert into called_categories values (?, ?)", called)
    cursor.execute(NEW_CATEGORIES, {"now": now, "last": last})
    cursor.execute(NEWLY_CALLED, [last])
    cursor.execute(ADD_ASSIGNMENTS, {"now": now})
    return JoinCounts(read, added, read - added - bad, bad)
