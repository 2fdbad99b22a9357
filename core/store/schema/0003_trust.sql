-- The test split of a judge version is sealed until somebody opens it, and each opening is kept. What the sealed
-- judgments say is in no view but current_judgments, which only imports, runs and checks read: everything that shows
-- or counts verdicts reads shown_judgments.

create table reveals (
    event bigint not null primary key,
    judge varchar not null,
    version varchar not null,
    made_by varchar not null,
    made_at timestamp not null
);
comment on table reveals is 'who opened the test split for a judge version, and when; it cannot be closed again';

create table pair_marks (
    event bigint not null primary key,
    trace_key bigint not null,
    judge varchar not null,
    version varchar not null,
    mark varchar not null check (mark in (
        'judge wrong', 'label wrong', 'rubric unclear', 'context missing', 'same reason', 'other reason')),
    removed boolean not null,
    made_by varchar not null,
    made_at timestamp not null,
    supersedes bigint
);
comment on table pair_marks is 'why expert and judge differ on a trace, or whether they agree for the same reason; a person says it';

create view current_reveals as select * from reveals;

create view current_pair_marks as
    select * from pair_marks
    where not removed and event not in (select supersedes from pair_marks where supersedes is not null);

create view sealed_judgments as
    select event, trace_key, version_id from current_judgments
    where trace_key in (select trace_key from splits where split = 'test')
        and version_id not in (
            select v.version_id from judge_versions v join current_reveals r using (judge, version));

create view shown_judgments as
    select event, trace_key, version_id, passed, critique, failure, made_at from current_judgments
    where not (trace_key in (select trace_key from splits where split = 'test')
        and version_id not in (
            select v.version_id from judge_versions v join current_reveals r using (judge, version)));
