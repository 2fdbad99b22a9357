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
    origin varchar not null check (origin in ('given', 'imported', 'adjudicated')),
    sampling varchar,
    rubric_version integer,
    made_at timestamp not null,
    recorded_at timestamp not null,
    import_id bigint,
    supersedes bigint,
    queue_id integer,
    inclusion double,
    repeat boolean not null default false,
    duration_ms bigint,
    revised_response varchar,
    first_failure integer
);
comment on column labels.origin is 'adjudicated: given by whoever settled a disagreement of others, in sight of their labels';
comment on column labels.sampling is 'the strategy that put the trace before the expert; null where it is not known';
comment on column labels.inclusion is 'the probability with which that strategy drew the trace; null where there is none';
comment on column labels.repeat is 'a trace shown to the same person again without saying so: it measures consistency and replaces nothing';
comment on column labels.first_failure is 'place of the message (from 0) where it first went wrong; the one before is the last good step';

create table drafts (
    event bigint not null primary key,
    trace_key bigint not null,
    labeler varchar not null,
    verdict varchar,
    critique varchar,
    made_at timestamp not null,
    revised_response varchar,
    first_failure integer
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
    supersedes bigint,
    status varchar not null default 'new' check (status in ('new', 'fix now', 'code check', 'judge', 'watch')),
    owner varchar not null default '',
    impact varchar not null default '' check (impact in ('', 'low', 'medium', 'high')),
    merged_into integer,
    split_from integer
);
comment on column categories.merged_into is 'of a retired category: the one that took its traces';

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

create table openings (
    event bigint not null primary key,
    trace_key bigint not null,
    labeler varchar not null,
    saw_judge boolean not null,
    made_at timestamp not null
);
comment on table openings is 'who had a whole trace before them, and whether anybody''s verdict stood beside it';

create table reconciliations (
    event bigint not null primary key,
    trace_key bigint not null,
    labeler varchar not null,
    judge varchar not null,
    decision varchar not null check (decision in ('kept', 'changed', 'unclear')),
    rubric_version integer,
    made_at timestamp not null
);
comment on table reconciliations is 'what an expert decided on seeing, after the last verdict of a queue, that a judge differs';

create table queues (
    queue_id integer not null primary key,
    event bigint not null,
    name varchar not null,
    kind varchar not null,
    frame varchar not null,
    settings varchar not null,
    seed bigint not null,
    made_by varchar not null,
    made_for varchar[] not null,
    made_at timestamp not null
);
comment on column queues.frame is 'the slice it was drawn from, as the parameters of an address';
comment on column queues.settings is 'JSON: the strategies with their shares, the size';
comment on column queues.made_for is 'the people of an overlap batch, each blind to the other; empty: for whoever opens it';

create table queue_items (
    queue_id integer not null,
    place integer not null,
    trace_key bigint not null,
    strategy varchar not null,
    inclusion double,
    repeats bigint
);
comment on column queue_items.repeats is 'of a hidden repeat: the event of the label it is to be compared with';

create table rubrics (
    version integer not null primary key,
    event bigint not null,
    pass_means varchar not null,
    fail_means varchar not null,
    examples varchar not null,
    change_note varchar not null,
    made_by varchar not null,
    made_at timestamp not null
);

create table suggestions (
    event bigint not null primary key,
    suggestion_id integer not null,
    run_id integer not null,
    trace_key bigint not null,
    label_event bigint not null,
    category_id integer,
    name varchar not null,
    definition varchar not null,
    source varchar not null,
    state varchar not null check (state in ('proposed', 'accepted', 'refused')),
    made_by varchar not null,
    made_at timestamp not null,
    supersedes bigint
);
comment on table suggestions is 'groups of critiques that an algorithm or a model proposes; counted nowhere until accepted';

create table recodes (
    event bigint not null primary key,
    trace_key bigint not null,
    category_id integer not null,
    reason varchar not null,
    done boolean not null,
    made_by varchar not null,
    made_at timestamp not null,
    supersedes bigint
);
comment on table recodes is 'traces whose category was split or redefined and that want a second look';

create table fixes (
    event bigint not null primary key,
    fix_id integer not null,
    category_id integer not null,
    what varchar not null,
    since timestamp,
    dimension varchar,
    value varchar,
    removed boolean not null,
    made_by varchar not null,
    made_at timestamp not null,
    supersedes bigint
);
comment on table fixes is 'what was done against a failure category: from a moment on, or where a dimension has a value (a version)';

create table regression_set (
    event bigint not null primary key,
    trace_key bigint not null,
    expectation varchar not null,
    removed boolean not null,
    made_by varchar not null,
    made_at timestamp not null,
    supersedes bigint
);

create view current_labels as
    select * from labels
    where state <> 'withdrawn' and not repeat
        and event not in (select supersedes from labels where supersedes is not null);

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

create view current_suggestions as
    select * from suggestions
    where event not in (select supersedes from suggestions where supersedes is not null);

create view current_recodes as
    select * from recodes
    where not done and event not in (select supersedes from recodes where supersedes is not null);

create view current_fixes as
    select * from fixes
    where not removed and event not in (select supersedes from fixes where supersedes is not null);

create view current_regression_set as
    select * from regression_set
    where not removed and event not in (select supersedes from regression_set where supersedes is not null);
