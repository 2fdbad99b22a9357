-- What a run may still spend: answers that were paid and lost count, and asking again about failures shares the cap.

alter table judge_runs add column budget_of integer;
comment on column judge_runs.budget_of is 'the run whose cap it shares, since it asks about judge failures of it again; null: its own';

alter table judge_run_events add column at_once integer;
alter table judge_run_events add column lost double;
comment on column judge_run_events.at_once is 'of a start: questions asked at once, and so many answers a kill can take';
comment on column judge_run_events.lost is 'US dollars that may have been paid for answers that were never stored';
