-- A judge's verdict can be read in a list, without the trace it is about: a label given later is not blind, and yet
-- nobody has read that trace.

alter table openings add column listed boolean;
comment on column openings.listed is 'the verdict of a judge stood in a list, without the trace, which makes it no trace that was read; null: the trace was open';
