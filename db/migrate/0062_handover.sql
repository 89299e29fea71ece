-- +goose Up
-- One-time codes of the host app. sealed holds what a code stands for under a key of
-- its own, which stands wrapped beside it; both are emptied when the code is used,
-- and the row goes when its time is over.
create table handover_code (
  operator text not null,
  id text not null,
  kind text not null check (kind in ('phone', 'login', 'anonymous')),
  app text not null,
  config_id text not null,      -- of the component, '' for a login
  subject text not null,        -- keyed tag of who tapped, '' for a login
  tag blob not null,            -- keyed tag of the code
  epoch integer not null,
  wrapped blob not null,
  sealed blob not null,
  issued_at bigint not null,
  expires_at bigint not null,
  used_at bigint not null,      -- 0: not yet
  primary key (operator, id)
);
create unique index handover_code_tag on handover_code (operator, app, tag);
create index handover_code_subject on handover_code (operator, app, subject);
create index handover_code_expires on handover_code (expires_at);
