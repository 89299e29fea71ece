-- +goose Up
-- due_at is when an application must be answered, 0 unless it is under way.
alter table app_category add column due_at bigint not null default 0;
alter table app_category add column main boolean not null default false;
alter table app_category add column reason text not null default '';
update app_category set main = true where state = 'online' and not exists (
  select 1 from app_category o where o.operator = app_category.operator and o.app = app_category.app and o.state = 'online'
  and (o.since < app_category.since or (o.since = app_category.since and o.category < app_category.category)));
-- The queue of the platform's staff and the list of a category's holders cross operators.
create index app_category_by_state on app_category (state, due_at);
create index app_category_by_name on app_category (category, state);

-- What became of a category; papers is a JSON list of names and SHA-256 of what was handed in.
create table app_category_event (
  operator text not null,
  app text not null,
  id text not null,
  category text not null,
  from_state text not null,
  to_state text not null,
  reason text not null,
  papers text not null,
  by_kind text not null,
  by_id text not null,
  at bigint not null,
  primary key (operator, app, id)
);

-- The papers of the newest application for a category.
create table app_paper (
  operator text not null,
  app text not null,
  id text not null,
  category text not null,
  name text not null,
  media_type text not null,
  size integer not null,
  sha256 text not null,
  content blob not null,
  at bigint not null,
  primary key (operator, app, id)
);

-- Public keys only. retires_at is 0 for the newest.
create table app_key (
  operator text not null,
  app text not null,
  version integer not null,
  bits integer not null,
  fingerprint text not null,
  spki blob not null,
  added_at bigint not null,
  added_by text not null,
  retires_at bigint not null,
  primary key (operator, app, version)
);

-- What an app tells people it takes data for; items is a JSON list of {id, desc}.
create table app_privacy (
  operator text not null,
  app text not null,
  configured boolean not null,
  contact_way integer not null,
  email text not null,
  phone text not null,
  land_line text not null,
  items text not null,
  updated_at bigint not null,
  updated_by text not null,
  primary key (operator, app)
);
