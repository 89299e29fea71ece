-- +goose Up
-- What an operator defines. draft is JSON and changes; live is the number of the
-- version people can open, 0 when there is none.
create table component (
  operator text not null,
  id text not null,
  app text not null,
  draft text not null,
  draft_version integer not null,
  live integer not null,
  latest integer not null,
  created_at bigint not null,
  updated_at bigint not null,
  updated_by text not null,
  primary key (operator, id)
);
-- Public pages know the id alone. Not unique: a unique index without the operator
-- cannot be spread over machines.
create index component_id on component (id);

-- What was published. A row never changes.
create table component_version (
  operator text not null,
  component text not null,
  number integer not null,
  app text not null,
  edition text not null,
  definition text not null,
  published_at bigint not null,
  published_by text not null,
  primary key (operator, component, number),
  foreign key (operator, component) references component (operator, id)
);
