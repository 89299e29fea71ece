-- +goose Up
create table operator (
  id text primary key,
  name text not null,
  created_at bigint not null
);

create table app (
  operator text not null,
  id text not null,
  name text not null,
  -- origins whose pages may carry the element, JSON list of "https://host[:port]"
  origins text not null,
  secret_hash blob not null,
  created_at bigint not null,
  primary key (operator, id)
);
create index app_by_id on app (id);

create table app_category (
  operator text not null,
  app text not null,
  category text not null,
  state text not null check (state in ('applied', 'approved', 'online', 'offline')),
  since bigint not null,
  primary key (operator, app, category)
);
