-- +goose Up
-- Editions of the penalty policy. text never changes: hash is its SHA-256. Of the
-- platform, so without an operator.
create table policy_edition (
  hash text primary key,
  name text not null,
  text text not null,
  stage text not null check (stage in ('draft', 'announced', 'dropped')),
  author text not null,
  approver text not null,
  notice integer not null,
  created_at bigint not null,
  announced_at bigint not null,
  effective_at bigint not null
);
create index policy_edition_in_force on policy_edition (stage, effective_at);
