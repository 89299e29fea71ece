-- +goose Up
-- due_at is when an application must be answered, 0 unless it is under way.
alter table capability add column due_at bigint not null default 0;
create index capability_by_state on capability (state, due_at);

-- Whether a category is open, from an instant on; overrules the norm's table. Rows
-- are added, never changed; the newest that has begun holds. Of the platform, so
-- without an operator.
create table eligibility (
  id text primary key,
  category text not null,
  open boolean not null,
  from_at bigint not null,
  reason text not null,
  by_id text not null,
  at bigint not null
);
create index eligibility_by_category on eligibility (category, from_at);

-- By which of an app's categories eligibility goes, from an instant on.
create table eligibility_basis (
  id text primary key,
  basis text not null check (basis in ('service_category', 'main_category')),
  from_at bigint not null,
  reason text not null,
  by_id text not null,
  at bigint not null
);
create index eligibility_basis_from on eligibility_basis (from_at);

-- Points taken off an app's score of 100. until_at 0 has no end.
create table credit_entry (
  operator text not null,
  app text not null,
  id text not null,
  points integer not null check (points between 1 and 100),
  reason text not null,
  case_id text not null,
  from_at bigint not null,
  until_at bigint not null,
  by_id text not null,
  at bigint not null,
  primary key (operator, app, id)
);
