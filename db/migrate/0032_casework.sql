-- +goose Up
-- One row per thing seen: the same again only counts. finding is JSON and holds no
-- person's data.
create table finding_record (
  operator text not null,
  id text not null,
  app text not null,
  component text not null,
  fingerprint text not null,
  rule text not null,
  clause text not null,
  verdict text not null,
  detector text not null,
  finding text not null,
  first_at bigint not null,
  last_at bigint not null,
  times integer not null,
  primary key (operator, id)
);
create unique index finding_record_once on finding_record (operator, app, component, detector, fingerprint);
create index finding_record_newest on finding_record (last_at);
create index finding_record_id on finding_record (id);
