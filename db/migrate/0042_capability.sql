-- +goose Up
create table capability (
  operator text not null,
  app text not null,
  state text not null check (state in ('applied', 'granted', 'suspended', 'withdrawn')),
  reason text not null,
  case_id text not null,
  since bigint not null,
  primary key (operator, app)
);

create table capability_event (
  operator text not null,
  app text not null,
  id text not null,
  from_state text not null,
  to_state text not null,
  reason text not null,
  case_id text not null,
  by_kind text not null,
  by_id text not null,
  at bigint not null,
  primary key (operator, app, id)
);
