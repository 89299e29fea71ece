-- +goose Up
-- How many leads an operator has, kept by the transactions that change it, so that
-- an overview of ten million leads reads a few rows. Test leads, duplicates and
-- erased leads are not in it. Rows with hour 0 say how many a component has in a
-- state; the others, with component and state '', how many were made in that hour
-- (milliseconds since 1970, rounded down).
create table lead_tally (
  operator text not null,
  hour bigint not null,
  component text not null,
  state text not null,
  n bigint not null,
  primary key (operator, hour, component, state)
);
insert into lead_tally (operator, hour, component, state, n)
  select operator, 0, component, state, count(*) from lead
  where test = false and duplicate_of = '' and erased_at = 0 group by operator, component, state;
insert into lead_tally (operator, hour, component, state, n)
  select operator, created_at - created_at % 3600000, '', '', count(*) from lead
  where test = false and duplicate_of = '' and erased_at = 0 group by operator, created_at - created_at % 3600000;
