-- A judge that is not asked of every trace: of a fixed random sample, and of the anchors again and again.

alter table judge_runs add column sample integer;
alter table judge_runs add column anchors boolean;
comment on column judge_runs.sample is 'of a hundred traces, in one fixed shuffled order; null: every trace of the target';
comment on column judge_runs.anchors is 'whether it asked about the anchors, those with a verdict once more';

alter table alerts add column counted varchar;
comment on column alerts.counted is 'the parameters of an address: the failed traces that the alert counts; null: as the rule says';

create table anchors (
    event bigint not null primary key,
    trace_ids varchar[] not null,
    made_by varchar not null,
    made_at timestamp not null
);
comment on table anchors is 'labelled traces that a judge is asked about again and again, to see whether it drifts; the newest row counts';

create view current_anchors as
    select trace_key from traces
    where id in (select unnest(ids) from (select arg_max(trace_ids, event) as ids from anchors));

create view shown_repeats as
    select j.event, j.trace_key, j.version_id, j.run_id, coalesce(j.repeat, 0) as repeat, j.passed, j.made_at,
        coalesce(j.repeat, 0) > 0 and coalesce(r.anchors, false) as of_anchors
    from judgments j join current_judgments c
        on c.trace_key = j.trace_key and c.version_id = j.version_id and c.seen_hash is not distinct from j.seen_hash
    join shown_judgments s on s.event = c.event
    left join judge_runs r on r.run_id = j.run_id
    where j.passed is not null and (coalesce(j.repeat, 0) > 0 or j.event = c.event)
        and j.event not in (select supersedes from judgments where supersedes is not null);
comment on view shown_repeats is 'every verdict on the same text, the one that counts (repeat 0) among them; what is sealed is not';
