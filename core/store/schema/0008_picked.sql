-- A failure category can be picked with the verdict: it travels with the label, and waits in the draft. The trace is put
-- into it by an assignment as ever, which is what counts.

alter table labels add column picked integer[];
comment on column labels.picked is 'numbers of the failure categories picked with the verdict, the primary one first; null: none';

alter table drafts add column picked integer[];

create or replace view current_labels as
    select * from labels
    where state <> 'withdrawn' and not repeat
        and event not in (select supersedes from labels where supersedes is not null);
