-- Judges that are written and run here. What a person wrote (versions, drafts, splits) is an event like any other; a run
-- is planned whole before its first call, and what it still has to do is what has no judgment of this run.

alter table judge_versions add column parent varchar;
alter table judge_versions add column category_id integer;
alter table judge_versions add column spec varchar;
alter table judge_versions add column made_by varchar;
comment on column judge_versions.parent is 'the version of the same judge that it was made from';
comment on column judge_versions.spec is 'JSON: the slots that the prompt was rendered from; null for an imported version';

alter table judgments add column run_id integer;
alter table judgments add column content_hash ubigint;
alter table judgments add column seen_hash ubigint;
alter table judgments add column tokens_in bigint;
alter table judgments add column tokens_out bigint;
alter table judgments add column dollars double;
alter table judgments add column duration_ms double;
alter table judgments add column repeat integer default 0;
alter table judgments add column flag varchar;
comment on column judgments.content_hash is 'of the trace as it was judged';
comment on column judgments.seen_hash is 'of what the judge was shown of it: with the version, the key of the cache';
comment on column judgments.repeat is '0: what counts; from 1 on: judged again to see whether the verdict holds, counted nowhere else';
comment on column judgments.flag is 'why the trace looks as if it spoke to the judge; null where it does not';

create or replace view current_judgments as
    select * from judgments
    where coalesce(repeat, 0) = 0
        and event not in (select supersedes from judgments where supersedes is not null);

create table split_removals (
    event bigint not null primary key,
    trace_key bigint not null,
    why varchar not null,
    made_at timestamp not null
);
comment on table split_removals is 'traces that an import made a twin of one in another split: they keep their split and are used in none';

create view current_splits as
    select * from splits where trace_key not in (select trace_key from split_removals);

create table judge_drafts (
    event bigint not null primary key,
    judge varchar not null,
    category_id integer,
    parent varchar,
    spec varchar not null,
    discarded boolean not null,
    made_by varchar not null,
    made_at timestamp not null
);
comment on table judge_drafts is 'a judge that is being written; the newest row of a name counts, unless it was discarded';

create table judge_runs (
    run_id integer not null primary key,
    event bigint not null,
    version_id integer not null,
    mode varchar not null check (mode in ('now', 'batch')),
    target varchar not null,
    cap double,
    repeats integer not null,
    cached integer not null,
    dollars double,
    made_by varchar not null,
    made_at timestamp not null
);
comment on column judge_runs.target is 'which traces, in words';
comment on column judge_runs.cap is 'US dollars that may be spent; null: no cap';
comment on column judge_runs.cached is 'traces that had a verdict of this version before and cost nothing';
comment on column judge_runs.dollars is 'the estimate';

create table judge_run_items (
    run_id integer not null,
    place integer not null,
    trace_key bigint not null,
    repeat integer not null
);

create table judge_run_events (
    event bigint not null primary key,
    run_id integer not null,
    state varchar not null check (state in ('started', 'sending', 'batch', 'collected', 'cap', 'stopped', 'broken', 'ended')),
    batch varchar,
    detail varchar,
    made_at timestamp not null
);
comment on column judge_run_events.batch is 'the id of the batch at the provider: stored before it is asked about, so that it is never sent twice';
