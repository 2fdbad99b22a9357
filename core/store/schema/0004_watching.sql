-- What is watched: rules that a failure rate must keep, the alerts they raised, and the files of a watched folder.
-- As everywhere, rows are only ever added; a newer one names the one it replaces in `supersedes`.

create table alert_rules (
    event bigint not null primary key,
    rule_id integer not null,
    source varchar not null,
    slice varchar not null,
    threshold double not null check (threshold > 0 and threshold < 1),
    smallest_n integer not null check (smallest_n > 0),
    days integer not null check (days > 0),
    removed boolean not null,
    made_by varchar not null,
    made_at timestamp not null,
    supersedes bigint
);
comment on column alert_rules.source is '«expert», or a judge version as NAME@VERSION: whose verdicts are counted';
comment on column alert_rules.slice is 'the parameters of an address';
comment on column alert_rules.days is 'how many days up to the newest trace are looked at';

create table alerts (
    event bigint not null primary key,
    alert_id integer not null,
    rule_id integer not null,
    state varchar not null check (state in ('raised', 'acknowledged')),
    since timestamp not null,
    until timestamp not null,
    failed bigint not null,
    judged bigint not null,
    share double not null,
    low double not null,
    high double not null,
    n_eff double,
    note varchar not null,
    made_by varchar not null,
    made_at timestamp not null,
    supersedes bigint
);
comment on column alerts.n_eff is 'of a weighted share: how many equally weighted traces it is worth';
comment on table alerts is 'made by a rule, acknowledged by a person: then `note` is theirs';

create table alert_posts (
    event bigint not null primary key,
    alert_id integer not null,
    host varchar not null,
    problem varchar,
    made_at timestamp not null
);
comment on table alert_posts is 'attempts to tell a webhook of an alert; without a problem it was taken';

create table watched_files (
    event bigint not null primary key,
    file varchar not null,
    size bigint not null,
    changed_ns bigint not null,
    import_id bigint,
    added bigint not null,
    updated bigint not null,
    bad bigint not null,
    problem varchar,
    made_at timestamp not null
);
comment on table watched_files is 'what was done with each state of each file of a watched folder';
comment on column watched_files.file is 'its path inside that folder';

create view current_alert_rules as
    select * from alert_rules
    where not removed and event not in (select supersedes from alert_rules where supersedes is not null);

create view current_alerts as
    select * from alerts
    where event not in (select supersedes from alerts where supersedes is not null);
