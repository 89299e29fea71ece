-- +goose Up
-- Room exchange. Secrets and numbers are sealed; times of zero mean never.
create table exchange_credential (
  operator text not null,
  app text not null,
  platform text not null,
  version integer not null,
  -- the app's id on the platform
  app_id text not null,
  -- null once it has ended
  sealed blob,
  -- JSON list of the secrets it has, for people
  holds text not null,
  bits integer not null,
  fingerprint text not null,
  added_at bigint not null,
  ends_at bigint not null,
  primary key (operator, app, platform, version)
);
create index exchange_credential_ending on exchange_credential (ends_at) where ends_at > 0 and sealed is not null;

-- What a one-time grant gave, until the lead it was for is stored.
create table exchange_done (
  operator text not null,
  once text not null,
  grant_tag text not null,
  sealed blob not null,
  expires_at bigint not null,
  primary key (operator, once)
);
create index exchange_done_by_grant on exchange_done (operator, grant_tag);
create index exchange_done_expiring on exchange_done (expires_at);

-- Events that the open platform pushed: that they came, nothing of what they hold.
create table exchange_event (
  operator text not null,
  id text not null,
  app text not null,
  platform text not null,
  message text not null,
  event text not null,
  body_tag text not null,
  at bigint not null,
  primary key (operator, id)
);
create unique index exchange_event_once on exchange_event (operator, app, platform, message);
create index exchange_event_by_body on exchange_event (operator, body_tag);
create index exchange_event_by_time on exchange_event (at);
