-- +goose Up
-- Room webhook. Secrets are sealed; bodies hold ids only; times of zero mean never.
create table webhook_endpoint (
  operator text not null,
  id text not null,
  url text not null,
  description text not null,
  events text not null,
  mode text not null,
  public_key text not null,
  enabled boolean not null,
  disabled_reason text not null,
  disabled_at bigint not null,
  secret blob not null,
  old_secret blob,
  old_until bigint not null,
  failures integer not null,
  failing_since bigint not null,
  last_success_at bigint not null,
  created_at bigint not null,
  updated_at bigint not null,
  primary key (operator, id)
);
create table webhook_delivery (
  operator text not null,
  id text not null,
  endpoint text not null,
  message text not null,
  event text not null,
  subject text not null,
  body text not null,
  state text not null,
  run integer not null,
  step integer not null,
  tries integer not null,
  error text not null,
  created_at bigint not null,
  next_at bigint not null,
  done_at bigint not null,
  primary key (operator, id)
);
create unique index webhook_delivery_once on webhook_delivery (operator, message, endpoint);
create index webhook_delivery_endpoint on webhook_delivery (operator, endpoint, id);
create index webhook_delivery_done on webhook_delivery (done_at) where done_at > 0;
create table webhook_attempt (
  operator text not null,
  delivery text not null,
  try integer not null,
  at bigint not null,
  status integer not null,
  duration_ms bigint not null,
  error text not null,
  answer text not null,
  primary key (operator, delivery, try)
);
