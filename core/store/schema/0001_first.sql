-- Traces are stored once, as they now are; what a later import replaced is kept in trace_history.
-- Everything a person or a judge said is an event: rows are only ever added, and a newer row names the one it
-- replaces in `supersedes`. What counts now is what no row replaces: see the views at the end.
-- No table of traces has an index: imports append many rows in one transaction, and scans of narrow columns are fast.
-- The searched text is kept uncompressed because searches read all of it, input and output because lists read a few
-- of them from everywhere; the record, seldom read, is compressed.

create sequence event_number start 1;

create table imports (
    import_id bigint not null primary key,
    event bigint not null,
    made_at timestamp not null,
    files varchar[] not null,
    format varchar,
    mapping varchar,
    traces_read bigint not null,
    added bigint not null,
    unchanged bigint not null,
    updated bigint not null,
    bad bigint not null,
    labels_added bigint not null,
    judgments_added bigint not null
);

create table bad_lines (
    import_id bigint not null,
    file varchar not null,
    line bigint,
    reason varchar not null,
    raw varchar not null
);

create table traces (
    trace_key bigint not null,
    id varchar not null,
    session varchar,
    started_at timestamp,
    model varchar,
    source varchar not null,
    error varchar,
    origin varchar not null,
    duration_ms double,
    message_count integer not null,
    tool_call_count integer not null,
    text_size bigint not null,
    content_hash ubigint not null,
    record_hash ubigint not null,
    import_id bigint not null,
    value_ids integer[] not null,
    slots integer[] not null,
    input varchar using compression uncompressed,
    output varchar using compression uncompressed,
    layout varchar not null,
    text varchar not null using compression uncompressed,
    record varchar not null using compression zstd
);
comment on column traces.value_ids is 'its dimension values once more: a filter reads them faster here than in trace_dimensions';
comment on column traces.slots is 'per dimension, in the order first seen, its value here: null for none, -1 for several; counting by it needs no join';
comment on column traces.text is 'all that was said, pieces parted by the record separator (U+001E): what a search looks through';
comment on column traces.layout is 'JSON: which piece of text belongs to which message, and the roles, names and call ids';
comment on column traces.record is 'the untouched original as JSON';

create table trace_history (
    trace_key bigint not null,
    replaced_by_import bigint not null,
    import_id bigint not null,
    content_hash ubigint not null,
    layout varchar not null,
    text varchar not null,
    record varchar not null using compression zstd
);

create table dimension_values (
    value_id integer not null primary key,
    name varchar not null,
    value varchar not null
);

create table trace_dimensions (
    trace_key bigint not null,
    value_id integer not null
);

create table labels (
    event bigint not null primary key,
    client_id varchar not null unique,
    trace_key bigint not null,
    labeler varchar not null,
    state varchar not null check (state in ('pass', 'fail', 'deferred', 'critique', 'withdrawn')),
    critique varchar,
    saw_judge boolean not null,
    content_hash ubigint not null,
    origin varchar not null check (origin in ('given', 'imported')),
    sampling varchar,
    rubric_version integer,
    made_at timestamp not null,
    recorded_at timestamp not null,
    import_id bigint,
    supersedes bigint
);

create table drafts (
    event bigint not null primary key,
    trace_key bigint not null,
    labeler varchar not null,
    verdict varchar,
    critique varchar,
    made_at timestamp not null
);

create table categories (
    event bigint not null primary key,
    category_id integer not null,
    name varchar not null,
    definition varchar not null,
    fits_when varchar not null,
    not_when varchar not null,
    retired boolean not null,
    made_by varchar not null,
    made_at timestamp not null,
    supersedes bigint
);

create table assignments (
    event bigint not null primary key,
    trace_key bigint not null,
    category_id integer not null,
    position integer not null,
    removed boolean not null,
    made_by varchar not null,
    made_at timestamp not null,
    supersedes bigint
);
comment on column assignments.position is 'order in which a trace got its categories; the lowest is the primary one';

create table judge_versions (
    version_id integer not null primary key,
    event bigint not null,
    judge varchar not null,
    version varchar not null,
    model varchar,
    settings varchar not null,
    prompt varchar,
    examples varchar[] not null,
    source varchar not null check (source in ('run', 'imported', 'code')),
    made_at timestamp not null
);

create table judgments (
    event bigint not null,
    trace_key bigint not null,
    version_id integer not null,
    passed boolean,
    critique varchar,
    failure varchar,
    made_at timestamp,
    import_id bigint,
    supersedes bigint
);
comment on column judgments.passed is 'true PASS, false FAIL; null where no verdict could be had: then failure says why';

create table splits (
    event bigint not null primary key,
    trace_key bigint not null,
    split varchar not null check (split in ('train', 'dev', 'test')),
    made_at timestamp not null
);

create table settings (
    event bigint not null primary key,
    name varchar not null,
    value varchar not null,
    made_by varchar not null,
    made_at timestamp not null
);

create view current_labels as
    select * from labels
    where state <> 'withdrawn' and event not in (select supersedes from labels where supersedes is not null);

create view current_categories as
    select * from categories
    where not retired and event not in (select supersedes from categories where supersedes is not null);

create view current_assignments as
    select * from assignments
    where not removed and event not in (select supersedes from assignments where supersedes is not null);

create view current_judgments as
    select * from judgments
    where event not in (select supersedes from judgments where supersedes is not null);

create view current_settings as
    select name, arg_max(value, event) as value from settings group by name;
