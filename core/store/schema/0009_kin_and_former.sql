-- What is sealed of a trace is sealed of its copies and variants too, and of what it was made from, labelled or not: the
-- judge says nearly the same of them, so that what it says there tells what it says here.

create view kin_of_test as
    with recursive edges as materialized (
        select d.trace_key as one, -d.value_id::bigint as other
        from trace_dimensions d join dimension_values v using (value_id) where v.name = 'variant_of'
        union all
        select -v.value_id::bigint, t.trace_key from dimension_values v join traces t on t.id = v.value
        where v.name = 'variant_of'),
    either as materialized (select one, other from edges union all select other, one from edges),
    test as materialized (
        select t.trace_key, t.content_hash, t.text_size from traces t
        where t.trace_key in (select trace_key from splits where split = 'test')),
    kin as (
        (select trace_key from test
        union all select trace_key from traces where content_hash in (select content_hash from test where text_size > 0))
        union
        select e.other from kin k join either e on e.one = k.trace_key),
    made as materialized (
        select content_hash from traces
        where text_size > 0 and trace_key in (select trace_key from kin where trace_key not in (select trace_key from test)))
    select trace_key from kin where trace_key > 0
    union
    select trace_key from traces where content_hash in (select content_hash from made);

-- Labels and judgments of what a trace said before a later import changed it: they stay, but a label is held against a
-- verdict only where both are of the present text.

create view bygone_labels as
    select l.event from labels l join traces t using (trace_key)
    where l.trace_key in (select trace_key from trace_history) and l.content_hash <> t.content_hash;

create view bygone_judgments as
    select j.event from judgments j join traces t using (trace_key)
    where j.trace_key in (select trace_key from trace_history) and j.content_hash <> t.content_hash;

create view present_judgments as
    select * from current_judgments where event not in (select event from bygone_judgments);

create or replace view sealed_judgments as
    select event, trace_key, version_id from present_judgments
    where trace_key in (select trace_key from kin_of_test)
        and version_id not in (
            select v.version_id from judge_versions v join current_reveals r using (judge, version));

create or replace view shown_judgments as
    select event, trace_key, version_id, passed, critique, failure, made_at from present_judgments
    where not (trace_key in (select trace_key from kin_of_test)
        and version_id not in (
            select v.version_id from judge_versions v join current_reveals r using (judge, version)));

-- What a trace was before a later import changed it, whole: a moment shows it as it then was. Rows from before this step
-- have no more than they had.

alter table trace_history add column id varchar;
alter table trace_history add column session varchar;
alter table trace_history add column started_at timestamp;
alter table trace_history add column model varchar;
alter table trace_history add column source varchar;
alter table trace_history add column error varchar;
alter table trace_history add column origin varchar;
alter table trace_history add column duration_ms double;
alter table trace_history add column message_count integer;
alter table trace_history add column tool_call_count integer;
alter table trace_history add column text_size bigint;
alter table trace_history add column record_hash ubigint;
alter table trace_history add column value_ids integer[];
alter table trace_history add column slots integer[];
alter table trace_history add column input varchar;
alter table trace_history add column output varchar;
comment on column trace_history.value_ids is 'its dimension values at that time; null: nothing but its text was kept';
